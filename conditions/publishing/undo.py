"""Undoing an edition: another one puts back what each of its pages showed before, where the page still shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from conditions.models.published import Change, Edition
from conditions.publishing.access import By, Refused, require, write_lock
from conditions.publishing.editions import Published, make_edition


@dataclass(frozen=True)
class Undoing:
    """What undoing an edition would do to the pages that it moved."""

    back: QuerySet[Change]
    """Those that go back to what they said before."""
    withdrawn: QuerySet[Change]
    """Those that were not there before it."""
    stays: QuerySet[Change]
    """Those that a later edition moved: they show something else now."""


def plan_undo(edition: Edition) -> Undoing:
    """What undoing an edition would do now, each part in the order of lists. Nothing is written."""
    changes = Change.objects.filter(edition=edition).order_by("place")
    shows_after = Q(after__isnull=False, page__live=F("after"))
    is_gone = Q(after__isnull=True, page__live__isnull=True, page__edition=F("edition"))
    return Undoing(
        changes.filter(shows_after | is_gone, before__isnull=False),
        changes.filter(shows_after, before__isnull=True),
        changes.exclude(shows_after | is_gone),
    )


def undo(*, edition: Edition, by: By, reason: str = "") -> Published:
    """Make an edition that puts back what pages showed before another one, where they still show what that one brought.

    What it published for the first time is withdrawn, for a reason that readers see. The desk stays as it is. It can be
    undone itself. Errors: NotAllowed; Refused where nothing is left to undo, a reason is missing, or what would be live
    then may not be: an entry is off the desk, or a statement would rest on nothing that readers can see.
    """
    require(by, "publish_version", "undo an edition")
    with write_lock():
        plan = plan_undo(edition)
        back = [change.before for change in plan.back.select_related("before__page") if change.before]
        gone = [change.page for change in plan.withdrawn.select_related("page")]
        if not back and not gone:
            raise Refused(["Nothing is left to undo: each of its pages shows something else now."])
        note = f"Undoes edition {edition.number}"
        return make_edition(back, gone, by=by, note=note, reason=reason, goes_back=True)
