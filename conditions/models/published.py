"""What readers and history read: editions, pages, versions and the links between pages.

Only `publishing/` writes these tables, and `content_files/` the one that remembers files. Keys that nothing looks
rows up by (who did it, which edition opened it) have no index: writing it cost a tenth of a large load.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, NoReturn, TypedDict, TypeVar

from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from conditions.schema import NAME_LENGTH, SLUG_LENGTH, Kind, reference_to


def page_address(kind: str, slug: str) -> str:
    """Where readers find a page, from the site's root: "/conditions/bells-palsy/"."""
    return f"/{reference_to(Kind(kind), slug)}/"


KIND_CHOICES = [(kind.value, kind.label) for kind in Kind]


M = TypeVar("M", bound=models.Model, covariant=True)


class PublishedQuerySet(QuerySet[M]):
    """Rows that only `publishing` writes, past the ORM: no shell habit changes what readers see."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError(f"Only publishing writes {self.model._meta.verbose_name_plural}. Call one of its verbs.")

    create = get_or_create = update_or_create = bulk_create = bulk_update = update = delete = _refuse


class PublishedTable(models.Model):
    """A table that readers or history read."""

    objects = PublishedQuerySet.as_manager()

    class Meta:
        abstract = True

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        """TypeError: only publishing writes it."""
        raise TypeError(f"Only publishing writes {self._meta.verbose_name_plural}. Call one of its verbs.")

    save = delete = _refuse


class Edition(PublishedTable):
    """The number that moves whenever what readers see changes. Row 0 is the publishers' lock.

    Numbers have no gaps. moved: how many pages it changed. token: random, so that an edition of a copy that went on by
    itself is told from one of the same number here. by_name: what whoever made it was called then.
    """

    number = models.PositiveIntegerField(primary_key=True)
    token = models.CharField(max_length=32, db_default="")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by_name = models.CharField(max_length=NAME_LENGTH, blank=True, db_default="")
    note = models.CharField(max_length=300, blank=True)
    moved = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"edition {self.number}"


NEWEST_EDITION = "SELECT number, token FROM conditions_edition ORDER BY number DESC LIMIT 1"


def newest_edition() -> tuple[int, str]:
    """The number and the token of the newest edition, 0 and none before the first. Raw: every public page asks."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = connection.connection.cursor()
        cursor.execute(NEWEST_EDITION)
        found = cursor.fetchall()
        cursor.close()
    number, token = found[0] if found else (0, "")
    return int(number), str(token)


LISTED = Q(live__isnull=False) & (Q(same_as__isnull=True) | Q(same_as__live__isnull=True))
"""What pages stand for themselves and can be read."""
PAGES_PER_PART = 5_000
"""How many pages, by ranges of their keys, one file of the sitemap lists: an index of the database rests on it."""


class Review(TypedDict):
    """What readers are told of the newest approval of what a page says.

    version: which one was approved. at, due: when, and when the next review is due, as ISO 8601; no due is empty.
    is_due: whether that had come when an edition last looked. changed: what of the live version is newer, in words.
    """

    version: int
    name: str
    credentials: str
    at: str
    due: str
    is_due: bool
    changed: str


class PageQuerySet(PublishedQuerySet["Page"]):
    def live(self) -> PageQuerySet:
        """Pages that readers can see."""
        return self.filter(live__isnull=False)

    def listed(self) -> PageQuerySet:
        """Live pages that stand for themselves: what lists, names and search show."""
        return self.filter(LISTED)

    def with_first_edition(self) -> PageQuerySet:
        """Each page with `first_at`, when an edition showed it first."""
        changes = Change.objects.filter(page=OuterRef("pk")).order_by("edition_id")
        return self.annotate(first_at=Subquery(changes.values("edition__at")[:1]))

    def withdrawn(self) -> PageQuerySet:
        """Pages that readers could see once, and no longer can."""
        return self.filter(live__isnull=True, edition__isnull=False)

    def never_published(self) -> PageQuerySet:
        return self.filter(edition__isnull=True)


class Page(PublishedTable):
    """A public address. Name, summary, slug and urgency are those of the version that is, or was last, live.

    is_urgent: whether it says when to call for help. on_home: whether the first page shows it.
    same_as: the page of the same thing, to which its address leads while readers can see that: a cause that is a
    condition. review: what readers are told of its review, a `Review`, if it was ever approved.
    """

    kind = models.CharField(max_length=20, choices=KIND_CHOICES)
    slug = models.SlugField(max_length=200)
    live = models.OneToOneField("Version", null=True, blank=True, on_delete=models.PROTECT, related_name="live_on")
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    sort_key = models.CharField(max_length=300)
    is_urgent = models.BooleanField(default=False, db_default=False)
    on_home = models.BooleanField(default=False, db_default=False)
    review = models.JSONField(null=True, blank=True)
    same_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="same", db_index=True
    )

    objects: ClassVar = PageQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="one_page_per_address"),
            models.CheckConstraint(
                condition=Q(live__isnull=True) | Q(edition__isnull=False), name="live_page_has_an_edition"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "sort_key", "id"], name="page_list"),
            models.Index(fields=["sort_key"], name="page_on_home", condition=Q(on_home=True)),
            models.Index(fields=["edition"], name="page_reviewed", condition=Q(review__isnull=False)),
            models.Index((F("id") - 1) / PAGES_PER_PART, "edition", name="page_part"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return page_address(self.kind, self.slug)

    url = property(get_absolute_url)

    @property
    def is_reviewed(self) -> bool:
        """Whether exactly what readers see was approved, and no review is due."""
        return self.review is not None and not self.review["changed"] and not self.review["is_due"]


def has_entry(page: str = "") -> Q:
    """Whether a page has an entry on the desk, which was not deleted. page: what leads to it, as "version__page__"."""
    return Q(*(Q(**{f"{page}{kind.value}__isnull": False}) for kind in Kind), _connector=Q.OR)


class Address(PublishedTable):
    """A slug that belongs to one page permanently. Readers may use it once an edition has."""

    kind = models.CharField(max_length=20, choices=KIND_CHOICES)
    slug = models.SlugField(max_length=200)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="addresses")
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="address_belongs_to_one_page")]

    def __str__(self) -> str:
        return page_address(self.kind, self.slug)


class VersionQuerySet(PublishedQuerySet["Version"]):
    def on_desk(self) -> VersionQuerySet:
        """Versions that were on the desk: all but those that a file only proposed."""
        proposed = Decision.objects.filter(version=OuterRef("pk"), verb=Decision.Verb.PROPOSE)
        return self.exclude(Exists(proposed))

    def proposed(self) -> VersionQuerySet:
        """Records of files that conflict with the desk and that no editor has rejected or accepted yet."""
        # From the few that were proposed: to ask each version would read them all.
        proposed = Decision.objects.filter(verb=Decision.Verb.PROPOSE).values("version")
        rejected = Decision.objects.filter(version=OuterRef("pk"), verb=Decision.Verb.SEND_BACK)
        later = Version.objects.filter(page=OuterRef("page"), number__gt=OuterRef("number"), digest=OuterRef("digest"))
        return self.filter(~Exists(rejected), ~Exists(later), pk__in=proposed)

    def in_files(self) -> VersionQuerySet:
        """Versions known to be in a fixture file: loaded from one, or written to one."""
        return self.exclude(file="")

    def mark_in_file(self, file: str) -> int:
        """Note that these versions are in `file`: the one thing about a version that may be added later."""
        return QuerySet.update(self, file=file)


class Version(PublishedTable):
    """A record kept for good. Immutable, except for `file`, which is set when it is written to one.

    by_name: what whoever made it was called then.
    """

    class Origin(models.TextChoices):
        ADMIN = "admin", "edited in the admin"
        FILE = "file", "loaded from a file"
        RESTORE = "restore", "restored from an older version"
        MERGE = "merge", "merged"

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    format = models.PositiveSmallIntegerField()
    record = models.JSONField()
    digest = models.CharField(max_length=64)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    file = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by_name = models.CharField(max_length=NAME_LENGTH, blank=True, db_default="")
    comment = models.CharField(max_length=300, blank=True)

    objects: ClassVar = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["page_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="version_numbers_are_unique")]
        indexes = [
            models.Index(fields=["file"], name="version_in_file", condition=~Q(file="")),
            models.Index(fields=["by"], name="version_by", condition=Q(by__isnull=False)),
        ]
        permissions = [
            ("publish_version", "Can publish and withdraw pages"),
            ("review_version", "Can approve versions and send them back"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def author(self) -> str:
        """Who made it, in words."""
        return author_words(self.by.username if self.by else None, self.origin)


def author_words(username: str | None, origin: str | None) -> str:
    """Who made a version of that origin, in words: a user, a file, or what wrote the tables without logging in."""
    from_file = origin in (Version.Origin.FILE, Version.Origin.MERGE)
    return username or ("a content file" if from_file else "a program outside the admin")


class Change(PublishedTable):
    """What one edition moved on one page. `after` is null where the page was withdrawn.

    place: where it stands among the changes of its edition, from 1: by kind, then by the name that it had then.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="changes")
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="changes")
    before = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    after = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField(blank=True)
    instead = models.ForeignKey(Page, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveIntegerField()

    class Meta:
        ordering = ["-edition_id", "page_id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "page"], name="one_change_per_page_and_edition"),
            models.UniqueConstraint(fields=["edition", "place"], name="one_change_per_place_of_an_edition"),
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False), name="change_moves_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} in {self.edition}"


class Touched(PublishedTable):
    """A page that an edition may have changed for readers. Without a page: it may have changed any.

    So may an edition of which there is no row: those of old ones are thrown away.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="touched", db_index=False)
    page = models.ForeignKey(Page, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "page"], name="touched_once_by_an_edition")]

    def __str__(self) -> str:
        return f"{self.page or 'any page'} in {self.edition}"


class Decision(PublishedTable):
    """What a user decided about one exact version. Append-only: what was decided last of a matter counts.

    name, credentials: of who approved, as readers are told, and as they were then. asked: who is asked to review;
    without one, anybody who may. due: when the next review is due, a version is to be published, or a link expires.
    remarks: what is said of places of a version that is sent back: [{"path": [...], "text": ...}].
    note: what somebody wrote; of a link, what it shows, "newest" or "live"; of the end of one, the id of that link.
    """

    class Verb(models.TextChoices):
        SUBMIT = "submit", "sent for review"
        TAKE_BACK = "take back", "taken back from review"
        APPROVE = "approve", "approved"
        SEND_BACK = "send back", "sent back"
        CORRECT = "correct", "published as a correction"
        SCHEDULE = "schedule", "scheduled"
        CANCEL = "cancel", "no longer scheduled"
        FAIL = "fail", "could not be published"
        SHARE = "share", "shared by a link"
        UNSHARE = "unshare", "no longer shared"
        PROPOSE = "propose", "proposed by a file"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=10, choices=Verb.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=200, blank=True)
    credentials = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    due = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    remarks = models.JSONField(default=list, db_default=[])

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["verb", "at"], name="decision_by_verb")]

    def __str__(self) -> str:
        return f"{self.version} {self.get_verb_display()}"

    def holds(self, now: datetime) -> bool:
        """Whether no new review is due of what this approves."""
        return self.due is None or self.due > now

    def as_review(self, number: int) -> Review:
        """An approval as readers are told it. number: that of its version."""
        return {
            "version": number,
            "name": self.name,
            "credentials": self.credentials,
            "at": self.at.isoformat(),
            "due": self.due.isoformat() if self.due else "",
            "is_due": False,
            "changed": "",
        }


class Link(PublishedTable):
    """A published reference of a live version, under the slug that it states. `via`: the link that it tags or cites.

    quotes: of a citation, what carries what: lists of a field, the sentence of it, and the words of what is cited. A
    row that cites says no field and no sentence: it is the statement.
    """

    owner = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="links_out", db_index=False)
    relation = models.CharField(max_length=30)
    target = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="links_in")
    via = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="marks", db_index=False)
    slug = models.CharField(max_length=SLUG_LENGTH)
    certainty = models.CharField(max_length=20, blank=True, db_default="")
    role = models.CharField(max_length=30, blank=True)
    everyday = models.BooleanField(default=False, db_default=False)
    note = models.TextField(blank=True)
    quotes = models.JSONField(default=list, db_default=[])
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["owner_id", "order", "id"]
        # Wide enough for /find/, which reads thousands of rows by what they lead to and by whose they are.
        indexes = [
            models.Index(fields=["target", "relation", "owner", "certainty", "everyday"], name="link_into"),
            models.Index(fields=["owner", "relation", "certainty", "target"], name="link_out_of"),
            # Without those that qualify none, which SQLite would read all of them by.
            models.Index(fields=["via"], name="link_mark_of", condition=Q(via__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(owner=F("target")), name="link_leads_to_another_page"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.relation} {self.target}"


class LoadedFile(models.Model):
    """A fixture file as it was last loaded, so that an unchanged one costs one look.

    `mark` is the newest version there was when it was loaded: a later one on any page of the
    file means that the file has to be compared again. `entries` are digests of what it said of
    each entry that stood on the desk just so, one after the other, and `compared` the newest
    version there was then: `mark` moves on where the file is skipped.
    """

    path = models.CharField(max_length=300, unique=True)
    digest = models.CharField(max_length=64)
    mark = models.BigIntegerField()
    entries = models.BinaryField(default=b"", db_default=b"")
    compared = models.BigIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return self.path
