"""Undoing an edition: another one puts back what each of its pages showed before, where the page still shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from conditions import db
from conditions.models.published import Change, Edition
from conditions.publishing.access import By, Refused, require, write_lock
from conditions.publishing.editions import Published, Why, make_edition
from conditions.schema import Kind

UNDOES = "Undoes edition "
"""How the note of an edition that undoes another one begins; the number follows."""


@dataclass(frozen=True)
class Undoing:
    """What undoing an edition would do to the pages that it moved."""

    back: QuerySet[Change]
    """Those that go back to what they said before."""
    withdrawn: QuerySet[Change]
    """Those that were not there before it."""
    stays: QuerySet[Change]
    """Those that show something else now."""
    deleted: QuerySet[Change]
    """Those that would go back, and cannot: their entries have been deleted."""
    why: Mapping[int, Why]
    """Pages that were withdrawn before it, for a reason: they are again, for the same one."""

    @property
    def wants_reason(self) -> bool:
        """Whether a page is withdrawn for the first time."""
        return self.withdrawn.exclude(page__in=db.in_values(self.why)).exists()


def plan_undo(edition: Edition) -> Undoing:
    """What undoing an edition would do now, each part in the order of lists. Nothing is written."""
    changes = Change.objects.filter(edition=edition).order_by("place")
    shows_after = Q(after__isnull=False, page__live=F("after"))
    is_gone = Q(after__isnull=True, page__live__isnull=True, page__edition=F("edition"))
    back, withdrawn = (
        changes.filter(shows_after | is_gone, before__isnull=False),
        changes.filter(shows_after, before__isnull=True),
    )
    off_desk = Q()
    for kind in Kind:
        off_desk |= Q(page__kind=kind, **{f"page__{kind}__isnull": True})
    return Undoing(back, withdrawn, changes.exclude(shows_after | is_gone), back.filter(off_desk), _why(withdrawn))


def _why(withdrawn: QuerySet[Change]) -> dict[int, Why]:
    """Why pages were withdrawn before an edition brought them back, and what to read instead if that is live now."""
    earlier = Change.objects.filter(page=OuterRef("page"), edition__lt=OuterRef("edition")).order_by("-edition_id")
    last = withdrawn.annotate(last=Subquery(earlier.values("pk")[:1])).values("last")
    found = Change.objects.filter(pk__in=last, after__isnull=True).select_related("instead")
    return {one.page_id: (one.reason, one.instead_id if one.instead and one.instead.live_id else None) for one in found}


def undo(*, edition: Edition, by: By, reason: str = "", seen: int | None = None) -> Published:
    """Make an edition that puts back what pages showed before another one, where they still show what that one brought.

    What was not there before is withdrawn, for a reason that readers see. The desk stays as it is. It can be undone
    itself. seen: the newest edition when somebody looked at what it does; a later one may have changed that.
    Errors: NotAllowed; Refused where it has, nothing is left to undo, a reason is missing, or what would be live then
    may not be: an entry is off the desk, or a statement would rest on nothing that readers can see.
    """
    require(by, "publish_version", "undo an edition")
    with write_lock():
        if seen is not None and seen != newest_edition():
            raise Refused(["Another edition has come out meanwhile. Look once more at what is undone, below."])
        plan = plan_undo(edition)
        back = [change.before for change in plan.back.select_related("before__page") if change.before]
        gone = [change.page for change in plan.withdrawn.select_related("page")]
        if not back and not gone:
            raise Refused(["Nothing is left to undo: each of its pages shows something else now."])
        note = f"{UNDOES}{edition.number}"
        return make_edition(back, gone, by=by, note=note, reason=reason, goes_back=True, again=plan.why)


def newest_edition() -> int:
    """The number of the newest edition; 0 if there is none."""
    return Edition.objects.aggregate(top=Max("number"))["top"] or 0
