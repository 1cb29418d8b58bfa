"""Users of each role at the doors of the site: what they ask for, and whether they are let in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from conditions.models import Version, desk
from conditions.schema import Kind
from tests.world import make_user

ROLES = {
    "v": "visitor",
    "r": "reader",
    "i": "inactive",
    "A": "Author",
    "R": "Reviewer",
    "P": "Publisher",
    "S": "superuser",
}
"""A reader is logged in and no editor; an inactive one was a publisher."""

STAFF = "ARPS"

READERS_SEE = [
    *(f"SELECT * FROM conditions_{table} ORDER BY 1" for table in ("edition", "change", "link", "name", "searchtext")),
    "SELECT * FROM conditions_page WHERE live_id IS NOT NULL ORDER BY 1",
    "SELECT * FROM conditions_address WHERE edition_id IS NOT NULL ORDER BY 1",
]


def _rows(cursor: Any, statement: str) -> list[Any]:
    cursor.execute(statement)
    return list(cursor.fetchall())


def what_readers_see() -> list[Any]:
    """All rows that public pages are made of. In plain SQL: it is asked after every request."""
    with connection.cursor() as cursor:
        return [_rows(cursor, statement) for statement in READERS_SEE]


def on_the_desk() -> list[Any]:
    entries = [list(desk.entries(kind).order_by("pk").values_list()) for kind in Kind]
    return [*entries, Version.objects.count(), list(User.objects.order_by("pk").values_list("pk", "password"))]


def outcome(answer: Any) -> str:
    if answer.status_code == 302 and answer["Location"].startswith("/admin/login/"):
        return "login"
    return str(answer.status_code) if answer.status_code in (403, 405) else "let in"


def client_of(role: str, **options: Any) -> tuple[Client, User | None]:
    client, user = Client(**options), None
    if role == "r":
        user = User.objects.create_user("reader")
    elif role == "S":
        user = User.objects.create_superuser("root")
    elif role != "v":
        user = make_user("someone", "Publisher" if role == "i" else ROLES[role])
    if user:
        client.force_login(user)
    if role == "i":
        User.objects.filter(pk=user.pk).update(is_active=False)
    return client, user


class Undone(Exception):
    """Ends a transaction, so that what was done in it is undone."""
