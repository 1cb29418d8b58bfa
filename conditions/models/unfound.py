"""What readers typed and search did not find."""

from __future__ import annotations

from django.db import models
from django.db.models import QuerySet

TIMES_SHOWN = 3
"""How often a query is typed before editors see it: one that was typed once may say who typed it."""


class UnfoundQueryQuerySet(QuerySet["UnfoundQuery"]):
    def shown(self) -> UnfoundQueryQuerySet:
        """Those that editors see, the most frequent first."""
        return self.filter(times__gte=TIMES_SHOWN).order_by("-times", "text")


class UnfoundQuery(models.Model):
    """A query, folded, that found nothing, and how often. Nobody knows who typed it, or when."""

    text = models.CharField(max_length=100)
    times = models.PositiveBigIntegerField()

    objects = UnfoundQueryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "unfound queries"
        constraints = [models.UniqueConstraint(fields=["text"], name="one_row_per_unfound_query")]

    def __str__(self) -> str:
        return self.text
