"""Which pages answer a query best, from postings and names alone: the same on every database."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from conditions.schema import Kind
from conditions.search import postings
from conditions.search.postings import Said
from conditions.search.words import stem

MOST_PAGES = 150
"""Pages that are compared by their names; a query finds no more."""
_MOST_SUMMED = 300
_RARE = (1000, 50)
"""A word finds pages if no more than so many say it, or one in so many. A commoner one only says which are better."""

_NAME_IS_ASKED, _QUERY_IS_NAMED = 0.65, 1.0
_INTENT = 0.1
_MOST_TIMES = 3
"""How often a word counts that is typed again and again."""
_IS_NAME = (0.5, 1.0)
"""What another name that is the query counts, and the name."""
_UNKNOWN = 6.0
"""What a word that no page says carries of a query, beside 0 to 15 of others."""
_RARITY = 1.1
"""How much more than its inverse document frequency a rare word carries beside a common one."""

_PLACES = {kind: place for place, kind in enumerate(Kind)}
"""Of equal pages those of an earlier kind come first."""
_LAST = frozenset({Kind.TAG, Kind.SOURCE, Kind.TERM})
"""Kinds that come last unless their name is the query."""
_INTENTS = {
    Kind.TREATMENT: r"treat\w*|therap\w*|cures?|medic\w*|reliev\w*|relief|drugs?|stop\w*",
    Kind.SYMPTOM: r"symptoms?|signs?|feels?|look like|warning",
    Kind.CAUSE: r"caus\w*|why|reasons?|trigger\w*|due to",
    Kind.TERM: r"mean|means|meaning|defin\w*",
}
_ASKED = {kind: re.compile(rf"\b(?:{words})\b") for kind, words in _INTENTS.items()}


class Candidate(NamedTuple):
    """A page that may answer: what kind it is, its names, and how much one of them looks like the query.

    names: folded. stems: those of each name that say which page it is, each once.
    """

    page: int
    kind: Kind
    names: Sequence[str]
    stems: Sequence[Sequence[str]]
    likeness: float = 0.0


@dataclass(frozen=True)
class Query:
    """The words of a query as they are looked for: their stems, each once, and what each carries.

    weighs: what it carries as often as it is typed. A word that is typed again and again does not drown the others.
    """

    text: str
    words: tuple[str, ...]
    carries: Mapping[str, float]
    weighs: Mapping[str, float]
    said: Mapping[str, Said]

    @classmethod
    def of(cls, text: str, words: Iterable[str], said: Mapping[str, Said], pages: int) -> Query:
        """text: folded. said: where its words are said, of so many pages."""
        once = tuple(dict.fromkeys(words))
        typed = Counter(map(stem, text.split()))
        carries = {word: _carries(len(said[word]), pages) for word in once if word in said}
        weighs = {word: carried * min(max(1, typed[word]), _MOST_TIMES) for word, carried in carries.items()}
        return cls(text, once, carries, weighs, said)

    @cached_property
    def whole(self) -> float:
        """What all of its words carry."""
        return sum(self.carries.get(word, _UNKNOWN) for word in self.words)

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of page that it asks for."""
        return frozenset(kind for kind, pattern in _ASKED.items() if pattern.search(self.text))

    def asks_for(self, kind: Kind, names: Iterable[str]) -> bool:
        """Whether it asks for pages of a kind, or as the name of a question does."""
        return kind in self.kinds or (kind is Kind.QUESTION and any(map(_asking(self.kinds).search, names)))


@cache
def _asking(kinds: frozenset[Kind]) -> re.Pattern[str]:
    """What finds that a text asks for one of some kinds."""
    return re.compile("|".join(_ASKED[kind].pattern for kind in sorted(kinds)))


def _carries(times: int, pages: int) -> float:
    """What a word carries that so many pages say: a power of its inverse document frequency."""
    return math.pow(math.log(1 + max(0.0, pages - times + 0.5) / (times + 0.5)), _RARITY)


class Says(NamedTuple):
    """What a page says of a query: how much in all, and which part of what the query carries, 0 to 1."""

    much: float
    share: float


def candidates(query: Query, pages: int, more: Collection[int] = ()) -> dict[int, Says]:
    """The pages that say the most of a query; and some more, whatever they say."""
    most = max(_RARE[0], pages // _RARE[1])
    by_times = sorted(query.carries, key=lambda word: (len(query.said[word]), word))
    rare = [word for word in by_times if len(query.said[word]) <= most] or by_times[:1]
    of_rare = postings.sums((query.said[word], query.weighs[word]) for word in rare)
    best = np.union1d(postings.highest(of_rare, _MOST_SUMMED), np.fromiter(more, np.int64))
    much, share = np.zeros(len(best)), np.zeros(len(best))
    for word in by_times:
        of_word = query.said[word].on(best)
        much += of_word * query.weighs[word]
        share += (of_word > 0) * query.carries[word]
    share /= query.whole or 1
    found = dict(zip(best.tolist(), map(Says, much.tolist(), share.tolist()), strict=True))
    return {page: found[page] for page in [*postings.highest(much, MOST_PAGES, best).tolist(), *more]}


def ranked(query: Query, says: Mapping[int, Says], found: Iterable[Candidate]) -> list[int]:
    """Pages, the one that answers best first. says: what each says of the query."""
    best = max((one.much for one in says.values()), default=0.0) or 1.0
    asks = bool(query.kinds)

    def key(one: Candidate) -> tuple[bool, float, int, int]:
        is_name, is_asked = _by_names(query, one.stems)
        score = says[one.page].much / best + _NAME_IS_ASKED * is_name + _QUERY_IS_NAMED * is_asked + one.likeness
        is_named, is_wanted = query.text in one.names, asks and query.asks_for(one.kind, one.names[:1])
        is_last = one.kind in _LAST and not is_wanted
        score += _INTENT * is_wanted
        score += _IS_NAME[query.text == one.names[0]] * (is_named and not is_last)
        return is_last and not is_named, -round(score, 9), _PLACES[one.kind], one.page

    return [one.page for one in sorted(found, key=key)]


def _by_names(query: Query, names: Iterable[Sequence[str]]) -> tuple[float, float]:
    """How much of the best of some names the query says, and how much of the query that is; 0 to 1 each."""
    carries = query.carries
    whole = query.whole or 1
    best = of_query = 0.0
    for name in names:
        shared = [carries[word] for word in name if word in carries]
        if shared:
            held = sum(shared)
            share = held / (held + 5 * (len(name) - len(shared)))
            best, of_query = max(best, share), max(of_query, held / whole * share)
    return best, of_query
