"""What the templates of the public pages can call besides Jinja2's own: addresses, dates, words, numbers to call.

The admin's templates are Django's, and know nothing of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest
from django.template.defaultfilters import capfirst, pluralize, truncatechars
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from jinja2 import Environment, Undefined, UndefinedError
from jinja2.utils import missing

from conditions.schema import SCHEMAS

ADMIN = "/admin/"
MOST_ADDRESSES = 1000
"""Addresses that are kept once they are made: those of the header and the footer are on every page."""

SHOWN_ELSEWHERE = """\
<link rel="canonical" href="{0}">
<meta property="og:url" content="{0}">
<meta property="og:image" content="{1}">
<meta name="twitter:card" content="summary_large_image">"""


class Unknown(Undefined):
    """A name that a page may go without is empty. An attribute that an object does not have is a mistake."""

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: type[Exception] = UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]  # typed more narrowly than it is called
        if obj is not missing and obj is not None and isinstance(name, str) and not isinstance(obj, Mapping):
            raise exc(f"{type(obj).__name__} has no {name}")


def environment(**options: object) -> Environment:
    """Jinja2 as the public pages need it, with the options that Django's backend gives."""
    made = Environment(**options | {"undefined": Unknown})  # type: ignore[arg-type]
    made.filters |= {"capfirst": capfirst, "date": in_words, "pluralize": pluralize, "truncatechars": truncatechars}
    made.globals |= {
        "canonical": canonical,
        "crisis_numbers": crisis_numbers,
        "emergency_numbers": emergency_numbers,
        "main_kinds": [kind for kind, schema in SCHEMAS.items() if schema.is_main],
        "other_kinds": [kind for kind, schema in SCHEMAS.items() if not schema.is_main],
        "querystring": querystring,
        "refused_in_admin": refused_in_admin,
        "report_link": report_link,
        "static": lru_cache(static),
        "url": url,
    }
    return made


def in_words(value: date | datetime, form: str) -> str:
    """A date, or a moment in the time zone of the site, in one of Django's forms."""
    return date_format(localtime(value) if isinstance(value, datetime) else value, form)


def url(name: str, *args: object) -> str:
    """The address of a view."""
    return _reversed(get_script_prefix(), name, args)


@lru_cache(MOST_ADDRESSES)
def _reversed(prefix: str, name: str, args: Sequence[object]) -> str:
    """prefix: what the address begins with, which Django takes from the request."""
    return reverse(name, args=args)


def querystring(request: HttpRequest, **changed: object) -> str:
    """The query of a request with other values, and without those that are None."""
    query = request.GET.copy()
    for name, value in changed.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query or request.GET else ""


def canonical(request: HttpRequest | Undefined, **asked: object) -> str:
    """The one address of what a page shows, for crawlers and for whoever passes it on, and the picture beside it there.

    request: none for a page that is made without one. asked: what the query chose, as the view understood it: whatever
    else it says is left out, and so is the first page, which is shown without being asked for.
    """
    if isinstance(request, Undefined):
        return ""
    query = urlencode({name: value for name, value in sorted(asked.items()) if value and value != 1}, doseq=True)
    address = request.build_absolute_uri(f"{request.path}{'?' if query else ''}{query}")
    return format_html(SHOWN_ELSEWHERE, address, request.build_absolute_uri(static("conditions/card.png")))


def emergency_numbers() -> Sequence[tuple[str, str]]:
    """The numbers to call in an emergency, each with where it works."""
    numbers: Sequence[tuple[str, str]] = settings.EMERGENCY_NUMBERS
    return numbers


def crisis_numbers() -> Sequence[tuple[str, str]]:
    """The lines to call for whoever thinks of suicide, each with where it works."""
    numbers: Sequence[tuple[str, str]] = settings.CRISIS_NUMBERS
    return numbers


def report_link(address: str, version: int) -> str:
    """Where a mistake on a version of a page is reported, saying which it is; empty where CONTACT names nobody.

    A mail has it in its subject, a form in its query: ?page=/conditions/bells-palsy/&version=3.
    """
    contact: str = settings.CONTACT
    if "://" in contact:
        scheme, host, path, query, fragment = urlsplit(contact)
        said = urlencode({"page": address, "version": version})
        return urlunsplit((scheme, host, path, f"{query}&{said}" if query else said, fragment))
    return f"mailto:{contact}?subject={quote(f'A mistake on {address}, version {version}')}" if contact else ""


def refused_in_admin(request: HttpRequest | Undefined, title: str, reason: str) -> str:
    """The admin's own page, for whoever works there and is refused; empty for readers, who get theirs."""
    if isinstance(request, Undefined) or not request.path.startswith(ADMIN):
        return ""
    # Nobody is known yet where the refusal comes before the session was read.
    user = getattr(request, "user", None)
    context = {"title": title, "reason": reason}
    return render_to_string("admin/refused.html", context, request, using="django") if user and user.is_staff else ""
