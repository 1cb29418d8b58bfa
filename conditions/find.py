"""Symptoms in, conditions and causes out: what pages say of what somebody chose, as /find/ shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import groupby

from conditions import find_rows, proof
from conditions.find_rows import CITING, End, Said
from conditions.footnotes import Note, Notes
from conditions.matching import Feelings, Ranked, Row, Tie, foremost, ranked, telling_apart
from conditions.models.published import Page
from conditions.page_content import as_of_now, care_card
from conditions.page_parts import Prose, where_and_how
from conditions.proof import Proof, Words
from conditions.schema import ABSENT, CERTAINTY, FIELDS, NOW, SCHEMAS, TAGS, Kind

MOST_SHOWN = 10
"""Answers that are explained; of the next ones the page has links."""
MOST_LISTED = 50
MOST_PINNED = 3
MOST_APART = 3
"""Answers under each chosen symptom, at least, where no page joins them."""
MOST_ADDED = 6
"""Symptoms that are offered to tell the answers apart."""

_CAUSE_ROWS = SCHEMAS[Kind.SYMPTOM].relation(find_rows.CAUSES)


@dataclass(frozen=True)
class Card:
    """A card that says when to call, and the chosen symptoms that it is of."""

    care: Prose
    pages: list[Page]


@dataclass(frozen=True)
class Match:
    """That the page of an answer names something that was chosen, or a kind of it.

    broader: the chosen symptom, where a kind of it is named. often: how often, and in which role.
    """

    symptom: End
    broader: Page | None
    often: str
    note: str
    words: tuple[Words, ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        return proof.notes_of(self.words)


@dataclass(frozen=True)
class Answer:
    """A condition or a cause, how many of the things that were chosen its page names, and what it says of them.

    more: how many other symptoms it goes with.
    """

    page: End
    count: int
    is_everyday: bool
    matches: list[Match]
    missing: list[Page]
    more: int

    @property
    def is_condition(self) -> bool:
        return self.page.kind == Kind.CONDITION


@dataclass(frozen=True)
class Found:
    """What /find/ shows. things: how many were chosen, a symptom and a kind of it being one; kinds: which those are.

    groups: the answers, under how many things they name; apart: under a chosen symptom each, where none names more
    than one thing. rest: the next answers, only the page of each and how many things it names; more: how many come
    after them.
    """

    things: int
    kinds: list[tuple[Page, list[Page]]] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    pinned: list[Answer] = field(default_factory=list)
    groups: list[tuple[int, list[Answer]]] = field(default_factory=list)
    apart: list[tuple[Page, list[Answer]]] = field(default_factory=list)
    rest: list[tuple[End, int]] = field(default_factory=list)
    more: int = 0
    telling: list[End] = field(default_factory=list)

    @property
    def compared(self) -> list[End]:
        """The first two conditions, where there are two."""
        shown = [*self.pinned, *(answer for _, answers in (*self.groups, *self.apart) for answer in answers)]
        conditions = [answer.page for answer in shown if answer.is_condition][:2]
        return conditions if len(conditions) == 2 else []


def find(chosen: Sequence[Page]) -> Found:
    """What pages say of the symptoms that somebody chose, whose live versions are given with them. In four queries."""
    rows = find_rows.rows_about(chosen)
    feelings = Feelings([page.pk for page in chosen], rows.kinds)
    matching = feelings.matching(rows.naming)
    ties = feelings.ties(matching)
    pinned, listed = _pinned(ties, rows.emergencies)
    first = foremost(listed, MOST_SHOWN, MOST_LISTED)
    totals, keys = find_rows.answers(answer for tie in (*pinned, *first) for answer in tie.shared)
    top, in_order = ranked(pinned, totals, keys), ranked(first, totals, keys)[:MOST_LISTED]
    choice = _Choice(chosen, rows.kinds, matching, {one.answer for one in (*top, *in_order)})
    is_apart = feelings.count > 1 and bool(ties) and ties[0].count == 1
    apart = choice.apart(in_order) if is_apart else []
    shown = [one for _, some in apart for one in some] if is_apart else in_order[:MOST_SHOWN]
    explained = _Explained(choice, totals, [*top, *shown], in_order)
    return Found(
        feelings.count,
        choice.joined(),
        explained.cards(),
        [explained.answer(one) for one in top],
        [] if apart else [(count, list(map(explained.answer, some))) for count, some in groupby(shown, _count)],
        [(page, list(map(explained.answer, some))) for page, some in apart],
        [(explained.page(one), one.count) for one in in_order if one not in shown],
        sum(len(tie.shared) for tie in listed) - len(in_order),
        explained.telling([one.answer for one in shown]),
    )


def _count(one: Ranked) -> int:
    return one.count


def _pinned(ties: Sequence[Tie], emergencies: Set[int]) -> tuple[list[Tie], list[Tie]]:
    """Ties of the first answers that are emergencies, and those of the other answers."""
    pinned: list[Tie] = []
    listed = []
    left = MOST_PINNED
    for tie in ties:
        if urgent := sorted(tie.shared.keys() & emergencies)[:left]:
            left -= len(urgent)
            pinned.append(Tie(tie.count, {answer: tie.shared[answer] for answer in urgent}))
            tie = Tie(tie.count, {answer: of for answer, of in tie.shared.items() if answer not in urgent})
        listed.append(tie)
    return pinned, listed


class _Choice:
    """What was chosen, with the kinds of it, and which of the rows that match each of some answers has."""

    def __init__(
        self, chosen: Sequence[Page], kinds: Mapping[int, set[int]], rows: Iterable[Row], answers: Collection[int]
    ) -> None:
        self.pages = chosen
        self._kinds = kinds
        self._links: dict[int, dict[int, int]] = defaultdict(dict)
        self.everyday: set[int] = set()
        for answer, symptom, _, everyday, link, is_own in rows:
            if answer in answers:
                if is_own or symptom not in self._links[answer]:
                    self._links[answer][symptom] = link
                if everyday:
                    self.everyday.add(answer)

    def joined(self) -> list[tuple[Page, list[Page]]]:
        """The chosen symptoms of which kinds were chosen too, each with those."""
        kinds = ((one, [page for page in self.pages if page.pk in self._kinds.get(one.pk, ())]) for one in self.pages)
        return [(one, some) for one, some in kinds if some and some != [one]]

    def named(self, answer: int) -> Collection[int]:
        """The chosen symptoms and kinds of them that go with an answer."""
        return self._links[answer].keys()

    def matches(self, answer: int) -> tuple[dict[int, Page | None], list[Page]]:
        """The links by which an answer names chosen symptoms, or kinds of one, which comes with them; what is missing.

        Each is named once: a kind that was chosen too, or has stood under another, is not said again.
        """
        links = self._links[answer]
        used = {page.pk for page in self.pages if page.pk in links}
        found: dict[int, Page | None] = {}
        missing = []
        for page in self.pages:
            kinds = [kind for kind in sorted(self._kinds.get(page.pk, ())) if kind in links]
            if page.pk in links:
                found[links[page.pk]] = None
            elif kinds:
                found |= {links[kind]: page for kind in kinds if kind not in used}
                used.update(kinds)
            else:
                missing.append(page)
        return found, missing

    def apart(self, in_order: Sequence[Ranked]) -> list[tuple[Page, list[Ranked]]]:
        """The first answers under each chosen symptom, where none names more than one thing."""
        most = max(MOST_APART, MOST_SHOWN // len(self.pages))
        found: list[tuple[Page, list[Ranked]]] = [(page, []) for page in self.pages]
        for one in in_order:
            missing = self.matches(one.answer)[1]
            some = next(some for page, some in found if page not in missing)
            if len(some) < most:
                some.append(one)
        return found


class _Explained:
    """Why answers are shown, in words and with the words that it rests on."""

    def __init__(
        self, choice: _Choice, totals: Mapping[int, int], shown: Sequence[Ranked], listed: Sequence[Ranked]
    ) -> None:
        self._choice, self._totals = choice, totals
        links = {link: one.answer for one in shown for link in choice.matches(one.answer)[0]}
        says = {page: as_of_now(page.live).get(NOW) for page in choice.pages if page.live}
        self._calls = {page: text for page, text in says.items() if text}
        answers = {one.answer for one in shown}
        wanted = answers | {one.answer for one in listed}
        self._pages, said = find_rows.explaining(answers, wanted, links, [page.pk for page in self._calls])
        self._rows = {one.link: one for one in said if one.link in links}
        self._marks: dict[int, list[Said]] = defaultdict(list)
        self._symptoms: dict[int, dict[int, End]] = defaultdict(dict)
        self._cited: dict[int, dict[str, End]] = defaultdict(dict)
        for one in said:
            if one.via:
                self._marks[one.via].append(one)
            elif one.relation in CITING:
                self._cited[one.answer][one.slug] = one.page
            elif one.certainty != ABSENT:
                self._symptoms[links.get(one.link, one.answer)][one.page.pk] = one.page
        cited = {one.page.pk for one in said if one.relation in CITING}
        self._proven = Proof(Notes(), proof.cited(find_rows.texts(cited)))

    def cards(self) -> list[Card]:
        """What chosen symptoms say of calling for help, equal texts once."""
        by_text: dict[str, list[Page]] = {}
        for page, text in self._calls.items():
            by_text.setdefault(text, []).append(page)
        return [
            Card(care_card(FIELDS[NOW], text, self._cited[pages[0].pk], self._proven), pages)
            for text, pages in by_text.items()
        ]

    def page(self, one: Ranked) -> End:
        return self._pages[one.answer]

    def answer(self, one: Ranked) -> Answer:
        links, missing = self._choice.matches(one.answer)
        matches = [self._match(self._rows[link], broader) for link, broader in links.items() if link in self._rows]
        more = self._totals[one.answer] - len(self._choice.named(one.answer))
        is_everyday = one.answer in self._choice.everyday
        return Answer(self._pages[one.answer], one.count, is_everyday, matches, missing, more)

    def _match(self, row: Said, broader: Page | None) -> Match:
        marks = self._marks[row.link]
        tags = ((one.page.slug, one.page.name) for one in marks if one.relation == TAGS.name)
        how = where_and_how(tags, f"{row.page.name} {row.note}")
        role = _CAUSE_ROWS.role_label(row.role) if _CAUSE_ROWS and row.relation == _CAUSE_ROWS.name else ""
        often = ", ".join(filter(None, (CERTAINTY.choice_label(row.certainty), role)))
        cited = ((one.page, words) for one in marks if one.relation in CITING for words in _carried(one))
        note = " ".join(filter(None, (how, row.note)))
        return Match(row.page, broader, often.capitalize(), note, self._proven.words(cited))

    def telling(self, answers: Sequence[int]) -> list[End]:
        """The symptoms that tell answers apart best."""
        symptoms = {pk: page for answer in answers for pk, page in self._symptoms[answer].items()}
        known = {page.pk for page in self._choice.pages}
        names = {pk: page.sort_key for pk, page in symptoms.items()}
        best = telling_apart([self._symptoms[answer] for answer in answers], known, names)
        return [symptoms[pk] for pk in best[:MOST_ADDED]]


def _carried(mark: Said) -> list[str]:
    """The words that a citation of a row carries; none where the row is in our words."""
    return [words for _, _, words in mark.quotes] or [""]
