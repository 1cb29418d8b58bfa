"""A desk entry <-> its record: one plain dict, keyed by slugs, its relation rows and tags inside.

`SHAPES` says what a record of each kind holds; files, forms, versions and links all follow it.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from django.contrib.contenttypes.models import ContentType
from django.utils.text import slugify

from conditions import bulk, prose
from conditions.models import desk
from conditions.models.published import (
    ABOUT_KINDS,
    TARGET_KINDS,
    Address,
    Kind,
    Link,
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
    model: type[desk.Relation]
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
_MARKS = ("tags", "evidence", "sources")
_GROUPS = tuple(desk.Tag.Group.values)

SHAPES: dict[Kind, Shape] = {
    Kind.CONDITION: Shape(
        desk.Condition,
        (*_ENTRY, *_CARE, Field("codes", Text.SET)),
        _MARKS,
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
        _MARKS,
        (Rows("causes", desk.SymptomCause, "symptom", "cause"),),
    ),
    Kind.TREATMENT: Shape(desk.Treatment, _ENTRY, _MARKS),
    Kind.CAUSE: Shape(desk.Cause, _ENTRY, _MARKS),
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

SLUG = re.compile(r"[-a-zA-Z0-9_]+")
CODE = re.compile(r"\S+ \S+")


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
    return out | {mark: sorted(set(row.get(mark) or ())) for mark in _MARKS}


def digest(record: Record) -> str:
    """SHA-256 of a canonical record, in hexadecimal. Equal digests: the same words."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def upgrade(record: Record, format: int) -> Record:
    """A record of an older format in today's shape; ValueError if it comes from a newer program."""
    if format > FORMAT:
        raise ValueError(f"This record has format {format}; this program knows {FORMAT}. Install a newer one.")
    return record if format == FORMAT else canonical(record)


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
            for mark in _MARKS:
                for slug in row.get(mark) or ():
                    yield (rows.relation, row["target"], mark), TARGET_KINDS[mark], slug


def map_references(record: Record, today: Callable[[Kind, str], str | None]) -> Record:
    """The record with each slug that it refers to replaced by `today(kind, slug)`, or left out where that is None.

    A relation row whose target is left out goes with it.
    """
    shape = SHAPES[Kind(record["kind"])]
    out = dict(record) | {mark: _map_mark(mark, record[mark], today) for mark in shape.marks}
    for rows in shape.rows:
        out[rows.relation] = [
            dict(row)
            | {"target": target}
            | {mark: _map_mark(mark, row[mark], today) for mark in _MARKS}
            for row in record[rows.relation]
            if (target := today(rows.kind, row["target"]))
        ]
    return out


def _map_mark(mark: str, slugs: list[str], today: Callable[[Kind, str], str | None]) -> list[str]:
    if mark != "about":
        return sorted({new for slug in slugs if (new := today(TARGET_KINDS[mark], slug))})
    pairs = map(split_reference, slugs)
    return sorted({f"{kind.plural}/{new}" for kind, slug in pairs if (new := today(kind, slug))})


# What is wrong with a record


def problems(record: Mapping[str, Any]) -> list[Problem]:
    """All that is wrong with a record, whatever the types in it. References are checked by who knows them."""
    shape = SHAPES[Kind(record["kind"])]
    found = _slug_problems(record.get("slug"))
    for field in shape.fields:
        found += _field_problems(field, record.get(field.name))
    for mark in shape.marks:
        found += _mark_problems((mark,), mark, record.get(mark))
    for rows in shape.rows:
        found += _rows_problems(rows, record)
    return found or _citation_problems(shape, record)


def _slug_problems(slug: Any) -> list[Problem]:
    if isinstance(slug, str) and SLUG.fullmatch(slug) and len(slug) <= desk.SLUG_LENGTH:
        return []
    return [
        Problem(("slug",), f"{_shown(slug)} is no slug; write letters, digits and hyphens, at most 200 of them")
    ]


def _field_problems(field: Field, value: Any) -> list[Problem]:
    if field.text is Text.SET:
        return _set_problems(field, value)
    found = _text_problems((field.name,), value, field.longest)
    if found:
        return found
    text = (value or "").strip()
    message = ""
    if not text:
        message = "is missing; write it" if field.required else ""
    elif field.text is Text.CHOICE and text not in field.choices:
        message = f"{_shown(text)} is none of: {', '.join(field.choices)}"
    elif field.text is Text.DATE and not _is_date(text):
        message = f"{_shown(text)} is no date; write it as 2026-05-31"
    elif field.text is Text.URL and not _is_web_address(text):
        message = f"{_shown(text)} is no web address; it begins with https:// or http://"
    return [Problem((field.name,), message)] if message else []


def _text_problems(path: tuple[str, ...], value: Any, longest: int) -> list[Problem]:
    if value is not None and not isinstance(value, str):
        return [Problem(path, f"expected text, found {_shown(value)}; put it in quotes")]
    if value and prose.has_control_characters(value):
        return [Problem(path, "holds a control character; take it out")]
    if value and len(value) > longest:
        return [Problem(path, f"is {len(value)} characters long; at most {longest} fit")]
    return []


def _set_problems(field: Field, value: Any) -> list[Problem]:
    path = (field.name,)
    if value is not None and not isinstance(value, list):
        return [Problem(path, f"expected a list of texts, found {_shown(value)}")]
    found = [problem for item in value or () for problem in _text_problems(path, item, desk.NAME_LENGTH)]
    if None in (value or ()):
        found.append(Problem(path, "holds an empty item; take it out"))
    if field.name == "codes" and not found:
        found = [
            Problem(path, f"{_shown(code)} is no code; write system, space, code: ICD-10-CM G51.3")
            for code in value or ()
            if not CODE.fullmatch(prose.canonical_line(code))
        ]
    return found


def _mark_problems(path: tuple[str, ...], mark: str, value: Any) -> list[Problem]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(slug, str) for slug in value):
        return [Problem(path, f"expected a list of slugs, found {_shown(value)}")]
    return [Problem(path, _bad_reference(mark, slug)) for slug in value if _bad_reference(mark, slug)]


def _bad_reference(mark: str, slug: str) -> str:
    if mark != "about":
        return "" if SLUG.fullmatch(slug) else f"{_shown(slug)} is no slug"
    plural, _, rest = slug.partition("/")
    if plural in {kind.plural for kind in ABOUT_KINDS} and SLUG.fullmatch(rest):
        return ""
    return f"{_shown(slug)} names no entry; write it as conditions/bells-palsy"


def _rows_problems(rows: Rows, record: Mapping[str, Any]) -> list[Problem]:
    value = record.get(rows.relation)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return [Problem((rows.relation,), f"expected a list of rows, found {_shown(value)}")]
    found: list[Problem] = []
    seen: set[str] = set()
    for row in value:
        target = row.get("target")
        if not isinstance(target, str) or not SLUG.fullmatch(target):
            found.append(Problem((rows.relation,), f"{_shown(target)} is no slug of a {rows.kind.value}"))
            continue
        if target in seen:
            found.append(Problem((rows.relation, target), "stands here twice; join the two rows"))
        if rows.kind == record["kind"] and target == record.get("slug"):
            found.append(Problem((rows.relation, target), "is the entry itself; name another"))
        seen.add(target)
        found += _row_problems(rows, target, row)
    return found


def _row_problems(rows: Rows, target: str, row: Mapping[str, Any]) -> list[Problem]:
    path = (rows.relation, target)
    found = _text_problems((*path, "note"), row.get("note"), 1000)
    if rows.has_role and row.get("role") not in Link.Role.values:
        message = f"{_shown(row.get('role'))} is none of: {', '.join(Link.Role.values)}"
        found.append(Problem((*path, "role"), message))
    for mark in _MARKS:
        found += _mark_problems((*path, mark), mark, row.get(mark))
    return found


def _citation_problems(shape: Shape, record: Mapping[str, Any]) -> list[Problem]:
    listed = {*(record.get("evidence") or ()), *(record.get("sources") or ())}
    return [
        Problem((field.name,), f"[@{slug}] is not in this entry's evidence or sources; add it there")
        for field in shape.fields
        if field.text is Text.PROSE
        for slug in prose.citations(record.get(field.name) or "")
        if slug not in listed
    ]


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    return {dict: "a mapping", list: "a list", type(None): "nothing", bool: "yes or no"}.get(
        type(value), f"{value!r:.60}"
    )


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
    return out


def _value(entry: Any, field: Field) -> Any:
    value = getattr(entry, field.name)
    return value.isoformat() if isinstance(value, date) else value


def _read_marks(model: Any, ids: list[int], marks: Iterable[str]) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: {mark: [] for mark in marks})
    owned = {"content_type": ContentType.objects.get_for_model(model), "object_id__in": bulk.among(ids)}
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
    about = desk.About.objects.filter(question__in=bulk.among(ids))
    rows = list(about.values_list("question_id", "content_type", "object_id"))
    for kind in ABOUT_KINDS if rows else ():
        model = SHAPES[kind].model
        content_type = ContentType.objects.get_for_model(model).pk
        wanted = {pk for _, found, pk in rows if found == content_type}
        slugs = dict(model.objects.filter(pk__in=bulk.among(wanted)).values_list("pk", "slug")) if wanted else {}
        for question, found, pk in rows:
            if found == content_type and pk in slugs:
                yield question, f"{kind.plural}/{slugs[pk]}"


def _read_rows(rows: Rows, ids: list[int]) -> dict[int, list[Record]]:
    columns = ["pk", f"{rows.owner}_id", f"{rows.target}__slug", "note"] + ["role"] * rows.has_role
    found = rows.model.objects.filter(**{f"{rows.owner}__in": bulk.among(ids)}).order_by("order", "pk")  # type: ignore[attr-defined]
    listed = list(found.values_list(*columns))
    marks = _read_marks(rows.model, [row[0] for row in listed], _MARKS)
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
    ids = iter(bulk.take_ids(shape.model, sum(entry is None for entry, _ in items)))
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
    bulk.insert(shape.model, ["id", *columns], new)
    bulk.update(shape.model, columns, old)
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
        for slug, pk in SHAPES[kind].model.objects.filter(slug__in=bulk.among(slugs)).values_list("slug", "pk")
    }


def _write_references(
    shape: Shape, items: list[tuple[int, Record]], keys: dict[tuple[Kind, str], int]
) -> None:
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
        standing = marks.filter(content_type=content_type, object_id__in=bulk.among(ids))
        standing._raw_delete(standing.db)


def _insert_marks(
    model: Any, owners: Iterable[tuple[int, Record]], keys: dict[tuple[Kind, str], int]
) -> None:
    content_type = ContentType.objects.get_for_model(model).pk
    tagged, cited = [], []
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
    desk.About.objects.filter(question__in=bulk.among(pk for pk, _ in items)).delete()
    for pk, record in items:
        for kind, slug in map(split_reference, record["about"]):
            content_type = ContentType.objects.get_for_model(SHAPES[kind].model).pk
            rows.append((pk, content_type, keys[kind, slug]))
    _insert_with_ids(desk.About, ["question_id", "content_type_id", "object_id"], rows)


def _write_rows(rows: Rows, items: list[tuple[int, Record]], keys: dict[tuple[Kind, str], int]) -> None:
    manager = rows.model.objects  # type: ignore[attr-defined]
    standing = manager.filter(**{f"{rows.owner}__in": bulk.among(pk for pk, _ in items)})
    _clear_marks(rows.model, list(standing.values_list("pk", flat=True)))
    standing._raw_delete(standing.db)
    wanted = [(pk, order, row) for pk, record in items for order, row in enumerate(record[rows.relation], 1)]
    ids = bulk.take_ids(rows.model, len(wanted))
    columns = ["id", f"{rows.owner}_id", f"{rows.target}_id", "order", "note"] + ["role"] * rows.has_role
    values = [
        (pk, owner, keys[rows.kind, row["target"]], order, row["note"], *([row["role"]] if rows.has_role else ()))
        for pk, (owner, order, row) in zip(ids, wanted, strict=True)
    ]
    bulk.insert(rows.model, columns, values)
    _insert_marks(rows.model, zip(ids, (row for _, _, row in wanted), strict=True), keys)


def _insert_with_ids(model: Any, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    ids = bulk.take_ids(model, len(rows))
    bulk.insert(model, ["id", *columns], [(pk, *row) for pk, row in zip(ids, rows, strict=True)])


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
        standing = set(model.objects.filter(slug__in=bulk.among(slugs)).values_list("slug", flat=True))
        self._today |= {(kind, slug): slug for slug in standing}
        if standing == slugs:
            return
        old = Address.objects.filter(kind=kind, slug__in=bulk.among(slugs - standing))
        pages = dict(old.values_list("slug", "page_id"))
        renamed = model.objects.filter(page__in=bulk.among(set(pages.values())))
        names = dict(renamed.values_list("page_id", "slug"))
        self._today |= {(kind, slug): names[page] for slug, page in pages.items() if page in names}

    def knows(self, kind: Kind, slug: str) -> bool:
        return (kind, slug) in self._today

    def today(self, kind: Kind, slug: str) -> str:
        """The slug that its entry has on the desk now; the slug itself if there is no such entry."""
        return self._today.get((kind, slug), slug)


def reference_problems(
    record: Mapping[str, Any], directory: Directory, coming: Mapping[Kind, set[str]] | None = None
) -> list[Problem]:
    """References to entries that are neither on the desk nor among those that are `coming` with this one."""
    coming = coming or {}
    return [
        Problem(path, f"no {kind.value} {slug!r}{_suggestion(kind, slug, coming.get(kind, set()))}")
        for path, kind, slug in references(record)
        if slug not in coming.get(kind, ()) and not directory.knows(kind, slug)
    ]


def _suggestion(kind: Kind, slug: str, coming: set[str]) -> str:
    known = coming.union(SHAPES[kind].model.objects.values_list("slug", flat=True))
    close = difflib.get_close_matches(slug, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else "; add it first, or take it out"


def slug_of(name: str) -> str:
    """The slug that a new name gets: its folded words with hyphens. Empty if it has no letters or digits."""
    return slugify(prose.fold(name))[: desk.SLUG_LENGTH].strip("-")
