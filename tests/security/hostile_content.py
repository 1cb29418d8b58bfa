"""A site written by an attacker who tries every payload in every field, by the verbs that editors use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from conditions import drafts, prose, publishing, records
from conditions.models import Condition, Page, Version
from conditions.publishing import SYSTEM
from conditions.records import InvalidRecord, Record
from conditions.schema import SCHEMAS, FieldType, Kind
from tests.security.payloads import PAYLOADS

TEXTS = list(PAYLOADS.values())
ORDER = (Kind.TAG, Kind.SOURCE, Kind.TERM, Kind.CAUSE, Kind.TREATMENT, Kind.QUESTION, Kind.SYMPTOM, Kind.CONDITION)
"""Each kind after those that it refers to."""

REVISED = (Kind.SOURCE, Kind.QUESTION, Kind.CONDITION)
"""Kinds whose first entry goes through every payload: between them they have every field."""

BEHIND = "https://x.invalid/?"
"""How addresses begin that are always refused."""

CODE = "ICD-10-CM "


@dataclass
class HostileSite:
    """The site, and per field ("condition: name") how many payloads were taken, and how many refused."""

    publisher: User
    superuser: User
    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    entries: dict[tuple[Kind, int], Any] = field(default_factory=dict)
    """One entry of each kind for each payload, with the payload in all of its fields."""

    @property
    def fields(self) -> list[str]:
        return sorted(self.taken.keys() | self.refused.keys())

    def of(self, kind: Kind) -> list[Any]:
        return [entry for (one, _), entry in self.entries.items() if one is kind]

    def save(self, record: Record, entry: Any = None, by: Any = None, comment: str = "") -> publishing.Saved:
        return publishing.save(record=record, entry=entry, by=by or self.publisher, comment=comment)

    def store(self, name: str, text: str, longest: int = 300) -> str:
        """The text as a column holds it that no verb checks: PostgreSQL has no NUL, and UTF-8 no half characters."""
        stored = text.replace("\0", "").encode("utf-8", "replace").decode()
        (self.taken if stored == text else self.refused)[name] += 1
        return stored[:longest]


def build() -> HostileSite:
    """Publish an entry of each kind for each payload; then revise some, withdraw some, and leave some as drafts.

    Links that readers cannot follow keep an entry from being published now; what was published before may have them.
    """
    with mock.patch.object(prose, "flaws", return_value=[]):
        return _build()


def _build() -> HostileSite:
    superuser = _account("root", is_superuser=True)
    site = HostileSite(_account("hostile"), superuser)
    plain = site.save({"kind": "condition", "slug": "plain", "name": "Plain", "summary": "Plain."})
    versions = [plain.version]
    for kind in ORDER:
        for place in range(len(TEXTS)):
            saved = _offer(site, kind, place)
            site.entries[kind, place] = saved.entry
            versions.append(saved.version)
    publishing.publish(versions=versions, by=site.publisher)
    _revise(site)
    _withdraw(site)
    _leave_beside(site)
    return site


def slug(kind: Kind, place: int) -> str:
    return f"{kind.value}-{place}"


# One entry with a payload in every field


def _offer(site: HostileSite, kind: Kind, place: int) -> publishing.Saved:
    """Save the payload of that place in every field. What is refused is counted, fixed and saved again."""
    record = _everywhere(kind, place)
    tried = set(_fields(record))
    refused: set[str] = set()
    saved = None
    while saved is None:
        try:
            saved = site.save(record)
        except InvalidRecord as error:
            found = {_field_of(problem) for problem in error.problems}
            if found == {"url"} and found <= refused:
                found = {f"url, behind {BEHIND}"}
            if found & refused:
                raise
            refused |= found
            for name in found:
                _fix(record, name, place)
    tried |= {f"url, behind {BEHIND}"} if "url" in refused else set()
    for name in tried:
        (site.refused if name in refused else site.taken)[f"{kind.value}: {name}"] += 1
    return saved


def _everywhere(kind: Kind, place: int) -> Record:
    text, schema = TEXTS[place], SCHEMAS[kind]
    record: Record = {"kind": kind.value, "slug": text}
    for one in schema.fields:
        record[one.name] = [text] if one.is_list else text
    if "codes" in record:
        record["codes"] = [CODE + text]
    marks = {"tags": [slug(Kind.TAG, place)], "sources": [slug(Kind.SOURCE, place)]}
    if ORDER.index(kind) > ORDER.index(Kind.QUESTION):
        marks["evidence"] = [slug(Kind.QUESTION, place)]
    about = [f"{of.plural}/{slug(of, place)}" for of in (Kind.CAUSE, Kind.TREATMENT)]
    record |= {name: slugs for name, slugs in {**marks, "about": about}.items() if schema.reference(name)}
    for relation in schema.relations:
        row = {"target": slug(relation.target, place), "note": text, **marks}
        if relation.target is kind:
            row |= {"target": slug(relation.target, place - 1) if place else "plain", "role": "part-of"}
        record[relation.name] = [row]
    return record


def _fields(record: Record) -> Iterator[str]:
    schema = SCHEMAS[Kind(record["kind"])]
    yield "slug"
    yield from (one.name for one in schema.fields)
    yield from (f"{relation.name}, note" for relation in schema.relations)


def _field_of(problem: records.Problem) -> str:
    return f"{problem.path[0]}, note" if len(problem.path) > 1 else problem.path[0]


def _fix(record: Record, name: str, place: int) -> None:
    kind = Kind(record["kind"])
    harmless = {
        "slug": slug(kind, place),
        "group": "topic",
    }
    harmless |= {one.name: [] for one in SCHEMAS[kind].fields if one.is_list}
    harmless |= {one.name: False for one in SCHEMAS[kind].fields if one.type is FieldType.FLAG}
    harmless |= dict.fromkeys(("name", "summary", "publisher", "answer"), "Plain")
    harmless["url"] = BEHIND + TEXTS[place]
    if name.endswith(", note"):
        record[name.removesuffix(", note")][0]["note"] = ""
    else:
        record[name.partition(",")[0]] = harmless.get(name, "")


# What else people may write


def _revise(site: HostileSite) -> None:
    """Let the first entries say what each other one says, every time by a user and in an edition of that name."""
    first = {kind: drafts.read(site.entries[kind, 0]) for kind in REVISED}
    for place in [*range(1, len(TEXTS)), 0]:
        text, versions = TEXTS[place], []
        by = _user(site, place)
        comment = site.store("version: comment", text)
        for kind in REVISED:
            said = drafts.read(site.entries[kind, place]) if place else first[kind]
            record = first[kind] | {one.name: said[one.name] for one in SCHEMAS[kind].fields}
            for relation in SCHEMAS[kind].relations:
                note = said[relation.name][0]["note"]
                record[relation.name] = [row | {"note": note} for row in first[kind][relation.name]]
            saved = site.save(record, site.entries[kind, 0], by=by, comment=comment)
            versions += [saved.version] if saved.is_new else []
        note = site.store("edition: note", text)
        if versions:
            publishing.publish(versions=versions, by=by, note=note)


def _user(site: HostileSite, place: int) -> User:
    text = TEXTS[place]
    names = {name: site.store(f"user: {name}", text, 140) for name in ("username", "first_name", "last_name")}
    return _account(f"{names.pop('username')} {place}", **names)


def _account(name: str, **fields: Any) -> User:
    """An editor who may do everything and has no password: making one takes longer than all the rest."""
    user = User.objects.create(username=name, is_staff=True, **fields)
    user.groups.set(Group.objects.filter(name__in=("Author", "Publisher")))
    return user


def _withdraw(site: HostileSite) -> None:
    saved = []
    for place in range(len(TEXTS)):
        name = drafts.read(site.entries[Kind.CAUSE, place])["name"]
        saved.append(site.save({"kind": "cause", "slug": f"gone-{place}", "name": name, "summary": "Gone."}))
    publishing.publish(versions=[one.version for one in saved], by=site.publisher)
    for place, one in enumerate(saved):
        reason = site.store("withdrawal: reason", TEXTS[place])
        instead = Page.objects.get(pk=site.entries[Kind.CAUSE, place].page_id)
        publishing.withdraw(pages=[one.version.page], by=site.publisher, reason=reason, instead=instead)


def _leave_beside(site: HostileSite) -> None:
    """A draft over a live page, a file's proposal, deleted entries, groups of users, what the admin noted."""
    for kind in ORDER:
        entry, page = site.entries[kind, 1], site.entries[kind, 1].page
        other = drafts.read(site.entries[kind, 3]) | {"slug": entry.slug}
        if kind is Kind.CONDITION:
            other["related"] = []
        site.save(other, entry)
        draft = publishing.Draft(records.canonical(other | {"name": TEXTS[0]}), page, Version.Origin.FILE)
        draft.file, draft.beside = TEXTS[0], "open"
        publishing.create_versions([draft], by=SYSTEM, at=timezone.now())
    for place in range(0, len(TEXTS), 6):
        record = {
            "kind": "symptom",
            "slug": f"deleted-{place}",
            "name": drafts.read(site.entries[kind, place])["name"],
        }
        publishing.delete(entry=site.save(record).entry, by=site.publisher)
    content_type = ContentType.objects.get_for_model(Condition)
    for place, text in enumerate(TEXTS):
        Group.objects.create(name=f"{site.store('group: name', text, 140)} {place}")
        noted = site.store("note of the admin", text, 200)
        LogEntry.objects.create(
            user=site.superuser,
            content_type=content_type,
            object_id=site.entries[Kind.CONDITION, place].pk,
            object_repr=noted,
            action_flag=CHANGE,
            change_message=noted,
        )
