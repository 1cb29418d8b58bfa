"""The desk: the tables that editors edit. Readers never see them; `publishing` carries them across."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from taggit.managers import TaggableManager, _TaggableManager
from taggit.models import GenericTaggedItemBase, TagBase

from conditions.models.published import Kind, Link, Page

NAME_LENGTH = 300
SLUG_LENGTH = 200


def names_from_text(text: str) -> list[str]:
    """The tag names in what somebody typed: commas alone separate them. Sorted, without repeats."""
    return sorted({" ".join(name.split()) for name in text.split(",")} - {""})


def text_from_names(tags: list[Tag]) -> str:
    """The tags as somebody would type them."""
    return ", ".join(sorted(tag.name for tag in tags))


class VersionedEntry(models.Model):
    """Whatever has versions: `page` is null until the first one is kept."""

    kind: ClassVar[Kind]
    slug: Any
    name: Any

    page = models.OneToOneField(
        Page, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="%(class)s"
    )

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Tag(VersionedEntry, TagBase):  # type: ignore[django-manager-missing]
    """A word that entries and relations are marked with. A tag is its slug."""

    class Group(models.TextChoices):
        PLACE = "place", "Place on the face"
        COURSE = "course", "Course over time"
        SIDE = "side", "Side"
        CERTAINTY = "certainty", "Certainty"
        LINE = "line", "Line of treatment"
        TOPIC = "topic", "Topic"

    kind = Kind.TAG

    name = models.CharField(max_length=NAME_LENGTH, help_text="As readers see it, without commas.")
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True, help_text="The end of its address.")
    group = models.CharField(max_length=10, choices=Group.choices, default=Group.TOPIC)
    summary = models.TextField(blank=True, help_text="One sentence: what it means here.")

    class Meta(VersionedEntry.Meta):
        abstract = False

    def clean(self) -> None:
        """Refuse what could not be typed back."""
        if "," in self.name:
            raise ValidationError({"name": "A tag has no comma in its name: commas separate tags."})


class Source(VersionedEntry):
    """An outside publication that entries rest on."""

    kind = Kind.SOURCE

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True, help_text="The end of its address.")
    name = models.CharField("title", max_length=NAME_LENGTH)
    publisher = models.CharField(max_length=NAME_LENGTH)
    url = models.URLField("address", max_length=500, blank=True, help_text="Begins with https://")
    published = models.DateField(null=True, blank=True, help_text="When the publisher dated it, if it did.")
    accessed = models.DateField(null=True, blank=True, help_text="When somebody of ours last read it.")
    licence = models.CharField(max_length=NAME_LENGTH, blank=True)


class SlugTaggableManager(_TaggableManager):
    """Finds tags by slug, so that `Left side`, `left side` and `left-side` are one."""

    def _to_tag_model_instances(self, tags: list[Any], tag_kwargs: dict[str, Any]) -> set[Tag]:
        found = {tag for tag in tags if isinstance(tag, Tag)}
        names = {slugify(str(tag)): str(tag) for tag in tags if not isinstance(tag, Tag)}
        for slug, name in names.items():
            found.add(Tag.objects.get_or_create(slug=slug, defaults={"name": name, **tag_kwargs})[0])
        return found


class Tagged(GenericTaggedItemBase):
    """One tag on one entry or relation."""

    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="tagged")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_type", "object_id", "tag"], name="tagged_once")]


class Citation(models.Model):
    """What an entry or relation rests on: a document (`Question`) or a `Source`."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    owner = GenericForeignKey()
    question = models.ForeignKey("Question", null=True, on_delete=models.PROTECT, related_name="citations")
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="citations")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(question__isnull=False, source__isnull=True)
                | Q(question__isnull=True, source__isnull=False),
                name="citation_of_a_question_or_a_source",
            ),
            models.UniqueConstraint(fields=["content_type", "object_id", "question"], name="question_cited_once"),
            models.UniqueConstraint(fields=["content_type", "object_id", "source"], name="source_cited_once"),
        ]
        indexes = [models.Index(fields=["content_type", "object_id"], name="citations_of_owner")]

    def __str__(self) -> str:
        return str(self.question or self.source)


class TaggedAndCited(models.Model):
    """What can be tagged and cited: entries and relations alike."""

    tags = TaggableManager(through=Tagged, manager=SlugTaggableManager, blank=True)
    tagged = GenericRelation(Tagged)
    citations = GenericRelation(Citation)

    class Meta:
        abstract = True


class Entry(VersionedEntry, TaggedAndCited):
    """An entry that readers look up."""

    slug = models.SlugField(
        max_length=SLUG_LENGTH,
        unique=True,
        help_text="The end of its address. The old address leads to the new one for ever.",
    )
    name = models.CharField(max_length=NAME_LENGTH, help_text="The plain name, as a reader would say it.")
    also_called = models.JSONField(
        default=list, blank=True, help_text="Other names, one on each line. All of them can be found."
    )
    summary = models.TextField(
        blank=True, help_text="One plain sentence that answers what it is. Wanted before it is published."
    )
    body = models.TextField(
        blank=True, help_text="Markdown. [@slug] after a statement cites a document or source listed below."
    )

    class Meta(VersionedEntry.Meta):
        abstract = True


class Care(models.Model):
    """When to get help, in three degrees."""

    help_now = models.TextField(
        "now: call your emergency number", blank=True, help_text="Markdown. What must not wait."
    )
    help_soon = models.TextField(
        "soon: ask to see a doctor", blank=True, help_text="Markdown. What should be looked at soon."
    )
    help_routine = models.TextField("at your next visit", blank=True, help_text="Markdown. What can wait.")

    class Meta:
        abstract = True


class Condition(Entry, Care):
    kind = Kind.CONDITION

    codes = models.JSONField(
        default=list,
        blank=True,
        help_text="System and code, one on each line: ICD-10-CM G51.3. [@slug] behind it cites a source.",
    )


class Symptom(Entry, Care):
    kind = Kind.SYMPTOM


class Treatment(Entry):
    kind = Kind.TREATMENT


class Cause(Entry):
    kind = Kind.CAUSE


class Question(VersionedEntry, TaggedAndCited):
    """A document: a question, and its answer exactly as it was given."""

    kind = Kind.QUESTION

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True, help_text="The end of its address.")
    name = models.CharField("question", max_length=NAME_LENGTH)
    answer = models.TextField(blank=True, help_text="Plain text, shown word for word. Never edited.")
    editor_note = models.TextField(blank=True, help_text="Explains an oddity of the answer. Markdown.")


class About(models.Model):
    """One entry that a question is about."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="about")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    entry = GenericForeignKey()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "content_type", "object_id"], name="about_once")]
        indexes = [models.Index(fields=["content_type", "object_id"], name="about_entry")]

    def __str__(self) -> str:
        return f"{self.question} is about {self.entry}"


class Relation(TaggedAndCited):
    """One statement that joins two entries. It belongs to its owner's record, in order."""

    note = models.TextField(blank=True, help_text="One sentence, where the bare relation says too little.")
    order = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["order", "id"]


class ConditionSymptom(Relation):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="symptoms")
    symptom = models.ForeignKey(Symptom, on_delete=models.PROTECT, related_name="of_conditions")

    class Meta(Relation.Meta):
        verbose_name = "symptom"
        constraints = [models.UniqueConstraint(fields=["condition", "symptom"], name="symptom_once")]

    def __str__(self) -> str:
        return str(self.symptom)


class ConditionTreatment(Relation):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="treatments")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="of_conditions")

    class Meta(Relation.Meta):
        verbose_name = "treatment"
        constraints = [models.UniqueConstraint(fields=["condition", "treatment"], name="treatment_once")]

    def __str__(self) -> str:
        return str(self.treatment)


class ConditionCause(Relation):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="causes")
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="of_conditions")

    class Meta(Relation.Meta):
        verbose_name = "cause"
        constraints = [models.UniqueConstraint(fields=["condition", "cause"], name="cause_once")]

    def __str__(self) -> str:
        return str(self.cause)


class RelatedCondition(Relation):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="related")
    related = models.ForeignKey(Condition, on_delete=models.PROTECT, related_name="related_to")
    role = models.CharField("how it is related", max_length=30, choices=Link.Role.choices)

    class Meta(Relation.Meta):
        verbose_name = "related condition"
        constraints = [
            models.UniqueConstraint(fields=["condition", "related"], name="related_once"),
            models.CheckConstraint(condition=~Q(condition=models.F("related")), name="related_to_another_condition"),
        ]

    def __str__(self) -> str:
        return str(self.related)


class SymptomCause(Relation):
    symptom = models.ForeignKey(Symptom, on_delete=models.CASCADE, related_name="causes")
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="of_symptoms")

    class Meta(Relation.Meta):
        verbose_name = "cause"
        constraints = [models.UniqueConstraint(fields=["symptom", "cause"], name="symptom_cause_once")]

    def __str__(self) -> str:
        return str(self.cause)
