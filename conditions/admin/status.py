"""The status of an entry: draft, live, changed since published, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from conditions import history, publishing, records
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Change, Page, Version


class State(models.TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    CHANGED = "changed", "changed since published"
    WITHDRAWN = "withdrawn", "withdrawn"


def state_of(page: Page | None, newest: int | None) -> State:
    """The state of the entry of a page whose newest version has that number."""
    if page is None or page.edition_id is None:
        return State.DRAFT
    if page.live is None:
        return State.WITHDRAWN
    return State.CHANGED if (newest or 0) > page.live.number else State.LIVE


def with_newest(entries: QuerySet[VersionedEntry]) -> QuerySet[VersionedEntry]:
    """Desk entries with their pages, and number, time and author of their newest versions."""
    newest = Version.objects.on_desk().filter(page=OuterRef("page")).order_by("-number")
    return entries.select_related("page__live").annotate(**newest_words(newest))


def newest_words(versions: QuerySet[Version]) -> dict[str, Subquery]:
    """Number, time and author of the first of some versions, as annotations."""
    names = {"newest_number": "number", "newest_at": "at", "newest_by": "by__username"}
    return {name: Subquery(versions.values(of)[:1]) for name, of in names.items()}


@dataclass(frozen=True)
class Newest:
    """What the newest version of an entry says of itself; None where there is none."""

    number: int | None
    at: datetime | None
    by: str | None


def newest_in(row: models.Model) -> Newest:
    """The annotations of `newest_words` on an entry or a page."""
    return Newest(*(getattr(row, f"newest_{name}") for name in ("number", "at", "by")))


def in_state(entries: QuerySet[VersionedEntry], state: State) -> QuerySet[VersionedEntry]:
    """The entries, of `with_newest`, that are in a state."""
    live = entries.filter(page__live__isnull=False)
    if state is State.LIVE:
        return live.filter(Q(newest_number__lte=F("page__live__number")))
    if state is State.CHANGED:
        return live.filter(Q(newest_number__gt=F("page__live__number")))
    if state is State.WITHDRAWN:
        return entries.filter(page__live__isnull=True, page__edition__isnull=False)
    return entries.filter(Q(page__isnull=True) | Q(page__edition__isnull=True))


def without_evidence(entries: QuerySet[VersionedEntry]) -> QuerySet[VersionedEntry]:
    """The entries of one kind, except withdrawn ones, with a relation that cites nothing."""
    bare = Q()
    for table in desk.row_tables(entries.model.kind):
        of = ContentType.objects.get_for_model(table.model)
        cited = desk.Citation.objects.filter(content_type=of, object_id=OuterRef("pk"))
        bare |= Q(Exists(table.rows.filter(~Exists(cited), **{table.owner: OuterRef("pk")})))
    if not bare:
        return entries.none()
    return entries.filter(bare).exclude(page__live__isnull=True, page__edition__isnull=False)


@dataclass(frozen=True)
class EntryStatus:
    """What editors need to know about an entry next to its form."""

    page: Page | None
    newest: Version | None
    differences: list[history.Difference]
    """What differs from the live version."""
    withdrawal: Change | None

    @property
    def state(self) -> State:
        return state_of(self.page, self.newest.number if self.newest else None)

    @property
    def live(self) -> Version | None:
        return self.page.live if self.page else None


def status_of(entry: VersionedEntry, record: records.Record) -> EntryStatus:
    """The status of a desk entry whose record is given."""
    if entry.page_id is None:
        return EntryStatus(None, None, [], None)
    page = Page.objects.select_related("live__by", "edition__by").get(pk=entry.page_id)
    newest = publishing.newest(page)
    live = page.live
    differs = live is not None and newest is not None and newest.number > live.number
    gone = live is None and page.edition_id is not None
    return EntryStatus(
        page,
        newest,
        history.differences(live.record, record, history.names_in([live.record, record])) if live and differs else [],
        Change.objects.filter(page=page, edition=page.edition_id).first() if gone else None,
    )
