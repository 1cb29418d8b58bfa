"""Random records, and random changes of records."""

from __future__ import annotations

import json
import re

from conditions import prose, records
from conditions.records import Record
from conditions.schema import (
    ABOUT,
    CITATIONS,
    LOOKED_UP,
    ROW_REFERENCES,
    SCHEMAS,
    Field,
    FieldType,
    Kind,
    ReferenceField,
    Relation,
)
from tests.walker.walk import Walk


def new_record(walk: Walk, kind: Kind, slug: str) -> Record:
    """An entry that was not there, with all that it needs."""
    record: Record = {"kind": kind.value, "slug": slug, "name": f"Name {slug} {walk.word()}"}
    for field in SCHEMAS[kind].fields:
        if field.type is FieldType.VERBATIM:
            record[field.name] = f"Answer {walk.word()}\r\n  kept  \nas is "
        elif field.type is FieldType.CHOICE:
            record[field.name] = walk.random.choice(field.choices).value
        elif field.required and field.name != "name":
            record[field.name] = f"By {walk.word()}"
        elif field.needed:
            record[field.name] = f"Sum {walk.word()}."
    return changed(walk, records.canonical(record))


def changed(walk: Walk, record: Record, most: int = 2) -> Record:
    """A record with up to `most` of its fields, and some of its references and rows, changed."""
    out: Record = json.loads(json.dumps(record))
    schema = records.schema_of(record)
    for _ in range(walk.random.randint(1, most)):
        field = walk.random.choice(schema.fields)
        out[field.name] = _value(walk, field, out.get(field.name))
    for reference in schema.references:
        if walk.random.random() < 0.3:
            out[reference.name] = _references(walk, reference)
    for relation in schema.relations:
        if walk.random.random() < 0.35:
            out[relation.name] = _rows(walk, relation, out)
    return records.canonical(_cited(walk, out))


def _value(walk: Walk, field: Field, old: str | list[str] | None) -> str | list[str]:
    if field.is_prose:
        return _prose(walk, str(old or ""), field.type is FieldType.MARKDOWN)
    if field.type is FieldType.LINE:
        return f"Line {walk.word()} word" if field.required or walk.random.random() < 0.9 else ""
    if field.type is FieldType.LINES:
        names = set(old or ())
        if names and walk.random.random() < 0.3:
            names.discard(walk.random.choice(sorted(names)))
        else:
            names.add(f"Aka {walk.word()}")
        return sorted(names)
    if field.type is FieldType.CHOICE:
        return walk.random.choice(field.choices).value
    return old or ""


def _prose(walk: Walk, old: str, is_markdown: bool) -> str:
    """A text with a sentence added, replaced, taken out, or all of them in another order."""
    parts = re.split(r"(?<=[.!…]) ", old) if old else []
    kind = walk.random.random()
    if kind < 0.35 or not parts:
        parts.append(_sentences(walk, is_markdown))
    elif kind < 0.6:
        parts[walk.random.randrange(len(parts))] = _sentences(walk, is_markdown)
    elif kind < 0.75:
        parts.pop(walk.random.randrange(len(parts)))
    elif kind < 0.85:
        walk.random.shuffle(parts)
    elif kind < 0.95 and is_markdown:
        return f"{_sentences(walk, is_markdown)}\n\n{old}"
    else:
        return ""
    return " ".join(part.strip("\n") if not is_markdown else part for part in parts)


def _sentences(walk: Walk, is_markdown: bool) -> str:
    made = [f"Sentence {walk.word()} here{walk.random.choice('.!…')}" for _ in range(walk.random.randint(1, 3))]
    if not is_markdown:
        return " ".join(made)
    gap = walk.random.choice([" ", "  ", "\n", "  \n", "\\\n", "\n\n"])
    end = walk.random.choice(["", "\n", f"\n\n- item {walk.word()}\n", f"\n\n## Part {walk.word()}\n"])
    return gap.join(made) + end


def _references(walk: Walk, reference: ReferenceField) -> list[str]:
    if reference is ABOUT:
        kind = walk.random.choice(LOOKED_UP)
        return [reference.value(kind, slug) for slug in walk.some(kind)]
    return walk.some(reference.kinds[0])


def _rows(walk: Walk, relation: Relation, record: Record) -> list[Record]:
    rows: list[Record] = list(record.get(relation.name) or ())
    kind = walk.random.random()
    if kind < 0.5 or not rows:
        taken = {row["target"] for row in rows} | ({record["slug"]} if relation.target == record["kind"] else set())
        free = [slug for slug in walk.some(relation.target, 3) if slug not in taken]
        return [*rows, *(_row(walk, relation, slug) for slug in free[:1])]
    if kind < 0.75:
        walk.random.choice(rows)["note"] = f"Changed {walk.word()}."
    elif kind < 0.9:
        rows.remove(walk.random.choice(rows))
    else:
        walk.random.shuffle(rows)
    return rows


def _row(walk: Walk, relation: Relation, target: str) -> Record:
    row: Record = {"target": target, "note": f"Note {walk.word()}."}
    if relation.roles:
        row["role"] = walk.random.choice(sorted(relation.roles))
    return row | {reference.name: walk.some(reference.kinds[0], 1) for reference in ROW_REFERENCES}


def _cited(walk: Walk, record: Record) -> Record:
    """The record with a statement that cites, perhaps, and without citations of what it no longer lists."""
    own = records.listed(record)
    if "body" in record and own and walk.random.random() < 0.3:
        statement = f"Cited {walk.word()} [@{walk.random.choice(sorted(own))}].\n"
        record["body"] = f"{(record['body'] or '').rstrip()}\n\n{statement}"
    unlisted = dict.fromkeys(records.cited_in(record) - own)
    if any(field in records.schema_of(record).references for field in CITATIONS) and unlisted:
        record |= {
            field.name: prose.map_citations(record[field.name], unlisted)
            for field in records.citing_fields(record)
            if isinstance(record.get(field.name), str)
        }
    return record
