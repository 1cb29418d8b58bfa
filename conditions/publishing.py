"""The verbs: keep, save, publish, withdraw, restore, delete. Only this module writes the published tables.

`by` is who does it; None is the house itself (files loaded from the command line). Every verb
checks the permission of `by` itself, so that a forged form is refused before anything is saved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from conditions import db, drafts, merge, page_content, prose, records, search, validation
from conditions.drafts import Directory
from conditions.models import desk
from conditions.models.published import (
    ROW_RELATIONS,
    TARGET_KINDS,
    Address,
    Change,
    Decision,
    Edition,
    Kind,
    Link,
    Name,
    Page,
    SearchText,
    Version,
)
from conditions.records import BadRecord, Problem, Record


class NotAllowed(PermissionDenied):
    """`by` may not do this."""


class NotReady(Exception):
    """What was asked for cannot be done yet. `problems` says why, and how to mend it."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class Clash(Exception):
    """Somebody else changed the same words since the form was opened."""

    def __init__(self, conflicts: Sequence[merge.Conflict], newest: Version) -> None:
        self.conflicts = tuple(conflicts)
        self.newest = newest
        super().__init__(f"{len(conflicts)} clashes with version {newest.number}")


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


@dataclass(frozen=True)
class Saved:
    """What a save did: the entry, its newest version, and whether another editor's version was merged in."""

    entry: desk.Kept
    version: Version
    is_new: bool
    merged: bool = False


@dataclass(frozen=True)
class Published:
    """One edition: what it moved, and the relations that stay hidden until their targets are live."""

    edition: Edition
    versions: tuple[Version, ...]
    hidden: tuple[Page, ...]


def may(by: Any, permission: str) -> bool:
    """Whether `by` has a permission of this app ("publish_page" is `conditions.publish_page`)."""
    return by is None or (by.is_active and by.has_perm(f"conditions.{permission}"))


def _require(by: Any, permission: str, what: str) -> None:
    if not may(by, permission):
        raise NotAllowed(f"{by.get_username() or 'A visitor'} may not {what}. Ask somebody who may.")


PATIENCE = 5
"""Seconds that an editor's save waits for another: a server that waits serves nobody meanwhile."""


@contextmanager
def writing(patience: int = PATIENCE) -> Iterator[None]:
    """A transaction in which the desk and the published tables may be written: one in the whole house at a time.

    SQLite has one writer in any case. On PostgreSQL the row of edition 0 is the lock: without it, two saves that
    refer to each other's entries wait for each other, and numbers of editions could be seen out of order.
    OperationalError if another has not ended after `patience` seconds (on SQLite, after its own timeout).
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience}s"])
        lock = Edition.objects.select_for_update().filter(number=0)
        if not list(lock):
            _insert(Edition, number=0, at=timezone.now(), by_id=None, note="The lock.")
        yield


def _insert(model: type[Any], **values: Any) -> None:
    db.insert(model, list(values), [tuple(values.values())])


def hold(pages: Iterable[int]) -> dict[int, Page]:
    """Lock pages, in the order of their ids, for the rest of the transaction; they are as they stand now."""
    locked = Page.objects.select_for_update(of=("self",)).filter(pk__in=db.among(set(pages)))
    return {page.pk: page for page in locked.select_related("live").order_by("pk")}


def newest(page: Page) -> Version | None:
    """The newest version of a page that stood on the desk."""
    return page.versions.on_desk().order_by("-number").first()


def newest_of(pages: Iterable[int]) -> dict[int, Version]:
    """The newest version on the desk of each page, by page id."""
    versions = Version.objects.on_desk().filter(page__in=db.among(pages)).order_by("number")
    return {version.page_id: version for version in versions.iterator()}


# Keep


def keep_many(drafts: Sequence[Draft], *, by: Any, at: datetime) -> list[Version]:
    """Keep each draft as a version, several of one page in their order. Pages must be held; new ones are made.

    BadRecord where a slug is an address of another page for ever.
    """
    if not drafts:
        return []
    _make_pages([draft for draft in drafts if draft.page is None])
    _claim_addresses(drafts)
    pages = [draft.page for draft in drafts if draft.page]
    numbers: dict[int, int] = defaultdict(int)
    standing = Version.objects.filter(page__in=db.among({page.pk for page in pages}))
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
            _decide(version, Decision.Verb.PROPOSE, by=None, at=at)
        if draft.beside == "settled":
            _decide(version, Decision.Verb.SEND_BACK, by=None, at=at, note="Merged into the desk.")


def _decide(version: Version, verb: Decision.Verb, *, by: Any, at: datetime, note: str = "") -> None:
    who = {"by_id": by.pk if by else None, "name": "", "credentials": ""}
    pk = db.take_ids(Decision, 1)[0]
    _insert(Decision, id=pk, version_id=version.pk, verb=verb, at=at, due=None, note=note, **who)


def _make_pages(drafts: Sequence[Draft]) -> None:
    """Give each draft of a new entry its page: the one that its address already belongs to, or a new one."""
    known = _pages_at((Kind(draft.record["kind"]), draft.record["slug"]) for draft in drafts)
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


def _pages_at(places: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Page]:
    slugs: dict[Kind, set[str]] = defaultdict(set)
    for kind, slug in places:
        slugs[kind].add(slug)
    found: dict[tuple[Kind, str], Page] = {}
    for kind, wanted in slugs.items():
        at = Address.objects.filter(kind=kind, slug__in=db.among(wanted)).select_related("page")
        found |= {(kind, address.slug): address.page for address in at}
    return found


def _claim_addresses(drafts: Sequence[Draft]) -> None:
    """Make sure that each draft's slug is an address of its page, for ever."""
    at_desk = [draft for draft in drafts if not draft.beside and draft.page]
    known = _pages_at((Kind(draft.record["kind"]), draft.record["slug"]) for draft in at_desk)
    claims: dict[tuple[str, str], int] = {}
    for draft in at_desk:
        kind, slug = Kind(draft.record["kind"]), draft.record["slug"]
        owner = known.get((kind, slug))
        holder = owner.pk if owner else claims.setdefault((kind.value, slug), draft.page.pk)
        if holder != draft.page.pk:
            raise BadRecord([_taken(draft.record, owner.name if owner else slug)])
    ids = db.take_ids(Address, len(claims))
    rows = [(pk, kind, slug, page) for pk, ((kind, slug), page) in zip(ids, claims.items(), strict=True)]
    db.insert(Address, ["id", "kind", "slug", "page_id"], rows)


def _taken(record: Record, name: str) -> Problem:
    place = f"/{Kind(record['kind']).plural}/{record['slug']}/"
    return Problem(("slug",), f"{place} leads to {name!r} for ever; choose another slug")


def keep(
    *, entry: desk.Kept, by: Any, origin: Version.Origin = Version.Origin.ADMIN, comment: str = ""
) -> Version | None:
    """Keep what the desk entry says as a version. None if its newest version says the same already."""
    _require(by, f"change_{entry.kind.value}", f"change a {entry.kind.value}")
    with writing():
        page = _hold_of(entry)
        entry = _standing_now(entry)
        return _keep_entry(entry, page, by=by, origin=origin, comment=comment)


def _standing(entry: desk.Kept) -> Version:
    """The newest version of an entry that has one."""
    return Version.objects.on_desk().filter(page=entry.page).latest("number")


def _hold_of(entry: desk.Kept | None) -> Page | None:
    return hold([entry.page_id]).get(entry.page_id) if entry and entry.page_id else None


def _keep_found(entry: desk.Kept, page: Page) -> None:
    """Keep what stands on the desk, should it have got there without a version, before it is written over."""
    _keep_entry(entry, page, by=None, origin=Version.Origin.ADMIN, comment="Found on the desk.")


def _keep_entry(
    entry: desk.Kept, page: Page | None, *, by: Any, origin: Version.Origin, comment: str
) -> Version | None:
    record = drafts.read(entry)
    standing = newest(page) if page else None
    if standing and says_the_same(standing, record):
        return None
    draft = Draft(record, page, origin, comment=comment)
    _refuse_taken_page([(draft, entry)])
    version = keep_many([draft], by=by, at=timezone.now())[0]
    attach([(entry, version.page)])
    return version


def says_the_same(version: Version, record: Record) -> bool:
    """Whether a version's words, its references at today's slugs, are those of a canonical record."""
    if version.digest == records.digest(record):
        return True
    return said_today(version) == record


def _refuse_taken_page(pairs: Sequence[tuple[Draft, Any]]) -> None:
    """BadRecord where a new entry asks for the address of a page that another entry has."""
    fresh = [(draft, entry) for draft, entry in pairs if draft.page is None]
    known = _pages_at((Kind(draft.record["kind"]), draft.record["slug"]) for draft, _ in fresh)
    found = []
    for draft, entry in fresh:
        kind = Kind(draft.record["kind"])
        page = known.get((kind, draft.record["slug"]))
        owner = records.SHAPES[kind].model.objects.filter(page=page).exclude(pk=entry.pk).first() if page else None
        if owner:
            found.append(_taken(draft.record, owner.name))
    if found:
        raise BadRecord(found)


def decline(*, version: Version, by: Any, note: str = "") -> None:
    """Settle a file's proposal for the desk's text. Errors: NotAllowed; NotReady if it is no open proposal."""
    kind = version.record["kind"]
    _require(by, f"change_{kind}", f"change a {kind}")
    with writing():
        if not Version.objects.proposed().filter(pk=version.pk).exists():
            raise NotReady([f"Version {version.number} is no open proposal."])
        _decide(version, Decision.Verb.SEND_BACK, by=by, at=timezone.now(), note=note)


def mark_in_files(by_file: Mapping[str, Sequence[int]]) -> None:
    """Note of versions, by path, that they stand in a fixture file."""
    for file, versions in by_file.items():
        Version.objects.filter(pk__in=db.among(versions)).mark_in_file(file)


def attach(pairs: Iterable[tuple[desk.Kept, Page]]) -> None:
    """Tell desk entries which page is theirs."""
    rows: dict[type[Any], list[tuple[int, int]]] = defaultdict(list)
    for entry, page in pairs:
        if entry.page_id != page.pk:
            entry.page = page
            rows[type(entry)].append((page.pk, entry.pk))
    for model, values in rows.items():
        db.update(model, ["page_id"], values)


# Save


def save(
    *,
    record: Record,
    entry: desk.Kept | None,
    by: Any,
    opened_on: int | None = None,
    settled: int | None = None,
    comment: str = "",
) -> Saved:
    """Make the desk say what somebody typed, and keep it.

    record: as typed. entry: None for a new one. opened_on: number of the version that the form
    was opened on; if another has come since, the two are merged. settled: number of the version
    whose clashes the editor has seen: what was typed wins over it.
    Errors: BadRecord, Clash, NotAllowed.
    """
    kind = Kind(record["kind"])
    _require(by, f"{'change' if entry else 'add'}_{kind.value}", f"{'change' if entry else 'add'} a {kind.value}")
    try:
        with writing():
            return _save(record, entry, by=by, opened_on=opened_on, settled=settled, comment=comment)
    except (IntegrityError, KeyError) as error:
        message = "somebody saved something that this rests on at the same moment; save again"
        raise BadRecord([Problem(("name",), message)]) from error


def _save(
    record: Record, entry: desk.Kept | None, *, by: Any, opened_on: int | None, settled: int | None, comment: str
) -> Saved:
    page = _hold_of(entry)
    entry = _standing_now(entry) if entry else None
    record = drafts.cite_by_todays_slugs([record])[0]
    _refuse_bad(record, entry)
    canonical = records.canonical(record)
    # A form may have been opened before something that it refers to was renamed.
    typed = records.map_references(canonical, Directory.of([canonical]).today)
    if typed != canonical:
        _refuse_bad(typed, entry)
    if entry and page:
        _keep_found(entry, page)
    standing = newest(page) if page else None
    wanted = _merged(typed, page, standing, opened_on, settled)
    if wanted != typed:
        _refuse_bad(wanted, entry)
    entry = drafts.write(entry, wanted)
    version = _keep_entry(entry, page, by=by, origin=_origin(wanted, typed), comment=comment)
    return Saved(entry, version or _standing(entry), is_new=version is not None, merged=wanted != typed)


def _standing_now(entry: Any) -> Any:
    """The entry as it stands, once its page is held: what was read before may have been written over since."""
    found = type(entry).objects.filter(pk=entry.pk).first()
    if found is None:
        raise BadRecord([Problem(("name",), "this entry was deleted meanwhile; add it anew to keep what you typed")])
    return found


def _origin(wanted: Record, typed: Record) -> Version.Origin:
    return Version.Origin.ADMIN if wanted == typed else Version.Origin.MERGE


def _refuse_bad(record: Record, entry: desk.Kept | None) -> None:
    found = validation.problems(record)
    if not found:
        found = validation.reference_problems(record, Directory.of([record]))
        kind = Kind(record["kind"])
        others = records.SHAPES[kind].model.objects.exclude(pk=entry.pk if entry else None)
        if other := others.filter(slug=record["slug"]).first():
            message = f"{record['slug']!r} is the slug of {other.name!r}; choose another"
            found.append(Problem(("slug",), message))
    if found:
        raise BadRecord(found)


def _merged(
    typed: Record, page: Page | None, standing: Version | None, opened_on: int | None, settled: int | None
) -> Record:
    if not page or not standing or opened_on is None or opened_on == standing.number:
        return typed
    opened = page.versions.filter(number=opened_on).first()
    outcome = merge.merge(said_today(opened) if opened else None, typed, said_today(standing))
    if outcome.conflicts and settled != standing.number:
        raise Clash(outcome.conflicts, standing)
    return records.canonical(outcome.record)


def said_today(version: Version) -> Record:
    """A version's record, in today's shape and at today's slugs."""
    record = records.upgrade(version.record, version.format)
    return records.map_references(record, Directory.of([record]).today)


# Publish


def publish(
    *, versions: Sequence[Version], by: Any, note: str = "", withdrawing: Sequence[Page] = (), reason: str = ""
) -> Published:
    """Make one edition of the versions, one to a page: all or nothing.

    A tag or source that has never been published goes out with the first entry that uses it.
    withdrawing: live pages that the same edition takes down, for a reason that readers see.
    Errors: NotAllowed; NotReady where a version is live already, older than the live one, only
    proposed, incomplete, off the desk, or rests on nothing that readers can see.
    """
    _require(by, "publish_version", "publish")
    if not versions and not withdrawing:
        raise NotReady(["There is nothing to publish."])
    return _move(versions, withdrawing, by=by, note=note, reason=reason)


Outcome = Published | NotReady | None


def try_to_publish(*, versions: Sequence[Version], by: Any) -> Outcome:
    """Publish those of the versions that are not live, where what was just saved is to stay in any case.

    The edition; None where readers see all of them already; NotReady, as a value, where it is too early.
    """
    live = set(Page.objects.filter(live__in=[version.pk for version in versions]).values_list("live", flat=True))
    wanted = [version for version in versions if version.pk not in live]
    try:
        return publish(versions=wanted, by=by) if wanted else None
    except NotReady as error:
        return error


def withdraw(*, pages: Sequence[Page], by: Any, reason: str, instead: Page | None = None) -> Edition:
    """Take live pages down in one edition, with a reason and what to read instead; their history stays.

    Errors: NotAllowed; NotReady where a page is not live, no reason is given, or a live relation
    or statement elsewhere would be left with nothing to rest on.
    """
    _require(by, "publish_version", "withdraw")
    return _move([], pages, by=by, note=reason, reason=reason, instead=instead).edition


def _move(
    versions: Sequence[Version],
    withdrawing: Sequence[Page],
    *,
    by: Any,
    note: str,
    reason: str,
    instead: Page | None = None,
) -> Published:
    """One edition that publishes the versions and withdraws the pages."""
    with writing():
        number = (Edition.objects.aggregate(top=Max("number"))["top"] or 0) + 1
        pages = hold([*(version.page_id for version in versions), *(page.pk for page in withdrawing)])
        gone = [pages[page.pk] for page in withdrawing]
        _refuse_unready(versions, pages)
        if withdrawing:
            _refuse_withdrawal(gone, reason, instead)
        wanted = [*versions, *_first_used(versions)]
        pages |= hold(version.page_id for version in wanted[len(versions) :])
        who = by.pk if by else None
        _insert(Edition, number=number, at=timezone.now(), by_id=who, note=note[:300])
        moves = [(pages[version.page_id], version) for version in wanted]
        _record_changes(number, [*moves, *((page, None) for page in gone)], reason, instead)
        targets = _rewrite(wanted, pages, number)
        if withdrawing:
            if left_alone := left_unfounded({page.pk for page in gone}):
                raise NotReady(left_alone)
            db.update(Page, ["live_id", "edition_id"], [(None, number, page.pk) for page in gone])
            clear([page.pk for page in gone])
        hidden = Page.objects.filter(pk__in=db.among(targets), live__isnull=True)
        return Published(Edition.objects.get(number=number), tuple(wanted), tuple(hidden))


def _refuse_unready(versions: Sequence[Version], pages: Mapping[int, Page]) -> None:
    found = []
    if len({version.page_id for version in versions}) < len(versions):
        found.append("Two versions of one page cannot be published at once; choose one.")
    proposed = Decision.objects.filter(
        verb=Decision.Verb.PROPOSE, version__in=db.among(version.pk for version in versions)
    )
    some_proposed = set(proposed.values_list("version", flat=True))
    off_desk = _off_desk(pages[version.page_id] for version in versions)
    for version in versions:
        live = pages[version.page_id].live
        name = version.record["name"]
        if version.pk in some_proposed:
            found.append(f"{name}: version {version.number} is a file's proposal; take it over first.")
        elif live and live.pk == version.pk:
            found.append(f"{name}: version {version.number} is live already.")
        elif live and version.number < live.number:
            found.append(f"{name}: version {version.number} is older than the live one; restore it first.")
        if version.page_id in off_desk:
            found.append(f"{name}: it is no longer on the desk; restore it first.")
        found += _blocked(version)
    if found:
        raise NotReady(found)


def _blocked(version: Version) -> list[str]:
    """What keeps a version from being published, by the names that editors know."""
    problems = validation.blocks(version.record)
    rows = [problem.path for problem in problems if problem.path[0] in ROW_RELATIONS]
    pages = _pages_at((TARGET_KINDS[relation], slug) for relation, slug in rows)
    found = []
    for problem in problems:
        relation, *rest = problem.path
        target = pages.get((TARGET_KINDS[relation], rest[0])) if rest else None
        place = f"{page_content.LABELS[relation]}, {target.name}" if target else page_content.LABELS[relation]
        found.append(f"{version.record['name']}: {place}: {problem.message}")
    return found


def _off_desk(pages: Iterable[Page]) -> set[int]:
    """Those pages whose entry was deleted from the desk."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for page in pages:
        by_kind[page.kind].append(page.pk)
    found: set[int] = set()
    for kind, ids in by_kind.items():
        without = Page.objects.filter(pk__in=db.among(ids), **{f"{kind}__isnull": True})
        found |= set(without.values_list("pk", flat=True))
    return found


def _first_used(versions: Sequence[Version]) -> list[Version]:
    """The newest versions of tags and sources that these versions use and no edition ever held."""
    used: dict[Kind, set[str]] = defaultdict(set)
    for version in versions:
        for _, kind, slug in records.references(version.record):
            if kind in (Kind.TAG, Kind.SOURCE):
                used[kind].add(slug)
    here = {version.page_id for version in versions}
    found = set()
    for kind, slugs in used.items():
        fresh = Page.objects.never_published().filter(**{f"{kind.value}__isnull": False})
        fresh = fresh.filter(addresses__kind=kind, addresses__slug__in=db.among(slugs))
        found |= set(fresh.values_list("pk", flat=True))
    return list(newest_of(found - here).values())


def _record_changes(
    edition: int, moves: Sequence[tuple[Page, Version | None]], reason: str, instead: Page | None
) -> None:
    ids = db.take_ids(Change, len(moves))
    rows = []
    for pk, (page, version) in zip(ids, moves, strict=True):
        down = (reason, instead.pk if instead else None) if version is None else ("", None)
        rows.append((pk, edition, page.pk, page.live_id, version.pk if version else None, *down))
    columns = ["id", "edition_id", "page_id", "before_id", "after_id", "reason", "instead_id"]
    db.insert(Change, columns, rows)


def _rewrite(versions: Sequence[Version], pages: Mapping[int, Page], edition: int) -> set[int]:
    """Make pages, addresses, links, names and search rows those of the versions. The ids of what they link to."""
    rows = []
    for version in versions:
        record = version.record
        key = prose.sort_key(record["name"])[: desk.NAME_LENGTH]
        rows.append((record["slug"], version.pk, edition, record["name"], _summary(record), key, version.page_id))
    columns = ["slug", "live_id", "edition_id", "name", "summary", "sort_key"]
    db.update(Page, columns, rows)
    _open_addresses(versions, edition)
    clear([version.page_id for version in versions if pages[version.page_id].edition_id])
    _write_names(versions)
    texts = [(version.page_id, search.words_of(version.record)) for version in versions]
    db.insert(SearchText, ["page_id", "words"], texts)
    return _write_links(versions)


def _open_addresses(versions: Sequence[Version], edition: int) -> None:
    """Let readers use the addresses that the versions have and no edition had yet."""
    mine = {(version.page_id, version.record["slug"]) for version in versions}
    closed = Address.objects.filter(edition__isnull=True, page__in=db.among(page for page, _ in mine))
    found = closed.values_list("pk", "page_id", "slug")
    ids = [pk for pk, page, slug in found if (page, slug) in mine]
    db.update(Address, ["edition_id"], [(edition, pk) for pk in ids])


def _summary(record: Record) -> str:
    return record.get("summary") or record.get("publisher") or prose.shortened(record.get("answer", ""))


def clear(pages: Sequence[int]) -> None:
    """Take the links, names and search rows of pages away."""
    Link.objects.filter(owner__in=db.among(pages), via__isnull=False)._raw_delete("default")
    Link.objects.filter(owner__in=db.among(pages))._raw_delete("default")
    Name.objects.filter(page__in=db.among(pages))._raw_delete("default")
    SearchText.objects.filter(page__in=db.among(pages))._raw_delete("default")


def _write_names(versions: Sequence[Version]) -> None:
    names = []
    for version in versions:
        for text in dict.fromkeys([version.record["name"], *version.record.get("also_called", ())]):
            names.append((version.page_id, text, prose.sort_key(text)[: desk.NAME_LENGTH]))
    ids = db.take_ids(Name, len(names))
    rows = [(pk, *name, prose.letter(name[2])) for pk, name in zip(ids, names, strict=True)]
    db.insert(Name, ["id", "page_id", "text", "key", "letter"], rows)


def _write_links(versions: Sequence[Version]) -> set[int]:
    """Write the links of the versions; NotReady where a relation rests on nothing that readers can see."""
    wanted = [(version, list(page_content.references(version.record))) for version in versions]
    pages = _pages_at((spec.kind, spec.slug) for _, specs in wanted for spec in specs)
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
                unfounded.append(_unfounded(version, spec.relation, spec.slug))
    if unfounded:
        raise NotReady(unfounded)
    columns = ["id", "owner_id", "relation", "target_id", "via_id", "role", "note", "order"]
    db.insert(Link, columns, rows)
    return {row[3] for row in rows}


def _unfounded(version: Version, relation: str, slug: str) -> str:
    return (
        f"{version.record['name']}: {relation}, {slug}: the document that states this is not published; "
        "publish it first, or cite another"
    )


# Withdraw, restore, delete


def _refuse_withdrawal(pages: list[Page], reason: str, instead: Page | None) -> None:
    found = [f"{page.name}: it is not live." for page in pages if page.live_id is None]
    if not reason.strip():
        found.append("Write a reason: readers who come to the page will see it.")
    if instead and (instead.live_id is None or instead in pages):
        found.append(f"{instead.name}: readers cannot go there instead, for it is not live.")
    if found:
        raise NotReady(list(dict.fromkeys(found)))


def left_unfounded(gone: set[int], among: set[int] | None = None) -> list[str]:
    """Live relations and statements elsewhere that would rest on nothing if the pages `gone` were withdrawn.

    among: ids of pages whose links are about to be rewritten anyway, and do not count.
    """
    found = []
    gone_or_new = gone | (among or set())
    marks = Link.objects.filter(target__in=gone, via__isnull=False).exclude(owner__in=gone_or_new)
    cites = (Link.Relation.EVIDENCE, Link.Relation.SOURCES)
    for mark in marks.filter(relation__in=cites).select_related("target", "owner", "via__target"):
        statement: Any = mark.via
        rest = Link.objects.filter(via=statement, relation__in=cites, target__live__isnull=False)
        if not rest.exclude(target__in=gone).exists():
            found.append(
                f"{mark.target.name}: it is all that “{mark.owner.name}: {statement.target.name}” rests on; "
                "cite something else there and publish that first."
            )
    return list(dict.fromkeys(found + _statements_left_alone(gone, gone_or_new)))


def _statements_left_alone(gone: set[int], but: set[int]) -> list[str]:
    """Live texts elsewhere that cite one of the pages: their footnotes would vanish."""
    found = []
    cites = (Link.Relation.EVIDENCE, Link.Relation.SOURCES)
    links = Link.objects.filter(target__in=gone, via__isnull=True, relation__in=cites).exclude(owner__in=but)
    for link in links.select_related("target", "owner__live"):
        record: Record = link.owner.live.record if link.owner.live else {}
        said = page_content.references(record)[link.order].slug
        texts = (text for field in records.citing_fields(record) for text in records.citing_texts(record[field.name]))
        if any(said in prose.citations(text) for text in texts):
            found.append(
                f"{link.target.name}: the text of “{link.owner.name}” cites it; publish that without it first."
            )
    return found


class Missing(NotReady):
    """A version refers to entries that are no longer on the desk: `references` names them."""

    def __init__(self, references: Sequence[tuple[Kind, str]]) -> None:
        self.references = tuple(references)
        super().__init__([f"the {kind.value} {slug!r} is no longer there" for kind, slug in references])


def restore(*, version: Version, by: Any, missing: str = "refuse") -> Saved:
    """Put an old version back on the desk, exactly, as a new version. A rename in between stays.

    missing: what to do where it refers to entries that are gone: "refuse" raises Missing, "restore"
    brings their newest versions back too, "leave out" drops the references.
    """
    kind = Kind(version.record["kind"])
    _require(by, f"change_{kind.value}", f"change a {kind.value}")
    with writing():
        page = hold([version.page_id])[version.page_id]
        record = records.upgrade(version.record, version.format)
        gone = _gone(record)
        if gone and missing == "refuse":
            raise Missing(gone)
        if missing == "restore":
            for each in gone:
                restore(version=newest_at(*each), by=by, missing="leave out")
        elif gone:
            record = records.map_references(record, lambda *each: None if each in gone else each[1])
        record = records.map_references(record, Directory.of([record]).today)
        entry = records.SHAPES[kind].model.objects.filter(page=page).first()
        record["slug"] = entry.slug if entry else record["slug"]
        if entry:
            _keep_found(entry, page)
        return _put_back(record, entry, page, by=by, comment=f"Version {version.number} restored.")


def _put_back(record: Record, entry: Any, page: Page, *, by: Any, comment: str) -> Saved:
    _refuse_bad(record, entry)
    entry = drafts.write(entry, record)
    attach([(entry, page)])
    kept = _keep_entry(entry, page, by=by, origin=Version.Origin.RESTORE, comment=comment)
    return Saved(entry, kept or _standing(entry), is_new=kept is not None)


def _gone(record: Record) -> list[tuple[Kind, str]]:
    directory = Directory.of([record])
    named = dict.fromkeys((kind, slug) for _, kind, slug in records.references(record))
    return [each for each in named if not directory.knows(*each)]


def newest_at(kind: Kind, slug: str) -> Version:
    """The newest version on the desk of the page at an address. Version.DoesNotExist if there is none."""
    versions = Version.objects.on_desk().filter(page__addresses__kind=kind, page__addresses__slug=slug)
    return versions.latest("number")


def delete(*, entry: desk.Kept, by: Any) -> None:
    """Take an entry off the desk. Its versions stay, and can be restored.

    Errors: NotAllowed; NotReady where it is live or others refer to it, naming them.
    """
    _require(by, f"delete_{entry.kind.value}", f"delete a {entry.kind.value}")
    with writing():
        page = _hold_of(entry)
        entry = _standing_now(entry)
        found = [f"{entry.name}: it is live; withdraw it first."] if page and page.live_id else []
        found += [f"{entry.name}: {who} refers to it; take that out first." for who in referrers(entry)]
        if found:
            raise NotReady(found)
        _keep_entry(entry, page, by=by, origin=Version.Origin.ADMIN, comment="As it was when deleted.")
        entry.delete()


def referrers(entry: Any) -> list[str]:
    """Who on the desk refers to the entry, as "condition 'Bell’s palsy'", sorted."""
    found = set()
    for shape in records.SHAPES.values():
        for rows in shape.rows:
            if rows.kind == entry.kind:
                named = rows.model.objects.filter(**{rows.target: entry}).select_related(rows.owner)
                found |= {getattr(row, rows.owner) for row in named}
    own = ContentType.objects.get_for_model(type(entry))
    if entry.kind is Kind.TAG:
        found |= {_owner(one.content_object) for one in entry.tagged.all()}
    if entry.kind in (Kind.QUESTION, Kind.SOURCE):
        found |= {_owner(one.owner) for one in entry.citations.all() if one.owner != entry}
    about = desk.About.objects.filter(content_type=own, object_id=entry.pk).select_related("question")
    found |= {one.question for one in about}
    return sorted(f"{one.kind.value} {one.name!r}" for one in found if one and one != entry)


def _owner(thing: Any) -> Any:
    """The entry that a tagged or cited thing belongs to: itself, or the owner of a relation row."""
    owners = {rows.model: rows.owner for shape in records.SHAPES.values() for rows in shape.rows}
    return getattr(thing, owners[type(thing)]) if type(thing) in owners else thing


def tags_named(names: Iterable[str], *, by: Any) -> list[str]:
    """The slugs of tags typed by name or slug, sorted; tags that did not exist are kept as new ones."""
    slugs: dict[str, str] = {}
    for name in names:
        if not (slug := records.slug_of(name)):
            raise BadRecord([Problem(("tags",), f"{name!r} has no letters or digits; write a name that has")])
        _refuse_other_signs(name, slugs.setdefault(slug, prose.canonical_line(name)))
    with writing():
        directory = Directory((Kind.TAG, slug) for slug in slugs)
        for tag in desk.Tag.objects.filter(slug__in=slugs):
            _refuse_other_signs(slugs[tag.slug], tag.name)
        for slug, name in slugs.items():
            if not directory.knows(Kind.TAG, slug):
                group = desk.Tag.Group.TOPIC.value
                save(record={"kind": "tag", "slug": slug, "name": name, "group": group}, entry=None, by=by)
        return sorted({directory.today(Kind.TAG, slug) for slug in slugs})


def _refuse_other_signs(typed: str, name: str) -> None:
    """BadRecord where what was typed would silently become a tag that says something else."""
    if prose.signs(typed) != prose.signs(name):
        message = (
            f"{typed!r} and {name!r} would be one tag, for a tag is its letters and digits; write the sign as a word"
        )
        raise BadRecord([Problem(("tags",), message)])


# Tags that are one


@dataclass(frozen=True)
class MergedTags:
    """What merging two tags changed."""

    versions: tuple[Version, ...]
    publishable: tuple[Version, ...]
    """Those whose entries were live and unchanged before."""
    deleted: bool
    """Whether the tag is off the desk; not while it is live, or where `by` may delete none."""


def merge_tags(*, tag: desk.Tag, into: desk.Tag, by: Any) -> MergedTags:
    """Make every entry and relation that carries `tag` carry `into` instead, and delete `tag` if that may be.

    Each entry keeps a version, as a draft. Errors: NotAllowed; NotReady where they are one tag.
    """
    _require(by, "change_tag", "change a tag")
    if tag.pk == into.pk:
        raise NotReady([f"{tag.name}: choose another tag than itself."])
    with writing():
        tag, into = _standing_now(tag), _standing_now(into)
        carriers = _carriers(tag)
        for kind in {one.kind for one in carriers}:
            _require(by, f"change_{kind.value}", f"change a {kind.value}")
        held = hold([one.page_id for one in (tag, *carriers) if one.page_id])
        unchanged = _live_and_unchanged(carriers, held)
        versions = _retag(carriers, held, tag, into, by)
        page = held.get(tag.page_id) if tag.page_id else None
        deleted = may(by, "delete_tag") and not (page and page.live_id)
        if deleted:
            delete(entry=tag, by=by)
        publishable = tuple(version for version in versions if version.page_id in unchanged)
        return MergedTags(tuple(versions), publishable, deleted)


def _carriers(tag: desk.Tag) -> list[Any]:
    """The entries that carry a tag, themselves or on a relation row."""
    found: list[Any] = []
    for shape in records.SHAPES.values():
        if "tags" in shape.marks:
            keys = Q(pk__in=_tagged(shape.model, tag))
            for rows in shape.rows:
                keys |= Q(pk__in=rows.model.objects.filter(pk__in=_tagged(rows.model, tag)).values(rows.owner))
            found += shape.model.objects.filter(keys)
    return found


def _tagged(model: Any, tag: desk.Tag) -> Any:
    return desk.Tagged.objects.filter(content_type=ContentType.objects.get_for_model(model), tag=tag).values(
        "object_id"
    )


def _live_and_unchanged(entries: Sequence[Any], held: Mapping[int, Page]) -> set[int]:
    """The pages of entries whose newest version is live. What stands on the desk without a version gets one."""
    standing = newest_of(one.page_id for one in entries if one.page_id)
    read = {kind: dict(_read(kind, {one.pk: one for one in entries if one.kind is kind})) for kind in Kind}
    same = set()
    for entry in entries:
        page, version = held.get(entry.page_id), standing.get(entry.page_id)
        if version is None or not says_the_same(version, read[entry.kind][entry.pk]):
            _keep_entry(entry, page, by=None, origin=Version.Origin.ADMIN, comment="Found on the desk.")
        elif page and page.live_id == version.pk:
            same.add(page.pk)
    return same


def _retag(entries: Sequence[Any], held: Mapping[int, Page], tag: desk.Tag, into: desk.Tag, by: Any) -> list[Version]:
    """Write entries, all of which have pages, with one tag for another, and keep them."""

    def today(kind: Kind, slug: str) -> str:
        return into.slug if (kind, slug) == (Kind.TAG, tag.slug) else slug

    items = []
    for kind in Kind:
        some = {one.pk: one for one in entries if one.kind is kind}
        items += [(some[pk], records.map_references(old, today)) for pk, old in _read(kind, some)]
    drafts.write_many(items)
    comment = f"Tag {tag.name!r} merged into {into.name!r}."
    pages = [held.get(entry.page_id) or entry.page for entry, _ in items]
    retagged = [
        Draft(record, page, Version.Origin.ADMIN, comment=comment)
        for (_, record), page in zip(items, pages, strict=True)
    ]
    return keep_many(retagged, by=by, at=timezone.now())


def _read(kind: Kind, entries: Mapping[int, Any]) -> Iterable[tuple[int, Record]]:
    return drafts.read_many(kind, entries.values()).items() if entries else ()
