"""Filters of the plain Django site."""

import os
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

register = template.Library()
_markdown = MarkdownIt("commonmark")


def markdown(text: str) -> SafeString:
    """Markdown as HTML. Editors are trusted with HTML in it."""
    return mark_safe(_markdown.render(text))


# A variant that few sites have: what a text becomes is kept.
register.filter("markdown", lru_cache(1000)(markdown) if os.environ.get("PEER_KEEP_HTML") == "1" else markdown)


@register.filter
def lines(text: str) -> list[SafeString]:
    """The lines of a text, each HTML of an editor."""
    return [mark_safe(line) for line in text.splitlines()]
