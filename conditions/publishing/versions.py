"""Versions: made of drafts, numbered, compared, and tied to the desk entry that they keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from conditions import db, drafts, prose, records
from conditions.drafts import SlugResolver
from conditions.models import desk
from conditions.models.published import (
    Address,
    Decision,
    Kind,
    Page,
    Version,
)
from conditions.publishing.access import lock_pages, require, write_lock
from conditions.records import InvalidRecord, Problem, Record


@dataclass
class Draft:
    """A record about to become a version of a page; of a new page, which keeping makes, where `page` is None."""

    record: Record
    page: Any
    origin: Version.Origin
    file: str = ""
    comment: str = ""
    beside: str = ""
    """Kept beside the desk, as what a file says: "open" where an editor has to settle it, "settled" where not."""


def newest(page: Page) -> Version | None:
    """The newest version of a page that stood on the desk."""
    return page.versions.on_desk().order_by("-number").first()


def newest_of(pages: Iterable[int]) -> dict[int, Version]:
    """The newest version on the desk of each page, by page id."""
    versions = Version.objects.on_desk().filter(page__in=db.in_values(pages)).order_by("number")
    return {version.page_id: version for version in versions.iterator()}


def newest_at(kind: Kind, slug: str) -> Version:
    """The newest version on the desk of the page at an address. Version.DoesNotExist if there is none."""
    versions = Version.objects.on_desk().filter(page__addresses__kind=kind, page__addresses__slug=slug)
    return versions.latest("number")


def create_versions(drafts: Sequence[Draft], *, by: Any, at: datetime) -> list[Version]:
    """Keep each draft as a version, several of one page in their order. Pages must be held; new ones are made.

    InvalidRecord where a slug is an address of another page for ever.
    """
    if not drafts:
        return []
    _make_pages([draft for draft in drafts if draft.page is None])
    _claim_addresses(drafts)
    pages = [draft.page for draft in drafts if draft.page]
    numbers: dict[int, int] = defaultdict(int)
    standing = Version.objects.filter(page__in=db.in_values({page.pk for page in pages}))
    numbers |= dict(standing.values_list("page").annotate(top=Max("number")).order_by())
    versions = []
    for pk, draft, page in zip(db.take_ids(Version, len(drafts)), drafts, pages, strict=True):
        numbers[page.pk] += 1
        version = _version(draft, page, numbers[page.pk])
        version.pk, version.at, version.by = pk, at, by
        version._state.adding = False
        versions.append(version)
    columns = [field.attname for field in Version._meta.concrete_fields]
    db.insert(Version, columns, [tuple(getattr(one, name) for name in columns) for one in versions])
    _note_proposals(drafts, versions, at)
    return versions


def _version(draft: Draft, page: Page, number: int) -> Version:
    return Version(
        page=page,
        number=number,
        format=records.FORMAT,
        record=draft.record,
        digest=records.digest(draft.record),
        origin=draft.origin,
        file=draft.file,
        comment=draft.comment[:300],
    )


def _note_proposals(drafts: Sequence[Draft], versions: Sequence[Version], at: datetime) -> None:
    for draft, version in zip(drafts, versions, strict=True):
        if draft.beside:
            add_decision(version, Decision.Verb.PROPOSE, by=None, at=at)
        if draft.beside == "settled":
            add_decision(version, Decision.Verb.SEND_BACK, by=None, at=at, note="Merged into the desk.")


def add_decision(version: Version, verb: Decision.Verb, *, by: Any, at: datetime, note: str = "") -> None:
    who = {"by_id": by.pk if by else None, "name": "", "credentials": ""}
    pk = db.take_ids(Decision, 1)[0]
    db.insert_one(Decision, id=pk, version_id=version.pk, verb=verb, at=at, due=None, note=note, **who)


def _make_pages(drafts: Sequence[Draft]) -> None:
    """Give each draft of a new entry its page: the one that its address already belongs to, or a new one."""
    known = pages_at((Kind(draft.record["kind"]), draft.record["slug"]) for draft in drafts)
    new: dict[tuple[str, str], Page] = {}
    for draft in drafts:
        place = (draft.record["kind"], draft.record["slug"])
        draft.page = known.get((Kind(place[0]), place[1])) or new.get(place)
        if draft.page is None:
            draft.page = new[place] = Page(kind=place[0], slug=place[1], name=draft.record["name"])
            draft.page.sort_key = prose.sort_key(draft.page.name)[: desk.NAME_LENGTH]
    columns = ["id", "kind", "slug", "name", "summary", "sort_key"]
    for pk, page in zip(db.take_ids(Page, len(new)), new.values(), strict=True):
        page.pk = pk
        page._state.adding = False
    rows = [(page.pk, page.kind, page.slug, page.name, "", page.sort_key) for page in new.values()]
    db.insert(Page, columns, rows)


def pages_at(places: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Page]:
    slugs: dict[Kind, set[str]] = defaultdict(set)
    for kind, slug in places:
        slugs[kind].add(slug)
    found: dict[tuple[Kind, str], Page] = {}
    for kind, wanted in slugs.items():
        at = Address.objects.filter(kind=kind, slug__in=db.in_values(wanted)).select_related("page")
        found |= {(kind, address.slug): address.page for address in at}
    return found


def _claim_addresses(drafts: Sequence[Draft]) -> None:
    """Make sure that each draft's slug is an address of its page, for ever."""
    at_desk = [draft for draft in drafts if not draft.beside and draft.page]
    known = pages_at((Kind(draft.record["kind"]), draft.record["slug"]) for draft in at_desk)
    claims: dict[tuple[str, str], int] = {}
    for draft in at_desk:
        kind, slug = Kind(draft.record["kind"]), draft.record["slug"]
        owner = known.get((kind, slug))
        holder = owner.pk if owner else claims.setdefault((kind.value, slug), draft.page.pk)
        if holder != draft.page.pk:
            raise InvalidRecord([_taken(draft.record, owner.name if owner else slug)])
    ids = db.take_ids(Address, len(claims))
    rows = [(pk, kind, slug, page) for pk, ((kind, slug), page) in zip(ids, claims.items(), strict=True)]
    db.insert(Address, ["id", "kind", "slug", "page_id"], rows)


def _taken(record: Record, name: str) -> Problem:
    place = f"/{Kind(record['kind']).plural}/{record['slug']}/"
    return Problem(("slug",), f"{place} leads to {name!r} for ever; choose another slug")


def save_version(
    *, entry: desk.VersionedEntry, by: Any, origin: Version.Origin = Version.Origin.ADMIN, comment: str = ""
) -> Version | None:
    """Keep what the desk entry says as a version. None if its newest version says the same already."""
    require(by, f"change_{entry.kind.value}", f"change a {entry.kind.value}")
    with write_lock():
        page = lock_page_of(entry)
        entry = fresh_entry(entry)
        return version_entry(entry, page, by=by, origin=origin, comment=comment)


def newest_of_entry(entry: desk.VersionedEntry) -> Version:
    """The newest version of an entry that has one."""
    return Version.objects.on_desk().filter(page=entry.page).latest("number")


def fresh_entry(entry: Any) -> Any:
    """The entry as it stands, once its page is held: what was read before may have been written over since."""
    found = type(entry).objects.filter(pk=entry.pk).first()
    if found is None:
        raise InvalidRecord(
            [Problem(("name",), "this entry was deleted meanwhile; add it anew to keep what you typed")]
        )
    return found


def lock_page_of(entry: desk.VersionedEntry | None) -> Page | None:
    return lock_pages([entry.page_id]).get(entry.page_id) if entry and entry.page_id else None


def version_unversioned(entry: desk.VersionedEntry, page: Page) -> None:
    """Keep what stands on the desk, should it have got there without a version, before it is written over."""
    version_entry(entry, page, by=None, origin=Version.Origin.ADMIN, comment="Found on the desk.")


def version_entry(
    entry: desk.VersionedEntry, page: Page | None, *, by: Any, origin: Version.Origin, comment: str
) -> Version | None:
    record = drafts.read(entry)
    standing = newest(page) if page else None
    if standing and same_content(standing, record):
        return None
    draft = Draft(record, page, origin, comment=comment)
    _refuse_taken_page([(draft, entry)])
    version = create_versions([draft], by=by, at=timezone.now())[0]
    link_pages([(entry, version.page)])
    return version


def same_content(version: Version, record: Record) -> bool:
    """Whether a version's words, its references at today's slugs, are those of a canonical record."""
    if version.digest == records.digest(record):
        return True
    return current_record(version) == record


def _refuse_taken_page(pairs: Sequence[tuple[Draft, Any]]) -> None:
    """InvalidRecord where a new entry asks for the address of a page that another entry has."""
    fresh = [(draft, entry) for draft, entry in pairs if draft.page is None]
    known = pages_at((Kind(draft.record["kind"]), draft.record["slug"]) for draft, _ in fresh)
    found = []
    for draft, entry in fresh:
        kind = Kind(draft.record["kind"])
        page = known.get((kind, draft.record["slug"]))
        owner = records.SHAPES[kind].model.objects.filter(page=page).exclude(pk=entry.pk).first() if page else None
        if owner:
            found.append(_taken(draft.record, owner.name))
    if found:
        raise InvalidRecord(found)


def mark_in_files(by_file: Mapping[str, Sequence[int]]) -> None:
    """Note of versions, by path, that they stand in a fixture file."""
    for file, versions in by_file.items():
        Version.objects.filter(pk__in=db.in_values(versions)).mark_in_file(file)


def link_pages(pairs: Iterable[tuple[desk.VersionedEntry, Page]]) -> None:
    """Tell desk entries which page is theirs."""
    rows: dict[type[Any], list[tuple[int, int]]] = defaultdict(list)
    for entry, page in pairs:
        if entry.page_id != page.pk:
            entry.page = page
            rows[type(entry)].append((page.pk, entry.pk))
    for model, values in rows.items():
        db.update(model, ["page_id"], values)


def current_record(version: Version) -> Record:
    """A version's record, in today's shape and at today's slugs."""
    record = records.upgrade(version.record, version.format)
    return records.map_references(record, SlugResolver.of([record]).current)
