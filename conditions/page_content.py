"""A version -> the page as readers see it. Live pages, previews and old versions all come through here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from django.db.models import Q

from conditions import db, glossary, link_rows, proof, prose, records, statements
from conditions.footnotes import CitedPage, Notes, citing
from conditions.models.published import Address, Decision, Link, Page, Review, Version
from conditions.page_parts import OutLink, PageContent, Prose, Row, Section, said_by
from conditions.proof import Carried, Known, Proof
from conditions.records import Record, RecordLike
from conditions.schema import (
    ABOUT,
    ABSENT,
    CITATIONS,
    CITED,
    IS_CONDITION,
    ITSELF,
    PAGE_ORDER,
    REFERENCES,
    SCHEMAS,
    TAGS,
    Field,
    FieldType,
    Heading,
    Kind,
    Relation,
)

MOST_QUOTING = 1000
"""Most links that mark passages of one document."""
BACKLINKS_PER_PAGE = 100
"""Most references from elsewhere on one page; the rest follow on its next pages."""

_CITING = tuple(field.name for field in CITATIONS)


def live_page(kind: Kind, slug: str, part: int = 1) -> PageContent:
    """The live page at an address, in five queries at most. `part`: which page of what refers here, from 1.

    Page.DoesNotExist if no live page has that slug now, or a part beyond the last is asked for.
    """
    pages = Page.objects.live().with_first_edition().select_related("live", "edition")
    page = pages.get(kind=kind, slug=slug)
    out = link_rows.out_of([page.pk])[page.pk]
    backlinks, qualifying, has_more = _backlinks(page, (part - 1) * BACKLINKS_PER_PAGE)
    if part > 1 and not backlinks:
        raise Page.DoesNotExist(f"{page.url} has no part {part}.")
    assert page.live is not None, "live() leaves the others out"
    is_part = Kind(page.kind) in CITED and (has_more or part > 1)
    quoting = _quoting(page) if is_part else backlinks
    content = build(page, page.live, out, backlinks, qualifying, quoting)
    content.part, content.more = part, part + 1 if has_more else None
    content.published = page.first_at  # type: ignore[attr-defined]  # asked for above
    return content


def _backlinks(page: Page, start: int) -> tuple[list[Link], list[OutLink], bool]:
    """What refers to a page, in order, from a place on; what qualifies those links; and whether there is more.

    Left out is what qualifies a link to what readers cannot see.
    """
    same = page.same.values_list("pk", flat=True) if Kind(page.kind) in IS_CONDITION.kinds else ()
    found = link_rows.into([page.pk, *same], most=BACKLINKS_PER_PAGE + 1, start=start)
    shown = found[:BACKLINKS_PER_PAGE]
    return shown, link_rows.qualifying(link.pk for link in shown), len(found) > len(shown)


def _quoting(page: Page) -> list[Link]:
    """The links that quote a document or source, where not all that refers to it is on one page of it."""
    return link_rows.quoting([page.pk], most=MOST_QUOTING)


def of_version(page: Page, version: Version) -> PageContent:
    """A page as a version of it says, whether live or old, without what refers to it.

    What it leads to is looked up now: pages that are not live are left out.
    """
    record = as_of_now(version)
    seen = live_targets(records.references(record))
    content = build(page, version, _out_links(record, seen))
    content.own_review = approval_of(version)
    return content


def approval_of(version: Version) -> Review | None:
    """What to tell of the approval of exactly this version; None if it was never approved."""
    approved = Decision.objects.filter(version=version.pk, verb=Decision.Verb.APPROVE)
    approval = approved.last() if version.pk else None
    return approval.as_review(version.number) if approval else None


def with_visible(page: Page, version: Version, visible: Mapping[tuple[Kind, str], Page]) -> PageContent:
    """A page as a version of it would be live, if readers could see the given pages; with what refers to it."""
    out = _out_links(as_of_now(version), visible)
    return build(page, version, out, *(_backlinks(page, 0)[:2] if page.pk else ()))


def care_of(record: RecordLike) -> list[Prose]:
    """What a page says about when to get help, the most urgent first, without what it rests on."""
    cards = (one for one in records.schema_of(record).fields if one.heading is Heading.CARE)
    levels = [one for one in cards if one.type is FieldType.MARKDOWN and record.get(one.name)]
    return [care_card(one, record[one.name], {}, Proof(Notes(), {})) for one in levels]


def now_card(page: Page | None) -> tuple[Page, Prose] | None:
    """A page whose version is read, and what it says about when to call for help; none where it does not."""
    care = care_of(as_of_now(page.live)) if page and page.live else []
    return (page, care[0]) if page and care and care[0].level == "now" else None


def _main_subject(record: RecordLike, links: Iterable[OutLink]) -> Page | None:
    """The page of what a record is about first, if a link leads there: what readers cannot see is none."""
    first, *_ = record.get(ABOUT.name) or [""]
    about = (link for link in links if link.relation == ABOUT.name)
    return next((link.target for link in about if ABOUT.value(Kind(link.target.kind), link.slug) == first), None)


def _out_links(record: RecordLike, pages: Mapping[tuple[Kind, str], Page]) -> list[OutLink]:
    """The links that a record makes, those to pages not given, and what qualifies such, left out."""
    made: dict[int, OutLink] = {}
    carried = statements.quotes_by_reference(record)
    for key, one in enumerate(records.references(record)):
        target = pages.get((one.kind, one.slug))
        if target is not None and (one.via is None or one.via in made):
            said, carries = said_by(one.row), carried.get((one.path, one.slug), [])
            made[key] = OutLink(key, one.via, one.relation, one.slug, target, **said, quotes=carries)  # type: ignore[arg-type]
    return list(made.values())


def build(
    page: Page,
    version: Version,
    out: Iterable[OutLink],
    backlinks: Sequence[Link] = (),
    qualifying: Iterable[OutLink] = (),
    quoting: Sequence[Link] | None = None,
) -> PageContent:
    """Put a page together from its version and the links out of it, into it, and those that qualify links into it.

    quoting: the links that mark its passages, if they are others than those into it.
    """
    content = PageContent(page, version, as_of_now(version))
    schema, links, qualifying = content.schema, list(out), list(qualifying)
    direct = [link for link in links if link.via is None]
    cited = _cited(direct)
    shown = [link.target for link in (*links, *qualifying) if link.relation in _CITING]
    own = {page.pk: proof.Cited(statements.quotable(content.record), content.record)} if content.kind in CITED else {}
    content.subject = subject = _main_subject(content.record, direct)
    read, forms = _live_records([*shown, subject] if subject else shown)
    proven = Proof(Notes(), own | proof.cited(read))
    content.lent = care_of(read[subject.pk]) if subject and subject.pk in read else []
    for reference in schema.references:
        content.references[reference.name] = [link.target for link in direct if link.relation == reference.name]
    by_via = _by_via(links)
    for part in schema.page_order:
        if isinstance(part, Field):
            _add_text(content, part, cited, proven)
        else:
            _add_rows(content, part, direct, by_via, proven)
    _add_backlinks(content, backlinks, _by_via(qualifying), proven)
    if content.kind in CITED:
        _add_passages(content, backlinks if quoting is None else quoting)
    proven.numbered.of_all(cited.values())  # what the entry as a whole rests on, last
    _add_known(content, proven)
    glossary.explain(content, forms)
    return content


def _add_known(content: PageContent, proven: Proof) -> None:
    """Say what the page rests on besides itself: the documents and sources that its statements cite, in order."""
    documents = [one for one in proven.numbered.all(Kind.QUESTION) if one.page != content.page]
    content.documents = proof.known(documents, proven.cited, content.words())
    content.sources = proof.known(proven.numbered.all(Kind.SOURCE), proven.cited, content.words())


def side_by_side(pages: Sequence[Page], parts: Collection[str]) -> tuple[list[PageContent], list[Known]]:
    """Some parts of live pages of one kind, and all that these rest on, numbered together. Two queries.

    Of a relation between pages of that kind only the rows that lead from one of them to another.
    """
    kind = Kind(pages[0].kind)
    found = link_rows.out_of([page.pk for page in pages])
    out = {
        owner: [link for link in links if link.target.kind != kind or link.target.pk in found]
        for owner, links in found.items()
    }
    by_via = _by_via(link for links in out.values() for link in links)
    cited = [link.target for links in out.values() for link in links if link.relation in _CITING]
    proven = Proof(Notes(), proof.cited(_live_records(cited)[0]))
    contents = [PageContent(page, page.live, as_of_now(page.live)) for page in pages if page.live]
    for part in SCHEMAS[kind].page_order:
        for content in contents if part.name in parts else ():
            direct = [link for link in out[content.page.pk] if link.via is None]
            if isinstance(part, Field):
                _add_text(content, part, _cited(direct), proven)
            else:
                _add_rows(content, part, direct, by_via, proven)
    notes = [note for kind in CITED for note in proven.numbered.all(kind)]
    return contents, proof.known(notes, proven.cited, ())


_SAID_NOW = f"""
SELECT page.id, page.kind, live.record, live.format
FROM conditions_page AS page JOIN conditions_version AS live ON live.id = page.live_id
WHERE page.id IN ({{}}) OR page.kind = '{Kind.TERM}'
"""


def _live_records(pages: Iterable[Page]) -> tuple[dict[int, RecordLike], glossary.Forms]:
    """What pages say now, by page, and all words that are explained: in one query."""
    # With what is no page, so that the words are read where nothing else is.
    said = db.rows(_SAID_NOW, {page.pk for page in pages if page.live_id} | {0})
    forms = _forms(tuple(sorted(one[2:] for one in said if one[1] == Kind.TERM)))
    return {page: _read(*one) for page, _, *one in said}, forms


@lru_cache(maxsize=500)  # pages rest on the same documents and sources
def _read(record: str, its_format: int) -> RecordLike:
    return _as_of_now(json.loads(record), its_format)


@lru_cache(maxsize=1)
def _forms(terms: tuple[tuple[str, int], ...]) -> glossary.Forms:
    return glossary.Forms(glossary.terms_in(_read(*one) for one in terms))


def as_of_now(version: Version) -> RecordLike:
    """What a version says, in the form of now."""
    return _as_of_now(version.record, version.format)


def _as_of_now(record: Record, its_format: int) -> RecordLike:
    """A kept record in the form of now. Of a newer program's as much as this one knows: readers keep what they saw."""
    return record if its_format > records.FORMAT else records.upgrade(record, its_format)


def _cited(direct: Iterable[OutLink]) -> dict[str, Page]:
    """What a page itself cites, by the slug that its texts name."""
    return {link.slug: link.target for link in direct if link.relation in _CITING}


def _add_text(content: PageContent, one: Field, cited: Mapping[str, Page], proven: Proof) -> None:
    """Put a text on the page with what it rests on, in the order of the page, so that footnotes count up."""
    value = content.record.get(one.name)
    if not value:
        return
    if content.kind is Kind.QUESTION:
        cited = {**cited, ITSELF: content.page}
    if one.type is FieldType.STATEMENT:
        content.answer = tuple(proven.said(piece, cited) for piece in prose.statement_pieces(value))
    elif one.type is FieldType.CODES:
        cite = citing(cited, proven.numbered)
        content.codes[one.name] = [prose.render(code, cite, inline=True) for code in value]
    elif one.heading is Heading.CARE and one.type is FieldType.MARKDOWN:
        content.prose[one.name] = care_card(one, value, cited, proven)
    elif one.type is FieldType.MARKDOWN:
        anchor, title = (one.name, one.title) if one.title else (one.heading.anchor, one.heading.title)
        content.prose[one.name] = Prose(anchor, title, proven.shown(prose.blocks(value), cited))


def _add_rows(
    content: PageContent,
    relation: Relation,
    direct: Iterable[OutLink],
    by_via: Mapping[int, list[OutLink]],
    proven: Proof,
) -> None:
    """Put the rows of a relation on the page of their owner. direct: what that refers to itself."""
    own = [link for link in direct if link.relation == relation.name]
    rows = [
        _row(one, one.target, relation, relation.role_label(one.role), by_via.get(one.key, ()), proven) for one in own
    ]
    title = relation.title or relation.label
    content.relations[relation.name] = Section(relation.name, title, rows, not relation.title, relation.may)


def care_card(one: Field, text: str, cited: Mapping[str, CitedPage], proven: Proof) -> Prose:
    """A card of care, which has a heading of its own: those in its text stand below. What it rests on is beside it."""
    found = dict.fromkeys(quote for block in prose.blocks(text) for piece in block.pieces for quote in piece.quotes)
    first, *_ = [*prose.sentences(text), ""]
    when = f"{one.title} i{first[1:]}" if first.startswith("If ") and first.endswith(".") else ""
    words, level = proven.quoted(cited, found), one.name.removeprefix("help_")
    return Prose(
        proof.care_anchor(one.name), one.title, text=prose.render(text, top=4), level=level, words=words, when=when
    )


def _add_passages(content: PageContent, backlinks: Iterable[Link]) -> None:
    """Mark in the text of a document or source what carries statements, those of its own page among them."""
    own = [
        (quote.words, Carried(content.page, proof.anchor_of("s", one.said), one.said))
        for one in statements.of_record(content.record)
        for quote in one.quotes
        if quote.words and quote.slug == ITSELF
    ]
    content.stretches = proof.stretches(statements.as_given(content.record), [*own, *proof.carried_by(backlinks)])


def _by_via(links: Iterable[OutLink]) -> dict[int, list[OutLink]]:
    found: dict[int, list[OutLink]] = defaultdict(list)
    for link in links:
        if link.via is not None:
            found[link.via].append(link)
    return found


def _row(
    link: OutLink | Link, page: Page, relation: Relation, role: str, qualifying: Iterable[OutLink], proven: Proof
) -> Row:
    """A row as the page at one of its ends shows it. page: the one at the other end."""
    marks = list(qualifying)
    tags = tuple(mark.target for mark in marks if mark.relation == TAGS.name)
    words = proven.words((mark.target, said) for mark in marks if mark.relation in _CITING for said in _carried(mark))
    anchor = proof.row_anchor(relation.name, link.slug if isinstance(link, OutLink) else f"of-{page.kind}-{page.slug}")
    return Row(page, link.note, role, tags, words, None, link.certainty, link.everyday, anchor)


def _carried(mark: OutLink) -> list[str]:
    """The words that a citation of a row carries; none where the row is in our words."""
    return [words for _, _, words in mark.quotes] or [""]


STATEMENTS = "Mentions"
"""The title of the list of rows elsewhere that carry a tag, or rest on a document or source."""
_RELATIONS = [(kind, relation) for kind, schema in SCHEMAS.items() for relation in schema.relations]
_SECTION_ORDER = [
    *(relation.backlinks for _, relation in sorted(_RELATIONS, key=lambda one: PAGE_ORDER.index(one[1].name))),
    *(field.backlinks for field in REFERENCES.values() if field.backlinks),
    *(kind.plural.capitalize() for kind in Kind),
    STATEMENTS,
]


def _add_backlinks(
    content: PageContent, backlinks: Sequence[Link], qualifying: Mapping[int, list[OutLink]], proven: Proof
) -> None:
    """Sort what refers to the page into questions, rows of relations that both ends show, and titled sections."""
    sections: dict[str, list[Row]] = defaultdict(list)
    stated = {name: {row.page.pk for row in section.rows} for name, section in content.relations.items()}
    for link in filter(_holds, backlinks):
        owner_kind = Kind(link.owner.kind)
        relation = SCHEMAS[owner_kind].relation(link.relation)
        if relation and relation.backlinks:
            role = relation.role_label(link.role)
            sections[relation.backlinks].append(_row(link, link.owner, relation, role, qualifying[link.pk], proven))
        elif relation:
            if link.owner_id not in stated[relation.name]:
                role = relation.inverse_label(link.role)
                rows = content.relations[relation.name].rows
                rows.append(_row(link, link.owner, relation, role, qualifying[link.pk], proven))
        elif link.via:
            sections[STATEMENTS].append(_statement(link.owner, link.via))
        elif link.relation == ABOUT.name:
            content.questions.append(link.owner)
        elif link.relation in REFERENCES and (title := REFERENCES[link.relation].backlinks):
            sections[title].append(Row(link.owner, link.owner.summary, "", (), ()))
        elif link.relation == IS_CONDITION.name:
            continue
        else:
            note = "" if owner_kind is Kind.QUESTION else link.owner.summary
            sections[owner_kind.plural.capitalize()].append(Row(link.owner, note, "", (), ()))
    ordered = sorted(sections.items(), key=lambda each: _SECTION_ORDER.index(each[0]))
    content.backlinks = [Section(prose.slug_of(title), title, rows) for title, rows in ordered]


def _holds(link: Link) -> bool:
    """Whether what a link says of the page, or the row that it marks, is part of it."""
    return ABSENT not in (link.certainty, link.via.certainty if link.via else "")


def _statement(owner: Page, row: Link) -> Row:
    """A row elsewhere that carries a tag or cites: its owner, and what it leads to."""
    relation = SCHEMAS[Kind(owner.kind)].relation(row.relation)
    role = relation.role_label(row.role) if relation else ""
    return Row(owner, row.note, role, (), (), target=row.target)


def live_targets(wanted: Sequence[records.Reference]) -> dict[tuple[Kind, str], Page]:
    """The live pages that references lead to, by kind and slug, in one query."""
    return {at: page for at, page in targets(wanted).items() if page.live_id is not None}


def targets(wanted: Sequence[records.Reference]) -> dict[tuple[Kind, str], Page]:
    """The pages that references lead to, by kind and slug, in one query."""
    places = Q()
    for kind in {reference.kind for reference in wanted}:
        places |= Q(kind=kind, slug__in={reference.slug for reference in wanted if reference.kind == kind})
    found = Address.objects.filter(places).select_related("page") if wanted else []
    return {(Kind(one.kind), one.slug): one.page for one in found}
