"""/find/: symptoms in, conditions and causes out. As in `views`, it gets, guards and renders, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from conditions import find as finding
from conditions import prose
from conditions.find_rows import MOST_CHOSEN, Choice, chosen
from conditions.guards import ALERT, one_edition, safe_methods_only
from conditions.models.published import Link, Name, Page
from conditions.schema import TAGS, Kind

MOST_OFFERED = 60
"""Symptoms that are all offered, by place; of more, the ones that most conditions name."""
MOST_COMMON = 30
MOST_NAMES = 500
"""Names in which words are looked for."""
LONGEST_QUERY = 200
SHORTEST_WORD = 3

PLACES = (
    ("Eyes and eyelids", {"eyelids", "eyes", "brow"}),
    ("Mouth, lips and tongue", {"mouth", "lips", "tongue", "chin"}),
    ("Cheek, nose and ear", {"cheek", "nose", "ear"}),
    ("Jaw", {"jaw", "jaw-joint"}),
    ("Throat", {"throat"}),
    ("Forehead and head", {"forehead", "temple", "scalp", "head"}),
)
"""Where symptoms are: titles, and the tags of places below each."""
WHOLE_FACE = ("The whole face, or several places", {"whole-face"})
ELSEWHERE = "Anywhere in the body"


@safe_methods_only
@one_edition
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
    compared = urlencode([("condition", page.slug) for page in found.compared])
    context |= {"found": found, "kept": kept, "added": added, "compared": compared}
    return render(request, "pages/find.html", context)


def _address(slugs: Iterable[str]) -> str:
    """The one address of some chosen symptoms."""
    query = urlencode([("symptom", slug) for slug in sorted(slugs)])
    return f"{reverse('find')}{'?' if query else ''}{query}"


def _offer(query: str, choice: Choice) -> dict[str, object]:
    """The symptoms to choose from: those whose names hold words of a query, or all by place, or the commonest."""
    query = " ".join(query[:LONGEST_QUERY].replace("\0", " ").split())
    symptoms = Page.objects.listed().filter(kind=Kind.SYMPTOM)
    if begins := _begins(query):
        groups, is_all = [("", _called(begins))], True
    else:
        pages = list(symptoms[: MOST_OFFERED + 1])
        is_all = len(pages) <= MOST_OFFERED
        groups = _by_place(pages) if is_all else [("What most conditions name", _commonest())]
    offered = {page.pk for _, pages in groups for page in pages}
    hidden = [page for page in choice.pages if page.pk not in offered]
    return {"query": query, "groups": groups, "is_all": is_all, "hidden": hidden, "offered": bool(offered)}


def _begins(query: str) -> list[str]:
    """What the words of a query begin with, so that "twitches" finds "twitching"; short words are left out."""
    words = dict.fromkeys(prose.fold(query).split())
    return [word[: max(SHORTEST_WORD, len(word) - 3)] for word in words if len(word) >= SHORTEST_WORD][:MOST_CHOSEN]


def _called(begins: Sequence[str]) -> list[Page]:
    """The symptoms with a name of which words begin so, those with most of them first."""
    holding = Q()
    for begin in begins:
        holding |= Q(key__startswith=begin) | Q(key__contains=f" {begin}")
    names = Name.objects.filter(holding, page__kind=Kind.SYMPTOM, page__live__isnull=False).select_related("page")
    found: dict[Page, int] = {}
    for name in names[:MOST_NAMES]:
        words = f" {name.key}"
        found[name.page] = max(found.get(name.page, 0), sum(f" {begin}" in words for begin in begins))
    in_order = sorted(found, key=lambda page: (-found[page], page.sort_key, page.pk))
    return in_order[:MOST_OFFERED]


def _by_place(pages: Sequence[Page]) -> list[tuple[str, list[Page]]]:
    """Symptoms under the place on the face where they are, each once."""
    tagged = Link.objects.filter(relation=TAGS.name, via__isnull=True, owner__in=pages, target__live__isnull=False)
    tags: dict[int, set[str]] = {}
    for owner, slug in tagged.values_list("owner_id", "target__slug"):
        tags.setdefault(owner, set()).add(slug)
    found: dict[str, list[Page]] = {title: [] for title in (*dict((*PLACES, WHOLE_FACE)), ELSEWHERE)}
    for page in pages:
        own = tags.get(page.pk, set())
        at = [title for title, places in PLACES if places & own]
        is_wide = len(at) > 1 or WHOLE_FACE[1] & own
        found[WHOLE_FACE[0] if is_wide else at[0] if at else ELSEWHERE].append(page)
    return [(title, some) for title, some in found.items() if some]


def _commonest() -> list[Page]:
    """The symptoms that most conditions name."""
    named = Q(links_in__relation="symptoms")
    counted = Page.objects.live().filter(named, kind=Kind.SYMPTOM).annotate(uses=Count("links_in"))
    return sorted(counted.order_by("-uses", "sort_key")[:MOST_COMMON], key=lambda page: page.sort_key)
