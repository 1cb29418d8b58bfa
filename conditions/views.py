"""The public pages. Each view gets, guards and renders; none writes, and none sets a cookie.

At most five queries a page, whatever its size: tests/pages/ pins them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from string import ascii_uppercase

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Case, Exists, OuterRef, Q, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import resolve, reverse

from conditions import comparing, face, linked_data, page_content
from conditions.differences import BARE_TO_READERS, Difference, differences
from conditions.guards import (
    ALERT,
    EDITION,
    PAGE,
    Part,
    alert,
    answered,
    number_in,
    one_edition,
    part_of,
    public,
    site_of,
    slice_of,
)
from conditions.history import by_kind, moved_in, page_changes, ris_of, without_hidden
from conditions.models.index import Name, Total
from conditions.models.published import Address, Change, Edition, Link, Page, PageQuerySet
from conditions.page_parts import PageContent
from conditions.schema import FIELDS, SCHEMAS, TAGS, Kind

PER_PAGE = 100
HISTORY_PER_PAGE = 20
EDITIONS_PER_PAGE = 20
NAMES_PER_PAGE = 100
MOST_NAMES = 1000
"""Names that A to Z shows all at once; of more, one letter at a time."""
MOST_CHANGES = 20
"""Changes of one edition that the list of editions shows; its own page has them all."""
MOST_TAGS = 60
"""Tags that a list offers to filter by: the ones used most."""
MOST_QUESTIONS = 12
"""Questions that the first page shows: those chosen for it, or the first ones while none is."""
MOST_CONDITIONS = 30

DESCRIPTION = (
    "Why the face twitches, droops, hurts or swells, what that may mean and what helps. "
    "Each symptom, cause and treatment shows what it rests on."
)
"""What the first page says of the site to programs."""
NAMES = "Every name and every other name, in alphabetical order."

OTHER = "#"
"""The letter of names that begin with none; in addresses it is "other"."""


# Entries


@public("part")
def page(request: HttpRequest, kind: Kind, slug: str) -> HttpResponse:
    """A live page; 301 from an old slug and to the page of the same thing, 410 if it was withdrawn, 404 if none was."""
    try:
        found = page_content.live_page(kind, slug, number_in(request, "part"))
    except Page.DoesNotExist:
        return _moved_or_gone(request, kind, slug)
    if (same := found.page.same_as) and same.live_id:
        return _moved(request, same)
    request.META[PAGE] = found.page.pk
    return _render_content(request, found, found.page.edition)


def _render_content(
    request: HttpRequest,
    found: PageContent,
    edition: Edition | None,
    old: bool = False,
    again: Sequence[Edition] = (),
) -> HttpResponse:
    """edition: the first that published the version, or the one that is live. again: those that did so later."""
    permanent = reverse("version", args=[found.kind, found.page.slug, found.version.number])
    graph = linked_data.of_page(found, edition, site_of(request)) if edition and not old and found.part == 1 else None
    context = {
        "content": found,
        "edition": edition,
        "old": old,
        "again": again,
        "ready": None if old else comparing.ready(found),
        "section": found.kind.plural,
        "permanent": request.build_absolute_uri(permanent),
        "linked_data": linked_data.script(graph) if graph else "",
    }
    return render(request, f"pages/{found.kind.value}.html", context)


def _address(kind: Kind, slug: str) -> Address:
    """An address that an edition has opened to readers; 404 if there is none."""
    opened = Address.objects.filter(edition__isnull=False).select_related("page", "page__edition")
    return get_object_or_404(opened, kind=kind, slug=slug)


def _moved(request: HttpRequest, page: Page, rest: str = "") -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{page.url}{rest}{'?' if query else ''}{query}")


def _moved_or_gone(request: HttpRequest, kind: Kind, slug: str) -> HttpResponse:
    page = _address(kind, slug).page
    if page.slug != slug:
        return _moved(request, page)
    if page.live_id:
        raise Http404("Fewer references than that lead here")
    withdrawal = page_changes(page).filter(after__isnull=True).first()
    context = {"page": page, "withdrawal": withdrawal, "section": kind.plural, "alert": alert()}
    return render(request, "pages/withdrawn.html", context, status=410)


@public("page")
def history(request: HttpRequest, kind: Kind, slug: str) -> HttpResponse:
    """What editions did to a page, newest first, and what each changed."""
    page = _address(kind, slug).page
    if page.slug != slug:
        return _moved(request, page, "history/")
    rows = slice_of(page_changes(page), request, HISTORY_PER_PAGE)
    moves = list(zip(rows, _differences(list(rows)), strict=True))
    context = {"page": page, "rows": rows, "moves": moves, "section": kind.plural}
    return render(request, "pages/history.html", context)


def _differences(changes: list[Change]) -> list[list[Difference]]:
    """What each change moved, as far as readers can see what it refers to."""
    both = [(change.before, change.after) for change in changes]
    pairs = [(before.record, after.record) for before, after in both if before and after]
    seen, names = without_hidden([record for pair in pairs for record in pair])
    each = iter(seen)
    return [
        differences(next(each), next(each), names, bare=BARE_TO_READERS, as_read=True) if before and after else []
        for before, after in both
    ]


@public()
def version(request: HttpRequest, kind: Kind, slug: str, number: int) -> HttpResponse:
    """A page as one of its published versions has it, at an address to cite; 404 if none published it."""
    page = _address(kind, slug).page
    if page.slug != slug:
        return _moved(request, page, f"history/{number}/")
    published = list(page_changes(page).filter(after__number=number))[::-1]
    if not published or published[0].after is None:
        raise Http404("No edition published that version")
    found = page_content.of_version(page, published[0].after)
    first, *again = (change.edition for change in published)
    return _render_content(request, found, first, old=True, again=again)


@public()
def ris(request: HttpRequest, kind: Kind, slug: str, number: int) -> HttpResponse:
    """A published version as reference managers read it (RIS, of type "electronic"); 404 as for the version."""
    page = _address(kind, slug).page
    if page.slug != slug:
        return _moved(request, page, f"history/{number}/cite.ris")
    change = page_changes(page).filter(after__number=number).last()
    if change is None or change.after is None:
        raise Http404("No edition published that version")
    text = ris_of(change.after, change.edition.at, request.build_absolute_uri("."))
    answer = HttpResponse(text, content_type="application/x-research-info-systems; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slug}-{number}.ris"'
    return answer


# Lists


@public("tag", "start")
def entry_list(request: HttpRequest, kind: Kind) -> HttpResponse:
    """All live pages of a kind, or those with ?tag=; 404 for a tag that is not live."""
    pages, chosen, total = Page.objects.listed().filter(kind=kind), None, 0
    if slug := request.GET.get("tag"):
        if "\0" in slug:
            raise Http404("No slug contains such a character")
        chosen = get_object_or_404(Page.objects.live(), kind=Kind.TAG, slug=slug)
        pages, total = _tagged(pages, kind, chosen)
    part = part_of(pages, "sort_key", request, PER_PAGE)
    context = {
        "kind": kind,
        "intro": SCHEMAS[kind].intro,
        "part": part,
        "total": total,
        "groups": _tags_of(kind, chosen),
        "chosen": chosen,
        "section": kind.plural,
    }
    if kind is Kind.TERM and not part.start:
        graph = linked_data.of_names(kind.plural.capitalize(), SCHEMAS[kind].intro, f"{site_of(request)}{request.path}")
        context["linked_data"] = linked_data.script(graph)
    return render(request, "pages/entry_list.html", context)


def _tagged(pages: PageQuerySet, kind: Kind, tag: Page) -> tuple[PageQuerySet, int]:
    """Those of the pages of a kind that carry a tag, and how many they are.

    All of them are sorted where they are few; where they are many, the next ones are soon found in the order of the
    list. So the work grows with the root of the number of pages.
    """
    totals = Total.objects.filter(Q(tag=tag) | Q(tag__isnull=True), kind=kind)
    counts: Counter[int | None] = Counter(dict(totals.values_list("tag", "count")))
    many = counts[tag.pk]
    if many**2 < PER_PAGE * counts[None]:
        return pages.filter(links_out__relation=TAGS.name, links_out__via=None, links_out__target=tag), many
    tagged = Link.objects.filter(relation=TAGS.name, via__isnull=True, target=tag, owner=OuterRef("pk"))
    return pages.filter(Exists(tagged)), many


def _tags_of(kind: Kind, chosen: Page | None) -> list[tuple[str, list[Total]]]:
    """The tags that live entries of a kind carry, in their groups, with how many each, by name.

    The most used ones that more than one entry carries, and the chosen one.
    """
    if TAGS not in SCHEMAS[kind].references:
        return []
    totals = Total.objects.filter(kind=kind, tag__live__isnull=False, count__gt=0).select_related("tag__live")
    is_chosen = Q(tag=chosen.pk if chosen else 0)
    first = Case(When(is_chosen, then=0), default=1)
    totals = totals.filter(Q(count__gt=1) | is_chosen).order_by(first, "-count", "tag__sort_key")
    by_group: dict[str, list[Total]] = {choice.value: [] for choice in FIELDS["group"].choices}
    shown = [(total.tag, total) for total in totals[:MOST_TAGS] if total.tag]
    for tag, total in sorted(shown, key=lambda one: one[0].sort_key):
        by_group.setdefault(tag.live.record.get("group", "") if tag.live else "", []).append(total)
    labels = {choice.value: choice.label for choice in FIELDS["group"].choices}
    return [(labels.get(group, "Others"), tags) for group, tags in by_group.items() if tags]


@public()
def home(request: HttpRequest) -> HttpResponse:
    """The first page: search, questions, conditions, letters."""
    alert_kind, alert_slug = ALERT
    feelings = {slug: words for words, slug in face.FEELINGS}
    wanted = Q(kind=alert_kind, slug=alert_slug) | Q(kind=Kind.SYMPTOM, slug__in=feelings)
    pages = list(Page.objects.live().filter(wanted))
    symptoms = {page.slug: page for page in pages if page.kind == Kind.SYMPTOM}
    graph = linked_data.of_site(DESCRIPTION, site_of(request))
    totals = _totals()
    context = {
        "description": DESCRIPTION,
        "linked_data": linked_data.script(graph),
        "feelings": [(words, symptoms[slug]) for slug, words in feelings.items() if slug in symptoms],
        "questions": _chosen_questions(),
        "conditions": _first(Kind.CONDITION, MOST_CONDITIONS),
        "all_questions": totals[Kind.QUESTION, ""],
        "all_conditions": totals[Kind.CONDITION, ""],
        "letters": _letters(totals),
        "alert": next((page for page in pages if page.kind == alert_kind and page.is_urgent), None),
        "face": face.REGIONS,
        "others": face.OTHERS,
    }
    return render(request, "pages/home.html", context)


def _chosen_questions() -> list[Page]:
    """The questions that are chosen for the first page, or the first ones."""
    chosen = Page.objects.live().filter(on_home=True)
    return list(chosen[:MOST_QUESTIONS]) or _first(Kind.QUESTION, MOST_QUESTIONS)


def _first(kind: Kind, most: int) -> list[Page]:
    """The first live pages of a kind."""
    return list(Page.objects.listed().filter(kind=kind)[:most])


def _totals() -> Counter[tuple[str, str]]:
    """How many pages of each kind, and names under each letter, lists show: by kind and letter, one of them empty."""
    totals = Total.objects.filter(tag__isnull=True).values_list("kind", "letter", "count")
    return Counter({(kind, letter): count for kind, letter, count in totals})


def _letters(totals: Counter[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Every letter with its word in addresses and how many names begin with it; the others last, if any."""
    letters = [(letter, letter.lower(), totals["", letter]) for letter in ascii_uppercase]
    return letters + ([(OTHER, "other", totals["", OTHER])] if totals["", OTHER] else [])


@public("letter", "start")
def a_to_z(request: HttpRequest) -> HttpResponse:
    """Every name and other name: all of them, or of ?letter= where they are many; 404 for no letter."""
    letters = _letters(_totals())
    asked = request.GET.get("letter", "").lower()
    total = sum(count for _, _, count in letters)
    names = Name.objects.listed().select_related("page")
    if asked:
        chosen = next((each for each in letters if each[1] == asked), None)
        if chosen is None:
            raise Http404("That is not a letter")
        part = part_of(names.filter(letter=chosen[0]), "key", request, NAMES_PER_PAGE)
    else:
        part = Part(list(names) if total <= MOST_NAMES else [], "", None, None)
    groups = [(letter, list(some)) for letter, some in groupby(part.rows, attrgetter("letter"))]
    context = {"letters": letters, "asked": asked, "part": part, "groups": groups, "total": total, "intro": NAMES}
    context["section"] = "a-z"
    if not asked:
        graph = linked_data.of_names("A to Z", NAMES, f"{site_of(request)}{request.path}")
        context["linked_data"] = linked_data.script(graph)
    return render(request, "pages/a_to_z.html", context)


@public("page")
def changes(request: HttpRequest) -> HttpResponse:
    """Editions, newest first, with what each moved."""
    newest = Edition.objects.values_list("number", flat=True).first() or 0
    rows = slice_of(range(newest, 0, -1), request, EDITIONS_PER_PAGE)
    editions = list(Edition.objects.filter(number__in=list(rows)))
    context = {"editions": moved_in(editions, MOST_CHANGES), "rows": rows, "section": "changes"}
    return render(request, "pages/changes.html", context)


@public("page")
def edition(request: HttpRequest, number: int) -> HttpResponse:
    """All that one edition moved."""
    found = get_object_or_404(Edition, number=number, number__gt=0)
    rows = slice_of(range(1, found.moved + 1), request, PER_PAGE)
    moved = by_kind(found.changes.filter(place__in=list(rows)))
    context = {"edition": found, "rows": rows, "changes": moved, "section": "changes"}
    return render(request, "pages/edition.html", context)


@public()
def about(request: HttpRequest) -> HttpResponse:
    """How the site is made, what it is not, how to report a mistake, privacy and accessibility."""
    return render(request, "pages/about.html", {"section": "about", "contact": settings.CONTACT})


# What no address leads to


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """301 where the address in small letters, or with or without its last slash, is that of a page; else 404.

    404 too while the database does not answer.
    """

    def answer() -> HttpResponse:
        with one_edition(request):
            return _elsewhere_or_nowhere(request)

    try:
        return answered(request, answer)
    except DatabaseError:
        request.META.pop(EDITION, None)  # nothing to be kept
        return render(request, "404.html", status=404)


def _elsewhere_or_nowhere(request: HttpRequest) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        small = request.path_info.lower()
        for path in dict.fromkeys((small, small.rstrip("/"), f"{small}/")):
            if path != request.path_info and _is_answered(request, path):
                query = request.META.get("QUERY_STRING", "")
                return HttpResponsePermanentRedirect(f"{path}{'?' if query else ''}{query}")
    return render(request, "404.html", {"alert": alert()}, status=404)


def _is_answered(request: HttpRequest, path: str) -> bool:
    """Whether a public page answers at an address, if only that it moved or was withdrawn."""
    try:
        match = resolve(path)
        return "admin" not in match.app_names and match.func(request, *match.args, **match.kwargs).status_code != 404
    except Http404:
        return False
