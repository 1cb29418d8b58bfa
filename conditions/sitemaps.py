"""The list of all live pages for crawlers: one file, or an index of files where they are too many for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING

from django.contrib.sitemaps import Sitemap, views
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from conditions.models.published import Edition, Page

if TYPE_CHECKING:
    _Sitemap = Sitemap[Page]
else:
    _Sitemap = Sitemap


class PageSitemap(_Sitemap):
    """Every live page, with the time of the edition that last changed it."""

    limit = 50_000

    def items(self) -> QuerySet[Page]:
        return Page.objects.listed().select_related("edition").order_by("pk")

    def lastmod(self, page: Page) -> datetime | None:
        return page.edition.at if page.edition else None

    def get_latest_lastmod(self) -> datetime | None:
        """The newest of them, without reading them all."""
        newest: datetime | None = Page.objects.live().aggregate(at=Max("edition__at"))["at"]
        return newest


def unless_unchanged(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 304 where no edition came out since the list was read: any may change it, also by taking a page down."""

    @wraps(view)
    def conditional(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        edition = Edition.objects.filter(number__gt=0).first()
        if edition is None:
            return view(request, *args, **kwargs)
        changed = int(edition.at.timestamp())
        etag = f'"{edition.number}-{changed}"'
        unchanged = get_conditional_response(request, etag=etag, last_modified=changed)
        response = unchanged or view(request, *args, **kwargs)
        response.headers["ETag"], response.headers["Last-Modified"] = etag, http_date(changed)
        return response

    return conditional


@csrf_exempt
@require_safe
@unless_unchanged
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list itself, or the index of its parts."""
    if PageSitemap().paginator.num_pages == 1:
        return _part(request, "pages")
    return views.index(request, {"pages": PageSitemap}, sitemap_url_name="sitemap-part")


@csrf_exempt
@require_safe
@unless_unchanged
def part(request: HttpRequest, section: str) -> HttpResponse:
    """One part of the list: ?p= says which, the first if it is empty."""
    return _part(request, section)


def _part(request: HttpRequest, section: str) -> HttpResponse:
    if not request.GET.get("p"):
        request.GET = QueryDict()
    return views.sitemap(request, {"pages": PageSitemap}, section=section)
