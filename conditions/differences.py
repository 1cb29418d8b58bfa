"""What differs between two records, place by place, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property

from conditions import prose, quotes, records
from conditions.merge import Value
from conditions.schema import CITATIONS, CITED, REFERENCES, Field, FieldType, Kind, ReferenceField, Relation

Names = Mapping[tuple[Kind, str], str]
"""What pages are called, by kind and slug."""

MOST_WORDS = 4000
"""Texts of more words, or lines, are shown one after the other: comparing them one by one takes too long."""
SHORT = 60
"""Letters up to which what a set holds stands on one line, with commas."""
FEWEST_FOLDED = 2
"""Unchanged paragraphs that are folded; those beside what differs are not counted, and are shown."""
RESTS = "What it rests on changed."
BARE = "rests on nothing"
BARE_TO_READERS = "what it rested on has been withdrawn"
"""What is published rests on something: where readers see nothing of that, it was taken down later."""
_WORD = re.compile(r"\S+\s*")
_CITATIONS = re.compile(rf"\s*{quotes.CITATION.pattern}")


class How(StrEnum):
    """What happened to a place, as its sign says it."""

    ADDED = "added"
    REMOVED = "taken out"
    MOVED = "moved"
    CHANGED = "changed"


SIGNS = {How.ADDED: "+", How.REMOVED: "−", How.MOVED: "↕", How.CHANGED: "±"}


@dataclass(frozen=True)
class Piece:
    """A piece of a text: taken out ("del"), put in ("ins") or in both (""). paragraphs: how many of both are folded."""

    how: str
    text: str
    paragraphs: int = 0


@dataclass(frozen=True)
class Difference:
    """What differs in one place between two records, in words: empty where it was not there.

    path: the field, or the relation and the target of a row. items: what a set holds, before and after. parts: what a
    row says otherwise, field by field.
    """

    path: tuple[str, ...]
    label: str
    was: str = ""
    now: str = ""
    how: How = How.CHANGED
    items: tuple[Sequence[str], Sequence[str]] | None = None
    parts: tuple[Difference, ...] = ()

    @property
    def sign(self) -> str:
        """What happened to it, in one character."""
        return SIGNS[self.how]

    @cached_property
    def pieces(self) -> list[Piece]:
        """The text, with what was taken out and put in marked within its sentences, and what is the same folded."""
        if self.items:
            return _of_sets(*self.items)
        if not self.was or not self.now:
            return [Piece(how, text) for how, text in (("del", self.was), ("ins", self.now)) if text]
        return list(_spaced(_of_lines(self.was.split("\n"), self.now.split("\n"))))


def _of_sets(was: Sequence[str], now: Sequence[str]) -> list[Piece]:
    pieces = []
    for one in dict.fromkeys([*was, *now]):
        how = "" if one in was and one in now else "del" if one in was else "ins"
        pieces += [Piece("", _between([*was, *now])), Piece(how, one)]
    return pieces[1:]


def _between(some: Sequence[str]) -> str:
    """What stands between the values of a set: longer ones are on lines of their own."""
    return ", " if len(max(some, key=len, default="")) <= SHORT else "\n"


def _spaced(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces with a space wherever two words would become one."""
    last = " "
    for piece in pieces:
        if not last[-1].isspace() and not piece.text[0].isspace():
            yield Piece("", " ")
        yield piece
        last = piece.text


def _of_lines(before: list[str], after: list[str]) -> Iterator[Piece]:
    if len(before) + len(after) > MOST_WORDS:
        yield from (Piece("del", "\n".join(before) + "\n"), Piece("ins", "\n".join(after)))
        return
    before, after = ([f"{line}\n" for line in lines[:-1]] + lines[-1:] for lines in (before, after))
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (tag, start, end, first, last) in enumerate(steps):
        if tag == "equal":
            yield from _folded(after[first:last], is_first=number == 0, is_last=number == len(steps) - 1)
        else:
            yield from _of_words("".join(before[start:end]), "".join(after[first:last]))


def _folded(lines: list[str], *, is_first: bool, is_last: bool) -> Iterator[Piece]:
    """Unchanged lines: those beside what differs, and the others in one piece."""
    places = [number for number, line in enumerate(lines) if line.strip()]
    start = places[0] + 1 if places and not is_first else 0
    end = places[-1] if places and not is_last else len(lines)
    folded = sum(start <= place < end for place in places)
    if folded < FEWEST_FOLDED:
        yield Piece("", "".join(lines))
        return
    for some, paragraphs in ((lines[:start], 0), (lines[start:end], folded), (lines[end:], 0)):
        if some:
            yield Piece("", "".join(some), paragraphs)


def _of_words(was: str, now: str) -> Iterator[Piece]:
    """Two texts that differ, marked word by word; white space alone is no difference."""
    before, after = _WORD.findall(was), _WORD.findall(now)
    if not before or not after or len(before) + len(after) > MOST_WORDS:
        yield from (Piece(how, text) for how, text in (("del", was), ("ins", now)) if text)
        return
    words = SequenceMatcher(None, [one.strip() for one in before], [one.strip() for one in after], autojunk=False)
    for tag, start, end, first, last in words.get_opcodes():
        if tag == "equal":
            yield Piece("", "".join(after[first:last]))
            continue
        gone, come = "".join(before[start:end]), "".join(after[first:last])
        last_one = come or gone
        marked = (("del", gone.rstrip()), ("ins", come.rstrip()), ("", last_one[len(last_one.rstrip()) :]))
        yield from (Piece(how, text) for how, text in marked if text)


def differences(
    before: records.RecordLike | None,
    after: records.RecordLike,
    names: Names,
    *,
    bare: str = BARE,
    as_read: bool = False,
) -> list[Difference]:
    """What changed between two records, place by place; everything, where there was none before.

    names: what to call that which they refer to; by its slug where it has none. bare: what to say of a row that cites
    nothing. as_read: texts without markup and citations; otherwise as they are written, with titles in citations. Of
    records from before there was one form of text, only what is said otherwise is a difference.
    """
    before, after = (dict(record) | records.canonical(record) if record else {} for record in (before, after))
    schema = records.schema_of(after)
    fields = {field.name: field for field in schema.fields}
    words = _Words(names, bare, as_read)
    out: list[Difference] = []
    for name, value in after.items():
        old = before.get(name)
        if name == "kind" or old == value or (not old and not value):
            continue
        if relation := schema.relation(name):
            out += words.of_rows(relation, old or [], value)
        else:
            part = fields.get(name) or schema.reference(name)
            out.append(words.of_value((name,), schema.label_of(name), part, old, value))
    return out


@dataclass(frozen=True)
class _Words:
    """Puts what differs into words. What is given is as `differences` has it."""

    names: Names
    bare: str
    as_read: bool

    def of_value(
        self, path: tuple[str, ...], label: str, part: Field | ReferenceField | None, old: Value, new: Value
    ) -> Difference:
        """What the values of a field differ in. part: None for a slug, and for what entries no longer have."""
        called = (
            self._called(part.target(said) for said in [*(old or ()), *(new or ())])
            if isinstance(part, ReferenceField)
            else {}
        )
        both = self._said(part, old, called), self._said(part, new, called)
        was, now = (_between(one).join(one) for one in both)
        if was == now and isinstance(part, Field) and part.cites:
            if self.as_read and _uncited(old) != _uncited(new):
                return replace(self, as_read=False).of_value(path, label, part, old, new)
            return Difference(path, label, "", RESTS)
        how = How.ADDED if not old else How.REMOVED if not new else How.CHANGED
        are_sets = isinstance(old or new, list) and set(both[0]) != set(both[1])
        return Difference(path, label, was, now, how, both if are_sets else None)

    def _called(self, places: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], str]:
        """What to call some pages: with their slugs where several of them have one name."""
        names = {place: self.names.get(place, place[1]) for place in places}
        uses = Counter(names.values())
        return {place: f"{name} ({place[1]})" if uses[name] > 1 else name for place, name in names.items()}

    def _said(
        self, part: Field | ReferenceField | None, value: Value, called: Mapping[tuple[Kind, str], str]
    ) -> list[str]:
        """The value of a field, in words, one by one. called: what to call that which it refers to."""
        if isinstance(part, ReferenceField):
            return [called[part.target(said)] for said in value or ()]
        if isinstance(value, bool):
            return ["yes"] if value else []
        if not isinstance(value, list):
            choices = {choice.value: choice.label for choice in part.choices} if isinstance(part, Field) else {}
            return list(filter(None, [self._text(part, choices.get(value, str(value or "")))]))
        said = [str(each.get("target")) if isinstance(each, dict) else each for each in value]
        if part and part.type is FieldType.QUOTES and not self.as_read:
            return [self._quoted(each) for each in said]
        return list(filter(None, (self._text(part, each) for each in said)))

    def _text(self, part: Field | None, text: str) -> str:
        if not self.as_read:
            is_cited = part is not None and part.cites
            return quotes.CITATION.sub(lambda found: f"[{self._quoted(found[0])}]", text) if is_cited else text
        if not part or not part.cites or part.type is FieldType.QUOTES:
            return quotes.as_read(text)
        return "\n".join(prose.paragraphs_with_links(text)) if part.type is FieldType.MARKDOWN else prose.uncited(text)

    def _quoted(self, text: str) -> str:
        """A citation with its words, as who reads it says it: the words, and the title of where they stand."""
        found = quotes.quotes_in(text)
        titles = [
            next((self.names[kind, one.slug] for kind in CITED if (kind, one.slug) in self.names), one.slug)
            for one in found
        ]
        return "; ".join(
            f"“{one.words}” ({title})" if one.words else title for one, title in zip(found, titles, strict=True)
        )

    def of_rows(
        self, relation: Relation, old: Sequence[records.RecordLike], new: Sequence[records.RecordLike]
    ) -> Iterator[Difference]:
        """What the rows of a relation differ in: those added, taken out and changed, then those moved."""
        was, now = ({row["target"]: row for row in rows} for rows in (old, new))
        names = self._called((relation.target, target) for target in dict.fromkeys([*was, *now]))
        called = {target: name for (_, target), name in names.items()}
        for target, name in called.items():
            if was.get(target) != now.get(target):
                path, label = (relation.name, target), f"{relation.label}: {name}"
                yield self._of_row(path, label, relation, was.get(target), now.get(target))
        kept = [target for target in was if target in now], [target for target in now if target in was]
        places = [dict(zip(some, ["first", *(f"after {called[one]}" for one in some)], strict=False)) for some in kept]
        for target in _moved(*kept):
            path, label = (relation.name, target), f"{relation.label}: {called[target]}"
            yield Difference(path, label, places[0][target], places[1][target], How.MOVED)

    def _of_row(
        self,
        path: tuple[str, ...],
        label: str,
        relation: Relation,
        old: records.RecordLike | None,
        new: records.RecordLike | None,
    ) -> Difference:
        how = How.ADDED if old is None else How.REMOVED if new is None else How.CHANGED
        before, after = old or {}, new or {}
        fields = {field.name: field for field in relation.fields}
        parts = []
        for name in dict.fromkeys([*before, *after]):
            part = fields.get(name) or REFERENCES.get(name)
            if part and before.get(name) != after.get(name) and (before.get(name) or after.get(name)):
                parts.append(self.of_value((*path, name), part.label, part, before.get(name), after.get(name)))
        bare = [self.bare if row is not None and not _cites(row) else "" for row in (old, new)]
        if bare[0] != bare[1]:
            parts.append(Difference(path, "Evidence", was=bare[0], now=bare[1]))
        was, now = (
            "; ".join(f"{one.label}: {said}" for one in parts if (said := getattr(one, side)))
            for side in ("was", "now")
        )
        return Difference(path, label, was, now, how, parts=tuple(parts))


def _uncited(value: Value) -> Value:
    """A text without its citations, as it is written otherwise."""
    return _CITATIONS.sub("", value) if isinstance(value, str) else None


def _cites(row: records.RecordLike) -> bool:
    return any(row.get(field.name) for field in CITATIONS)


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Those of the same rows in two orders that moved between the others."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {number for block in blocks for number in range(block.b, block.b + block.size)}
    return [target for number, target in enumerate(after) if number not in stayed]
