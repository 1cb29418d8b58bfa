"""Review, in one step: a version is sent for review, taken back, approved, or sent back with remarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from conditions import db
from conditions.models.people import Credentials
from conditions.models.published import Change, Decision, Page, Version, has_entry
from conditions.publishing.access import (
    SYSTEM,
    By,
    NotAllowed,
    Refused,
    lock_pages,
    may,
    name_of,
    require,
    user_of,
    write_lock,
)
from conditions.publishing.editions import note_edition
from conditions.publishing.reviews import reviews_of
from conditions.publishing.versions import add_decision, cancel_schedule, newest
from conditions.schema import Kind

MONTHS = (12, 24, 36)
"""How long an approval holds."""
SUBMIT, TAKE_BACK, APPROVE, SEND_BACK = REVIEW = (
    *(Decision.Verb.SUBMIT, Decision.Verb.TAKE_BACK),
    *(Decision.Verb.APPROVE, Decision.Verb.SEND_BACK),
)
PROPOSE = Decision.Verb.PROPOSE


@dataclass(frozen=True)
class Remark:
    """What is to be changed in a place of a version; without a path, in all of it."""

    path: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Standing:
    """Where the review of an entry stands. last: what was decided last of it. approved: the newest approval.

    asked_before: what was sent back since that, the oldest first.
    """

    last: Decision | None = None
    approved: Decision | None = None
    asked_before: tuple[Decision, ...] = ()

    @property
    def request(self) -> Decision | None:
        """What waits for review."""
        return self.last if self.last and self.last.verb == SUBMIT else None

    @property
    def sent_back(self) -> Decision | None:
        """Why it was sent back, until it is sent for review again."""
        return self.last if self.last and self.last.verb == SEND_BACK else None

    @property
    def remarks(self) -> list[Remark]:
        """What whoever sent it back wants changed."""
        return remarks_of(self.sent_back) if self.sent_back else []


def remarks_of(decision: Decision) -> list[Remark]:
    return [Remark(tuple(one["path"]), one["text"]) for one in decision.remarks]


def decisions(pages: Iterable[int]) -> QuerySet[Decision]:
    """What was decided in reviews of pages, oldest first; what became of proposals of files is none of it."""
    found = Decision.objects.filter(version__in=Version.objects.on_desk().filter(page__in=db.in_values(pages)))
    found = found.filter(verb__in=REVIEW).select_related("version", "by", "asked").defer("version__record")
    return found.order_by("id")


def standings(pages: Iterable[int]) -> dict[int, Standing]:
    """Where the review of each page stands, by page; nothing of those never sent for review."""
    found: dict[int, Standing] = {}
    for one in decisions(pages):
        before = found.get(one.version.page_id, Standing())
        is_approval, is_back = one.verb == APPROVE, one.verb == SEND_BACK
        back = () if is_approval else (*before.asked_before, *([one] if is_back else []))
        found[one.version.page_id] = Standing(one, one if is_approval else before.approved, back)
    return found


@dataclass(frozen=True)
class LastReviews:
    """What waits in reviews for a user: to be reviewed, what was sent back to them, and what is to be published.

    pages: of all that waits for review, by whomever, and of what was sent back to the user.
    """

    waiting: list[Decision]
    sent_back: list[Decision]
    approved: list[Decision]
    pages: set[int]


def last_reviews(user: User | AnonymousUser) -> LastReviews:
    """What waits in reviews for a user, the newest first, in two queries."""
    is_review = Q(verb__in=REVIEW) & ~Exists(Decision.objects.filter(version=OuterRef("version"), verb=PROPOSE))
    page = {"version__page": OuterRef("version__page")}
    later = Decision.objects.filter(is_review, pk__gt=OuterRef("pk"), **page)
    asked = Decision.objects.filter(verb=SUBMIT, version=OuterRef("version")).order_by("-pk").values("by")[:1]
    found = Decision.objects.filter(is_review, ~Exists(later), has_entry("version__page__")).annotate(sent_by=asked)
    out = Q(version__page__live__isnull=False, version__page__live__number__gte=F("version__number"))
    was_out = Exists(Change.objects.filter(after=OuterRef("version")))
    is_over = Q(due__lte=timezone.now())
    found = found.exclude(verb=TAKE_BACK).exclude(Q(verb=APPROVE) & (out | was_out | is_over))
    found = found.select_related("version", "by", "asked").defer("version__record").order_by("-pk")
    each: dict[str, list[Decision]] = {verb: [] for verb in REVIEW}
    for one in found:
        each[one.verb].append(one)
    mine = _written_by(user, each[SUBMIT])
    back = [one for one in each[SEND_BACK] if one.sent_by == user.pk]  # type: ignore[attr-defined]  # annotated
    able = set(_able().values_list("pk", flat=True)) if any(one.asked_id for one in each[SUBMIT]) else set()
    asks_all = [one for one in each[SUBMIT] if one.asked_id in (None, user.pk) or one.asked_id not in able]
    waiting = [one for one in asks_all if one.version_id not in mine]
    return LastReviews(waiting, back, each[APPROVE], {one.version.page_id for one in [*each[SUBMIT], *back]})


def _able() -> QuerySet[User]:
    """Who may review. Anyone is asked where who was asked may no longer."""
    backend = "django.contrib.auth.backends.ModelBackend"
    return User.objects.with_perm("conditions.review_version", backend=backend).filter(is_staff=True)


def _written_by(user: User | AnonymousUser, requests: Sequence[Decision]) -> set[int]:
    """Those of the versions that were asked for that a user wrote some of, so that somebody else reviews them."""
    if not requests or user.pk is None:
        return set()
    wrote_it = Version.objects.filter(
        page=OuterRef("version__page"), by=user.pk, number__lte=OuterRef("version__number")
    )
    approved = Decision.objects.filter(verb=APPROVE, version__page=OuterRef(OuterRef("version__page")))
    older = approved.filter(version__number__lt=OuterRef(OuterRef("version__number")))
    since = wrote_it.filter(~Exists(older.filter(version__number__gte=OuterRef("number"))))
    asked = Decision.objects.filter(Exists(since), pk__in=db.in_values(one.pk for one in requests))
    return set(asked.values_list("version", flat=True))


def standing(page: Page | None) -> Standing:
    """Where the review of one page stands."""
    return standings([page.pk]).get(page.pk, Standing()) if page else Standing()


def wrote(by: By, version: Version, approved: Decision | None) -> bool:
    """Whether a user saved a version since the last approved one, up to this one: then somebody else reviews it.

    A version that is reviewed again counts from the one that was approved before it.
    """
    user = user_of(by)
    return user is not None and _written_since(version, approved).filter(by=user).exists()


def _written_since(version: Version, approved: Decision | None) -> QuerySet[Version]:
    """The versions up to one that came after the approved one before it."""
    after = approved.version.number if approved else 0
    if after >= version.number:
        older = Decision.objects.filter(verb=APPROVE, version__page=version.page_id, version__number__lt=version.number)
        after = older.aggregate(top=Max("version__number"))["top"] or 0
    return Version.objects.filter(page=version.page_id, number__gt=after, number__lte=version.number)


def reviewers(version: Version) -> list[User]:
    """Who may review a version, by name: those who did not write it."""
    written = _written_since(version, standing(version.page).approved).exclude(by=None)
    return list(_able().exclude(pk__in=written.values("by")).order_by("username"))


def submit(*, version: Version, by: By, asked: User | None = None, note: str = "") -> None:
    """Ask for the review of the newest version, of anybody who may or of one person, in place of an older request.

    Errors: NotAllowed; Refused where it is not the newest, is approved already, or that person may not review it.
    """
    _require_author(by, version)
    with write_lock():
        page = lock_pages([version.page_id])[version.page_id]
        newer = newest(page)
        stands = standing(page)
        name = version.record["name"]
        if newer is None or newer.pk != version.pk:
            raise Refused([f"{name}: version {version.number} is not the newest anymore. Send the newest one."])
        if is_approved(version, stands, timezone.now()):
            raise Refused([f"{name}: version {version.number} is approved already."])
        if asked and asked not in reviewers(version):
            raise Refused([f"{name}: {asked.username} may not review it. Choose somebody else, or anyone who may."])
        asked_id = asked.pk if asked else None
        add_decision(version, SUBMIT, by=by, at=timezone.now(), asked_id=asked_id, note=note)


def is_approved(version: Version, stands: Standing, now: datetime) -> bool:
    """Whether exactly this version is approved, and no new review is due."""
    approved = stands.approved
    return approved is not None and approved.version_id == version.pk and approved.holds(now)


def take_back(*, version: Version, by: By) -> None:
    """Ask no longer for review. Errors: NotAllowed; Refused where nothing waits for it."""
    _require_author(by, version)
    with write_lock():
        _require_open(version)
        add_decision(version, TAKE_BACK, by=by, at=timezone.now())


def approve(*, version: Version, by: By, months: int) -> None:
    """Approve a version that was sent for review, under the name and credentials of the account, as they are now.

    months: until the next review, one of `MONTHS`. Where readers see the version it makes an edition.
    Errors: NotAllowed; Refused where it was not sent for review, `by` wrote it, or the account has no name.
    """
    if months not in MONTHS:
        raise Refused([f"Choose when the next review is due: in {', '.join(map(str, MONTHS))} months."])
    with write_lock():
        page = _require_reviewer(version, by)
        if not name_of(by):
            words = "Readers are told who reviewed, and your account has no name. An administrator can add it."
            raise Refused([words])
        now = timezone.now()
        user = user_of(by)
        credentials = Credentials.objects.filter(user=user).first()
        said = {"name": name_of(by)[:200], "credentials": credentials.text if credentials else ""}
        add_decision(version, APPROVE, by=by, at=now, due=_months_later(now, months), **said)
        if page.live and reviews_of([page.live]).get(page.pk) != page.review:
            note_edition([page], by=by, note=f"Reviewed: {page.name}")


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day, whole years later; of 29 February the 28th."""
    day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
    return moment.replace(year=moment.year + months // 12, day=day)


def send_back(*, version: Version, by: By, remarks: Sequence[Remark]) -> None:
    """Say what is to be changed in a version that was sent for review.

    Errors: NotAllowed; Refused where it was not sent, `by` wrote it, or nothing is remarked.
    """
    with write_lock():
        _require_reviewer(version, by)
        cancel_schedule(version.page_id, by=by, only=version)
        said = [{"path": list(one.path), "text": one.text.strip()} for one in remarks if one.text.strip()]
        if not said:
            raise Refused(["Write at least one remark, so that the author knows what to change."])
        add_decision(version, SEND_BACK, by=by, at=timezone.now(), remarks=said)


def note_due(now: datetime | None = None) -> int:
    """Tell readers of reviews that have become due, in one edition. How many pages that is."""
    now = now or timezone.now()
    if not _come_due(now):
        return 0
    with write_lock():
        pages = list(Page.objects.filter(pk__in=_come_due(now)).select_related("live"))
        if pages:
            note_edition(pages, by=SYSTEM, note="Reviews that are due now", now=now)
        return len(pages)


def _come_due(now: datetime) -> list[int]:
    """The live pages whose newest approval is due, which readers are not told yet."""
    due = Decision.objects.filter(verb=APPROVE, due__lte=now).values("version__page")
    pages = Page.objects.live().filter(pk__in=due, review__is_due=False)
    return [page.pk for page in pages if page.review and datetime.fromisoformat(page.review["due"]) <= now]


def _require_author(by: By, version: Version) -> None:
    kind = Kind(version.record["kind"])
    require(by, f"change_{kind.value}", f"send a {kind.label} for review")


def _require_open(version: Version) -> Page:
    page = lock_pages([version.page_id])[version.page_id]
    request = standing(page).request
    if request is None or request.version_id != version.pk:
        raise Refused([f"{version.record['name']}: version {version.number} does not wait for review anymore."])
    return page


def _require_reviewer(version: Version, by: By) -> Page:
    if not may(by, "review_version"):
        raise NotAllowed("You do not have permission to review. Ask someone who does.")
    page = _require_open(version)
    if wrote(by, version, standing(page).approved):
        raise NotAllowed(f"You wrote version {version.number}. Somebody else must review it.")
    return page
