"""Results as readers see them: why a page was found, its words with those of the query marked, and when to get help."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from conditions import prose
from conditions.models.published import Page
from conditions.quotes import BULLETS
from conditions.records import RecordLike, schema_of
from conditions.schema import FieldType, Heading, Kind
from conditions.search.weights import code_words, plain
from conditions.search.words import stem, telling

_PARTS = re.compile(rf"\n\s*\n|\n(?=[^\S\n]*[{BULLETS.strip()}])")
"""Between two paragraphs of an answer, and before an item of a list in it."""


@dataclass(frozen=True)
class Result:
    """A page that was found.

    why: by which of its other names or codes, if not by its name. level: what its strongest card asks for.
    """

    page: Page
    why: str
    excerpt: SafeString
    level: str = ""

    @property
    def kind(self) -> Kind:
        return Kind(self.page.kind)


def result_of(page: Page, words: Collection[str], codes: Collection[str] = (), *, of_card: bool = False) -> Result:
    """Show a live page whose version is read. words: the stems that were looked for. codes: without dots and spaces.

    of_card: whether its card answers the query. Of others nothing is shown that says when to call, as if it did.
    """
    record = page.live.record if page.live else {}
    shown = _told(page, record, words, of_card)
    cards = (field for field in (schema_of(record).fields if record else ()) if field.heading is Heading.CARE)
    level = next((field.title for field in cards if field.title and record.get(field.name)), "")
    return Result(page, _why(record, words, codes), prose.excerpt(shown, _marked(shown, words)), level)


def _why(record: RecordLike, words: Collection[str], codes: Collection[str]) -> str:
    """The other name, or the code, that says more of what was looked for than the name does."""
    fields = schema_of(record).fields if record else ()
    for code in (text for field in fields if field.type is FieldType.CODES for text in plain(field, record)):
        if any(begins in code_words(code) for begins in codes):
            return f"Code {code}"
    names = {name: len(set(telling(name)).intersection(words)) for name in record.get("also_called") or ()}
    best = max(names, key=lambda name: (names[name], -len(name)), default="")
    in_name = len(set(telling(record.get("name", ""))).intersection(words))
    return f"Also called {best}" if best and names[best] > in_name else ""


def _marked(text: str, words: Collection[str]) -> list[str]:
    """The words of a text that are forms of those that were looked for."""
    return [word for word in dict.fromkeys(prose.fold(text).split()) if stem(word) in words]


def name_in(page: Page, words: Collection[str]) -> frozenset[str]:
    """The stems of the longest name of a live page, whose version is read, that are all among those looked for."""
    record = page.live.record if page.live else {}
    names = [frozenset(telling(name)) for name in (page.name, *(record.get("also_called") or ()))]
    return max((name for name in names if name.issubset(words)), key=len, default=frozenset())


def _told(page: Page, record: RecordLike, words: Collection[str], of_card: bool) -> str:
    """What to show of a page: its summary, or the part of its texts that says at least two more of the words.

    A question is shown by its answer, of which the summary is only the beginning.
    """
    texts = _texts(record, of_card)
    best = next(texts, page.summary) if page.kind == Kind.QUESTION else page.summary
    said = _count(best, words) + 1
    for text in texts:
        if (count := _count(text, words)) > said:
            best, said = text, count
    return best


def _count(text: str, words: Collection[str]) -> int:
    return len({stem(word) for word in _marked(text, words)})


def _texts(record: RecordLike, of_card: bool) -> Iterator[str]:
    """Each part of the long texts of a record, in the order of its page; an answer as a whole, its parts set apart."""
    for field in schema_of(record).by_heading if record else ():
        if field.heading is Heading.CARE and not of_card:
            continue
        if field.type is FieldType.MARKDOWN:
            yield from prose.paragraphs(record.get(field.name) or "")
        elif field.type is FieldType.VERBATIM:
            yield " · ".join(part.strip(BULLETS) for part in _PARTS.split(record.get(field.name) or ""))
