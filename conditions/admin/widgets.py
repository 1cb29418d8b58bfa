"""Fields that a record needs and Django lacks: pickers of entries by slug, and lists of lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString

from conditions import footnotes, prose
from conditions.admin import autocomplete
from conditions.schema import CITED, Kind

Posted = Mapping[str, Any]
Files: TypeAlias = "MultiValueDict[str, UploadedFile[bytes]]"

NAMES = ("combobox", "rows", "paste", "admin", "unsaved", "newest")
SCRIPTS: Any = [Script(f"conditions/{name}.js", defer=True) for name in NAMES]
MEDIA = forms.Media(
    js=SCRIPTS,
    css={"all": ["conditions/combobox.css"]},
)
"""What pickers and relation rows need."""

BROUGHT_BACK = "_bring_back"
"""The button that shows again what the browser kept. What was being typed into pickers then stays as it was typed."""

NOTHING_CALLED = "Nothing is called “{}”. Enter an exact name or address, or clear the field."
SEVERAL_CALLED = "More than one is called “{}”. Enter the address of the one that you mean."


class EntrySelect(forms.Widget):
    """What is chosen, as checkboxes, and a text field in which more can be named, which a script makes a combobox.

    The field is called "-more": the name or address of what is wanted comes in it where no script runs, or where one
    could not ask what is called so.
    """

    note = "Uncheck it, or enter another one by name or address."
    allow_multiple_selected = False

    def __init__(self, of: str) -> None:
        super().__init__()
        self.of = of
        self.choices: list[tuple[str, str]] = []
        """What is chosen: values and names."""
        self.new_allowed = False
        """Whether the user may add an entry of the kind: a tag by its name, another on a form of its own."""
        self.documents: list[autocomplete.Document] = []
        """The documents that are chosen, whose words are shown below."""
        self.taken: list[str] = []
        """The values of what came by name or address."""
        self.left: dict[str, int] = {}
        """What came so and is not one entry: how many are called that."""
        self.as_typed = ""
        """What was being typed into the field, where that is shown again and not looked up."""
        self._looked_up = ""

    def value_from_datadict(self, data: Posted, files: Files, name: str) -> object:
        self._look_up(data, name)
        return self.taken[0] if self.taken else data.get(name)

    def value_omitted_from_data(self, data: Posted, files: Files, name: str) -> bool:
        return False  # nothing is sent where nothing is ticked

    def _look_up(self, data: Posted, name: str) -> None:
        """Ask once, though a form asks for what was posted again and again."""
        typed = data.get(f"{name}-more", "")
        if BROUGHT_BACK in data:
            self.as_typed = typed
            return
        if typed == self._looked_up:
            return
        self._looked_up, self.taken, self.left = typed, [], {}
        for text, found in self._called(typed):
            if len(found) == 1:
                self.taken.append(found[0]["id"])
            elif self._takes_new_words and not found:
                self.taken.append(text)
            else:
                self.left[text] = len(found)

    @property
    def _takes_new_words(self) -> bool:
        return self.new_allowed and self.of == Kind.TAG

    def _called(self, typed: str) -> list[tuple[str, list[autocomplete.Item]]]:
        text = prose.canonical_line(typed)
        return [(text, autocomplete.called(self.of, [text]).get(text, []))] if text else []

    def refuse_what_is_left(self) -> None:
        """ValidationError if a name or address that was typed is not that of one entry."""
        said = (NOTHING_CALLED, SEVERAL_CALLED)
        if self.left:
            raise ValidationError([said[count > 1].format(text) for text, count in self.left.items()])

    def render(
        self,
        name: str,
        value: object,
        attrs: dict[str, object] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        attrs = self.build_attrs(self.attrs, attrs)
        note = f"{attrs.get('id', name)}_note"
        attrs["aria-describedby"] = f"{attrs.get('aria-describedby', '')} {note}".strip()
        attrs |= {"name": f"{name}-more", "value": self.as_typed or ", ".join(self.left), "data-name": name}
        attrs |= {"data-url": reverse("admin:pick", args=[self.of]), "data-multiple": self.allow_multiple_selected}
        if self._takes_new_words:
            attrs["data-new"] = "New tag"
        elif self.new_allowed:
            attrs["data-add"] = reverse(f"admin:conditions_{self.of}_add")
            attrs["data-kind"] = Kind(self.of).label
        context = {"widget": self, "name": name, "attrs": flatatt(attrs), "id": attrs.get("id", ""), "note_id": note}
        return render_to_string(
            "admin/conditions/combobox.html", context | {"is_disabled": "disabled" in attrs}, using="django"
        )

    @property
    def media(self) -> forms.Media:
        return MEDIA


class EntrySelectMultiple(EntrySelect):
    """The same for any number of entries."""

    note = "Uncheck what to remove. Enter more by name or address, separated by commas."
    allow_multiple_selected = True

    def value_from_datadict(self, data: Posted, files: Files, name: str) -> list[str]:
        assert isinstance(data, MultiValueDict), "a form is posted with any number of values to a name"
        self._look_up(data, name)
        return list(dict.fromkeys([*data.getlist(name), *self.taken]))

    def _called(self, typed: str) -> list[tuple[str, list[autocomplete.Item]]]:
        return autocomplete.split(self.of, typed)


class MarkdownBox(forms.Textarea):
    """A box for Markdown. `as_read`: its text as readers see it, shown below."""

    as_read = SafeString("")


class EntryChoiceField(forms.CharField):
    """One entry; its cleaned value is a slug or a reference."""

    def __init__(self, of: str, **kwargs: Any) -> None:
        super().__init__(widget=EntrySelect(of), **kwargs)

    def to_python(self, value: object) -> str:
        self.widget.refuse_what_is_left()
        return super().to_python(value) or ""


class EntryMultipleChoiceField(forms.Field):
    """Any number of entries; its cleaned value is a list of slugs or references, and of new names if allowed."""

    def __init__(self, of: str, **kwargs: Any) -> None:
        super().__init__(widget=EntrySelectMultiple(of), required=False, **kwargs)

    def to_python(self, value: Iterable[str] | None) -> list[str]:
        self.widget.refuse_what_is_left()
        picked = [item.strip() for item in value or ()]
        if any(prose.has_control_characters(item) for item in picked):
            raise ValidationError("This contains a control character; remove it.")
        return [item for item in dict.fromkeys(picked) if item]

    def has_changed(self, initial: Iterable[str] | None, data: Iterable[str] | None) -> bool:
        return bool(self.widget.left) or sorted(initial or ()) != sorted(data or ())


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: object, data: str | None) -> bool:
        return list(initial or ()) != self.to_python(data) if not self.disabled else False  # type: ignore[call-overload]

    def to_python(self, value: str | None) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


def name_choices(all_forms: Iterable[forms.BaseForm]) -> None:
    """Give every picker of the forms the names of what is chosen in it: a query for each kind."""
    pickers: dict[str, list[tuple[EntrySelect, list[str]]]] = defaultdict(list)
    for form in all_forms:
        for name, field in form.fields.items():
            if isinstance(field.widget, EntrySelect):
                value = form[name].value()
                picked = [value] if isinstance(value, str) else [str(item) for item in value or ()]
                pickers[field.widget.of].append((field.widget, [item for item in picked if item]))
    for of, found in pickers.items():
        values = {value for _, picked in found for value in picked}
        documents = autocomplete.documents(Kind(of), values) if of in CITED else {}
        names = {slug: one.name for slug, one in documents.items()} or autocomplete.names_of(of, values)
        for widget, picked in found:
            widget.documents = [documents[value] for value in picked if value in documents]
            widget.choices = [(value, names.get(value, value)) for value in picked]


def render_markdown(form: forms.BaseForm) -> None:
    """Show below every box for Markdown what its text is to readers: one query for all that they cite."""
    found = [(box.field.widget, str(box.value() or "")) for box in form if isinstance(box.field.widget, MarkdownBox)]
    for (widget, _), html in zip(found, footnotes.as_typed([text for _, text in found]), strict=True):
        widget.as_read = html
