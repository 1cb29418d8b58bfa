"""What every page can show: the kinds in the navigation of the site, in their order, and the numbers to call."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from conditions.schema import SCHEMAS, Kind

register = template.Library()

SHOWN_ELSEWHERE = """\
<link rel="canonical" href="{0}">
<meta property="og:url" content="{0}">
<meta property="og:image" content="{1}">
<meta name="twitter:card" content="summary_large_image">"""


@register.simple_tag
def main_kinds() -> list[Kind]:
    """Those that the main navigation leads to."""
    return [kind for kind, schema in SCHEMAS.items() if schema.is_main]


@register.simple_tag
def other_kinds() -> list[Kind]:
    """Those that are linked below the page."""
    return [kind for kind, schema in SCHEMAS.items() if not schema.is_main]


@register.simple_block_tag
def titled(content: SafeString) -> SafeString:
    """The title of a page, for its window and for whoever passes it on."""
    return format_html('<title>{0}</title>\n<meta property="og:title" content="{0}">', content)


@register.simple_tag(takes_context=True)
def canonical(context: Mapping[str, Any], **asked: object) -> str:
    """The one address of what a page shows, for crawlers and for whoever passes it on, and the picture beside it there.

    asked: what the query chose, as the view understood it: whatever else it says is left out, and so is the first
    page, which is shown without being asked for.
    """
    if not (request := context.get("request")):
        return ""
    query = urlencode({name: value for name, value in sorted(asked.items()) if value and value != 1}, doseq=True)
    address = request.build_absolute_uri(f"{request.path}{'?' if query else ''}{query}")
    return format_html(SHOWN_ELSEWHERE, address, request.build_absolute_uri(static("conditions/card.png")))


@register.simple_tag
def emergency_numbers() -> Sequence[tuple[str, str]]:
    """The numbers to call in an emergency, each with where it works."""
    numbers: Sequence[tuple[str, str]] = settings.EMERGENCY_NUMBERS
    return numbers


@register.simple_tag
def crisis_numbers() -> Sequence[tuple[str, str]]:
    """The lines to call for whoever thinks of suicide, each with where it works."""
    numbers: Sequence[tuple[str, str]] = settings.CRISIS_NUMBERS
    return numbers


@register.simple_tag
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
