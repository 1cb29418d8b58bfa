"""Mail to those whom a review concerns, where mail is set up; without it, the work list says the same."""

from __future__ import annotations

import logging
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from conditions.models.desk import VersionedEntry
from conditions.models.published import Decision, Version
from conditions.publishing import standing

log = logging.getLogger(__name__)


def tell_asked(request: HttpRequest, entry: VersionedEntry, version: Version, asked: User | None, note: str) -> None:
    """Tell a person that a version waits for their review; nobody, if anyone may review it."""
    if asked is not None:
        args = [entry.pk, version.number]
        where = request.build_absolute_uri(reverse(f"admin:conditions_{entry.kind.value}_review", args=args))
        said = f"{request.user} asks you to review version {version.number} of “{entry.name}”."
        _send(asked, f"Please review: {entry.name}", [said, note, where])


def tell_decided(request: HttpRequest, entry: VersionedEntry, version: Version) -> None:
    """Tell who sent a version for review what became of it."""
    asked = Decision.objects.filter(version=version, verb=Decision.Verb.SUBMIT).select_related("by").last()
    if asked is None or asked.by is None:
        return
    where = request.build_absolute_uri(reverse(f"admin:conditions_{entry.kind.value}_change", args=[entry.pk]))
    remarks = [one.text for one in standing(version.page).remarks]
    done = "was sent back" if remarks else "is approved"
    _send(asked.by, f"{entry.name}: version {version.number} {done}", [f"By {request.user}.", *remarks, where])


def _send(user: User, subject: str, parts: list[str]) -> None:
    if settings.SENDS_MAIL and user.email:
        text = "\n\n".join(filter(None, parts)) + "\n"
        transaction.on_commit(partial(deliver, " ".join(subject.split()), text, user.email))


def deliver(subject: str, text: str, address: str) -> None:
    """Send it; what goes wrong is logged: the work list says the same."""
    try:
        send_mail(subject, text, None, [address])
    except OSError as error:  # SMTPException is one
        log.error("Mail to %s was not sent: %s", address, error)
