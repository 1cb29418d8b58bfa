"""What readers are told of those who review."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Credentials(models.Model):
    """What an account may be called when its user reviews: "neurologist". An administrator writes it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="credentials"
    )
    text = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "credentials"

    def __str__(self) -> str:
        return self.text
