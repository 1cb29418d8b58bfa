"""What every public view does before and after its own work: the methods it answers, one edition, numbers, slices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.paginator import EmptyPage, Paginator
from django.core.paginator import Page as Slice
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from conditions.models.published import Edition, Page, current_edition
from conditions.schema import Kind

MOST_TRIES = 10
"""How often a page is rendered again because editions keep coming out in the meantime."""

ALERT = (Kind.SYMPTOM, "facial-drooping")
"""The page whose advice the alert points at. While it is not live, there is no alert."""


def safe_methods_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view be asked by GET and HEAD only: 405 for the rest, rather than a complaint about CSRF."""
    safe: Callable[..., HttpResponse] = csrf_exempt(require_safe(view))
    return safe


def one_edition(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Render again where an edition came out meanwhile: a page never mixes two."""

    @wraps(view)
    def of_one_edition(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        for _ in range(MOST_TRIES):
            before = current_edition()
            request.edition = before  # type: ignore[attr-defined]  # for the log
            response = view(request, *args, **kwargs)
            if current_edition() == before:
                break
        return response

    return of_one_edition


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


def site_of(request: HttpRequest) -> str:
    """The address of the site, as it was asked for, without its last slash."""
    return request.build_absolute_uri("/").removesuffix("/")


def number_in(request: HttpRequest, name: str) -> int:
    """The number from 1 in the query string, 1 if it is empty or not there; 404 if it is something else."""
    text = request.GET.get(name) or "1"
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and int(text)):
        raise Http404(f"{name} is not a number from 1 up")
    return int(text)


def slice_of(
    rows: QuerySet[Any] | Sequence[Any], request: HttpRequest, per_page: int, count: int | None = None
) -> Slice[Any]:
    """The rows that ?page= asks for, counted unless their count is given; 404 past the last page."""
    paginator = Paginator(rows, per_page)
    if count is not None:
        paginator.count = count
    try:
        return paginator.page(number_in(request, "page"))
    except EmptyPage as error:
        raise Http404("There are fewer pages") from error


@dataclass(frozen=True)
class Part:
    """Rows of a list that begin at a place in its order: a page of it that costs the same wherever it is.

    start: what it was asked to begin at, empty for the first one. previous, next: what those beside it begin at; None
    where there is none.
    """

    rows: list[Any]
    start: str
    previous: str | None
    next: str | None


def part_of(rows: QuerySet[Any], key: str, request: HttpRequest, per_page: int) -> Part:
    """The rows from the ?start= that a request asks for on; 404 past the last. Those with the same key are not parted.

    rows: in the order of `key`, the name of a text field.
    """
    start = request.GET.get("start", "").replace("\0", "")
    following = rows.filter(**{f"{key}__gte": start}) if start else rows
    found = list(following[: per_page + 1])
    if start and not found:
        raise Http404("Nothing comes after that")
    shown, after = found[:per_page], None
    if len(found) > per_page:
        after = getattr(found[-1], key)
        shown = [row for row in shown if getattr(row, key) != after]
        if not shown:  # more of one name than a page has
            shown = list(rows.filter(**{key: after}))
            after = rows.filter(**{f"{key}__gt": after}).values_list(key, flat=True).first()
    return Part(shown, start, _before(rows, key, start, per_page) if start else None, after)


def _before(rows: QuerySet[Any], key: str, start: str, per_page: int) -> str | None:
    """What the page before a start begins at, so that it reaches to it: empty for the first one, None if none is.

    Beside equal keys it may begin later and reach past the start: some rows stand on both, and none is left out.
    """
    before = list(rows.filter(**{f"{key}__lt": start}).reverse().values_list(key, flat=True)[: per_page + 1])
    if len(before) <= per_page:
        return "" if before else None
    cut = before.pop()
    whole = [one for one in before if one != cut]  # others with the same key may stand before it
    return whole[-1] if whole else str(cut)


def alert() -> Page | None:
    """The page that says when to call for help, which readers are pointed at wherever they may be lost.

    None too where the database does not answer: a page that says what is wrong needs none.
    """
    kind, slug = ALERT
    try:
        return Page.objects.live().filter(kind=kind, slug=slug, is_urgent=True).first()
    except DatabaseError:
        return None
