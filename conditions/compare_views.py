"""Conditions side by side. As in `views`, each view gets, guards and renders, and none writes."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conditions import comparing, page_content, search
from conditions.comparing import Alike, Asked
from conditions.guards import alert, public
from conditions.models.published import Address, Link, Page
from conditions.page_parts import Prose
from conditions.row_fields import MISTAKEN
from conditions.schema import ABSENT, Kind

MOST_OFFERED = 60
"""Conditions that can be ticked: of more the first ones, and a search field."""

MOST_SHARING = 30
"""Conditions with symptoms of another that are looked at, those that share most."""


@public("condition", "only", "q")
def compare(request: HttpRequest) -> HttpResponse:
    """Two or three conditions side by side; of one, those most like it; of none, all to choose from.

    ?condition= is a slug, also one from before a rename; what is not live is named and left out. ?only=differences
    leaves out what is the same. ?q= looks for conditions to tick, and leaves what was ticked; where it sounds like an
    emergency, what to do at once comes first, as on the page of the search.
    """
    values, query = request.GET.getlist("condition"), request.GET.get("q", "").strip()
    asked, table = _asked(values), None
    if len(asked.shown) > 1 and not query:
        table = comparing.table(*page_content.side_by_side(asked.shown, comparing.PARTS))
    found = search.find(query)
    offered, are_more, card = _offered(query, asked, found)
    context = {
        "asked": asked,
        "most": comparing.MOST,
        "table": table,
        "only": request.GET.get("only") == "differences",
        "alike": _alike(asked.shown[0]) if len(asked.shown) == 1 and not query else (),
        "offered": offered,
        "are_more": are_more,
        "query": query,
        "found": found,
        "card": card,
        "chosen": sorted(page.slug for page in asked.shown),
        "alert": alert(),
        "section": Kind.CONDITION.plural,
    }
    return render(request, "pages/compare.html", context)


def _asked(values: list[str]) -> Asked:
    """The conditions that the values name, by their slugs of now and before."""
    asked = comparing.distinct(values)
    slugs = list(filter(comparing.is_slug, asked))
    opened = Address.objects.filter(kind=Kind.CONDITION, slug__in=slugs, edition__isnull=False)
    known = {one.slug: one.page for one in opened.select_related("page__live", "page__edition")} if slugs else {}
    return comparing.choose(asked, known)


def _offered(query: str, asked: Asked, found: search.Found) -> tuple[list[Page], bool, tuple[Page, Prose] | None]:
    """The conditions that can be ticked, those that are ticked first; whether there are more; and the card to show.

    found: what a search for the query finds, the best first.
    """
    if not query:
        pages = list(Page.objects.listed().filter(kind=Kind.CONDITION)[: MOST_OFFERED + 1])
        are_more = len(pages) > MOST_OFFERED
        return list(dict.fromkeys([*(asked.shown if are_more else ()), *pages[:MOST_OFFERED]])), are_more, None
    ids = [page for page, kind in found.pages.items() if kind is Kind.CONDITION][:MOST_OFFERED]
    read = Page.objects.live().select_related("live").filter(pk__in=[*ids, *found.cards[:1]])
    by_id = {page.pk: page for page in read}
    ticked = dict.fromkeys([*asked.shown, *(by_id[page] for page in ids if page in by_id)])
    return list(ticked), True, page_content.now_card(by_id.get(found.cards[0])) if found.cards else None


def _alike(page: Page) -> list[Alike]:
    """The conditions most like one, in two queries."""
    related = Link.objects.filter(Q(owner=page) | Q(target=page), relation=comparing.RELATED, role=MISTAKEN)
    related = related.filter(via__isnull=True, owner__live__isnull=False, target__live__isnull=False)
    ends = related.exclude(certainty=ABSENT).select_related("owner", "target")
    mistaken = [link.target if link.owner_id == page.pk else link.owner for link in ends]
    held = Q(links_out__relation="symptoms", links_out__via__isnull=True, links_out__target__live__isnull=False)
    mine = Link.objects.filter(owner=page, relation="symptoms", via__isnull=True).exclude(certainty=ABSENT)
    held &= Q(links_out__target__in=mine.values("target")) & ~Q(links_out__certainty=ABSENT)
    others = Page.objects.live().filter(held).exclude(pk=page.pk).annotate(shared=Count("links_out"))
    first = others.order_by("-shared", "sort_key", "pk")[:MOST_SHARING]
    shared = [(one, one.shared) for one in first]  # type: ignore[attr-defined]  # annotated
    return comparing.most_alike(page, mistaken, shared)
