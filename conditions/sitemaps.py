"""The list of all live pages for crawlers: one file, or an index of parts where their keys are of more than one.

A page says when the edition came out that last changed it, as it does to readers. A part holds the pages of a range of
keys: a page stays in its part whatever comes and goes, and the part says when one of its pages last came, changed or
went. Rows become lines without becoming objects, and no answer holds more than one part, so that memory does not grow
with the site. Nor does a slow crawler keep a query open, as it would if rows were sent while they are read. The index
looks at two pages of each part, one that readers see and the one that changed last, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from conditions.guards import public, site_of
from conditions.models.published import PAGES_PER_PART, Edition, Page, PageQuerySet, page_address

PART = PAGES_PER_PART
"""Pages that one file lists at most."""
_PARTS = """WITH RECURSIVE parts(number) AS (
        SELECT 1 UNION ALL SELECT number + 1 FROM parts
        WHERE number * {size} < (SELECT MAX(id) FROM conditions_page)
    )
    SELECT number, (
        SELECT MAX(page.edition_id) FROM conditions_page page WHERE ((page.id - 1) / {size}) = parts.number - 1
    )
    FROM parts WHERE EXISTS (
        SELECT 1 FROM conditions_page page LEFT JOIN conditions_page same ON same.id = page.same_as_id
        WHERE page.id > (parts.number - 1) * {size} AND page.id <= parts.number * {size}
        AND page.live_id IS NOT NULL AND same.live_id IS NULL
    )
    ORDER BY number
"""
"""The parts with pages that are listed (`PageQuerySet.listed`), and the last edition that changed one of each."""


@public()
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list itself, or the index of its parts."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS.format(size=PART))
        parts = cursor.fetchall()
    if len(parts) <= 1:
        return _answer("urlset", "url", _pages(request, Page.objects.listed()))
    site, editions = site_of(request), Edition.objects.in_bulk({edition for _, edition in parts})
    places = ((f"{site}{reverse('sitemap-part', args=[number])}", editions[edition].at) for number, edition in parts)
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
