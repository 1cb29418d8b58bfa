"""Two tags that mean one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from conditions import db, drafts, records
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Page, Version
from conditions.publishing.access import By, Refused, lock_pages, may, require, write_lock
from conditions.publishing.editions import PublishResult, try_to_publish
from conditions.publishing.restoring import delete
from conditions.publishing.versions import (
    Draft,
    create_versions,
    fresh_entry,
    lock_page_of,
    newest_of,
    same_content,
    version_unversioned,
)
from conditions.records import Record
from conditions.schema import Kind
from conditions.usage import Use, seen_on, uses_of


@dataclass(frozen=True)
class MergedTags:
    """What merging two tags changed."""

    versions: tuple[Version, ...]
    result: PublishResult
    """What went out, of the entries that were live and unchanged before, where it was asked for; or what blocked it."""
    shown_on: tuple[Use, ...]
    """The live pages that still show readers the tag. While there are any, or nothing is published, it stays live."""
    is_live: bool
    is_withdrawn: bool
    """Whether the edition took the page of the tag down."""
    is_deleted: bool
    """Whether the tag is off the desk; not while it is live, or where `by` may delete none."""

    @property
    def drafts(self) -> tuple[Version, ...]:
        """The changed entries that were not published."""
        published = self.result.published
        out = {version.pk for version in published.versions} if published else set()
        return tuple(version for version in self.versions if version.pk not in out)


def merge_tags(*, tag: VersionedEntry, into: VersionedEntry, by: By, publishes: bool = False) -> MergedTags:
    """Make every entry and relation that carries `tag` carry `into` instead, and delete `tag` if that may be.

    Each entry keeps a version, as a draft. publishes: those that were live and unchanged go out, and where no other
    live page shows `tag`, the same edition withdraws it. Errors: NotAllowed; Refused where they are one tag.
    """
    require(by, "change_tag", "change a tag")
    if tag.pk == into.pk:
        raise Refused([f"{tag.name}: choose a different tag."])
    with write_lock():
        tag, into = fresh_entry(tag), fresh_entry(into)
        carriers = _carriers(tag)
        for kind in {one.kind for one in carriers}:
            require(by, f"change_{kind.value}", f"change a {kind.label}")
        locked = lock_pages([one.page_id for one in (tag, *carriers) if one.page_id])
        unchanged = _live_and_unchanged(carriers, locked)
        comment = f"Tag {tag.name!r} merged into {into.name!r}."
        versions = _retag(carriers, locked, tag.slug, into.slug, by=by, comment=comment)
        ready = [version for version in versions if version.page_id in unchanged]
        was_live = bool(tag.page_id and locked[tag.page_id].live_id)
        result = _publish(ready, tag, into, by=by) if publishes else PublishResult(None)
        page = lock_page_of(tag)
        is_live = page is not None and page.live_id is not None
        is_deleted = may(by, "delete_tag") and not is_live
        if is_deleted:
            delete(entry=tag, by=by)
        shown_on = tuple(seen_on([page.pk])) if page and is_live else ()
        is_withdrawn = was_live and not is_live
        return MergedTags(tuple(versions), result, shown_on, is_live, is_withdrawn, is_deleted)


def _publish(ready: Sequence[Version], tag: VersionedEntry, into: VersionedEntry, *, by: By) -> PublishResult:
    """Publish versions, and withdraw the page of a tag if they are of all the live pages that show it; or why not."""
    ids = db.in_values(version.page_id for version in ready)
    others = Page.objects.live().filter(links_out__target=tag.page_id).exclude(pk__in=ids)
    withdrawing = Page.objects.live().filter(tag__pk=tag.pk) if not others.exists() else Page.objects.none()
    # A tag that was never published goes out with the first that carries it.
    seen = Q(live__isnull=False) | Q(edition__isnull=True) if ready else Q(live__isnull=False)
    kept = Page.objects.filter(seen, tag__pk=into.pk).first() if withdrawing else None
    reason = f"It means the same as “{into.name}”."
    return try_to_publish(versions=ready, by=by, withdrawing=list(withdrawing), reason=reason, instead=kept)


def _carriers(tag: VersionedEntry) -> list[VersionedEntry]:
    """The entries that carry a tag, themselves or on a relation row."""
    keys: dict[Kind, list[int]] = defaultdict(list)
    for use in uses_of(tag):
        keys[use.kind].append(use.pk)
    return [entry for kind, found in keys.items() for entry in desk.entries(kind).filter(pk__in=db.in_values(found))]


def _live_and_unchanged(entries: Sequence[VersionedEntry], locked: Mapping[int, Page]) -> set[int]:
    """The pages of entries whose newest version is live. What is on the desk without a version gets one."""
    latest = newest_of(one.page_id for one in entries if one.page_id)
    same = set()
    for entry, record in _read(entries):
        page, version = locked.get(entry.page_id or 0), latest.get(entry.page_id or 0)
        if version is None or not same_content(version, record):
            version_unversioned(entry, page)
        elif page and page.live and page.live.digest == version.digest:
            same.add(page.pk)
    return same


def _retag(
    entries: Sequence[VersionedEntry], locked: Mapping[int, Page], tag: str, into: str, *, by: By, comment: str
) -> list[Version]:
    """Write entries, all of which have pages, with one tag for another, and keep them."""

    def current(kind: Kind, slug: str) -> str:
        return into if (kind, slug) == (Kind.TAG, tag) else slug

    items = [(entry, records.canonical(records.map_references(record, current))) for entry, record in _read(entries)]
    drafts.write_many(items)
    retagged = [
        Draft(record, locked.get(entry.page_id or 0) or entry.page, Version.Origin.ADMIN, comment=comment)
        for entry, record in items
    ]
    return create_versions(retagged, by=by, at=timezone.now())


def _read(entries: Sequence[VersionedEntry]) -> list[tuple[VersionedEntry, Record]]:
    """Entries with their records, kind by kind."""
    found = []
    for kind in Kind:
        some = {one.pk: one for one in entries if one.kind is kind}
        found += [(some[pk], record) for pk, record in drafts.read_many(kind, some.values()).items()] if some else []
    return found
