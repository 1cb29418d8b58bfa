"""Comments that people put into a file -> the text that is written over it, each with its row, field or item."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile

import yaml

from conditions import prose
from conditions.content_files import formats
from conditions.records import CurrentSlug
from conditions.schema import FIELDS, REFERENCES

Place = tuple[str, ...]
"""Of an object its relation and target, both empty for the entry itself; then a key of it, a field, an item."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""As files are read: in C where it was built, which takes a little more than Python's."""
FIELD_COLUMN = 4
"""How far the fields of an object are indented, and the items of their lists. Texts in blocks are further in."""
_COMMENT = re.compile("#[^\r\n\x85\u2028\u2029]*")
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_BLOCK_HEADER = re.compile("[|>][-+0-9]*[ \t]+(#[^\r\n\x85\u2028\u2029]*)")


class Side(IntEnum):
    """Where a comment is, seen from its place; where several come together, in this order."""

    BESIDE = 1
    """At the end of its line."""
    AFTER = 2
    """On lines after all of it."""
    BEFORE = 3
    """On lines before it."""
    LAST = 4
    """After everything."""


@dataclass(frozen=True)
class Comment:
    """A comment, the place that it is about, and its lines: how far each is indented, and what it says."""

    side: Side
    place: Place
    lines: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        return " ".join(line for _, line in self.lines if line)

    def indented(self, most: int) -> str:
        """Its lines, none indented further than that."""
        return "".join(" " * min(column, most) + line + "\n" for column, line in self.lines)


@dataclass(frozen=True)
class Spot:
    """A place in a text: where it begins, and where that ends of it which a comment beside it follows."""

    place: Place
    start: int
    end: int

    def edge(self, index: int) -> int:
        """The last that there is of it before an index."""
        return self.end if self.start <= self.end <= index else self.start


@dataclass(frozen=True)
class Carried:
    """A text with comments, and those that are at its end now, because what they were about is gone."""

    text: str
    moved: tuple[Comment, ...]


def carry(olds: Sequence[str], new: str, current: CurrentSlug) -> Carried:
    """The canonical text of an entry's file, with the comments of the texts that it replaces.

    current: the slug that an entry has now, for the slugs that the old texts use.
    """
    found = dict.fromkeys(one for old in olds if "#" in old for one in comments_of(old, current))
    if not found:
        return Carried(new, ())
    spots = {spot.place: spot for spot in _spots(new, lambda kind, slug: slug)}
    pieces: list[tuple[int, Side, str]] = []
    last, gone = [], []
    for one in found:
        if one.side is Side.LAST:
            last.append(one)
        elif one.place in spots:
            pieces.append((_index(new, spots, one), one.side, _piece(new, spots, one)))
        else:
            gone.append(one)
    pieces += [(len(new), Side.LAST, one.indented(0).strip() + "\n") for one in (*last, *gone)]
    out, done = [], 0
    for index, _, piece in sorted(pieces, key=lambda each: each[:2]):
        out += [new[done:index], piece]
        done = index
    return Carried("".join([*out, new[done:]]), tuple(gone))


def _index(text: str, spots: Mapping[Place, Spot], comment: Comment) -> int:
    """Where a comment goes in a canonical text."""
    spot = spots[comment.place]
    if comment.side is Side.BESIDE:
        return text.index("\n", spot.end)
    if comment.side is Side.BEFORE:
        return _line_start(text, spot.start)
    depth = len(comment.place)
    later = [each.start for each in spots.values() if each.start > spot.start and each.place[:depth] != comment.place]
    return _line_start(text, min(later)) if later else len(text)


def _piece(text: str, spots: Mapping[Place, Spot], comment: Comment) -> str:
    """What is put into a canonical text for a comment."""
    if comment.side is Side.BESIDE:
        return comment.lines[0][1]
    if comment.side is Side.AFTER:
        return comment.indented(FIELD_COLUMN)
    line = text[_line_start(text, spots[comment.place].start) :]
    return comment.indented(len(line) - len(line.lstrip(" ")))


def _line_start(text: str, index: int) -> int:
    return max(text.rfind(end, 0, index) for end in "\r\n\x85\u2028\u2029") + 1


# The comments of a text


def comments_of(text: str, current: CurrentSlug) -> list[Comment]:
    """The comments of a file that holds one entry, in their order."""
    found = [gap for gap in _gaps(text) if "#" in text[slice(*gap)]]
    spots = _spots(text, current) if found else []
    return [comment for start, end in found for comment in _comments_between(text, start, end, spots)]


def _gaps(text: str) -> Iterator[tuple[int, int]]:
    """From where to where there are only blanks, line ends and comments."""
    done = 0
    for token in yaml.scan(text, Loader=LOADER):
        start, end = token.start_mark.index, token.end_mark.index
        if start > done:
            yield done, start
        if isinstance(token, yaml.ScalarToken) and (header := _BLOCK_HEADER.match(text, start)):
            yield header.span(1)
        done = max(done, end)


def _comments_between(text: str, start: int, end: int, spots: Sequence[Spot]) -> Iterator[Comment]:
    before = max((spot for spot in spots if spot.start < start), key=lambda spot: spot.edge(start), default=None)
    following = next((spot for spot in spots if spot.start >= end), None)
    found = list(_COMMENT.finditer(text, start, end))
    line = _line_start(text, found[0].start())
    words = text[line : found[0].start()].rstrip(" \t")
    if words and before and before.edge(start) >= line:
        yield Comment(Side.BESIDE, before.place, ((0, text[line + len(words) : found[0].end()]),))
        words, found = "", found[1:]
    column = end - _line_start(text, end) if following else 0
    inner = list(takewhile(lambda one: before and not words and _column(text, one) > column, found))
    if inner and before:
        within = following and following.place[:2] == before.place[:2]
        yield Comment(Side.AFTER, before.place[: 4 if within else 2], tuple(_lines(text, inner)))
    if outer := found[len(inner) :]:
        lines = tuple(_lines(text, outer, end if following else None))
        yield Comment(Side.BEFORE, following.place, lines) if following else Comment(Side.LAST, (), lines)


def _column(text: str, comment: re.Match[str]) -> int:
    return comment.start() - _line_start(text, comment.start())


def _lines(text: str, comments: Sequence[re.Match[str]], end: int | None = None) -> Iterator[tuple[int, str]]:
    """The lines of comments, with the empty ones between them, and those up to an end."""
    ends = [*(comment.start() for comment in comments[1:]), end]
    for comment, following in zip(comments, ends, strict=True):
        yield _column(text, comment), comment[0]
        if following is not None:
            yield from [(0, "")] * (len(_BREAK.findall(text, comment.end(), following)) - 1)


# The places of a text


def _spots(text: str, current: CurrentSlug) -> list[Spot]:
    """The places of a file that holds one entry, in their order."""
    out: list[Spot] = []
    root = yaml.compose(text, Loader=LOADER)
    for node in root.value if root else ():
        name, index = _name(node, current), node.start_mark.index
        out.append(Spot(name, index, index))
        for key, value in node.value:
            out.append(_spot((*name, key.value), key, value))
            for field, held in value.value if isinstance(value, yaml.MappingNode) else ():
                place = (*name, key.value, field.value)
                out.append(_spot(place, field, held))
                out += _items(place, held, current)
    return sorted(out, key=lambda spot: spot.start)


def _name(node: yaml.MappingNode, current: CurrentSlug) -> Place:
    found = {key.value: value for key, value in node.value}
    if found["model"].value not in formats.ROW_LABELS:
        return "", ""
    _, table = formats.ROW_LABELS[found["model"].value]
    key = next(value for field, value in found["fields"].value if field.value == table.target)
    slug = key.value[0].value
    return table.relation.name, current(table.relation.target, slug) or slug


def _spot(place: Place, key: yaml.Node, value: yaml.ScalarNode | yaml.CollectionNode) -> Spot:
    is_flow = value.flow_style if isinstance(value, yaml.CollectionNode) else value.style not in ("|", ">")
    return Spot(place, key.start_mark.index, (value if is_flow else key).end_mark.index)


def _items(place: Place, node: yaml.Node, current: CurrentSlug) -> Iterator[Spot]:
    for number, item in enumerate(node.value if isinstance(node, yaml.SequenceNode) else ()):
        name = _item(place[-1], item.value, current) or str(number)
        yield Spot((*place, name), item.start_mark.index, item.end_mark.index)


def _item(field: str, value: str, current: CurrentSlug) -> str:
    """What an item of a list is called; nothing in a list that is a key."""
    if field in REFERENCES:
        kind, slug = REFERENCES[field].target(value)
        return REFERENCES[field].value(kind, current(kind, slug) or slug)
    return prose.canonical_line(value) if field in FIELDS else ""
