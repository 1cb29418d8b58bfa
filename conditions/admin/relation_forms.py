"""The relation rows of an entry as forms: one small form for each row, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from conditions.admin import autocomplete
from conditions.admin.widgets import EntryChoiceField, EntryMultipleChoiceField, LinesField
from conditions.models.desk import RowTable, column
from conditions.records import Record, Row
from conditions.schema import CERTAINTY, CITATIONS, ROW_REFERENCES, Field, FieldType, Kind, Relation

HIGHEST = 2**31 - 1


OPENED = "_open"
"""The button that opens a closed row where no script does; its value is the row's prefix."""


@dataclass(frozen=True)
class Note:
    """What to do about a place of a draft, in words. blocks: it cannot be published before."""

    words: str
    blocks: bool


class OrderField(forms.IntegerField):
    """The place of a row. A row that says nothing else says nothing."""

    def has_changed(self, initial: object, data: object) -> bool:
        return False


class RowForm(forms.Form):
    """One relation row. `number` is its place for people; None in the template for new rows.

    A row that was saved is shown as text, its values in hidden fields, until somebody opens it: its controls are most
    of what a form with many rows costs.
    """

    use_required_attribute = False
    unseen = ""
    """What of the row readers do not see, in words."""
    notes: Sequence[Note] = ()
    is_new = False
    """Whether it is not saved yet."""

    def __init__(self, *, table: RowTable, number: int | None, **kwargs: Any) -> None:
        super().__init__(label_suffix="", **kwargs)
        self.table = table
        self.title = capfirst(str(table.model._meta.verbose_name))
        self.number = number
        self.remarks: list[str] = []
        """What a reviewer wants changed in it."""
        self.fields |= _fields(table)

    @property
    def named(self) -> str:
        """The name of what the row leads to, once the choices are named; for people, above the row."""
        target = str(self["target"].value() or "")
        return str(dict(self.fields["target"].widget.choices).get(target, target)) or f"New {self.title.lower()}"

    @property
    def says(self) -> str:
        """What the row says besides: how it is related, and its note."""
        role = self.table.relation.role_label(str(self._value("role") or ""))
        often = CERTAINTY.choice_label(str(self._value("certainty") or ""))
        return ": ".join(filter(None, (role, often, str(self._value("note") or ""))))

    @property
    def is_open(self) -> bool:
        """Whether its controls are shown: of what is new, wrong, or was open already."""
        opened = f"{self.prefix}-open" in self.data or self.data.get(OPENED) == self.prefix
        return self.is_new or opened or bool(self.errors)

    @property
    def controls(self) -> list[forms.BoundField]:
        """What an open row shows; the others are in its heading."""
        return [field for field in self.visible_fields() if field.name not in ("DELETE", "order")]

    @property
    def values(self) -> SafeString:
        """What the controls would send, as hidden fields, and what a script needs to make the controls of them."""
        return format_html_join("\n", '<input type="hidden" name="{}" value="{}"{}>', self._values())

    def _values(self) -> Iterator[tuple[str, str, SafeString]]:
        for field in self.controls:
            value, widget = field.value(), field.field.widget
            texts = dict(getattr(widget, "choices", ()))
            documents = {one.slug: one.url for one in getattr(widget, "documents", ())}
            if isinstance(value, bool):
                value = ["on"] if value else []
            for one in value if isinstance(value, list) else [value or ""]:
                said = format_html(' data-text="{}"', texts[one]) if one in texts else SafeString("")
                if one in documents:
                    said += format_html(' data-url="{}"', documents[one])
                yield field.html_name, one, said

    @property
    def references(self) -> list[tuple[str, list[tuple[str, str]], list[autocomplete.Document]]]:
        """What it carries, for those who only read: labels, values and names, and which of them are documents."""
        found = [self[field.name] for field in ROW_REFERENCES]
        widgets = [(str(field.label), field.field.widget) for field in found]
        return [(label, widget.choices, widget.documents) for label, widget in widgets if widget.choices]

    @property
    def carries(self) -> str:
        """How many tags, documents and sources it carries, in words."""
        counts = [(field, len(self._value(field.name) or ())) for field in ROW_REFERENCES]
        words = [f"{count} {field.noun}{'' if count == 1 else 's'}" for field, count in counts if count]
        if not any(self._value(field.name) for field in CITATIONS):
            words.append("no evidence")
        return ", ".join(words)

    def _value(self, name: str) -> Any:
        return self[name].value() if name in self.fields else None

    @property
    def order(self) -> int | None:
        """The place that was typed; None if there is none, or it is no number."""
        self.is_valid()  # which cleans it
        return self.cleaned_data.get("order")

    def is_taken_out(self) -> bool:
        return self.is_bound and bool(self.cleaned_data.get("DELETE"))

    def add_labels(self) -> None:
        """Say in each control's name which row it belongs to, as all rows have the same labels."""
        number = "__prefix__" if self.number is None else self.number
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{self.title} {number}: {field.label}"


def _target(kind: Kind) -> EntryChoiceField:
    missing = f"Choose the {kind.label}, or remove this entry from the list."
    return EntryChoiceField(kind.value, label=capfirst(kind.label), error_messages={"required": missing})


REFERENCE_HELP = {
    "tags": "About this statement: where, which side, how it goes. A new word becomes a new tag.",
    "evidence": "The documents that state this. Required before it is published.",
    "sources": "Or the outside sources that state it.",
}
ROLE_HELP = "Read it as: this condition … the one named above."


def _fields(table: RowTable) -> dict[str, forms.Field]:
    relation = table.relation
    fields: dict[str, forms.Field] = {"target": _target(relation.target)}
    fields |= {field.name: _field(table, field) for field in relation.fields}
    for reference in ROW_REFERENCES:
        of, help_text = autocomplete.choices_of(reference), REFERENCE_HELP[reference.name]
        fields[reference.name] = EntryMultipleChoiceField(of, label=reference.label, help_text=help_text)
    fields["order"] = OrderField(
        required=False,
        min_value=0,
        max_value=HIGHEST,
        label="Order",
        help_text="1 is the first. Empty: last.",
    )
    return fields


def _field(table: RowTable, field: Field) -> forms.Field:
    help_text = column(table.model, field.name).help_text
    if field.type is FieldType.CHOICE:
        choices = [("", ""), *((choice.value, choice.label) for choice in field.choices if not choice.retired)]
        choices += [(choice.value, f"{choice.label} (no longer used)") for choice in field.choices if choice.retired]
        help_text = help_text or ROLE_HELP
        return forms.ChoiceField(choices=choices, required=field.required, label=field.label, help_text=help_text)
    if field.type is FieldType.FLAG:
        return forms.BooleanField(required=False, label=field.label, help_text=help_text)
    box = forms.Textarea({"rows": 2})
    if field.is_list:
        return LinesField(widget=box, required=False, label=field.label, help_text=help_text)
    return forms.CharField(required=field.required, label=field.label, help_text=help_text, widget=box)


if TYPE_CHECKING:
    _FormSet = forms.BaseFormSet[RowForm]
else:
    _FormSet = forms.BaseFormSet


class RowFormSet(_FormSet):
    """The rows of one relation. Rows are identified by their target, so no id can go stale."""

    form: type[RowForm]
    notes: Sequence[Note] = ()
    """What to do about the relation as a whole."""

    def __init__(self, *, table: RowTable, data: QueryDict | None, initial: list[Row] | None) -> None:
        self.table = table
        self.title = table.relation.label
        super().__init__(prefix=table.relation.name, data=data, initial=initial)
        self.template_row = self.empty_form
        """What rows added later are copies of."""

    @cached_property
    def spare_row(self) -> RowForm:
        """An empty row after the others, for browsers without scripts."""
        place = len(self.forms)
        row = self.form(
            auto_id=self.auto_id,
            prefix=self.add_prefix(place),
            empty_permitted=True,
            table=self.table,
            number=place + 1,
        )
        self.add_fields(row, place)
        return row

    def get_form_kwargs(self, index: int | None) -> dict[str, object]:
        return {"table": self.table, "number": None if index is None else index + 1}

    def add_fields(self, form: RowForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = f"Remove this {self.table.model._meta.verbose_name}"
        form.is_new = index is None or index >= self.initial_form_count()
        form.add_labels()

    def in_order(self) -> list[RowForm]:
        """All rows, in the order that was asked for: a number that was typed is the place that the row gets."""
        if not self.is_bound:
            return list(self.forms)
        asked = [(form.order, form) for form in self.forms]
        found = [form for order, form in asked if order == form.number]
        for order, form in sorted(asked, key=lambda one: one[0] or 0):
            if order not in (None, form.number):
                found.insert(max(order - 1, 0), form)
        return found + [form for order, form in asked if order is None]

    def filled(self) -> list[RowForm]:
        """The valid rows that were filled in and not removed, in the order that was asked for."""
        filled = [form for form in self.in_order() if not form.errors and form.cleaned_data.get("target")]
        return [form for form in filled if not form.is_taken_out()]

    def leading_to(self, target: str) -> RowForm | None:
        """The last row that leads to `target`."""
        found = [form for form in self.forms if form["target"].value() == target and not form.is_taken_out()]
        return found[-1] if found else None


def initial_rows(record: Record, relation: Relation) -> list[Row]:
    """What the row forms of a record show at first."""
    return [row | {"order": place} for place, row in enumerate(record[relation.name], 1)]


FORMSET = cast(type[RowFormSet], forms.formset_factory(RowForm, formset=RowFormSet, extra=0, can_delete=True))


def _count_rows_sent(data: QueryDict, prefix: str) -> None:
    """Let the number of rows be that of the rows in a form, whatever it claims: each costs time.

    Without a script it claims none of the rows that were empty when it was shown; those at the end
    that still are do not count.
    """
    numbers = {name: int(found[1]) for name in data if (found := re.match(rf"{prefix}-(\d{{1,5}})-", name))}
    filled = {
        number for name, number in numbers.items() if name != f"{prefix}-{number}-open" and any(data.getlist(name))
    }
    sent = set(numbers.values())
    most = max(sent, default=-1) + 1
    for part in ("TOTAL", "INITIAL"):
        claimed = data.get(f"{prefix}-{part}_FORMS", "")
        if not (claimed.isascii() and claimed.isdecimal()):
            continue
        number = place = min(int(claimed[:9]), most)
        while part == "TOTAL" and place in sent:
            place += 1
            number = place if place - 1 in filled else number
        data[f"{prefix}-{part}_FORMS"] = str(number)


def formset_of(table: RowTable, record: Record | None, data: QueryDict | None = None) -> RowFormSet:
    """The forms of a relation's rows: as posted in `data`, else as in the record."""
    initial = initial_rows(record, table.relation) if record and data is None else None
    if data is not None:
        _count_rows_sent(data, table.relation.name)
    return FORMSET(table=table, data=data, initial=initial)
