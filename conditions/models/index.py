"""What an edition writes of live versions so that lists and search are quick: names, totals, what search reads."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from conditions.models.published import KIND_CHOICES, Page, PublishedQuerySet, PublishedTable


class NameQuerySet(PublishedQuerySet["Name"]):
    def listed(self) -> NameQuerySet:
        """The names that A to Z lists: not those of a page whose address leads to another."""
        stands_for_itself = Q(page__same_as__isnull=True) | Q(page__same_as__live__isnull=True)
        return self.filter(stands_for_itself).exclude(letter="")


class Name(PublishedTable):
    """One name of a live page, for A to Z and for finding by prefix.

    letter: where A to Z lists it; empty where it does not: what a page is only found by, documents, sources and tags.
    """

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="names")
    text = models.CharField(max_length=300)
    key = models.CharField(max_length=300, db_index=True)
    letter = models.CharField(max_length=1)

    objects: ClassVar = NameQuerySet.as_manager()

    class Meta:
        ordering = ["key", "id"]
        indexes = [models.Index(fields=["letter", "key"], name="name_by_letter")]

    def __str__(self) -> str:
        return self.text


class Total(PublishedTable):
    """How many a list shows, kept by each edition, because counting them takes longer the more there are.

    Of a kind: its listed pages, or those that carry a tag. Of no kind: the names that A to Z lists under a letter.
    """

    kind = models.CharField(max_length=20, choices=KIND_CHOICES, blank=True)
    tag = models.ForeignKey(Page, null=True, on_delete=models.PROTECT, related_name="totals", db_index=False)
    letter = models.CharField(max_length=1, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "letter"], condition=Q(tag__isnull=True), name="one_total_of_all"),
            models.UniqueConstraint(
                fields=["kind", "tag"], condition=Q(tag__isnull=False), name="one_total_per_kind_and_tag"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.kind or self.letter}"


class SearchText(PublishedTable):
    """What search knows of a live page besides the weights of its words.

    words: those under which postings name it, so that they can be taken away. names: its names, folded, one a line,
    and then the stems of each.
    alarms, card: its alarm words, and the sentences of its card that says when to call for help, as stems, one a line.
    """

    page = models.OneToOneField(Page, primary_key=True, on_delete=models.PROTECT, related_name="search_text")
    words = models.TextField()
    names = models.TextField(default="", db_default="")
    alarms = models.TextField(default="", db_default="")
    card = models.TextField(default="", db_default="")

    def __str__(self) -> str:
        return f"words of {self.page}"


class Posting(PublishedTable):
    """Which live pages of a block of ids say a word, and how much it weighs there: see `search.postings`.

    The row of block 0 without a word says how many pages there are, and in which format the rest is.
    """

    word = models.CharField(max_length=80)
    block = models.PositiveIntegerField()
    pages = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "block"], name="one_posting_per_word_and_block")]

    def __str__(self) -> str:
        return f"{self.word} in block {self.block}"
