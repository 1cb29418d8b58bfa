"""Conditions, what they are related to, and what that rests on."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Named(models.Model):
    """What has an address and a name."""

    folder = ""

    slug = models.SlugField(max_length=200, unique=True)
    name = models.CharField(max_length=300)
    summary = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/{self.folder}/{self.slug}/"


class Symptom(Named):
    folder = "symptoms"


class Treatment(Named):
    folder = "treatments"


class Cause(Named):
    folder = "causes"


class Tag(Named):
    folder = "tags"


class Term(Named):
    folder = "words"


class Question(Named):
    folder = "questions"

    author = models.CharField(max_length=300, blank=True)


class Source(Named):
    folder = "sources"

    publisher = models.CharField(max_length=300)
    licence = models.CharField(max_length=300, blank=True)
    url = models.URLField(max_length=500, blank=True)
    printed = models.CharField(max_length=300, blank=True)


class Condition(Named):
    """Its texts are Markdown."""

    folder = "conditions"

    also_called = models.CharField(max_length=1000, blank=True)
    codes = models.CharField(max_length=300, blank=True)
    where = models.CharField(max_length=1000, blank=True)
    outlook = models.TextField(blank=True)
    help_now = models.TextField(blank=True)
    help_today = models.TextField(blank=True)
    help_soon = models.TextField(blank=True)
    help_routine = models.TextField(blank=True)
    self_care = models.TextField(blank=True)
    who_gets_it = models.TextField(blank=True)
    tests = models.TextField(blank=True)
    body = models.TextField(blank=True)
    at_the_doctor = models.TextField(blank=True)
    changed = models.DateTimeField(auto_now=True)
    tags = models.ManyToManyField(Tag)
    terms = models.ManyToManyField(Term)
    questions = models.ManyToManyField(Question, related_name="about")


class Cited(models.Model):
    """Something that a question or a source says."""

    question = models.ForeignKey(Question, models.CASCADE, null=True, related_name="+")
    source = models.ForeignKey(Source, models.CASCADE, null=True, related_name="+")
    order = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["order"]

    @property
    def document(self) -> Question | Source | None:
        return self.question or self.source

    @property
    def by(self) -> str:
        """Who says it."""
        return self.source.publisher if self.source else (self.question and self.question.author) or "author not known"

    def __str__(self) -> str:
        return str(self.document)


class Quote(Cited):
    """Sentences, one on each line, with what states a row underlined."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    row = GenericForeignKey()
    sentences = models.TextField(blank=True)

    class Meta(Cited.Meta):
        indexes = [models.Index(fields=["content_type", "object_id"])]


class RestsOn(Cited):
    """A document or source that a condition rests on, and the words of it, one on each line."""

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="rests_on")
    words = models.TextField(blank=True)


class Row(models.Model):
    """A relation of a condition, to its target. often: how often it holds, in words."""

    often = models.CharField(max_length=50, blank=True)
    role = models.CharField(max_length=50, blank=True)
    note = models.TextField(blank=True)
    order = models.PositiveIntegerField(default=0)
    quotes = GenericRelation(Quote)

    class Meta:
        abstract = True
        ordering = ["order"]

    def __str__(self) -> str:
        return self.note


class SymptomRow(Row):
    condition = models.ForeignKey(Condition, models.CASCADE, related_name="symptoms")
    target = models.ForeignKey(Symptom, models.CASCADE, related_name="+")


class CauseRow(Row):
    condition = models.ForeignKey(Condition, models.CASCADE, related_name="causes")
    target = models.ForeignKey(Cause, models.CASCADE, related_name="+")


class TreatmentRow(Row):
    condition = models.ForeignKey(Condition, models.CASCADE, related_name="treatments")
    target = models.ForeignKey(Treatment, models.CASCADE, related_name="+")


class RelatedRow(Row):
    condition = models.ForeignKey(Condition, models.CASCADE, related_name="related")
    target = models.ForeignKey(Condition, models.CASCADE, related_name="+")
