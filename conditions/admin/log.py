"""Who did what to which entry, and when: versions, editions, decisions and notes of the admin, as one list.

It has no table of its own, and nothing in it can be changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.text import capfirst

from conditions import db, drafts, publishing
from conditions.admin import autocomplete
from conditions.admin.changelists import show_on_site, without_empty
from conditions.admin.decisions import said_of
from conditions.admin.problems import form_of
from conditions.models import desk
from conditions.models.published import Change, Decision, Page, Version
from conditions.schema import Kind

PER_PAGE = 50
THE_SITE = "(site)"
"""Who did what nobody did who had logged in. No user can be called so."""
USERS = "user"
"""The kind of a line about a user."""
_POSITION = re.compile(r"([cdnv])(\d{1,18})")

OF_VERSION = {
    "saved": ("Saved", Q(origin=Version.Origin.ADMIN)),
    "restored": ("Restored", Q(origin=Version.Origin.RESTORE)),
    "loaded": ("Loaded from a file", Q(origin__in=(Version.Origin.FILE, Version.Origin.MERGE))),
}
_UNDOES = Q(edition__note__startswith=publishing.UNDOES)
OF_CHANGE = {
    "published": ("Published", Q(after__isnull=False) & ~_UNDOES),
    "withdrawn": ("Withdrawn", Q(after__isnull=True) & ~_UNDOES),
    "undone": ("Undone", _UNDOES),
}
OF_DECISION = {verb.value: (capfirst(verb.label), Q(verb=verb)) for verb in Decision.Verb}
OF_NOTE = {
    "deleted": ("Deleted", Q(action_flag=DELETION)),
    "noted": ("Tags merged, users changed", ~Q(action_flag=DELETION)),
}
DEEDS = OF_VERSION | OF_CHANGE | OF_DECISION | OF_NOTE
"""What can be asked for by what was done, where it is read: its label and which rows."""

MOST_WORDS = 20
"""Words of a name that are looked for; more are no name."""
_SAVED = {
    Version.Origin.ADMIN: "Saved version {}",
    Version.Origin.RESTORE: "Restored, as version {}",
    Version.Origin.FILE: "Loaded version {} from a file",
    Version.Origin.MERGE: "Merged, as version {}",
}
_NOTED = {ADDITION: "Added", CHANGE: "Changed", DELETION: "Deleted"}


@dataclass(frozen=True)
class Line:
    """Something that was done. said: why, or with what words. page: that of its entry. url: its form, if it has one.

    edition: where one did it; its number follows what was done.
    """

    at: datetime
    who: str
    did: str
    said: str
    kind: str
    page: int | None = None
    name: str = ""
    url: str = ""
    edition: int | None = None


@dataclass(frozen=True)
class Source:
    """Rows of one table that make lines. mark: what the address calls it. at: when what a row says was done."""

    mark: str
    rows: QuerySet[Any]
    at: Callable[[Any], datetime]
    line: Callable[[Any], Line]


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; empty, or None, where it is not."""

    who: str
    kind: str
    did: str
    q: str
    of: Page | None

    @cached_property
    def _called(self) -> set[int]:
        return _pages_called(self.q)

    def pages(self, page: str = "page") -> Q:
        """Which rows are of what was asked for, where that is the name of the page in them."""
        wanted = Q(**{f"{page}__kind": self.kind}) if self.kind else Q()
        if self.of:
            wanted &= Q(**{page: self.of})
        if self.q:
            wanted &= Q(**{f"{page}__in": db.in_values(self._called)})
        return wanted


def listed(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """What was done, the newest first, narrowed by who, kind, deed and entry. Lines about users are for who sees users.

    The address says below which key of each table to go on, so that every part costs the same.
    """
    sees_users = site.get_model_admin(User).has_view_permission(request)
    asked = _asked(request)
    before = {mark: int(key) for mark, key in _POSITION.findall(request.GET.get("before", ""))}
    lines, older = _read(_sources(asked, sees_users), before)
    query = without_empty(request.GET)
    query.pop("before", None)
    kinds = [(kind.value, capfirst(kind.plural)) for kind in Kind] + ([(USERS, "Users")] if sees_users else [])
    return show_on_site(
        site,
        request,
        "log",
        "Log",
        lines=lines,
        asked=asked,
        of_name=drafts.names_of([asked.of])[asked.of.pk] if asked.of else "",
        people=User.objects.filter(is_staff=True).order_by("username").values_list("username", flat=True),
        the_site=THE_SITE,
        kinds=kinds,
        deeds=[(value, label) for value, (label, _) in DEEDS.items()],
        query=query.urlencode(),
        is_first=not before,
        older=_further(query, older) if older else "",
    )


def _asked(request: HttpRequest) -> Asked:
    said = {name: request.GET.get(name, "") for name in ("who", "kind", "did", "q", "of")}
    of = said["of"]
    page = Page.objects.filter(pk=int(of)).first() if of.isascii() and of.isdecimal() and len(of) < 19 else None
    kind = said["kind"] if said["kind"] in {*Kind, USERS} else ""
    return Asked(said["who"], kind, said["did"] if said["did"] in DEEDS else "", said["q"].strip(), page)


def _further(query: QueryDict, position: Mapping[str, int]) -> str:
    """The address of what is older."""
    further = query.copy()
    further["before"] = "".join(f"{mark}{key}" for mark, key in position.items())
    return f"?{further.urlencode()}"


def _pages_called(words: str) -> set[int]:
    """The pages of entries whose names hold words: those that they have on the desk, and that readers knew last."""
    each = [autocomplete.matching(desk.entries(kind).order_by(), words).values_list("page") for kind in Kind]
    named = autocomplete.matching(Page.objects.order_by(), words).values_list("pk")
    return {page for (page,) in named.union(*each) if page}


# The tables that it is read from


def _sources(asked: Asked, sees_users: bool) -> list[Source]:
    """All that lines come from; of what was done at the same moment the first of these is the last that was done.

    Keys are taken in order under one lock, so those of a table are in the order of time, whatever a clock says. By key
    each is read from its end, and none needs an index by time. Records are not read: they are most of what there is.
    """
    versions = Version.objects.on_desk().filter(asked.pages()).select_related("page", "by").defer("record")
    changes = Change.objects.filter(asked.pages()).select_related("page", "edition__by", "before", "after")
    decisions = Decision.objects.filter(asked.pages("version__page"))
    decisions = decisions.select_related("version__page", "by", "asked").defer("version__record")
    return [
        Source("n", _narrowed(_notes(asked, sees_users), OF_NOTE, asked, "user"), lambda row: row.action_time, _noted),
        Source("d", _narrowed(decisions, OF_DECISION, asked, "by"), lambda row: row.at, _decided),
        Source(
            "c",
            _narrowed(changes.defer("before__record", "after__record"), OF_CHANGE, asked, "edition__by"),
            lambda row: row.edition.at,
            _moved,
        ),
        Source("v", _narrowed(versions, OF_VERSION, asked, "by"), lambda row: row.at, _saved),
    ]


def _narrowed(rows: QuerySet[Any], deeds: Mapping[str, tuple[str, Q]], asked: Asked, by: str) -> QuerySet[Any]:
    if asked.did:
        rows = rows.filter(deeds[asked.did][1]) if asked.did in deeds else rows.none()
    if asked.who == THE_SITE:
        return rows.filter(**{f"{by}__isnull": True})
    return rows.filter(**{f"{by}__username": asked.who}) if asked.who else rows


def _notes(asked: Asked, sees_users: bool) -> QuerySet[LogEntry]:
    """What the admin notes and no other table says: users, what was deleted, tags that were merged."""
    types = {kind: ContentType.objects.get_for_model(desk.MODELS[kind]) for kind in Kind}
    kinds = [types[Kind(asked.kind)]] if asked.kind in types else list(types.values()) if not asked.kind else []
    says_more = Q(action_flag=DELETION) | Q(action_flag=CHANGE) & ~Q(change_message__startswith="Version ")
    wanted = says_more & Q(content_type__in=kinds)
    if sees_users and asked.kind in ("", USERS):
        wanted |= Q(content_type=ContentType.objects.get_for_model(User))
    if asked.of:
        kind = Kind(asked.of.kind)
        here = [str(pk) for pk in desk.entries(kind).filter(page=asked.of).values_list("pk", flat=True)]
        # An entry that was deleted and restored has another key since.
        is_it = Q(object_id__in=here) | Q(object_repr=drafts.names_of([asked.of])[asked.of.pk])
        wanted &= Q(content_type=types[kind]) & is_it
    for word in asked.q.split()[:MOST_WORDS]:
        wanted &= Q(object_repr__icontains=word)
    return LogEntry.objects.filter(wanted).select_related("user", "content_type")


def _read(sources: Iterable[Source], before: Mapping[str, int]) -> tuple[list[Line], dict[str, int]]:
    """The newest lines below a key of each table; and the keys below which to go on, none where nothing is left."""
    found = []
    for source in sources:
        rows = source.rows.filter(pk__lt=before[source.mark]) if source.mark in before else source.rows
        some = rows.order_by("-pk")[: PER_PAGE + 1]
        found.append([(source.at(row), source, row) for row in some])
    merged = merge(*found, key=lambda one: one[0], reverse=True)
    taken = list(islice(merged, PER_PAGE))
    position = {**before, **{source.mark: row.pk for _, source, row in taken}}
    lines = _named([source.line(row) for _, source, row in taken])
    return lines, position if next(merged, None) else {}


def _named(lines: list[Line]) -> list[Line]:
    """Lines with the names of entries as they are now, and their forms."""
    pages = {line.page for line in lines if line.page}
    forms = drafts.entries_of(pages)
    gone = pages - forms.keys()
    names = {page: name for page, (_, _, name) in forms.items()}
    names |= drafts.names_of(Page.objects.filter(pk__in=gone)) if gone else {}
    urls = {page: form_of(kind, pk) for page, (kind, pk, _) in forms.items()}
    return [replace(line, name=names[line.page], url=urls.get(line.page, "")) if line.page else line for line in lines]


# What rows say


def _saved(version: Version) -> Line:
    kind = Kind(version.page.kind).label
    said = version.comment or version.file
    did = _SAVED[Version.Origin(version.origin)].format(version.number)
    return Line(version.at, version.author, did, said, kind, version.page_id)


def _moved(change: Change) -> Line:
    edition, before, after = change.edition, change.before, change.after
    said = change.reason or edition.note
    did = f"Published version {after.number} in" if after else "Withdrawn in"
    if edition.note.startswith(publishing.UNDOES):
        is_back = after and (before is None or after.number < before.number)
        now = f"version {after.number}{' again' if is_back else ''}" if after else "withdrawn"
        did, said = f"Undid edition {edition.note.removeprefix(publishing.UNDOES)}: {now}, by", change.reason
    who = edition.by.username if edition.by else "the site"
    return Line(edition.at, who, did, said, Kind(change.page.kind).label, change.page_id, edition=edition.number)


def _decided(decision: Decision) -> Line:
    page = decision.version.page
    did = f"{capfirst(decision.get_verb_display())}: version {decision.version.number}"
    who = decision.by.username if decision.by else "the site"
    return Line(decision.at, who, did, said_of(decision), Kind(page.kind).label, page.pk)


def _noted(note: LogEntry) -> Line:
    model = note.content_type.model if note.content_type else ""
    is_user = model == USERS
    url = reverse("admin:auth_user_change", args=[note.object_id]) if is_user and not note.is_deletion() else ""
    said = "" if note.action_flag == ADDITION and not is_user else note.get_change_message()
    kind = USERS if is_user else Kind(model).label
    did = _NOTED[note.action_flag]
    return Line(note.action_time, note.user.username, did, said, kind, name=note.object_repr, url=url)
