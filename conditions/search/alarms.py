"""Queries that sound like an emergency: the cards that say when to call for help, by the words that stand in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from conditions.schema import Kind
from conditions.search.postings import Said, said_by_most
from conditions.search.weights import ALARM, IN_CARD, TELLS_NOTHING
from conditions.search.words import stems, telling

MOST_CARDS = 100
"""Pages whose cards are read for a query."""


@dataclass(frozen=True)
class Card:
    """The alarm words of a page, and the sentences of its card that says when to call; as stems."""

    page: int
    kind: Kind
    alarms: tuple[frozenset[str], ...]
    sentences: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, page: int, kind: Kind, alarms: str, sentences: str) -> Card:
        """alarms, sentences: as `SearchText` keeps them."""
        sets = [tuple(frozenset(line.split()) for line in lines.splitlines()) for lines in (alarms, sentences)]
        return cls(page, kind, *sets)


def keys(query: str) -> set[str]:
    """The words of postings that lead from a query to cards."""
    words = frozenset(stems(query))
    return {IN_CARD + word for word in words - TELLS_NOTHING} | {ALARM + word for word in words}


def pages(said: Mapping[str, Said], query: str) -> list[int]:
    """The pages whose cards or alarm words may be what a query speaks of, those with most of its words first."""
    return said_by_most(said, sorted(keys(query)), MOST_CARDS)


def sounding(query: str, cards: Iterable[Card]) -> list[int]:
    """The pages whose card answers a query that sounds like an emergency, the best first; none where it does not.

    A query does if it has all words of one of the alarm words of a page, or two words of one sentence of its card, of
    which one tells of danger. The longest alarm words come first; among equals a condition before its symptoms. Without
    alarm words the card with most words in one sentence comes first, then an earlier one.
    """
    said, telling_ones = frozenset(stems(query)), frozenset(telling(query))
    kinds = list(Kind)
    found: list[tuple[int, ...]] = []
    for card in cards:
        alarm = max((len(words) for words in card.alarms if words <= said), default=0)
        shared = [words & telling_ones for words in card.sentences]
        heard = [len(words) if len(words) > 1 and words - TELLS_NOTHING else 0 for words in shared]
        most, kind = max(heard, default=0), kinds.index(card.kind)
        if alarm or most:
            found.append((-alarm, *((kind, -most) if alarm else (-most, heard.index(most))), kind, card.page))
    return [page for *_, page in sorted(found)]


_CRISIS: Collection[frozenset[str]] = [
    frozenset(stems(words))
    for words in (
        "suicide",
        "suicidal",
        *("kill myself", "kill me", "kill himself", "kill herself", "kill themselves"),
        *("end my life", "end it all", "end his life", "end her life", "take my life", "take my own life"),
        *(
            "want to die",
            "wants to die",
            "wish i was dead",
            "wish i were dead",
            "better off dead",
            "better off without me",
        ),
        *("no reason to live", "not want to live", "cannot go on living", "not want to be alive", "not worth living"),
        *("self harm", "selfharm", "harm myself", "hurt myself", "cut myself", "harm himself", "harm herself"),
    )
]
"""What people say who think of taking their life or of hurting themselves, or fear it of somebody."""


def is_crisis(query: str) -> bool:
    """Whether a query speaks of suicide or of hurting oneself."""
    said = frozenset(stems(query))
    return any(words <= said for words in _CRISIS)
