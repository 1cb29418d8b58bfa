"""/find/: symptoms in, conditions and causes out. As in `views`, it gets, guards and renders, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from conditions import face, search
from conditions import find as finding
from conditions.find_rows import MOST_CHOSEN, Choice, chosen
from conditions.guards import ALERT, public
from conditions.models.published import Link, Page
from conditions.page_content import now_card
from conditions.schema import TAGS, Kind

MOST_OFFERED = 60
"""Symptoms that are all offered, by place; of more, the ones that most conditions name."""
MOST_COMMON = 30


@public("symptom", "q")
def find(request: HttpRequest) -> HttpResponse:
    """What may lie behind each ?symptom=, or symptoms to choose from: where none is given, or ?q= asks for more."""
    choice = chosen(request.GET.getlist("symptom"), ALERT[1])
    context = {
        "choice": choice,
        "most": MOST_CHOSEN,
        "alert": choice.alert,
        "more": f"{_address(choice.slugs)}&q=",
        "section": "find",
    }
    if not choice.pages or "q" in request.GET:
        return render(request, "pages/find_choose.html", context | _offer(request.GET.get("q", ""), choice))
    found = finding.find(choice.pages)
    kept = [(page, _address(slug for slug in choice.slugs if slug != page.slug)) for page in choice.pages]
    added = [(page, _address([*choice.slugs, page.slug])) for page in found.telling]
    # The card of a face that droops first: of a stroke, minutes count.
    cards = sorted(found.cards, key=lambda card: choice.alert not in card.pages)
    if cards and choice.alert in cards[0].pages:
        context["alert"] = None
    context |= {"card": next(iter(cards), None), "called": [page for one in cards[1:] for page in one.pages]}
    compared = urlencode([("condition", page.slug) for page in found.compared])
    context |= {"found": found, "kept": kept, "added": added, "compared": compared}
    return render(request, "pages/find.html", context)


def _address(slugs: Iterable[str]) -> str:
    """The one address of some chosen symptoms."""
    query = urlencode([("symptom", slug) for slug in sorted(slugs)])
    return f"{reverse('find')}{'?' if query else ''}{query}"


def _offer(query: str, choice: Choice) -> dict[str, object]:
    """The symptoms to choose from: those that a search for a query finds, or all by place, or the commonest.

    And what to do at once where the query sounds like an emergency, as on the page of the search.
    """
    found, urgent = search.find(query), {}
    if query.strip():
        ids = [page for page, kind in found.pages.items() if kind is Kind.SYMPTOM][:MOST_OFFERED]
        live = {
            page.pk: page for page in Page.objects.live().select_related("live").filter(pk__in=[*ids, *found.cards[:1]])
        }
        groups, is_all = [("", [live[page] for page in ids if page in live])], True
        urgent = {"card": now_card(live.get(found.cards[0])) if found.cards else None, "found": found}
    else:
        pages = list(Page.objects.listed().filter(kind=Kind.SYMPTOM)[: MOST_OFFERED + 1])
        is_all = len(pages) <= MOST_OFFERED
        groups = _by_place(pages) if is_all else [("What most conditions name", _commonest())]
    offered = {page.pk for _, pages in groups for page in pages}
    hidden = [page for page in choice.pages if page.pk not in offered]
    return urgent | {"query": query, "groups": groups, "is_all": is_all, "hidden": hidden, "offered": bool(offered)}


def _by_place(pages: Sequence[Page]) -> list[tuple[str, list[Page]]]:
    """Symptoms under the place where they are, first those on the face, last those somewhere else on the body."""
    tagged = Link.objects.filter(relation=TAGS.name, via__isnull=True, owner__in=pages, target__live__isnull=False)
    tags: dict[int, set[str]] = {}
    for owner, slug, group in tagged.values_list("owner_id", "target__slug", "target__live__record__group"):
        if group == "place" or slug in face.TAGS:
            tags.setdefault(owner, set()).add(slug)
    found: dict[str, list[Page]] = {place.name: [] for place in (*face.REGIONS, face.WHOLE, face.ELSEWHERE)}
    for page in pages:
        own = tags.get(page.pk, set())
        found[face.only_place(own, not own.issubset(face.TAGS)).name].append(page)
    return [(name, some) for name, some in found.items() if some]


def _commonest() -> list[Page]:
    """The symptoms that most conditions name."""
    named = Q(links_in__relation="symptoms")
    counted = Page.objects.live().filter(named, kind=Kind.SYMPTOM).annotate(uses=Count("links_in"))
    return sorted(counted.order_by("-uses", "sort_key")[:MOST_COMMON], key=lambda page: page.sort_key)
