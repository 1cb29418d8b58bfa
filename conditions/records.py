"""A desk entry <-> its record: one plain dict, keyed by slugs, its relation rows and tags inside.

`SHAPES` says what a record of each kind holds; files, forms, versions and links all follow it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.text import slugify

from conditions import db, prose
from conditions.models import desk
from conditions.models.published import (
    ABOUT_KINDS,
    TARGET_KINDS,
    Address,
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


class BadRecord(ValueError):
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
    return _cited_under(record, names)


def _map_mark(mark: str, slugs: list[str], today: Callable[[Kind, str], str | None]) -> list[str]:
    if mark != "about":
        return sorted({new for slug in slugs if (new := today(TARGET_KINDS[mark], slug))})
    pairs = map(split_reference, slugs)
    return sorted({f"{kind.plural}/{new}" for kind, slug in pairs if (new := today(kind, slug))})


# From the desk


def read(entry: desk.Kept) -> Record:
    """The record of one desk entry, canonical."""
    return read_many(entry.kind, [entry])[entry.pk]


def read_many(kind: Kind, entries: Iterable[Any]) -> dict[int, Record]:
    """The records of desk entries of one kind, by primary key, in a fixed number of queries."""
    shape = SHAPES[kind]
    entries = list(entries)
    ids = [entry.pk for entry in entries]
    marks = _read_marks(shape.model, ids, shape.marks)
    rows = {each.relation: _read_rows(each, ids) for each in shape.rows}
    out: dict[int, Record] = {}
    for entry in entries:
        record: Record = {"kind": kind.value, "slug": entry.slug}
        record |= {field.name: _value(entry, field) for field in shape.fields}
        record |= marks[entry.pk]
        record |= {relation: found.get(entry.pk, []) for relation, found in rows.items()}
        out[entry.pk] = canonical(record)
    return dict(zip(out, cite_by_todays_slugs(out.values()), strict=True))


def cite_by_todays_slugs(record_list: Iterable[Record]) -> list[Record]:
    """The records, citations in their text that a rename left behind brought to the slugs that they list now."""
    given = list(record_list)
    stale = [_unlisted_citations(record) for record in given]
    wanted = set().union(*stale)
    if not wanted:
        return given
    directory = Directory((kind, slug) for kind in (Kind.QUESTION, Kind.SOURCE) for slug in wanted)
    out = []
    for record, slugs in zip(given, stale, strict=True):
        own = listed(record)
        todays = {slug: {directory.today(kind, slug) for kind in (Kind.QUESTION, Kind.SOURCE)} for slug in slugs}
        names = {slug: next(iter(found & own), slug) for slug, found in todays.items()}
        out.append(record | _cited_under(record, names) if names else record)
    return out


def _cited_under(record: Record, names: Mapping[str, str | None]) -> Record:
    """The fields of a record that can cite, their citations under new names."""
    out: Record = {}
    for field in citing_fields(record):
        value = record[field.name]
        if isinstance(value, list):
            out[field.name] = sorted(prose.map_citations(text, names) for text in value)
        else:
            out[field.name] = prose.map_citations(value, names)
    return out


def _unlisted_citations(record: Mapping[str, Any]) -> set[str]:
    own = listed(record)
    texts = (text for field in citing_fields(record) for text in citing_texts(record.get(field.name)))
    return {slug for text in texts for slug in prose.citations(text)} - own


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


def _value(entry: Any, field: Field) -> Any:
    value = getattr(entry, field.name)
    return value.isoformat() if isinstance(value, date) else value


def _read_marks(model: Any, ids: list[int], marks: Iterable[str]) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: {mark: [] for mark in marks})
    owned = {"content_type": ContentType.objects.get_for_model(model), "object_id__in": db.among(ids)}
    if "tags" in marks:
        for pk, slug in desk.Tagged.objects.filter(**owned).values_list("object_id", "tag__slug"):
            found[pk]["tags"].append(slug)
    if "evidence" in marks:
        cited = desk.Citation.objects.filter(**owned)
        for pk, question, source in cited.values_list("object_id", "question__slug", "source__slug"):
            found[pk]["evidence" if question else "sources"].append(question or source)
    if "about" in marks:
        for pk, reference in _read_about(ids):
            found[pk]["about"].append(reference)
    return found


def _read_about(ids: list[int]) -> Iterator[tuple[int, str]]:
    about = desk.About.objects.filter(question__in=db.among(ids))
    rows = list(about.values_list("question_id", "content_type", "object_id"))
    for kind in ABOUT_KINDS if rows else ():
        model = SHAPES[kind].model
        content_type = ContentType.objects.get_for_model(model).pk
        wanted = {pk for _, found, pk in rows if found == content_type}
        slugs = dict(model.objects.filter(pk__in=db.among(wanted)).values_list("pk", "slug")) if wanted else {}
        for question, found, pk in rows:
            if found == content_type and pk in slugs:
                yield question, f"{kind.plural}/{slugs[pk]}"


def _read_rows(rows: Rows, ids: list[int]) -> dict[int, list[Record]]:
    columns = ["pk", f"{rows.owner}_id", f"{rows.target}__slug", "note"] + ["role"] * rows.has_role
    found = rows.model.objects.filter(**{f"{rows.owner}__in": db.among(ids)}).order_by("order", "pk")
    listed = list(found.values_list(*columns))
    marks = _read_marks(rows.model, [row[0] for row in listed], MARKS)
    out: dict[int, list[Record]] = defaultdict(list)
    for pk, owner, target, note, *role in listed:
        row = {"target": target, "note": note, **marks[pk]}
        out[owner].append(row | {"role": role[0]} if role else row)
    return out


# To the desk


def write(entry: desk.Kept | None, record: Record) -> desk.Kept:
    """Make the desk entry (a new one if None) say what the canonical record says."""
    return write_many([(entry, record)])[0]


def write_many(items: Sequence[tuple[Any, Record]]) -> list[Any]:
    """Make desk entries, new where the first is None, say what their canonical records say.

    Call it in a transaction. What the records refer to must stand on the desk, or among the
    items; KeyError names a slug that does not. Entries come back in the order of the items.
    """
    written: list[Any] = [None] * len(items)
    for kind, places in _by_kind(items).items():
        for place, entry in zip(places, _write_fields(kind, [items[at] for at in places]), strict=True):
            written[place] = entry
    keys = _keys_of_references(record for _, record in items)
    for kind, places in _by_kind(items).items():
        _write_references(SHAPES[kind], [(written[at].pk, items[at][1]) for at in places], keys)
    return written


def _by_kind(items: Sequence[tuple[Any, Record]]) -> dict[Kind, list[int]]:
    places: dict[Kind, list[int]] = defaultdict(list)
    for place, (_, record) in enumerate(items):
        places[Kind(record["kind"])].append(place)
    return places


def _write_fields(kind: Kind, items: list[tuple[Any, Record]]) -> list[Any]:
    shape = SHAPES[kind]
    columns = ["slug", *(field.name for field in shape.fields)]
    new, old = [], []
    ids = iter(db.take_ids(shape.model, sum(entry is None for entry, _ in items)))
    out = []
    for entry, record in items:
        values = [record["slug"], *(_desk_value(field, record) for field in shape.fields)]
        if entry is None:
            entry = shape.model(pk=next(ids), **dict(zip(columns, values, strict=True)))
            entry._state.adding = False
            new.append((entry.pk, *values))
        else:
            for name, value in zip(columns, values, strict=True):
                setattr(entry, name, value)
            old.append((*values, entry.pk))
        out.append(entry)
    db.insert(shape.model, ["id", *columns], new)
    db.update(shape.model, columns, old)
    return out


def _desk_value(field: Field, record: Record) -> Any:
    value = record[field.name]
    return (date.fromisoformat(value) if value else None) if field.text is Text.DATE else value


def _keys_of_references(records: Iterable[Record]) -> dict[tuple[Kind, str], int]:
    wanted: dict[Kind, set[str]] = defaultdict(set)
    for record in records:
        for _, kind, slug in references(record):
            wanted[kind].add(slug)
    return {
        (kind, slug): pk
        for kind, slugs in wanted.items()
        for slug, pk in SHAPES[kind].model.objects.filter(slug__in=db.among(slugs)).values_list("slug", "pk")
    }


def _write_references(shape: Shape, items: list[tuple[int, Record]], keys: dict[tuple[Kind, str], int]) -> None:
    ids = [pk for pk, _ in items]
    if shape.marks:
        _clear_marks(shape.model, ids)
        _insert_marks(shape.model, [(pk, record) for pk, record in items], keys)
    if "about" in shape.marks:
        _write_about(items, keys)
    for rows in shape.rows:
        _write_rows(rows, items, keys)


def _clear_marks(model: Any, ids: list[int]) -> None:
    content_type = ContentType.objects.get_for_model(model)
    for marks in (desk.Tagged.objects, desk.Citation.objects):
        standing = marks.filter(content_type=content_type, object_id__in=db.among(ids))
        standing._raw_delete(standing.db)


def _insert_marks(model: Any, owners: Iterable[tuple[int, Record]], keys: dict[tuple[Kind, str], int]) -> None:
    content_type = ContentType.objects.get_for_model(model).pk
    tagged: list[tuple[Any, ...]] = []
    cited: list[tuple[Any, ...]] = []
    for pk, marks in owners:
        tagged += [(content_type, pk, keys[Kind.TAG, slug]) for slug in marks.get("tags", ())]
        for slug in marks.get("evidence", ()):
            cited.append((content_type, pk, keys[Kind.QUESTION, slug], None))
        for slug in marks.get("sources", ()):
            cited.append((content_type, pk, None, keys[Kind.SOURCE, slug]))
    _insert_with_ids(desk.Tagged, ["content_type_id", "object_id", "tag_id"], tagged)
    _insert_with_ids(desk.Citation, ["content_type_id", "object_id", "question_id", "source_id"], cited)


def _write_about(items: list[tuple[int, Record]], keys: dict[tuple[Kind, str], int]) -> None:
    rows = []
    desk.About.objects.filter(question__in=db.among(pk for pk, _ in items)).delete()
    for pk, record in items:
        for kind, slug in map(split_reference, record["about"]):
            content_type = ContentType.objects.get_for_model(SHAPES[kind].model).pk
            rows.append((pk, content_type, keys[kind, slug]))
    _insert_with_ids(desk.About, ["question_id", "content_type_id", "object_id"], rows)


def _write_rows(rows: Rows, items: list[tuple[int, Record]], keys: dict[tuple[Kind, str], int]) -> None:
    manager = rows.model.objects
    standing = manager.filter(**{f"{rows.owner}__in": db.among(pk for pk, _ in items)})
    _clear_marks(rows.model, list(standing.values_list("pk", flat=True)))
    standing._raw_delete(standing.db)
    wanted = [(pk, order, row) for pk, record in items for order, row in enumerate(record[rows.relation], 1)]
    ids = db.take_ids(rows.model, len(wanted))
    columns = ["id", f"{rows.owner}_id", f"{rows.target}_id", "order", "note"] + ["role"] * rows.has_role
    values = [
        (
            pk,
            owner,
            keys[rows.kind, row["target"]],
            order,
            row["note"],
            *([row["role"]] if rows.has_role else ()),
        )
        for pk, (owner, order, row) in zip(ids, wanted, strict=True)
    ]
    db.insert(rows.model, columns, values)
    _insert_marks(rows.model, zip(ids, (row for _, _, row in wanted), strict=True), keys)


def _insert_with_ids(model: Any, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    ids = db.take_ids(model, len(rows))
    db.insert(model, ["id", *columns], [(pk, *row) for pk, row in zip(ids, rows, strict=True)])


# Slugs, old and new


class Directory:
    """Today's slug on the desk for every slug that is asked for, old addresses resolved."""

    def __init__(self, wanted: Iterable[tuple[Kind, str]]) -> None:
        self._today: dict[tuple[Kind, str], str] = {}
        by_kind: dict[Kind, set[str]] = defaultdict(set)
        for kind, slug in wanted:
            by_kind[kind].add(slug)
        for kind, slugs in by_kind.items():
            self._look_up(kind, slugs)

    @classmethod
    def of(cls, record_list: Iterable[Mapping[str, Any]]) -> Directory:
        """A directory of all that the records refer to."""
        return cls((kind, slug) for record in record_list for _, kind, slug in references(record))

    def _look_up(self, kind: Kind, slugs: set[str]) -> None:
        model = SHAPES[kind].model
        standing = set(model.objects.filter(slug__in=db.among(slugs)).values_list("slug", flat=True))
        self._today |= {(kind, slug): slug for slug in standing}
        if standing == slugs:
            return
        old = Address.objects.filter(kind=kind, slug__in=db.among(slugs - standing))
        pages = dict(old.values_list("slug", "page_id"))
        renamed = model.objects.filter(page__in=db.among(set(pages.values())))
        names = dict(renamed.values_list("page_id", "slug"))
        self._today |= {(kind, slug): names[page] for slug, page in pages.items() if page in names}

    def knows(self, kind: Kind, slug: str) -> bool:
        return (kind, slug) in self._today

    def today(self, kind: Kind, slug: str) -> str:
        """The slug that its entry has on the desk now; the slug itself if there is no such entry."""
        return self._today.get((kind, slug), slug)


def slug_of(name: str) -> str:
    """The slug that a new name gets: its folded words with hyphens. Empty if it has no letters or digits."""
    return slugify(prose.fold(name))[: desk.SLUG_LENGTH].strip("-")
