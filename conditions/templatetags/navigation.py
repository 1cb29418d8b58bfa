"""The kinds in the navigation of the site, in their order."""

from django import template

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
