"""What words that are typed wrongly are meant for: words of names, and alarm words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conditions import db, prose
from conditions.search import alarms, postings, spelling
from conditions.search.postings import Said
from conditions.search.weights import ALARM, GRAM, grams, names_of
from conditions.search.words import stem

_MOST_ALIKE = 50
"""Pages whose names or alarm words are compared with a word."""
_LONGEST_ALIKE = 40
"""Letters of the longest query that is compared with whole names: a longer one has some of any name."""

_TEXTS = "SELECT page_id, names, alarms FROM conditions_searchtext WHERE page_id IN ({})"


@dataclass(frozen=True)
class Meanings:
    """corrected: word that no page says -> the word of a name. alarming: word -> the alarm word, which cards are by.

    alike: pages with a name that looks like the query. They count where a word is left that is near to nothing, and
    the query is no longer than names are.
    """

    corrected: Mapping[str, str] = field(default_factory=dict)
    alarming: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[int, float] = field(default_factory=dict)


def meanings(text: str, unknown: list[str], near: Mapping[str, set[str]], said: dict[str, Said]) -> Meanings:
    """What words that no page says are meant for, and those with postings near to alarm words. Three queries at most.

    What is said of that is read into `said`.
    """
    wrong = {word: keys for word, keys in near.items() if not keys.isdisjoint(said) and ALARM + stem(word) not in said}
    alarming = {word: _with_most(said, keys) for word, keys in wrong.items()}
    if not unknown and not alarming:
        return Meanings()
    folded = prose.fold(text)
    whole = _keys(folded) if unknown and len(folded) <= _LONGEST_ALIKE else set()
    of_words = {word: _keys(word) for word in unknown}
    read = postings.read(whole.union(*of_words.values()))[0] if unknown else {}
    named = {word: _with_most(read, of_words[word]) for word in unknown}
    alike = _with_most(read, whole)
    names, spelled = _texts({page for pages in [*named.values(), *alarming.values(), alike] for page in pages})
    of_names = {word: [name for page in pages for name in names.get(page, ())] for word, pages in named.items()}
    of_alarms = {word: [spelled.get(page, "") for page in pages] for word, pages in alarming.items()}
    corrected, heard = (
        {word: one for word, lines in of_them.items() if (one := spelling.meant(word, lines))}
        for of_them in (of_names, of_alarms)
    )
    if corrected or heard:
        found = alarms.Heard(" ".join([*corrected.values(), *heard.values()]))
        said |= postings.read({*map(stem, corrected.values()), *found.keys()})[0]
    if len(corrected) == len(unknown):
        return Meanings(corrected, heard)
    scores = {page: spelling.likeness({gram[1:] for gram in whole}, names.get(page, ())) for page in alike}
    return Meanings(corrected, heard, {page: score for page, score in scores.items() if score > spelling.LOOKS_LIKE})


def _keys(text: str) -> set[str]:
    return {GRAM + gram for gram in grams(text)}


def _with_most(read: Mapping[str, Said], wanted: set[str]) -> list[int]:
    return postings.said_by_most(read, sorted(wanted), _MOST_ALIKE)


def _texts(pages: set[int]) -> tuple[dict[int, list[str]], dict[int, str]]:
    """The names of some pages, and their alarm words as they are written."""
    names, spelled = {}, {}
    for page, lines, words in db.rows(_TEXTS, pages):
        names[page], spelled[page] = names_of(lines)[0], words.partition("\n")[0]
    return names, spelled
