"""What an edition writes for readers: pages, addresses, links, names, words for search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conditions import db, page_content, prose, search
from conditions.models import desk
from conditions.models.published import (
    ROW_RELATIONS,
    Address,
    Kind,
    Link,
    Name,
    Page,
    SearchText,
    Version,
)
from conditions.publishing.access import Refused
from conditions.publishing.versions import pages_at
from conditions.records import Record


def update_pages(versions: Sequence[Version], pages: Mapping[int, Page], edition: int) -> set[int]:
    """Make pages, addresses, links, names and search rows those of the versions. The ids of what they link to."""
    rows = []
    for version in versions:
        record = version.record
        key = prose.sort_key(record["name"])[: desk.NAME_LENGTH]
        rows.append((record["slug"], version.pk, edition, record["name"], _summary(record), key, version.page_id))
    columns = ["slug", "live_id", "edition_id", "name", "summary", "sort_key"]
    db.update(Page, columns, rows)
    _open_addresses(versions, edition)
    clear_index([version.page_id for version in versions if pages[version.page_id].edition_id])
    _write_names(versions)
    texts = [(version.page_id, search.words_of(version.record)) for version in versions]
    db.insert(SearchText, ["page_id", "words"], texts)
    return _write_links(versions)


def _open_addresses(versions: Sequence[Version], edition: int) -> None:
    """Let readers use the addresses that the versions have and no edition had yet."""
    mine = {(version.page_id, version.record["slug"]) for version in versions}
    closed = Address.objects.filter(edition__isnull=True, page__in=db.in_values(page for page, _ in mine))
    found = closed.values_list("pk", "page_id", "slug")
    ids = [pk for pk, page, slug in found if (page, slug) in mine]
    db.update(Address, ["edition_id"], [(edition, pk) for pk in ids])


def _summary(record: Record) -> str:
    return record.get("summary") or record.get("publisher") or prose.shortened(record.get("answer", ""))


def clear_index(pages: Sequence[int]) -> None:
    """Take the links, names and search rows of pages away."""
    Link.objects.filter(owner__in=db.in_values(pages), via__isnull=False)._raw_delete("default")
    Link.objects.filter(owner__in=db.in_values(pages))._raw_delete("default")
    Name.objects.filter(page__in=db.in_values(pages))._raw_delete("default")
    SearchText.objects.filter(page__in=db.in_values(pages))._raw_delete("default")


def _write_names(versions: Sequence[Version]) -> None:
    names = []
    for version in versions:
        for text in dict.fromkeys([version.record["name"], *version.record.get("also_called", ())]):
            names.append((version.page_id, text, prose.sort_key(text)[: desk.NAME_LENGTH]))
    ids = db.take_ids(Name, len(names))
    rows = [(pk, *name, prose.letter(name[2])) for pk, name in zip(ids, names, strict=True)]
    db.insert(Name, ["id", "page_id", "text", "key", "letter"], rows)


def _write_links(versions: Sequence[Version]) -> set[int]:
    """Write the links of the versions; Refused where a relation rests on nothing that readers can see."""
    wanted = [(version, list(page_content.references(version.record))) for version in versions]
    pages = pages_at((spec.kind, spec.slug) for _, specs in wanted for spec in specs)
    ids = iter(db.take_ids(Link, sum(len(specs) for _, specs in wanted)))
    rows, cited, unfounded = [], set(), []
    for version, specs in wanted:
        taken: list[int | None] = []
        for spec in specs:
            target = pages.get((spec.kind, spec.slug))
            taken.append(next(ids) if target and target.pk != version.page_id else None)
            via = taken[spec.via] if spec.via is not None else None
            if target is None or taken[-1] is None or (spec.via is not None and via is None):
                continue
            row = (version.page_id, spec.relation, target.pk, via, spec.role, spec.note, spec.order)
            rows.append((taken[-1], *row))
            if via and spec.kind in (Kind.QUESTION, Kind.SOURCE) and target.live_id:
                cited.add(via)
        for spec, link in zip(specs, taken, strict=True):
            if spec.relation in ROW_RELATIONS and link and link not in cited:
                unfounded.append(_without_evidence(version, spec.relation, spec.slug))
    if unfounded:
        raise Refused(unfounded)
    columns = ["id", "owner_id", "relation", "target_id", "via_id", "role", "note", "order"]
    db.insert(Link, columns, rows)
    return {row[3] for row in rows}


def _without_evidence(version: Version, relation: str, slug: str) -> str:
    return (
        f"{version.record['name']}: {relation}, {slug}: the document that states this is not published; "
        "publish it first, or cite another"
    )
