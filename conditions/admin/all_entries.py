"""One list over the entries of all kinds, and the list of those that were deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page as Part
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst

from conditions import coverage, publishing, records
from conditions.admin import autocomplete, changelists, entry_views, status
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Page, Version
from conditions.schema import SCHEMAS, TAGS, Kind

PER_PAGE = 50
ORDERS = {"name": "name", "saved": "last saved, newest first"}
"""How the list over all kinds can be sorted, and what that is called. The first is the usual one."""

Listed = tuple[str, int, str, int | None, *tuple[datetime | None, ...]]
"""Kind, key, name and page of an entry; and when it was saved, where the list is sorted by that."""


@dataclass(frozen=True)
class Row:
    """One line of the list: an entry, its state, who saved it last and when."""

    kind: Kind
    name: str
    url: str
    state: str
    by: str
    at: datetime | None
    page: int | None


def _may(request: HttpRequest, verb: str) -> list[Kind]:
    """The kinds whose entries the user may view, or change. PermissionDenied if there are none."""
    kinds = [kind for kind in Kind if publishing.may(request.user, f"{verb}_{kind.value}")]
    if not kinds:
        raise PermissionDenied
    return kinds


def _asked(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "")


def _query(request: HttpRequest) -> str:
    """What was asked for besides a page of the list."""
    query = changelists.without_empty(request.GET)
    query.pop("page", None)
    return query.urlencode()


# All kinds


def entries(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """All entries that the user may view, narrowed by kind, state, tag, evidence, words, and what is hidden."""
    allowed = _may(request, "view")
    asked = {name: _asked(request, name) for name in ("q", "kind", "state", "tag", "evidence", "hidden", "order")}
    asked["order"] = asked["order"] if asked["order"] in ORDERS else ""
    chosen = [kind for kind in allowed if kind.value == asked["kind"]] or allowed
    each = [_narrowed(kind, asked) for kind in chosen]
    by_time = [F("newest_at").desc(nulls_last=True)] if asked["order"] == "saved" else []
    paginator = _Entries(_together(each).order_by(*by_time, "name", "of_kind", "pk"), PER_PAGE)
    paginator.keys = _together([one.values_list("pk") for one in each])
    part = paginator.get_page(request.GET.get("page"))
    return changelists.show_on_site(
        site,
        request,
        "entries",
        "All entries",
        rows=_rows(part),
        part=part,
        asked=asked,
        kinds=[(kind.value, capfirst(kind.plural)) for kind in allowed],
        states=[(state.value, capfirst(state.label)) for state in status.State],
        tags=changelists.most_used_tags(),
        orders=_orders(request, asked["order"]),
        query=_query(request),
        may_publish=publishing.may(request.user, "publish_version"),
    )


class _Entries(Paginator):  # type: ignore[type-arg]  # as Django's is at run time
    """Parts of entries of several kinds, which are counted by their keys alone: fifteen times faster."""

    keys: QuerySet[Any, Any]

    @cached_property
    def count(self) -> int:
        return self.keys.count()


def _together(each: Sequence[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    return each[0].union(*each[1:], all=True) if len(each) > 1 else each[0]


def _orders(request: HttpRequest, chosen: str) -> list[tuple[str, str, bool]]:
    """The address of the same entries in each order, its label, and whether it is the current one."""
    query = QueryDict(_query(request), mutable=True)
    found = []
    for order, label in ORDERS.items():
        query["order"] = order
        found.append((f"?{query.urlencode()}", label, order == (chosen or next(iter(ORDERS)))))
    return found


def _narrowed(kind: Kind, asked: dict[str, str]) -> QuerySet[VersionedEntry, Listed]:
    """(kind, key, name, page) of the entries of a kind that were asked for; where that sorts, when each was saved."""
    found = autocomplete.matching(desk.entries(kind).order_by(), asked["q"])
    in_state, by_time = asked["state"] in status.State.values, asked["order"] == "saved"
    if in_state or by_time:
        found = status.with_newest(found)
    if in_state:
        found = status.in_state(found, status.State(asked["state"]))
    if asked["tag"]:
        tagged = TAGS in SCHEMAS[kind].references
        found = found.filter(Q(tagged__tag__slug=asked["tag"])) if tagged else found.none()
    if asked["evidence"] == "none":
        found = status.without_evidence(found)
    if asked["hidden"] == "part":
        found = status.partly_hidden(found)
    found = found.annotate(of_kind=Value(kind.value))
    return found.values_list("of_kind", "pk", "name", "page", *(["newest_at"] if by_time else []))


def _rows(part: Part[Listed]) -> list[Row]:
    """The lines of one page of the list; two queries for the states of all of them."""
    listed = list(part.object_list)
    newest = Version.objects.on_desk().filter(page=OuterRef("pk")).order_by("-number")
    pages = Page.objects.filter(pk__in=[page for _, _, _, page, *_ in listed if page]).select_related("live")
    known = {page.pk: page for page in pages.annotate(**status.newest_words(newest))}
    stands, rows = publishing.standings(known), []
    for of_kind, pk, name, page_id, *_ in listed:
        page = known.get(page_id) if page_id else None
        last = status.newest_in(page) if page else None
        which = (last.number, last.digest) if last else (None, None)
        state = status.words_of(status.state_of(page, *which), which[0], stands.get(page_id) if page_id else None)
        url = reverse(f"admin:conditions_{of_kind}_change", args=[pk])
        said = (last.author, last.at) if last else ("", None)
        rows.append(Row(Kind(of_kind), name, url, state, *said, page_id))
    return rows


# What documents carry


def what_documents_carry(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """Which words of the published documents carry nothing yet, document by document."""
    if Kind.QUESTION not in _may(request, "view"):
        raise PermissionDenied
    part = Paginator(coverage.pages(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"part": part, "found": coverage.of_pages(list(part.object_list)), "query": _query(request)}
    return changelists.show_on_site(site, request, "coverage", "What the words of documents carry", **context)


# Deleted entries


def _deleted(kinds: list[Kind]) -> QuerySet[Version]:
    """The last versions of entries of those kinds that are no longer on the desk, with the names that they had then."""
    gone = Q()
    for kind in kinds:
        gone |= Q(page__kind=kind, **{f"page__{kind.value}__isnull": True})
    on_desk = Version.objects.on_desk()
    later = on_desk.filter(page=OuterRef("page"), number__gt=OuterRef("number"))
    names = {name: KT(f"record__{name}") for name in ("name", "slug", *autocomplete.OTHER_NAMES)}
    return on_desk.filter(gone).filter(~Exists(later)).annotate(**names).select_related("page", "by")


def may_restore_deleted(user: publishing.By) -> bool:
    """Whether there is a kind that the user may change."""
    return any(publishing.may(user, f"change_{kind.value}") for kind in Kind)


def deleted_entries(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """Entries that were deleted and can be restored, of the kinds that the user may change."""
    found = autocomplete.matching(_deleted(_may(request, "change")), _asked(request, "q"))
    part = Paginator(found.order_by(Lower("name"), "page"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"part": part, "q": _asked(request, "q"), "query": _query(request)}
    return changelists.show_on_site(site, request, "deleted_entries", "Deleted entries", **context)


def restore_deleted(site: admin.AdminSite, request: HttpRequest, page_id: int) -> HttpResponse:
    """Restore a deleted entry as it was; ask first if it refers to entries that are deleted too."""
    version = get_object_or_404(_deleted(_may(request, "change")), page=min(page_id, 2**63 - 1))
    try:
        with transaction.atomic():
            saved = publishing.restore(version=version, by=request.user, missing=entry_views.missing_in(request))
    except publishing.MissingReferences as error:
        title = f"Restore “{version.record['name']}”"
        return changelists.show_on_site(site, request, "restore_deleted", title, missing=error.problems)
    except (publishing.Refused, records.InvalidRecord) as error:
        for problem in records.capped([str(problem) for problem in error.problems]):
            messages.error(request, problem)
        return HttpResponseRedirect(reverse("admin:deleted_entries"))
    messages.success(request, f"“{saved.entry.name}” was restored as a draft, as it was when it was deleted.")
    return HttpResponseRedirect(_change(saved.entry))


def _change(entry: VersionedEntry) -> str:
    return reverse(f"admin:conditions_{entry.kind.value}_change", args=[entry.pk])
