"""Choosing entries by name: what can be picked, what a picked value is called, and the answers to what is typed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from conditions import prose, publishing, records
from conditions.models import desk
from conditions.models.published import ABOUT_KINDS, Kind, Page

ABOUT = "about"
"""Entries that a question can be about: values are references, "conditions/bells-palsy"."""

LIVE = "live"
"""Live pages that readers look up: values are references."""

PICKS: dict[str, tuple[Kind, ...]] = {
    **{kind.value: (kind,) for kind in Kind},
    ABOUT: ABOUT_KINDS,
    LIVE: (*ABOUT_KINDS, Kind.QUESTION),
}
PER_PAGE = 20

WORDS = {Kind.QUESTION: "answer", Kind.SOURCE: "publisher"}
"""The field that says, beside the name, what is being picked where a statement is to rest on it."""
EXCERPT = 180


def matching(entries: QuerySet[Any], typed: str) -> QuerySet[Any]:
    """The desk entries whose name, slug or another name holds each of the words that were typed."""
    has_others = any(field.name == "also_called" for field in entries.model._meta.fields)
    for word in typed.replace("\0", "").split():
        found = Q(name__icontains=word) | Q(slug__icontains=word)
        if has_others:
            # SQLite keeps the list as JSON text, in which letters beyond ASCII are escaped.
            escaped = json.dumps(word)[1:-1]
            found |= Q(also_called__icontains=word) | Q(also_called__icontains=escaped)
        entries = entries.filter(found)
    return entries


def value_of(of: str, kind: str, slug: str) -> str:
    """What is picked when an entry is: its slug, or where kinds mix, its reference."""
    return f"{Kind(kind).plural}/{slug}" if of in (ABOUT, LIVE) else slug


def text_of(of: str, kind: str, name: str) -> str:
    return f"{name} ({Kind(kind).label})" if of in (ABOUT, LIVE) else name


def names_of(of: str, values: Iterable[str]) -> dict[str, str]:
    """The names of picked values that are entries; one query for each kind that may be picked."""
    slugs = {value.rpartition("/")[2] for value in values if "\0" not in value}
    if not slugs:
        return {}
    found: dict[str, str] = {}
    for kind in PICKS[of]:
        named = records.SHAPES[kind].model.objects.filter(slug__in=slugs).values_list("slug", "name")
        found |= {value_of(of, kind, slug): text_of(of, kind, name) for slug, name in named}
    return found


@dataclass(frozen=True)
class Document:
    """A document that was picked, and all that it says."""

    slug: str
    name: str
    answer: str


def documents(slugs: Iterable[str]) -> dict[str, Document]:
    """The documents of those slugs that there are, in one query."""
    wanted = {slug for slug in slugs if "\0" not in slug}
    found = desk.Question.objects.filter(slug__in=wanted).values_list("slug", "name", "answer") if wanted else ()
    return {slug: Document(slug, name, answer) for slug, name, answer in found}


def _found(of: str, kinds: list[Kind], typed: str) -> QuerySet[Any]:
    """(kind, slug, name, words) of what can be picked and holds the typed words, by name."""
    if of == LIVE:
        pages = matching(Page.objects.live().filter(kind__in=kinds), typed)
        return pages.order_by("name", "pk").values_list("kind", "slug", "name", "summary")
    each = [
        matching(records.SHAPES[kind].model.objects.order_by(), typed)
        .annotate(of_kind=Value(kind.value))
        .values_list("of_kind", "slug", "name", WORDS.get(kind, "summary"))
        for kind in kinds
    ]
    found = each[0].union(*each[1:]) if len(each) > 1 else each[0]
    return found.order_by("name", "slug")


@require_safe
def answer(request: HttpRequest, of: str) -> JsonResponse:
    """What select2 asks for while somebody types: a page of values and names. 403 without a view permission."""
    if of not in PICKS:
        raise Http404
    kinds = [kind for kind in PICKS[of] if publishing.may(request.user, f"view_{kind.value}")]
    if not kinds:
        raise PermissionDenied
    pages = Paginator(_found(of, kinds, request.GET.get("term", "")[:200]), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    results = []
    for kind, slug, name, words in page.object_list:
        excerpt = {"excerpt": Truncator(prose.canonical_line(words)).chars(EXCERPT)} if of in WORDS else {}
        results.append({"id": value_of(of, kind, slug), "text": text_of(of, kind, name), **excerpt})
    return JsonResponse({"results": results, "pagination": {"more": page.has_next()}})


@require_safe
def words(request: HttpRequest, slug: str) -> HttpResponse:
    """All that a document says, as plain text. 403 without the permission to view documents."""
    if not publishing.may(request.user, f"view_{Kind.QUESTION.value}"):
        raise PermissionDenied
    found = documents([slug])
    if not found:
        raise Http404
    return HttpResponse(found[slug].answer, content_type="text/plain; charset=utf-8")
