"""Quotes: the very words that a statement rests on, where they stand in a document, and what a cut may not leave out.

A citation is written `[@slug]`, or `[@slug "words"]` where it carries words. White space counts as one space.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

LONGEST = 1000
"""The most characters of words in a citation."""
CITATION = re.compile(rf'\[@([-a-zA-Z0-9_]+)(?:\s+"((?:(?!"\]|\[@|\n\s*\n)[\s\S]){{1,{LONGEST}}})")?\]')
"""A citation in text: the slug, and the words if it carries some. Words hold no blank line and no other citation."""
_ENDED = re.compile(r"""[.!?…]["'”’)\]]*$""")
_ABBREVIATION = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Prof|St|(?i:vs|fig|approx|e\.g|i\.e))\.$")
_NUMBER = re.compile(r"\bNos?\.$")
_WORD = re.compile(r"[a-z]+(?:[’'ʼ][a-z]+)?")
_MONTH = re.compile(r"\b(?:[Ii]n|of|since|until|by|early|late) May\b")
_NOT_BEFORE = re.compile(r"(?:\b(?:not|never|no|nor|cannot|hardly)|n[’'ʼ]t)\s+(?:\w+\s+)?$", re.IGNORECASE)
_NEGATIONS = frozenset(("not", "no", "never", "cannot", "without", "nor", "neither", "nobody", "none", "nothing"))
_DOUBTS = frozenset(("may", "might", "can", "could", "possible", "possibly"))
_PARTS = frozenset(("some", "sometimes"))
_GUARDED = _NEGATIONS | _DOUBTS | _PARTS | {"rarely", "only"}
_GUARDED_IN_ROWS = _GUARDED | {"usually", "often"}
_SAYING_THE_SAME = (_NEGATIONS, _DOUBTS, _PARTS)
_SAID_BY_CERTAINTY: dict[str, tuple[str, frozenset[str]]] = {
    "usually": (r"usually|generally|most often|most common|typically", frozenset(("usually", "often"))),
    "often": (r"often|common|commonly", frozenset(("often",))),
    "sometimes": (r"sometimes|some (?:cases|people|patients|of them)", _PARTS),
    "can-happen": (r"may|might|can|could|possible|possibly", _DOUBTS),
    "not-common": (r"not common|uncommon", _NEGATIONS),
    "rarely": (r"rarely|rare|a small proportion", frozenset(("rarely",))),
    "absent": (r"not|no|never|without|painless|cannot", _NEGATIONS),
}
"""How a document words a certainty, and what guarded words a statement of that certainty says by itself."""


REASONS = ("heading", "fragment", "repeats the question", "said elsewhere", "contradicted by a-source")
"""Why words of a document carry nothing here, each written before the words and a colon."""
_REASON = re.compile(r"(heading|fragment|repeats the question|said elsewhere|contradicted by ([-a-zA-Z0-9_]+)): *(.+)")


BULLETS = " \t\r\n\xa0•◦‣·"
"""What stands before a sentence that is an item of a list."""


class Quote(NamedTuple):
    """What is cited, and the words; none where the statement is in our words."""

    slug: str
    words: str


class Sentence(NamedTuple):
    """A sentence of a document around the words quoted from it."""

    before: str
    words: str
    after: str


def quotes_in(text: str) -> list[Quote]:
    """The citations of a text without markup, in order, each once."""
    return list(dict.fromkeys(Quote(found[1], one_line(found[2] or "")) for found in CITATION.finditer(text)))


def written(quote: Quote) -> str:
    """A citation as it is typed."""
    return f'[@{quote.slug} "{quote.words}"]' if quote.words else f"[@{quote.slug}]"


def reason_of(line: str) -> tuple[str, str]:
    """Why words carry nothing, and the words; no reason where the line says none of `REASONS`."""
    found = _REASON.fullmatch(line)
    return (found[1], found[3]) if found else ("", line)


def contradicting(line: str) -> str:
    """The slug of the source that contradicts words, where that is why they carry nothing; else nothing."""
    found = _REASON.fullmatch(line)
    return found[2] or "" if found else ""


def rename_reason(line: str, names: Mapping[str, str | None]) -> str:
    """A line of words that carry nothing, with the source that contradicts them under its new name."""
    found = _REASON.fullmatch(line)
    new = names.get(found[2]) if found and found[2] else None
    return f"contradicted by {new}: {found[3]}" if found and new else line


def as_read(text: str) -> str:
    """Text with its citations as readers see them: the words, and nothing where there are none."""
    return CITATION.sub(lambda found: f"“{one_line(found[2])}”" if found[2] else "", text)


def one_line(text: str) -> str:
    """Text with every run of white space as one space."""
    return " ".join(text.split())


def spans(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand in a text, letter for letter but for white space, and never cut inside a word."""
    return [found.span() for found in _pattern(words).finditer(text)] if words.strip() else []


@lru_cache(10_000)
def _pattern(words: str) -> re.Pattern[str]:
    pattern = r"\s+".join(map(re.escape, words.split()))
    return re.compile(rf"(?<!\w){pattern}(?!\w)")


def sentence_ends(text: str) -> list[int]:
    """Where sentences begin that follow others on a line of text."""
    return [gap.end() for gap in _gaps(text)]


@lru_cache(1000)  # a document's are asked for with each statement that quotes it
def sentences(text: str) -> Sequence[tuple[int, int]]:
    """Where the sentences of a document begin and end.

    A blank line ends one, and so does a line after which another begins with a capital or a bullet.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for gap in _gaps(text):
        if text[start : gap.start()].strip():
            found.append((start, gap.start()))
        start = gap.end()
    if text[start:].strip():
        found.append((start, len(text.rstrip())))
    return tuple(found)


def _gaps(text: str) -> Iterator[re.Match[str]]:
    """The white space between sentences."""
    for gap in re.finditer(r"\s+", text):
        before, after = text[max(0, gap.start() - 8) : gap.start()], text[gap.end() : gap.end() + 1]
        goes_on = "a" <= after <= "z"
        lines = gap[0].count("\n")
        if lines > 1 or (lines and not goes_on):
            yield gap
        elif _ENDED.search(before) and after and not goes_on:
            is_number = _NUMBER.search(before) and after.isdigit()
            if not is_number and not _ABBREVIATION.search(before):
                yield gap


def sentence_of(text: str, words: str) -> Sentence | None:
    """The whole sentence around the words in a document; None unless they stand there once, within one sentence."""
    found = _within_sentences(text, words)
    if len(found) > 1:  # one of them may be all of its sentence
        found = [one for one in found if not one.before and not one.after.strip(".!?…")]
    return found[0] if len(found) == 1 else None


def _within_sentences(text: str, words: str) -> list[Sentence]:
    places = spans(text, words)
    found = []
    for first, last in sentences(text) if places else ():
        if first >= places[-1][1]:
            break
        for start, end in places:
            if first <= start and end <= last:
                found.append(Sentence(text[first:start].lstrip(BULLETS), text[start:end], text[end:last].rstrip()))
    return found


def flaw(text: str, words: str) -> str:
    """Why words are no quote from the text of a document; empty if they are."""
    if sentence_of(text, words):
        return ""
    found = spans(text, words)
    if not found:
        return "does not say these words; copy them letter for letter"
    if len(found) > 1:
        return f"says these words in {len(found)} places; quote a few more words, so that it is clear which are meant"
    return "says these words in more than one sentence; quote one sentence in each citation"


def left_out(text: str, words: Collection[str], said: str, certainty: str | None = None) -> list[str]:
    """The words of negation and doubt that quotes of one document leave out of their sentences, and the statement too.

    text: the document. words: all that the statement quotes from it. said: the statement in our words. certainty: that
    of a row, which says some of them; a row may not leave out how often either.
    """
    known = _said(said, certainty or "")
    guarded = _GUARDED if certainty is None else _GUARDED_IN_ROWS
    missing: dict[str, None] = {}
    for one in words:
        if sentence := sentence_of(text, one):
            rest = _without([sentence.before, sentence.words, sentence.after], words)
            missing |= dict.fromkeys(sorted(_guarded(rest) & guarded - known))
    return list(missing)


def unsaid_doubt(words: Iterable[str], said: str) -> list[str]:
    """The words of doubt that the quotes of a row without a certainty hold and its note does not say."""
    return sorted({found for one in words for found in _guarded(one)} & (_DOUBTS | {"rarely"}) - _said(said, ""))


def guarded(text: str) -> list[str]:
    """The words of a text that turn what it says: not, no, never, may, only and the like, in order."""
    words = _WORD.findall(_without_months(text).lower())
    found = ("not" if word.endswith(("n’t", "n't", "nʼt")) else word for word in words)
    return [word for word in found if word in _GUARDED_IN_ROWS]


def says(certainty: str, words: Iterable[str]) -> bool:
    """Whether some of the words of documents say a certainty."""
    pattern = re.compile(rf"\b(?:{_SAID_BY_CERTAINTY[certainty][0]})\b", re.IGNORECASE)
    may_be_denied = certainty in ("not-common", "absent")
    return any(
        may_be_denied or not _NOT_BEFORE.search(one[: found.start()])
        for one in map(_without_months, words)
        for found in pattern.finditer(one)
    )


def _said(said: str, certainty: str) -> frozenset[str]:
    """The guarded words that a statement says, those that say the same among them."""
    known = _guarded(said) | _SAID_BY_CERTAINTY.get(certainty, ("", frozenset()))[1]
    return frozenset(known).union(*(group for group in _SAYING_THE_SAME if group & known))


def _guarded(text: str) -> set[str]:
    return set(guarded(text))


def _without_months(text: str) -> str:
    return _MONTH.sub("", text)


def _without(sentence: Iterable[str], words: Iterable[str]) -> str:
    """What a sentence says outside all quotes."""
    rest = "".join(sentence)
    for one in words:
        for start, end in reversed(spans(rest, one)):
            rest = f"{rest[:start]} | {rest[end:]}"
    return rest
