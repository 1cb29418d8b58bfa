"""What several kinds of entry hold alike."""

from __future__ import annotations

from django.db import models


class CareAdvice(models.Model):
    """What to do: three degrees of help, what needs no doctor, and what to tell one."""

    help_now = models.TextField(
        blank=True,
        help_text="Markdown. When to call the emergency number. Begin with “Call if …”; the numbers stand above it.",
    )
    help_today = models.TextField(
        blank=True, help_text="Markdown. When a doctor has to see it today. Begin with “If …”."
    )
    help_soon = models.TextField(
        blank=True, help_text="Markdown. When to see a doctor, and within how long. Begin with “If …”."
    )
    self_care = models.TextField(blank=True, help_text="Markdown. What helps without a doctor, and what does not.")
    at_the_doctor = models.TextField(blank=True, help_text="Markdown. What to tell the doctor, and what to ask.")

    class Meta:
        abstract = True


class AlarmWords(models.Model):
    """What somebody would type who has to call for help."""

    alarm_words = models.JSONField(
        default=list,
        blank=True,
        help_text="What somebody types who has to call for help now, one on each line. Readers never see it.",
    )

    class Meta:
        abstract = True


class Coded(models.Model):
    """What systems of codes call it."""

    codes = models.JSONField(
        default=list,
        blank=True,
        help_text="System and code, one on each line: ICD-10-CM G51.0. [@slug] after it cites a source.",
    )

    class Meta:
        abstract = True


class FormerCareAdvice(models.Model):
    """What older entries say."""

    help_routine = models.TextField(
        blank=True, help_text="No longer used: move each sentence to one of the fields beside it, and empty it."
    )

    class Meta:
        abstract = True
