"""Search: what readers type -> the pages that answer, and the card that says when to call where it sounds like that.

Every word may be missing on a page that is found: the best pages come first, and `Found.is_weak` says where none is
about all of it. `publishing.postings` writes what is read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from conditions import db, prose
from conditions.models.index import Name
from conditions.models.published import Page
from conditions.schema import Kind
from conditions.search import alarms, crisis, postings, ranking, spelling
from conditions.search.meanings import meanings
from conditions.search.postings import Said
from conditions.search.ranking import Candidate, Query
from conditions.search.weights import CODE, names_of
from conditions.search.words import LONGEST, as_typed, stem, telling_words

MOST_WORDS = 40
"""Words of a query that count; the rest of a long one are left out."""
_WEAK = 0.4
"""How much of a query the first page says at least where it is about it."""
_LEAST = 0.1
"""How much of what the best page says of a query the others say at least."""

_OF_CODES = frozenset(("icd", "icd10", "icd10cm", "icd11", "omim", "orpha", "orphanet", "code", "10", "11", "cm"))
"""Words beside a code that say what it is."""


@dataclass(frozen=True)
class Found:
    """What a query finds.

    pages: ids, the one that answers best first, at most 150, with their kinds. corrected: word as it was typed -> the
    word that was looked for as well. words: the stems that were looked for. codes: those that it names, without dots.
    named: the page whose name, other name or code the query is. cards: pages whose card says what to do in an emergency
    that it sounds like, the best first. is_crisis: whether it speaks of suicide. is_weak: whether no page is about all
    of it.
    """

    pages: Mapping[int, Kind] = field(default_factory=dict)
    corrected: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    named: int | None = None
    cards: tuple[int, ...] = ()
    is_crisis: bool = False
    is_weak: bool = False


def find(text: str, correcting: bool = True) -> Found:
    """What readers find who type a text. Four queries at most, and three more where words are typed wrongly.

    correcting: whether a word that no page says is looked for as one that it may be meant for. An emergency is always
    heard in that too, and to the end of a text however long it is.
    """
    text = as_typed(text)
    begin, heard, is_crisis = text[:LONGEST], alarms.Heard(text), crisis.is_one(text)
    codes, words = _codes_and_words(begin)
    if not words and not codes and not heard.words:
        return Found()
    joined = [one + other for one, other in pairwise(words)]
    near = heard.near()
    said, count = postings.read({*map(stem, [*words, *joined]), *codes, *heard.keys(), *set().union(*near.values())})
    coded = [page for code in codes if code in said for page in said[code].pages.tolist()]
    if coded:
        words = [word for word in words if word not in _OF_CODES] if len(words) > 1 else words
    meant = meanings(begin, spelling.unknown(words, said), near, said)
    corrected, alike = (meant.corrected, meant.alike) if correcting else ({}, {})
    typed = " ".join(corrected.get(word, word) for word in prose.fold(begin).split())
    query = Query.of(typed, _stems(words, joined, corrected, said), said, count)
    says = ranking.candidates(query, count, {*alike, *coded})
    if meant.corrected or meant.alarming:
        heard = alarms.Heard(text, meant.corrected, meant.alarming)
    cards = heard.pages(said)
    found, read = _read(says, cards, alike)
    ids = ranking.ranked(query, says, [one for one in found if one.page in says])
    ids = [*(page for page in ids if page in coded), *(page for page in ids if page not in coded)]
    kinds = {one.page: one.kind for one in found}
    return Found(
        {page: kinds[page] for page in _about_it(ids, says, {*alike, *coded})},
        corrected,
        query.words,
        tuple(code.removeprefix(CODE) for code in codes if code in said),
        _named(query, found, coded),
        tuple(alarms.sounding(heard, [read[page] for page in cards if page in read])),
        is_crisis,
        bool(ids) and not coded and says[ids[0]].share < _WEAK,
    )


def _codes_and_words(text: str) -> tuple[list[str], list[str]]:
    """The codes that a query may name, as words of postings, and its words."""
    pieces = [piece for piece in [*text.split(), text] if re.search(r"\d", piece)]
    codes = [CODE + code for piece in pieces if len(code := prose.fold(piece).replace(" ", "")) > 2]
    return list(dict.fromkeys(codes)), telling_words(text)[:MOST_WORDS]


def _stems(words: list[str], joined: list[str], corrected: Mapping[str, str], said: Mapping[str, Said]) -> list[str]:
    """What is looked for: each word or what it is meant for, and it and the next as one where a page says that."""
    found = []
    for word, both in zip(words, [*joined, ""], strict=False):
        more = [stem(both)] if both and stem(both) in said else []
        found += [stem(corrected.get(word, word)), *more]
    return found


_KINDS = {kind.value: kind for kind in Kind}

_LISTED = """
SELECT page.id, page.kind, text.names, {} FROM conditions_page page
JOIN conditions_searchtext text ON text.page_id = page.id
LEFT JOIN conditions_page same ON same.id = page.same_as_id
WHERE page.live_id IS NOT NULL AND same.live_id IS NULL AND page.id IN ({})
"""


def _read(
    pages: Iterable[int], cards: Collection[int], alike: Mapping[int, float]
) -> tuple[list[Candidate], dict[int, alarms.Card]]:
    """Those pages that lists show, as what may answer; and the cards of some more."""
    found, read = [], {}
    of_cards = "text.alarms, text.card" if cards else "'', ''"
    for page, kind, names, *texts in db.rows(_LISTED.format(of_cards, "{}"), {*pages, *cards}):
        of_kind = _KINDS[kind]
        found.append(Candidate(page, of_kind, *names_of(names), alike.get(page, 0.0)))
        if page in cards:
            read[page] = alarms.Card.of(page, of_kind, *texts)
    return found, read


def _about_it(ids: list[int], says: Mapping[int, ranking.Says], kept: set[int]) -> list[int]:
    """The pages that say enough of a query beside that which says most of it, and those that are kept."""
    least = _LEAST * max((says[page].share for page in ids), default=0.0)
    return [page for page in ids if says[page].share >= least or page in kept]


def _named(query: Query, found: Iterable[Candidate], coded: list[int]) -> int | None:
    """The page that a query names. Of several the one whose name it is, then by kind; a code comes first."""
    kinds = list(Kind)
    named = [
        (one.page not in coded, query.text != one.names[0], kinds.index(one.kind), one.page)
        for one in found
        if one.kind is not Kind.SOURCE and (query.text in one.names or one.page in coded)
    ]
    return min(named)[-1] if named else None


MOST_SUGGESTIONS = 6
_MOST_BEGIN = 100
"""Names that begin with what is typed, of which the best are suggested."""
_SUGGESTED = (Kind.CONDITION, Kind.SYMPTOM, Kind.TREATMENT, Kind.CAUSE, Kind.QUESTION)
"""Kinds that are suggested; the first two before the others."""


def suggestions(text: str, found: Found) -> list[tuple[str, Page]]:
    """What to suggest for the beginning of a query: what an option says, and its page. At most six; two queries.

    First pages with a name that begins with it, then with another name that does, then those that were found. In each
    conditions and symptoms come first, then shorter names.
    """
    key = prose.fold(as_typed(text)[:LONGEST])
    if len(key) < 2:  # two letters
        return []
    begin = Name.objects.filter(key__startswith=key, page__kind__in=_SUGGESTED, page__live__isnull=False)
    names = begin.filter(page__same_as__live__isnull=True).select_related("page")[:_MOST_BEGIN]
    ranked = sorted(names, key=lambda name: (name.text != name.page.name, _place(name.page), len(name.text), name.key))
    options: dict[Page, str] = {}
    for name in ranked:
        is_other = name.text != name.page.name and name.letter
        options.setdefault(name.page, f"{name.text}: {name.page.name}" if is_other else name.page.name)
    if len(options) < MOST_SUGGESTIONS and not found.is_weak:
        shown = Page.objects.listed().filter(kind__in=_SUGGESTED)
        pages = {page.pk: page for page in shown.filter(pk__in=db.in_values([*found.pages][: 4 * MOST_SUGGESTIONS]))}
        for page in filter(None, map(pages.get, found.pages)):
            options.setdefault(page, page.name)
    return [(said, page) for page, said in options.items()][:MOST_SUGGESTIONS]


def _place(page: Page) -> int:
    """Where pages of a kind stand among suggestions: conditions and symptoms first."""
    return max(0, _SUGGESTED.index(Kind(page.kind)) - 1)
