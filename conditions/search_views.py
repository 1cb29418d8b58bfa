"""The search and its suggestions. As in `views`, each view gets, guards and renders, and none writes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from conditions import comparing, page_content, prose, unfound
from conditions.guards import ALERT, COUNTED, public, slice_of
from conditions.models.published import Link, Page
from conditions.page_parts import Prose
from conditions.schema import TAGS, Kind
from conditions.search import Found, find, suggestions
from conditions.search.showing import Result, name_in, result_of

RESULTS_PER_PAGE = 20
REFINING = ("kind", "tag", "page", "exact", "show")
"""What readers add to a search that they have made: it is not counted again."""
MOST_TAGS = 6
"""Tags that results are narrowed down by: those that most of them carry."""
LEAST_NARROWED = 8
"""Results that can be narrowed down: fewer are seen at a glance."""
LAST = (Kind.TAG, Kind.SOURCE, Kind.TERM)
"""Kinds that come after the others, also where their name is the query: what is named stands on top by itself."""

_AGAINST = re.compile(r"\b(?:v|vs|versus|or|and|compared?|differen\w+)\b")


@public("q", "kind", "tag", "page", "exact", "show")
def search(request: HttpRequest) -> HttpResponse:
    """What ?q= finds, of ?kind= and with ?tag= if they are such; with ?exact=1 only what is typed. Any text answers.

    Of whoever may think of suicide it asks nothing but to call: pages are listed where ?show=pages asks for them.
    """
    query = request.GET.get("q", "").strip()
    found = find(query, correcting=request.GET.get("exact") != "1")
    if not any(map(request.GET.get, REFINING)):
        # Where the replica failed after that, the page is made again: it was one search.
        is_counted = bool(request.META.get(COUNTED))
        request.META[COUNTED] = is_counted or request.method != "GET" or unfound.note(query, found)
    is_listed = not found.is_crisis or request.GET.get("show") == "pages"
    narrowed = _narrowed(found.pages if is_listed else {}, request.GET.get("kind"), request.GET.get("tag"))
    named = found.named if is_listed and not narrowed.is_chosen else None
    rows = slice_of([page for page in narrowed.pages if page != named], request, RESULTS_PER_PAGE)
    on_top = (named or 0) if rows.number == 1 else 0
    read, urgent = _read([*rows, *found.cards[:1], on_top])
    context = {
        "query": query,
        "heard": "".join(filter(str.isprintable, prose.canonical_line(query))),
        "found": found,
        "is_listed": is_listed,
        "narrowed": narrowed,
        "rows": rows,
        "results": [_shown(found, read[page]) for page in rows if page in read],
        "named": _named(found, read.get(on_top)),
        "compared": None if found.named else _compared(query, found, [read[page] for page in rows if page in read]),
        "card": page_content.now_card(read.get(found.cards[0])) if found.cards else None,
        "alert": urgent if found.is_crisis or not found.cards else None,
        "section": "search",
    }
    return render(request, "pages/search.html", context)


@public("q")
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


@dataclass(frozen=True)
class Narrowed:
    """What is left of the pages that were found, and what they can be narrowed down by.

    pages: ids, the best first, but tags, sources and terms last. kinds, tags: each with how many pages it leaves beside
    what else is chosen.
    """

    pages: list[int]
    all: int
    kind: Kind | None
    tag: Page | None
    kinds: list[tuple[Kind, int]]
    tags: list[tuple[Page, int]]

    @property
    def is_chosen(self) -> bool:
        """Whether they are narrowed down by anything."""
        return bool(self.kind or self.tag)

    @property
    def is_offered(self) -> bool:
        return self.is_chosen or self.all >= LEAST_NARROWED


def _narrowed(found: Mapping[int, Kind], kind: str | None, tag: str | None) -> Narrowed:
    """Of what was found the pages of a kind and with a tag, where there are such. One query."""
    tagged = _tagged(found)
    of_kind, with_tag = set(found), set(found)
    if chosen_kind := next((one for one in found.values() if one.value == kind), None):
        of_kind = {page for page in found if found[page] is chosen_kind}
    if chosen_tag := next((one for one in tagged if one.slug == tag), None):
        with_tag = tagged[chosen_tag]
    pages = sorted((page for page in found if page in of_kind & with_tag), key=lambda page: found[page] in LAST)
    counts = Counter(found[page] for page in with_tag)
    kinds = [(one, counts[one]) for one in Kind if counts[one] or one is chosen_kind]
    uses = {one: len(owners & of_kind) for one, owners in tagged.items()}
    return Narrowed(pages, len(found), chosen_kind, chosen_tag, kinds, _most_used(uses, chosen_tag))


def _tagged(pages: Collection[int]) -> dict[Page, set[int]]:
    """The live tags of some pages, each with those that carry it. One query."""
    links = Link.objects.filter(relation=TAGS.name, via__isnull=True, owner__in=list(pages), target__live__isnull=False)
    found: dict[Page, set[int]] = {}
    for link in links.select_related("target"):
        found.setdefault(link.target, set()).add(link.owner_id)
    return found


def _most_used(uses: Mapping[Page, int], chosen: Page | None) -> list[tuple[Page, int]]:
    """The tags that most of the results carry, by name, each with how many; and the chosen one."""
    kept = (tag for tag in uses if uses[tag] or tag == chosen)
    used = sorted(kept, key=lambda tag: (tag != chosen, -uses[tag], tag.sort_key))[:MOST_TAGS]
    return [(tag, uses[tag]) for tag in sorted(used, key=lambda tag: tag.sort_key)]


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


def _compared(query: str, found: Found, pages: Sequence[Page]) -> dict[str, object] | None:
    """Where two conditions that a query speaks of stand side by side, if it does.

    It does if the names of two are in it; or if none is, it sets things against each other, and the best two pages are
    conditions.
    """
    conditions = [(page, name_in(page, found.words)) for page in pages if page.kind == Kind.CONDITION]
    said = combinations([(page, name) for page, name in conditions if name], 2)
    two = next(([one, other] for (one, name), (other, its) in said if not (name <= its or its <= name)), [])
    if not any(name for _, name in conditions) and _AGAINST.search(prose.fold(query)):
        two = [page for page in pages[:2] if page.kind == Kind.CONDITION]
    return {"pages": two, "url": comparing.address_of(two)} if len(two) > 1 else None


def _shown(found: Found, page: Page) -> Result:
    """A page that was found, as a result."""
    return result_of(page, found.words, found.codes, of_card=page.pk in found.cards[:1])
