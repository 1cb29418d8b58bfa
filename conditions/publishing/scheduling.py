"""Publishing at a later minute: which version goes live when, what keeps it from that, and doing it on time.

What counts is the newest decision about a page's schedule. It counts no more once its version or a newer one has been
live since, or the page has been withdrawn: nothing has to be written for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from conditions import records
from conditions.models.published import Change, Decision, Page, Version, has_entry
from conditions.publishing.access import SYSTEM, By, Refused, may, require, write_lock
from conditions.publishing.editions import out_of_turn, publish
from conditions.publishing.many import readiness
from conditions.publishing.versions import add_decision

FURTHEST = timedelta(days=730)
"""How far ahead something is scheduled at most: more is a year mistyped."""
_VERBS = (Decision.Verb.SCHEDULE, Decision.Verb.CANCEL, Decision.Verb.FAIL)


def _standing(verb: Decision.Verb) -> QuerySet[Decision]:
    """The decisions of that verb that nothing has followed on their pages, with version, page and who decided."""
    page, number = OuterRef("version__page"), OuterRef("version__number")
    later = Decision.objects.filter(version__page=page, verb__in=_VERBS, pk__gt=OuterRef("pk"))
    moved = Change.objects.filter(page=page, edition__at__gt=OuterRef("at"))
    moved = moved.filter(Q(after__isnull=True) | Q(after__number__gte=number))
    is_news = Q(version__page__live__isnull=True) | Q(
        Q(version__page__live__number__lt=F("version__number")), ~Q(version__page__live__digest=F("version__digest"))
    )
    found = Decision.objects.filter(is_news, ~Exists(later), ~Exists(moved), verb=verb)
    return found.select_related("version__page", "by").order_by("due", "pk")


def scheduled() -> QuerySet[Decision]:
    """What waits for its time (`due`), the earliest first, with version, page and who scheduled it."""
    return _standing(Decision.Verb.SCHEDULE)


def failed() -> QuerySet[Decision]:
    """What could not go live when it was due, and why (`note`), with version and page.

    Until the entry is saved, scheduled or published, or deleted.
    """
    saved = Version.objects.on_desk().filter(page=OuterRef("version__page"), at__gt=OuterRef("at"))
    return _standing(Decision.Verb.FAIL).filter(has_entry("version__page__"), ~Exists(saved))


def planned(page_id: int) -> Decision | None:
    """What `scheduled` or `failed` holds of one page; one query where it was never scheduled, otherwise two."""
    # All verbs: by verb, the database would look through those of all pages.
    found = Decision.objects.filter(version__page=page_id).order_by().values_list("pk", "verb")
    pk, verb = max(((pk, verb) for pk, verb in found if verb in _VERBS), default=(0, ""))
    if verb == Decision.Verb.SCHEDULE:
        return scheduled().filter(pk=pk).first()
    return failed().filter(pk=pk).first() if verb == Decision.Verb.FAIL else None


def schedule_problems(*, version: Version, at: datetime) -> list[str]:
    """Why a version cannot go live at that time, as far as can be known now; empty if it can."""
    now = timezone.now()
    found = ["That time is past. Choose a later one."] if at <= now else []
    if at > now + FURTHEST:
        found.append("That is more than two years from now. Choose an earlier time.")
    page = Page.objects.select_related("live").get(pk=version.page_id)
    turn = out_of_turn([version], {page.pk: page})
    if not turn and page.live and page.live.digest == version.digest:
        turn.append(f"{version.record['name']}: readers already see what version {version.number} says.")
    return [*found, *turn, *readiness([version]).blocked.get(page.pk, ())]


def schedule(*, version: Version, at: datetime, by: By) -> None:
    """Let a version go live at a later time, as it is. What was scheduled of its page before is so no more.

    Errors: NotAllowed; Refused where `schedule_problems` says why.
    """
    require(by, "publish_version", "schedule what is published")
    with write_lock():
        if found := schedule_problems(version=version, at=at):
            raise Refused(found)
        add_decision(version, Decision.Verb.SCHEDULE, by=by, at=timezone.now(), due=at)


def cancel(*, version: Version, by: By) -> None:
    """Take a version off the schedule. Errors: NotAllowed; Refused where it does not wait for its time."""
    require(by, "publish_version", "change what is scheduled")
    with write_lock():
        if not scheduled().filter(version=version).exists():
            raise Refused([f"{version.record['name']}: version {version.number} is not scheduled."])
        add_decision(version, Decision.Verb.CANCEL, by=by, at=timezone.now())


# When its time has come


@dataclass(frozen=True)
class Outcome:
    """What came of one scheduled version: the number of the edition that it is in, or why there is none."""

    decision: Decision
    edition: int | None
    problems: tuple[str, ...] = ()


def publish_due(*, now: datetime | None = None) -> list[Outcome]:
    """Publish what is scheduled up to now, and note permanently what could not be, which is not tried again.

    What one user scheduled for one time is one edition, by that user. What is blocked keeps nothing else, and may rest
    on what goes live with it. Where nothing is due this is one query; otherwise what is due is read under the lock, so
    that it is published once, however many ask at the same time.
    """
    # A version that a newer program wrote waits for one that can read it.
    due = scheduled().filter(due__lte=now or timezone.now(), version__format__lte=records.FORMAT)
    if not due.exists():
        return []
    outcomes: list[Outcome] = []
    with write_lock():
        while waiting := list(due.all()):
            round_ = [one for some in _together(waiting) for one in _publish(some)]
            done = [one for one in round_ if one.edition]
            outcomes += done or round_
            if not done:
                _note_failures(round_)
                break
    return outcomes


def _together(decisions: Sequence[Decision]) -> Iterator[list[Decision]]:
    """Decisions of one time and one user, in the order of times."""
    groups: dict[tuple[datetime | None, int | None], list[Decision]] = {}
    for one in decisions:
        groups.setdefault((one.due, one.by_id), []).append(one)
    yield from groups.values()


def _publish(decisions: Sequence[Decision]) -> list[Outcome]:
    """Publish what is ready of some decisions of one user."""
    by = decisions[0].by or SYSTEM
    if not may(by, "publish_version"):
        said = f"{by}, who scheduled it, may not publish any more. Somebody who may can schedule or publish it."
        return [Outcome(one, None, (said,)) for one in decisions]
    blocked = readiness([one.version for one in decisions]).blocked
    ready = [one for one in decisions if one.version.page_id not in blocked]
    held = [one for one in decisions if one.version.page_id in blocked]
    return [*_make_edition(ready, by), *(Outcome(one, None, blocked[one.version.page_id]) for one in held)]


def _make_edition(decisions: Sequence[Decision], by: By) -> list[Outcome]:
    """Publish the versions of some decisions in one edition; if that is refused, each by itself."""
    if not decisions:
        return []
    try:
        edition = publish(versions=[one.version for one in decisions], by=by).edition
    except Refused as error:
        if len(decisions) == 1:
            return [Outcome(decisions[0], None, error.problems)]
        return [outcome for one in decisions for outcome in _make_edition([one], by)]
    return [Outcome(one, edition.number) for one in decisions]


def _note_failures(outcomes: Sequence[Outcome]) -> None:
    for one in outcomes:
        words = "\n".join(records.capped(one.problems))
        said = {"due": one.decision.due, "note": words}
        add_decision(one.decision.version, Decision.Verb.FAIL, by=SYSTEM, at=timezone.now(), **said)
