"""Links of live pages with the pages at their ends, as readers see them.

Read past the ORM, and each page made once: a condition has hundreds of links to a few dozen pages, and building the
queries and instances was a third of the time of its page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import BooleanField, Model

from conditions import db
from conditions.models.published import Link, Page
from conditions.page_parts import OutLink


def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


def _selected(model: type[Model], alias: str) -> str:
    return ", ".join(f'{alias}."{name}"' for name in _columns(model))


_PAGE, _LINK = _columns(Page), _columns(Link)
_FLAGS = [field.attname for field in Page._meta.concrete_fields if isinstance(field, BooleanField)]

# What qualifies a row that leads to what readers cannot see is left out.
_SEEN = "(link.via_id IS NULL OR held.live_id IS NOT NULL)"
_OUT = f"""
SELECT {_selected(Link, "link")}, {_selected(Page, "target")}
FROM conditions_link AS link JOIN conditions_page AS target ON target.id = link.target_id
LEFT JOIN conditions_link AS via ON via.id = link.via_id LEFT JOIN conditions_page AS held ON held.id = via.target_id
WHERE link.{{column}} IN ({{{{}}}}) AND target.live_id IS NOT NULL AND {_SEEN}
ORDER BY link.owner_id, link."order", link.id
"""
_INTO = f"""
SELECT {_selected(Link, "link")}, {_selected(Page, "owner")}, {_selected(Link, "via")}, {_selected(Page, "held")}
FROM conditions_link AS link JOIN conditions_page AS owner ON owner.id = link.owner_id
LEFT JOIN conditions_page AS same ON same.id = owner.same_as_id
LEFT JOIN conditions_link AS via ON via.id = link.via_id LEFT JOIN conditions_page AS held ON held.id = via.target_id
WHERE link.target_id IN ({{{{}}}}) AND same.live_id IS NULL AND {_SEEN} AND {{which}}
ORDER BY owner.sort_key, link.owner_id, link."order"
"""


def out_of(owners: Iterable[int]) -> dict[int, list[OutLink]]:
    """What some pages refer to, by owner, in the order of the page. One query."""
    found: dict[int, list[OutLink]] = {owner: [] for owner in owners}
    for owner, link in _out("owner_id", found):
        found[owner].append(link)
    return found


def qualifying(links: Iterable[int]) -> list[OutLink]:
    """What qualifies some links: their tags and citations. One query."""
    return [link for _, link in _out("via_id", links)]


def into(pages: Sequence[int], *, most: int, start: int = 0) -> list[Link]:
    """What refers to pages, that of the first to itself left out, by owner: from a place on. With `owner` and `via`.

    Left out too is what a page states whose address leads to that of another. One query.
    """
    return _into(pages, f"link.owner_id <> {pages[0]}", most, start)


def quoting(pages: Sequence[int], *, most: int | None = None) -> list[Link]:
    """What quotes words of documents and sources, as `into` has it, that of themselves too. One query."""
    return _into(pages, "CAST(link.quotes AS text) <> '[]'", most, 0)


def _out(column: str, values: Iterable[int]) -> list[tuple[int, OutLink]]:
    pages: dict[int, Page] = {}
    made = []
    for row in db.rows(_OUT.format(column=column), values):
        said = dict(zip(_LINK, row, strict=False))
        told = (said["certainty"], said["role"], bool(said["everyday"]), said["note"], _read(said["quotes"]))
        target = _page(row[len(_LINK) :], pages)
        link = OutLink(said["id"], said["via_id"], said["relation"], said["slug"], target, *told)
        made.append((said["owner_id"], link))
    return made


def _into(targets: Sequence[int], which: str, most: int | None, start: int) -> list[Link]:
    pages: dict[int, Page] = {}
    statement = _INTO.format(which=which) + (f"LIMIT {most} OFFSET {start}" if most else "")
    return [_backlink(row, pages) for row in db.rows(statement, targets)]


def _backlink(row: Sequence[Any], pages: dict[int, Page]) -> Link:
    link, owner = row[: len(_LINK)], row[len(_LINK) : len(_LINK) + len(_PAGE)]
    via, held = row[len(_LINK) + len(_PAGE) :][: len(_LINK)], row[-len(_PAGE) :]
    qualified = None if via[0] is None else _link(via, target=_page(held, pages))
    return _link(link, owner=_page(owner, pages), via=qualified)


def _link(row: Sequence[Any], **ends: Model | None) -> Link:
    said = dict(zip(_LINK, row, strict=True))
    said |= {"quotes": _read(said["quotes"]), "everyday": bool(said["everyday"])}
    return db.instance(Link, said, **ends)


def _page(row: Sequence[Any], pages: dict[int, Page]) -> Page:
    """The page of a row, which is made once."""
    found = pages.get(row[0])
    if found is None:
        said = dict(zip(_PAGE, row, strict=True))
        said |= {name: bool(said[name]) for name in _FLAGS}
        said["review"] = said["review"] and json.loads(said["review"])
        found = pages[row[0]] = db.instance(Page, said)
    return found


def _read(quotes: str) -> list[list[str]]:
    read: list[list[str]] = [] if quotes == "[]" else json.loads(quotes)  # most links quote nothing
    return read
