"""Queries that sound like an emergency: the cards that say when to call for help, by the words that stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conditions.schema import Kind
from conditions.search import spelling
from conditions.search.postings import Said, said_by_most
from conditions.search.weights import ALARM, IN_CARD, NEARLY, TELLS_NOTHING, nearly
from conditions.search.words import CARRY_NOTHING, SMALL, heard, stem

MOST_CARDS = 100
"""Pages whose cards are read for a query."""
_MOST_WRONG = 20
"""Words of a query that may be alarm words typed wrongly; the rest of a long one are heard as they are."""
_BETWEEN = 2
"""Words that may stand before another of a phrase, unless that carries nothing: "had a bad fit", but "passed out"."""

_MEANS_ELSE = re.compile(
    r"\b(?:collapsed (?:veins?|lungs?|arch(?:es)?|dis[ck]s?)|black(?:ed)? out (?:curtains?|blinds?)|"
    r"breast stroke|mouth breathing|"
    r"(?:get|getting|keep|keeping|stay|staying|be) fit|fit (?:for|in|into|and (?:well|healthy)))\b"
)
"""What has alarm words in it, and means something else."""


@dataclass(frozen=True)
class Card:
    """The alarm words of a page, and the sentences of its card that says when to call; as stems.

    spelled: the alarm words as they are written.
    """

    page: int
    kind: Kind
    spelled: str
    alarms: tuple[Sequence[str], ...]
    sentences: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, page: int, kind: Kind, alarms: str, sentences: str) -> Card:
        """alarms, sentences: as `SearchText` keeps them."""
        spelled, *lines = alarms.split("\n")
        cards = tuple(frozenset(line.split()) for line in sentences.splitlines())
        return cls(page, kind, spelled, tuple(line.split() for line in lines), cards)


class Heard:
    """A query as it is heard in an emergency: the whole of it, and what its words may be meant for."""

    def __init__(self, query: str, *meant: Mapping[str, str]) -> None:
        """meant: word as it is typed -> another, in one way or several."""
        words = _MEANS_ELSE.sub(" ", " ".join(heard(query))).split()
        ways = [words, *([one.get(word, word) for word in words] for one in meant if one)]
        self.words = words
        self.orders = [list(map(stem, way)) for way in ways]
        self.said = {word for order in self.orders for word in order}
        self.telling = {stem(word) for way in ways for word in way if word not in CARRY_NOTHING}
        self.said |= {stem(one + other) for one, other in pairwise(words)}  # "lock jaw"
        if "wont" in words or "will not" in " ".join(words):
            self.said.add(stem("cannot"))

    def keys(self) -> set[str]:
        """The words of postings that lead to cards."""
        return {ALARM + word for word in self.said} | {IN_CARD + word for word in self.telling - TELLS_NOTHING}

    def near(self) -> dict[str, set[str]]:
        """The words of postings that lead to alarm words like some that may be typed wrongly."""
        wrong = [word for word in dict.fromkeys(self.words) if spelling.may_be_wrong(word)]
        return {word: {NEARLY + part for part in nearly(word)} for word in wrong[:_MOST_WRONG]}

    def pages(self, said: Mapping[str, Said]) -> list[int]:
        """The pages whose alarm words or else whose cards may be what it speaks of, those with most words first."""
        keys = sorted(self.keys())
        alarming = said_by_most(said, [key for key in keys if key.startswith(ALARM)], MOST_CARDS)
        others = said_by_most(said, [key for key in keys if key.startswith(IN_CARD)], MOST_CARDS)
        return list(dict.fromkeys([*alarming, *others]))[:MOST_CARDS]

    def has(self, words: Sequence[str]) -> bool:
        """Whether it says some alarm words: a phrase in order, others anywhere."""
        return self.said.issuperset(words) and (
            SMALL.isdisjoint(words) or any(_stand_in(order, words) for order in self.orders)
        )


def _stand_in(order: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words of a phrase follow each other in a text."""
    ends = {at for at, word in enumerate(order) if word == words[0]}
    for wanted in words[1:]:
        most = 1 if wanted in SMALL else 1 + _BETWEEN
        steps = {end + step for end in ends for step in range(1, most + 1)}
        ends = {at for at in steps if at < len(order) and order[at] == wanted}
    return bool(ends)


def sounding(query: Heard, cards: Iterable[Card]) -> list[int]:
    """The pages whose card answers a query that sounds like an emergency, the best first; none where it does not.

    A query does if it has all words of one of the alarm words of a page, or two words of one sentence of its card, of
    which one tells of danger. The longest alarm words come first; among equals a condition before its symptoms. Without
    alarm words the card with most words in one sentence comes first, then an earlier one.
    """
    kinds = list(Kind)
    found: list[tuple[int, ...]] = []
    for card in cards:
        alarm = max((len(words) for words in card.alarms if query.has(words)), default=0)
        shared = [words & query.telling for words in card.sentences]
        heard = [len(words) if len(words) > 1 and words - TELLS_NOTHING else 0 for words in shared]
        most, kind = max(heard, default=0), kinds.index(card.kind)
        if alarm or most:
            found.append((-alarm, *((kind, -most) if alarm else (-most, heard.index(most))), kind, card.page))
    return [page for *_, page in sorted(found)]
