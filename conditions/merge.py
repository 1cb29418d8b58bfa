"""Bring two changed records together: base, ours, theirs -> one record and the conflicts.

A record is a plain dict whose values are text, a list of texts (a set) or a list of rows (dicts
keyed by their "target"). Nothing here knows the database; nothing here changes what it is given.

Laws, tested in tests/test_merge.py: merge(b, b, t) = t; merge(b, o, b) = o; merge(b, x, x) = x; every
change of either side is in the result or in a conflict; swapping the sides leaves everything outside
conflicts equal. A needless question is better than a lost sentence: whatever is in doubt is a conflict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from merge3 import Merge3

from conditions.records import Record, RecordLike, Row
from conditions.schema import FIELDS

PROSE = frozenset(name for name, field in FIELDS.items() if field.is_prose)
"""Fields merged sentence by sentence. All other text is one value: changed on both sides, it is a conflict."""

Path = tuple[str, ...]
Value = Any
"""Text, a list of texts (a set) or a list of rows."""

_BETWEEN_SENTENCES = re.compile(r"""(\n|(?<=[.!?…])[^\S\n]+|(?<=[.!?…]["'”’)\]*_])[^\S\n]+)""")


@dataclass(frozen=True)
class Conflict:
    """A place that both sides changed, each in its own way. The merged record holds our side of it.

    `path` leads to the place: ("summary",), ("symptoms", "eyelid-twitching", "note"); to a row deleted on
    one side and changed on the other, ("symptoms", "eyelid-twitching"), where the missing row is None and
    the changed one stays; or to the rows whose order both sides changed, ("symptoms",), where the values
    are lists of targets.
    """

    path: Path
    base: Value
    ours: Value
    theirs: Value

    def __str__(self) -> str:
        return ", ".join(self.path)


@dataclass(frozen=True)
class Merged:
    """A merged record, with the conflicts in the order of its fields."""

    record: Record
    conflicts: tuple[Conflict, ...]


def merge(base: RecordLike | None, ours: RecordLike, theirs: RecordLike) -> Merged:
    """Merge two records that grew out of `base`.

    Without a base nothing is known to be common: equal values agree, a value that only one side has is
    taken, sets unite, differing texts conflict. A missing field is an empty one. The result has the fields of
    ours, then those that only theirs has; sets come out sorted.
    """
    record, conflicts = _merge_fields((), base or {}, ours, theirs)
    return Merged(record, tuple(conflicts))


def distance(a: RecordLike, b: RecordLike) -> int:
    """How many words of texts, members of sets and orders of rows differ, in all fields and rows.

    Words, not fields: a text that goes on from one version must be nearer to it than to the version before.
    """
    return sum(_value_distance(a.get(field), b.get(field)) for field in a.keys() | b.keys())


def _value_distance(a: Value, b: Value) -> int:
    shape = _shape(a, b)
    if shape == "set":
        return len(set(a or ()) ^ set(b or ()))
    if shape == "rows":
        rows_a, rows_b = _by_target(a), _by_target(b)
        every, common = rows_a.keys() | rows_b.keys(), rows_a.keys() & rows_b.keys()
        fields = sum(distance(rows_a.get(key, {}), rows_b.get(key, {})) for key in every)
        return fields + (_only(common, rows_a) != _only(common, rows_b))
    return _text_distance(str(a or ""), str(b or ""))


def _text_distance(a: str, b: str) -> int:
    """How many words differ, at least one where the texts do."""
    words_a, words_b = Counter(a.split()), Counter(b.split())
    return (words_a - words_b).total() + (words_b - words_a).total() or int(a != b)


def _shape(*values: Value) -> str:
    """Say how values of one field are merged: as "rows", as a "set" or as a "single" value."""
    filled = [value for value in values if value]
    lists = filled or [value for value in values if value is not None]
    if not lists or not all(isinstance(value, list) for value in lists):
        return "single"
    members = [member for value in filled for member in value]
    if all(isinstance(member, str) for member in members):
        return "set"
    return "rows" if all(isinstance(member, Mapping) for member in members) else "single"


def _merge_fields(path: Path, base: RecordLike, ours: RecordLike, theirs: RecordLike) -> tuple[Record, list[Conflict]]:
    record, conflicts = {}, []
    for field in [*ours, *(field for field in theirs if field not in ours)]:
        sides = base.get(field), ours.get(field), theirs.get(field)
        record[field], found = _merge_value((*path, field), *sides)
        conflicts += found
    return record, conflicts


def _merge_value(path: Path, base: Value, ours: Value, theirs: Value) -> tuple[Value, list[Conflict]]:
    shape = _shape(base, ours, theirs)
    if shape == "rows":
        return _merge_rows(path, _by_target(base), _by_target(ours), _by_target(theirs))
    if shape == "set":
        return _merge_sets(set(base or ()), set(ours or ()), set(theirs or ())), []
    return _merge_single(path, base or "", ours or "", theirs or "")


def _merge_sets(base: set[str], ours: set[str], theirs: set[str]) -> list[str]:
    """Unite what both have with what either added; what either removed is gone."""
    return sorted((ours & theirs) | (ours - base) | (theirs - base))


def _merge_single(path: Path, base: Value, ours: Value, theirs: Value) -> tuple[Value, list[Conflict]]:
    if ours == theirs or theirs == base:
        return ours, []
    if ours == base:
        return theirs, []
    if path[-1] in PROSE and all(isinstance(text, str) for text in (base, ours, theirs)):
        merged = _merge_prose(_tokens(base), _tokens(ours), _tokens(theirs))
        if merged is not None:
            return merged, []
    return ours, [Conflict(path, base, ours, theirs)]


def _tokens(text: str) -> list[str]:
    """Cut text into sentences, the blanks between them and line ends; joined again they are the text."""
    return [token for token in _BETWEEN_SENTENCES.split(text) if token]


def _merge_prose(base: list[str], ours: list[str], theirs: list[str]) -> str | None:
    """Merge tokens of prose; None where the sides changed the same place."""
    merged: list[str] = []
    for group in Merge3(base, ours, theirs).merge_groups():
        if group[0] == "conflict":
            return None
        merged += group[1]
    return "".join(merged) if _keeps_every_change(base, ours, theirs, merged) else None


def _keeps_every_change(base: list[str], ours: list[str], theirs: list[str], merged: list[str]) -> bool:
    """Tell whether each sentence is in `merged` as often as the side that changed it wants.

    A three-way merge alone does not promise that: a sentence moved here and deleted there would stay, and
    one moved to two places would double.
    """
    counts = [Counter(tokens) for tokens in (base, ours, theirs, merged)]
    for token in set(base + ours + theirs):
        was, here, there, now = (count[token] for count in counts)
        wanted = there if here == was else here
        if token.strip() and (now != wanted or there not in (was, wanted)):
            return False
    return True


def _by_target(rows: list[RecordLike] | None) -> dict[str, RecordLike]:
    """Key rows by their target; a second row with the same target is "target (2)", so that none is lost."""
    keyed: dict[str, RecordLike] = {}
    for row in rows or ():
        key = target = str(row.get("target", ""))
        number = 1
        while key in keyed:
            number += 1
            key = f"{target} ({number})"
        keyed[key] = row
    return keyed


def _merge_rows(
    path: Path, base: dict[str, RecordLike], ours: dict[str, RecordLike], theirs: dict[str, RecordLike]
) -> tuple[list[Row], list[Conflict]]:
    kept, conflicts = {}, []
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        row, found = _merge_row((*path, key), base.get(key), ours.get(key), theirs.get(key))
        conflicts += found
        if row is not None:
            kept[key] = row
    common = base.keys() & ours.keys() & theirs.keys()
    was, here, there = _only(common, base), _only(common, ours), _only(common, theirs)
    if was != here != there != was:
        conflicts.append(Conflict(path, list(base), list(ours), list(theirs)))
    lead, other = (theirs, ours) if here == was != there else (ours, theirs)
    return [kept[key] for key in _interleave(_only(kept, lead), _only(kept, other))], conflicts


def _merge_row(
    path: Path, base: RecordLike | None, ours: RecordLike | None, theirs: RecordLike | None
) -> tuple[Row | None, list[Conflict]]:
    """Merge one row; None as a side is "not there", None as the result "gone"."""
    if ours is not None and theirs is not None:
        return _merge_fields(path, base or {}, ours, theirs)
    row = ours or theirs or {}
    if base is not None and distance(base, row) == 0:
        return None, []
    copy, _ = _merge_fields(path, row, row, row)
    return copy, [] if base is None else [Conflict(path, base, ours, theirs)]


def _only(wanted: Container[str], keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key in wanted]


def _interleave(lead: list[str], other: list[str]) -> list[str]:
    """Put what only `other` has into `lead`: after what it follows there, and after lead's own additions."""
    order, known, shared = list(lead), set(lead), set(other)
    place = 0
    for key in other:
        if key in known:
            place = order.index(key) + 1
            continue
        while place < len(order) and order[place] not in shared:
            place += 1
        order.insert(place, key)
        place += 1
    return order
