"""Whether a change says the same as before: a comma, a letter, a clearer word. What may not differ is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conditions import quotes
from conditions.records import RecordLike, schema_of
from conditions.schema import Field, Heading, Relation

_NUMBER = re.compile(r"\d[\d.,:/]*\d|\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|twice|once)\b")


def changes_of_meaning(before: RecordLike, after: RecordLike) -> list[str]:
    """Why what a record says now is no correction of what it said, each with its place. Empty if it is one.

    Care, how often something holds, quotes, numbers and words that turn a sentence (not, no, never, may) stay as they
    are, and so do rows, tags, names and choices.
    """
    schema = schema_of(after)
    found = [f"{field.label}: {why}" for field in schema.fields if (why := _of_field(field, before, after))]
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
    if not was or not now:
        return "a text may not come or go"
    if quotes.CITATION.findall(was) != quotes.CITATION.findall(now):
        return "quotes and citations may not change"
    was, now = (quotes.CITATION.sub("", text) for text in (was, now))
    if _NUMBER.findall(was.lower()) != _NUMBER.findall(now.lower()):
        return "numbers may not change"
    if quotes.guarded(was) != quotes.guarded(now):
        return "words such as not, no, never and may may not change"
    return ""
