"""An editor at the desk, in tests: opens forms, types into them and sends them, as a browser would."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from conditions import publishing
from conditions.publishing import SYSTEM
from tests.world import PASSWORD


class FormParser(HTMLParser):
    """Reads the controls of the one form whose id ends in "_form", as a browser would send them."""

    def __init__(self, text: str, *, scripts: bool = True) -> None:
        """scripts: whether the browser runs them; it then leaves out what is there for others."""
        super().__init__()
        self.scripts = scripts
        self.fields: dict[str, list[str]] = {}
        self.buttons: list[str] = []
        self._in_form = False
        self._without_scripts = False
        self._select: str | None = None
        self._area: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "noscript":
            self._without_scripts = self.scripts
        if tag == "form":
            self._in_form = (given.get("id") or "").endswith("_form")
        name = given.get("name")
        if not self._in_form or self._without_scripts or "disabled" in given:
            return
        if tag == "button" and name:
            self.buttons.append(name)
        elif tag == "input" and name:
            if given.get("type") != "checkbox" or "checked" in given:
                self.fields.setdefault(name, []).append(given.get("value") or "")
        elif tag == "select" and name:
            self._select = name
            self.fields.setdefault(name, [])
        elif tag == "option" and self._select and "selected" in given:
            self.fields[self._select].append(given.get("value") or "")
        elif tag == "textarea" and name:
            self._area = name
            self.fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        elif tag == "noscript":
            self._without_scripts = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area:
            # A browser leaves out the first line end and sends CRLF for each other.
            text = self.fields[self._area][0].replace("\r\n", "\n")
            self.fields[self._area] = [text.removeprefix("\n").replace("\n", "\r\n")]
            self._area = None


class Form:
    """A change form as it came: `fields` can be changed, rows added, and then it is sent."""

    def __init__(self, client: Client, url: str, response: Any, *, scripts: bool = True) -> None:
        self.client, self.url, self.response, self.scripts = client, url, response, scripts
        parsed = FormParser(response.content.decode(), scripts=scripts)
        self.fields: dict[str, Any] = {name: value for name, value in parsed.fields.items() if "__prefix__" not in name}
        self.buttons = parsed.buttons

    def __getitem__(self, name: str) -> Any:
        values = self.fields[name]
        return values[0] if len(values) == 1 else values

    def __setitem__(self, name: str, value: Any) -> None:
        self.fields[name] = value if isinstance(value, list) else [value]

    def add_row(self, relation: str, **values: Any) -> int:
        """Add a relation row; its place."""
        place = int(self[f"{relation}-TOTAL_FORMS"])
        self[f"{relation}-TOTAL_FORMS"] = str(place + 1)
        for name, value in values.items():
            self[f"{relation}-{place}-{name}"] = value
        return place

    def send(self, button: str = "_savedraft", **changed: Any) -> Form:
        """Press a button; the page that comes, redirects followed."""
        for name, value in changed.items():
            self[name] = value
        response = self.client.post(self.url, self.fields | {button: ["1"]}, follow=True)
        assert response.status_code == 200, response.status_code
        url = response.redirect_chain[-1][0] if response.redirect_chain else self.url
        return Form(self.client, url, response, scripts=self.scripts)

    @property
    def text(self) -> str:
        return str(self.response.content.decode())

    @property
    def messages(self) -> str:
        return " | ".join(str(message) for message in self.response.context["messages"])

    @property
    def errors(self) -> dict[str, list[str]]:
        """The errors by the name of the control that shows them; "symptoms" for those of a relation as a whole."""
        typed = self.response.context["typed"]
        found = {name: list(errors) for name, errors in typed.form.errors.items()}
        for relation, formset in typed.formsets.items():
            for row in formset.forms:
                found |= {row.add_prefix(name): list(errors) for name, errors in row.errors.items()}
            if formset.non_form_errors():
                found[relation] = list(formset.non_form_errors())
        return found


class Editor:
    """A user at the desk. scripts: whether the browser runs them."""

    def __init__(self, user: Any, *, scripts: bool = True) -> None:
        self.user, self.scripts = user, scripts
        self.client = Client()
        assert self.client.login(username=user.username, password=PASSWORD)

    def open(self, entry: Any) -> Form:
        return self._form(address(entry, "change"))

    def add(self, kind: str) -> Form:
        return self._form(reverse(f"admin:conditions_{kind}_add"))

    def _form(self, url: str) -> Form:
        response = self.client.get(url)
        assert response.status_code == 200, response.status_code
        return Form(self.client, url, response, scripts=self.scripts)

    def get(self, entry: Any, name: str) -> HttpResponse:
        return self.client.get(address(entry, name))  # type: ignore[return-value]

    def post(self, entry: Any, name: str, *args: Any, **data: Any) -> Any:
        return self.client.post(address(entry, name, *args), data, follow=True)


def address(entry: Any, name: str, *args: Any) -> str:
    """The admin address of an entry's page."""
    return reverse(f"admin:conditions_{entry.kind.value}_{name}", args=[entry.pk, *args])


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    return html.unescape(found[1]) if found else ""


def keep(kind: str, slug: str, name: str, **fields: Any) -> Any:
    """A new entry on the desk."""
    return publishing.save(record={"kind": kind, "slug": slug, "name": name, **fields}, entry=None, by=SYSTEM).entry
