"""What changed in a version since one was approved, place by place, with the words of documents that it rests on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conditions import drafts, prose, quotes, statements
from conditions.differences import Difference, Names, differences
from conditions.models.published import Version
from conditions.publishing import Remark
from conditions.records import RecordLike, schema_of
from conditions.schema import CITED, ITSELF, FieldType, Kind

LONGEST_PATH = 1000
_UNKEPT = re.compile("[\0\ud800-\udfff]")
"""What no database keeps."""
AROUND = 300
"""Letters of a document that are shown before and after quoted words."""


@dataclass(frozen=True)
class Evidence:
    """Words of a document that a statement rests on: what stands before and after them, and the title of it."""

    title: str
    before: str
    words: str
    after: str


@dataclass(frozen=True)
class Claim:
    """A statement in our words, and what it rests on."""

    said: str
    evidence: list[Evidence]


@dataclass(frozen=True)
class Place:
    """A place that changed, what its new statements rest on, and the box for a remark on it."""

    difference: Difference
    claims: list[Claim]
    name: str
    typed: str

    @property
    def path(self) -> str:
        """What the form sends back to say which place it is."""
        return json.dumps(self.difference.path)


def places_of(version: Version, base: Version | None, typed: Sequence[Remark]) -> tuple[list[Place], str]:
    """What changed in a version since another one, or all of it, in order; and the remark on all of it.

    typed: what was sent with the form, in its order. What belongs to a place that has not changed any more, because
    another version was approved since, goes to the remark on all of it.
    """
    new = drafts.current_record(version)
    old = drafts.current_record(base) if base else None
    names = drafts.names_in([record for record in (old, new) if record])
    texts = drafts.texts_of(statements.quoted([new]))
    if new["kind"] == Kind.QUESTION:
        texts[ITSELF] = statements.quotable(new)
    known = set(statements.of_record(old)) if old else set()
    claims: dict[tuple[str, ...], list[Claim]] = {}
    for one in statements.of_record(new):
        if one not in known:
            claims.setdefault(one.path, []).append(Claim(one.said, list(_evidence(one, names, texts))))
    for path, said in _own_words(new):
        if not old or (path, said) not in set(_own_words(old)):
            claims.setdefault(path, []).append(Claim(said, []))
    remarks: dict[tuple[str, ...], list[str]] = {}
    for remark in typed:
        remarks.setdefault(remark.path, []).append(remark.text)
    places = [
        Place(one, claims.get(one.path, []), str(place), (remarks.get(one.path) or [""]).pop(0))
        for place, one in enumerate(differences(old, new, names, as_read=True))
    ]
    return places, "\n\n".join(text for left in remarks.values() for text in left if text.strip())


def _own_words(record: RecordLike) -> Iterator[tuple[tuple[str, ...], str]]:
    """The sentences of texts that can cite, and do not."""
    for field in schema_of(record).fields:
        text = record.get(field.name)
        if field.type is FieldType.STATEMENT and text:
            pieces = prose.statement_pieces(text)
        elif field.type is FieldType.MARKDOWN and text:
            pieces = tuple(piece for block in prose.blocks(text) for piece in block.pieces)
        else:
            continue
        yield from (((field.name,), piece.words) for piece in pieces if not piece.quotes and piece.words.endswith("."))


def _evidence(one: statements.Statement, names: Names, texts: Mapping[str, str]) -> Iterator[Evidence]:
    for quote in one.quotes:
        kinds = (kind for kind in CITED if (kind, quote.slug) in names)
        kind = next(kinds, None)
        title = names[kind, quote.slug] if kind else "The answer" if quote.slug == ITSELF else quote.slug
        text = texts.get(quote.slug, "")
        spans = quotes.spans(text, quote.words)[:1]
        for start, end in spans:
            yield Evidence(title, _before(text, start), text[start:end], _after(text, end))
        if not spans:
            yield Evidence(title, "", quote.words, "")


def _before(text: str, start: int) -> str:
    """What stands before a place of a text, from the beginning of a word."""
    if start <= AROUND:
        return _close(text[:start])
    return "… " + _close(text[start - AROUND : start].partition(" ")[2])


def _after(text: str, end: int) -> str:
    """What stands after a place of a text, to the end of a word."""
    if end + AROUND >= len(text):
        return _close(text[end:])
    return _close(text[end : end + AROUND].rpartition(" ")[0]) + " …"


def _close(text: str) -> str:
    """Text without its empty lines."""
    return re.sub(r"\n\s*\n", "\n", text)


def path_of(said: str) -> tuple[str, ...]:
    """The place that a form names; all of it, where that can be none."""
    try:
        path = json.loads(said) if len(said) <= LONGEST_PATH else None
    except (ValueError, RecursionError):
        return ()
    names: list[Any] = path if isinstance(path, list) else [None]
    return tuple(names) if all(isinstance(one, str) and not _UNKEPT.search(one) for one in names) else ()
