"""Who may do what, and the locks that every write takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from conditions import db
from conditions.models.published import (
    Edition,
    Page,
)


class NotAllowed(PermissionDenied):
    """`by` may not do this."""


class Refused(Exception):
    """What was asked for cannot be done yet. `problems` says why, and how to mend it."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def may(by: Any, permission: str) -> bool:
    """Whether `by` has a permission of this app ("publish_page" is `conditions.publish_page`)."""
    return by is None or (by.is_active and by.has_perm(f"conditions.{permission}"))


def require(by: Any, permission: str, what: str) -> None:
    if not may(by, permission):
        raise NotAllowed(f"{by.get_username() or 'A visitor'} may not {what}. Ask somebody who may.")


LOCK_TIMEOUT = 5
"""Seconds that an editor's save waits for another: a server that waits serves nobody meanwhile."""


@contextmanager
def write_lock(patience: int = LOCK_TIMEOUT) -> Iterator[None]:
    """A transaction in which the desk and the published tables may be written: one in the whole house at a time.

    SQLite has one writer in any case. On PostgreSQL the row of edition 0 is the lock: without it, two saves that
    refer to each other's entries wait for each other, and numbers of editions could be seen out of order.
    OperationalError if another has not ended after `patience` seconds (on SQLite, after its own timeout).
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience}s"])
        lock = Edition.objects.select_for_update().filter(number=0)
        if not list(lock):
            db.insert_one(Edition, number=0, at=timezone.now(), by_id=None, note="The lock.")
        yield


def lock_pages(pages: Iterable[int]) -> dict[int, Page]:
    """Lock pages, in the order of their ids, for the rest of the transaction; they are as they stand now."""
    locked = Page.objects.select_for_update(of=("self",)).filter(pk__in=db.in_values(set(pages)))
    return {page.pk: page for page in locked.select_related("live").order_by("pk")}
