"""Who may do what, and the locks that every write takes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from conditions import db, records
from conditions.models.published import Edition, Page
from conditions.schema import NAME_LENGTH, Kind


class NotAllowed(PermissionDenied):
    """`by` may not do this."""


class Refused(Exception):
    """What was asked for cannot be done yet. `problems` says why, and how to fix it; of many, the first.

    What is fixed on a form is a `records.Blocker`, which says where.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = records.capped(problems)
        super().__init__("\n".join(self.problems))


class System:
    """Who acts where nobody has logged in: files loaded from the command line, and what the site keeps by itself."""


SYSTEM: Final = System()
"""It may do everything. A verb that is given None refuses."""

By = User | AnonymousUser | System


def may(by: By | None, permission: str) -> bool:
    """Whether `by` has a permission of this app ("publish_page" is `conditions.publish_page`)."""
    if isinstance(by, System):
        return True
    return by is not None and by.is_active and by.has_perm(f"conditions.{permission}")


def require(by: By, permission: str, what: str) -> None:
    """NotAllowed unless `by` has a permission; `what` says in the message what it is for."""
    if not may(by, permission):
        raise NotAllowed(f"You do not have permission to {what}. Ask someone who does.")


def user_of(by: By) -> User | None:
    """The user that is noted as the one who did it; None for the system."""
    return by if isinstance(by, User) else None


def name_of(by: By) -> str:
    """What a user is called now, as readers are told who did it; empty for the system, and who has no name."""
    return user.get_full_name()[:NAME_LENGTH] if (user := user_of(by)) else ""


ROLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Author": (("view", "add", "change"), ()),
    "Reviewer": (("view",), ("review_version",)),
    "Publisher": (("view", "add", "change", "delete"), ("publish_version",)),
}
"""What each role may do with entries of every kind, and which other permissions it has."""


def grant_roles(app_config: AppConfig, using: str, apps: Apps = global_apps, **signal: object) -> None:
    """Give every role its permissions, for kinds that were added since too. Called after each migrate.

    apps: the models as the migrations that have run leave them. Where these have no users or no kinds yet, nothing
    is granted: a later migrate does it.
    """
    try:
        group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
        for kind in Kind:
            apps.get_model(app_config.label, kind.value)
    except LookupError:
        return
    create_permissions(app_config, using=using, apps=apps, verbosity=0)
    own = permission_model._default_manager.using(using).filter(content_type__app_label=app_config.label)
    for name, (verbs, others) in ROLES.items():
        codenames = [f"{verb}_{kind.value}" for verb in verbs for kind in Kind] + list(others)
        group, _ = group_model._default_manager.using(using).get_or_create(name=name)
        group.permissions.add(*own.filter(codename__in=codenames))


LOCK_TIMEOUT = 20
"""Seconds that an editor's save waits for others, as long as a writer of SQLite does. Other threads serve the rest."""
_turn = threading.Lock()
"""Writers of one process to SQLite, one after the other: it lets those that wait try at random, and some starve."""


@contextmanager
def write_lock(timeout: int = LOCK_TIMEOUT) -> Iterator[None]:
    """A transaction in which the desk and the published tables may be written: one at a time on the whole site.

    SQLite has one writer in any case. On PostgreSQL the row of edition 0 is the lock: without it, two saves that
    refer to each other's entries wait for each other, and numbers of editions could be seen out of order.
    OperationalError if another has not ended after `timeout` seconds (on SQLite, after its own timeout).
    """
    with _in_turn(timeout), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{timeout}s"])
        lock = Edition.objects.select_for_update().filter(number=0)
        if not list(lock):
            db.insert_one(Edition, number=0, at=timezone.now(), by_id=None, note="The lock.")
        yield


@contextmanager
def _in_turn(timeout: int) -> Iterator[None]:
    """Wait until no other thread of this process writes to SQLite. Who is in a transaction has the database already."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    if not _turn.acquire(timeout=timeout):
        raise OperationalError("database is locked: others have been writing all the time")
    try:
        yield
    finally:
        _turn.release()


def lock_pages(pages: Iterable[int]) -> dict[int, Page]:
    """Lock pages, in the order of their ids, for the rest of the transaction, and read them as they are now."""
    locked = Page.objects.select_for_update(of=("self",)).filter(pk__in=db.in_values(set(pages)))
    return {page.pk: page for page in locked.select_related("live").order_by("pk")}
