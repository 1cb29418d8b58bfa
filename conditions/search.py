"""Plain search: every word must stand in a page's names or text; the best match of names comes first.

`words_of` is what publishing stores, `find` what readers get.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Case, IntegerField, Min, QuerySet, Value, When

from conditions import prose
from conditions.models.published import Kind, Page

MOST_WORDS = 12
"""Words of a query that count; the rest of a long one are left out."""

_IGNORED = frozenset("a an and are can do does for how i in is it me my of on or the to what why with".split())


def words_of(record: Mapping[str, Any]) -> str:
    """The folded words of a record, spaces at both ends."""
    texts = [record["name"], *record.get("also_called", ())]
    for field in ("summary", "answer", "publisher"):
        texts.append(record.get(field, ""))
    for field in ("body", "help_now", "help_soon", "help_routine", "editor_note"):
        texts.append(prose.plain(record.get(field, "")))
    for relation in ("symptoms", "treatments", "causes", "related"):
        texts += [row["note"] for row in record.get(relation, ())]
    return f" {' '.join(filter(None, map(prose.fold, texts)))} "


def query_words(query: str) -> list[str]:
    """The words of a query that are looked for: those that carry something, or all where none does."""
    words = list(dict.fromkeys(prose.fold(query[:1000]).split()))
    return ([word for word in words if word not in _IGNORED] or words)[:MOST_WORDS]


def find(query: str, kinds: Iterable[Kind] = ()) -> QuerySet[Page]:
    """Live pages that hold every word of the query, as the beginning of a word, best first.

    First those with a name that is the query, then those with a name that begins with it, then those
    with one of its words in a name, then the rest; in the order of the alphabet within each.
    """
    words = query_words(query)
    if not words:
        return Page.objects.none()
    whole = prose.fold(query[:1000])
    pages = Page.objects.live()
    if kinds := list(kinds):
        pages = pages.filter(kind__in=kinds)
    for word in words:
        pages = pages.filter(search_text__words__contains=f" {word}")
    rank = Case(
        When(names__key=whole, then=Value(0)),
        When(names__key__startswith=" ".join(words), then=Value(1)),
        *(When(names__key__contains=word, then=Value(2)) for word in words),
        default=Value(3),
        output_field=IntegerField(),
    )
    return pages.annotate(rank=Min(rank)).order_by("rank", "sort_key", "id")
