"""Whether a change says the same as before: a comma, a letter, a clearer word. What may not differ is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from conditions import prose, quotes
from conditions.records import RecordLike, schema_of
from conditions.schema import SLUG_LABEL, Field, Heading, Relation

_MARK = "\ue000"
"""What stands for a citation while a text is cut into sentences: a letter for private use, which texts hardly have."""
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_TENS = "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
_MANY = "hundred hundreds thousand thousands million millions billion billions dozen dozens"
_PARTS = "half halves quarter quarters thirds twice once double thrice single pair"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth hundredth thousandth"
_TIMES = "hour minute moment day night week fortnight month year decade hourly daily nightly weekly monthly yearly"
_WRITTEN = "|".join(f"{_UNITS} {_TENS} {_MANY} {_PARTS} {_ORDINALS}".split())
_SHORT = (
    "[kmcµn]?[gl]|mcg|ug|dl|[kcmµn]?m|ft|lbs?|oz|k?cal|k?j|m?mol|m?eq|i?u|h|hrs?|mins?|s|secs?|mmhg|kpa|bpm|[%°][cf]?"
)
_LONG = "(?:milli|micro|kilo|centi)?(?:grams?|lit(?:er|re)s?|met(?:er|re)s?)|units?|degrees?|celsius|fahrenheit|percent"
_NUMBER = re.compile(
    r"(?:[±<>≤≥~]\s?|-)?[\d½¼¾⅓⅔⅛²³][\d½¼¾⅓⅔⅛²³.,:/]*"
    rf"(?:(?:\s|/|\sper\s)?(?:{_SHORT}|{_LONG})[²³]?(?![^\W\d_]))*"
    rf"|\b(?:{_WRITTEN}|\w+(?:teen|tie)th)(?:fold)?\b|\b(?:{'|'.join(_TIMES.split())})(?=s?\b)"
)
_SAME = str.maketrans({"–": "-", "−": "-", "μ": "µ"})
"""Signs that look the same beside a number."""
_WORD = re.compile(r"[^\W\d_]+")
_TURNS = (
    "all every each any many most few fewer always likely unlikely must should avoid stop start until unless except"
)
_SIDES = (
    "before after more less least worse better left right both upper lower high higher low above below over under up"
)
_SIZES = "greater smaller increase increases increased decrease decreases decreased rare common seldom barely hardly"
_TURNING = frozenset(f"{_TURNS} {_SIDES} {_SIZES}".split())
"""Words that say something else where they come or go, beside those that quotes may not leave out."""
_OPPOSITES = {"un": 3, "non": 3} | dict.fromkeys(("in", "im", "ir", "il", "dis", "ab", "hypo", "hyper", "anti"), 5)
"""What turns a word before it, and how long that word is at least: inform is not the opposite of form."""
_WITHOUT = frozenset(("typical", "symptomatic", "febrile"))
"""Words that an a before them turns."""


def changes_of_meaning(before: RecordLike, after: RecordLike) -> list[str]:
    """Why what a record says now is no correction of what it said, each with its place. Empty if it is one.

    Care, how often something holds, quotes, numbers with their units and words that turn a sentence (not, no, never,
    may) stay as they are, each in its sentence, and so do where links lead, rows, tags, names, choices and the address.
    """
    schema = schema_of(after)
    found = [] if before.get("slug") == after.get("slug") else [f"{SLUG_LABEL}: it may not change"]
    found += [f"{field.label}: {why}" for field in schema.fields if (why := _of_field(field, before, after))]
    for one in schema.references:
        if (before.get(one.name) or []) != (after.get(one.name) or []):
            found.append(f"{one.label}: it may not change")
    for relation in schema.relations:
        found += _of_rows(relation, before, after)
    return found


def _of_rows(relation: Relation, before: RecordLike, after: RecordLike) -> Iterator[str]:
    was, now = ({row["target"]: row for row in record.get(relation.name) or ()} for record in (before, after))
    if list(was) != list(now):
        yield f"{relation.label}: rows may not be added, taken out or moved"
        return
    fields = {field.name: field for field in relation.fields}
    for target, row in now.items():
        for name in dict.fromkeys([*was[target], *row]):
            why = _of_field(fields[name], was[target], row) if name in fields else _of_others(name, was[target], row)
            if why:
                yield f"{relation.label}, {target}: {why}"


def _of_others(name: str, before: RecordLike, after: RecordLike) -> str:
    return "its tags and evidence may not change" if (before.get(name) or []) != (after.get(name) or []) else ""


def _of_field(field: Field, before: RecordLike, after: RecordLike) -> str:
    was, now = before.get(field.name) or "", after.get(field.name) or ""
    if was == now:
        return ""
    if field.heading is Heading.CARE:
        return "what says when to get help may not change"
    if not field.is_prose:
        return "it may not change"
    return _of_text(str(was), str(now))


def _of_text(was: str, now: str) -> str:
    """Why a text is no correction of another, sentence by sentence; empty if it is one."""
    if not was or not now:
        return "a text may not come or go"
    before, after = _sentences(was), _sentences(now)
    if [one.cited for one in before] != [one.cited for one in after]:
        return "sentences, quotes and citations may not come, go or move"
    if [one.numbers for one in before] != [one.numbers for one in after]:
        return "numbers may not change, nor what they count"
    if [one.guarded for one in before] != [one.guarded for one in after]:
        return "words such as not, no, never and may may not change"
    if [address for address, _ in prose.links(was)] != [address for address, _ in prose.links(now)]:
        return "where links lead may not change"
    for old, new in zip(before, after, strict=True):
        if found := _opposites(old.words - new.words, new.words - old.words):
            return f"“{found[0]}” and “{found[1]}” say the opposite"
    return ""


def _opposites(gone: Set[str], come: Set[str]) -> tuple[str, str] | None:
    """A word that has gone and one that has come which differ by a part that turns them: harmful, harmless."""
    for some, others in ((gone, come), (come, gone)):
        for word in sorted(some):
            if found := sorted(others & set(_turned(word))):
                return (word, found[0]) if some is gone else (found[0], word)
    return None


def _turned(word: str) -> Iterator[str]:
    """The word with what turns it before it, or in place of its end."""
    yield f"{word}less"
    yield f"{word.removesuffix('ful').removesuffix('y')}less"
    yield from (f"{part}{word}" for part, least in _OPPOSITES.items() if len(word) >= least)
    if word in _WITHOUT:
        yield f"a{word}"


class _Sentence(NamedTuple):
    """What a sentence cites, its numbers and the words that turn what it says, in order; and all its words."""

    cited: list[str]
    numbers: list[str]
    guarded: list[str]
    words: Set[str]


def _sentences(text: str) -> list[_Sentence]:
    cited = [found[0] for found in quotes.CITATION.finditer(text)]
    marked = quotes.CITATION.sub(_MARK, text)
    places = iter(cited)
    found = []
    for start, end in quotes.sentences(marked):
        words = marked[start:end]
        mine = [next(places, _MARK) for _ in range(words.count(_MARK))]
        plain = words.replace(_MARK, " ")
        lower = plain.lower().translate(_SAME)
        all_words = _WORD.findall(lower)
        turning = [word for word in all_words if word in _TURNING]
        numbers = [re.sub(r"\s", "", number).rstrip(".,:/") for number in _NUMBER.findall(lower)]
        found.append(_Sentence(mine, numbers, quotes.guarded(plain) + turning, frozenset(all_words)))
    return found
