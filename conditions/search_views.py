"""The search and its suggestions. As in `views`, each view gets, guards and renders, and none writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from conditions import page_content, unfound
from conditions.guards import ALERT, one_edition, safe_methods_only, slice_of
from conditions.models.published import Link, Page
from conditions.page_parts import Prose
from conditions.schema import TAGS, Kind
from conditions.search import Found, find, suggestions
from conditions.search.showing import Result, result_of

RESULTS_PER_PAGE = 20
REFINING = ("kind", "tag", "page", "exact", "show")
"""What readers add to a search that they have made: it is not counted again."""
MOST_TAGS = 6
"""Tags that results are filtered by: those that most of them carry."""


@safe_methods_only
@one_edition
def search(request: HttpRequest) -> HttpResponse:
    """What ?q= finds, of ?kind= and with ?tag= if they are such; with ?exact=1 only what is typed. Any text answers.

    Of whoever may think of suicide it asks nothing but to call: pages are listed where ?show=pages asks for them.
    """
    query = request.GET.get("q", "").strip()
    found = find(query, correcting=request.GET.get("exact") != "1")
    if request.method == "GET" and not any(map(request.GET.get, REFINING)):
        unfound.note(query, found)
    is_listed = not found.is_crisis or request.GET.get("show") == "pages"
    pages = found.pages if is_listed else {}
    kind = next((kind for kind in pages.values() if kind.value == request.GET.get("kind")), None)
    tagged = _tagged(pages)
    tags = _most_used(tagged, request.GET.get("tag", ""))
    chosen = next((tag for tag, _ in tags if tag.slug == request.GET.get("tag")), None)
    ids = [
        page
        for page, its_kind in pages.items()
        if kind in (None, its_kind) and (chosen is None or page in tagged[chosen])
    ]
    rows = slice_of(ids, request, RESULTS_PER_PAGE)
    named = found.named if is_listed and rows.number == 1 and kind is None and chosen is None else None
    read, urgent = _read([*rows, *found.cards[:1], *([named] if named else [])])
    context = {
        "query": query,
        "found": found,
        "kind": kind,
        "is_listed": is_listed,
        "counts": _counts(pages),
        "tag": chosen,
        "tags": tags,
        "all": len(pages),
        "rows": rows,
        "results": [_shown(found, read[page]) for page in rows if page in read],
        "named": _named(found, read.get(named or 0)),
        "card": page_content.now_card(read.get(found.cards[0])) if found.cards else None,
        "alert": urgent if found.is_crisis or not found.cards else None,
        "section": "search",
    }
    return render(request, "pages/search.html", context)


@safe_methods_only
@one_edition
def suggest(request: HttpRequest) -> HttpResponse:
    """What to suggest while ?q= is being typed: a list of what an option says and where it leads, urgent ones first."""
    query = request.GET.get("q", "").strip()
    found = find(query) if len(query) > 1 else Found()
    options: list[dict[str, object]] = [
        {"label": label, "kind": page.get_kind_display(), "url": page.url}
        for label, page in ([] if found.is_crisis else suggestions(query, found))
    ]
    if card := Page.objects.live().filter(pk__in=found.cards[:1]).first():
        options.insert(0, {"label": f"Call for help now: {card.name}", "url": f"{card.url}#help", "urgent": True})
    if found.is_crisis:
        url = f"{reverse('search')}?{urlencode({'q': query})}"
        options.insert(0, {"label": "Call and talk to someone now", "url": url, "urgent": True})
    return JsonResponse(options, safe=False)


def _tagged(pages: Collection[int]) -> dict[Page, set[int]]:
    """The live tags of some pages, each with those that carry it. One query."""
    links = Link.objects.filter(relation=TAGS.name, via__isnull=True, owner__in=list(pages), target__live__isnull=False)
    found: dict[Page, set[int]] = {}
    for link in links.select_related("target"):
        found.setdefault(link.target, set()).add(link.owner_id)
    return found


def _most_used(tagged: Mapping[Page, Collection[int]], chosen: str) -> list[tuple[Page, int]]:
    """The tags that most of the results carry, by name, each with how many; and the chosen one."""
    used = sorted(tagged, key=lambda tag: (tag.slug != chosen, -len(tagged[tag]), tag.sort_key))[:MOST_TAGS]
    return [(tag, len(tagged[tag])) for tag in sorted(used, key=lambda tag: tag.sort_key)]


def _counts(pages: Mapping[int, Kind]) -> list[tuple[Kind, int]]:
    """How many results there are of each kind, in the order of kinds."""
    counts = Counter(pages.values())
    return [(kind, counts[kind]) for kind in Kind if counts[kind]]


def _read(ids: Collection[int]) -> tuple[dict[int, Page], Page | None]:
    """Some live pages with their versions, by id, and the page that the alert points at. One query."""
    kind, slug = ALERT
    is_alert = Q(kind=kind, slug=slug, is_urgent=True)
    found = Page.objects.live().select_related("live").filter(Q(pk__in=list(ids)) | is_alert)
    pages = {page.pk: page for page in found}
    return pages, next((page for page in found if (page.kind, page.slug, page.is_urgent) == (*ALERT, True)), None)


def _named(found: Found, page: Page | None) -> tuple[Page, Result, list[Prose]] | None:
    """The page that the query names, how it is found, and its strongest card."""
    if page is None or page.live is None:
        return None
    return page, _shown(found, page), page_content.care_of(page_content.as_of_now(page.live))[:1]


def _shown(found: Found, page: Page) -> Result:
    """A page that was found, as a result."""
    return result_of(page, found.words, found.codes, of_card=page.pk in found.cards[:1])
