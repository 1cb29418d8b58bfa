"""The desk: the tables that editors edit. Readers never see them; `publishing` carries them across."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from taggit.managers import TaggableManager
from taggit.models import GenericTaggedItemBase, NaturalKeyManager, TagBase

from conditions import prose
from conditions.models.mixins import AlarmWords, CareAdvice, Coded, FormerCareAdvice
from conditions.models.published import Page
from conditions.schema import CERTAINTY, FIELDS, NAME_LENGTH, SCHEMAS, SLUG_LENGTH, Field, Kind, Relation


def _choices(field: Field) -> list[tuple[str, str]]:
    return [(choice.value, choice.label) for choice in field.choices]


def _role(relation: str) -> list[tuple[str, str]]:
    """The roles of a relation of conditions."""
    found = SCHEMAS[Kind.CONDITION].relation(relation)
    return _choices(next(field for field in found.fields if field.name == "role")) if found else []


class VersionedEntry(models.Model):
    """Whatever has versions: `page` is null until the first one is kept."""

    kind: ClassVar[Kind]

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True, help_text="The end of its address.")
    name = models.CharField(max_length=NAME_LENGTH)
    page = models.OneToOneField(
        Page, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="%(class)s"
    )

    class Meta:
        abstract = True
        ordering = ["name"]
        indexes = [models.Index(fields=["name", "id"], name="%(class)s_by_name")]

    def __str__(self) -> str:
        return self.name


class TagQuerySet(models.QuerySet["Tag"]):
    def get_or_create(self, defaults: Mapping[str, Any] | None = None, **lookup: Any) -> tuple[Tag, bool]:
        """Where taggit asks by name, the tag of the same slug: `Left side`, `left side` and `left-side` are one."""
        name = lookup.pop("name__iexact", lookup.pop("name", None))
        if name is not None:
            lookup |= {"slug": prose.slug_of(name)}
            defaults = {"name": name, **(defaults or {})}
        return super().get_or_create(defaults, **lookup)


TagManager = NaturalKeyManager.from_queryset(TagQuerySet)


class Tag(VersionedEntry, TagBase):
    """A word that entries and relations are marked with. A tag is its slug."""

    kind = Kind.TAG

    name = models.CharField(max_length=NAME_LENGTH, help_text="As readers see it, without commas.")
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True, help_text="The end of its address.")
    group = models.CharField(max_length=10, choices=_choices(FIELDS["group"]), default="topic")
    summary = models.TextField(blank=True, help_text="One sentence: what it means here.")

    objects: ClassVar = TagManager()

    class Meta(VersionedEntry.Meta):
        abstract = False

    def clean(self) -> None:
        """Refuse what could not be typed back."""
        if "," in self.name:
            raise ValidationError({"name": "A tag name cannot contain a comma: commas separate tags."})

    def slugify(self, tag: str, i: int | None = None) -> str:
        """taggit's hook: the slug of a tag of that name. ValidationError if it has no letters or digits."""
        slug = prose.slug_of(tag)
        if not slug:
            raise ValidationError({"name": f"{tag!r} has no letters or digits; use a name that has some."})
        return slug if i is None else f"{slug}_{i}"


class Source(VersionedEntry):
    """An outside publication that entries rest on."""

    kind = Kind.SOURCE

    name = models.CharField("title", max_length=NAME_LENGTH)
    publisher = models.CharField(max_length=NAME_LENGTH)
    url = models.URLField(max_length=500, blank=True, help_text="Starts with https://")
    published = models.DateField(null=True, blank=True, help_text="When the publisher dated it, if it did.")
    accessed = models.DateField(null=True, blank=True, help_text="When one of us last read it.")
    licence = models.CharField(max_length=NAME_LENGTH, blank=True)
    excerpt = models.JSONField(
        default=list,
        blank=True,
        help_text="The sentences that are used here, letter for letter, one on each line. Nothing from memory.",
    )
    found = models.CharField(
        max_length=NAME_LENGTH, blank=True, help_text="One sentence: the page itself, or which stored copy of it."
    )
    printed = models.CharField(
        max_length=NAME_LENGTH, blank=True, help_text="The date on what was read, in its words, or: not known."
    )


class Term(VersionedEntry):
    """A medical word in plain words. Pages mark where it is first used, and explain it."""

    kind = Kind.TERM

    name = models.CharField("word", max_length=NAME_LENGTH, help_text="As it stands in a sentence: nerve, MRI.")
    forms = models.JSONField(
        default=list, blank=True, help_text="Other forms of it that are explained too, one on each line: nerves."
    )
    summary = models.TextField(blank=True, help_text="One plain sentence that says what it means; [@slug] cites.")
    citations = GenericRelation("Citation")

    class Meta(VersionedEntry.Meta):
        verbose_name = "word"


class Tagged(GenericTaggedItemBase):
    """One tag on one entry or relation."""

    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="tagged", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_type", "object_id", "tag"], name="tagged_once")]
        indexes = [models.Index(fields=["tag", "content_type"], name="tagged_with")]


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

    tags = TaggableManager(through=Tagged, blank=True)
    tagged = GenericRelation(Tagged)
    citations = GenericRelation(Citation)

    class Meta:
        abstract = True


class Entry(VersionedEntry, TaggedAndCited):
    """An entry that readers look up."""

    slug = models.SlugField(
        max_length=SLUG_LENGTH,
        unique=True,
        help_text="The end of its address. The old address keeps leading to the new one.",
    )
    name = models.CharField(max_length=NAME_LENGTH, help_text="The plain name, as a reader would say it.")
    also_called = models.JSONField(
        default=list, blank=True, help_text="Other names, one on each line. All of them can be found."
    )
    found_by = models.JSONField(
        default=list,
        blank=True,
        help_text="What people also type for it, one on each line, such as a misspelling. Readers never see it.",
    )
    summary = models.TextField(
        blank=True,
        help_text="One plain sentence that says what it is; [@slug] cites. Required before it is published.",
    )
    body = models.TextField(
        blank=True, help_text="Markdown. [@slug] after a statement cites a document or source listed below."
    )

    class Meta(VersionedEntry.Meta):
        abstract = True


class Condition(Entry, CareAdvice, AlarmWords, Coded, FormerCareAdvice):
    kind = Kind.CONDITION

    outlook = models.TextField(
        blank=True, help_text="Markdown. How serious it is, how long it lasts, and whether it goes away."
    )
    who_gets_it = models.TextField(blank=True, help_text="Markdown. How common it is, and whom it meets.")
    tests = models.TextField(blank=True, help_text="Markdown. How doctors find it out.")


class Symptom(Entry, CareAdvice, AlarmWords, Coded, FormerCareAdvice):
    kind = Kind.SYMPTOM


class Treatment(Entry, CareAdvice):
    kind = Kind.TREATMENT

    how_it_works = models.TextField(blank=True, help_text="Markdown. What it does, and how it is done.")
    benefits = models.TextField(blank=True, help_text="Markdown. How well it works, how soon and for how long.")
    risks = models.TextField(blank=True, help_text="Markdown. What may go wrong.")
    without_it = models.TextField(blank=True, help_text="Markdown. What happens without it.")
    not_for = models.TextField(blank=True, help_text="Markdown. Who should not have it.")


class Cause(Entry):
    kind = Kind.CAUSE


class Question(VersionedEntry, TaggedAndCited):
    """A document: a question, and its answer exactly as it was given."""

    kind = Kind.QUESTION

    name = models.CharField("question", max_length=NAME_LENGTH)
    answer = models.TextField(blank=True, help_text="Plain text, shown word for word. Never edited.")
    in_short = models.TextField(
        blank=True, help_text='One or two plain sentences of ours. [@answer "words"] cites the words of the answer.'
    )
    carries_nothing = models.JSONField(
        default=list,
        blank=True,
        help_text="Words of the answer on which nothing rests, and why, one on each line. heading: the words. "
        "Or fragment, repeats the question, said elsewhere, or: contradicted by the-slug-of-a-source: the words.",
    )
    on_home = models.BooleanField(default=False, help_text="Whether the home page shows it.")
    editor_note = models.TextField(blank=True, help_text="Explains an oddity of the answer. Markdown.")
    author = models.CharField(
        max_length=NAME_LENGTH, blank=True, help_text="Who wrote the answer. Empty if nobody knows: the page says so."
    )
    publisher = models.CharField(
        max_length=NAME_LENGTH, blank=True, help_text="Who published these words. Only where they were seen there."
    )
    url = models.URLField(max_length=500, blank=True, help_text="Where the words were published. Starts with https://")
    licence = models.CharField(
        max_length=NAME_LENGTH, blank=True, help_text="What allows copying them. Empty if nobody knows."
    )
    retrieved = models.DateField(null=True, blank=True, help_text="When they were copied, if that is known.")


class EntryReference(models.Model):
    """One entry that another names in a field: what a question is about, of what a symptom is a kind."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    owner = GenericForeignKey()
    field = models.CharField(max_length=30)
    target_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "field", "target_type", "target_id"], name="named_once"
            )
        ]
        indexes = [models.Index(fields=["target_type", "target_id"], name="names_entry")]

    def __str__(self) -> str:
        return f"{self.owner} {self.field} {self.target}"


class RelationRow(TaggedAndCited):
    """One statement that joins two entries. It belongs to its owner's record, in order."""

    certainty = models.CharField(
        max_length=20,
        blank=True,
        choices=_choices(CERTAINTY),
        help_text="As what states it says. Empty where it says no word such as may or rarely.",
    )
    note = models.TextField(blank=True, help_text="One sentence, if the relation alone says too little.")
    quotes = models.JSONField(
        default=list,
        blank=True,
        help_text='The words that state it, letter for letter, one citation on each line: [@slug "the words"]',
    )
    order = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["order", "id"]


class ConditionSymptom(RelationRow):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="symptoms")
    symptom = models.ForeignKey(Symptom, on_delete=models.PROTECT, related_name="of_conditions")

    class Meta(RelationRow.Meta):
        verbose_name = "symptom"
        constraints = [models.UniqueConstraint(fields=["condition", "symptom"], name="symptom_once")]

    def __str__(self) -> str:
        return str(self.symptom)


class ConditionTreatment(RelationRow):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="treatments")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="of_conditions")

    class Meta(RelationRow.Meta):
        verbose_name = "treatment"
        constraints = [models.UniqueConstraint(fields=["condition", "treatment"], name="treatment_once")]

    def __str__(self) -> str:
        return str(self.treatment)


class CauseRow(RelationRow):
    """What lies behind an entry."""

    role = models.CharField(
        max_length=30,
        blank=True,
        choices=_role("causes"),
        help_text="Empty where it is simply a cause.",
    )
    everyday = models.BooleanField(default=False, help_text="Something that most people know, such as being tired.")

    class Meta(RelationRow.Meta):
        abstract = True


class ConditionCause(CauseRow):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="causes")
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="of_conditions")

    class Meta(CauseRow.Meta):
        abstract = False
        verbose_name = "cause"
        constraints = [models.UniqueConstraint(fields=["condition", "cause"], name="cause_once")]

    def __str__(self) -> str:
        return str(self.cause)


class RelatedCondition(RelationRow):
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="related")
    related = models.ForeignKey(Condition, on_delete=models.PROTECT, related_name="related_to")
    role = models.CharField(max_length=30, choices=_role("related"))

    class Meta(RelationRow.Meta):
        verbose_name = "related condition"
        constraints = [
            models.UniqueConstraint(fields=["condition", "related"], name="related_once"),
            models.CheckConstraint(condition=~Q(condition=models.F("related")), name="related_to_another_condition"),
        ]

    def __str__(self) -> str:
        return str(self.related)


class SymptomCause(CauseRow):
    symptom = models.ForeignKey(Symptom, on_delete=models.CASCADE, related_name="causes")
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="of_symptoms")

    class Meta(CauseRow.Meta):
        abstract = False
        verbose_name = "cause"
        constraints = [models.UniqueConstraint(fields=["symptom", "cause"], name="symptom_cause_once")]

    def __str__(self) -> str:
        return str(self.cause)


# Which table holds what


def _concrete(model: type[models.Model]) -> list[type[models.Model]]:
    found = [one for each in model.__subclasses__() for one in _concrete(each)]
    return found if model._meta.abstract else [model, *found]


_MODELS = {model.kind: model for model in _concrete(VersionedEntry) if issubclass(model, VersionedEntry)}
MODELS = {kind: _MODELS[kind] for kind in Kind}
"""The model of each kind."""


def entries(kind: Kind) -> QuerySet[VersionedEntry]:
    """The entries of a kind."""
    return MODELS[kind]._default_manager.all()


def column(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    """The field of a model that holds a value of its own."""
    found = model._meta.get_field(name)
    assert isinstance(found, models.Field), f"{name} is a column of {model}"
    return found


@dataclass(frozen=True)
class RowTable:
    """Where the rows of a relation are stored: `owner` and `target` name the model's foreign keys."""

    relation: Relation
    model: type[RelationRow]
    owner: str
    target: str

    @property
    def rows(self) -> QuerySet[RelationRow]:
        return self.model._default_manager.all()


@cache
def row_tables(kind: Kind) -> tuple[RowTable, ...]:
    """The tables of a kind's relations, in their order. A relation is what its rows are called from their owner."""
    return tuple(_row_table(MODELS[kind], relation) for relation in SCHEMAS[kind].relations)


def _row_table(owner: type[VersionedEntry], relation: Relation) -> RowTable:
    back = owner._meta.get_field(relation.name)
    assert isinstance(back, models.ManyToOneRel), f"{relation.name} is the related_name of the rows of {owner}"
    model = back.related_model
    assert issubclass(model, RelationRow), f"{relation.name} leads to rows of a relation"
    keys = [field.name for field in model._meta.fields if isinstance(field, models.ForeignKey)]
    target = next(name for name in keys if name != back.field.name)
    return RowTable(relation, model, back.field.name, target)
