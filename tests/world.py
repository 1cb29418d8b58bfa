"""The small named world of the tests. See the picture in conftest.py.

The verbs build it once in each process; every test that asks for it gets the rows that they wrote, copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from conditions import publishing
from conditions.models import Edition, Page, Version
from conditions.publishing import SYSTEM

PASSWORD = "a long enough pass-phrase"

RECORDS: dict[str, dict[str, Any]] = {
    "one_side": {
        "kind": "tag",
        "slug": "one-side",
        "name": "One side",
        "group": "side",
        "summary": "Left or right.",
    },
    "sudden": {"kind": "tag", "slug": "sudden", "name": "Sudden", "group": "course"},
    "service": {
        "kind": "source",
        "slug": "health-service",
        "name": "Bell’s palsy",
        "publisher": "A health service",
        "url": "https://health.example/bells-palsy",
        "accessed": "2026-11-01",
    },
    "nerve": {
        "kind": "term",
        "slug": "nerve",
        "name": "nerve",
        "forms": ["nerves"],
        "summary": "It carries signals from the brain.",
    },
    "droop": {
        "kind": "symptom",
        "slug": "facial-droop",
        "name": "Facial droop",
        "also_called": ["drooping face"],
        "summary": "One side of the face hangs down.",
        "help_now": "It can be a stroke. [@health-service]\n",
        "sources": ["health-service"],
    },
    "earache": {
        "kind": "symptom",
        "slug": "earache",
        "name": "Earache",
        "summary": "Pain in or behind the ear.",
    },
    "eye_care": {
        "kind": "treatment",
        "slug": "eye-care",
        "name": "Eye care",
        "summary": "Keeps the eye moist.",
    },
    "virus": {
        "kind": "cause",
        "slug": "viral-illness",
        "name": "Viral illness",
        "summary": "Such as a cold.",
    },
    "stroke": {
        "kind": "condition",
        "slug": "stroke",
        "name": "Stroke",
        "summary": "The blood supply to the brain fails.",
    },
    "bell": {
        "kind": "condition",
        "slug": "bells-palsy",
        "name": "Bell’s palsy",
        "also_called": ["Bell palsy"],
        "summary": "One side of the face grows weak.",
        "help_now": "- One side of the face drops.\n",
        "codes": ["ICD-10-CM G51.0 [@health-service]"],
        "sources": ["health-service"],
        "tags": ["one-side"],
        "symptoms": [
            {
                "target": "facial-droop",
                "note": "Within hours to days.",
                "tags": ["one-side", "sudden"],
                "evidence": ["warning-signs"],
            },
            {"target": "earache", "evidence": ["early-signs"]},
        ],
        "treatments": [{"target": "eye-care", "sources": ["health-service"]}],
        "causes": [{"target": "viral-illness", "evidence": ["early-signs"]}],
        "related": [{"target": "stroke", "role": "easily-mistaken-for", "sources": ["health-service"]}],
    },
}
QUESTIONS: dict[str, dict[str, Any]] = {
    "warning": {
        "kind": "question",
        "slug": "warning-signs",
        "name": "What are the warning signs?",
        "answer": "  • Facial droop , on one side (Fig.",
        "editor_note": "The document breaks off.",
    },
    "early": {
        "kind": "question",
        "slug": "early-signs",
        "name": "What are the early signs?",
        "answer": "Pain behind the ear,\n\nafter a viral illness.",
    },
}
ABOUT = {"warning": ["conditions/bells-palsy", "symptoms/facial-droop"], "early": ["conditions/bells-palsy"]}
DRAFTS = ("stroke",)
PEOPLE = ("author", "reviewer", "publisher")


@dataclass
class World:
    """The desk entries and their pages by name, and one user of each role."""

    entries: dict[str, Any]
    author: User
    reviewer: User
    publisher: User

    def __getattr__(self, name: str) -> Any:
        """The desk entry of that name, fresh from the database."""
        entry = self.__dict__["entries"][name]
        return type(entry).objects.get(pk=entry.pk)

    def page(self, name: str) -> Page:
        return Page.objects.get(pk=self.entries[name].page_id)

    def newest(self, name: str) -> Version:
        return publishing.newest(self.page(name))


def make_user(name: str, *roles: str, **fields: Any) -> User:
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True, **fields)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def build_world() -> World:
    """The world in the database of this test, whose rows are its own. The first caller waits for the verbs."""
    snapshot = _snapshot(_ground())
    with transaction.atomic(), connection.cursor() as cursor:
        for insert, rows in snapshot.inserts:
            cursor.executemany(insert, rows)
        for statement in snapshot.reset_sequences:
            cursor.execute(statement)
    people = {name: User.objects.get(username=name) for name in PEOPLE}
    return World({name: model.objects.get(pk=pk) for name, (model, pk) in snapshot.keys.items()}, **people)


@dataclass(frozen=True)
class Snapshot:
    """What the verbs add to a database without entries and users. It holds no objects, which a test might change."""

    inserts: list[tuple[str, list[tuple[Any, ...]]]]
    reset_sequences: list[str]
    keys: dict[str, tuple[type[Model], int]]


def _ground() -> tuple[Any, ...]:
    """What is there before anything is written. Tests that empty the database leave it with other keys."""
    groups = tuple(Group.objects.order_by("pk").values_list("pk", "name"))
    return groups, tuple(ContentType.objects.order_by("pk").values_list("pk", "model")), Edition.objects.exists()


@cache
def _snapshot(ground: tuple[Any, ...]) -> Snapshot:
    """Let the verbs build the world on that ground, note the rows that this adds, and undo it."""
    assert not User.objects.exists(), "Ask for the world before anything else is written."
    assert not Page.objects.exists(), "Ask for the world before anything else is written."
    models = apps.get_models(include_auto_created=True)
    tables = [model._meta.db_table for model in models if model._meta.managed and not model._meta.proxy]
    with transaction.atomic(), connection.cursor() as cursor:
        before = {table: _rows(cursor, table)[1] for table in tables}
        world = build_with_verbs()
        inserts = []
        for table in tables:
            columns, rows = _rows(cursor, table)
            assert before[table] == rows[: len(before[table])], f"The verbs changed rows of {table} that were there."
            if added := rows[len(before[table]) :]:
                names = ", ".join(map(connection.ops.quote_name, columns))
                values = ", ".join(["%s"] * len(columns))
                quoted = connection.ops.quote_name(table)
                inserts.append((f"INSERT INTO {quoted} ({names}) VALUES ({values})", added))
        transaction.set_rollback(True)
    keys = {name: (type(entry), entry.pk) for name, entry in world.entries.items()}
    return Snapshot(inserts, connection.ops.sequence_reset_sql(no_style(), models), keys)


def _rows(cursor: Any, table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows of a table, the oldest first."""
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
    return [column[0] for column in cursor.description], cursor.fetchall()


def build_with_verbs() -> World:
    """Keep and publish everything in the picture but the drafts."""
    people = {name: make_user(name, name.capitalize()) for name in PEOPLE}
    entries: dict[str, Any] = {}
    records = QUESTIONS | RECORDS
    for name, record in records.items():
        entries[name] = publishing.save(record=record, entry=None, by=people["author"]).entry
    for name, about in ABOUT.items():
        publishing.save(record=QUESTIONS[name] | {"about": about}, entry=entries[name], by=people["author"])
    live = [publishing.newest(entries[name].page) for name in records if name not in DRAFTS]
    publishing.publish(versions=live, by=people["publisher"], note="The small world.")
    return World(entries, **people)


def add_many(kind: str, count: int) -> None:
    own: dict[str, Any] = {"tag": {"group": "topic"}, "source": {"publisher": "A publisher"}}.get(kind, {})
    for number in range(count):
        record = {"kind": kind, "slug": f"n-{number}", "name": f"N {number}", **own}
        publishing.save(record=record, entry=None, by=SYSTEM)
