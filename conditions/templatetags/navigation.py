"""What every page can show: the kinds in the navigation of the site, in their order, and the numbers to call."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from django import template
from django.conf import settings

from conditions.schema import SCHEMAS, Kind

register = template.Library()


@register.simple_tag
def main_kinds() -> list[Kind]:
    """Those that the main navigation leads to."""
    return [kind for kind, schema in SCHEMAS.items() if schema.is_main]


@register.simple_tag
def other_kinds() -> list[Kind]:
    """Those that are linked below the page."""
    return [kind for kind, schema in SCHEMAS.items() if not schema.is_main]


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
