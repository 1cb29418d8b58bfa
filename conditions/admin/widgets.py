"""Fields that a record needs and Django lacks: pickers of entries by slug, and lists of lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.safestring import SafeString

from conditions import page_content, prose
from conditions.admin import autocomplete
from conditions.schema import Kind

_MIN = "" if settings.DEBUG else ".min"
MEDIA = forms.Media(
    # In this order: select2 wants jQuery before the admin takes it away.
    js=(
        f"admin/js/vendor/jquery/jquery{_MIN}.js",
        f"admin/js/vendor/select2/select2.full{_MIN}.js",
        "admin/js/jquery.init.js",
        "admin/js/autocomplete.js",
        "admin/js/inlines.js",
        "conditions/admin.js",
        "conditions/pickers.js",
        "conditions/unsaved.js",
    ),
    css={"all": (f"admin/css/vendor/select2/select2{_MIN}.css", "admin/css/autocomplete.css")},
)
"""What pickers and relation rows need."""


NOTHING_CALLED = "Nothing is called “{}”. Write a name or an address as it is, or clear the box."
SEVERAL_CALLED = "More than one is called “{}”. Write the address of the one that you mean."


class EntrySelect(forms.Select):
    """A select box that the admin's own select2 fills with what the pick view answers.

    Where no script runs, and where one could not ask what is called so, the name or address of what is wanted comes
    in a field of its own, "-more".
    """

    more = "Another one, by name or address"

    def __init__(self, of: str) -> None:
        super().__init__(attrs={"class": "admin-autocomplete"})
        self.of = of
        self.new_allowed = False
        self.documents: list[autocomplete.Document] = []
        """The documents that are chosen, whose words are shown below."""
        self.taken: list[str] = []
        """The values of what came by name or address."""
        self.left: dict[str, int] = {}
        """What came so and is not one entry: how many are called that."""
        self._looked_up = ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        chosen = super().value_from_datadict(data, files, name)
        self._look_up(data.get(f"{name}-more", ""))
        return self.taken[0] if self.taken else chosen

    def _look_up(self, typed: str) -> None:
        """Ask once, though a form asks for what was posted again and again."""
        if typed == self._looked_up:
            return
        self._looked_up, self.taken, self.left = typed, [], {}
        for text, found in self._called(typed):
            if len(found) == 1:
                self.taken.append(found[0]["id"])
            elif self.new_allowed and not found:
                self.taken.append(text)
            else:
                self.left[text] = len(found)

    def _called(self, typed: str) -> list[tuple[str, list[autocomplete.Item]]]:
        text = prose.canonical_line(typed)
        return [(text, autocomplete.called(self.of, [text]).get(text, []))] if text else []

    def name_for_more(self) -> str:
        """Which row and field it belongs to, where the label does not say so."""
        return str(self.attrs.get("aria-label", ""))

    def refuse_what_is_left(self) -> None:
        """ValidationError if a name or address that was typed is not that of one entry."""
        said = (NOTHING_CALLED, SEVERAL_CALLED)
        if self.left:
            raise ValidationError([said[count > 1].format(text) for text, count in self.left.items()])

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        attrs |= {
            "data-ajax--cache": "true",
            "data-ajax--delay": 250,
            "data-ajax--type": "GET",
            "data-ajax--url": reverse("admin:pick", args=[self.of]),
            "data-theme": "admin-autocomplete",
            "data-placeholder": "",
            "data-width": "100%",
        }
        if self.new_allowed:
            attrs |= {"data-tags": "true", "data-token-separators": '[","]'}
        if self.left:
            attrs["data-left"] = ", ".join(self.left)
        return attrs

    @property
    def media(self) -> forms.Media:
        return MEDIA


class EntrySelectMultiple(EntrySelect, forms.SelectMultiple):
    """The same for any number of entries. Those in "-out" are removed, for browsers without scripts."""

    more = "More, by name or address, split by commas"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        self._look_up(data.get(f"{name}-more", ""))
        out = data.getlist(f"{name}-out")
        return [value for value in dict.fromkeys([*data.getlist(name), *self.taken]) if value not in out]

    def _called(self, typed: str) -> list[tuple[str, list[autocomplete.Item]]]:
        return autocomplete.split(self.of, typed)


class MarkdownBox(forms.Textarea):
    """A box for Markdown. `as_read`: its text as readers see it, shown below."""

    as_read = SafeString("")


class EntryChoiceField(forms.CharField):
    """One entry; its cleaned value is a slug or a reference."""

    def __init__(self, of: str, **kwargs: Any) -> None:
        super().__init__(widget=EntrySelect(of), **kwargs)

    def to_python(self, value: Any) -> str:
        self.widget.refuse_what_is_left()
        return super().to_python(value) or ""


class EntryMultipleChoiceField(forms.Field):
    """Any number of entries; its cleaned value is a list of slugs or references, and of new names if allowed."""

    def __init__(self, of: str, **kwargs: Any) -> None:
        super().__init__(widget=EntrySelectMultiple(of), required=False, **kwargs)

    def to_python(self, value: Any) -> list[str]:
        self.widget.refuse_what_is_left()
        picked = [item.strip() for item in value or ()]
        if any(prose.has_control_characters(item) for item in picked):
            raise ValidationError("This contains a control character; remove it.")
        return [item for item in dict.fromkeys(picked) if item]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.widget.left) or sorted(initial or ()) != sorted(data or ())


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


def name_choices(all_forms: Iterable[forms.BaseForm]) -> None:
    """Give every picker of the forms the options that it shows at first, by name: a query for each kind."""
    pickers: dict[str, list[tuple[EntrySelect, list[str]]]] = defaultdict(list)
    for form in all_forms:
        for name, field in form.fields.items():
            if isinstance(field.widget, EntrySelect):
                value = form[name].value()
                picked = [value] if isinstance(value, str) else [str(item) for item in value or ()]
                pickers[field.widget.of].append((field.widget, [item for item in picked if item]))
    for of, found in pickers.items():
        values = {value for _, picked in found for value in picked}
        documents = autocomplete.documents(values) if of == Kind.QUESTION else {}
        names = {slug: one.name for slug, one in documents.items()} or autocomplete.names_of(of, values)
        for widget, picked in found:
            widget.documents = [documents[value] for value in picked if value in documents]
            empty = [] if widget.allow_multiple_selected else [("", "")]
            widget.choices = empty + [(value, names.get(value, value)) for value in picked]


def render_markdown(form: forms.BaseForm) -> None:
    """Show below every box for Markdown what its text is to readers: one query for all that they cite."""
    found = [(box.field.widget, str(box.value() or "")) for box in form if isinstance(box.field.widget, MarkdownBox)]
    for (widget, _), html in zip(found, page_content.as_typed([text for _, text in found]), strict=True):
        widget.as_read = html
