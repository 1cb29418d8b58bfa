"""Records: one entry as a plain dict, keyed by slugs, its relation rows and references inside.

What a record of each kind holds is said by `schema`; here are its canonical form, its digest, and what it refers to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from conditions import prose
from conditions.quotes import contradicting, rename_reason
from conditions.schema import (
    CERTAINTY,
    CITATIONS,
    ITSELF,
    ROW_REFERENCES,
    SCHEMAS,
    TAGS,
    Field,
    FieldType,
    Heading,
    Kind,
    ReferenceField,
    Relation,
    Schema,
)

FORMAT = 3
"""The form of records written now. `upgrade` brings older ones forward.

Those of 1 may hold characters that nobody can see, and one name in different letters. Those of 2 say by a tag of a row
how often it holds.
"""

CERTAINTY_TAGS = {
    "usually": "usually",
    "most-often": "usually",
    "typical": "usually",
    "often": "often",
    "common": "often",
    "very-common": "often",
    "sometimes": "sometimes",
    "may": "can-happen",
    "not-common": "not-common",
    "rarely": "rarely",
}
"""The tags by which rows once said how often, from the most to the least, and what they say now."""
Record = dict[str, Any]
Row = dict[str, Any]
"""One relation row of a record."""
RecordLike = Mapping[str, Any]
"""A record or a row that is only read, perhaps before it was checked."""
CurrentSlug = Callable[[Kind, str], str | None]
"""Answers kind and slug with the slug that the entry has now, or with None to leave the reference out."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a record: where (field, or relation and target and field), and how to fix it."""

    path: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"{', '.join(self.path)}: {self.message}"


class InvalidRecord(ValueError):
    """A record that cannot be kept. `problems` lists all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


class Blocker(str):
    """What keeps a page from being published or withdrawn, in words, and where that is fixed.

    page: the one whose entry has to be changed; None where nothing has kept it yet. path: the place in its record.
    """

    page: int | None
    path: tuple[str, ...]

    def __new__(cls, words: str, page: int | None, path: tuple[str, ...]) -> Blocker:
        self = super().__new__(cls, words)
        self.page, self.path = page, path
        return self


def in_words(value: object) -> str:
    """A value for a message, however large it is: only text and numbers are written out, and not all of them."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value!r:.60}"
    return {dict: "a mapping", list: "a list", type(None): "nothing", bool: "yes or no"}.get(type(value), "something")


MOST_PROBLEMS = 20
"""Most lines of one list of problems: the same mistake may be made thousands of times."""


def capped(lines: Collection[object]) -> tuple[str, ...]:
    """The first of many problems or names, and how many more there are: whoever has fixed these asks again."""
    first = tuple(line if isinstance(line, str) else str(line) for line in islice(lines, MOST_PROBLEMS))
    more = len(lines) - MOST_PROBLEMS
    return (*first, f"and {more} more") if more > 0 else first


class NewerRecord(Exception):
    """A record that a newer FaceHealth has written, in a format that this one cannot read."""

    def __init__(self, its_format: int) -> None:
        super().__init__(
            f"An entry was saved by a newer FaceHealth, in record format {its_format}; this one reads up to {FORMAT}. "
            "Upgrade FaceHealth here, then try again."
        )


def schema_of(record: RecordLike) -> Schema:
    """What a record of that kind holds. ValueError if there is no such kind."""
    return SCHEMAS[Kind(record["kind"])]


# Canonical form


def canonical(record: RecordLike) -> Record:
    """The one form of a record that says the same thing. Missing fields are empty; the types must be right."""
    schema = schema_of(record)
    out: Record = {"kind": Kind(record["kind"]).value, "slug": record["slug"]}
    out |= {field.name: canonical_value(field, record.get(field.name)) for field in schema.fields}
    named = [out["name"]]
    for field in schema.fields:
        if field.type is FieldType.LINES:
            known = named if field.heading is Heading.NAMES else []
            out[field.name] = _other_names(known, out[field.name])
            known += out[field.name]
    out |= _canonical_references(schema.references, record)
    for relation in schema.relations:
        out[relation.name] = [_canonical_row(relation, row) for row in record.get(relation.name) or ()]
    return out


def canonical_value(field: Field, value: Any) -> str | bool | list[str]:
    """The one form of what a field says."""
    if field.type is FieldType.FLAG:
        return value is True or (isinstance(value, str) and value.strip().lower() == "true")
    if field.is_ordered:
        return list(dict.fromkeys(filter(None, map(prose.canonical_line, value or ()))))
    if field.is_list:
        return sorted({prose.canonical_line(item) for item in value or ()} - {""})
    return canonical_text(field, value or "")


def canonical_text(field: Field, text: str) -> str:
    """The one form of the text of a field, or of one of its lines. What is verbatim stays as it is."""
    if field.type is FieldType.MARKDOWN:
        return prose.canonical(text)
    return text if field.type is FieldType.VERBATIM else prose.canonical_line(text)


def _other_names(known: Sequence[str], names: Iterable[str]) -> list[str]:
    """Names of an entry beside those known, each once: names that differ only in letters are one."""
    return sorted(prose.distinct_names([*known, *sorted(names, key=prose.best_written)])[len(known) :])


def _canonical_references(fields: Iterable[ReferenceField], owner: RecordLike) -> Record:
    return {field.name: _distinct(field, owner.get(field.name) or ()) for field in fields}


def _distinct(field: ReferenceField, said: Iterable[str]) -> list[str]:
    """What is named, each once, by name where its order says nothing."""
    return list(dict.fromkeys(said)) if field.is_ordered else sorted(set(said))


def _canonical_row(relation: Relation, row: RecordLike) -> Row:
    values = {field.name: canonical_value(field, row.get(field.name)) for field in relation.fields}
    return _with_certainty({"target": row["target"], **values, **_canonical_references(ROW_REFERENCES, row)})


def _with_certainty(row: Row) -> Row:
    """A row that says how often it holds by its field, where it said so by tags; by the more careful one of several."""
    said = [tag for tag in CERTAINTY_TAGS if tag in row[TAGS.name]]
    if not said or row[CERTAINTY.name]:
        return row
    tags = [tag for tag in row[TAGS.name] if tag not in said]
    return row | {CERTAINTY.name: CERTAINTY_TAGS[said[-1]], TAGS.name: tags}


def digest(record: Record) -> str:
    """SHA-256 of a canonical record, in hexadecimal. Equal digests: the same words."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def upgrade(record: Record, of_format: int) -> Record:
    """A record of an older format, or from before a field was added or removed, in the shape of now.

    NewerRecord if it comes from a newer program.
    """
    if of_format > FORMAT:
        raise NewerRecord(of_format)
    schema = schema_of(record)
    rows = ((relation, row) for relation in schema.relations for row in record.get(relation.name) or ())
    names = {"kind", "slug", *(part.name for part in (*schema.parts, *schema.relations))}
    is_whole = record.keys() == names and all(
        row.keys() == {"target", *(part.name for part in relation.parts)} for relation, row in rows
    )
    return record if is_whole and of_format == FORMAT else canonical(record)


# What a record refers to


@dataclass(frozen=True)
class Reference:
    """One reference of a record, at a place of it: a field, a relation and target, or a field of such a row.

    via: the place, in the list of all references, of the row that this one qualifies. row: what the row itself says.
    """

    path: tuple[str, ...]
    kind: Kind
    slug: str
    via: int | None
    row: RecordLike

    @property
    def relation(self) -> str:
        """The relation or field by which it refers."""
        return self.path[0] if len(self.path) == 2 else self.path[-1]


def references(record: RecordLike) -> list[Reference]:
    """Every reference of a record in order: the entry's own, then its rows, each followed by those of the row."""
    schema = schema_of(record)
    out = list(_references_of((), schema.references, record, None))
    for relation in schema.relations:
        for row in record.get(relation.name) or ():
            via, path = len(out), (relation.name, row["target"])
            out.append(Reference(path, relation.target, row["target"], None, row))
            out += _references_of(path, ROW_REFERENCES, row, via)
    return out


def _references_of(
    path: tuple[str, ...], fields: Iterable[ReferenceField], owner: RecordLike, via: int | None
) -> Iterator[Reference]:
    for field in fields:
        for said in owner.get(field.name) or ():
            yield Reference((*path, field.name), *field.target(said), via, {})


def rows_without_evidence(
    record: RecordLike, visible: Collection[tuple[Kind, str]] | None = None
) -> Iterator[tuple[Relation, RecordLike]]:
    """The rows of a record that cite nothing, or nothing that is visible: readers are never to see such a statement."""
    for relation in schema_of(record).relations:
        for row in record.get(relation.name) or ():
            cited = [(field.kinds[0], slug) for field in CITATIONS for slug in row.get(field.name) or ()]
            if not cited or (visible is not None and not any(place in visible for place in cited)):
                yield relation, row


def map_references(record: RecordLike, current: CurrentSlug) -> Record:
    """The record with each slug that it refers to replaced by `current(kind, slug)`, or left out where that is None.

    Citations in its texts follow. A relation row whose target is left out goes with it.
    """
    schema = schema_of(record)
    names = _names_of_cited(schema.references, record, current)
    out = dict(record) | _map_fields(schema.references, record, current) | rename_citations(record, names)
    for relation in schema.relations:
        out[relation.name] = [
            _map_row(relation, row, current) | {"target": target}
            for row in record.get(relation.name) or ()
            if (target := current(relation.target, row["target"]))
        ]
    return out


def _map_row(relation: Relation, row: RecordLike, current: CurrentSlug) -> Row:
    names = _names_of_cited(ROW_REFERENCES, row, current)
    return dict(row) | _map_fields(ROW_REFERENCES, row, current) | _renamed(relation.fields, row, names)


def _map_fields(fields: Iterable[ReferenceField], owner: RecordLike, current: CurrentSlug) -> Record:
    out: Record = {}
    for field in fields:
        targets = map(field.target, owner.get(field.name) or ())
        said = (field.value(kind, new) for kind, slug in targets if (new := current(kind, slug)))
        out[field.name] = _distinct(field, said)
    return out


def _names_of_cited(fields: Iterable[ReferenceField], owner: RecordLike, current: CurrentSlug) -> dict[str, str | None]:
    """What the documents and sources that an entry or a row lists are called now; none where nothing changed."""
    names: dict[str, str | None] = {}
    for field in CITATIONS:
        if field in fields:
            for slug in owner.get(field.name) or ():
                names[slug] = current(field.kinds[0], slug) or names.get(slug)
    return {} if all(slug == name for slug, name in names.items()) else names


def rename_citations(record: RecordLike, names: Mapping[str, str | None]) -> Record:
    """The fields of a record that can cite, their citations under new names; removed where a name is None."""
    return _renamed(schema_of(record).fields, record, names)


def _renamed(fields: Iterable[Field], owner: RecordLike, names: Mapping[str, str | None]) -> Record:
    out: Record = {}
    for field in fields if names else ():
        value = owner.get(field.name)
        if field.type is FieldType.PASSAGES and value:
            out[field.name] = [rename_reason(text, names) for text in value]
        if not field.cites or value is None:
            continue
        if isinstance(value, list):
            texts = [prose.map_citations(text, names) for text in value]
            out[field.name] = canonical_value(field, texts)
        else:
            out[field.name] = prose.map_citations(value, names)
    return out


def cited_in(record: RecordLike, fields: Iterable[Field] | None = None) -> set[str]:
    """The slugs that texts of a record cite: those of all fields that can, or of some."""
    chosen = citing_fields(record) if fields is None else fields
    return {slug for field in chosen for slug in citations_of(field, record.get(field.name))}


def citations_of(field: Field, value: object) -> list[str]:
    """The slugs that a field cites, whatever else is wrong with what it holds."""
    is_plain = field.type in (FieldType.STATEMENT, FieldType.QUOTES)
    read = prose.statement_citations if is_plain else prose.citations
    return [slug for text in citing_texts(value) for slug in read(text)]


def listed(record: RecordLike) -> set[str]:
    """The slugs of the documents and sources that the record lists for itself as a whole.

    A question can cite its own answer too.
    """
    own = {ITSELF} if record.get("kind") == Kind.QUESTION else set()
    return own.union(*(record.get(field.name) or () for field in CITATIONS))


def cited_and_listed(record: RecordLike) -> Iterator[tuple[set[str], set[str]]]:
    """The slugs that an entry and each of its rows cite, and those that it lists."""
    reasons = filter(None, map(contradicting, record.get("carries_nothing") or ()))
    yield cited_in(record).union(reasons), listed(record)
    for relation in schema_of(record).relations:
        citing = [field for field in relation.fields if field.cites]
        for row in record.get(relation.name) or ():
            yield {slug for field in citing for slug in citations_of(field, row.get(field.name))}, listed(row)


def cite_anew(record: Record, current: Mapping[str, Collection[str]]) -> Record:
    """The record, what its entry and rows cite and do not list under the one of its current slugs that they list."""
    schema = schema_of(record)
    out = record | _renamed(schema.fields, record, _among(listed(record), current))
    for relation in schema.relations:
        rows = record.get(relation.name) or ()
        out[relation.name] = [row | _renamed(relation.fields, row, _among(listed(row), current)) for row in rows]
    return out


def _among(known: set[str], current: Mapping[str, Collection[str]]) -> dict[str, str | None]:
    return {slug: next(iter(known.intersection(found)), slug) for slug, found in current.items() if slug not in known}


def citing_fields(record: RecordLike) -> list[Field]:
    """The fields in which `[@slug]` is a citation."""
    return [field for field in schema_of(record).fields if field.cites]


def citing_texts(value: object) -> list[str]:
    """The texts of a field that can cite, whatever else is wrong with it."""
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
