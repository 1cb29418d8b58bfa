"""The list of all live pages for crawlers: one file, or an index of parts where they are too many for one.

A page says when the edition came out that last changed it, as it does to readers. A part holds the pages of a range of
keys: a page stays in its part whatever comes and goes, and the part says when one of its pages last came, changed or
went. Rows become lines without becoming objects, and no answer holds more than one part, so that memory does not grow
with the site. Nor does a slow crawler keep a query open, as it would if rows were sent while they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from django.db.models import Count, F, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from conditions.guards import public, site_of
from conditions.models.published import LISTED, Page, PageQuerySet, page_address

PART = 5_000
"""Pages that one file lists at most."""


@public()
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list itself, or the index of its parts."""
    of_part = (F("pk") - 1) / PART + 1
    ever = Page.objects.filter(edition__isnull=False).order_by().annotate(part=of_part).values("part")
    parts = ever.annotate(listed=Count("pk", filter=LISTED), at=Max("edition__at")).order_by("part")
    found = [(number, listed, at) for number, listed, at in parts.values_list("part", "listed", "at") if listed]
    if sum(listed for _, listed, _ in found) <= PART:
        return _answer("urlset", "url", _pages(request, Page.objects.listed()))
    site = site_of(request)
    places = ((f"{site}{reverse('sitemap-part', args=[number])}", at) for number, _, at in found)
    return _answer("sitemapindex", "sitemap", places)


@public()
def part(request: HttpRequest, number: int) -> HttpResponse:
    """One part of the list; 404 where no live page is in it."""
    last = number * PART
    pages = list(_pages(request, Page.objects.listed().filter(pk__gt=last - PART, pk__lte=last)))
    if not pages:
        raise Http404("No live page is in that part")
    return _answer("urlset", "url", pages)


def _pages(request: HttpRequest, pages: PageQuerySet) -> Iterator[tuple[str, datetime]]:
    site = site_of(request)
    for kind, slug, at in pages.order_by("pk").values_list("kind", "slug", "edition__at").iterator():
        yield f"{site}{page_address(kind, slug)}", at


def _answer(root: str, entry: str, places: Iterable[tuple[str, datetime]]) -> HttpResponse:
    """Addresses, each with when it last changed, as the protocol of sitemaps has them."""
    lines = (
        f"<{entry}><loc>{escape(address)}</loc><lastmod>{at.isoformat(timespec='seconds')}</lastmod></{entry}>\n"
        for address, at in places
    )
    text = f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{"".join(lines)}</{root}>\n'
    return HttpResponse(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', content_type="application/xml")
