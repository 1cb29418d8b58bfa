"""An entry as a form: fields and rows follow from its shape; what is typed becomes a record again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from conditions import merge, publishing, records
from conditions.admin import picks
from conditions.admin.rows import HIGHEST, formset_of
from conditions.admin.widgets import LinesField, MarkdownBox, PicksField, name_choices, render_markdown
from conditions.models import desk
from conditions.models.published import TARGET_KINDS, Kind, Version
from conditions.reading import LABELS
from conditions.records import BadRecord, Problem, Record, Text

HEIGHTS = {"summary": 2, "also_called": 3, "codes": 2, "body": 16, "answer": 20}
"""Lines of text boxes; all others have four."""

MARK_HELP = {
    "tags": "Type to search. A new word becomes a new tag; a comma ends it.",
    "evidence": "The documents that this entry as a whole rests on, or that its text cites.",
    "sources": "The outside sources that this entry as a whole rests on, or that its text cites.",
    "about": "The entries on whose pages the question is shown.",
}
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Name", ("name", "slug", "group", "also_called", "summary", "answer", "codes", "tags")),
    ("Where it is from", ("publisher", "url", "published", "accessed", "licence")),
    ("When to get help", ("help_now", "help_soon", "help_routine")),
    ("For readers", ("editor_note", "about")),
    ("Text", ("body",)),
    ("What it rests on", ("evidence", "sources")),
)
"""The fields of all kinds under their headings; each kind shows those that it has."""


class EntryForm(forms.Form):
    """The fields of one entry.

    opened_on: number of the newest version when the form was opened. settled: number of the version
    whose clashes were shown.
    """

    use_required_attribute = False
    opened_on = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST, widget=forms.HiddenInput)
    settled = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST, widget=forms.HiddenInput)

    def __init__(self, kind: Kind, *, is_new: bool, **kwargs: Any) -> None:
        super().__init__(label_suffix="", **kwargs)
        self.kind = kind
        shape = records.SHAPES[kind]
        self.fields["slug"] = _slug_field(shape.model, is_new)
        self.fields |= {field.name: _field(shape.model, field) for field in shape.fields}
        for mark in shape.marks:
            of = picks.ABOUT if mark == "about" else TARGET_KINDS[mark].value
            self.fields[mark] = PicksField(of, label=LABELS[mark], help_text=MARK_HELP[mark])
        if "answer" in self.fields and not is_new:
            self.fields["answer"].disabled = True

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.kind is Kind.TAG:
            try:
                desk.Tag(name=name).clean()
            except ValidationError as error:
                raise ValidationError(error.messages) from error
        return name

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields that people see, under their headings."""
        each = [(title, [self[name] for name in names if name in self.fields]) for title, names in GROUPS]
        return [(title, fields) for title, fields in each if fields]


def _slug_field(model: Any, is_new: bool) -> forms.Field:
    help_text = model._meta.get_field("slug").help_text
    if is_new:
        help_text += " Left empty, it is made from the name."
    return forms.CharField(label=LABELS["slug"], required=False, help_text=help_text)


def _field(model: Any, field: records.Field) -> forms.Field:
    """The field of a form. What is required is said by `records`, so that all mistakes are shown at once."""
    own = model._meta.get_field(field.name)
    label = capfirst(own.verbose_name) if field.name == "name" else LABELS[field.name]
    said = {"label": label, "help_text": own.help_text, "required": False}
    box = (MarkdownBox if field.text is Text.PROSE else forms.Textarea)({"rows": HEIGHTS.get(field.name, 4)})
    if field.text is Text.SET:
        return LinesField(widget=box, **said)
    if field.text is Text.CHOICE:
        return forms.ChoiceField(choices=own.choices, initial=own.default, **said)
    if field.text is Text.DATE:
        return forms.CharField(widget=forms.TextInput({"type": "date"}), **said)
    if field.text in (Text.PROSE, Text.VERBATIM) or field.name == "summary":
        return forms.CharField(widget=box, strip=False, **said)
    return forms.CharField(**said)


class Typed:
    """Everything on one change form: the entry's fields and the rows of its relations."""

    def __init__(self, kind: Kind, entry: desk.Kept | None, *, by: Any, data: QueryDict | None = None) -> None:
        """entry: None for a new one. data: what was posted; None to show what stands on the desk."""
        self.kind, self.entry, self.by = kind, entry, by
        self.shape = records.SHAPES[kind]
        # The number first: a version that comes in between is then merged again, not written over.
        newest = publishing.newest(entry.page) if entry and entry.page else None
        entry = self.entry = self.shape.model.objects.filter(pk=entry.pk).first() if entry else None
        self.before = records.read(entry) if entry else None
        initial: dict[str, Any] = dict(self.before or {})
        initial["opened_on"] = newest.number if newest else 0
        self.data = data.copy() if data is not None else None
        self.form = EntryForm(kind, is_new=entry is None, data=self.data, initial=initial)
        self.formsets = {rows.relation: formset_of(rows, self.before, self.data) for rows in self.shape.rows}
        self._allow_new_tags()

    def _allow_new_tags(self) -> None:
        if publishing.may(self.by, "add_tag"):
            for form in self.all_forms():
                if "tags" in form.fields:
                    form.fields["tags"].widget.new_allowed = True

    def all_forms(self) -> list[forms.BaseForm]:
        rows = [[*formset.forms, formset.template_row] for formset in self.formsets.values()]
        return [self.form, *(form for some in rows for form in some)]

    def lock(self) -> None:
        """Let everything be read and nothing be changed."""
        for form in self.all_forms():
            for field in form.fields.values():
                field.disabled = True

    def prepare(self) -> Typed:
        """Make it ready to be shown. Call it last."""
        name_choices(self.all_forms())
        render_markdown(self.form)
        return self

    def errors(self) -> list[str]:
        """Where something is wrong, in words; empty if nothing is, or nothing was typed yet."""
        if self.data is None:
            return []
        found = [str(self.form.fields[name].label) for name in self.form.errors if name in self.form.fields]
        for formset in self.formsets.values():
            wrong = [form.number for form in formset.forms if form.errors and not form.is_taken_out()]
            found += [f"{formset.title}, row {number}" for number in wrong]
            found += [formset.title] if formset.non_form_errors() and not wrong else []
        return found

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(formset.is_valid() for formset in self.formsets.values())])

    # What was typed

    def record(self) -> Record:
        """What was typed, as a record. New tags are kept as tags: call it in the transaction that saves.

        BadRecord where a tag can be none, or `by` may not add one.
        """
        typed = self.form.cleaned_data
        known = _known_tags(self._typed_tags())
        slug = typed["slug"] or (records.slug_of(typed["name"]) if self.entry is None else "")
        out: Record = {"kind": self.kind.value, "slug": slug}
        out |= {field.name: typed[field.name] for field in self.shape.fields}
        out |= {mark: typed[mark] for mark in self.shape.marks}
        if "answer" in out and self.entry is None:
            out["answer"] = out["answer"].replace("\r\n", "\n")
        if "tags" in out:
            out["tags"] = self._tags(typed["tags"], known, ())
        for relation, formset in self.formsets.items():
            out[relation] = [self._row(form.cleaned_data, known, relation) for form in formset.standing()]
        return out

    def _row(self, typed: dict[str, Any], known: dict[str, str], relation: str) -> Record:
        names = ("target", "role", "note", "evidence", "sources")
        row: Record = {name: typed[name] for name in names if name in typed}
        return row | {"tags": self._tags(typed["tags"], known, (relation, typed["target"]))}

    def _typed_tags(self) -> list[str]:
        forms_with_tags = [self.form, *(form for some in self.formsets.values() for form in some.standing())]
        return [tag for form in forms_with_tags for tag in form.cleaned_data.get("tags", ())]

    def _tags(self, typed: Sequence[str], known: dict[str, str], path: tuple[str, ...]) -> list[str]:
        new = [tag for tag in typed if tag not in known]
        try:
            made = publishing.tags_named(new, by=self.by) if new else []
        except BadRecord as error:
            raise BadRecord([Problem((*path, "tags"), problem.message) for problem in error.problems]) from error
        except publishing.NotAllowed as error:
            raise BadRecord([Problem((*path, "tags"), str(error))]) from error
        return [*(known[tag] for tag in typed if tag in known), *made]

    # What is wrong with it

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Show problems of the record at their fields."""
        for problem in problems:
            self._add_error(problem.path, capfirst(problem.message))

    def show_clash(self, clash: publishing.Clash) -> None:
        """Show what somebody else wrote at the same places. Saving the form again then settles it."""
        for conflict in clash.conflicts:
            self._add_error(conflict.path, _clash_words(conflict, clash.newest))
        if self.data is not None:
            self.data["settled"] = str(clash.newest.number)

    def _add_error(self, path: tuple[str, ...], message: str) -> None:
        name, *rest = path
        formset = self.formsets.get(name)
        if formset is None:
            self.form.add_error(name if name in self.form.fields else None, message)
            return
        row = formset.leading_to(rest[0]) if rest else None
        if row is None:
            formset.non_form_errors().append(message)
        else:
            row.add_error(rest[1] if len(rest) > 1 and rest[1] in row.fields else "target", message)


def _known_tags(typed: Sequence[str]) -> dict[str, str]:
    """The slugs of those tags that exist, whether they were picked (the slug) or typed (the name)."""
    if not typed:
        return {}
    named = Q(slug__in=typed) | Q(name__in=typed)
    found = list(desk.Tag.objects.filter(named).values_list("slug", "name"))
    return {name: slug for slug, name in found} | {slug: slug for slug, _ in found}


def _clash_words(conflict: merge.Conflict, newest: Version) -> str:
    when = date_format(timezone.localtime(newest.at), "j F Y, H:i")
    who = f"Somebody else ({newest.by or 'a content file'}, {when})"
    if len(conflict.path) == 2 and conflict.ours is None:
        return f"{who} changed the row {conflict.path[1]!r}, which you took out. It stays: save, then look at it again."
    if len(conflict.path) == 2 and conflict.theirs is None:
        return f"{who} took this row out. Yours is kept below: save again to keep it, or take it out."
    theirs = conflict.theirs
    words = ", ".join(map(str, theirs)) if isinstance(theirs, list) else str(theirs).strip()
    return f"{who} changed this to: «{words}». Yours is kept below: save again to keep it, or edit it."
