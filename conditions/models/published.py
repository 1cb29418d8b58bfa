"""What readers and history read: editions, pages, versions and the links between pages.

Only `publishing.py` writes these tables, and `reload.py` the one that remembers files. Keys that nobody looks
rows up by (who did it, which edition opened it) have no index: writing it cost a tenth of a large load.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, QuerySet


class Kind(models.TextChoices):
    """What an entry is. The plural is its address and its folder of fixture files."""

    CONDITION = "condition", "condition"
    SYMPTOM = "symptom", "symptom"
    TREATMENT = "treatment", "treatment"
    CAUSE = "cause", "cause"
    QUESTION = "question", "question"
    TAG = "tag", "tag"
    SOURCE = "source", "source"

    @property
    def plural(self) -> str:
        return f"{self.value}s"

    @classmethod
    def of_plural(cls, plural: str) -> Kind:
        """The kind whose plural is given; ValueError if there is none."""
        return cls(plural.removesuffix("s") if plural.endswith("s") else "")


ABOUT_KINDS = (Kind.CONDITION, Kind.SYMPTOM, Kind.TREATMENT, Kind.CAUSE)
"""What a question can be about."""


def split_reference(reference: str) -> tuple[Kind, str]:
    """Kind and slug of a reference that says both: "conditions/bells-palsy". ValueError if it does not."""
    plural, _, slug = reference.partition("/")
    return Kind.of_plural(plural), slug


class PublishedQuerySet(QuerySet[Any]):
    """Rows that only `publishing` writes, past the ORM: no shell habit changes what readers see."""

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"Only publishing writes {self.model._meta.verbose_name_plural}. Call one of its verbs.")

    create = get_or_create = update_or_create = bulk_create = bulk_update = update = delete = _refuse


class PublishedTable(models.Model):
    """A table that readers or history read."""

    objects = PublishedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """TypeError: only publishing writes it."""
        raise TypeError(f"Only publishing writes {self._meta.verbose_name_plural}. Call one of its verbs.")

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """TypeError: only publishing writes it."""
        raise TypeError(f"Only publishing writes {self._meta.verbose_name_plural}. Call one of its verbs.")


class Edition(PublishedTable):
    """The number that moves whenever what readers see changes. Row 0 is the publishers' lock."""

    number = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"edition {self.number}"


def current_edition() -> int:
    """The number of the newest edition. One raw statement, fetched to the end: it stands around every public page."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = connection.connection.cursor()
        cursor.execute("SELECT MAX(number) FROM conditions_edition")
        number = cursor.fetchall()[0][0] or 0
        cursor.close()
    return int(number)


class PageQuerySet(PublishedQuerySet):
    def live(self) -> PageQuerySet:
        """Pages that readers can see."""
        return self.filter(live__isnull=False)

    def withdrawn(self) -> PageQuerySet:
        """Pages that readers could see once, and no longer can."""
        return self.filter(live__isnull=True, edition__isnull=False)

    def never_published(self) -> PageQuerySet:
        return self.filter(edition__isnull=True)


class Page(PublishedTable):
    """A public address. Name, summary and slug are those of the version that is, or was last, live."""

    kind = models.CharField(max_length=20, choices=Kind.choices)
    slug = models.SlugField(max_length=200)
    live = models.OneToOneField("Version", null=True, blank=True, on_delete=models.PROTECT, related_name="live_on")
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    sort_key = models.CharField(max_length=300)

    objects = PageQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="one_page_per_address"),
            models.CheckConstraint(
                condition=Q(live__isnull=True) | Q(edition__isnull=False), name="live_page_has_an_edition"
            ),
        ]
        indexes = [models.Index(fields=["kind", "sort_key", "id"], name="page_list")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/{Kind(self.kind).plural}/{self.slug}/"

    @property
    def url(self) -> str:
        return self.get_absolute_url()


class Address(PublishedTable):
    """A slug that belongs to one page for ever. Readers may use it once an edition has."""

    kind = models.CharField(max_length=20, choices=Kind.choices)
    slug = models.SlugField(max_length=200)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="addresses")
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="address_belongs_to_one_page")]

    def __str__(self) -> str:
        return f"/{Kind(self.kind).plural}/{self.slug}/"


class VersionQuerySet(PublishedQuerySet):
    def on_desk(self) -> VersionQuerySet:
        """Versions that stood on the desk: all but those that a file only proposed."""
        proposed = Decision.objects.filter(version=OuterRef("pk"), verb=Decision.Verb.PROPOSE)
        return self.exclude(Exists(proposed))

    def proposed(self) -> VersionQuerySet:
        """Records of files that clashed with the desk and that no editor has sent back or taken over yet."""
        decisions = Decision.objects.filter(version=OuterRef("pk"))
        later = Version.objects.filter(page=OuterRef("page"), number__gt=OuterRef("number"))
        return self.filter(
            Exists(decisions.filter(verb=Decision.Verb.PROPOSE)),
            ~Exists(decisions.filter(verb=Decision.Verb.SEND_BACK)),
            ~Exists(later.filter(digest=OuterRef("digest"))),
        )

    def in_files(self) -> VersionQuerySet:
        """Versions known to be in a fixture file: loaded from one, or written to one."""
        return self.exclude(file="")

    def mark_in_file(self, file: str) -> int:
        """Note that these versions stand in `file`: the one thing about a version that may be learnt later."""
        return QuerySet.update(self, file=file)


class Version(PublishedTable):
    """A record kept for good. Immutable, but for `file`, which is learnt when it is written to one."""

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
    comment = models.CharField(max_length=300, blank=True)

    objects = VersionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["page_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="version_numbers_are_unique")]
        indexes = [models.Index(fields=["file"], name="version_in_file", condition=~Q(file=""))]
        permissions = [
            ("publish_version", "Can publish and withdraw pages"),
            ("review_version", "Can approve versions and send them back"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class Change(PublishedTable):
    """What one edition moved on one page. `after` is null where the page was withdrawn."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="changes")
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="changes")
    before = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    after = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField(blank=True)
    instead = models.ForeignKey(Page, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["-edition_id", "page_id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "page"], name="one_change_per_page_and_edition"),
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False), name="change_moves_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} in {self.edition}"


class Decision(PublishedTable):
    """What somebody decided about one exact version. Append-only; stages are derived from it."""

    class Verb(models.TextChoices):
        SUBMIT = "submit", "sent to review"
        APPROVE = "approve", "approved"
        SEND_BACK = "send back", "sent back"
        SCHEDULE = "schedule", "scheduled"
        PROPOSE = "propose", "proposed by a file"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=10, choices=Verb.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=200, blank=True)
    credentials = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    due = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.version} {self.get_verb_display()}"


class Link(PublishedTable):
    """A published reference of a live version. `via` is the link that this one tags or cites."""

    class Relation(models.TextChoices):
        SYMPTOMS = "symptoms", "symptoms"
        TREATMENTS = "treatments", "treatments"
        CAUSES = "causes", "causes"
        RELATED = "related", "related conditions"
        TAGS = "tags", "tags"
        EVIDENCE = "evidence", "evidence"
        SOURCES = "sources", "sources"
        ABOUT = "about", "about"

    class Role(models.TextChoices):
        """How a condition stands to a related one; `inverse` words it from the other side."""

        PART_OF = "part-of", "Part of"
        CAUSED_BY = "can-be-caused-by", "Can be caused by"
        FIRST_SIGN = "can-be-a-first-sign-of", "Can be a first sign of"
        MISTAKEN_FOR = "easily-mistaken-for", "Easily mistaken for"

        @property
        def inverse(self) -> str:
            return _INVERSES[self.value]

    owner = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="links_out")
    relation = models.CharField(max_length=12, choices=Relation.choices)
    target = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="links_in")
    via = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="marks")
    role = models.CharField(max_length=30, choices=Role.choices, blank=True)
    note = models.TextField(blank=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["owner_id", "order", "id"]
        indexes = [models.Index(fields=["target", "relation", "owner"], name="link_into")]
        constraints = [
            models.CheckConstraint(condition=~Q(owner=F("target")), name="link_leads_to_another_page"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.relation} {self.target}"


_INVERSES = {
    "part-of": "Includes",
    "can-be-caused-by": "Can cause",
    "can-be-a-first-sign-of": "Can begin as",
    "easily-mistaken-for": "Easily mistaken for",
}

ROW_RELATIONS = ("symptoms", "treatments", "causes", "related")
"""Relations whose rows carry a note, tags and citations of their own."""

TARGET_KINDS = {
    "symptoms": Kind.SYMPTOM,
    "treatments": Kind.TREATMENT,
    "causes": Kind.CAUSE,
    "related": Kind.CONDITION,
    "tags": Kind.TAG,
    "evidence": Kind.QUESTION,
    "sources": Kind.SOURCE,
}
"""What each relation leads to; `about` says the kind in each reference."""


class Name(PublishedTable):
    """One name of a live page, for A to Z and for finding by prefix."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="names")
    text = models.CharField(max_length=300)
    key = models.CharField(max_length=300, db_index=True)
    letter = models.CharField(max_length=1)

    class Meta:
        ordering = ["key", "id"]
        indexes = [models.Index(fields=["letter", "key"], name="name_by_letter")]

    def __str__(self) -> str:
        return self.text


class SearchText(PublishedTable):
    """The folded words of a live page, for search."""

    page = models.OneToOneField(Page, primary_key=True, on_delete=models.PROTECT, related_name="search_text")
    words = models.TextField()

    def __str__(self) -> str:
        return f"words of {self.page}"


class LoadedFile(models.Model):
    """A fixture file as it was last loaded, so that an unchanged one costs one look.

    `mark` is the newest version there was when it was loaded: a later one on any page of the
    file means that the file has to be compared again.
    """

    path = models.CharField(max_length=300, unique=True)
    digest = models.CharField(max_length=64)
    mark = models.BigIntegerField()

    def __str__(self) -> str:
        return self.path
