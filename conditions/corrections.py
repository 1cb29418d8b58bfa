"""Whether a change says the same as before: a comma, a letter, a clearer word. What may not differ is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from conditions import quotes
from conditions.records import RecordLike, schema_of
from conditions.schema import SLUG_LABEL, Field, Heading, Relation

_MARK = "\ue000"
"""What stands for a citation while a text is cut into sentences: a letter that no text has."""
_UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_TENS = (
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand million dozen"
)
_PARTS = "half halves quarter quarters third thirds twice once double first second fourth fifth sixth tenth"
_WRITTEN = "|".join(f"{_UNITS} {_TENS} {_PARTS}".split())
_NUMBER = re.compile(rf"[-−–±<>≤≥~]?[\d½¼¾⅓⅔⅛²³][\d½¼¾⅓⅔⅛²³.,:/]*\s?[%°]?|\b(?:{_WRITTEN})\b")


def changes_of_meaning(before: RecordLike, after: RecordLike) -> list[str]:
    """Why what a record says now is no correction of what it said, each with its place. Empty if it is one.

    Care, how often something holds, quotes, numbers and words that turn a sentence (not, no, never, may) stay as they
    are, each in its sentence, and so do rows, tags, names, choices and the address.
    """
    schema = schema_of(after)
    found = [] if before.get("slug") == after.get("slug") else [f"{SLUG_LABEL}: it may not change"]
    found += [f"{field.label}: {why}" for field in schema.fields if (why := _of_field(field, before, after))]
    for one in schema.references:
        if (before.get(one.name) or []) != (after.get(one.name) or []):
            found.append(f"{one.label}: it may not change")
    for relation in schema.relations:
        found += _of_rows(relation, before, after)
    return found


def _of_rows(relation: Relation, before: RecordLike, after: RecordLike) -> Iterator[str]:
    was, now = ({row["target"]: row for row in record.get(relation.name) or ()} for record in (before, after))
    if list(was) != list(now):
        yield f"{relation.label}: rows may not be added, taken out or moved"
        return
    fields = {field.name: field for field in relation.fields}
    for target, row in now.items():
        for name in dict.fromkeys([*was[target], *row]):
            why = _of_field(fields[name], was[target], row) if name in fields else _of_others(name, was[target], row)
            if why:
                yield f"{relation.label}, {target}: {why}"


def _of_others(name: str, before: RecordLike, after: RecordLike) -> str:
    return "its tags and evidence may not change" if (before.get(name) or []) != (after.get(name) or []) else ""


def _of_field(field: Field, before: RecordLike, after: RecordLike) -> str:
    was, now = before.get(field.name) or "", after.get(field.name) or ""
    if was == now:
        return ""
    if field.heading is Heading.CARE:
        return "what says when to get help may not change"
    if not field.is_prose:
        return "it may not change"
    return _of_text(str(was), str(now))


def _of_text(was: str, now: str) -> str:
    """Why a text is no correction of another, sentence by sentence; empty if it is one."""
    if not was or not now:
        return "a text may not come or go"
    before, after = _sentences(was), _sentences(now)
    if [one.cited for one in before] != [one.cited for one in after]:
        return "sentences, quotes and citations may not come, go or move"
    if [one.numbers for one in before] != [one.numbers for one in after]:
        return "numbers may not change"
    if [one.guarded for one in before] != [one.guarded for one in after]:
        return "words such as not, no, never and may may not change"
    return ""


class _Sentence(NamedTuple):
    """What a sentence cites, and its numbers and the words that turn what it says, in order."""

    cited: list[str]
    numbers: list[str]
    guarded: list[str]


def _sentences(text: str) -> list[_Sentence]:
    cited = [found[0] for found in quotes.CITATION.finditer(text)]
    marked = quotes.CITATION.sub(_MARK, text)
    places = iter(cited)
    found = []
    for start, end in quotes.sentences(marked):
        words = marked[start:end]
        mine = [next(places) for _ in range(words.count(_MARK))]
        plain = words.replace(_MARK, " ")
        found.append(_Sentence(mine, _NUMBER.findall(plain.lower()), quotes.guarded(plain)))
    return found
