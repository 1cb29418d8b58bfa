"""Editions: what readers see moves here and nowhere else."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from conditions import db, validation
from conditions.drafts import names_of
from conditions.models.published import Change, Decision, Edition, Page, Version
from conditions.publishing import approval, quoting, reviews, totals, touched
from conditions.publishing.access import By, Refused, System, lock_pages, name_of, require, user_of, write_lock
from conditions.publishing.index import clear_index, sort_key_of, update_pages
from conditions.publishing.versions import add_decision, newest_of, pages_at
from conditions.records import Blocker, Record, references, schema_of, upgrade
from conditions.schema import SCHEMAS, Kind
from conditions.usage import claims_left_without_evidence

Why = tuple[str, int | None]
"""Why a page was withdrawn, and the page to read instead."""
NO_REASONS: Mapping[int, Why] = {}


@dataclass(frozen=True)
class Published:
    """One edition: what it moved, and the relations that stay hidden until their targets are live."""

    edition: Edition
    versions: tuple[Version, ...]
    hidden: tuple[Page, ...]


def publish(
    *,
    versions: Sequence[Version],
    by: By,
    note: str = "",
    withdrawing: Sequence[Page] = (),
    reason: str = "",
    instead: Page | None = None,
    correction: str = "",
) -> Published:
    """Make one edition of the versions, one to a page: all or nothing.

    A tag or source that has never been published goes out with the first entry that uses it.
    withdrawing: live pages that the same edition takes down, for a reason that readers see, and what they
    are to read instead. correction: why versions that are not approved may go out where REQUIRE_REVIEW is set: they
    change no meaning, and wait for review.
    Errors: NotAllowed; Refused where a version is live already, older than the live one, only
    proposed, incomplete, off the desk, or rests on nothing that readers can see, or is not approved and has to be.
    """
    require(by, "publish_version", "publish")
    if not versions and not withdrawing:
        raise Refused(["There is nothing to publish."])
    with write_lock():
        _refuse_unreviewed(versions, by, correction)
        published = make_edition(versions, withdrawing, by=by, note=note, reason=reason, instead=instead)
        _note_corrections(versions, by, correction)
        return published


def _refuse_unreviewed(versions: Sequence[Version], by: By, correction: str) -> None:
    """Refused where versions have to be approved, and are not. Whoever loads files from the command line may."""
    if isinstance(by, System):
        return
    here = {version.page_id for version in versions}
    along = [one for one in first_used(version.record for version in versions) if one.page_id not in here]
    found = approval.blockers(versions, along, is_correction=bool(correction.strip()))
    if any(found):
        raise Refused([one for some in found for one in some])


def _note_corrections(versions: Sequence[Version], by: By, correction: str) -> None:
    if settings.REQUIRE_REVIEW and correction.strip():
        for version in versions:
            add_decision(version, Decision.Verb.CORRECT, by=by, at=timezone.now(), note=correction.strip())


@dataclass(frozen=True)
class PublishResult:
    """How publishing went, where what was just saved is to stay in any case.

    published: None where nothing went out; then blocked_by says why, or is empty if readers see all of it already.
    """

    published: Published | None
    blocked_by: tuple[str, ...] = ()


def try_to_publish(
    *,
    versions: Sequence[Version],
    by: By,
    withdrawing: Sequence[Page] = (),
    reason: str = "",
    instead: Page | None = None,
) -> PublishResult:
    """Publish those of the versions that say something else than is live, as `publish` does. Errors: NotAllowed."""
    live = dict(Page.objects.live().filter(pk__in=[one.page_id for one in versions]).values_list("pk", "live__digest"))
    wanted = [version for version in versions if live.get(version.page_id) != version.digest]
    try:
        if not wanted and not withdrawing:
            return PublishResult(None)
        return PublishResult(publish(versions=wanted, by=by, withdrawing=withdrawing, reason=reason, instead=instead))
    except Refused as error:
        return PublishResult(None, error.problems)


def withdraw(*, pages: Sequence[Page], by: By, reason: str, instead: Page | None = None) -> Edition:
    """Take live pages down in one edition, with a reason and what to read instead; their history stays.

    Errors: NotAllowed; Refused where a page is not live, no reason is given, or a live relation
    or statement elsewhere would be left with nothing to rest on.
    """
    require(by, "publish_version", "withdraw")
    # Asked again below, where nobody else writes; what is refused here keeps nobody waiting.
    if left_alone := claims_left_without_evidence({page.pk for page in pages}):
        raise Refused(left_alone)
    return make_edition([], pages, by=by, note=reason, reason=reason, instead=instead).edition


def make_edition(
    versions: Sequence[Version],
    withdrawing: Sequence[Page],
    *,
    by: By,
    note: str,
    reason: str,
    instead: Page | None = None,
    goes_back: bool = False,
    again: Mapping[int, Why] = NO_REASONS,
) -> Published:
    """One edition that publishes the versions and withdraws the pages. Errors: Refused.

    goes_back: versions may be older than the live ones. again: reasons of pages that were withdrawn before.
    """
    with write_lock():
        number = (Edition.objects.aggregate(top=Max("number"))["top"] or 0) + 1
        pages = lock_pages([*(version.page_id for version in versions), *(page.pk for page in withdrawing)])
        gone = [pages[page.pk] for page in withdrawing]
        bring_forward(versions)
        _refuse_unready(versions, pages, goes_back)
        here = {version.page_id for version in versions}
        fresh = first_used(version.record for version in versions)
        wanted = [*versions, *(version for version in fresh if version.page_id not in here)]
        bring_forward(wanted)
        pages |= lock_pages(version.page_id for version in wanted[len(versions) :])
        if wrong := [one for found in quoting.blockers([(one.record, one.page_id) for one in wanted]) for one in found]:
            raise Refused(wrong)
        if withdrawing:
            _refuse_withdrawal(gone, reason, instead, {version.page_id for version in wanted}, again)
        moves = [*((pages[version.page_id], version) for version in wanted), *((page, None) for page in gone)]
        _insert(number, by, note, len(moves))
        down = reason, instead.pk if instead else None
        _record_changes(number, moves, {page.pk: again.get(page.pk, down) for page in gone})
        with totals.kept(page.pk for page, _ in moves), touched.noted(number, [page for page, _ in moves]):
            targets = update_pages(wanted, pages, number)
            reviews.note(pages, wanted)
            _take_down(gone, number)
        hidden = Page.objects.filter(pk__in=db.in_values(targets), live__isnull=True)
        return Published(Edition.objects.get(number=number), tuple(wanted), tuple(hidden))


def note_edition(pages: Sequence[Page], *, by: By, note: str, now: datetime | None = None) -> None:
    """An edition that moves no page to another version, but what readers are told of the review of live pages.

    Call it with the lock. now: whether a review is due is decided by it.
    """
    number = (Edition.objects.aggregate(top=Max("number"))["top"] or 0) + 1
    _insert(number, by, note, 0)
    with touched.noted(number, pages):
        reviews.note({page.pk: page for page in pages}, [page.live for page in pages if page.live], now)


def _take_down(pages: Sequence[Page], number: int) -> None:
    """Refused where a live statement would rest on nothing else; only the links of what is live now say so."""
    if not pages:
        return
    gone = [page.pk for page in pages]
    if left_alone := claims_left_without_evidence(set(gone)):
        raise Refused(left_alone)
    db.update(Page, ["live_id", "edition_id"], [(None, number, page) for page in gone])
    clear_index(gone)


def _insert(number: int, by: By, note: str, moved: int) -> None:
    user = user_of(by)
    who = {"by_id": user.pk if user else None, "by_name": name_of(by)}
    said = {"token": secrets.token_hex(8), "at": timezone.now(), "note": note[:300], "moved": moved}
    db.insert_one(Edition, number=number, **who, **said)


def bring_forward(versions: Iterable[Version]) -> None:
    """Let versions that an older program wrote say it in the form that links and names are read from."""
    for version in versions:
        version.record = upgrade(version.record, version.format)


def _refuse_unready(versions: Sequence[Version], pages: Mapping[int, Page], goes_back: bool) -> None:
    found: list[str] = []
    if len({version.page_id for version in versions}) < len(versions):
        found.append("Two versions of one page cannot be published at once; choose one.")
    found += out_of_turn(versions, pages, goes_back=goes_back)
    gone = off_desk(pages[version.page_id] for version in versions)
    found += [deleted(version) for version in versions if version.page_id in gone]
    found += [one for some in blocked([(one.record, one.page_id) for one in versions]) for one in some]
    if found:
        raise Refused(found)


def out_of_turn(versions: Sequence[Version], pages: Mapping[int, Page], *, goes_back: bool = False) -> list[str]:
    """Which versions cannot follow what is live on their pages: they are proposals, live already, or older.

    goes_back: older ones can.
    """
    proposed = Decision.objects.filter(
        verb=Decision.Verb.PROPOSE, version__in=db.in_values(version.pk for version in versions)
    )
    some_proposed = set(proposed.values_list("version", flat=True))
    found = []
    for version in versions:
        live = pages[version.page_id].live
        name = version.record["name"]
        if version.pk in some_proposed:
            found.append(f"{name}: version {version.number} is a content file's proposal; accept it first.")
        elif live and live.pk == version.pk:
            found.append(f"{name}: version {version.number} is already live.")
        elif live and version.number < live.number and not goes_back:
            found.append(f"{name}: version {version.number} is older than the live one; restore it first.")
    return found


def deleted(version: Version) -> Blocker:
    """What to say of a version whose entry is not on the desk."""
    return Blocker(f"{version.record['name']}: it has been deleted; restore it first.", version.page_id, ())


def blocked(items: Sequence[tuple[Record, int | None]]) -> list[list[Blocker]]:
    """What keeps records of pages from being published, of each by itself, by the names that editors know."""
    problems = [validation.publish_blockers(record) for record, _ in items]
    places = [{one.path: (one.kind, one.slug) for one in references(record)} for record, _ in items]
    wanted = [at[one.path] for some, at in zip(problems, places, strict=True) for one in some if one.path in at]
    pages = pages_at(wanted)
    names = names_of(pages.values())
    found = []
    for (record, page), some, at in zip(items, problems, places, strict=True):
        label, said = schema_of(record).label_of, []
        for problem in some:
            target = pages.get(at[problem.path]) if problem.path in at else None
            place = ", ".join([label(problem.path[0]), *([names[target.pk]] if target else [])])
            said.append(Blocker(f"{record['name']}: {place}: {problem.message}", page, problem.path))
        found.append(said)
    return found


def off_desk(pages: Iterable[Page]) -> set[int]:
    """Those pages whose entry was deleted from the desk."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for page in pages:
        by_kind[page.kind].append(page.pk)
    found: set[int] = set()
    for kind, ids in by_kind.items():
        without = Page.objects.filter(pk__in=db.in_values(ids), **{f"{kind}__isnull": True})
        found |= set(without.values_list("pk", flat=True))
    return found


def first_used(record_list: Iterable[Record]) -> list[Version]:
    """The newest versions of what records use, no edition ever held, and goes out with its first user."""
    used: dict[Kind, set[str]] = defaultdict(set)
    for record in record_list:
        for one in references(record):
            if SCHEMAS[one.kind].follows_its_user:
                used[one.kind].add(one.slug)
    found: set[int] = set()
    for kind, slugs in used.items():
        fresh = Page.objects.never_published().filter(**{f"{kind.value}__isnull": False})
        fresh = fresh.filter(addresses__kind=kind, addresses__slug__in=db.in_values(slugs))
        found |= set(fresh.values_list("pk", flat=True))
    return list(newest_of(found).values())


def _record_changes(edition: int, moves: Sequence[tuple[Page, Version | None]], why: Mapping[int, Why]) -> None:
    def in_lists(move: tuple[Page, Version | None]) -> tuple[str, str, int]:
        page, version = move
        return page.kind, sort_key_of(version.record) if version else page.sort_key, page.pk

    ids = db.take_ids(Change, len(moves))
    rows = []
    for place, (page, version) in enumerate(sorted(moves, key=in_lists), 1):
        down = why.get(page.pk, ("", None))
        rows.append((ids[place - 1], edition, page.pk, page.live_id, version.pk if version else None, *down, place))
    columns = ["id", "edition_id", "page_id", "before_id", "after_id", "reason", "instead_id", "place"]
    db.insert(Change, columns, rows)


def _refuse_withdrawal(
    pages: list[Page], reason: str, instead: Page | None, coming: set[int], again: Mapping[int, Why]
) -> None:
    names = names_of([*pages, *([instead] if instead else [])])
    found = [f"{names[page.pk]}: it is not live." for page in pages if page.live_id is None]
    if not reason.strip() and any(page.pk not in again for page in pages):
        found.append("Write a reason: readers who come to the page will see it.")
    if instead and ((instead.live_id is None and instead.pk not in coming) or instead in pages):
        found.append(f"{names[instead.pk]}: readers cannot be sent there, because it is not live.")
    if found:
        raise Refused(list(dict.fromkeys(found)))
