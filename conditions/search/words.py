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
    "hurts": "hurt",
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
    """The stems of alarm words, sorted: those that carry something, and "not", on which all hangs in an emergency."""
    words = prose.fold(text).split()
    return sorted({stem(word) for word in words if word not in CARRY_NOTHING or stem(word) in _NEGATIONS})


_NEGATIONS = ("no", "not")
