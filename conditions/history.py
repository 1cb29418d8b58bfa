"""What changed: the differences of two records in words, and what editions did to a page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from conditions import prose
from conditions.models.published import (
    ROW_RELATIONS,
    TARGET_KINDS,
    Change,
    Kind,
    Link,
    Page,
    split_reference,
)
from conditions.page_content import CARE, LABELS, live_targets, references, targets

Names = Mapping[tuple[Kind, str], str]
"""What pages are called, by kind and slug."""


def without_hidden(records: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], Names]:
    """Records without what they refer to and readers cannot see now, rows with all that they say included.

    And the names of what they refer to.
    """
    pages = live_targets([reference for record in records for reference in references(record)])
    return [_without_hidden(record, pages.keys()) for record in records], {at: page.name for at, page in pages.items()}


def names_in(records: Sequence[Mapping[str, Any]]) -> Names:
    """The names of all that records refer to, seen by readers or not."""
    found = targets([reference for record in records for reference in references(record)])
    return {at: page.name for at, page in found.items()}


def _without_hidden(record: Mapping[str, Any], seen: Collection[tuple[Kind, str]]) -> dict[str, Any]:
    out = dict(record)
    for mark in ("tags", "evidence", "sources", "about"):
        if mark in record:
            out[mark] = _seen_marks(record, mark, seen)
    for name in (*(name for _, name, _ in CARE), "body", "editor_note"):
        if name in record:
            out[name] = _with_seen_citations(record[name], seen)
    if "codes" in record:
        out["codes"] = [_with_seen_citations(code, seen) for code in record["codes"]]
    for relation in ROW_RELATIONS:
        if relation in record:
            rows = [row for row in record[relation] if (TARGET_KINDS[relation], row["target"]) in seen]
            marks = ("tags", "evidence", "sources")
            out[relation] = [row | {mark: _seen_marks(row, mark, seen) for mark in marks} for row in rows]
    return out


def _with_seen_citations(text: str, seen: Collection[tuple[Kind, str]]) -> str:
    cited = prose.citations(text)
    hidden = [slug for slug in cited if (Kind.QUESTION, slug) not in seen and (Kind.SOURCE, slug) not in seen]
    return prose.map_citations(text, dict.fromkeys(hidden)) if hidden else text


def _seen_marks(owner: Mapping[str, Any], mark: str, seen: Collection[tuple[Kind, str]]) -> list[str]:
    return [slug for slug in owner[mark] if _place(mark, slug) in seen]


def _place(mark: str, slug: str) -> tuple[Kind, str]:
    """Kind and slug of what a mark names: the reference of an entry, or a slug of the mark's own kind."""
    return split_reference(slug) if mark == "about" else (TARGET_KINDS[mark], slug)


@dataclass(frozen=True)
class Difference:
    """What differs in one place between two records, in words: empty where it was not there."""

    label: str
    was: str
    now: str


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any], names: Names) -> list[Difference]:
    """What changed between two records, place by place; everything, where there was none before.

    names: what to call that which they refer to; by its slug where it has none.
    """
    before = before or {}
    out: list[Difference] = []
    for name, value in after.items():
        old = before.get(name)
        if name == "kind" or old == value or (not old and not value):
            continue
        if name in ROW_RELATIONS:
            out += _row_differences(name, old or [], value, names)
        else:
            out.append(Difference(LABELS[name], _words(name, old, names), _words(name, value, names)))
    return out


def _row_differences(
    relation: str, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], names: Names
) -> Iterator[Difference]:
    was = {row["target"]: row for row in old}
    now = {row["target"]: row for row in new}
    called = {target: names.get((TARGET_KINDS[relation], target), target) for target in [*was, *now]}
    for target, name in called.items():
        if was.get(target) != now.get(target):
            label = f"{LABELS[relation]}: {name}"
            yield Difference(label, _row_words(was.get(target), names), _row_words(now.get(target), names))
    if was.keys() == now.keys() and list(was) != list(now):
        orders = (", ".join(called[target] for target in targets) for targets in (was, now))
        yield Difference(f"{LABELS[relation]}: order", *orders)


def _row_words(row: Mapping[str, Any] | None, names: Names) -> str:
    if row is None:
        return ""
    said = [
        f"{LABELS[name]}: {_words(name, value, names)}" for name, value in row.items() if name != "target" and value
    ]
    return "; ".join(said) or "stated"


def _words(name: str, value: Any, names: Names) -> str:
    if name == "role" and value in Link.Role.values:
        return str(Link.Role(value).label)
    if not isinstance(value, list):
        return str(value or "")
    if name == "about" or name in TARGET_KINDS:
        value = [names.get(_place(name, slug), slug) for slug in value]
    return ", ".join(value)


def page_changes(page: Page) -> QuerySet[Change]:
    """What editions did to a page, newest first, with who and which versions."""
    changes = Change.objects.filter(page=page).order_by("-edition_id")
    return changes.select_related("edition__by", "before", "after__by", "instead")
