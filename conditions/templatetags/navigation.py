"""What every page can show: the kinds in the navigation of the site, in their order, and the numbers to call."""

from collections.abc import Sequence

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
