"""The status of an entry: draft, live, changed since published, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.text import capfirst

from conditions import drafts, publishing, records
from conditions.admin.decisions import at_addresses_of_today
from conditions.admin.problems import Linked, anchor_of, first_of, on_form
from conditions.differences import Difference, differences
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Change, Decision, Page, Version, author_words
from conditions.schema import NAMING, REFERENCES, SCHEMAS, Kind

ROW = 2
"""The length of the path to a row: its relation and its target. That to what it carries is longer."""


class State(models.TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    CHANGED = "changed", "changed since published"
    WITHDRAWN = "withdrawn", "withdrawn"


def state_of(page: Page | None, number: int | None, digest: str | None) -> State:
    """The state of the entry of a page whose newest version has that number and digest.

    A draft that says what readers see, as one that was thrown away, is live.
    """
    if page is None or page.edition_id is None:
        return State.DRAFT
    if page.live is None:
        return State.WITHDRAWN
    return State.CHANGED if (number or 0) > page.live.number and digest != page.live.digest else State.LIVE


REVIEWED = {
    Decision.Verb.SUBMIT: "waiting for review",
    Decision.Verb.SEND_BACK: "sent back",
    Decision.Verb.APPROVE: "approved",
}
"""What a list says of the review of an entry, by what was decided last."""


def words_of(state: State, number: int | None, stands: publishing.Standing | None) -> str:
    """A state as lists say it, with where the review of the newest version, of that number, stands."""
    last = stands.last if stands else None
    said = REVIEWED.get(Decision.Verb(last.verb), "") if last else ""
    is_over = last is not None and not last.holds(timezone.now())
    if last is None or (last.verb == Decision.Verb.APPROVE and (state is State.LIVE or is_over)):
        said = ""
    elif said and last.version.number != number:
        said = f"version {last.version.number} {said}" if last.verb == Decision.Verb.SUBMIT else ""
    return capfirst(f"{state.label}, {said}" if said else state.label)


def with_newest(entries: QuerySet[VersionedEntry]) -> QuerySet[VersionedEntry]:
    """Desk entries with their pages, and number, digest, time and author of their newest versions."""
    newest = Version.objects.on_desk().filter(page=OuterRef("page")).order_by("-number")
    return entries.select_related("page__live").annotate(**newest_words(newest))


def newest_words(versions: QuerySet[Version]) -> dict[str, Subquery]:
    """Number, digest, time, author and origin of the first of some versions, as annotations."""
    names = {"number": "number", "digest": "digest", "at": "at", "by": "by__username", "origin": "origin"}
    return {f"newest_{name}": Subquery(versions.values(of)[:1]) for name, of in names.items()}


@dataclass(frozen=True)
class Newest:
    """What the newest version of an entry says of itself; None where there is none."""

    number: int | None
    digest: str | None
    at: datetime | None
    by: str | None
    origin: str | None

    @property
    def author(self) -> str:
        """Who made it, in words; empty where there is none."""
        return author_words(self.by, self.origin) if self.number else ""


def newest_in(row: models.Model) -> Newest:
    """The annotations of `newest_words` on an entry or a page."""
    return Newest(*(getattr(row, f"newest_{name}") for name in ("number", "digest", "at", "by", "origin")))


def in_state(entries: QuerySet[VersionedEntry], state: State) -> QuerySet[VersionedEntry]:
    """The entries, of `with_newest`, that are in a state."""
    live = entries.filter(page__live__isnull=False)
    is_older, is_same = Q(newest_number__lte=F("page__live__number")), Q(newest_digest=F("page__live__digest"))
    if state is State.LIVE:
        return live.filter(is_older | is_same)
    if state is State.CHANGED:
        return live.exclude(is_older | is_same)
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


def partly_hidden(entries: QuerySet[VersionedEntry]) -> QuerySet[VersionedEntry]:
    """The live entries of one kind of which readers do not see a row, tag, document or source: it is not live."""
    kind = entries.model.kind
    found = _refers_to_hidden(entries.model) if SCHEMAS[kind].references else Q()
    for table in desk.row_tables(kind):
        hidden = _not_seen(table.target, table.relation.target) | _refers_to_hidden(table.model)
        found |= Q(Exists(table.rows.filter(hidden, **{table.owner: OuterRef("pk")})))
    own = ContentType.objects.get_for_model(entries.model)
    for target in {target for one in SCHEMAS[kind].references if one in NAMING for target in one.kinds}:
        of = ContentType.objects.get_for_model(desk.MODELS[target])
        named = desk.EntryReference.objects.filter(content_type=own, object_id=OuterRef("pk"), target_type=of)
        not_live = desk.entries(target).filter(page__live__isnull=True, pk=OuterRef("target_id"))
        found |= Q(Exists(named.filter(Exists(not_live))))
    return entries.filter(found, page__live__isnull=False) if found else entries.none()


def _refers_to_hidden(model: type[models.Model]) -> Q:
    """Whether what is tagged and cites, an entry or a row, has a tag, document or source that readers do not see."""
    own = {"content_type": ContentType.objects.get_for_model(model), "object_id": OuterRef("pk")}
    tagged = desk.Tagged.objects.filter(_not_seen("tag", Kind.TAG), **own)
    cited = _not_seen("question", Kind.QUESTION) | _not_seen("source", Kind.SOURCE)
    return Q(Exists(tagged)) | Q(Exists(desk.Citation.objects.filter(cited, **own)))


def _not_seen(key: str, kind: Kind) -> Q:
    """Whether a foreign key leads to an entry of a kind that readers do not see, even with the next edition."""
    hidden = Q(**{f"{key}__isnull": False, f"{key}__page__live__isnull": True})
    return hidden & Q(**{f"{key}__page__edition__isnull": False}) if SCHEMAS[kind].follows_its_user else hidden


MOST_PLACES = 3
"""Places that differ which are named in one line."""


@dataclass(frozen=True)
class EntryStatus:
    """What editors need to know about an entry next to its form."""

    record: records.Record
    page: Page | None
    newest: Version | None
    differences: list[Difference]
    """What differs from the live version."""
    withdrawal: Change | None
    says_live: bool = False
    """Whether the draft says what readers see, whatever addresses have changed since."""
    hidden: tuple[publishing.Hidden, ...] = ()
    """What of the draft readers do not see, or would not."""
    stands: publishing.Standing = field(default_factory=publishing.Standing)
    """Where its review stands."""
    problems: tuple[records.Blocker, ...] = ()
    """What keeps the draft from being published, if readers do not see all that it says."""

    @property
    def unseen(self) -> list[Linked]:
        """What readers do not see, each with a link to its place on the form."""
        schema = records.schema_of(self.record)
        found = []
        for one in self.hidden:
            label, *_ = one.path
            noun = f"{REFERENCES[one.path[-1]].noun} " if len(one.path) > ROW else ""
            words = f"{schema.label_of(label)}: {noun}{one.name} ({one.why})"
            found.append(Linked(words, anchor_of(one.path, self.record)))
        return first_of(found)

    @property
    def row_notes(self) -> dict[tuple[str, str], str]:
        """What to say on rows, by relation and target: that readers do not see the row, or something of it."""
        notes: dict[tuple[str, str], list[str]] = {}
        for one in self.hidden:
            if len(one.path) == ROW:
                said = f"Readers do not see this row: {one.name} is {one.why}."
            elif len(one.path) > ROW:
                said = f"Readers do not see its {REFERENCES[one.path[-1]].noun} {one.name}, which is {one.why}."
            else:
                continue
            notes.setdefault((one.path[0], one.path[1]), []).append(said)
        return {row: " ".join(said) for row, said in notes.items()}

    @property
    def to_fix(self) -> list[Linked]:
        """What keeps the draft from being published, each with a link to its place on the form."""
        return on_form(self.problems, self.record)

    @property
    def request(self) -> Decision | None:
        """What waits for review."""
        return self.stands.request

    @property
    def approval(self) -> Decision | None:
        """The approval of the newest version or of one newer than what readers see, if nothing was decided since."""
        last, live = self.stands.last, self.live
        if last is None or last.verb != Decision.Verb.APPROVE:
            return None
        is_news = live is None or last.version.number > live.number
        return last if is_news and last.holds(timezone.now()) else None

    @cached_property
    def open_remarks(self) -> list[publishing.Remark]:
        """What a reviewer wants changed, each at its place of today."""
        return at_addresses_of_today(self.stands.remarks, self.record)

    @property
    def remarks(self) -> list[Linked]:
        """What a reviewer wants changed, each with a link to its place on the form."""
        schema = records.schema_of(self.record)
        found = []
        for one in self.open_remarks:
            label = f"{schema.label_of(one.path[0])}: " if one.path else ""
            found.append(Linked(f"{label}{one.text}", anchor_of(one.path, self.record)))
        return first_of(found)

    @property
    def is_outrun(self) -> bool:
        """Whether a newer version was saved over the one that was decided about last."""
        last = self.stands.last
        return last is not None and self.newest is not None and last.version.number < self.newest.number

    @property
    def needs_review(self) -> bool:
        """Whether the draft has to be approved before it can be published."""
        return settings.REQUIRE_REVIEW and not (self.approval and not self.is_outrun)

    @property
    def differs_in(self) -> str:
        """The first places in which the draft differs from what readers see."""
        labels = list(dict.fromkeys(one.label for one in self.differences))
        more = len(labels) - MOST_PLACES
        return ", ".join([*labels[:MOST_PLACES], *([f"{more} more"] if more > 0 else [])])

    @property
    def state(self) -> State:
        digest = self.live.digest if self.live and self.says_live else None
        return state_of(self.page, self.newest.number if self.newest else None, digest)

    @property
    def live(self) -> Version | None:
        return self.page.live if self.page else None


def status_of(entry: VersionedEntry, record: records.Record) -> EntryStatus:
    """The status of a desk entry whose record is given."""
    if entry.page_id is None:
        return EntryStatus(record, None, None, [], None)
    page = Page.objects.select_related("live__by", "edition__by").get(pk=entry.page_id)
    newest = publishing.newest(page)
    live = page.live
    now = drafts.current_record(live) if live else None
    differs = live is not None and newest is not None and newest.number > live.number and now != record
    gone = live is None and page.edition_id is not None
    run = publishing.dry_run(record=record, page=page, new_tags={})
    was = now if differs else None
    return EntryStatus(
        record,
        page,
        newest,
        differences(was, record, drafts.names_in([was, record])) if was else [],
        Change.objects.filter(page=page, edition=page.edition_id).first() if gone else None,
        now == record,
        run.hidden,
        publishing.standing(page),
        run.problems if live is None or differs else (),
    )
