"""Desk entries <-> records: what the desk says, read and written in few queries, and slugs old and new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType

from conditions import db, prose
from conditions.models import desk
from conditions.models.published import (
    ABOUT_KINDS,
    Address,
    Kind,
    split_reference,
)
from conditions.records import (
    MARKS,
    SHAPES,
    Field,
    Record,
    Rows,
    Shape,
    Text,
    canonical,
    cited_under,
    citing_fields,
    citing_texts,
    listed,
    references,
)

# From the desk


def read(entry: desk.VersionedEntry) -> Record:
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
    return dict(zip(out, cite_by_current_slugs(out.values()), strict=True))


def cite_by_current_slugs(record_list: Iterable[Record]) -> list[Record]:
    """The records, citations in their text that a rename left behind brought to the slugs that they list now."""
    given = list(record_list)
    stale = [_unlisted_citations(record) for record in given]
    wanted = set().union(*stale)
    if not wanted:
        return given
    directory = SlugResolver((kind, slug) for kind in (Kind.QUESTION, Kind.SOURCE) for slug in wanted)
    out = []
    for record, slugs in zip(given, stale, strict=True):
        own = listed(record)
        todays = {slug: {directory.current(kind, slug) for kind in (Kind.QUESTION, Kind.SOURCE)} for slug in slugs}
        names = {slug: next(iter(found & own), slug) for slug, found in todays.items()}
        out.append(record | cited_under(record, names) if names else record)
    return out


def _unlisted_citations(record: Mapping[str, Any]) -> set[str]:
    own = listed(record)
    texts = (text for field in citing_fields(record) for text in citing_texts(record.get(field.name)))
    return {slug for text in texts for slug in prose.citations(text)} - own


def _value(entry: Any, field: Field) -> Any:
    value = getattr(entry, field.name)
    return value.isoformat() if isinstance(value, date) else value


def _read_marks(model: Any, ids: list[int], marks: Iterable[str]) -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: {mark: [] for mark in marks})
    owned = {"content_type": ContentType.objects.get_for_model(model), "object_id__in": db.in_values(ids)}
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
    about = desk.About.objects.filter(question__in=db.in_values(ids))
    rows = list(about.values_list("question_id", "content_type", "object_id"))
    for kind in ABOUT_KINDS if rows else ():
        model = SHAPES[kind].model
        content_type = ContentType.objects.get_for_model(model).pk
        wanted = {pk for _, found, pk in rows if found == content_type}
        slugs = dict(model.objects.filter(pk__in=db.in_values(wanted)).values_list("pk", "slug")) if wanted else {}
        for question, found, pk in rows:
            if found == content_type and pk in slugs:
                yield question, f"{kind.plural}/{slugs[pk]}"


def _read_rows(rows: Rows, ids: list[int]) -> dict[int, list[Record]]:
    columns = ["pk", f"{rows.owner}_id", f"{rows.target}__slug", "note"] + ["role"] * rows.has_role
    found = rows.model.objects.filter(**{f"{rows.owner}__in": db.in_values(ids)}).order_by("order", "pk")
    listed = list(found.values_list(*columns))
    marks = _read_marks(rows.model, [row[0] for row in listed], MARKS)
    out: dict[int, list[Record]] = defaultdict(list)
    for pk, owner, target, note, *role in listed:
        row = {"target": target, "note": note, **marks[pk]}
        out[owner].append(row | {"role": role[0]} if role else row)
    return out


# To the desk


def write(entry: desk.VersionedEntry | None, record: Record) -> desk.VersionedEntry:
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
        for slug, pk in SHAPES[kind].model.objects.filter(slug__in=db.in_values(slugs)).values_list("slug", "pk")
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
        standing = marks.filter(content_type=content_type, object_id__in=db.in_values(ids))
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
    desk.About.objects.filter(question__in=db.in_values(pk for pk, _ in items)).delete()
    for pk, record in items:
        for kind, slug in map(split_reference, record["about"]):
            content_type = ContentType.objects.get_for_model(SHAPES[kind].model).pk
            rows.append((pk, content_type, keys[kind, slug]))
    _insert_with_ids(desk.About, ["question_id", "content_type_id", "object_id"], rows)


def _write_rows(rows: Rows, items: list[tuple[int, Record]], keys: dict[tuple[Kind, str], int]) -> None:
    manager = rows.model.objects
    standing = manager.filter(**{f"{rows.owner}__in": db.in_values(pk for pk, _ in items)})
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


class SlugResolver:
    """Today's slug on the desk for every slug that is asked for, old addresses resolved."""

    def __init__(self, wanted: Iterable[tuple[Kind, str]]) -> None:
        self._current: dict[tuple[Kind, str], str] = {}
        by_kind: dict[Kind, set[str]] = defaultdict(set)
        for kind, slug in wanted:
            by_kind[kind].add(slug)
        for kind, slugs in by_kind.items():
            self._look_up(kind, slugs)

    @classmethod
    def of(cls, record_list: Iterable[Mapping[str, Any]]) -> SlugResolver:
        """A directory of all that the records refer to."""
        return cls((kind, slug) for record in record_list for _, kind, slug in references(record))

    def _look_up(self, kind: Kind, slugs: set[str]) -> None:
        model = SHAPES[kind].model
        standing = set(model.objects.filter(slug__in=db.in_values(slugs)).values_list("slug", flat=True))
        self._current |= {(kind, slug): slug for slug in standing}
        if standing == slugs:
            return
        old = Address.objects.filter(kind=kind, slug__in=db.in_values(slugs - standing))
        pages = dict(old.values_list("slug", "page_id"))
        renamed = model.objects.filter(page__in=db.in_values(set(pages.values())))
        names = dict(renamed.values_list("page_id", "slug"))
        self._current |= {(kind, slug): names[page] for slug, page in pages.items() if page in names}

    def knows(self, kind: Kind, slug: str) -> bool:
        return (kind, slug) in self._current

    def current(self, kind: Kind, slug: str) -> str:
        """The slug that its entry has on the desk now; the slug itself if there is no such entry."""
        return self._current.get((kind, slug), slug)
