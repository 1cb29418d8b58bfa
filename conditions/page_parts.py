"""The parts of a page as readers see it: links, rows, lists of rows, and texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString

from conditions import face, proof, prose
from conditions.footnotes import Note
from conditions.models.published import Page, Review, Version, page_address
from conditions.proof import Known, Said, Shown, Stretch, Words
from conditions.quotes import contradicting, reason_of
from conditions.records import RecordLike
from conditions.schema import (
    ABOUT,
    ABSENT,
    CAN_HAPPEN,
    CERTAINTY,
    KINDS_OF,
    SCHEMAS,
    SOURCES,
    TAGS,
    FieldType,
    Heading,
    Kind,
    Relation,
    Schema,
)

_ENDING = re.compile(r"(?:(?<=o)e)?s$")


def where_and_how(tags: Iterable[tuple[str, str]], told: str) -> str:
    """What the tags of a statement say, slugs and names, in sentences: where it is, and how it comes.

    Not what is told beside them, in other words than these.
    """
    known = prose.fold(told)
    new = [(slug, name) for slug, name in tags if not _pattern(name).search(known)]
    places = [place for slug, name in new if (place := face.phrase(slug, name))]
    sides = [side for slug, _ in new if (side := face.side(slug))]
    where = ", ".join(filter(None, (_listed(places), *sides)))
    others = [name for slug, name in new if not face.phrase(slug, name) and not face.side(slug)]
    sentences = filter(None, (f"Where: {where}" if places else where.capitalize(), *others))
    return " ".join(f"{sentence}." for sentence in sentences)


def _pattern(name: str) -> re.Pattern[str]:
    """What finds a tag's name in a text, also with other endings: come and go."""
    return re.compile(r"\b" + r"\w* ".join(_ENDING.sub("", word) for word in prose.fold(name).split()))


def _listed(words: Sequence[str]) -> str:
    """Words one after the other, as a sentence says them."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


@dataclass(frozen=True)
class OutLink:
    """What a page refers to, and readers can see. key, via: numbers by which a link names the one that it qualifies."""

    key: int
    via: int | None
    relation: str
    slug: str
    target: Page
    certainty: str
    role: str
    everyday: bool
    note: str
    quotes: list[list[str]]


def said_by(row: RecordLike) -> dict[str, object]:
    """What a row of a record says besides what it leads to and rests on, as links keep it."""
    texts = {name: row.get(name) or "" for name in ("certainty", "role", "note")}
    return texts | {"everyday": bool(row.get("everyday"))}


@dataclass(frozen=True)
class Row:
    """One relation as readers see it: where it leads, what it says, what it rests on.

    certainty: how often it holds. anchor: its address on its owner's page; empty on other pages.
    """

    page: Page
    note: str
    role: str
    tags: tuple[Page, ...]
    words: tuple[Words, ...]
    target: Page | None = None
    """Where `page` is the owner of a relation elsewhere that carries a tag or cites: what that relation leads to."""
    certainty: str = ""
    everyday: bool = False
    anchor: str = ""

    @property
    def notes(self) -> tuple[Note, ...]:
        return proof.notes_of(self.words)

    @property
    def often(self) -> str:
        """How often it holds, in words."""
        return CERTAINTY.choice_label(self.certainty)


@dataclass(frozen=True)
class Section:
    """A titled list of rows on the page. may: what stands above rows that can happen, if not the words for that."""

    anchor: str
    title: str
    rows: list[Row]
    by_role: bool = False
    may: str = ""

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """Its rows by how often they hold, what is plainly stated first, and everyday causes first in each.

        Or by how their ends are related.
        """
        if self.by_role:
            roles = dict.fromkeys(row.role for row in self.rows)
            return [(role, [row for row in self.rows if row.role == role]) for role in roles]
        found = [("", [row for row in self.rows if not row.certainty])]
        titles = {one.value: one.label for one in CERTAINTY.choices}
        titles[CAN_HAPPEN] = self.may or titles[CAN_HAPPEN]
        found += [(title, [row for row in self.rows if row.certainty == said]) for said, title in titles.items()]
        return [(title, sorted(rows, key=lambda row: not row.everyday)) for title, rows in found if rows]


@dataclass(frozen=True)
class Term:
    """A medical word that readers can look up, and the forms in which it stands in texts."""

    slug: str
    name: str
    summary: str
    forms: tuple[str, ...]

    @property
    def url(self) -> str:
        return page_address(Kind.TERM, self.slug)


@dataclass(frozen=True)
class Prose:
    """A text of the entry: its place on the page, and its blocks; or of a card of care, its HTML and what it rests on.

    level: of care, how urgent it is.
    when: what a card asks for and for whom, where its first sentence says that: "See a doctor today if ...".
    """

    anchor: str
    title: str
    blocks: list[Shown] = field(default_factory=list)
    text: SafeString = field(default_factory=SafeString)
    level: str = ""
    words: tuple[Words, ...] = ()
    when: str = ""

    @property
    def notes(self) -> tuple[Note, ...]:
        return proof.notes_of(self.words)


GAPS = ("gaps", "What we have not found")
"""The anchor and title of what readers ask first and the page does not say."""
QUESTIONS = ("questions", "Questions people ask")
"""The anchor and title of the questions about an entry."""
WORDS = ("words-explained", "Words explained")
"""The anchor and title of the medical words that its texts use."""
BACKLINKS_BEFORE = "at_the_doctor"
"""The part of the page before which what refers to it stands."""


@dataclass
class PageContent:
    """A page as readers see it: what its version says, by the names of fields and relations."""

    page: Page
    version: Version
    record: RecordLike
    answer: tuple[Said, ...] = ()
    """The summary; of a question, in short."""
    stretches: list[Stretch] = field(default_factory=list)
    """The text of a document or source, with the passages that carry statements."""
    prose: dict[str, Prose] = field(default_factory=dict)
    codes: dict[str, list[SafeString]] = field(default_factory=dict)
    references: dict[str, list[Page]] = field(default_factory=dict)
    relations: dict[str, Section] = field(default_factory=dict)
    questions: list[Page] = field(default_factory=list)
    backlinks: list[Section] = field(default_factory=list)
    documents: list[Known] = field(default_factory=list)
    sources: list[Known] = field(default_factory=list)
    words_explained: list[Term] = field(default_factory=list)
    """The medical words that are marked in its texts, by name."""
    subject: Page | None = None
    """What a question is mainly about, if readers can see it."""
    lent: list[Prose] = field(default_factory=list)
    """What to do about the main subject, as its page says now."""
    part: int = 1
    """Which page of what refers here this is."""
    more: int | None = None
    """Number of the next page of what refers here, if there is more than fits."""
    published: datetime | None = None
    """When an edition showed the page first; nothing of an old version."""
    own_review: Review | None = None
    """The approval of exactly this version, where it is not what readers see."""

    @property
    def kind(self) -> Kind:
        return Kind(self.page.kind)

    @property
    def schema(self) -> Schema:
        return SCHEMAS[self.kind]

    @property
    def name(self) -> str:
        return str(self.record["name"])

    @property
    def review(self) -> Review | None:
        """What readers are told of the review of what they see; of another version, that exactly it was approved."""
        is_live = self.version.pk is not None and self.version.pk == self.page.live_id
        return self.page.review if is_live else self.own_review

    @property
    def is_reviewed(self) -> bool:
        """Whether exactly this version was approved, and no review is due."""
        return self.review is not None and not self.review["changed"] and not self.review["is_due"]

    @property
    def reviewed_at(self) -> datetime | None:
        return datetime.fromisoformat(self.review["at"]) if self.review else None

    @property
    def summary(self) -> str:
        return prose.uncited(str(self.record.get("summary", "")))

    def words(self) -> Iterator[tuple[Words, str]]:
        """The words that its statements rest on, in order, each with the address of the statement on the page."""
        texts = [block.pieces for one in self.prose.values() for block in one.blocks]
        for piece in [*self.answer, *(piece for pieces in texts for piece in pieces)]:
            yield from ((one, piece.anchor) for one in piece.words)
        for care in self.prose.values():
            yield from ((one, care.anchor) for one in care.words)
        for section in [*self.relations.values(), *self.backlinks]:
            for row in section.rows:
                yield from ((one, row.anchor) for one in row.words)

    @property
    def has_passages(self) -> bool:
        """Whether some of its words carry a statement."""
        return any(one.letter for one in self.stretches)

    @property
    def pages(self) -> list[Page]:
        """The pages that a document or source has to do with, each once: first what it is about."""
        rows = (row.page for section in self.backlinks for row in section.rows)
        return list(dict.fromkeys([*self.references.get(ABOUT.name, ()), *rows]))

    @property
    def unused(self) -> list[tuple[str, str]]:
        """Words of a document that carry nothing: why, and which."""
        return [reason_of(line) for line in self.record.get("carries_nothing") or () if not contradicting(line)]

    @property
    def contradicted(self) -> list[tuple[str, Page]]:
        """Words of a document that a source contradicts, and that source, where readers see it."""
        sources = {page.slug: page for page in self.references.get(SOURCES.name, ())}
        lines = self.record.get("carries_nothing") or ()
        return [(reason_of(line)[1], sources[slug]) for line in lines if (slug := contradicting(line)) in sources]

    @property
    def dates(self) -> dict[str, date | None]:
        """The dates that the entry says, by field."""
        fields = [one.name for one in self.schema.fields if one.type is FieldType.DATE]
        return {name: parse_date(self.record.get(name, "")) for name in fields}

    @property
    def care(self) -> list[Prose]:
        """When to get help, the most urgent first."""
        return [one for one in self.prose.values() if one.level] or self.lent

    @property
    def begins_with_care(self) -> bool:
        """Whether the answer in short comes after the card: where somebody may have to call for help."""
        return any(one.level == "now" for one in self.lent)

    @property
    def urgent(self) -> Page | None:
        """A page that this one leads to and that says when to call for help, where this one does not.

        Of several the first: of a symptom those of which it is a kind and its own kinds, then what one can have before
        what is done about it. Of a question only what it is about, not all that rests on its answer.
        """
        if self.kind not in (*ABOUT.kinds, Kind.QUESTION) or any(one.level == "now" for one in self.care):
            return None
        sections = [] if self.kind is Kind.QUESTION else [*self.relations.values(), *self.backlinks]
        rows = (row for section in sections for row in section.rows if row.certainty != ABSENT)
        named = (page for field in (ABOUT, KINDS_OF) for page in self.references.get(field.name, ()))
        pages = [page for page in (*named, *(row.page for row in rows)) if page.is_urgent]
        return min(pages, key=lambda page: (page.kind != self.kind, list(Kind).index(Kind(page.kind))), default=None)

    @property
    def _stated_places(self) -> dict[str, tuple[str, bool]]:
        """What it is tagged with: slug -> name, and whether that is only said with the tag of one side.

        A symptom by itself, a condition by its rows of symptoms.
        """
        rows = self.relations["symptoms"].rows if "symptoms" in self.relations else ()
        tagged = [row.tags for row in rows if row.certainty != ABSENT]
        if self.kind is Kind.SYMPTOM:
            tagged.append(tuple(self.references[TAGS.name]))
        found: dict[str, tuple[str, bool]] = {}
        for tags in tagged:
            one_side = any(tag.slug in face.ONE_SIDE.tags for tag in tags)
            for tag in tags:
                name, before = found.get(tag.slug, (tag.name.lower(), True))
                found[tag.slug] = (name, before and one_side)
        return found

    @property
    def places(self) -> list[face.Mark]:
        """What marks on a drawing where it is, as tags state. Of two statements that differ, both sides count."""
        return face.marked({slug: one_side for slug, (_, one_side) in self._stated_places.items()})

    @property
    def named_places(self) -> list[tuple[str, bool]]:
        """What its places on the face are called, and whether it is only on one side there."""
        stated = self._stated_places
        return [stated[slug] for slug in face.ON_FACE if slug in stated]

    @property
    def where(self) -> str:
        """Its places in words: "Where: the jaw. One side: the eyelids and the cheek."."""
        both = _listed([f"the {name}" for name, one_side in self.named_places if not one_side])
        one = _listed([f"the {name}" for name, one_side in self.named_places if one_side])
        return " ".join(filter(None, (both and f"Where: {both}.", one and f"One side: {one}.")))

    @property
    def gaps(self) -> list[str]:
        """What readers of a condition ask first and neither its documents nor its sources said."""
        if self.kind is not Kind.CONDITION:
            return []
        found = [] if self.prose.get("outlook") else ["how serious it is, and how long it lasts"]
        found += [] if self.prose.get("tests") else ["how doctors find it out"]
        return found if self.relations["treatments"].rows else [*found, "what treats it"]

    @property
    def read_on(self) -> list[Known]:
        """The sources of the page that can be read elsewhere."""
        return [one for one in self.sources if one.cited.said.get("url")]

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Anchor and title of the parts of the page, in their order."""
        found = [(Heading.CARE.anchor, self.schema.care_title)] if self.care else []
        backlinks = [(section.anchor, section.title) for section in self.backlinks]
        for part in self.schema.page_order:
            if part.name == BACKLINKS_BEFORE:
                found, backlinks = found + backlinks, []
            if isinstance(part, Relation):
                section = self.relations[part.name]
                found += [(section.anchor, section.title)] if section.rows else []
            elif part.name in self.prose and part.heading not in (Heading.CARE, Heading.OUTLOOK):
                found.append((self.prose[part.name].anchor, self.prose[part.name].title))
        found += backlinks + ([GAPS] if self.gaps else [])
        found += [QUESTIONS] if self.questions else []
        return found + ([WORDS] if self.words_explained else [])
