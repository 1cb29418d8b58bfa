"""Plain search: every word must be in a page's names or text, or all of them are its code; the best match comes first.

`words_of` is what publishing stores, `find_pages`, `count_results` and `result_of` what readers get.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When
from django.utils.safestring import SafeString

from conditions import prose
from conditions.models.published import Page
from conditions.records import RecordLike, schema_of
from conditions.schema import Field, FieldType, Kind

MOST_WORDS = 12
"""Words of a query that count; the rest of a long one are left out."""

_ENDING = re.compile(r"(?<=\w{4})(?:ing|e?s|ed)$")

_IGNORED = frozenset(
    prose.fold("a an and are can do does for how i in is it me my of on or the to what why with").split()
)


def words_of(record: RecordLike) -> str:
    """The folded words of a record, spaces at both ends. Not those of its relations: some may be hidden."""
    fields = [field for field in schema_of(record).fields if field.searched]
    texts = [prose.fold(text) for field in fields for text in _plain(field, record)]
    codes = [text for field in fields if field.type is FieldType.CODES for text in _plain(field, record)]
    return f" {' '.join([*texts, *(word for code in codes for word in _code_words(code))])} "


CODE = "="
"""What a word begins with that stands for a code alone: no folded word of a text or of a query has a sign."""


def _joined(text: str) -> str:
    return prose.fold(text).replace(" ", "")


def _code_words(code: str) -> tuple[str, ...]:
    """A code as one word, so that it is found with its dots or without: alone, and after its system."""
    alone = _joined(code.rpartition(" ")[2])
    return alone, f"{CODE}{alone}", f"{CODE}{_joined(code)}"


def _code_in(query: str) -> str:
    """What stands for a query among the words of a page, if it is a code or begins one. A code has a digit."""
    joined = _joined(query[:1000])
    return f" {CODE}{joined}" if re.search(r"\d", joined) else ""


def _plain(field: Field, record: RecordLike) -> list[str]:
    """The texts of a field without markup and citations, those that are empty left out."""
    value = record.get(field.name)
    texts = value if isinstance(value, list) else [value]
    words = prose.uncited if field.type is FieldType.STATEMENT else prose.plain
    return [words(text) if field.cites else text for text in texts if text]


def query_words(query: str) -> list[str]:
    """The words of a query that are looked for: those that carry something, or all where none does.

    They lose a common ending, because what they begin with is found: "twitches" finds "twitch" and "twitching".
    """
    words = list(dict.fromkeys(prose.fold(query[:1000]).split()))
    wanted = [word for word in words if word not in _IGNORED] or words
    return list(dict.fromkeys(_ENDING.sub("", word) for word in wanted[:MOST_WORDS]))


def find_pages(query: str, kinds: Iterable[Kind] = ()) -> QuerySet[Page]:
    """Live pages that hold every word of the query, as the beginning of a word, or have it as a code; best first.

    First those with a name or code that is the query, then those with one that begins with it, then those
    with one of its words in a name, then the rest. Within each conditions come first, tags and sources last.
    """
    words, code = query_words(query), _code_in(query)
    if not words:
        return Page.objects.none()
    pages = _holding(query)
    if kinds := list(kinds):
        pages = pages.filter(kind__in=kinds)
    whole = prose.fold(query[:1000])
    rank = Case(
        When(names__key=whole, then=Value(0)),
        *_has_code(f"{code} ", 0),
        When(names__key__startswith=" ".join(words), then=Value(1)),
        *_has_code(code, 1),
        *(When(names__key__contains=word, then=Value(2)) for word in words),
        default=Value(3),
        output_field=IntegerField(),
    )
    kind = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(Kind)))
    return pages.annotate(rank=Min(rank)).order_by("rank", kind, "sort_key", "id")


def _has_code(code: str, rank: int) -> list[When]:
    return [When(search_text__words__contains=code, then=Value(rank))] if code.strip() else []


def count_results(query: str) -> dict[Kind, int]:
    """How many pages of each kind `find_pages` finds, kinds in their usual order, those with none left out."""
    if not query_words(query):
        return {}
    found = dict(_holding(query).order_by().values_list("kind").annotate(Count("pk")))
    return {kind: found[kind.value] for kind in Kind if kind.value in found}


def _holding(query: str) -> QuerySet[Page]:
    held = Q(*(Q(search_text__words__contains=f" {word}") for word in query_words(query)))
    if code := _code_in(query):
        held |= Q(search_text__words__contains=code)
    return Page.objects.listed().filter(held)


@dataclass(frozen=True)
class Result:
    """A page that was found, and why: words of it with those of the query marked."""

    page: Page
    also_called: str
    excerpt: SafeString


def result_of(page: Page, query: str) -> Result:
    """Show a live page that was found: its other names, and its text where most of the words are."""
    record = page.live.record if page.live else {}
    begins = query_words(query)
    summary, text = page.summary, _text_of(record)
    shown = max(summary, text, key=lambda one: len(_found(one, begins)))
    words = _found(shown, begins).values()
    return Result(page, ", ".join(record.get("also_called", ())), prose.excerpt(shown, chain(*words)))


def _found(text: str, begins: Iterable[str]) -> dict[str, list[str]]:
    """The words of a text that begin as wanted, by what they begin with."""
    words = prose.fold(text).split()
    found = {begin: [word for word in words if word.startswith(begin)] for begin in begins}
    return {begin: words for begin, words in found.items() if words}


def _text_of(record: RecordLike) -> str:
    """The long texts of a record, in the order of its page."""
    fields = [] if not record else schema_of(record).by_heading
    long = [field for field in fields if field.type in (FieldType.MARKDOWN, FieldType.VERBATIM)]
    return " ".join(text for field in long for text in _plain(field, record))
