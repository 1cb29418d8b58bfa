"""Putting an old version back, and taking an entry off the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conditions import drafts, records
from conditions.drafts import SlugResolver
from conditions.models import desk
from conditions.models.published import (
    Kind,
    Page,
    Version,
)
from conditions.publishing.access import Refused, lock_pages, require, write_lock
from conditions.publishing.saving import Saved, refuse_invalid
from conditions.publishing.versions import (
    fresh_entry,
    link_pages,
    lock_page_of,
    newest_at,
    newest_of_entry,
    version_entry,
    version_unversioned,
)
from conditions.records import Record
from conditions.usage import referrers


class Missing(Refused):
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
    require(by, f"change_{kind.value}", f"change a {kind.value}")
    with write_lock():
        page = lock_pages([version.page_id])[version.page_id]
        record = records.upgrade(version.record, version.format)
        gone = _gone(record)
        if gone and missing == "refuse":
            raise Missing(gone)
        if missing == "restore":
            for each in gone:
                restore(version=newest_at(*each), by=by, missing="leave out")
        elif gone:
            record = records.map_references(record, lambda *each: None if each in gone else each[1])
        record = records.map_references(record, SlugResolver.of([record]).current)
        entry = records.SHAPES[kind].model.objects.filter(page=page).first()
        record["slug"] = entry.slug if entry else record["slug"]
        if entry:
            version_unversioned(entry, page)
        return _restore_record(record, entry, page, by=by, comment=f"Version {version.number} restored.")


def _restore_record(record: Record, entry: Any, page: Page, *, by: Any, comment: str) -> Saved:
    refuse_invalid(record, entry)
    entry = drafts.write(entry, record)
    link_pages([(entry, page)])
    kept = version_entry(entry, page, by=by, origin=Version.Origin.RESTORE, comment=comment)
    return Saved(entry, kept or newest_of_entry(entry), is_new=kept is not None)


def _gone(record: Record) -> list[tuple[Kind, str]]:
    directory = SlugResolver.of([record])
    named = dict.fromkeys((kind, slug) for _, kind, slug in records.references(record))
    return [each for each in named if not directory.knows(*each)]


def delete(*, entry: desk.VersionedEntry, by: Any) -> None:
    """Take an entry off the desk. Its versions stay, and can be restored.

    Errors: NotAllowed; Refused where it is live or others refer to it, naming them.
    """
    require(by, f"delete_{entry.kind.value}", f"delete a {entry.kind.value}")
    with write_lock():
        page = lock_page_of(entry)
        entry = fresh_entry(entry)
        found = [f"{entry.name}: it is live; withdraw it first."] if page and page.live_id else []
        found += [f"{entry.name}: {who} refers to it; take that out first." for who in referrers(entry)]
        if found:
            raise Refused(found)
        version_entry(entry, page, by=by, origin=Version.Origin.ADMIN, comment="As it was when deleted.")
        entry.delete()
