"""What a record states, the words that it rests on, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conditions import characters, prose, quotes
from conditions.quotes import Quote, quotes_in
from conditions.records import Problem, RecordLike, in_words, listed, schema_of
from conditions.schema import CERTAINTY, CITATIONS, ITSELF, QUOTED, Field, FieldType, Kind


@dataclass(frozen=True)
class Statement:
    """A relation row, or a sentence of text that cites: what can be true or false.

    path: the field, or the relation and target. said: in our words; of a row its note. certainty: None of a sentence.
    quotes: what it cites, with the words where it carries some.
    """

    path: tuple[str, ...]
    said: str
    certainty: str | None
    quotes: tuple[Quote, ...]


def of_record(record: RecordLike) -> Iterator[Statement]:
    """What a record states and rests on something, in the order of its fields and rows."""
    schema = schema_of(record)
    for field in schema.fields:
        yield from _statements_of(field, record.get(field.name))
    for relation in schema.relations:
        for row in record.get(relation.name) or ():
            said, certainty = row.get("note") or "", row.get(CERTAINTY.name) or ""
            yield Statement((relation.name, row["target"]), said, certainty, tuple(quotes_of_row(row)))


def _statements_of(field: Field, value: object) -> Iterator[Statement]:
    if field.type not in (FieldType.STATEMENT, FieldType.MARKDOWN) or not isinstance(value, str) or "[@" not in value:
        return
    if field.type is FieldType.STATEMENT:
        pieces = prose.statement_pieces(value)
    else:
        pieces = tuple(piece for block in prose.blocks(value) for piece in block.pieces)
    for piece in pieces:
        if piece.quotes:
            yield Statement((field.name,), piece.words, None, piece.quotes)


def quotes_of_row(row: RecordLike) -> list[Quote]:
    """What a row rests on, with the words where it carries some."""
    found = [quote for line in row.get("quotes") or () for quote in quotes_in(line)]
    known = {quote.slug for quote in found}
    bare = [slug for field in CITATIONS for slug in row.get(field.name) or () if slug not in known]
    return [*found, *(Quote(slug, "") for slug in bare)]


def quotes_by_reference(record: RecordLike) -> dict[tuple[tuple[str, ...], str], list[list[str]]]:
    """What citations carry, by their place in the record and what is cited: lists of field, sentence and words.

    A row says no field and no sentence: it is the statement.
    """
    found: dict[tuple[tuple[str, ...], str], list[list[str]]] = {}
    for one in of_record(record):
        place = ("", "") if one.certainty is not None else (one.path[0], one.said)
        for quote in one.quotes:
            if quote.words and quote.slug != ITSELF:
                for field in CITATIONS:
                    path = (*one.path, field.name) if one.certainty is not None else (field.name,)
                    found.setdefault((path, quote.slug), []).append([*place, quote.words])
    return found


def quotable(record: RecordLike) -> str:
    """The text of a document or source in which the words that are quoted stand, cleaned as all that is typed is."""
    said = record.get(QUOTED[Kind(record["kind"])]) or ""
    return characters.cleaned("\n\n".join(said) if isinstance(said, list) else str(said))


def as_given(record: RecordLike) -> str:
    """The same text as readers are shown it; a passage is a line of it."""
    said = record.get(QUOTED[Kind(record["kind"])]) or ""
    return "\n".join(said) if isinstance(said, list) else str(said)


# What is wrong with them


def quoted(record_list: Iterable[RecordLike]) -> set[str]:
    """The slugs of what records quote words from."""
    found = (quote for record in record_list for one in of_record(record) for quote in one.quotes)
    return {quote.slug for quote in found if quote.words}


def problems(record: RecordLike, texts: Mapping[str, str]) -> list[Problem]:
    """Words that are no quotes, and quotes cut so that what they say changes.

    texts: those that can be quoted, by slug; what is not among them is checked by who knows references.
    """
    stated = list(of_record(record))
    # Not a copy of all texts with its own: a load of many documents asks this of each of them.
    texts = {quote.slug: texts[quote.slug] for one in stated for quote in one.quotes if quote.slug in texts}
    if record["kind"] == Kind.QUESTION and (stated or record.get("carries_nothing")):
        texts[ITSELF] = quotable(record)
    found = [Problem(_place_of_statement(one), words) for one in stated for words in _flaws_of_statement(one, texts)]
    return found + [
        Problem(("carries_nothing",), words)
        for line in record.get("carries_nothing") or ()
        if (words := _flaw_of_reason(line, record, texts[ITSELF]))
    ]


def _flaw_of_reason(line: str, record: RecordLike, answer: str) -> str:
    """What is wrong with words that carry nothing, or with the reason of that."""
    reason, words = quotes.reason_of(line)
    if not reason:
        return f"{in_words(line)} has no reason; begin it with one of: {', '.join(quotes.REASONS)}"
    source = reason.removeprefix("contradicted by ")
    if source != reason and source not in listed(record):
        return f"{source!r} is not among this question's sources; add it there"
    return f"the answer {flaw}: {in_words(words)}" if (flaw := quotes.flaw(answer, words)) else ""


def _place_of_statement(one: Statement) -> tuple[str, ...]:
    return one.path if one.certainty is None else (*one.path, "quotes")


def _flaws_of_statement(one: Statement, texts: Mapping[str, str]) -> list[str]:
    by_slug: dict[str, list[str]] = {}
    found = []
    for quote in one.quotes:
        if not quote.words or quote.slug not in texts:
            continue
        by_slug.setdefault(quote.slug, []).append(quote.words)
        if flaw := quotes.flaw(texts[quote.slug], quote.words):
            found.append(f"{quote.slug!r} {flaw}: {in_words(quote.words)}")
    if found:
        return found
    for slug, words in by_slug.items():
        for word in quotes.left_out(texts[slug], words, one.said, one.certainty):
            cut = f"the sentence of {slug!r} around {in_words(words[0])} says “{word}”, which the quote leaves out"
            found.append(f"{cut}; quote it too, or say it in the statement")
    return found + _flaws_of_certainty(one, [words for each in by_slug.values() for words in each])


def _flaws_of_certainty(one: Statement, words: Sequence[str]) -> list[str]:
    """Where a row says how often it holds, and its quotes say something else."""
    if one.certainty is None or not words:
        return []
    if not one.certainty:
        doubts = quotes.unsaid_doubt(words, one.said)
        return [
            f"the words say “{word}”, and the row does not; choose how often, or say it in the note" for word in doubts
        ]
    label = CERTAINTY.choice_label(one.certainty)
    if quotes.says(one.certainty, words):
        return []
    return [f"no words quoted here say “{label.lower()}”; quote those that do, or choose another"]
