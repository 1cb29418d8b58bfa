"""Page types, and the rows of inline panels."""

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page
from wagtail.snippets.models import register_snippet


class HomePage(Page):
    pass


class IndexPage(Page):
    pass


class EntryPage(Page):
    """What readers look up. Its own address leads on here."""

    summary = models.TextField(blank=True)

    content_panels = [*Page.content_panels, FieldPanel("summary")]

    class Meta:
        abstract = True


class SymptomPage(EntryPage):
    pass


class TreatmentPage(EntryPage):
    pass


class CausePage(EntryPage):
    pass


class QuestionPage(EntryPage):
    author = models.CharField(max_length=300, blank=True)


class SourcePage(EntryPage):
    publisher = models.CharField(max_length=300)
    licence = models.CharField(max_length=300, blank=True)
    address = models.URLField(max_length=500, blank=True)
    printed = models.CharField(max_length=300, blank=True)


@register_snippet
class Term(models.Model):
    slug = models.SlugField(max_length=200)
    name = models.CharField(max_length=300)
    summary = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class ConditionTag(TaggedItemBase):
    content_object = ParentalKey("ConditionPage", related_name="tagged_items", on_delete=models.CASCADE)


class ConditionPage(Page):
    """Its texts are rich text, the quotes in them too."""

    also_called = models.CharField(max_length=1000, blank=True)
    codes = models.CharField(max_length=300, blank=True)
    where = models.CharField(max_length=1000, blank=True)
    summary = RichTextField(blank=True)
    outlook = RichTextField(blank=True)
    help_now = RichTextField(blank=True)
    help_today = RichTextField(blank=True)
    help_soon = RichTextField(blank=True)
    help_routine = RichTextField(blank=True)
    self_care = RichTextField(blank=True)
    who_gets_it = RichTextField(blank=True)
    tests = RichTextField(blank=True)
    body = RichTextField(blank=True)
    at_the_doctor = RichTextField(blank=True)
    tags = ClusterTaggableManager(through=ConditionTag, blank=True)

    TEXTS = (
        *("also_called", "codes", "where", "summary", "outlook", "help_now", "help_today", "help_soon"),
        *("help_routine", "self_care", "who_gets_it", "tests", "body", "at_the_doctor", "tags"),
    )
    ROWS = ("symptoms", "causes", "treatments", "related", "questions", "terms", "documents", "sources")
    content_panels = [*Page.content_panels, *map(FieldPanel, TEXTS), *map(InlinePanel, ROWS)]


class Row(Orderable):
    """A relation of a condition. often: how often it holds, in words."""

    often = models.CharField(max_length=50, blank=True)
    role = models.CharField(max_length=50, blank=True)
    note = models.TextField(blank=True)
    quotes = RichTextField(blank=True)

    class Meta(Orderable.Meta):
        abstract = True


class SymptomRow(Row):
    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="symptoms")
    target = models.ForeignKey(SymptomPage, models.CASCADE, related_name="+")


class CauseRow(Row):
    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="causes")
    target = models.ForeignKey(CausePage, models.CASCADE, related_name="+")


class TreatmentRow(Row):
    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="treatments")
    target = models.ForeignKey(TreatmentPage, models.CASCADE, related_name="+")


class RelatedRow(Row):
    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="related")
    target = models.ForeignKey(ConditionPage, models.CASCADE, related_name="+")


class QuestionRow(Orderable):
    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="questions")
    target = models.ForeignKey(QuestionPage, models.CASCADE, related_name="+")


class TermRow(Orderable):
    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="terms")
    target = models.ForeignKey(Term, models.CASCADE, related_name="+")


class DocumentRow(Orderable):
    """A question's answer that a condition rests on, and the words of it."""

    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="documents")
    target = models.ForeignKey(QuestionPage, models.CASCADE, related_name="+")
    words = RichTextField(blank=True)


class SourceRow(Orderable):
    """A source that a condition rests on, and the words of it."""

    page = ParentalKey(ConditionPage, on_delete=models.CASCADE, related_name="sources")
    target = models.ForeignKey(SourcePage, models.CASCADE, related_name="+")
    words = RichTextField(blank=True)
