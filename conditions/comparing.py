"""Conditions side by side: which are asked for, what each says of the same thing, and which are most alike.

Nothing here asks the database: pages come from `page_content`, and what is found in other ways from the view.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as date_words
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from conditions import proof, prose
from conditions.footnotes import Note
from conditions.models.published import Page
from conditions.page_parts import PageContent, Row, where_and_how
from conditions.proof import Known, Shown, Words
from conditions.row_fields import MISTAKEN
from conditions.schema import ABSENT, CERTAINTY, SCHEMAS, SLUG_LENGTH, Field, FieldType, Heading, Kind, Relation

MOST = 3
"""Most conditions side by side: more columns are no help on a phone."""
MOST_ASKED = 20
"""Most conditions of an address that are looked up."""
MOST_SIGNS = 60
"""Most signs of what is asked for and not here that a page repeats."""
MOST_ALIKE = 6
"""Most conditions that are offered to compare with one."""
RELATED = "related"
PARTS = (
    "summary",
    RELATED,
    "outlook",
    Heading.CARE.anchor,
    "symptoms",
    "causes",
    "who_gets_it",
    "tests",
    "treatments",
    "codes",
)
"""The parts of the pages that are compared, in their order."""
TITLES = {"summary": "In one sentence", "outlook": "How serious it is, and how long it lasts", "codes": "Codes"}
"""Where the table calls a part otherwise than its page does."""
CHANGED = "Last changed"
NOT_NAMED, NOT_SAID = "Not named here", "Not said here"
"""What a gap says: never "no", which nobody states."""
_RELATIONS = {relation.name: relation for relation in SCHEMAS[Kind.CONDITION].relations}
_SLUG = re.compile(rf"[-\w]{{1,{SLUG_LENGTH}}}", re.ASCII)


# What is asked for


def distinct(values: Iterable[str]) -> list[str]:
    """What a query asks to compare, each value once, in their order, and not all of a great many."""
    return list(dict.fromkeys(filter(None, map(str.strip, values))))[:MOST_ASKED]


def is_slug(value: str) -> bool:
    """Whether a page can have such a slug: whatever else readers send is no question for the database."""
    return bool(_SLUG.fullmatch(value))


@dataclass(frozen=True)
class Asked:
    """What readers asked to compare, each once: the pages that are shown, and what is left out and why."""

    shown: list[Page]
    beyond: list[Page]
    withdrawn: list[Page]
    unknown: list[str]


def choose(values: Sequence[str], known: Mapping[str, Page]) -> Asked:
    """Sort what is asked for. known: the pages by the slugs that they have or had."""
    pages = list(dict.fromkeys(known[value] for value in values if value in known))
    live = [page for page in pages if page.live_id]
    withdrawn = [page for page in pages if not page.live_id]
    unknown = [prose.shortened(value, MOST_SIGNS) for value in values if value not in known]
    return Asked(live[:MOST], live[MOST:], withdrawn, unknown)


def address_of(pages: Iterable[Page]) -> str:
    """Where pages stand side by side: the same address for the same pages, whatever their order."""
    asked = urlencode([("condition", slug) for slug in sorted(page.slug for page in pages)])
    return f"{reverse('compare')}{'?' if asked else ''}{asked}"


# The table


@dataclass(frozen=True)
class Cell:
    """What one condition says in one row. Two of equal `key` say the same.

    said: the words that differ most, and where they lead. blocks: a text. codes: codes, with what they rest on.
    """

    key: object
    said: str = ""
    url: str = ""
    note: str = ""
    words: tuple[Words, ...] = ()
    blocks: Sequence[Shown] = ()
    codes: Sequence[SafeString] = ()

    @property
    def notes(self) -> tuple[Note, ...]:
        return proof.notes_of(self.words)

    @property
    def all_words(self) -> list[Words]:
        """What it rests on, its text included."""
        pieces = (piece for block in self.blocks for piece in block.pieces)
        return [*self.words, *(words for piece in pieces for words in piece.words)]


@dataclass(frozen=True)
class Line:
    """A row of the table: what it is about, and a cell for each condition, None where its page says nothing.

    page: the one that the label leads to. missing: what stands in a gap. always: whether it stays where it is, also
    where all say the same. alone: the place of the only condition that says something.
    """

    label: str
    cells: tuple[Cell | None, ...]
    page: Page | None = None
    missing: str = NOT_SAID
    always: bool = False
    alone: int | None = None

    @property
    def is_same(self) -> bool:
        keys = [cell and cell.key for cell in self.cells]
        return not self.always and None not in self.cells and keys.count(keys[0]) == len(keys)

    @property
    def more(self) -> tuple[Words, ...]:
        """What the others rest on and the first does not: where all say the same it is shown once."""
        found: list[Words] = []
        first = self.cells[0].all_words if self.cells[0] else []
        for words in (words for cell in self.cells[1:] if cell for words in cell.all_words):
            found += [] if words in (*first, *found) else [words]
        return tuple(found)

    @property
    def more_notes(self) -> tuple[Note, ...]:
        return proof.notes_of(self.more)


@dataclass(frozen=True)
class Group:
    """Rows of one part of the pages. has_labels: whether each has a label besides the title.

    alone: by condition, the rows that it alone names.
    """

    title: str
    lines: list[Line]
    has_labels: bool = False
    alone: Sequence[Sequence[Line]] = ()


@dataclass(frozen=True)
class Table:
    """Conditions side by side. groups: the rows in which they differ; same: those in which all say the same.

    ties: what their pages say of each other, each row with its owner. known: all that it rests on.
    """

    pages: list[Page]
    groups: list[Group]
    same: list[Group]
    ties: list[tuple[Page, Row]]
    known: Sequence[Known]

    @property
    def count_same(self) -> int:
        return sum(len(group.lines) for group in self.same)


def table(contents: Sequence[PageContent], known: Sequence[Known]) -> Table:
    """The pages side by side, and what they rest on. Their order is that of the columns, and changes nothing else."""
    groups = [_group(name, contents) for name in PARTS if name != RELATED]
    changed = [Cell(words, words) if (words := _changed(content)) else None for content in contents]
    groups.append(Group(CHANGED, [Line(CHANGED, tuple(changed), always=True)] if any(changed) else []))
    differing, same = (_only(groups, is_same) for is_same in (False, True))
    return Table([content.page for content in contents], differing, same, _ties(contents), known)


def _only(groups: Iterable[Group], is_same: bool) -> list[Group]:
    """The rows in which all say the same, or the others; groups without one left out."""
    found = (
        replace(
            group,
            lines=[line for line in group.lines if line.is_same == is_same],
            alone=() if is_same else group.alone,
        )
        for group in groups
    )
    return [group for group in found if group.lines or group.alone]


def _group(name: str, contents: Sequence[PageContent]) -> Group:
    """The rows of one part of the pages; none where no page says anything in it."""
    part = next((one for one in contents[0].schema.page_order if one.name == name), None)
    if isinstance(part, Relation):
        lines = _row_lines(name, contents)
        alone = [[line for line in lines if line.alone == place] for place in range(len(contents))]
        rest = [line for line in lines if line.alone is None]
        return Group(part.title, rest, has_labels=True, alone=alone if any(alone) else ())
    title = TITLES.get(name) or (part.heading.title if part else Heading.CARE.title)
    cells = tuple(_text(part, content) if part else _care(content) for content in contents)
    return Group(title, [Line(title, cells, always=part is None)] if any(cells) else [])


def _text(part: Field, content: PageContent) -> Cell | None:
    """What a page says in one of its texts."""
    if part.type is FieldType.CODES:
        codes = content.codes.get(part.name)
        return Cell(tuple(map(prose.plain, content.record[part.name])), codes=codes) if codes else None
    if part.type is FieldType.STATEMENT:
        blocks = [Shown("p", content.answer, None)] if content.answer else []
    else:
        blocks = content.prose[part.name].blocks if part.name in content.prose else []
    said = prose.uncited(content.record[part.name]) if blocks else ""
    return Cell(prose.fold(said), blocks=blocks) if blocks else None


def _care(content: PageContent) -> Cell | None:
    """The most urgent thing that a page asks for, which leads to the card that says for whom."""
    for one in content.schema.fields:
        if one.heading is Heading.CARE and one.type is FieldType.MARKDOWN and content.record.get(one.name):
            return Cell(one.name, one.title, f"{content.page.url}#{proof.care_anchor(one.name)}")
    return None


def _changed(content: PageContent) -> str:
    edition = content.page.edition
    return date_words(localtime(edition.at), "j F Y") if edition else ""


def _row_lines(name: str, contents: Sequence[PageContent]) -> list[Line]:
    """A line for each page that rows of a relation lead to: first what most conditions name, and most surely."""
    by_page: dict[Page, list[Row | None]] = {}
    for place, content in enumerate(contents):
        for row in content.relations[name].rows:
            by_page.setdefault(row.page, [None] * len(contents))[place] = row
    certainties = {value: place for place, value in enumerate(["", *(one.value for one in CERTAINTY.choices)])}

    def order(found: tuple[Page, list[Row | None]]) -> tuple[int, list[int], str, int]:
        page, rows = found
        sure = sorted(certainties.get(row.certainty, len(certainties)) for row in rows if row)
        return -sum(row.certainty != ABSENT for row in rows if row), sure, page.sort_key, page.pk

    return [
        Line(page.name, tuple(_row_cell(row) if row else None for row in rows), page, NOT_NAMED, alone=_alone(rows))
        for page, rows in sorted(by_page.items(), key=order)
    ]


def _alone(rows: Sequence[Row | None]) -> int | None:
    """The place of the only row, where it says that something is so: that it is not tells conditions apart."""
    (first, row), *others = [(place, row) for place, row in enumerate(rows) if row]
    return None if others or row.certainty == ABSENT else first


def _row_cell(row: Row) -> Cell:
    """What a row says of how often, where and how; only that it is named where it says no more."""
    how = where_and_how(((tag.slug, tag.name) for tag in row.tags), f"{row.page.name} {row.note}")
    note = " ".join(filter(None, (how, row.note)))
    said = ", ".join(filter(None, (row.often, row.role, "Everyday cause" if row.everyday else ""))).capitalize()
    key = (row.certainty, row.role, row.everyday, frozenset(tag.slug for tag in row.tags), prose.fold(row.note))
    return Cell(key, said or ("" if note else "Named here"), note=note, words=row.words)


def _ties(contents: Sequence[PageContent]) -> list[tuple[Page, Row]]:
    """What the pages say of each other, by the names of those that say it."""
    rows = [(content.page, row) for content in contents for row in content.relations[RELATED].rows]
    found = (tie for tie in rows if tie[1].certainty != ABSENT)
    return sorted(found, key=lambda tie: (tie[0].sort_key, tie[0].pk, tie[1].page.sort_key, tie[1].page.pk))


# Which are alike


@dataclass(frozen=True)
class Alike:
    """A condition to compare with one, and where both stand. shared: how many symptoms both have."""

    page: Page
    url: str
    is_mistaken: bool
    shared: int


def most_alike(page: Page, mistaken: Iterable[Page], shared: Iterable[tuple[Page, int]]) -> list[Alike]:
    """The conditions most like one: first those that it is easily mistaken for, then by the symptoms that both have."""
    counts = dict(shared)
    taken_for = set(mistaken)
    found = [
        Alike(one, address_of((page, one)), one in taken_for, counts.get(one, 0)) for one in taken_for | counts.keys()
    ]
    found.sort(key=lambda one: (not one.is_mistaken, -one.shared, one.page.sort_key, one.page.pk))
    return found[:MOST_ALIKE]


def pair(rows: Sequence[Row]) -> tuple[Row, Row] | None:
    """The two rows most alike: of most tags in common, then as often; among equals the first. None of less than two."""
    return max(combinations(rows, 2), key=_alikeness, default=None)


def _alikeness(two: tuple[Row, Row]) -> tuple[int, bool]:
    one, other = two
    return len(set(one.tags) & set(other.tags)), one.certainty == other.certainty


@dataclass(frozen=True)
class Ready:
    """Links to pages side by side that a page offers, words and addresses, below the list with an anchor."""

    anchor: str
    links: list[tuple[str, str]]


def ready(content: PageContent) -> Ready | None:
    """What the page of a symptom or condition offers to compare, from what it shows; None where there is nothing."""
    if content.kind is Kind.SYMPTOM:
        return _ready_of_symptom(content)
    if content.kind is not Kind.CONDITION:
        return None
    role = _RELATIONS[RELATED].role_label(MISTAKEN)
    rows = [row for row in content.relations[RELATED].rows if row.role == role and row.certainty != ABSENT]
    if not rows:
        return Ready("symptoms", [("Compare with conditions like it", address_of([content.page]))])
    pages = [row.page for row in rows[:MOST]]
    links = [(f"Compare with {page.name} side by side", address_of((content.page, page))) for page in pages]
    return Ready(RELATED, links)


def _ready_of_symptom(content: PageContent) -> Ready | None:
    """The conditions that can show it: both, or of more the two that it is most alike in."""
    title = _RELATIONS["symptoms"].backlinks
    section = next((one for one in content.backlinks if one.title == title), None)
    two = section and pair([row for _, rows in section.groups for row in rows])
    if not section or not two:
        return None
    names = " and ".join(row.page.name for row in two)
    words = (
        f"Compare 2 of them side by side: {names}"
        if len(section.rows) > 2
        else "Compare the 2 that can show it side by side"
    )
    return Ready(section.anchor, [(words, address_of(row.page for row in two))])
