"""What statements rest on, as readers see it: the very words and who says them, and back from a document's words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise

from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString, mark_safe
from markupsafe import Markup

from conditions import quotes
from conditions.footnotes import CitedPage, Note, Notes
from conditions.markdown import Block, Piece
from conditions.models.published import Link, Page
from conditions.quotes import Quote
from conditions.records import RecordLike
from conditions.schema import CERTAINTY, CITED, FIELDS, SCHEMAS, Heading, Kind
from conditions.statements import quotable


@dataclass(frozen=True)
class Cited:
    """A document or source as readers see it now: the text in which quoted words stand, and what it says of itself."""

    text: str
    said: RecordLike

    @property
    def accessed(self) -> date | None:
        """When somebody read it last, if that is known."""
        return parse_date(self.said.get("accessed") or self.said.get("retrieved") or "")

    @property
    def by(self) -> str:
        """Who says it: the author or the publisher; that nobody knows, of a document without either."""
        return self.said.get("author") or self.said.get("publisher") or "author not known"


NOTHING = Cited("", {})


def anchor_of(prefix: str, words: str) -> str:
    """The stable address of words on a page: of a statement, or of a passage."""
    return f"{prefix}-{hashlib.sha256(quotes.one_line(words).encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Quoted:
    """A sentence of a document or source, in parts: whether the words carry the statement, and the words."""

    parts: tuple[tuple[bool, str], ...]
    carrying: list[str]
    """The words that were quoted from it."""

    @cached_property
    def html(self) -> Markup:
        """The sentence, with the words that carry the statement underlined."""
        return Markup().join(Markup("<u>{}</u>").format(text) if carries else text for carries, text in self.parts)


@dataclass(frozen=True)
class Words:
    """What a statement rests on in one document or source. No sentences: the statement is in our words."""

    note: Note
    sentences: tuple[Quoted, ...]
    by: str = ""
    """Who says it."""

    @property
    def url(self) -> str:
        """Where these words stand on the page of the document or source."""
        first = self.sentences[0].carrying[0] if self.sentences else ""
        return f"{self.note.page.url}#{anchor_of('q', first)}" if first else self.note.page.url


@dataclass(frozen=True)
class Said:
    """A statement as readers see it: its HTML, its address on the page, and what it rests on.

    id: its address, where no other of the same words has it already. is_own: whether it is ours and rests on nothing.
    """

    html: SafeString
    anchor: str
    words: tuple[Words, ...]
    id: str = ""
    is_own: bool = False

    @property
    def notes(self) -> tuple[Note, ...]:
        return notes_of(self.words)


def notes_of(words: Iterable[Words]) -> tuple[Note, ...]:
    """The footnotes of words, each once."""
    return tuple(dict.fromkeys(one.note for one in words))


@dataclass(frozen=True)
class Shown:
    """A block of text as readers see it; `Block` says what tag and start are."""

    tag: str
    pieces: tuple[Said, ...]
    start: int | None


def cited(read: Mapping[int, RecordLike]) -> dict[int, Cited]:
    """Documents and sources as readers see them now, by page; of the live records that are given."""
    return {page: Cited(quotable(record), record) for page, record in read.items() if record["kind"] in CITED}


@dataclass(frozen=True)
class Proof:
    """Finds for what statements cite the words to show, and gives out footnotes. cited: by page."""

    numbered: Notes
    cited: Mapping[int, Cited]
    given: set[str] = field(default_factory=set)

    def words(self, found: Iterable[tuple[CitedPage, str]]) -> tuple[Words, ...]:
        """What citations rest on: pages, and the words that they carry; none where a statement is in our words."""
        by_page: dict[int, tuple[CitedPage, list[str]]] = {}
        for page, said in found:
            by_page.setdefault(page.pk, (page, []))[1].append(said)
        return tuple(
            Words(self.numbered.of(page), self._sentences(page, said), self.cited.get(page.pk, NOTHING).by)
            for page, said in by_page.values()
        )

    def _sentences(self, page: CitedPage, said: Iterable[str]) -> tuple[Quoted, ...]:
        return _sentences(self.cited.get(page.pk, NOTHING).text, tuple(dict.fromkeys(filter(None, said))))

    def quoted(self, cited: Mapping[str, CitedPage], found: Iterable[Quote]) -> tuple[Words, ...]:
        """What a statement rests on; what readers cannot see is left out."""
        return self.words((cited[quote.slug], quote.words) for quote in found if quote.slug in cited)

    def said(self, piece: Piece, cited: Mapping[str, CitedPage]) -> Said:
        words = self.quoted(cited, piece.quotes)
        is_own = not piece.quotes and piece.words.endswith((".", "!", "?"))
        anchor = anchor_of("s", piece.words) if words and piece.words else ""
        is_first = anchor not in self.given
        self.given.add(anchor)
        return Said(mark_safe(piece.html), anchor, words, anchor if is_first else "", is_own)

    def shown(self, blocks: Iterable[Block], cited: Mapping[str, CitedPage]) -> list[Shown]:
        return [Shown(one.tag, tuple(self.said(piece, cited) for piece in one.pieces), one.start) for one in blocks]


@lru_cache(2000)  # a page shows the same ones each time, and pages that cite the same do
def _sentences(text: str, carrying: tuple[str, ...]) -> tuple[Quoted, ...]:
    """The sentences of a document around words of it that carry a statement."""
    whole = {words: sentence for words in carrying if (sentence := quotes.sentence_of(text, words))}
    wholes = dict.fromkeys("".join(whole[words]) if words in whole else words for words in carrying)
    return tuple(
        Quoted(tuple(_parts(sentence, carrying)), [one for one in carrying if quotes.spans(sentence, one)])
        for sentence in wholes
    )


def _parts(sentence: str, carrying: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """A sentence cut into what carries a statement and what does not."""
    spans = sorted(span for words in carrying for span in quotes.spans(sentence, words)[:1])
    done = 0
    for start, end in spans:
        if end <= done:
            continue
        start = max(start, done)
        if done < start:
            yield False, sentence[done:start]
        yield True, sentence[start:end]
        done = end
    if done < len(sentence):
        yield False, sentence[done:]


@dataclass(frozen=True)
class Known:
    """How we know: a document or source, and the words of it that the page uses, each with where it uses them."""

    note: Note
    cited: Cited
    uses: list[tuple[str, list[str]]]


def known(notes: Iterable[Note], cited: Mapping[int, Cited], used: Iterable[tuple[Words, str]]) -> list[Known]:
    """What a page rests on. used: the words of its statements, and the addresses of these on the page."""
    by_note: dict[Note, dict[str, list[str]]] = {}
    for words, anchor in used:
        for said in (one for sentence in words.sentences for one in sentence.carrying if anchor):
            places = by_note.setdefault(words.note, {}).setdefault(said, [])
            places += [] if anchor in places else [anchor]
    return [Known(one, cited.get(one.page.pk, NOTHING), list(by_note.get(one, {}).items())) for one in notes]


@dataclass(frozen=True)
class Carried:
    """A statement elsewhere that rests on words: its page, where it is on it, and what it says."""

    page: Page
    anchor: str
    said: str

    @property
    def url(self) -> str:
        return f"{self.page.url}#{self.anchor}"


@dataclass(frozen=True)
class Stretch:
    """A piece of a document's text. letter: of a passage that carries something; anchors: of the quotes in it."""

    text: str
    letter: str = ""
    anchors: tuple[str, ...] = ()
    carried: tuple[Carried, ...] = ()


def row_anchor(relation: str, slug: str) -> str:
    """The stable address of a row on its owner's page."""
    return f"{relation}-{slug}"


CARE = frozenset(name for name, field in FIELDS.items() if field.heading is Heading.CARE)


def care_anchor(field: str) -> str:
    """The address of a card of care on its page: it is one statement, whatever number of sentences it has."""
    return f"{Heading.CARE.anchor}-{field.removeprefix('help_')}"


def carried_by(links: Iterable[Link]) -> list[tuple[str, Carried]]:
    """What links into a document carry: its words, and the statement that rests on them."""
    found = []
    for link in links:
        for place, said, words in link.quotes:
            if link.via:
                relation = SCHEMAS[Kind(link.owner.kind)].relation(link.via.relation)
                often = CERTAINTY.choice_label(link.via.certainty).lower()
                title = ", ".join(filter(None, (relation.label if relation else link.via.relation, often)))
                label = f"{title}: {link.via.target.name}"
                found.append((words, Carried(link.owner, row_anchor(link.via.relation, link.via.slug), label)))
            else:
                anchor = care_anchor(place) if place in CARE else anchor_of("s", said)
                found.append((words, Carried(link.owner, anchor, said)))
    return found


def stretches(text: str, carried: Sequence[tuple[str, Carried]]) -> list[Stretch]:
    """A document's text in order: passages that carry statements, quotes that overlap as one, and what is between."""
    spans = sorted({(span, words) for words, _ in carried for span in quotes.spans(text, words)[:1]})
    passages: list[tuple[int, int, list[str]]] = []
    for (start, end), words in spans:
        if passages and start < passages[-1][1]:
            first, last, known = passages[-1]
            passages[-1] = (first, max(last, end), [*known, words])
        else:
            passages.append((start, end, [words]))
    found = []
    edges = [(0, 0, [""]), *passages, (len(text), len(text), [""])]
    for number, (before, here) in enumerate(pairwise(edges)):
        if before[1] < here[0]:
            found.append(Stretch(text[before[1] : here[0]]))
        if here[0] < here[1]:
            on_it = tuple(dict.fromkeys(one for words, one in carried if words in here[2]))
            anchors = tuple(dict.fromkeys(anchor_of("q", words) for words in here[2]))
            found.append(Stretch(text[here[0] : here[1]], letters(number), anchors, on_it))
    return found


def letters(number: int) -> str:
    """0, 1, ... 25, 26 as a, b, ... z, aa."""
    rest, last = divmod(number, 26)
    return (letters(rest - 1) if rest else "") + chr(ord("a") + last)
