"""What keeps drafts from being published, and what readers would miss in them: for the command and the form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.formats import date_format

from conditions import drafts, glossary, prose, statements, validation
from conditions.models import desk
from conditions.models.published import Decision, Page
from conditions.page_content import targets
from conditions.records import (
    Problem,
    Record,
    RecordLike,
    Reference,
    in_words,
    references,
    rows_without_evidence,
    schema_of,
)
from conditions.schema import CITATIONS, CITED, EVIDENCE, IS_CONDITION, Field, FieldType, Kind

LONGEST_SENTENCE = 20
"""Words of a sentence that most readers still follow."""
REVIEW = "review"
"""The place of what is said of the review: it is of the whole entry."""
WITHDRAWN = "is withdrawn, and readers do not see it here; choose another, or take it out"

Place = tuple[Kind, str]
"""A kind and a slug."""


@dataclass(frozen=True)
class Checked:
    """What publishing or saving refuses in a record, and what readers would miss in it: each at its place."""

    blocking: list[Problem]
    advice: list[Problem]


@dataclass(frozen=True)
class Around:
    """What records are checked against. `around` reads it.

    texts: those that words are quoted from, by slug. pages: those of the records and of all that they lead to. on_desk:
    what they link to that is not live, and is on the desk. due: when a review was due, by page, where that is past.
    forms: of a word -> the word that explains it, the first of several.
    """

    texts: Mapping[str, str]
    pages: Mapping[Place, Page]
    on_desk: Collection[Place]
    due: Mapping[int, datetime]
    forms: Mapping[str, str]

    def is_withdrawn(self, place: Place) -> bool:
        page = self.pages.get(place)
        return page is not None and page.live_id is None and page.edition_id is not None


def around(record_list: Sequence[Record]) -> Around:
    """What records of the desk are checked against, in a number of queries that does not grow with them."""
    linked = {place for record in record_list for _, _, _, place in _links(record) if place}
    own = {(Kind(record["kind"]), record["slug"]) for record in record_list}
    wanted = [one for record in record_list for one in references(record)]
    pages = targets([*wanted, *(Reference((), kind, slug, None, {}) for kind, slug in linked | own)])
    not_live = [place for place in linked if place not in pages or pages[place].live_id is None]
    resolver = drafts.SlugResolver(not_live)
    return Around(
        drafts.texts_of(statements.quoted(record_list)),
        pages,
        {place for place in not_live if resolver.knows(*place)},
        _overdue([pages[place].pk for place in own if place in pages]),
        _forms() if any(record["kind"] == Kind.TERM for record in record_list) else {},
    )


def _overdue(pages: list[int]) -> dict[int, datetime]:
    approved = Decision.objects.filter(verb=Decision.Verb.APPROVE, version__page__in=pages).order_by("at", "id")
    last = dict(approved.values_list("version__page", "due"))
    now = timezone.now()
    return {page: due for page, due in last.items() if due and due < now}


def _forms() -> dict[str, str]:
    found: dict[str, str] = {}
    kept = desk.Term.objects.exclude(page__live__isnull=True, page__edition__isnull=False).order_by("slug")
    for slug, name, forms in kept.values_list("slug", "name", "forms"):
        for form in (name, *forms):
            found.setdefault(glossary.one_form(form), slug)
    return found


def check(record: Record, known: Around) -> Checked:
    """All that is wrong with a record of the desk, and what readers would miss in it."""
    wrong = validation.problems(record) or validation.publish_blockers(record)
    return Checked(
        [*wrong, *statements.problems(record, known.texts), *_unstated(record, known)],
        [
            *_overdue_review(record, known),
            *advice(record),
            *_dead_links(record, known),
            *_withdrawn(record, known),
            *_explained_twice(record, known),
        ],
    )


def advice(record: RecordLike) -> list[Problem]:
    """What readers would miss that the record says by itself, also one that cannot be kept yet."""
    return [*validation.advice(record), *_without_evidence(record), *_long_sentences(record)]


def _overdue_review(record: Record, known: Around) -> list[Problem]:
    page = known.pages.get((Kind(record["kind"]), record["slug"]))
    due = known.due.get(page.pk) if page else None
    if due is None:
        return []
    words = f"was due on {date_format(timezone.localtime(due), 'j F Y')}; let somebody review it again"
    return [Problem((REVIEW,), words)]


def _without_evidence(record: RecordLike) -> list[Problem]:
    """Where an entry that can cite documents lists none, and no source. A cause that is a condition has no page."""
    can_cite = EVIDENCE in schema_of(record).references
    if not can_cite or record.get(IS_CONDITION.name) or any(record.get(field.name) for field in CITATIONS):
        return []
    return [Problem((EVIDENCE.name,), "it has no evidence of its own; add the documents or sources that it rests on")]


def _long_sentences(record: RecordLike) -> list[Problem]:
    schema = schema_of(record)
    found = [one for field in schema.fields for one in _long_in((field.name,), field, record)]
    for relation in schema.relations:
        for row in record.get(relation.name) or ():
            for field in relation.fields:
                found += _long_in((relation.name, row["target"], field.name), field, row)
    return found


def _long_in(path: tuple[str, ...], field: Field, owner: RecordLike) -> Iterator[Problem]:
    text = owner.get(field.name) if field.is_prose else None
    # As many words as a sentence may have, and the blanks between them.
    for sentence in prose.sentences(text) if text and len(text) > 2 * LONGEST_SENTENCE else ():
        if (count := len(sentence.split())) > LONGEST_SENTENCE:
            words = f"sentence of {count} words: split it. “{prose.shortened(sentence, 60)}”"
            yield Problem(path, words)


def _links(record: RecordLike) -> Iterator[tuple[str, str, str, Place | None]]:
    """The field, address and words of each link to a page of this site; its place, where that is of an entry."""
    for field in schema_of(record).fields:
        text = record.get(field.name) if field.type is FieldType.MARKDOWN else ""
        for address, words in prose.links(text) if text else ():
            if address.startswith("/") and not address.startswith("//"):
                yield field.name, address, words, _place_of(address)


def _place_of(address: str) -> Place | None:
    """The kind and slug that an address is of; None where it is another page. A slug of nothing where it is none."""
    path = unquote(urlsplit(address).path)
    try:
        asked = resolve(path if path.endswith("/") or "." in path else f"{path}/").kwargs
    except Resolver404:
        return Kind.CONDITION, ""
    return (asked["kind"], asked["slug"]) if {"kind", "slug"} <= asked.keys() else None


def _dead_links(record: Record, known: Around) -> list[Problem]:
    """Links to pages of this site that are not there."""
    found = []
    for field, address, words, place in _links(record):
        if place is None or (place in known.pages and known.pages[place].live_id):
            continue
        if known.is_withdrawn(place):
            why = "which is withdrawn"
        elif place not in known.on_desk:
            why = "where no page is"
        else:
            continue
        said = f"the link “{words}” leads to {prose.shortened(address, 60)!r}, {why}"
        found.append(Problem((field,), f"{said}; change it, or leave only its words"))
    return found


def _withdrawn(record: Record, known: Around) -> list[Problem]:
    """References to what readers could see once, and no longer can."""
    places = [(one.path, (one.kind, one.slug)) for one in references(record)]
    return [
        Problem(path, f"“{known.pages[place].name}” {WITHDRAWN}") for path, place in places if known.is_withdrawn(place)
    ]


def _unstated(record: Record, known: Around) -> list[Problem]:
    """Rows that rest on withdrawn documents and sources alone."""
    words = "all that states this is withdrawn; cite another document or source, or delete the row"
    cited = {(one.kind, one.slug) for one in references(record) if one.kind in CITED}
    stated = {place for place in cited if not known.is_withdrawn(place)}
    bare = rows_without_evidence(record, stated)
    resting = [(relation, row) for relation, row in bare if any(row[field.name] for field in CITATIONS)]
    return [Problem((relation.name, row["target"]), words) for relation, row in resting]


def _explained_twice(record: Record, known: Around) -> list[Problem]:
    """Forms of a word that another word has: pages mark the one or the other."""
    if record["kind"] != Kind.TERM:
        return []
    forms = {glossary.one_form(form) for form in (record["name"], *record["forms"])}
    others = {form: known.forms.get(form, record["slug"]) for form in sorted(forms)}
    words = "is a form of the word {} too; keep it in one of the two"
    return [
        Problem(("forms",), f"{in_words(form)} {words.format(other)}")
        for form, other in others.items()
        if other != record["slug"]
    ]


def in_places(record: RecordLike, found: Iterable[Problem]) -> list[str]:
    """Problems in words, each with its entry and its place."""
    entry, schema = f"{Kind(record['kind']).plural}/{record['slug']}", schema_of(record)
    return [f"{entry}: {', '.join([schema.label_of(one.path[0]), *one.path[1:]])}: {one.message}" for one in found]
