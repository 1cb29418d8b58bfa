"""Words of texts and queries, as search compares them: folded, without what carries nothing, brought to their stems."""

from __future__ import annotations

import re
import threading
from functools import lru_cache

from Stemmer import Stemmer

from conditions import prose

LONGEST = 1000
"""The characters of a query that count; the rest of a long one is left out."""

CARRY_NOTHING = frozenset(
    prose.fold(
        "a about after all also am an and any are arent as at be because been being but by can could did "
        "didnt do does doesnt doing dont for from get gets getting go goes going had has hasnt have havent "
        "having he her hers him his how i if im in into is isnt it its itself ive just let like me mine more "
        "my myself no nor now of off on once only or other our ours out over own please same she should so "
        "some such than that the their them then there these they this those through to too under until up us "
        "very was wasnt we were what when where which while who whom why will with wont would wouldnt you "
        "your yours"
    ).split()
)
"""Words that no page is about: they are no part of what is looked for unless there is nothing else in a query."""

_IRREGULAR = {
    "swollen": "swell",
    "swelled": "swell",
    "felt": "feel",
    "fell": "fall",
    "fallen": "fall",
    "hung": "hang",
    "shook": "shake",
    "shaken": "shake",
    "shaky": "shake",
    "froze": "freeze",
    "frozen": "freeze",
    "bit": "bite",
    "bitten": "bite",
    "stung": "sting",
    "stuck": "stick",
    "spoke": "speak",
    "spoken": "speak",
    "speech": "speak",
    "ate": "eat",
    "eaten": "eat",
    "drank": "drink",
    "drunk": "drink",
    "slept": "sleep",
    "woke": "wake",
    "woken": "wake",
    "lost": "lose",
    "loss": "lose",
    "droopy": "droop",
    "hurts": "hurt",
    "has": "have",
    "had": "have",
    "breath": "breathe",
    "breathless": "breathe",
    "choke": "choke",
    "teeth": "tooth",
    "feet": "foot",
    "children": "child",
    "kids": "child",
    "kid": "child",
    "paralyzed": "paralysis",
    "paralysed": "paralysis",
    "blind": "blindness",
    "facial": "face",
    "tumour": "tumor",
    "tumours": "tumor",
    "cant": "cannot",
    "couldnt": "cannot",
    "unable": "cannot",
    **dict.fromkeys(("dont", "doesnt", "didnt", "isnt", "wasnt", "arent", "wont", "wouldnt", "hasnt", "havent"), "not"),
}
"""Forms that a stemmer does not bring together, and the one that stands for them."""

_stemmers = threading.local()


@lru_cache(100_000)
def stem(word: str) -> str:
    """The stem of a folded word by Snowball's English rules, that of its regular form: "swollen" -> "swell"."""
    if not hasattr(_stemmers, "english"):  # a stemmer serves one thread at a time
        _stemmers.english = Stemmer("english")
    regular = _IRREGULAR.get(word, word)
    found: str = _stemmers.english.stemWord(_BRITISH.sub("e", regular) if len(regular) > _SHORT else regular)
    return found


_SHORT = 5
_BRITISH = re.compile("[ao]e")
"""Two letters that are one in American spelling: "lymphoedema", "anaemia". Short words ("does") have them too."""


def stems(text: str) -> list[str]:
    """The stem of each word of a text, in order: "My lips were swollen" -> ["my", "lip", "were", "swell"]."""
    return [stem(word) for word in prose.fold(text).split()]


def telling_words(text: str) -> list[str]:
    """The folded words of a text that carry something, each once, in order; all of them where none does."""
    words = dict.fromkeys(prose.fold(text).split())
    return [word for word in words if word not in CARRY_NOTHING] or list(words)


def telling(text: str) -> list[str]:
    """The stems of the words of a text that carry something, each once, in order; all of them where none does."""
    return list(dict.fromkeys(map(stem, telling_words(text))))


def alarming(text: str) -> list[str]:
    """The stems of alarm words: those that carry something, sorted, and "not", on which all hangs in an emergency.

    Where they would leave one of several, all of them in order, as a phrase: who passed out did not pass.
    """
    words = [word for word in heard(text) if word not in _ARTICLES]
    kept = sorted({stem(word) for word in words if word not in CARRY_NOTHING or stem(word) in _NEGATIONS})
    return kept if len(kept) > 1 else [stem(word) for word in words]


_ARTICLES = ("a", "an", "the")
_NEGATIONS = ("no", "not")
SMALL = frozenset(map(stem, CARRY_NOTHING)).difference(_NEGATIONS)
"""Stems of words that carry nothing. Alarm words that have some of them are a phrase."""


def as_typed(text: str) -> str:
    """A query with a blank for each sign between words that nobody can see, and initials as one word: "T.I.A."."""
    text = text if text.isascii() else _UNSEEN_BLANKS.sub(" ", text)
    return _INITIALS.sub(lambda found: found[0].replace(".", ""), text)


_UNSEEN_BLANKS = re.compile("[\u180e\u200b-\u200d\u2060\ufeff]+")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")


def heard(text: str) -> list[str]:
    """The folded words of a text, in order, those that are one in two written as one: "can not", "kill my self".

    "Breathless" is no form of "breathe": it says more.
    """
    words = _IN_TWO.sub(lambda found: found[0].replace(" ", ""), prose.fold(text))
    return _BREATHLESS.sub("hard to breathe", words).split()


_BREATHLESS = re.compile(r"\bbreathless(?:ness)?\b")


_IN_TWO = re.compile(
    r"\b(?:can not|(?:my|your|him|her|our|them) sel(?:f|ves)(?! (?:esteem|confiden|image|worth|care|harm|help)))\b"
)
