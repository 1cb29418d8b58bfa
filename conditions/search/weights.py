"""A record -> what search keeps of it: its words with their weights, its names, its alarm words.

The weights are those of BM25F (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009,
section 3.6), as integers. The lengths that fields have on the average are constants, so that the weights of a page
depend on its own record alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conditions import prose
from conditions.records import RecordLike, schema_of
from conditions.schema import ABOUT, NOW, TAGS, Field, FieldType, Kind
from conditions.search.words import CARRY_NOTHING, alarming, stem, stems, telling

FORMAT = 3
"""Higher whenever a record comes to be kept as something else: what is kept is then made again."""

HIGHEST = 1000
"""What the weight of a word comes near to, the more often and the more prominently a record says it."""
_SATURATION = 3
LONGEST_WORD = 60


class _Part(NamedTuple):
    """How much a word counts in a part of a record, how much less in a longer one, and how many words are usual."""

    weight: float
    by_length: float
    usual: int


_NAME = _Part(6, 0.3, 4)
_OTHER_NAMES = _Part(6, 0.3, 12)
_SUMMARY = _Part(3, 0.3, 20)
_TOPICS = _Part(1, 0.5, 8)
_TEXT = _Part(1, 0.75, 250)
_PARTS = {
    "name": _NAME,
    "also_called": _OTHER_NAMES,
    "found_by": _OTHER_NAMES,
    "summary": _SUMMARY,
    "in_short": _SUMMARY,
}

CODE, GRAM, IN_CARD, ALARM, NEARLY = "=", "#", "!", "?", "~"
"""What begins a word that stands for a code, for three letters of a name, for a telling word of a card that says when
to call for help, for one of some alarm words, and for what is left of that without some letters. No folded word has
such a sign."""

NAMED = frozenset({Kind.CONDITION, Kind.SYMPTOM, Kind.TREATMENT, Kind.CAUSE, Kind.TERM, Kind.TAG})
"""Kinds whose names are looked for where a word is typed wrongly."""

TELLS_NOTHING = frozenset(
    stems(
        "again also arm back bad badly blood body both brain call cause child come danger doctor droop eat end "
        "even eye eyelid eyes face feel first go grow hard head headache help holds hospital hour hurt injection "
        "jaw keep know known last life light lip long lose lost lot may might minute mouth muscle neck need new "
        "newly normal nothing now one open pain person place put quickly say see serious sick side sight sign "
        "someone soon sore spasm speak start stay stiff stop sudden suddenly swallow symptom talk tell throat "
        "tight time tongue tooth toxin treat treatment trouble true twitch until use usual vessel wait weak week "
        "well while whole word"
    )
)
"""Words of cards that are no sign of danger by themselves, but beside another word of the same sentence."""


@dataclass(frozen=True)
class Indexed:
    """What search keeps of a record.

    weights: word -> 1 to 1,000. names: its names, folded. alarms: the words of its alarm words as they are written, if
    there are any, and then the stems of each. card: those of the sentences of its card that says when to call for help.
    """

    weights: dict[str, int]
    names: list[str]
    alarms: list[list[str]]
    card: list[list[str]]


def indexed(record: RecordLike) -> Indexed:
    """What search keeps of a record. Not of its relations: some may be hidden."""
    names = list(dict.fromkeys(filter(None, map(prose.fold, _names_of(record)))))
    card = _card(record)
    alarms = _alarms(record)
    weights = _weights(record)
    if Kind(record["kind"]) in NAMED:
        weights |= dict.fromkeys((GRAM + gram for name in names for gram in sorted(grams(name))), 1)
    weights |= dict.fromkeys((CODE + code for code in _codes(record)), HIGHEST)
    weights |= dict.fromkeys((IN_CARD + word for one in card for word in one if word not in TELLS_NOTHING), 1)
    weights |= dict.fromkeys((ALARM + word for words in alarms[1:] for word in words), 1)
    spelled = (word for words in alarms[:1] for word in words)
    weights |= dict.fromkeys((NEARLY + part for word in spelled for part in sorted(nearly(word))), 1)
    if max(map(len, weights), default=0) > LONGEST_WORD:
        weights = {word: weight for word, weight in weights.items() if len(word) <= LONGEST_WORD}
    return Indexed(weights, names, alarms, card)


def _weights(record: RecordLike) -> dict[str, int]:
    counts: dict[_Part, Counter[str]] = {}
    for field in schema_of(record).fields:
        if field.searched and field.type is not FieldType.CODES:
            found = counts.setdefault(_PARTS.get(field.name, _TEXT), Counter())
            for text in plain(field, record):
                found.update(prose.fold(text).split())
    topics = [slug.rpartition("/")[2] for one in (TAGS, ABOUT) for slug in record.get(one.name) or ()]
    counts[_TOPICS] = Counter(word for slug in topics for word in slug.split("-") if word)
    said: defaultdict[str, float] = defaultdict(float)
    for part, found in counts.items():
        each = part.weight / (1 - part.by_length + part.by_length * found.total() / part.usual)
        for word, times in found.items():
            said[stem(word)] += times * each
    return {word: int(HIGHEST * times / (_SATURATION + times)) for word, times in said.items()}


def _names_of(record: RecordLike) -> Iterator[str]:
    yield record["name"]
    yield from record.get("also_called") or ()
    yield from record.get("found_by") or ()
    yield from (slug.rpartition("/")[2].replace("-", " ") for slug in record.get(ABOUT.name) or ())


def plain(field: Field, record: RecordLike) -> list[str]:
    """The texts of a field without markup and citations, those that are empty left out."""
    value = record.get(field.name)
    texts = value if isinstance(value, list) else [value]
    words = prose.uncited if field.type is FieldType.STATEMENT else prose.plain
    return [words(text) if field.cites else text for text in texts if text]


def _card(record: RecordLike) -> list[list[str]]:
    """The words of the card that says when to call, by sentences. The name of an illness is no sign of danger."""
    names = {word for name in _names_of(record) for word in stems(name)} if record["kind"] == Kind.CONDITION else set()
    lines = (telling(line) for line in prose.sentences(record.get(NOW) or ""))
    kept = ([word for word in words if word not in names] for words in lines)
    return [words for words in kept if len(words) > 1]


def _alarms(record: RecordLike) -> list[list[str]]:
    said = (record.get("alarm_words") if record.get(NOW) else ()) or ()
    stems = [words for text in said if (words := alarming(text))]
    spelled = {word for text in said for word in prose.fold(text).split() if len(word) >= SHORTEST}
    return [sorted(spelled - CARRY_NOTHING), *stems] if stems else []


def nearly(word: str) -> set[str]:
    """What is left of the beginning of a folded word without one letter, without two if it is long, and with all.

    Two words that differ by one or two letters have some of it in common (Garbe's symmetric deletion).
    """
    found = {word[:_BEGINNING]}
    for _ in range(2 if len(word) >= _BEGINNING else 1):
        found |= {part[:at] + part[at + 1 :] for part in found for at in range(len(part))}
    return found


SHORTEST = 4
"""Letters of the shortest word that another is taken for, or that is taken for another."""
_BEGINNING = 7
"""Letters of a word that are compared: from so many on two may be wrong."""


def grams(name: str) -> set[str]:
    """Three letters each of a folded name as it sounds, a line for each space: "palsy" -> "_pa", "pal", ..., "si_"."""
    text = f"_{'_'.join(word for word in name.split() if word not in CARRY_NOTHING)}_"
    for written, heard in _SOUNDS:
        text = text.replace(written, heard)
    text = _TWICE.sub(r"\1", text)
    return {text[start : start + 3] for start in range(len(text) - 2)}


def code_words(code: str) -> list[str]:
    """What a code begins with, from three signs on, with its system and without, no dots and spaces.

    "ICD-10-CM G51.3" -> "g51", "g513", "icd10cmg51", "icd10cmg513".
    """
    system, _, alone = code.rpartition(" ")
    before, own = (prose.fold(text).replace(" ", "") for text in (system, alone))
    begins = [own[:length] for length in range(3, len(own) + 1)]
    return [*begins, *(before + begin for begin in begins if before)]


_SAYS_NO_NAME = frozenset(stems("syndrome disease disorder"))


def name_lines(names: Sequence[str]) -> str:
    """Folded names as `SearchText` keeps them: each on a line, and then the stems of each that say which page it is."""
    stems = (" ".join(word for word in telling(name) if word not in _SAYS_NO_NAME) for name in names)
    return "\n".join([*names, *stems])


def names_of(lines: str) -> tuple[list[str], list[list[str]]]:
    """What `name_lines` made lines of: the names, and the stems of each."""
    names = lines.split("\n")
    stems = names[len(names) // 2 :]
    return names[: len(stems)], [line.split() for line in stems]


def _codes(record: RecordLike) -> Iterator[str]:
    for field in schema_of(record).fields:
        if field.type is FieldType.CODES:
            for code in plain(field, record):
                yield from code_words(code)


_TWICE = re.compile(r"(.)\1+")
_SOUNDS = (
    *(("ph", "f"), ("ck", "k"), ("c", "k"), ("q", "k"), ("x", "ks"), ("z", "s"), ("y", "i")),
    *(("ae", "e"), ("oe", "e"), ("ou", "o"), ("rh", "r"), ("th", "t")),
)
"""Letters that are often written for others."""
