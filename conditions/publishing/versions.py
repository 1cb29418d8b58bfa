"""Versions: made of drafts, numbered, compared, and tied to the desk entry that they keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from itertools import chain

from django.db.models import Max
from django.utils import timezone

from conditions import db, drafts, prose, records
from conditions.drafts import current_record, names_of
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Address, Decision, LoadedFile, Page, Version, page_address
from conditions.publishing.access import SYSTEM, By, lock_pages, name_of, require, user_of, write_lock
from conditions.records import InvalidRecord, Problem, Record
from conditions.schema import CITED, NAME_LENGTH, Kind


class Proposal(Enum):
    """What a file says and the desk does not: whether an editor still has to decide on it."""

    OPEN = auto()
    SETTLED = auto()


@dataclass
class Draft:
    """A record about to become a version of a page; of a new page, which is then made, where `page` is None.

    proposal: it is only kept as what a file says, and does not become the newest version of the desk.
    """

    record: Record
    page: Page | None
    origin: Version.Origin
    file: str = ""
    comment: str = ""
    proposal: Proposal | None = None

    @property
    def place(self) -> tuple[Kind, str]:
        return Kind(self.record["kind"]), self.record["slug"]


def newest(page: Page) -> Version | None:
    """The newest version of a page that was on the desk."""
    return page.versions.on_desk().order_by("-number").first()


def newest_of(pages: Iterable[int]) -> dict[int, Version]:
    """The newest version on the desk of each page, by page id."""
    versions = Version.objects.on_desk().filter(page__in=db.in_values(pages)).order_by("number")
    return {version.page_id: version for version in versions.iterator()}


def newest_at(kind: Kind, slug: str) -> Version:
    """The newest version on the desk of the page at an address. Version.DoesNotExist if there is none."""
    versions = Version.objects.on_desk().filter(page__addresses__kind=kind, page__addresses__slug=slug)
    return versions.latest("number")


def create_versions(drafts: Sequence[Draft], *, by: By, at: datetime) -> list[Version]:
    """Keep each draft as a version, several of one page in their order. Pages must be locked; new ones are made.

    InvalidRecord where a slug is permanently an address of another page.
    """
    if not drafts:
        return []
    _make_pages([draft for draft in drafts if draft.page is None])
    _claim_addresses(drafts)
    pages = [draft.page for draft in drafts if draft.page]
    numbers: dict[int, int] = defaultdict(int)
    existing = Version.objects.filter(page__in=db.in_values({page.pk for page in pages}))
    numbers |= dict(existing.values_list("page").annotate(top=Max("number")).order_by())
    who = {"by": user_of(by), "by_name": name_of(by)}
    versions = []
    for pk, draft, page in zip(db.take_ids(Version, len(drafts)), drafts, pages, strict=True):
        numbers[page.pk] += 1
        versions.append(_version(draft, page, pk=pk, number=numbers[page.pk], at=at, **who))
    columns = [field.attname for field in Version._meta.concrete_fields]
    db.insert(Version, columns, [tuple(getattr(one, name) for name in columns) for one in versions])
    _note_proposals(drafts, versions, at)
    return versions


def _version(draft: Draft, page: Page, **values: object) -> Version:
    return db.built(
        Version,
        page=page,
        format=records.FORMAT,
        record=draft.record,
        digest=records.digest(draft.record),
        origin=draft.origin,
        file=draft.file,
        comment=draft.comment[:300],
        **values,
    )


def _note_proposals(drafts: Sequence[Draft], versions: Sequence[Version], at: datetime) -> None:
    for draft, version in zip(drafts, versions, strict=True):
        if draft.proposal:
            add_decision(version, Decision.Verb.PROPOSE, by=SYSTEM, at=at)
        if draft.proposal is Proposal.SETTLED:
            add_decision(version, Decision.Verb.SEND_BACK, by=SYSTEM, at=at, note="Merged into the draft.")


def add_decision(version: Version, verb: Decision.Verb, *, by: By, at: datetime, **said: object) -> int:
    """Note permanently what was decided about a version: the id of that. said: other columns of `Decision`."""
    user = user_of(by)
    pk = db.take_ids(Decision, 1)[0]
    empty: dict[str, object] = {"asked_id": None, "name": "", "credentials": "", "due": None, "note": "", "remarks": []}
    who = {"by_id": user.pk if user else None}
    db.insert_one(Decision, id=pk, version_id=version.pk, verb=verb, at=at, **who, **(empty | said))
    return pk


def cancel_schedule(page: int, *, by: By, only: Version | None = None) -> None:
    """Take what waits for its time off the schedule of a page, if something does. only: where it is that version."""
    verbs = (Decision.Verb.SCHEDULE, Decision.Verb.CANCEL, Decision.Verb.FAIL)
    last = Decision.objects.filter(version__page=page, verb__in=verbs).select_related("version").last()
    if last and last.verb == Decision.Verb.SCHEDULE and only in (None, last.version):
        add_decision(last.version, Decision.Verb.CANCEL, by=by, at=timezone.now())


def _make_pages(drafts: Sequence[Draft]) -> None:
    """Give each draft of a new entry its page: the one that its address already belongs to, or a new one."""
    known = pages_at(draft.place for draft in drafts)
    missing: dict[tuple[Kind, str], str] = {}
    for draft in drafts:
        if draft.place not in known:
            missing.setdefault(draft.place, draft.record["name"])
    rows = [
        (pk, kind, slug, name, "", prose.sort_key(name)[:NAME_LENGTH])
        for pk, ((kind, slug), name) in zip(db.take_ids(Page, len(missing)), missing.items(), strict=True)
    ]
    columns = ["id", "kind", "slug", "name", "summary", "sort_key"]
    db.insert(Page, columns, rows)
    made = {(row[1], row[2]): db.built(Page, **dict(zip(columns, row, strict=True))) for row in rows}
    for draft in drafts:
        draft.page = known.get(draft.place) or made[draft.place]


def pages_at(places: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Page]:
    """The pages that addresses belong to, old ones too, by kind and slug."""
    slugs: dict[Kind, set[str]] = defaultdict(set)
    for kind, slug in places:
        slugs[kind].add(slug)
    found: dict[tuple[Kind, str], Page] = {}
    for kind, wanted in slugs.items():
        at = Address.objects.filter(kind=kind, slug__in=db.in_values(wanted)).select_related("page")
        found |= {(kind, address.slug): address.page for address in at}
    return found


def _claim_addresses(drafts: Sequence[Draft]) -> None:
    """Make sure that each draft's slug is permanently an address of its page."""
    own = [(draft, draft.page) for draft in drafts if draft.proposal is None and draft.page]
    known = pages_at(draft.place for draft, _ in own)
    claims: dict[tuple[Kind, str], int] = {}
    for draft, page in own:
        owner = known.get(draft.place)
        if (owner.pk if owner else claims.setdefault(draft.place, page.pk)) != page.pk:
            raise InvalidRecord([_taken(draft.place, owner)])
    if alike := ambiguous_citations(claims):
        raise InvalidRecord(list(alike.values()))
    ids = db.take_ids(Address, len(claims))
    rows = [(pk, kind, slug, page_id) for pk, ((kind, slug), page_id) in zip(ids, claims.items(), strict=True)]
    db.insert(Address, ["id", "kind", "slug", "page_id"], rows)


def ambiguous_citations(places: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Problem]:
    """What is wrong with new addresses of documents and sources, by address: `[@slug]` would name two pages.

    Addresses are permanent and those of the two kinds never alike, so a citation means one page for ever, whatever
    is renamed. An address that a page has already is not asked about.
    """
    wanted = {place for place in places if place[0] in CITED}
    alike = {(kind, slug): [(other, slug) for other in CITED if other != kind] for kind, slug in wanted}
    known = pages_at([*alike, *chain.from_iterable(alike.values())]) if alike else {}
    out = {}
    for kind, slug in alike.keys() - known.keys():
        for other in alike[kind, slug]:
            if other in wanted or other in known:
                words = f"[@{slug}] would name the {other[0].label} {slug!r} too; choose another slug"
                out[kind, slug] = Problem(("slug",), words)
    return out


def _taken(place: tuple[Kind, str], owner: Page | None) -> Problem:
    name = names_of([owner])[owner.pk] if owner else place[1]
    return Problem(("slug",), f"{page_address(*place)} belongs to {name!r} permanently; choose another slug")


def save_version(
    *, entry: VersionedEntry, by: By, origin: Version.Origin = Version.Origin.ADMIN, comment: str = ""
) -> Version | None:
    """Keep what the desk entry says as a version. None if its newest version says the same already."""
    require(by, f"change_{entry.kind.value}", f"change a {entry.kind.label}")
    with write_lock():
        page = lock_page_of(entry)
        entry = fresh_entry(entry)
        return version_entry(entry, page, by=by, origin=origin, comment=comment)


def newest_of_entry(entry: VersionedEntry) -> Version:
    """The newest version of an entry that has one."""
    return Version.objects.on_desk().filter(page=entry.page).latest("number")


def fresh_entry(entry: VersionedEntry) -> VersionedEntry:
    """The entry as it is, once its page is locked: what was read before may have been written over since.

    InvalidRecord if it has been deleted in the meantime.
    """
    found = desk.entries(entry.kind).filter(pk=entry.pk).first()
    if found is None:
        words = "this entry has been deleted in the meantime; add it again to keep what you typed"
        raise InvalidRecord([Problem(("name",), words)])
    return found


def lock_page_of(entry: VersionedEntry | None) -> Page | None:
    """Lock the page of an entry, if it has one."""
    return lock_pages([entry.page_id]).get(entry.page_id) if entry and entry.page_id else None


def version_unversioned(entry: VersionedEntry, page: Page | None) -> None:
    """Make a version of what is on the desk without one, before it is overwritten."""
    version_entry(entry, page, by=SYSTEM, origin=Version.Origin.ADMIN, comment="Found without a version.")


def version_entry(
    entry: VersionedEntry, page: Page | None, *, by: By, origin: Version.Origin, comment: str
) -> Version | None:
    """Keep what an entry says as a version of its locked page. None if the newest one says the same already."""
    record = drafts.read(entry)
    before = newest(page) if page else None
    if before and same_content(before, record):
        return None
    draft = Draft(record, page_for(record, entry, page), origin, comment=comment)
    version = create_versions([draft], by=by, at=timezone.now())[0]
    link_pages([(entry, version.page)])
    return version


def page_for(record: Record, entry: VersionedEntry | None, page: Page | None) -> Page | None:
    """The page on which a record of an entry is kept: its own, or that of a deleted entry; None for a new one.

    page: the entry's own, if it has one. InvalidRecord where the address belongs to the page of another entry.
    """
    place = (Kind(record["kind"]), record["slug"])
    found = pages_at([place]).get(place)
    if found is None:
        if alike := ambiguous_citations([place]):
            raise InvalidRecord(list(alike.values()))
        return page
    others = desk.entries(place[0]).filter(page=found).exclude(pk=entry.pk if entry else None)
    if (page and page.pk != found.pk) or (not page and others.exists()):
        raise InvalidRecord([_taken(place, found)])
    return found


def same_content(version: Version, record: Record) -> bool:
    """Whether a version's words, its references at the current slugs, are those of a canonical record."""
    return version.digest == records.digest(record) or current_record(version) == record


def mark_in_files(by_file: Mapping[str, Sequence[int]]) -> None:
    """Note which versions are in which fixture file, by path. The next load reads those again that they were in."""
    for file, versions in by_file.items():
        marked = Version.objects.filter(pk__in=db.in_values(versions))
        left = set(marked.in_files().exclude(file=file).values_list("file", flat=True))
        LoadedFile.objects.filter(path__in=db.in_values(left)).update(digest="")
        marked.mark_in_file(file)


def link_pages(pairs: Iterable[tuple[VersionedEntry, Page]]) -> None:
    """Tell desk entries which page is theirs."""
    rows: dict[type[VersionedEntry], list[tuple[int, int]]] = defaultdict(list)
    for entry, page in pairs:
        if entry.page_id != page.pk:
            entry.page = page
            rows[type(entry)].append((page.pk, entry.pk))
    for model, values in rows.items():
        db.update(model, ["page_id"], values)
