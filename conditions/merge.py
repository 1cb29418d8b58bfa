"""Bring two changed records together: base, ours, theirs -> one record and the conflicts.

A record is a plain dict whose values are text, a list of texts (a set) or a list of rows (dicts
keyed by their "target"). Nothing here knows the database; nothing here changes what it is given.

Laws, tested in tests/test_merge.py: merge(b, b, t) = t; merge(b, o, b) = o; merge(b, x, x) = x; every
change of either side is in the result or in a conflict; swapping the sides leaves everything outside
conflicts equal. A needless question is better than a lost sentence: whatever is in doubt is a conflict.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from merge3 import Merge3

from conditions.schema import FIELDS, REFERENCES

PROSE = frozenset(name for name, field in FIELDS.items() if field.is_prose)
"""Fields merged sentence by sentence. All other text is one value: changed on both sides, it is a conflict."""
ORDERED = frozenset(name for name, field in (FIELDS | REFERENCES).items() if field.is_ordered)
"""Sets whose order says something: it is merged as that of rows is."""

Path = tuple[str, ...]
Value = Any
"""Text, a list of texts (a set) or a list of rows."""
Record = dict[str, Value]
RecordLike = Mapping[str, Value]
Row = dict[str, Value]

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
    ours, then those that only theirs has; sets come out sorted, but for those whose order says something.
    """
    record, conflicts = _merge_fields((), base or {}, ours, theirs)
    return Merged(record, tuple(conflicts))


def distance(a: RecordLike, b: RecordLike) -> int:
    """How many words of texts, members of sets and orders of rows differ, in all fields and rows.

    Words, not fields: a text that goes on from one version must be nearer to it than to the version before.
    """
    return sum(_value_distance(field, a.get(field), b.get(field)) for field in a.keys() | b.keys())


def _value_distance(field: str, a: Value, b: Value) -> int:
    shape = _shape(a, b)
    if shape == "set":
        common = set(a or ()) & set(b or ())
        is_moved = field in ORDERED and _only(common, a or ()) != _only(common, b or ())
        return len(set(a or ()) ^ set(b or ())) + is_moved
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
        merged = _merge_sets(set(base or ()), set(ours or ()), set(theirs or ()))
        if path[-1] in ORDERED:
            return _in_order(path, merged, base or [], ours or [], theirs or [])
        return merged, []
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
    for group in Merge3(base, ours, theirs, sequence_matcher=Matcher).merge_groups():
        if group[0] == "conflict":
            return None
        merged += group[1]
    return "".join(merged) if _keeps_every_change(base, ours, theirs, merged) else None


MOST_ROUNDS = 10
"""How often what lies between matching tokens is searched for more."""


class Matcher:
    """What two lists of tokens have in common: what `Merge3` asks of difflib, in time that grows with their length.

    Tokens that each list has once are matched, in the longest run of them that has one order in both; what stands
    next to a match and is equal goes with it; and so again between the matches (patience diff, by Bram Cohen). Among
    tokens that repeat it finds less than difflib: then both sides seem to have changed a place, and an editor is asked.
    """

    def __init__(self, junk: None, a: Sequence[str], b: Sequence[str]) -> None:
        self.a, self.b = a, b

    def get_matching_blocks(self) -> list[tuple[int, int, int]]:
        """Where a piece begins in either list, and its length; pieces in order, then an empty one at the ends."""
        pairs: list[tuple[int, int]] = []
        parts = [(0, len(self.a), 0, len(self.b))]
        for _ in range(MOST_ROUNDS):
            parts = [rest for part in parts for rest in self._between(part, pairs)]
        blocks: list[tuple[int, int, int]] = []
        for at_a, at_b in sorted(pairs):
            start_a, start_b, length = blocks[-1] if blocks else (0, 0, 0)
            if blocks and (start_a + length, start_b + length) == (at_a, at_b):
                blocks[-1] = (start_a, start_b, length + 1)
            else:
                blocks.append((at_a, at_b, 1))
        return [*blocks, (len(self.a), len(self.b), 0)]

    def _between(
        self, part: tuple[int, int, int, int], pairs: list[tuple[int, int]]
    ) -> Iterator[tuple[int, int, int, int]]:
        """Add the pairs of places that match within a part, and yield the parts between them."""
        low_a, high_a, low_b, high_b = part
        while low_a < high_a and low_b < high_b and self.a[low_a] == self.b[low_b]:
            pairs.append((low_a, low_b))
            low_a, low_b = low_a + 1, low_b + 1
        while low_a < high_a and low_b < high_b and self.a[high_a - 1] == self.b[high_b - 1]:
            high_a, high_b = high_a - 1, high_b - 1
            pairs.append((high_a, high_b))
        anchors = self._anchors(low_a, high_a, low_b, high_b)
        pairs += anchors
        for at_a, at_b in [*anchors, (high_a, high_b)] if anchors else ():
            if low_a < at_a and low_b < at_b:
                yield low_a, at_a, low_b, at_b
            low_a, low_b = at_a + 1, at_b + 1

    def _anchors(self, low_a: int, high_a: int, low_b: int, high_b: int) -> list[tuple[int, int]]:
        """The longest run of tokens, each once in either part, that stand in one order in both."""
        once_a, once_b = _once(self.a, low_a, high_a), _once(self.b, low_b, high_b)
        return _longest_rise([(at, once_b[token]) for token, at in once_a.items() if token in once_b])


def _once(tokens: Sequence[str], low: int, high: int) -> dict[str, int]:
    """The places of the tokens that are in a part once, in order."""
    counts = Counter(tokens[low:high])
    return {token: low + at for at, token in enumerate(tokens[low:high]) if counts[token] == 1}


def _longest_rise(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs in the order of their first, the longest run in which their second rises too."""
    ends: list[int] = []  # the smallest second by which a run of each length ends
    run: list[int] = []  # which pair that is
    before: list[int] = []
    for number, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        ends[length : length + 1] = [second]
        run[length : length + 1] = [number]
        before.append(run[length - 1] if length else -1)
    found: list[tuple[int, int]] = []
    at = run[-1] if run else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


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
    order, found = _in_order(path, kept, list(base), list(ours), list(theirs))
    return [kept[key] for key in order], conflicts + found


def _in_order(
    path: Path, kept: Collection[str], base: list[str], ours: list[str], theirs: list[str]
) -> tuple[list[str], list[Conflict]]:
    """What is kept, in the order of the side that changed it; a conflict where both did, each in its own way."""
    common = set(base) & set(ours) & set(theirs)
    was, here, there = _only(common, base), _only(common, ours), _only(common, theirs)
    conflicts = [Conflict(path, base, ours, theirs)] if was != here != there != was else []
    lead, other = (theirs, ours) if here == was != there else (ours, theirs)
    return _interleave(_only(kept, lead), _only(kept, other)), conflicts


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
