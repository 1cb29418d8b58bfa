"""Footnotes: what the statements of a page rest on, numbered as they are first mentioned, and links to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.safestring import SafeString

from conditions import prose
from conditions.markdown import Cite
from conditions.models.published import Address, Page
from conditions.schema import CITED, EVIDENCE, SOURCES, Kind


class CitedPage(Protocol):
    """The page of a document or source, as far as a footnote says it: `Page`, or a row that was read in its place."""

    @property
    def pk(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...


@dataclass(frozen=True, eq=False)  # a page looks them up hundreds of times, and has each once
class Note:
    """A footnote: a number for a document, a letter for an outside source."""

    marker: str
    page: CitedPage

    @property
    def anchor(self) -> str:
        return f"note-{self.marker}"

    @property
    def title(self) -> str:
        noun = (EVIDENCE if self.page.kind == Kind.QUESTION else SOURCES).noun
        return f"{noun.capitalize()} {self.marker}: {self.page.name}"


class Notes:
    """Gives out footnotes in the order in which they are first mentioned."""

    def __init__(self) -> None:
        self._given: dict[int, Note] = {}
        self._counts = {Kind.QUESTION: 0, Kind.SOURCE: 0}

    def of(self, page: CitedPage) -> Note:
        if page.pk not in self._given:
            kind = Kind(page.kind)
            self._counts[kind] += 1
            number = self._counts[kind]
            self._given[page.pk] = Note(str(number) if kind is Kind.QUESTION else _letters(number), page)
        return self._given[page.pk]

    def of_all(self, pages: Iterable[CitedPage]) -> tuple[Note, ...]:
        """The footnotes of some pages, numbers before letters, each in order."""
        notes = {self.of(page) for page in pages}
        return tuple(sorted(notes, key=lambda note: (note.page.kind, len(note.marker), note.marker)))

    def all(self, kind: Kind) -> list[Note]:
        return [note for note in self._given.values() if note.page.kind == kind]


def _letters(number: int) -> str:
    """1, 2, ... 26, 27 as A, B, ... Z, AA."""
    rest, last = divmod(number - 1, 26)
    return (_letters(rest) if rest else "") + chr(ord("A") + last)


def citing(cited: Mapping[str, Page], numbered: Notes, *, to_pages: bool = False) -> Cite:
    """Gives what is cited its number, and a link to the footnote, or to the page itself."""

    def cite(slug: str) -> tuple[str, str, str] | None:
        if slug not in cited:
            return None
        note = numbered.of(cited[slug])
        return note.marker, note.page.url if to_pages else f"#{note.anchor}", note.title

    return cite


def as_typed(texts: Sequence[str]) -> list[SafeString]:
    """Each Markdown text by itself, as readers would get it if it were saved.

    Citations lead to the pages that they name, live or not.
    """
    cited = _cited_pages({slug for text in texts for slug in prose.citations(text)})
    return [prose.render(prose.canonical(text), citing(cited, Notes(), to_pages=True)) for text in texts]


def _cited_pages(slugs: Collection[str]) -> dict[str, Page]:
    places = Address.objects.filter(kind__in=CITED, slug__in=slugs).select_related("page")
    return {place.slug: place.page for place in places} if slugs else {}
