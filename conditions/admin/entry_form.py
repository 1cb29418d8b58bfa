"""The form of an entry's own fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from conditions import records
from conditions.admin import autocomplete
from conditions.admin.relation_forms import HIGHEST
from conditions.admin.widgets import EntryMultipleChoiceField, LinesField, MarkdownBox
from conditions.models import desk
from conditions.models.published import TARGET_KINDS, Kind
from conditions.page_content import LABELS
from conditions.records import Text

HEIGHTS = {"summary": 2, "also_called": 3, "codes": 2, "body": 16, "answer": 20}
"""Lines of text boxes; all others have four."""


MARK_HELP = {
    "tags": "Type to search. A new word becomes a new tag. Enter or a comma ends it.",
    "evidence": "The documents that this entry as a whole rests on, or that its text cites.",
    "sources": "The outside sources that this entry as a whole rests on, or that its text cites.",
    "about": "The entries on whose pages the question is shown.",
}


GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Names", ("name", "slug", "group", "also_called", "summary", "answer", "codes", "tags")),
    ("Where it is from", ("publisher", "url", "published", "accessed", "licence")),
    ("When to get help", ("help_now", "help_soon", "help_routine")),
    ("For readers", ("editor_note", "about")),
    ("More about it", ("body",)),
    ("What it rests on", ("evidence", "sources")),
)
"""The fields of all kinds under their headings; each kind shows those that it has."""


class EntryForm(forms.Form):
    """The fields of one entry.

    base_version: number of the newest version when the form was opened. resolved_version: number of the version
    whose clashes were shown.
    """

    use_required_attribute = False
    base_version = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST, widget=forms.HiddenInput)
    resolved_version = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST, widget=forms.HiddenInput)

    def __init__(self, kind: Kind, *, is_new: bool, **kwargs: Any) -> None:
        super().__init__(label_suffix="", **kwargs)
        self.kind = kind
        shape = records.SHAPES[kind]
        self.fields["slug"] = _slug_field(shape.model, is_new)
        self.fields |= {field.name: _field(shape.model, field) for field in shape.fields}
        for mark in shape.marks:
            of = autocomplete.ABOUT if mark == "about" else TARGET_KINDS[mark].value
            self.fields[mark] = EntryMultipleChoiceField(of, label=LABELS[mark], help_text=MARK_HELP[mark])
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
