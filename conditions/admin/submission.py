"""Everything on one change form, as it was typed: the entry's fields and the rows of its relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst

from conditions import checks, drafts, publishing, validation
from conditions.admin import autocomplete, clashes
from conditions.admin.conflicts import conflict_message, last_to_change, who_wrote
from conditions.admin.entry_form import CheckedField, EntryForm
from conditions.admin.problems import Linked, linked
from conditions.admin.queries import whole_number
from conditions.admin.relation_forms import OPENED, Note, RowFormSet, formset_of
from conditions.admin.widgets import BROUGHT_BACK, SEVERAL_CALLED, EntrySelect, name_choices, render_markdown
from conditions.differences import Difference, differences
from conditions.drafts import SlugResolver
from conditions.models import desk
from conditions.models.published import Version
from conditions.records import InvalidRecord, Problem, Record, Row
from conditions.schema import CITATIONS, SCHEMAS, TAGS, FieldType, Kind, Relation

ROW = 2
"""As long is the path to a row."""
Known = dict[str, list[str]]
"""What was typed for tags, and the slugs of those that it may mean."""


@dataclass(frozen=True)
class Mistake:
    """Something wrong on a form: the name of the place, its anchor, and what is wrong there."""

    place: str
    anchor: str
    words: str


@dataclass(frozen=True)
class Part:
    """A part of a form, to go to: how many rows it has, if it has rows, how many mistakes and how many notes."""

    title: str
    anchor: str
    rows: int | None
    wrong: int
    notes: int


NOT_DONE = InvalidRecord, publishing.EditConflict, publishing.DraftClash, publishing.Refused
"""Why what was typed is shown again and not saved or published."""


class EntrySubmission:
    """Everything on one change form: the entry's fields and the rows of its relations.

    new_tags: names by slug of the tags that `edit` kept as new ones, or would keep. is_only_shown: whether it was sent
    to be shown again, and not to be saved. remarks: what a reviewer wants changed in all of it, or in a place that is
    not on the form. review: what is to be done about the review of the entry. clashes: places that somebody else
    changed too, from when they were met until the form is saved. draft_clash: places where the draft says something
    else than a correction of what readers see. refused: why that cannot be published.
    """

    def __init__(
        self,
        kind: Kind,
        entry: desk.VersionedEntry | None,
        *,
        by: publishing.By,
        data: QueryDict | None = None,
        name: str = "",
        corrects: Version | None = None,
    ) -> None:
        """entry: None for a new one, first called `name`. data: what was posted; None to show what is on the desk.

        corrects: the live version, where what it says is shown in place of the draft, to be corrected.
        """
        self.kind, self.entry, self.by = kind, entry, by
        self.schema = SCHEMAS[kind]
        self.corrects = corrects
        # The number first: a version that comes in between is then merged again, not written over.
        newest = publishing.newest(entry.page) if entry and entry.page else None
        self.newest_number = newest.number if newest else 0
        entry = self.entry = desk.entries(kind).filter(pk=entry.pk).first() if entry else None
        self.before = drafts.current_record(corrects) if corrects else drafts.read(entry) if entry else None
        initial: Record = dict(self.before or {"name": name})
        initial["base_version"] = corrects.number if corrects else self.newest_number
        self.data = data.copy() if data is not None else None
        self.form = EntryForm(kind, entry, data=self.data, initial=initial)
        self.formsets = {
            table.relation.name: formset_of(table, self.before, self.data) for table in desk.row_tables(kind)
        }
        self.new_tags: dict[str, str] = {}
        self.conflict: publishing.EditConflict | None = None
        self.draft_clash: list[Difference] = []
        self.draft_seen = whole_number(self.data.get("draft_seen", "")) if self.data is not None else 0
        self.refused: list[Linked] = []
        self.remarks: list[str] = []
        self.is_only_shown = data is not None and any(button in data for button in (OPENED, BROUGHT_BACK, clashes.TAKE))
        self.clashes = clashes.take(self.data, self.form, self.formsets) if self.data is not None else []
        self.review: list[str] = []
        self._allow_new()

    def _allow_new(self) -> None:
        """Let pickers offer what they do not find: as a new tag, or on the form of another entry."""
        allowed = {kind for kind in Kind if publishing.may(self.by, f"add_{kind.value}")}
        widgets = [field.widget for form in self.all_forms() for field in form.fields.values()]
        for widget in widgets:
            if isinstance(widget, EntrySelect) and widget.of in allowed:
                widget.new_allowed = True

    def all_forms(self) -> list[forms.BaseForm]:
        rows = [[*formset.forms, formset.template_row, formset.spare_row] for formset in self.formsets.values()]
        return [self.form, *(form for some in rows for form in some)]

    def lock(self) -> None:
        """Let everything be read and nothing be changed, and say nothing of how to type it."""
        for form in self.all_forms():
            for field in form.fields.values():
                field.disabled, field.help_text = True, ""

    def note_unseen(self, notes: Mapping[tuple[str, str], str]) -> None:
        """Say on rows what of them readers do not see. notes: by relation and target."""
        for relation, formset in self.formsets.items():
            for row in formset.forms:
                row.unseen = notes.get((relation, str(row["target"].value() or "")), "")

    def note_remarks(self, remarks: Iterable[publishing.Remark]) -> None:
        """Say above fields and rows what a reviewer wants changed there; above all, where the place is not shown."""
        for one in remarks:
            name, *rest = one.path or ("",)
            rows = self.formsets[name].forms if name in self.formsets and rest else []
            row = next((row for row in rows if str(row["target"].value() or "") == rest[0]), None)
            if row is not None:
                row.remarks.append(one.text)
            elif name in self.form.fields:
                vars(self.form.fields[name]).setdefault("remarks", []).append(one.text)
            else:
                self.remarks.append(one.text)

    @property
    def newer(self) -> int | None:
        """The number of the newest version, where it was saved after what is shown was typed; else None."""
        base = str(self.form["base_version"].value() or "")
        return self.newest_number if 0 < whole_number(base) < self.newest_number else None

    def note_checks(self) -> None:
        """Say at fields and rows what blocks the draft and what readers would miss. Nothing of a new form.
        Of what was typed and could not be saved: what it says by itself, and nothing where a mistake is to be fixed.
        """
        if self.data is None:
            found = checks.check(self.before, checks.around([self.before])) if self.before else None
        else:
            self.is_valid()  # which cleans it
            found = checks.Checked([], checks.advice(self._record(lambda *_: [])))
        for one in found.blocking if found else ():
            self._note(one, blocks=True)
        for one in found.advice if found else ():
            self._note(one, blocks=False)

    def _note(self, problem: Problem, *, blocks: bool) -> None:
        name, *rest = problem.path
        note = Note(capfirst(problem.message), blocks)
        if name == checks.REVIEW:
            self.review.append(f"The review {problem.message}.")
        elif formset := self.formsets.get(name):
            row = formset.leading_to(rest[0]) if rest else None
            if row is None and not _mistakes_in_rows(formset):
                formset.notes = [*formset.notes, note]
            elif row is not None and not (row.unseen and problem.message.endswith(checks.WITHDRAWN)):
                row.notes = [*row.notes, note]
        elif name in self.form.fields and not self.form.errors.keys() & _read_with(name):
            field = self.form[name]
            assert isinstance(field, CheckedField)
            field.notes = [*field.notes, note]

    def prepare(self) -> EntrySubmission:
        """Make it ready to be shown. Call it last."""
        name_choices(self.all_forms())
        self.clashes = clashes.place(self.clashes, self.form, self.formsets)
        render_markdown(self.form)
        return self

    def mistakes(self) -> list[Mistake]:
        """What is wrong, in the order of the form; empty if nothing is, or nothing was typed yet. Call it last."""
        if self.data is None or self.is_only_shown:
            return []
        found = [Mistake("", "group-1", str(words)) for words in self.form.non_field_errors()]
        for _, fields in self.form.groups():
            found += _mistakes_in(fields)
        for formset in self.formsets.values():
            found += _mistakes_in_rows(formset)
        return found

    def parts(self) -> list[Part]:
        """The parts of the form, in order."""
        groups = enumerate(self.form.groups(), 1)
        found = [
            Part(title, f"group-{number}", None, sum(bool(field.errors) for field in fields), _noted(fields))
            for number, (title, fields) in groups
        ]
        for formset in self.formsets.values():
            wrong = len(_mistakes_in_rows(formset))
            notes = len(formset.notes) + sum(len(row.notes) for row in formset.forms)
            found.append(Part(formset.title, f"{formset.prefix}-heading", len(formset.forms), wrong, notes))
        return found

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(formset.is_valid() for formset in self.formsets.values())])

    # What was typed

    def edit(self, *, saves: bool) -> publishing.Edit:
        """What was typed, as a record, and on what.

        saves: new tags are kept as tags: call it in the transaction that saves. Without it nothing is written.
        InvalidRecord where a tag can be none, or `by` may not add one.
        """
        known = _known_tags(self._typed_tags())
        record = self._record(lambda tags, *path: self._tags(tags, known, path, saves))
        fields = self.form.cleaned_data
        # Without a number nothing is known to be common, and all that differs is a conflict.
        return publishing.Edit(record, self.entry, fields["base_version"] or 0, fields["resolved_version"])

    def _record(self, tags: Callable[..., list[str]]) -> Record:
        """What was typed and is valid, as a record; tags as `tags` gives them, from what was typed and where."""
        typed = self.form.cleaned_data
        out: Record = {"kind": self.kind.value, "slug": publishing.slug_for(typed, self.entry)}
        out |= {part.name: typed.get(part.name) for part in self.schema.parts}
        for field in self.schema.fields:
            if field.type is FieldType.VERBATIM and self.entry is None:
                out[field.name] = (out[field.name] or "").replace("\r\n", "\n")
        if TAGS in self.schema.references:
            out[TAGS.name] = tags(out[TAGS.name] or ())
        for name, formset in self.formsets.items():
            out[name] = [_row(form.cleaned_data, tags, formset.table.relation) for form in formset.filled()]
        return out

    def look_further(self) -> None:
        """Add what is wrong with the record besides, so that all is said at once. Where the forms are not valid."""
        found = validation.problems(self._record(lambda *_: []))
        wrong = set(self.form.errors)
        if wrong & {field.name for field in CITATIONS}:
            # What the text cites is looked up in these.
            wrong |= {field.name for field in self.schema.fields if field.cites}
        self.refuse(problem for problem in found if problem.path[0] not in wrong)

    def _typed_tags(self) -> list[str]:
        forms_with_tags = [self.form, *(form for some in self.formsets.values() for form in some.filled())]
        return [tag for form in forms_with_tags for tag in form.cleaned_data.get("tags", ())]

    def _tags(self, typed: Sequence[str], known: Known, path: tuple[str, ...], saves: bool) -> list[str]:
        new = [tag for tag in typed if tag not in known]
        several = [Problem((*path, "tags"), SEVERAL_CALLED.format(tag)) for tag in typed if len(known.get(tag, ())) > 1]
        if several:
            raise InvalidRecord(several)
        try:
            made = self._named(new, saves) if new else []
        except InvalidRecord as error:
            raise InvalidRecord([Problem((*path, "tags"), problem.message) for problem in error.problems]) from error
        except publishing.NotAllowed as error:
            raise InvalidRecord([Problem((*path, "tags"), str(error))]) from error
        return [*(slug for tag in typed for slug in known.get(tag, ())), *made]

    def _named(self, names: Sequence[str], saves: bool) -> list[str]:
        """The slugs of tags that were typed by name; those that are new, or would be, are noted."""
        named = publishing.tag_slugs(names)
        resolver = SlugResolver((Kind.TAG, slug) for slug in named)
        new = {slug: name for slug, name in named.items() if not resolver.knows(Kind.TAG, slug)}
        if new:
            publishing.require(self.by, "add_tag", "add a tag")
        self.new_tags |= new
        if saves:
            return publishing.tags_named(names, by=self.by)
        return sorted({resolver.current(Kind.TAG, slug) for slug in named})

    # What is wrong with it

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Show problems of the record at their fields."""
        found = list(problems)
        if self.entry is None and not self.form["slug"].value():
            # The address is made from the name: one mistake, not two.
            others = [problem for problem in found if problem.path != ("slug",)]
            is_unnamed = any(problem.path == ("name",) for problem in others)
            why = Problem(("slug",), f"{publishing.NO_LATIN}; write one, such as facial-pain")
            found = others if is_unnamed or len(others) == len(found) else [why, *others]
        for problem in found:
            self._add_error(problem.path, capfirst(problem.message))

    def show_why_not(self, error: Exception, *, in_place: bool) -> None:
        """Show why it was not saved or published, one of `NOT_DONE`, at the places that it is about."""
        if isinstance(error, InvalidRecord):
            self.refuse(error.problems)
        elif isinstance(error, publishing.EditConflict):
            self.show_conflict(error, in_place=in_place)
        elif isinstance(error, publishing.DraftClash):
            places = {one.path[: len(one.path) if len(one.path) < ROW else ROW] for one in error.conflicts}
            both = drafts.current_record(error.draft), error.typed
            found = differences(*both, drafts.names_in(both))
            self.draft_clash = [one for one in found if any(one.path[: len(path)] == path for path in places)]
            self.draft_seen = error.draft.number
        elif isinstance(error, publishing.Refused):
            self.refused = linked(error.problems)

    def show_conflict(self, conflict: publishing.EditConflict, *, in_place: bool = True) -> None:
        """Show what someone else wrote in the same places. Saving the form again resolves it.

        in_place: whether the form itself is shown, with both texts of each place.
        """
        self.conflict = conflict
        newest, base = conflict.newest, self.form.cleaned_data["base_version"] or 0
        since = newest.page.versions.on_desk().filter(number__gte=base, number__lte=newest.number)
        versions = list(since.select_related("by").order_by("number"))
        before, self.clashes = self.clashes, []
        for one in conflict.conflicts:
            who = who_wrote(last_to_change(one.path, versions) or newest, self.by)
            box = clashes.box_at(one.path, self.form, self.formsets)
            is_choice = in_place and self.data is not None and box is not None and one.ours is not None
            if self.data is not None and box is not None and is_choice:
                self.clashes.append(clashes.met(self.data, box, one.path, one.theirs, who, before))
            self._add_error(one.path, conflict_message(one, who, is_choice=is_choice))
        met = {clash.path for clash in self.clashes}
        self.clashes += [clash for clash in before if clash.path not in met]
        if self.data is not None:
            self.data["resolved_version"] = str(newest.number)

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


def _noted(fields: Iterable[forms.BoundField]) -> int:
    return sum(len(field.notes) for field in fields if isinstance(field, CheckedField))


def _read_with(name: str) -> set[str]:
    """The fields that have to be right before there is something to say of one."""
    cited = {field.name for field in CITATIONS}
    return cited if name in cited else {name}


def _mistakes_in(fields: Iterable[forms.BoundField], place: str = "") -> list[Mistake]:
    return [
        Mistake(f"{place}{field.label}", field.auto_id, str(words))
        for field in fields
        for words in field.errors
        if field.name != "DELETE"
    ]


def _mistakes_in_rows(formset: RowFormSet) -> list[Mistake]:
    if not formset.is_bound:
        return []
    heading = f"{formset.prefix}-heading"
    found = [Mistake(formset.title, heading, str(words)) for words in formset.non_form_errors()]
    for row in formset.forms:
        if not row.is_taken_out():
            found += [Mistake(row.named, str(row.prefix), str(words)) for words in row.non_field_errors()]
            found += _mistakes_in(row, f"{formset.title}, {row.named}: ")
    return found


def _known_tags(typed: Sequence[str]) -> Known:
    """The tags that exist, whether they were picked (the slug) or typed (the name)."""
    picked = desk.Tag.objects.filter(slug__in=typed).values_list("slug", flat=True) if typed else ()
    known = {slug: [slug] for slug in picked}
    other = autocomplete.called(Kind.TAG, [tag for tag in typed if tag not in known])
    return known | {tag: [one["id"] for one in tags] for tag, tags in other.items()}


def _row(typed: Record, tags: Callable[..., list[str]], relation: Relation) -> Row:
    row: Row = {"target": typed["target"]} | {part.name: typed[part.name] for part in relation.parts}
    return row | {TAGS.name: tags(typed[TAGS.name], relation.name, typed["target"])}
