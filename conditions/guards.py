"""What every public view does before its own work: the methods and keys it answers, one edition, numbers, slices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.core.paginator import EmptyPage, Paginator
from django.core.paginator import Page as Slice
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from conditions import db, replica
from conditions.edition_check import CHECKED
from conditions.models.published import Page, newest_edition
from conditions.schema import Kind

ALERT = (Kind.SYMPTOM, "facial-drooping")
"""The page whose advice the alert points at. While it is not live, there is no alert."""


EDITION = "facehealth.edition"
"""Where a view leaves in the environment of a request which edition the answer is of: its number and token."""
PAGE = "facehealth.page"
"""Where a view leaves which live page the answer is, if it is one at its own address."""

COUNTED = "facehealth.counted"
"""Where a view leaves whether it has counted that it was asked, and wants to be asked each time."""


NEVER_KEPT = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""What browsers are told of a page whose address is a secret."""


class UndeclaredKey(Exception):
    """A view reads a key of the query that it does not declare."""


class DeclaredQuery(QueryDict):
    """The keys of a query that a view declares, and no others: what it answers depends on nothing else of the query."""

    keys_declared: frozenset[str] = frozenset()

    @classmethod
    def of(cls, query: QueryDict, keys: frozenset[str]) -> DeclaredQuery:
        """What a query says under some keys."""
        declared = cast("DeclaredQuery", cls(encoding=query.encoding))
        declared.keys_declared = keys
        for key, values in query.lists():
            if key in keys:
                MultiValueDict.setlist(declared, key, values)
        return declared

    def getlist(self, key: str, default: Any = None) -> Any:
        return super().getlist(self._known(key), default)

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(self._known(key))

    def __contains__(self, key: object) -> bool:
        return super().__contains__(self._known(str(key)))

    def copy(self) -> QueryDict:  # type: ignore[override]
        """One that may be changed, and asked anything."""
        return QueryDict(self.urlencode(), mutable=True, encoding=self.encoding)

    def _known(self, key: str) -> str:
        if key not in self.keys_declared:
            raise UndeclaredKey(f"{key!r} is not among the keys that the view declares: {sorted(self.keys_declared)}")
        return key


def safe_methods_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view be asked by GET and HEAD only: 405 for the rest, rather than a complaint about CSRF."""
    safe: Callable[..., HttpResponse] = csrf_exempt(require_safe(view))
    return safe


@contextmanager
def one_edition(request: HttpRequest) -> Iterator[None]:
    """A transaction in which all that is read is of one edition; the request says which."""
    with db.snapshot():
        edition = newest_edition()
        # The first that an answer reads: what is kept under it goes with the next.
        request.META.setdefault(EDITION, edition)
        request.edition = edition[0]  # type: ignore[attr-defined]  # for the log
        yield


def answered(request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """What a function answers, which reads from the replica if that one's edition was checked for this request.

    If the replica fails meanwhile, all of it is made again from the primary.
    """
    if source := replica.source_of(request.META):
        try:
            with replica.read_from(source):
                return answer()
        except replica.Failed:
            for name in (CHECKED, EDITION, PAGE):
                request.META.pop(name, None)
    return answer()


def public(*keys: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view that anybody may ask, by GET and HEAD only, and that answers all from one edition.

    keys: those of the query that its answer depends on, and all that it can read.
    """
    declared = frozenset(keys)

    def decorated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def of_one_edition(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            request.GET = DeclaredQuery.of(request.GET, declared)  # type: ignore[assignment]

            def answer() -> HttpResponse:
                with one_edition(request):
                    return view(request, *args, **kwargs)

            return answered(request, answer)

        of_one_edition.keys = declared  # type: ignore[attr-defined]  # for the page cache
        return safe_methods_only(of_one_edition)

    return decorated


def never_kept(*keys: str, logged_as: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view like a public one, for those who know its address: nobody keeps its answer, or learns where it was read.

    It has no `keys` for the page cache, which lets it pass by: so it reads from the primary, where what was just saved
    is. keys: those of the query that it can read. logged_as: what the log has in place of the path, which is a secret.
    """
    declared = frozenset(keys)

    def decorated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @safe_methods_only
        @wraps(view)
        def of_one_edition(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            request.GET = DeclaredQuery.of(request.GET, declared)  # type: ignore[assignment]
            with one_edition(request):
                return view(request, *args, **kwargs)

        @wraps(of_one_edition)
        def told(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            request.logged_path = logged_as  # type: ignore[attr-defined]
            answer = of_one_edition(request, *args, **kwargs)
            for name, value in NEVER_KEPT.items():
                answer.headers[name] = value
            return answer

        return told

    return decorated


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
    """The page that says when to call for help, which readers are pointed at wherever they may be lost."""
    kind, slug = ALERT
    found: Page | None = Page.objects.live().filter(kind=kind, slug=slug, is_urgent=True).first()
    return found
