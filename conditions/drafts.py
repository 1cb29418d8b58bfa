"""Desk entries <-> records: what the desk says, read and written in few queries, and slugs old and new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Value

from conditions import db
from conditions.models import desk
from conditions.models.desk import RowTable, VersionedEntry
from conditions.models.published import Address, Page, Version
from conditions.page_content import targets
from conditions.records import (
    Record,
    RecordLike,
    Row,
    canonical,
    cite_anew,
    cited_and_listed,
    map_references,
    references,
    upgrade,
)
from conditions.schema import (
    CITED,
    EVIDENCE,
    NAMING,
    QUOTED,
    ROW_REFERENCES,
    SCHEMAS,
    SOURCES,
    TAGS,
    Field,
    FieldType,
    Kind,
    ReferenceField,
)
from conditions.statements import quotable

Keys = Mapping[tuple[Kind, str], int]
"""The primary keys of entries, by kind and slug."""

# From the desk


def read(entry: VersionedEntry) -> Record:
    """The record of one desk entry, canonical."""
    return read_many(entry.kind, [entry])[entry.pk]


def read_many(kind: Kind, entries: Iterable[VersionedEntry]) -> dict[int, Record]:
    """The records of desk entries of one kind, by primary key, in a fixed number of queries."""
    schema = SCHEMAS[kind]
    entries = list(entries)
    ids = [entry.pk for entry in entries]
    named = _read_references(desk.MODELS[kind], ids, schema.references)
    rows = {table.relation.name: _read_rows(table, ids) for table in desk.row_tables(kind)}
    out: dict[int, Record] = {}
    for entry in entries:
        record: Record = {"kind": kind.value, "slug": entry.slug}
        record |= {field.name: _value(entry, field) for field in schema.fields}
        record |= named[entry.pk]
        record |= {relation: found.get(entry.pk, []) for relation, found in rows.items()}
        out[entry.pk] = canonical(record)
    return dict(zip(out, cite_by_current_slugs(out.values()), strict=True))


def cite_by_current_slugs(record_list: Iterable[Record]) -> list[Record]:
    """The records, citations that a rename left behind brought to the slugs that their entry or row lists now."""
    given = list(record_list)
    wanted = set().union(*(cited - known for record in given for cited, known in cited_and_listed(record)))
    if not wanted:
        return given
    resolver = SlugResolver((kind, slug) for kind in CITED for slug in wanted)
    current = {slug: {resolver.current(kind, slug) for kind in CITED} for slug in wanted}
    return [cite_anew(record, current) for record in given]


def _value(entry: VersionedEntry, field: Field) -> object:
    value = getattr(entry, field.name)
    return value.isoformat() if isinstance(value, date) else value


def _read_references(
    model: type[models.Model], ids: list[int], fields: Sequence[ReferenceField]
) -> dict[int, dict[str, list[str]]]:
    """What entries or rows name, by their keys and the names of the fields."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: {field.name: [] for field in fields})
    owned = {"content_type": ContentType.objects.get_for_model(model), "object_id__in": db.in_values(ids)}
    if TAGS in fields:
        for pk, slug in desk.Tagged.objects.filter(**owned).values_list("object_id", "tag__slug"):
            found[pk][TAGS.name].append(slug)
    if EVIDENCE in fields or SOURCES in fields:
        cited = desk.Citation.objects.filter(**owned)
        for pk, question, source in cited.values_list("object_id", "question__slug", "source__slug"):
            field = EVIDENCE if question else SOURCES
            if field in fields:
                found[pk][field.name].append(question or source)
    naming = {field.name: field for field in fields if field in NAMING}
    for pk, name, kind, slug in _read_named(model, ids) if naming else ():
        found[pk][name].append(naming[name].value(kind, slug))
    return found


def _read_named(model: type[models.Model], ids: list[int]) -> Iterator[tuple[int, str, Kind, str]]:
    """What entries of a kind name in fields, in order: the key of the entry, the field, kind and slug of the target."""
    own = ContentType.objects.get_for_model(model)
    named = desk.EntryReference.objects.filter(content_type=own, object_id__in=db.in_values(ids)).order_by("pk")
    rows = list(named.values_list("object_id", "field", "target_type", "target_id"))
    slugs: dict[tuple[int, int], tuple[Kind, str]] = {}
    for kind in Kind if rows else ():
        content_type = ContentType.objects.get_for_model(desk.MODELS[kind]).pk
        wanted = {target for _, _, found, target in rows if found == content_type}
        entries = desk.entries(kind).filter(pk__in=db.in_values(wanted))
        slugs |= {(content_type, pk): (kind, slug) for pk, slug in entries.values_list("pk", "slug") if wanted}
    for pk, name, content_type, target in rows:
        if (content_type, target) in slugs:
            yield pk, name, *slugs[content_type, target]


def _read_rows(table: RowTable, ids: list[int]) -> dict[int, list[Row]]:
    """The rows of a relation in order, by the key of their owner."""
    names = [field.name for field in table.relation.fields]
    found = table.rows.filter(**{f"{table.owner}__in": db.in_values(ids)}).order_by("order", "pk")
    rows = list(found.values_list("pk", f"{table.owner}_id", f"{table.target}__slug", *names))
    named = _read_references(table.model, [row[0] for row in rows], ROW_REFERENCES)
    out: dict[int, list[Row]] = defaultdict(list)
    for pk, owner, target, *values in rows:
        out[owner].append({"target": target, **dict(zip(names, values, strict=True)), **named[pk]})
    return out


def texts_of(slugs: Iterable[str]) -> dict[str, str]:
    """The texts of documents and sources on the desk in which words that are quoted stand, by slug."""
    wanted = set(slugs)
    found: dict[str, str] = {}
    for kind, name in QUOTED.items() if wanted else ():
        said = desk.entries(kind).filter(slug__in=db.in_values(wanted)).values_list("slug", name)
        found |= {slug: quotable({"kind": kind, name: text}) for slug, text in said}
    return found


# To the desk


def write(entry: VersionedEntry | None, record: Record) -> VersionedEntry:
    """Make the desk entry (a new one if None) say what the canonical record says."""
    return write_many([(entry, record)])[0]


def write_many(items: Sequence[tuple[VersionedEntry | None, Record]]) -> list[VersionedEntry]:
    """Make desk entries, new where the first is None, say what their canonical records say.

    Call it in a transaction. What the records refer to must be on the desk, or among the
    items; KeyError names a slug that does not. Entries come back in the order of the items.
    """
    written: dict[int, VersionedEntry] = {}
    for kind, places in _by_kind(items).items():
        written |= dict(zip(places, _write_fields(kind, [items[place] for place in places]), strict=True))
    keys = _keys_of_references(record for _, record in items)
    for kind, places in _by_kind(items).items():
        _write_references(kind, [(written[place].pk, items[place][1]) for place in places], keys)
    return [written[place] for place in range(len(items))]


def _by_kind(items: Sequence[tuple[VersionedEntry | None, Record]]) -> dict[Kind, list[int]]:
    places: dict[Kind, list[int]] = defaultdict(list)
    for place, (_, record) in enumerate(items):
        places[Kind(record["kind"])].append(place)
    return places


def _write_fields(kind: Kind, items: list[tuple[VersionedEntry | None, Record]]) -> list[VersionedEntry]:
    model, fields = desk.MODELS[kind], SCHEMAS[kind].fields
    columns = ["slug", *(field.name for field in fields)]
    new, old = [], []
    ids = iter(db.take_ids(model, sum(entry is None for entry, _ in items)))
    out = []
    for entry, record in items:
        values = [record["slug"], *(_desk_value(field, record) for field in fields)]
        if entry is None:
            entry = db.built(model, pk=next(ids), **dict(zip(columns, values, strict=True)))
            new.append((entry.pk, *values))
        else:
            for name, value in zip(columns, values, strict=True):
                setattr(entry, name, value)
            old.append((*values, entry.pk))
        out.append(entry)
    db.insert(model, ["id", *columns], new)
    db.update(model, columns, old)
    return out


def _desk_value(field: Field, record: Record) -> object:
    value = record[field.name]
    return (date.fromisoformat(value) if value else None) if field.type is FieldType.DATE else value


def _keys_of_references(record_list: Iterable[Record]) -> Keys:
    wanted: dict[Kind, set[str]] = defaultdict(set)
    for record in record_list:
        for one in references(record):
            wanted[one.kind].add(one.slug)
    return {
        (kind, slug): pk
        for kind, slugs in wanted.items()
        for slug, pk in desk.entries(kind).filter(slug__in=db.in_values(slugs)).values_list("slug", "pk")
    }


def _write_references(kind: Kind, items: list[tuple[int, Record]], keys: Keys) -> None:
    fields, ids = SCHEMAS[kind].references, [pk for pk, _ in items]
    if fields:
        _clear_references(desk.MODELS[kind], ids)
        _insert_references(desk.MODELS[kind], items, keys)
    if any(field in NAMING for field in fields):
        _write_named(kind, items, keys)
    for table in desk.row_tables(kind):
        _write_rows(table, items, keys)


def _clear_references(model: type[models.Model], ids: list[int]) -> None:
    owned = {"content_type": ContentType.objects.get_for_model(model), "object_id__in": db.in_values(ids)}
    db.delete(desk.Tagged.objects.filter(**owned))
    db.delete(desk.Citation.objects.filter(**owned))


def _insert_references(model: type[models.Model], owners: Iterable[tuple[int, Record]], keys: Keys) -> None:
    content_type = ContentType.objects.get_for_model(model).pk
    tagged: list[tuple[object, ...]] = []
    cited: list[tuple[object, ...]] = []
    for pk, owner in owners:
        tagged += [(content_type, pk, keys[Kind.TAG, slug]) for slug in owner.get(TAGS.name, ())]
        cited += [(content_type, pk, keys[Kind.QUESTION, slug], None) for slug in owner.get(EVIDENCE.name, ())]
        cited += [(content_type, pk, None, keys[Kind.SOURCE, slug]) for slug in owner.get(SOURCES.name, ())]
    _insert_with_ids(desk.Tagged, ["content_type_id", "object_id", "tag_id"], tagged)
    _insert_with_ids(desk.Citation, ["content_type_id", "object_id", "question_id", "source_id"], cited)


def _write_named(kind: Kind, items: list[tuple[int, Record]], keys: Keys) -> None:
    own = ContentType.objects.get_for_model(desk.MODELS[kind])
    db.delete(desk.EntryReference.objects.filter(content_type=own, object_id__in=db.in_values(pk for pk, _ in items)))
    rows = []
    for pk, record in items:
        for field in SCHEMAS[kind].references:
            for target, slug in map(field.target, record[field.name] if field in NAMING else ()):
                content_type = ContentType.objects.get_for_model(desk.MODELS[target]).pk
                rows.append((own.pk, pk, field.name, content_type, keys[target, slug]))
    columns = ["content_type_id", "object_id", "field", "target_type_id", "target_id"]
    _insert_with_ids(desk.EntryReference, columns, rows)


def _write_rows(table: RowTable, items: list[tuple[int, Record]], keys: Keys) -> None:
    relation = table.relation
    existing = table.rows.filter(**{f"{table.owner}__in": db.in_values(pk for pk, _ in items)})
    _clear_references(table.model, list(existing.values_list("pk", flat=True)))
    db.delete(existing)
    wanted = [(pk, order, row) for pk, record in items for order, row in enumerate(record[relation.name], 1)]
    ids = db.take_ids(table.model, len(wanted))
    names = [field.name for field in relation.fields]
    values = [
        (pk, owner, keys[relation.target, row["target"]], order, *(row[name] for name in names))
        for pk, (owner, order, row) in zip(ids, wanted, strict=True)
    ]
    db.insert(table.model, ["id", f"{table.owner}_id", f"{table.target}_id", "order", *names], values)
    _insert_references(table.model, zip(ids, (row for _, _, row in wanted), strict=True), keys)


def _insert_with_ids(model: type[models.Model], columns: list[str], rows: Sequence[tuple[object, ...]]) -> None:
    ids = db.take_ids(model, len(rows))
    db.insert(model, ["id", *columns], [(pk, *row) for pk, row in zip(ids, rows, strict=True)])


# Entries and their pages


def entries_of(pages: Iterable[int]) -> dict[int, tuple[Kind, int, str]]:
    """Kind, key and name of the desk entries of pages, by page, in one query. Those that were deleted are left out."""
    if not (ids := set(pages)):
        return {}
    columns = ("page", "of_kind", "pk", "name")
    each = [
        desk.entries(kind).filter(page__in=db.in_values(ids)).annotate(of_kind=Value(kind.value)).order_by()
        for kind in Kind
    ]
    first, *others = (entries.values_list(*columns) for entries in each)
    return {page: (Kind(kind), pk, name) for page, kind, pk, name in first.union(*others, all=True)}


def names_of(pages: Iterable[Page]) -> dict[int, str]:
    """What editors call pages, by their ids: the name on the desk, or the last one of what was deleted.

    That of the page itself is the one that readers knew last, and says nothing where there were none.
    """
    asked = {page.pk: page.name for page in pages}
    if not asked:  # as for nearly all of a large load: building the queries took a third of it
        return {}
    here = {page: name for page, (_, _, name) in entries_of(asked).items()}
    gone = asked.keys() - here.keys()
    versions = Version.objects.on_desk().filter(page__in=db.in_values(gone)).order_by("number")
    last = dict(versions.values_list("page", "record__name")) if gone else {}
    return asked | last | here


def names_in(record_list: Iterable[RecordLike]) -> dict[tuple[Kind, str], str]:
    """What editors call all that records refer to, by kind and slug, seen by readers or not."""
    found = targets([one for record in record_list for one in references(record)])
    names = names_of(found.values())
    return {place: names[page.pk] for place, page in found.items()}


# Slugs, old and new


class SlugResolver:
    """The slug that an entry has on the desk now, for every slug that is asked for, old addresses resolved."""

    def __init__(self, wanted: Iterable[tuple[Kind, str]]) -> None:
        self._current: dict[tuple[Kind, str], str] = {}
        by_kind: dict[Kind, set[str]] = defaultdict(set)
        for kind, slug in wanted:
            by_kind[kind].add(slug)
        for kind, slugs in by_kind.items():
            self._look_up(kind, slugs)

    @classmethod
    def of(cls, record_list: Iterable[RecordLike]) -> SlugResolver:
        """A resolver of all that the records refer to."""
        return cls((one.kind, one.slug) for record in record_list for one in references(record))

    def _look_up(self, kind: Kind, slugs: set[str]) -> None:
        entries = desk.entries(kind)
        existing = set(entries.filter(slug__in=db.in_values(slugs)).values_list("slug", flat=True))
        self._current |= {(kind, slug): slug for slug in existing}
        if existing == slugs:
            return
        old = Address.objects.filter(kind=kind, slug__in=db.in_values(slugs - existing))
        pages = dict(old.values_list("slug", "page_id"))
        renamed = entries.filter(page__in=db.in_values(set(pages.values())))
        names = dict(renamed.values_list("page_id", "slug"))
        self._current |= {(kind, slug): names[page] for slug, page in pages.items() if page in names}

    def knows(self, kind: Kind, slug: str) -> bool:
        return (kind, slug) in self._current

    def current(self, kind: Kind, slug: str) -> str:
        """The slug that its entry has on the desk now; the slug itself if there is no such entry."""
        return self._current.get((kind, slug), slug)


def current_record(version: Version) -> Record:
    """A version's record, in the current format and at the current slugs."""
    return current_records([version])[0]


def current_records(versions: Sequence[Version]) -> list[Record]:
    """The records of versions, in the current format and at the current slugs."""
    old = [upgrade(version.record, version.format) for version in versions]
    current = SlugResolver.of(old).current
    return [map_references(record, current) for record in old]
