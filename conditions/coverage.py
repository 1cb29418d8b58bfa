"""What the words of documents carry: which statements rest on which words, and which words carry nothing yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from conditions import link_rows, proof, quotes
from conditions.models.published import Link, Page, Version
from conditions.proof import Carried, Stretch
from conditions.schema import Kind

_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Bare:
    """Words that carry nothing. reason: why, if the document says it."""

    words: str
    reason: str


@dataclass(frozen=True)
class Coverage:
    """A document's words: its stretches in order, and those that carry nothing."""

    name: str
    stretches: list[Stretch]
    bare: list[Bare]

    @property
    def unexplained(self) -> list[str]:
        """The words that carry nothing and for which no reason is given."""
        return [one.words for one in self.bare if not one.reason]

    @property
    def percent(self) -> int:
        """How much of the text carries a statement, by its letters and digits, in percent."""
        carrying = "".join(one.text for one in self.stretches if one.letter)
        whole = "".join(one.text for one in self.stretches)
        return 100 * len(_WORD.findall(carrying)) // max(1, len(_WORD.findall(whole)))


def of_text(name: str, text: str, carried: Sequence[tuple[str, Carried]], reasons: Iterable[str]) -> Coverage:
    """What the words of a text carry. carried: quotes and statements; reasons: as documents keep them."""
    found = proof.stretches(text, carried)
    told = [(reason, words) for reason, words in map(quotes.reason_of, reasons) if reason]
    bare = [one for stretch in found if not stretch.letter for one in _bare(stretch.text, told)]
    return Coverage(name, found, bare)


def _bare(text: str, told: Iterable[tuple[str, str]]) -> Iterator[Bare]:
    """The words of a stretch that carries nothing, cut at those for which there is a reason."""
    spans = sorted((span, reason) for reason, words in told for span in quotes.spans(text, words)[:1])
    done = 0
    for (start, end), reason in [*spans, ((len(text), len(text)), "")]:
        if _WORD.search(between := text[done:start]):
            yield Bare(quotes.one_line(between), "")
        if start < end:
            yield Bare(quotes.one_line(text[start:end]), reason)
        done = end


def pages() -> QuerySet[Page]:
    """The documents that readers see, by name."""
    return Page.objects.live().filter(kind=Kind.QUESTION).order_by("sort_key", "pk")


def documents() -> Iterator[tuple[Page, Coverage]]:
    """What readers can trace of each live document, by name."""
    for start in range(0, pages().count(), 200):
        yield from of_pages(list(pages()[start : start + 200]))


def of_pages(documents: Sequence[Page]) -> list[tuple[Page, Coverage]]:
    """What the words of live documents carry, in two queries."""
    records = dict(Version.objects.filter(live_on__in=[page.pk for page in documents]).values_list("page", "record"))
    by_page: dict[int, list[Link]] = {}
    for link in link_rows.quoting(list(records)):
        by_page.setdefault(link.target_id, []).append(link)
    found = []
    for page in documents:
        if record := records.get(page.pk):
            carried = proof.carried_by(by_page.get(page.pk, ()))
            found.append((page, of_text(page.name, record["answer"], carried, record.get("carries_nothing") or ())))
    return found
