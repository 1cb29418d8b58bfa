"""The form of an entry's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from conditions import publishing
from conditions.admin import autocomplete
from conditions.admin.relation_forms import HIGHEST, Note
from conditions.admin.widgets import EntryMultipleChoiceField, LinesField, MarkdownBox
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.records import Record
from conditions.schema import SCHEMAS, SLUG_LABEL, Field, FieldType, Heading, Kind, ReferenceField

HEIGHTS = {
    FieldType.SENTENCES: 2,
    FieldType.STATEMENT: 2,
    FieldType.LINES: 3,
    FieldType.CODES: 2,
    FieldType.PASSAGES: 4,
    FieldType.MARKDOWN: 4,
    FieldType.VERBATIM: 20,
}
"""Lines of text boxes."""
HEIGHT_OF_BODY = 16

REFERENCE_HELP = {
    "tags": "Type to search. A new word becomes a new tag. Enter or a comma ends it.",
    "evidence": "The documents that this entry as a whole rests on, or that its text cites.",
    "kinds_of": "A broader symptom: eyelid twitching is a kind of facial twitching.",
    "is_condition": "If this cause is itself a condition here: its address then leads to the page of that.",
    "sources": "The outside sources that this entry as a whole rests on, or that its text cites.",
    "about": "The entries on whose pages the question is shown. The first is its main subject: what to do about that "
    "stands on the page of the question. To move one to the end, remove it and choose it again.",
}


class CheckedField(forms.BoundField):
    """A field with what to do about what it says, which is read out with it."""

    notes: Sequence[Note] = ()

    @property
    def aria_describedby(self) -> str | None:
        said = super().aria_describedby
        return f"{said or ''} {self.auto_id}_notes".strip() if self.notes else said


class EntryForm(forms.Form):
    """The fields of one entry.

    base_version: number of the newest version when the form was opened. resolved_version: number of the version
    whose conflicts were shown.
    """

    use_required_attribute = False
    bound_field_class = CheckedField
    base_version = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST, widget=forms.HiddenInput)
    resolved_version = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST, widget=forms.HiddenInput)

    def __init__(
        self,
        kind: Kind,
        entry: VersionedEntry | None,
        *,
        data: QueryDict | None = None,
        initial: Record | None = None,
    ) -> None:
        """entry: None for a new one."""
        super().__init__(data, label_suffix="", initial=initial)
        self.kind = kind
        self.schema = SCHEMAS[kind]
        model = desk.MODELS[kind]
        self.fields["slug"] = _slug_field(model, entry)
        self.fields |= {field.name: _field(model, field, entry is None) for field in self.schema.fields}
        for reference in self.schema.references:
            of = autocomplete.choices_of(reference)
            help_text = REFERENCE_HELP[reference.name]
            self.fields[reference.name] = EntryMultipleChoiceField(of, label=reference.label, help_text=help_text)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.kind is Kind.TAG:
            try:
                desk.Tag(name=name).clean()
            except ValidationError as error:
                raise ValidationError(error.messages) from error
        return name

    def _is_shown(self, part: Field | ReferenceField) -> bool:
        """What is retired: where it holds text, held some when the form was opened, or something is wrong with it."""
        if not isinstance(part, Field) or not part.retired:
            return True
        return bool(self.initial.get(part.name) or self[part.name].value() or part.name in self.errors)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields that people see, under their headings."""
        found = []
        for heading in Heading:
            names = [part.name for part in self.schema.parts if part.heading is heading and self._is_shown(part)]
            if heading is Heading.NAMES:
                names.insert(1, "slug")
            if names:
                found.append((heading.title, [self[name] for name in names]))
        return found


def _slug_field(model: type[VersionedEntry], entry: VersionedEntry | None) -> forms.Field:
    help_text = desk.column(model, "slug").help_text
    if entry is None:
        help_text += " Leave it empty to make it from the name."
    elif publishing.follows_name(entry):
        help_text += " It changes with the name until you write another one, or it is published."
    return forms.CharField(label=SLUG_LABEL, required=False, help_text=help_text)


def _choices_for(field: Field) -> list[tuple[str, str]]:
    """The words of a field to choose from; nothing too, where nothing has to be chosen."""
    return [*([] if field.required else [("", "")]), *((choice.value, choice.label) for choice in field.choices)]


def _field(model: type[VersionedEntry], field: Field, is_new: bool) -> forms.Field:
    """The field of a form. What is required is said by `validation`, so that all mistakes are shown at once."""
    column = desk.column(model, field.name)
    said: dict[str, Any] = {"label": field.label, "help_text": column.help_text, "required": False}
    if field.type is FieldType.CHOICE:
        return forms.ChoiceField(choices=_choices_for(field), initial=column.get_default(), **said)
    if field.type is FieldType.FLAG:
        return forms.BooleanField(**said)
    if field.type is FieldType.DATE:
        return forms.CharField(widget=forms.TextInput({"type": "date"}), **said)
    if field.type not in HEIGHTS:
        return forms.CharField(**said)
    height = HEIGHT_OF_BODY if field.heading is Heading.BODY else HEIGHTS[field.type]
    is_markdown = field.type is FieldType.MARKDOWN
    attrs = {"rows": height} | ({"data-cites": ""} if field.cites else {})
    box = MarkdownBox(attrs | {"data-markdown": ""}) if is_markdown else forms.Textarea(attrs)
    if field.is_list:
        return LinesField(widget=box, **said)
    # A text that is word for word is written once.
    written = field.type is FieldType.VERBATIM and not is_new
    return forms.CharField(widget=box, strip=False, disabled=written, **said)
