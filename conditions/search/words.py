"""Words of texts and queries, as search compares them: folded, without what carries nothing, brought to their stems."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from Stemmer import Stemmer

from conditions import prose

LONGEST = 1000
"""The characters of a query that count; the rest of a long one is left out."""

CARRY_NOTHING = frozenset(
    prose.fold(
        "a about after all also am an and any are as at be because been being but by can could did do does "
        "doing dont for from get gets getting go goes going had has have having he her hers him his how i if "
        "im in into is isnt it its itself ive just let like me mine more my myself no nor of off on once only "
        "or other our ours out over own please same she should so some such than that the their them then "
        "there these they this those through to too under until up us very was we were what when where which "
        "while who whom why will with would you your yours"
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
}
"""Forms that a stemmer does not bring together, and the one that stands for them."""

_stemmers = threading.local()


def _stem_words(words: Iterable[str]) -> list[str]:
    """Stems by Snowball's English rules. A stemmer serves one thread at a time."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer("english")
    found: list[str] = _stemmers.english.stemWords(list(words))
    return found


def stems(text: str) -> list[str]:
    """The stem of each word of a text, in order: "My lips were swollen" -> ["my", "lip", "were", "swell"]."""
    return _stem_words(_IRREGULAR.get(word, word) for word in prose.fold(text).split())


def telling(text: str) -> list[str]:
    """The stems of the words of a text that carry something, each once, in order; all of them where none does."""
    words = prose.fold(text).split()
    kept = [word for word in words if word not in CARRY_NOTHING] or words
    return list(dict.fromkeys(_stem_words(_IRREGULAR.get(word, word) for word in kept)))
