"""What an edition writes for readers: pages, addresses, links, names, what search reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from conditions import db, prose, records, statements
from conditions.drafts import names_of
from conditions.models.index import Name
from conditions.models.published import Address, Link, Page, Version
from conditions.page_parts import said_by
from conditions.publishing import postings
from conditions.publishing.access import Refused
from conditions.publishing.versions import pages_at
from conditions.records import Blocker, Record, schema_of
from conditions.schema import FIELDS, IS_CONDITION, LOOKED_UP, NAME_LENGTH, NOW, FieldType, Kind


def update_pages(versions: Sequence[Version], pages: Mapping[int, Page], edition: int) -> set[int]:
    """Make pages, addresses, links, names and what search reads those of the versions. The ids of what they link to."""
    rows = []
    for version in versions:
        record = version.record
        key = sort_key_of(record)
        flags = (bool(record.get(NOW)), bool(record.get("on_home")))
        shown = (record["slug"], record["name"], excerpt_of(record), key, *flags)
        rows.append((*shown, version.pk, edition, version.page_id))
    columns = ["slug", "name", "summary", "sort_key", "is_urgent", "on_home", "live_id", "edition_id"]
    db.update(Page, columns, rows)
    _note_same(versions)
    _open_addresses(versions, edition)
    _clear([version.page_id for version in versions if pages[version.page_id].edition_id])
    _write_names(versions)
    postings.put({version.page_id: version.record for version in versions})
    return _write_links(versions)


def sort_key_of(record: Record) -> str:
    """What lists sort a page by."""
    return prose.sort_key(record["name"])[:NAME_LENGTH]


def _note_same(versions: Sequence[Version]) -> None:
    """Note which pages are of the same thing as another: a cause that is a condition."""
    said = {one.page_id: slug for one in versions for slug in one.record.get(IS_CONDITION.name, ())[:1]}
    pages = pages_at((Kind.CONDITION, slug) for slug in said.values())
    causes = [one.page_id for one in versions if one.record["kind"] == Kind.CAUSE]
    same = {page: pages.get((Kind.CONDITION, slug)) for page, slug in said.items()}
    db.update(Page, ["same_as_id"], [(found.pk if (found := same.get(page)) else None, page) for page in causes])


def _open_addresses(versions: Sequence[Version], edition: int) -> None:
    """Let readers use the addresses that the versions have and no edition had yet."""
    mine = {(version.page_id, version.record["slug"]) for version in versions}
    # Not `edition__isnull=True`: where nearly all had one, PostgreSQL expects none, and compares each with each of a
    # large load.
    of_pages = Address.objects.filter(page__in=db.in_values(page for page, _ in mine))
    found = of_pages.values_list("pk", "page_id", "slug", "edition_id")
    ids = [pk for pk, page, slug, opened in found if not opened and (page, slug) in mine]
    db.update(Address, ["edition_id"], [(edition, pk) for pk in ids])


def excerpt_of(record: Record) -> str:
    """What lists say of an entry below its name."""
    text: str = record.get(schema_of(record).excerpt) or ""
    shown = {FieldType.VERBATIM: prose.shortened, FieldType.STATEMENT: prose.uncited}
    return shown.get(FIELDS[schema_of(record).excerpt].type, str)(text)


def clear_index(pages: Sequence[int]) -> None:
    """Take the links and names of pages away, and what search reads of them."""
    _clear(pages)
    postings.remove(pages)


def _clear(pages: Sequence[int]) -> None:
    ids = db.in_values(pages)
    db.delete(Link.objects.filter(owner__in=ids, via__isnull=False))
    db.delete(Link.objects.filter(owner__in=ids))
    db.delete(Name.objects.filter(page__in=ids))


def _write_names(versions: Sequence[Version]) -> None:
    names = []
    for version in versions:
        record = version.record
        is_listed = record["kind"] in LOOKED_UP
        for text in prose.distinct_names([record["name"], *record.get("also_called", ())]):
            key = prose.sort_key(text)[:NAME_LENGTH]
            names.append((version.page_id, text, key, prose.letter(key) if is_listed else ""))
        names += [
            (version.page_id, text, prose.sort_key(text)[:NAME_LENGTH], "") for text in record.get("found_by", ())
        ]
    ids = db.take_ids(Name, len(names))
    rows = [(pk, *name) for pk, name in zip(ids, names, strict=True)]
    db.insert(Name, ["id", "page_id", "text", "key", "letter"], rows)


def _write_links(versions: Sequence[Version]) -> set[int]:
    """Write the links of the versions; Refused where a relation rests on nothing that readers can see."""
    wanted = [(version, records.references(version.record)) for version in versions]
    pages = pages_at((one.kind, one.slug) for _, references in wanted for one in references)
    _refuse_without_evidence(versions, pages)
    rows: list[tuple[object, ...]] = []
    ids = iter(db.take_ids(Link, sum(len(references) for _, references in wanted)))
    for version, references in wanted:
        made: dict[int, int] = {}
        carried = statements.quotes_by_reference(version.record)
        for order, one in enumerate(references):
            target = pages.get((one.kind, one.slug))
            if target is None or target.pk == version.page_id or (one.via is not None and one.via not in made):
                continue
            made[order] = next(ids)
            via = made[one.via] if one.via is not None else None
            said = [*said_by(one.row).values(), carried.get((one.path, one.slug), [])]
            rows.append((made[order], version.page_id, one.relation, target.pk, via, one.slug, order, *said))
    columns = ["id", "owner_id", "relation", "target_id", "via_id", "slug", "order"]
    db.insert(Link, [*columns, *said_by({}), "quotes"], rows)
    return {int(str(row[3])) for row in rows}


def _refuse_without_evidence(versions: Sequence[Version], pages: Mapping[tuple[Kind, str], Page]) -> None:
    live = {place for place, page in pages.items() if page.live_id}
    items = [(one.record, one.page_id) for one in versions]
    if found := [blocker for some in without_live_evidence(items, pages, live) for blocker in some]:
        raise Refused(found)


def without_live_evidence(
    items: Sequence[tuple[Record, int | None]],
    known: Mapping[tuple[Kind, str], Page],
    live: Collection[tuple[Kind, str]],
) -> list[list[Blocker]]:
    """Of each record of a page, what to say of rows that lead to known pages and rest on nothing that is live."""
    words = "the document that states this is not published; publish it first, or cite another"
    rows = [
        [
            (relation, row["target"], known[relation.target, row["target"]])
            for relation, row in records.rows_without_evidence(record, live)
            if (relation.target, row["target"]) in known
        ]
        for record, _ in items
    ]
    names = names_of(target for some in rows for _, _, target in some)
    return [
        [
            Blocker(f"{record['name']}: {relation.label}, {names[target.pk]}: {words}", page, (relation.name, slug))
            for relation, slug, target in some
        ]
        for (record, page), some in zip(items, rows, strict=True)
    ]
