"""What differs between two records, place by place, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from conditions import prose, quotes, records
from conditions.merge import Value
from conditions.schema import CITATIONS, REFERENCES, Field, FieldType, Kind, ReferenceField, Relation, Schema

Names = Mapping[tuple[Kind, str], str]
"""What pages are called, by kind and slug."""


@dataclass(frozen=True)
class Difference:
    """What differs in one place between two records, in words: empty where it was not there."""

    label: str
    was: str
    now: str

    @property
    def marked(self) -> list[tuple[str, str]]:
        """The text with what was taken out ("del") and put in ("ins") marked in it, in pieces."""
        before, after = self.was.split(), self.now.split()
        if not before or not after or len(before) + len(after) > MOST_WORDS:
            return [piece for piece in (("del", self.was), ("ins", self.now)) if piece[1]]
        found: list[tuple[str, str]] = []
        for _, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            gone, come = " ".join(before[start:end]), " ".join(after[first:last])
            found += [("", gone)] if gone == come else [piece for piece in (("del", gone), ("ins", come)) if piece[1]]
        return found


MOST_WORDS = 4000
"""Texts of more words are shown one after the other: comparing them word by word takes too long."""
RESTS = "What it rests on changed."
BARE = "rests on nothing"
BARE_TO_READERS = "what it rested on has been withdrawn"
"""What is published rests on something: where readers see nothing of that, it was taken down later."""


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
    nothing. as_read: texts without markup and citations. Of records from before there was one form of text, only what
    is said otherwise is a difference.
    """
    before, after = (dict(record) | records.canonical(record) if record else {} for record in (before, after))
    schema = records.schema_of(after)
    fields = {field.name: field for field in schema.fields}
    out: list[Difference] = []
    for name, value in after.items():
        old = before.get(name)
        if name == "kind" or old == value or (not old and not value):
            continue
        if relation := schema.relation(name):
            out += _row_differences(relation, old or [], value, names, bare)
        else:
            part = fields.get(name) or schema.reference(name)
            out.append(Difference(schema.label_of(name), _words(part, old, names), _words(part, value, names)))
    return [_as_read(fields, schema, one) for one in out] if as_read else out


def _as_read(fields: Mapping[str, Field], schema: Schema, one: Difference) -> Difference:
    """A difference without markup and citations."""
    label = {schema.label_of(name): field for name, field in fields.items()}
    field = label.get(one.label)
    if not field or not field.cites:
        return Difference(one.label, quotes.as_read(one.was), quotes.as_read(one.now))
    text = prose.uncited if field.type is not FieldType.MARKDOWN else prose.plain
    was, now = text(one.was), text(one.now)
    return Difference(one.label, "", RESTS) if was == now else Difference(one.label, was, now)


def _row_differences(
    relation: Relation, old: Sequence[records.RecordLike], new: Sequence[records.RecordLike], names: Names, bare: str
) -> Iterator[Difference]:
    was = {row["target"]: row for row in old}
    now = {row["target"]: row for row in new}
    called = {target: names.get((relation.target, target), target) for target in [*was, *now]}
    for target, name in called.items():
        if was.get(target) != now.get(target):
            before, after = (_row_words(relation, rows.get(target), names, bare) for rows in (was, now))
            yield Difference(f"{relation.label}: {name}", before, after)
    kept = ([target for target in was if target in now], [target for target in now if target in was])
    if kept[0] != kept[1]:
        orders = (", ".join(called[target] for target in rows) for rows in kept)
        yield Difference(f"{relation.label}: order", *orders)


def _row_words(relation: Relation, row: records.RecordLike | None, names: Names, bare: str) -> str:
    if row is None:
        return ""
    fields = {field.name: field for field in relation.fields}
    parts = {name: fields.get(name) or REFERENCES.get(name) for name in row}
    said = [f"{part.label}: {_words(part, row[name], names)}" for name, part in parts.items() if part and row[name]]
    return "; ".join(said if any(row.get(field.name) for field in CITATIONS) else [*said, bare])


def _words(part: Field | ReferenceField | None, value: Value, names: Names) -> str:
    """The value of a field, in words. part: None for a slug, and for what entries no longer have."""
    if isinstance(part, ReferenceField):
        value = [names.get(part.target(said), said) for said in value or ()]
    elif isinstance(part, Field) and isinstance(value, str):
        value = {choice.value: choice.label for choice in part.choices}.get(value, value)
    if isinstance(value, bool):
        return "yes" if value else ""
    if not isinstance(value, list):
        return str(value or "")
    return ", ".join(str(each.get("target")) if isinstance(each, dict) else each for each in value)
