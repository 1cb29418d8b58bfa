"""What keeps something from being done, with links to where each is fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from conditions import drafts
from conditions.records import MOST_PROBLEMS, Blocker, Record, RecordLike
from conditions.schema import RELATION_NAMES, Kind

Records = Mapping[int | None, Record]
"""What forms show, by the ids of their pages."""


@dataclass(frozen=True)
class Linked:
    """Something to fix, in words, and the address of the place; empty where it is none."""

    words: str
    url: str


def anchor_of(path: tuple[str, ...], record: RecordLike | None) -> str:
    """The fragment that leads to a place of a record on its form: to a row, where the record is known; or nothing."""
    if not path:
        return ""
    name, *rest = path
    if name not in RELATION_NAMES:
        return f"#id_{name}"
    targets = [row["target"] for row in record[name]] if record else []
    return f"#{name}-{targets.index(rest[0])}" if rest and rest[0] in targets else f"#{name}-heading"


def form_of(kind: Kind, pk: int) -> str:
    """The address of an entry's form."""
    return reverse(f"admin:conditions_{kind.value}_change", args=[pk])


def on_form(problems: Sequence[Blocker], record: Record) -> list[Linked]:
    """Problems of the entry whose form is shown: what leads to its own fields and rows need not name it."""
    name = f"{record['name']}: "
    return first_of([Linked(problem.removeprefix(name), anchor_of(problem.path, record)) for problem in problems])


def first_of(found: list[Linked]) -> list[Linked]:
    """The first of many, and how many more there are."""
    more = len(found) - MOST_PROBLEMS
    return [*found[:MOST_PROBLEMS], Linked(f"and {more} more", "")] if more > 0 else found


def linked(problems: Sequence[str], records: Records | None = None) -> list[Linked]:
    """Problems of whatever entries, each with the address of its place; one query."""
    known = records or {}
    entries = drafts.entries_of(one.page for one in problems if isinstance(one, Blocker) and one.page)
    found = []
    for problem in problems:
        url = ""
        if isinstance(problem, Blocker) and problem.page in entries:
            kind, pk, _ = entries[problem.page]
            url = f"{form_of(kind, pk)}{anchor_of(problem.path, known.get(problem.page))}"
        found.append(Linked(problem, url))
    return found


def as_list(problems: Sequence[Linked]) -> SafeString:
    """Problems as a list, for messages."""
    items = ((format_html('<a href="{}">{}</a>', one.url, one.words) if one.url else one.words,) for one in problems)
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", items))
