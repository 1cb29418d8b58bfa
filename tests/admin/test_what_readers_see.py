"""Whatever is sent from the admin: what readers see changes by an edition alone."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from conditions import publishing
from conditions.models import Edition, Page
from conditions.publishing import SYSTEM
from conditions.schema import Kind
from tests.admin.client import keep
from tests.kept import ask
from tests.security.places import places
from tests.world import PASSWORD, World, make_user

READ = (
    *("/conditions/bells-palsy/", "/conditions/bells-palsy/history/", "/conditions/bells-palsy/history/1/"),
    *("/questions/early-signs/", "/tags/one-side/", "/", "/a-z/", "/changes/", "/changes/1/"),
    *("/conditions/?tag=one-side", "/search/?q=gone", "/find/", "/conditions/stroke/", "/causes/gone/"),
)


class Forms(HTMLParser):
    """The forms of a page that are sent by POST: where to, what they say with new words typed in, and their buttons."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]], list[tuple[str, str]]]] = []
        self._open = False
        self._choice = self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = given.get("method", "").lower() == "post" and given.get("id") != "logout-form"
            if self._open:
                self.forms.append((given.get("action", ""), {}, []))
        if not self._open:
            return
        _, fields, buttons = self.forms[-1]
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "button" or kind == "submit":
            buttons.append((name, given.get("value", "")))
        elif tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in given):
            typed = "more" if name in ("name", "username", "note") else ""
            fields.setdefault(name, []).append(given.get("value", "") + typed)
        elif tag == "textarea":
            self._area = name
            fields[name] = ["more" if name == "reason" else ""]
        elif tag == "select":
            self._choice = name
        elif tag == "option" and "selected" in given:
            fields.setdefault(self._choice, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._open and self._area:
            self.forms[-1][1][self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "textarea":
            self._area = ""


def sent(client: Client, path: str) -> Iterator[str]:
    """Send each form of a page of the admin by each of its buttons. What was pressed."""
    answer = client.get(path)
    if not answer.get("Content-Type", "").startswith("text/html"):
        return
    for action, fields, buttons in Forms(answer.content.decode()).forms:
        for name, value in buttons or [("", "")]:
            client.post(action or path, fields | ({name: [value or "1"]} if name else {}))
            yield f"{name or 'send'} at {path}"


def read() -> dict[str, tuple[int, bytes]]:
    answers = {address: ask(WSGIHandler(), address) for address in READ}
    return {address: (answer.status, answer.raw) for address, answer in answers.items()}


def test_what_readers_see_changes_by_an_edition_alone(world: World):
    gone = keep("cause", "gone", "Gone")
    page = Page.objects.get(pk=gone.page_id)
    publishing.delete(entry=gone, by=SYSTEM)
    make_user("root", is_superuser=True)
    client = Client()
    assert client.login(username="root", password=PASSWORD)
    known, before = Edition.objects.first(), read()
    pressed, editions, without = 0, 0, []
    waiting = keep("cause", "waiting", "Waiting", summary="It waits.")
    # The forms of other kinds are the same.
    ours = [one for one in places(world, page) if one.kind in (None, Kind.CONDITION) and one.name != "logout"]
    ours.sort(key=lambda one: one.name == "edition_undo")
    for place in ours:
        path = place.path
        if place.name == "publish":
            path = f"{path}?page={waiting.page_id}"
        elif place.name == "edition_undo":
            path = path.replace("/1/", f"/{known.pk}/")
        for what in sent(client, path):
            pressed += 1
            newest, after = Edition.objects.first(), read()
            if newest != known:
                editions += 1
            elif changed := [address for address in READ if before[address] != after[address]]:
                without.append(f"{what} changed {changed}")
            known, before = newest, after
    assert without == []
    assert pressed > 30
    assert editions > 4
