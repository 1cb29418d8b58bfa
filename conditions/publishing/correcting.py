"""Correcting what readers see while a draft waits: it is published at once, and goes into the draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from conditions import drafts, merge
from conditions.models.desk import VersionedEntry
from conditions.models.published import Page, Version
from conditions.publishing.access import By, Refused, require, write_lock
from conditions.publishing.editions import Published, publish
from conditions.publishing.reviews import correction_of
from conditions.publishing.saving import Edit, prepare, refuse_invalid
from conditions.publishing.versions import (
    fresh_entry,
    lock_page_of,
    newest_of_entry,
    version_entry,
    version_unversioned,
)
from conditions.records import Record, canonical


class Clash(Enum):
    """What the draft is to say where it says something else than both what readers see and the correction."""

    ASK = "ask"
    DRAFT = "draft"
    CORRECTION = "correction"


class DraftClash(Exception):
    """The draft says something else in places that are corrected: `conflicts`. draft: its newest version.

    typed: what the live version is to say.
    """

    def __init__(self, conflicts: Sequence[merge.Conflict], draft: Version, typed: Record) -> None:
        self.conflicts, self.draft, self.typed = tuple(conflicts), draft, typed
        super().__init__(f"{len(conflicts)} places of version {draft.number} say something else")


@dataclass(frozen=True)
class Corrected:
    """What was published, and the newest version of the draft, which has the correction too."""

    published: Published
    draft: Version


def correct(
    *,
    record: Record,
    entry: VersionedEntry,
    by: By,
    seen: int,
    clash: Clash = Clash.ASK,
    draft_seen: int = 0,
    reason: str = "",
) -> Corrected:
    """Publish a correction of the live version, and merge it into the draft.

    record: what the live version is to say. seen: the number of the version that was live when it was opened.
    draft_seen: that of the newest one, when `clash` was chosen: where another one has come since, it is asked again.
    reason: why it needs no approval, where REQUIRE_REVIEW is set.
    Errors: NotAllowed; InvalidRecord; DraftClash where it is asked; Refused where readers see another version by now or
    nothing is changed, and as `publish` has it.
    """
    require(by, f"change_{entry.kind.value}", f"change a {entry.kind.label}")
    require(by, "publish_version", "correct what readers see")
    with write_lock():
        page = lock_page_of(entry)
        entry = fresh_entry(entry)
        live = _live(entry, page, seen)
        version_unversioned(entry, page)
        draft, waiting = newest_of_entry(entry), drafts.read(entry)
        typed, base = prepare(Edit(record, entry)).record, drafts.current_record(live)
        if typed == base:
            raise Refused([f"{entry.name}: nothing was changed."])
        clash = clash if draft.number == draft_seen else Clash.ASK
        merged = _into_draft(base, waiting, typed, draft, clash)
        refuse_invalid(merged, entry)
        entry = drafts.write(entry, typed)
        comment = correction_of(live)
        corrected = version_entry(entry, page, by=by, origin=Version.Origin.ADMIN, comment=comment) or draft
        published = publish(versions=[corrected], by=by, correction=reason)
        entry = drafts.write(entry, merged)
        comment = f"Version {draft.number}, with the correction of version {corrected.number}."
        version_entry(entry, page, by=by, origin=Version.Origin.MERGE, comment=comment)
        return Corrected(published, newest_of_entry(entry))


def _live(entry: VersionedEntry, page: Page | None, seen: int) -> Version:
    """The live version, which is that of the number `seen`. Refused if it is not, or there is none."""
    if page is None or page.live is None:
        raise Refused([f"{entry.name}: readers do not see it. Change the draft, and publish it."])
    if page.live.number != seen:
        words = f"readers see version {page.live.number} by now, and this corrects version {seen}. Open it once more."
        raise Refused([f"{entry.name}: {words}"])
    return page.live


def _into_draft(base: Record, waiting: Record, typed: Record, draft: Version, clash: Clash) -> Record:
    """The draft with the correction. DraftClash."""
    ours, theirs = (typed, waiting) if clash is Clash.CORRECTION else (waiting, typed)
    outcome = merge.merge(base, ours, theirs)
    if outcome.conflicts and clash is Clash.ASK:
        raise DraftClash(outcome.conflicts, draft, typed)
    return canonical(outcome.record)
