"""Editors of a running server: what they open, publish and are told."""

from __future__ import annotations

import re
from typing import Any

from tests.resilience.processes import Server
from tests.resilience.visitor import Answer, Visitor

PAGE = "/conditions/bells-palsy/"
LIST = "/admin/conditions/condition/"
LEAKS = re.compile(r"Traceback|OperationalError|DatabaseError|psycopg|sqlite3|/conditions/\w+\.py|readonly")
NEW = "- model: conditions.symptom\n  fields:\n    slug: new-{0}\n    name: New {0}\n    summary: New.\n    body: {1}\n"
ADMIN = "/admin/conditions/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TYPED = "TypedBy{0}"
"""One word, so that two of them cannot be merged."""


def plain(answer: Answer, *allowed: int) -> int:
    """The status of an answer that is one of those allowed and tells strangers nothing."""
    assert answer.status in allowed, (answer.status, answer.text[:500])
    leak = LEAKS.search(answer.text)
    assert not leak, leak
    return answer.status


def form_of(editor: Visitor) -> tuple[str, dict[str, Any]]:
    """The address of the condition's form, and the form as it came."""
    found = re.search(r'"(/admin/conditions/condition/\d+/change/)"[^>]*>Bell', editor.get(LIST).text)
    assert found
    return found[1], editor.get(found[1]).fields


def edit(server: Server, session: str, words: str) -> Answer:
    """Publish the condition with another sentence; the answer."""
    visitor = Visitor(server.port, session)
    address, fields = form_of(visitor)
    return visitor.post(address, fields | {"summary": [words], "_publish": ["1"]})


def recovers(server: Server, session: str, words: str) -> None:
    """Without a restart, pages are there and publishing works."""
    assert Visitor(server.port).get("/healthz").status == 200
    assert Visitor(server.port).get(PAGE).status == 200
    assert edit(server, session, words).status == 302
    assert words in Visitor(server.port).get(PAGE).text


def refused(status: int, said: str) -> None:
    """A command ended with a message and no stack trace."""
    assert (status, "Traceback" in said) == (1, False), said[-1500:]
    assert said.strip()


class Someone:
    """An editor on one of the servers."""

    def __init__(self, server: Server, session: str, name: str) -> None:
        self.visitor, self.typed = Visitor(server.port, session), TYPED.format(name)
        token = TOKEN.search(self.visitor.get("/admin/").text)
        assert token
        self.token = token[1]

    def form(self, address: str, **changed: list[str]) -> dict[str, Any]:
        """A form as it came, with changes."""
        answer = self.visitor.get(ADMIN + address)
        assert answer.status == 200, (address, answer.status)
        return answer.fields | changed

    def send(self, address: str, fields: dict[str, Any], button: str = "_savedraft") -> Answer:
        return self.visitor.post(ADMIN + address, fields | {button: ["1"]})

    def press(self, address: str, **fields: str) -> Answer:
        """Send a form that has hardly more than a button."""
        place = address if address.startswith("/") else ADMIN + address
        return self.visitor.post(place, {"csrfmiddlewaretoken": self.token, **fields})

    def add(self, kind: str, name: str, **fields: list[str]) -> str:
        """Add a draft; the beginning of its addresses."""
        answer = self.send(f"{kind}/add/", self.form(f"{kind}/add/") | {"name": [name], "summary": ["New."]} | fields)
        assert answer.status == 302, errors_in(answer)
        return f"{kind}/{answer.headers['Location'].split('/')[-3]}"


def errors_in(answer: Answer) -> str:
    """What a page says is wrong, as text."""
    found = re.findall(r'class="(?:errorlist|errornote)[^>]*>(.*?)</(?:ul|div)>', answer.text, re.DOTALL)
    return " ".join(re.sub("<[^>]*>", " ", " ".join(found)).split())
