"""A desk entry <-> its record: one plain dict, keyed by slugs, its relation rows and tags inside.

`SHAPES` says what a record of each kind holds; files, forms, versions and links all follow it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.text import slugify

from conditions import prose
from conditions.models import desk
from conditions.models.published import (
    TARGET_KINDS,
    Kind,
    split_reference,
)

FORMAT = 1
"""The shape of records written now. `upgrade` brings older ones forward."""


Record = dict[str, Any]


class Text(Enum):
    """How a field's text is made canonical."""

    LINE = "one line"
    PROSE = "Markdown"
    VERBATIM = "word for word"
    SET = "a list of texts"
    DATE = "a date"
    URL = "a web address"
    CHOICE = "one of a few words"


@dataclass(frozen=True)
class Field:
    name: str
    text: Text
    required: bool = False
    longest: int = 100_000
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """A relation whose rows belong to the record: `owner` and `target` name the model's foreign keys."""

    relation: str
    model: Any
    owner: str
    target: str

    @property
    def kind(self) -> Kind:
        return TARGET_KINDS[self.relation]

    @property
    def label(self) -> str:
        return f"conditions.{self.model._meta.model_name}"

    @property
    def has_role(self) -> bool:
        return self.relation == "related"


@dataclass(frozen=True)
class Shape:
    model: Any
    fields: tuple[Field, ...]
    marks: tuple[str, ...] = ()
    rows: tuple[Rows, ...] = ()

    @property
    def label(self) -> str:
        return f"conditions.{self.model._meta.model_name}"


def _line(name: str, *, required: bool = False, longest: int = desk.NAME_LENGTH) -> Field:
    return Field(name, Text.LINE, required=required, longest=longest)


_NAME = _line("name", required=True)


_SUMMARY = _line("summary", longest=1000)


_ENTRY = (_NAME, Field("also_called", Text.SET), _SUMMARY, Field("body", Text.PROSE))


_CARE = tuple(Field(name, Text.PROSE) for name in ("help_now", "help_soon", "help_routine"))


MARKS = ("tags", "evidence", "sources")


_GROUPS = tuple(desk.Tag.Group.values)


SHAPES: dict[Kind, Shape] = {
    Kind.CONDITION: Shape(
        desk.Condition,
        (*_ENTRY, *_CARE, Field("codes", Text.SET)),
        MARKS,
        (
            Rows("symptoms", desk.ConditionSymptom, "condition", "symptom"),
            Rows("treatments", desk.ConditionTreatment, "condition", "treatment"),
            Rows("causes", desk.ConditionCause, "condition", "cause"),
            Rows("related", desk.RelatedCondition, "condition", "related"),
        ),
    ),
    Kind.SYMPTOM: Shape(
        desk.Symptom,
        (*_ENTRY, *_CARE),
        MARKS,
        (Rows("causes", desk.SymptomCause, "symptom", "cause"),),
    ),
    Kind.TREATMENT: Shape(desk.Treatment, _ENTRY, MARKS),
    Kind.CAUSE: Shape(desk.Cause, _ENTRY, MARKS),
    Kind.QUESTION: Shape(
        desk.Question,
        (_NAME, Field("answer", Text.VERBATIM), Field("editor_note", Text.PROSE)),
        ("tags", "about"),
    ),
    Kind.TAG: Shape(
        desk.Tag, (_NAME, Field("group", Text.CHOICE, required=True, longest=10, choices=_GROUPS), _SUMMARY)
    ),
    Kind.SOURCE: Shape(
        desk.Source,
        (
            _NAME,
            _line("publisher", required=True),
            Field("url", Text.URL, longest=500),
            Field("published", Text.DATE),
            Field("accessed", Text.DATE),
            _line("licence"),
        ),
    ),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a record: where (field, or relation and target and field), and how to mend it."""

    path: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"{', '.join(self.path)}: {self.message}"


class InvalidRecord(ValueError):
    """A record that cannot be kept. `problems` lists all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


# Canonical form


def canonical(record: Mapping[str, Any]) -> Record:
    """The one form of a record that says the same thing. Missing fields are empty; the types must be right."""
    kind = Kind(record["kind"])
    shape = SHAPES[kind]
    out: Record = {"kind": kind.value, "slug": record["slug"]}
    for field in shape.fields:
        out[field.name] = _canonical_value(field.text, record.get(field.name))
    out |= {mark: sorted(set(record.get(mark) or ())) for mark in shape.marks}
    for rows in shape.rows:
        out[rows.relation] = [_canonical_row(row, rows) for row in record.get(rows.relation) or ()]
    return out


def _canonical_value(text: Text, value: Any) -> Any:
    if text is Text.SET:
        return sorted({prose.canonical_line(item) for item in value or ()} - {""})
    if text is Text.PROSE:
        return prose.canonical(value or "")
    return (value or "") if text is Text.VERBATIM else prose.canonical_line(value or "")


def _canonical_row(row: Mapping[str, Any], rows: Rows) -> Record:
    out: Record = {"target": row["target"]}
    if rows.has_role:
        out["role"] = row.get("role") or ""
    out["note"] = prose.canonical_line(row.get("note") or "")
    return out | {mark: sorted(set(row.get(mark) or ())) for mark in MARKS}


def digest(record: Record) -> str:
    """SHA-256 of a canonical record, in hexadecimal. Equal digests: the same words."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def upgrade(record: Record, of_format: int) -> Record:
    """A record of an older format in today's shape; ValueError if it comes from a newer program."""
    if of_format > FORMAT:
        raise ValueError(f"This record has format {of_format}; this program knows {FORMAT}. Install a newer one.")
    return record if of_format == FORMAT else canonical(record)


# What a record refers to


def references(record: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Kind, str]]:
    """Every reference of a record: its path in it, the kind, the slug."""
    shape = SHAPES[Kind(record["kind"])]
    for mark in shape.marks:
        for slug in record.get(mark) or ():
            yield (mark,), *(split_reference(slug) if mark == "about" else (TARGET_KINDS[mark], slug))
    for rows in shape.rows:
        for row in record.get(rows.relation) or ():
            yield (rows.relation, row["target"]), rows.kind, row["target"]
            for mark in MARKS:
                for slug in row.get(mark) or ():
                    yield (rows.relation, row["target"], mark), TARGET_KINDS[mark], slug


def map_references(record: Record, today: Callable[[Kind, str], str | None]) -> Record:
    """The record with each slug that it refers to replaced by `today(kind, slug)`, or left out where that is None.

    A relation row whose target is left out goes with it.
    """
    shape = SHAPES[Kind(record["kind"])]
    out = dict(record) | {mark: _map_mark(mark, record[mark], today) for mark in shape.marks}
    out |= _map_citations(shape, record, today)
    for rows in shape.rows:
        out[rows.relation] = [
            dict(row) | {"target": target} | {mark: _map_mark(mark, row[mark], today) for mark in MARKS}
            for row in record[rows.relation]
            if (target := today(rows.kind, row["target"]))
        ]
    return out


def _map_citations(shape: Shape, record: Record, today: Callable[[Kind, str], str | None]) -> Record:
    """The fields that cite, with their citations under the names that the documents and sources have today."""
    names: dict[str, str | None] = {}
    for mark in ("evidence", "sources") if "evidence" in shape.marks else ():
        names |= {slug: today(TARGET_KINDS[mark], slug) for slug in record[mark]}
    if all(slug == name for slug, name in names.items()):
        return {}
    return cited_under(record, names)


def _map_mark(mark: str, slugs: list[str], today: Callable[[Kind, str], str | None]) -> list[str]:
    if mark != "about":
        return sorted({new for slug in slugs if (new := today(TARGET_KINDS[mark], slug))})
    pairs = map(split_reference, slugs)
    return sorted({f"{kind.plural}/{new}" for kind, slug in pairs if (new := today(kind, slug))})


def cited_under(record: Record, names: Mapping[str, str | None]) -> Record:
    """The fields of a record that can cite, their citations under new names."""
    out: Record = {}
    for field in citing_fields(record):
        value = record[field.name]
        if isinstance(value, list):
            out[field.name] = sorted(prose.map_citations(text, names) for text in value)
        else:
            out[field.name] = prose.map_citations(value, names)
    return out


def listed(record: Mapping[str, Any]) -> set[str]:
    """The slugs of the documents and sources that the record lists for itself as a whole."""
    return {*(record.get("evidence") or ()), *(record.get("sources") or ())}


def citing_fields(record: Mapping[str, Any]) -> list[Field]:
    """The fields in which `[@slug]` is a citation: Markdown, and codes."""
    fields = SHAPES[Kind(record["kind"])].fields
    return [field for field in fields if field.text is Text.PROSE or field.name == "codes"]


def citing_texts(value: Any) -> list[str]:
    """The texts of a field that can cite, whatever else is wrong with it."""
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def slug_of(name: str) -> str:
    """The slug that a new name gets: its folded words with hyphens. Empty if it has no letters or digits."""
    return slugify(prose.fold(name))[: desk.SLUG_LENGTH].strip("-")
