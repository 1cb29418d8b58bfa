"""The small named world of the tests. See the picture in conftest.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, User

from conditions import publishing
from conditions.models import Page, Version

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
    """Keep and publish everything in the picture but the drafts."""
    people = {name: make_user(name, name.capitalize()) for name in ("author", "reviewer", "publisher")}
    entries: dict[str, Any] = {}
    records = QUESTIONS | RECORDS
    for name, record in records.items():
        entries[name] = publishing.save(record=record, entry=None, by=people["author"]).entry
    for name, about in ABOUT.items():
        publishing.save(record=QUESTIONS[name] | {"about": about}, entry=entries[name], by=people["author"])
    live = [publishing.newest(entries[name].page) for name in records if name not in DRAFTS]
    publishing.publish(versions=live, by=people["publisher"], note="The small world.")
    return World(entries, **people)
