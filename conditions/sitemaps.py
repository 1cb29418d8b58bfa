"""The list of all live pages for crawlers: one file, or an index of files where they are too many for one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.sitemaps import Sitemap, views
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from conditions.models.published import Page

if TYPE_CHECKING:
    _Sitemap = Sitemap[Page]
else:
    _Sitemap = Sitemap


class PageSitemap(_Sitemap):
    """Every live page, with the time of the edition that last changed it."""

    limit = 50_000

    def items(self) -> QuerySet[Page]:
        return Page.objects.live().select_related("edition").order_by("pk")

    def lastmod(self, page: Page) -> datetime | None:
        return page.edition.at if page.edition else None

    def get_latest_lastmod(self) -> datetime | None:
        """The newest of them, without reading them all."""
        newest: datetime | None = Page.objects.live().aggregate(at=Max("edition__at"))["at"]
        return newest


@csrf_exempt
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list itself, or the index of its parts."""
    if PageSitemap().paginator.num_pages == 1:
        return part(request)
    return views.index(request, {"pages": PageSitemap}, sitemap_url_name="sitemap-part")


@csrf_exempt
@require_safe
def part(request: HttpRequest, section: str = "pages") -> HttpResponse:
    """One part of the list: ?p= says which."""
    return views.sitemap(request, {"pages": PageSitemap}, section=section)
