"""Putting an old version back, and taking an entry off the desk."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from conditions import drafts, records
from conditions.drafts import SlugResolver, current_record
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Page, Version
from conditions.publishing.access import By, Refused, lock_pages, require, write_lock
from conditions.publishing.saving import Saved, refuse_invalid
from conditions.publishing.versions import (
    cancel_schedule,
    fresh_entry,
    link_pages,
    lock_page_of,
    newest_at,
    newest_of_entry,
    version_entry,
    version_unversioned,
)
from conditions.records import Record
from conditions.schema import Kind
from conditions.usage import uses_of


class Missing(Enum):
    """What to do where an old version refers to entries that are no longer on the desk."""

    REFUSE = "refuse"
    RESTORE = "restore"
    """Bring their newest versions back too."""
    LEAVE_OUT = "leave out"
    """Drop the references."""


class MissingReferences(Refused):
    """A version refers to entries that are no longer on the desk: `references` names them."""

    def __init__(self, references: Sequence[tuple[Kind, str]]) -> None:
        self.references = tuple(references)
        super().__init__([f"the {kind.label} {slug!r} is no longer there" for kind, slug in references])


def restore(*, version: Version, by: By, missing: Missing = Missing.REFUSE) -> Saved:
    """Put an old version back on the desk, exactly, as a new version. A rename in between stays.

    Errors: NotAllowed; InvalidRecord; MissingReferences unless `missing` says what to do about them.
    """
    kind = Kind(version.record["kind"])
    require(by, f"change_{kind.value}", f"change a {kind.label}")
    with write_lock():
        page = lock_pages([version.page_id])[version.page_id]
        record = records.upgrade(version.record, version.format)
        gone = _gone(record)
        if gone and missing is Missing.REFUSE:
            raise MissingReferences(gone)
        if missing is Missing.RESTORE:
            for place in gone:
                restore(version=newest_at(*place), by=by, missing=Missing.LEAVE_OUT)
        elif gone:
            record = records.map_references(record, lambda *place: None if place in gone else place[1])
        record = records.map_references(record, SlugResolver.of([record]).current)
        entry = desk.entries(kind).filter(page=page).first()
        record["slug"] = entry.slug if entry else record["slug"]
        if entry:
            version_unversioned(entry, page)
        return _write(record, entry, page, by=by, comment=f"Version {version.number} restored.")


def discard(*, entry: VersionedEntry, by: By, seen: tuple[int, int] | None = None) -> Saved:
    """Put what readers see back on the desk, its address too, as a new version. What the draft said stays a version.

    seen: the numbers of the newest version and of the live one when somebody looked at what goes.
    Errors: NotAllowed; InvalidRecord; MissingReferences; Refused where nothing is live, or others have come since.
    """
    require(by, f"change_{entry.kind.value}", f"change a {entry.kind.label}")
    with write_lock():
        page = lock_page_of(entry)
        entry = fresh_entry(entry)
        if page is None or page.live is None:
            raise Refused([f"{entry.name}: readers do not see it, so its draft is all that there is."])
        version_unversioned(entry, page)
        if seen is not None and seen != (newest_of_entry(entry).number, page.live.number):
            raise Refused([f"{entry.name}: somebody has saved or published it meanwhile. Look once more at what goes."])
        record = current_record(page.live)
        if gone := _gone(record):
            raise MissingReferences(gone)
        cancel_schedule(page.pk, by=by)
        comment = f"The draft was thrown away: version {page.live.number} again."
        return _write(record, entry, page, by=by, comment=comment)


def _write(record: Record, entry: VersionedEntry | None, page: Page, *, by: By, comment: str) -> Saved:
    refuse_invalid(record, entry)
    entry = drafts.write(entry, record)
    link_pages([(entry, page)])
    version = version_entry(entry, page, by=by, origin=Version.Origin.RESTORE, comment=comment)
    return Saved(entry, version or newest_of_entry(entry), is_new=version is not None)


def _gone(record: Record) -> list[tuple[Kind, str]]:
    resolver = SlugResolver.of([record])
    named = dict.fromkeys((one.kind, one.slug) for one in records.references(record))
    return [place for place in named if not resolver.knows(*place)]


def delete(*, entry: VersionedEntry, by: By) -> None:
    """Take an entry off the desk. Its versions stay, and can be restored.

    Errors: NotAllowed; Refused where it is live or others refer to it, naming them.
    """
    require(by, f"delete_{entry.kind.value}", f"delete a {entry.kind.label}")
    with write_lock():
        page = lock_page_of(entry)
        entry = fresh_entry(entry)
        found = [f"{entry.name}: it is live; withdraw it first."] if page and page.live_id else []
        found += [f"{entry.name}: {use} refers to it; remove that first." for use in sorted(map(str, uses_of(entry)))]
        if found:
            raise Refused(found)
        version_entry(entry, page, by=by, origin=Version.Origin.ADMIN, comment="As it was when deleted.")
        entry.delete()
