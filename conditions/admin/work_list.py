"""The work list: what waits for whom, a few of each first, each leading to the page of its next step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from conditions import drafts, publishing, site_time
from conditions.admin.changelists import show_on_site
from conditions.differences import differences
from conditions.models.published import Decision, Link, Page, Version, has_entry
from conditions.publishing import LastReviews, in_words
from conditions.schema import Kind

SHOWN = 5
MOST = 200
"""Rows of one heading on a page of its own."""
SOON = timedelta(days=60)
"""How long before it is due a review is named."""
Verb = Decision.Verb
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Job:
    """What is to be done about a page. step: the name of the page where; args: what its address has besides the entry.

    what: what it is about; where it is empty, what `version` changes. who, since: by whom, and from when.
    """

    page: int
    step: str
    args: tuple[int, ...] = ()
    what: str = ""
    who: str = ""
    since: datetime | None = None
    version: int | None = None


@dataclass(frozen=True)
class Row:
    """A job as it is shown."""

    name: str
    kind: str
    url: str
    what: str
    who: str
    since: datetime | None


@dataclass
class Section:
    """One heading: how many jobs there are, and the newest of them."""

    slug: str
    title: str
    count: int
    jobs: list[Job]
    rows: list[Row] = field(default_factory=list)


class WorkList:
    """What waits for one user. most: of each heading."""

    def __init__(self, user: User | AnonymousUser, most: int = SHOWN) -> None:
        self.user, self.most, self.now = user, most, timezone.now()
        self.may_write = any(publishing.may(user, f"change_{kind.value}") for kind in Kind)
        self.may_publish = publishing.may(user, "publish_version")
        self.may_review = publishing.may(user, "review_version")

    def sections(self, only: str = "") -> list[Section]:
        """The headings that this user has, empty ones too, with rows; or one of them."""
        found = [one for one in self._each() if only in ("", one.slug)]
        self._fill(found)
        return found

    def _each(self) -> Iterator[Section]:
        if self.may_review:
            yield self._listed("review", "Waiting for your review", self.last.waiting, "review")
        if self.may_write:
            yield self._listed("sent-back", "Sent back to you", self.last.sent_back, "change")
            yield self._drafts()
        if self.may_publish:
            planned = [*publishing.failed(), *publishing.scheduled()]
            waiting = {one.version_id for one in planned}
            approved = [one for one in self.last.approved if one.version_id not in waiting]
            yield self._listed("approved", "Approved, to be published", approved, "publish")
            yield self._scheduled(planned)
        yield self._hidden()
        if self.may_write:
            yield self._proposals()
        yield self._due()
        yield self._corrected()

    @cached_property
    def last(self) -> LastReviews:
        return publishing.last_reviews(self.user)

    def _listed(self, slug: str, title: str, some: Sequence[Decision], step: str) -> Section:
        jobs = [
            Job(
                one.version.page_id,
                step,
                (one.version.number,) if step == "review" else (),
                _first_remark(one),
                one.name or (one.by.username if one.by else ""),
                one.at,
                one.version_id,
            )
            for one in some[: self.most]
        ]
        return Section(slug, title, len(some), jobs)

    def _drafts(self) -> Section:
        newer = Version.objects.on_desk().filter(page=OuterRef("page"), number__gt=OuterRef("number"))
        mine = Version.objects.on_desk().filter(has_entry("page__"), ~Exists(newer), by=self.user.pk)
        is_news = Q(page__live__isnull=True) | ~Q(page__live__digest=F("digest"))
        found = mine.filter(is_news).exclude(page__in=self.last.pages).order_by("-at")
        count, versions = self._first(found.defer("record"))
        jobs = [Job(one.page_id, "change", (), "", "", one.at, one.pk) for one in versions]
        return Section("drafts", "Your drafts", count, jobs)

    def _scheduled(self, each: Sequence[Decision]) -> Section:
        """What goes live soon, after what could not."""
        jobs = [
            Job(one.version.page_id, "schedule", (), _when_live(one), one.by.username if one.by else "", one.at)
            for one in each[: self.most]
        ]
        return Section("scheduled", "Goes live soon, or could not go live", len(each), jobs)

    def _hidden(self) -> Section:
        # From the few that are not live to those that lead there: the other way round reads all links.
        unseen = Page.objects.filter(live__isnull=True)
        leading = Link.objects.filter(target__in=unseen).values("owner")
        pages = Page.objects.live().filter(has_entry(), pk__in=leading).order_by("-edition_id", "sort_key")
        count, some = self._first(pages)
        jobs = [Job(one.pk, "change", (), "Something that it leads to is not live") for one in some]
        return Section("hidden", "Readers do not see a row", count, jobs)

    def _proposals(self) -> Section:
        found = Version.objects.proposed().filter(has_entry("page__")).order_by("-at")
        count, versions = self._first(found.defer("record"))
        jobs = [Job(one.page_id, "change", (), one.file, "", one.at) for one in versions]
        return Section("proposals", "Content files propose", count, jobs)

    def _due(self) -> Section:
        later = Decision.objects.filter(
            verb=Verb.APPROVE, version__page=OuterRef("version__page"), pk__gt=OuterRef("pk")
        )
        due = Decision.objects.filter(~Exists(later), verb=Verb.APPROVE, due__lte=self.now + SOON)
        due = due.filter(has_entry("version__page__"), version__page__live__isnull=False).order_by("due")
        count, some = self._first(due.select_related("version").defer("version__record"))
        jobs = [Job(one.version.page_id, self._ask, (), self._when(one), one.name, one.at) for one in some]
        return Section("due", "Review due in 60 days, or overdue", count, jobs)

    @property
    def _ask(self) -> str:
        """Where who may send something for review does so."""
        return "send_review" if self.may_write else "change"

    def _when(self, approval: Decision) -> str:
        assert approval.due is not None, "it is asked for by its day"
        day = f"{timezone.localtime(approval.due):%-d %B %Y}"
        return f"Due since {day}" if approval.due <= self.now else f"Due on {day}"

    def _corrected(self) -> Section:
        corrected = Decision.objects.filter(verb=Verb.CORRECT, version__live_on__isnull=False)
        changed = Page.objects.filter(review__isnull=False).exclude(review__changed="").order_by()
        either = changed.values("pk").union(corrected.order_by().values("version__page"))
        pages = Page.objects.live().filter(has_entry(), pk__in=either)
        count, some = self._first(pages.order_by("-edition_id").select_related("edition"))
        jobs = [
            Job(
                one.pk,
                self._ask,
                (),
                f"Changed since: {one.review['changed']}" if one.review else "A correction",
                one.edition.by_name,
                one.edition.at,
            )
            for one in some
            if one.edition
        ]
        return Section("corrected", "Published with changes since its review", count, jobs)

    def _first(self, found: QuerySet[M]) -> tuple[int, list[M]]:
        """How many there are, and the first of them, in one query."""
        some = list(found.annotate(total=Window(Count("pk")))[: self.most])
        return (some[0].total if some else 0), some  # type: ignore[attr-defined]  # annotated

    def _fill(self, sections: Iterable[Section]) -> None:
        """Give jobs their names, addresses and words; what was deleted meanwhile is left out."""
        each = [(section, job) for section in sections for job in section.jobs]
        entries = drafts.entries_of({job.page for _, job in each})
        words = _changes([job for _, job in each if not job.what and job.version])
        for section, job in each:
            if job.page in entries:
                kind, pk, name = entries[job.page]
                what = job.what or words.get(job.version or 0, "")
                section.rows.append(Row(name, kind.label, _address(job, kind, pk), what, job.who, job.since))


def _when_live(one: Decision) -> str:
    when = site_time.words(one.due) if one.due else ""
    return f"Could not go live: {one.note}" if one.verb == Verb.FAIL else f"Goes live {when}"


def _first_remark(one: Decision) -> str:
    remarks = publishing.remarks_of(one)
    return f"“{remarks[0].text}”" if remarks else ""


def _address(job: Job, kind: Kind, pk: int) -> str:
    if job.step == "publish":
        return f"{reverse('admin:publish')}?page={job.page}&version={job.version}"
    return reverse(f"admin:conditions_{kind.value}_{job.step}", args=[pk, *job.args])


def _changes(jobs: Sequence[Job]) -> dict[int, str]:
    """What versions change of what readers see, in a few words, by version. One query."""
    ids = [job.version for job in jobs if job.version]
    found = {}
    for one in Version.objects.filter(pk__in=ids).select_related("page__live") if ids else ():
        live = one.page.live
        told = in_words(differences(live.record, one.record, {}, as_read=True)) if live else ()
        words = ", ".join(told)
        found[one.pk] = f"Changes {words}" if words else "" if live else "New"
    return found


def listed(site: admin.AdminSite, request: HttpRequest, slug: str) -> HttpResponse:
    """All of one heading of the work list."""
    found = WorkList(request.user, MOST).sections(slug)
    if not found:
        raise Http404
    return show_on_site(site, request, "work", found[0].title, section=found[0])
