"""The face as a way in: its places, and what people feel there. As in `views`, none writes, and none sets a cookie."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from conditions import face
from conditions.guards import alert, public, slice_of
from conditions.models.published import Link, Page
from conditions.schema import ABSENT, TAGS, Kind

PER_PAGE = 100
MOST_UNGROUPED = 12
"""Symptoms that are shown in one list; more are grouped by feeling."""
OTHER_FEELINGS = "Anything else"
"""The title of the group of those that fit no other."""


@public()
def overview(request: HttpRequest) -> HttpResponse:
    """The face to point at, and the same places as a list."""
    context = {"face": face.REGIONS, "others": face.OTHERS, "alert": alert(), "section": "face"}
    return render(request, "pages/face.html", context)


@public("page")
def place(request: HttpRequest, slug: str) -> HttpResponse:
    """What people feel at a place, to choose from, and the places near it; 404 if it is none.

    Where that is nothing: what they feel at the nearest places where it is something, and on the whole face.
    """
    if slug not in face.PLACES:
        raise Http404("That is no place of the face")
    at = face.PLACES[slug]
    places = _tags()
    near = _near(at, places) if isinstance(at, face.Region) else []
    symptoms = _symptoms(at)
    count = symptoms.count()
    is_empty = not count and bool(near)
    shown = _instead(near) if is_empty else symptoms
    rows = slice_of(_with_counts(shown), request, PER_PAGE, count or None)
    tags = _tags_of(rows)
    droops = at is face.ONE_SIDE or any(face.DROOPING in carried for carried in tags.values())
    context = {
        "place": at,
        "drawn": face.drawn(at),
        "rows": rows,
        "groups": _by_feeling(rows, tags),
        "near": near,
        "is_empty": is_empty,
        "about": [
            (tag, face.phrase(tag.slug, tag.name) or tag.name.lower())
            for tag in places
            if tag.slug in (*at.tags, *at.topics)
        ],
        "others": [one for one in face.OTHERS if one is not at],
        "alert": alert() if droops else None,
        "section": "face",
    }
    return render(request, "pages/place.html", context)


def _symptoms(at: face.Place) -> QuerySet[Page]:
    """The live symptoms at a place: those that carry one of its tags, or of which a condition says so by a tag."""
    here = _tagged(Q(target__slug__in=(*at.tags, *at.topics)))
    known = Q(target__slug__in=face.TAGS)
    other = Q(target__live__record__group="place") & ~known
    if at is face.ELSEWHERE:
        here |= _tagged(other)
    if at is face.WHOLE:
        here |= ~_tagged(known | other)
    return Page.objects.listed().filter(here, kind=Kind.SYMPTOM)


def _instead(near: Iterable[face.Region]) -> QuerySet[Page]:
    """The live symptoms near a place that has none, and those of the whole face."""
    tags = [face.WHOLE.tags[0], *(tag for region in near for tag in (*region.tags, *region.topics))]
    return Page.objects.listed().filter(_tagged(Q(target__slug__in=tags)), kind=Kind.SYMPTOM)


def _tagged(tags: Q) -> Q:
    """Pages that carry tags, or that conditions name as a symptom with them."""
    marks = Link.objects.filter(tags, relation=TAGS.name, target__kind=Kind.TAG, target__live__isnull=False)
    rows = marks.filter(via__relation="symptoms").exclude(via__certainty=ABSENT)
    return Q(pk__in=marks.filter(via__isnull=True).values("owner")) | Q(pk__in=rows.values("via__target"))


def _with_counts(symptoms: QuerySet[Page]) -> QuerySet[Page]:
    """Symptoms, each with how many conditions and how many other causes may lie behind it, as readers see them.

    A cause that is a condition counts as that, and once.
    """
    stated = Link.objects.filter(relation="symptoms", target=OuterRef("pk"))
    causes = Link.objects.filter(relation="causes", owner=OuterRef("pk"), target__live__isnull=False)
    same = causes.filter(target__same_as__live__isnull=False)
    said_there = Link.objects.filter(relation="symptoms", owner=OuterRef("target__same_as"), target=OuterRef("owner"))
    return symptoms.annotate(
        conditions=_count(stated, "target") + _count(same.filter(~Exists(said_there)), "owner"),
        causes=_count(causes.filter(target__same_as__live__isnull=True), "owner"),
    )


def _count(links: QuerySet[Link], end: str) -> Coalesce:
    """How many links there are that hold. end: the one that all of them have in common."""
    held = links.exclude(certainty=ABSENT).order_by().values(end).annotate(of=Count("pk"))
    return Coalesce(Subquery(held.values("of")), 0)


def _tags_of(symptoms: Iterable[Page]) -> dict[int, set[str]]:
    """The slugs of the tags that symptoms carry themselves, by page."""
    found: dict[int, set[str]] = {page.pk: set() for page in symptoms}
    tags = Link.objects.filter(owner__in=found, relation=TAGS.name, via__isnull=True, target__live__isnull=False)
    for owner, slug in tags.order_by().values_list("owner", "target__slug"):
        found[owner].add(slug)
    return found


def _by_feeling(symptoms: Iterable[Page], tags: dict[int, set[str]]) -> list[tuple[str, list[Page]]]:
    """Symptoms in one group without a title, or where they are many in groups by what is felt, the others last."""
    if len(tags) <= MOST_UNGROUPED:
        return [("", list(symptoms))]
    titles = dict(face.SORTS)
    groups: dict[str, list[Page]] = {title: [] for title in (*titles.values(), OTHER_FEELINGS)}
    for page in symptoms:
        fitting = (title for slug, title in titles.items() if slug in tags[page.pk])
        groups[next(fitting, OTHER_FEELINGS)].append(page)
    return [(title, pages) for title, pages in groups.items() if pages]


def _tags() -> list[Page]:
    """The live tags of places, each with whether symptoms are `felt` there."""
    marks = Link.objects.filter(relation=TAGS.name, target=OuterRef("pk"))
    own = marks.filter(via__isnull=True, owner__kind=Kind.SYMPTOM)
    rows = marks.filter(via__relation="symptoms", via__target__live__isnull=False).exclude(via__certainty=ABSENT)
    tags = Page.objects.live().filter(kind=Kind.TAG, slug__in=face.TAGS)
    return list(tags.annotate(felt=Exists(own) | Exists(rows)))


def _near(region: face.Region, tags: Iterable[Page]) -> list[face.Region]:
    """The nearest other regions where readers find something."""
    felt = {tag.slug for tag in tags if tag.felt}  # type: ignore[attr-defined]  # annotated
    filled = {one.slug for one in face.REGIONS if felt.intersection((*one.tags, *one.topics))}
    return face.near(region, filled)
