"""A version -> the page as readers see it. Live pages, previews and old versions all come through here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString

from conditions import prose, records
from conditions.footnotes import Note, Notes, citing
from conditions.models.published import Address, Link, Page, Version
from conditions.records import RecordLike
from conditions.schema import (
    ABOUT,
    CITATIONS,
    PAGE_ORDER,
    SCHEMAS,
    TAGS,
    Field,
    FieldType,
    Heading,
    Kind,
    Schema,
)

BACKLINKS_PER_PAGE = 200
"""Most references from elsewhere on one page; the rest follow on its next pages."""

QUESTIONS = ("questions", "Questions people ask")
"""The anchor and title of the questions about an entry."""
_CITING = tuple(field.name for field in CITATIONS)


@dataclass(frozen=True)
class OutLink:
    """What a page refers to, and readers can see. key, via: numbers by which a link names the one that it qualifies."""

    key: int
    via: int | None
    relation: str
    slug: str
    target: Page
    role: str
    note: str


@dataclass(frozen=True)
class Row:
    """One relation as readers see it: where it leads, what it says, what it rests on."""

    page: Page
    note: str
    role: str
    tags: tuple[Page, ...]
    notes: tuple[Note, ...]
    target: Page | None = None
    """Where `page` is the owner of a relation elsewhere that carries a tag or cites: what that relation leads to."""


@dataclass(frozen=True)
class Section:
    """A titled list of rows on the page."""

    anchor: str
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Prose:
    """A text of the entry: its place on the page, and its HTML.

    level: of care, how urgent it is. notes: what a card of care rests on, which stands below it and not in it.
    when: what a card asks for and for whom, where its first sentence says that: "See a doctor today if ...".
    """

    anchor: str
    title: str
    text: SafeString
    level: str = ""
    notes: tuple[Note, ...] = ()
    when: str = ""


@dataclass
class PageContent:
    """A page as readers see it: what its version says, by the names of fields and relations."""

    page: Page
    version: Version
    record: RecordLike
    answer: SafeString = field(default_factory=SafeString)
    """The summary with its footnotes."""
    prose: dict[str, Prose] = field(default_factory=dict)
    codes: dict[str, list[SafeString]] = field(default_factory=dict)
    references: dict[str, list[Page]] = field(default_factory=dict)
    relations: dict[str, Section] = field(default_factory=dict)
    questions: list[Page] = field(default_factory=list)
    backlinks: list[Section] = field(default_factory=list)
    documents: list[Note] = field(default_factory=list)
    sources: list[Note] = field(default_factory=list)
    subject: Page | None = None
    """What a question is mainly about, if readers can see it."""
    lent: list[Prose] = field(default_factory=list)
    """What to do about the main subject, as its page says now."""
    more: int | None = None
    """Number of the next page of what refers here, if there is more than fits."""

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
    def summary(self) -> str:
        return prose.uncited(str(self.record.get("summary", "")))

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
    def urgent(self) -> Page | None:
        """A page that this one leads to and that says when to call for help, where this one does not.

        Of several the first, what one can have before what is done about it.
        """
        if self.kind not in (*ABOUT.kinds, Kind.QUESTION) or any(one.level == "now" for one in self.care):
            return None
        sections = [*self.relations.values(), *self.backlinks]
        pages = [*self.references.get(ABOUT.name, ()), *(row.page for section in sections for row in section.rows)]
        return min(
            (page for page in pages if page.is_urgent), key=lambda page: list(Kind).index(page.kind), default=None
        )

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Anchor and title of the parts of the page, in their order."""
        found = [(Heading.CARE.anchor, self.schema.care_title)] if self.care else []
        texts = [(one.anchor, one.title) for one in self.prose.values() if not one.level]
        last = [one for one in texts if one[0] == Heading.DOCTOR.anchor]
        found += [one for one in texts if one not in last]
        sections = [section for section in self.relations.values() if section.rows]
        found += [(section.anchor, section.title) for section in [*sections, *self.backlinks]]
        return found + last + ([QUESTIONS] if self.questions else [])


def _page_place(relation: str) -> int:
    return PAGE_ORDER.index(relation) if relation in PAGE_ORDER else len(PAGE_ORDER)


def live_page(kind: Kind, slug: str, part: int = 1) -> PageContent:
    """The live page at an address, in five queries at most. `part`: which page of what refers here, from 1.

    Page.DoesNotExist if no live page has that slug now, or a part beyond the last is asked for.
    """
    page = Page.objects.live().select_related("live", "edition").get(kind=kind, slug=slug)
    out = _visible(Link.objects.filter(owner=page)).select_related("target")
    backlinks, qualifying, has_more = _backlinks(page, (part - 1) * BACKLINKS_PER_PAGE)
    if part > 1 and not backlinks:
        raise Page.DoesNotExist(f"{page.url} has no part {part}.")
    assert page.live is not None, "live() leaves the others out"
    content = build(page, page.live, map(_out_link, out), backlinks, qualifying)
    content.more = part + 1 if has_more else None
    return _with_lent_care(content)


def _out_link(link: Link) -> OutLink:
    return OutLink(link.pk, link.via_id, link.relation, link.slug, link.target, link.role, link.note)


def _visible(links: QuerySet[Link]) -> QuerySet[Link]:
    """Links whose end, and the end of the link they qualify, readers can see."""
    via = Q(via__isnull=True) | Q(via__target__live__isnull=False)
    return links.filter(via, target__live__isnull=False)


def _backlinks(page: Page, start: int) -> tuple[list[Link], list[OutLink], bool]:
    """What refers to a page, in order, from a place on; what qualifies those links; and whether there is more.

    Left out is what qualifies a link to what readers cannot see.
    """
    links = Link.objects.filter(Q(via__isnull=True) | Q(via__target__live__isnull=False), target=page)
    links = links.select_related("owner", "via__target").order_by("owner__sort_key", "owner_id", "order")
    found = list(links[start : start + BACKLINKS_PER_PAGE + 1])
    shown = found[:BACKLINKS_PER_PAGE]
    qualifying = _visible(Link.objects.filter(via__in=[link.pk for link in shown])).select_related("target")
    return shown, [_out_link(link) for link in qualifying], len(found) > len(shown)


def of_version(page: Page, version: Version) -> PageContent:
    """A page as a version of it says, whether live or old, without what refers to it.

    What it leads to is looked up now: pages that are not live are left out.
    """
    wanted = records.references(version.record)
    return _with_lent_care(build(page, version, _out_links(wanted, live_targets(wanted))))


def with_visible(page: Page, version: Version, visible: Mapping[tuple[Kind, str], Page]) -> PageContent:
    """A page as a version of it would be live, if readers could see the given pages; with what refers to it."""
    out = _out_links(records.references(version.record), visible)
    return _with_lent_care(build(page, version, out, *(_backlinks(page, 0)[:2] if page.pk else ())))


def _with_lent_care(content: PageContent) -> PageContent:
    """Let a question show what to do about its main subject, as that page says it now."""
    live = Version.objects.filter(live_on=content.subject).first() if content.subject else None
    if content.subject and live:
        record, fields = _as_of_now(live), SCHEMAS[Kind(content.subject.kind)].fields
        levels = [one for one in fields if one.heading is Heading.CARE and record.get(one.name)]
        content.lent = [_care(one, record[one.name], {}, Notes()) for one in levels]
    return content


def _main_subject(record: RecordLike, links: Iterable[OutLink]) -> Page | None:
    """The page of what a record is about first, if a link leads there: what readers cannot see is none."""
    first, *_ = record.get(ABOUT.name) or [""]
    about = (link for link in links if link.relation == ABOUT.name)
    return next((link.target for link in about if ABOUT.value(Kind(link.target.kind), link.slug) == first), None)


def _out_links(wanted: Sequence[records.Reference], pages: Mapping[tuple[Kind, str], Page]) -> list[OutLink]:
    """The links that references make, those to pages not given, and what qualifies such, left out."""
    made: dict[int, OutLink] = {}
    for key, one in enumerate(wanted):
        target = pages.get((one.kind, one.slug))
        if target is not None and (one.via is None or one.via in made):
            role, note = one.row.get("role", ""), one.row.get("note", "")
            made[key] = OutLink(key, one.via, one.relation, one.slug, target, role, note)
    return list(made.values())


def build(
    page: Page,
    version: Version,
    out: Iterable[OutLink],
    backlinks: Sequence[Link] = (),
    qualifying: Iterable[OutLink] = (),
) -> PageContent:
    """Put a page together from its version and the links out of it, into it, and those that qualify links into it."""
    content = PageContent(page, version, _as_of_now(version))
    schema, numbered, links = content.schema, Notes(), list(out)
    direct = [link for link in links if link.via is None]
    by_via = _by_via(links)
    cited = {link.slug: link.target for link in direct if link.relation in _CITING}
    last = [one for one in schema.by_heading if one.heading is Heading.DOCTOR]
    last += [one for one in schema.by_heading if one.type is FieldType.CODES]
    _add_texts(content, [one for one in schema.by_heading if one not in last], cited, numbered)
    for reference in schema.references:
        content.references[reference.name] = [link.target for link in direct if link.relation == reference.name]
    content.subject = _main_subject(content.record, direct)
    for relation in sorted(schema.relations, key=lambda one: _page_place(one.name)):
        rows = [
            _row(link.target, relation.role_label(link.role), link.note, by_via[link.key], numbered)
            for link in direct
            if link.relation == relation.name
        ]
        content.relations[relation.name] = Section(relation.name, relation.label, rows)
    _add_backlinks(content, backlinks, _by_via(qualifying), numbered)
    _add_texts(content, last, cited, numbered)
    numbered.of_all(cited.values())  # what the entry as a whole rests on, last
    content.documents = numbered.all(Kind.QUESTION)
    content.sources = numbered.all(Kind.SOURCE)
    return content


def _as_of_now(version: Version) -> RecordLike:
    """What a version says. Of a newer program's as much as this one knows: readers keep what they saw."""
    return version.record if version.format > records.FORMAT else records.upgrade(version.record, version.format)


def _add_texts(content: PageContent, fields: Iterable[Field], cited: Mapping[str, Page], numbered: Notes) -> None:
    """Render texts that can cite, in the order of the page, so that footnotes count up."""
    for one in fields:
        value = content.record.get(one.name)
        if one.type is FieldType.STATEMENT:
            content.answer = prose.render_statement(value or "", citing(cited, numbered))
        elif one.type is FieldType.CODES:
            content.codes[one.name] = [_render(code, cited, numbered, inline=True) for code in value or ()]
        elif one.heading is Heading.CARE and value:
            content.prose[one.name] = _care(one, value, cited, numbered)
        elif one.type is FieldType.MARKDOWN and value:
            anchor, title = (one.name, one.title) if one.title else (one.heading.anchor, one.heading.title)
            content.prose[one.name] = Prose(anchor, title, _render(value, cited, numbered))


def _care(one: Field, text: str, cited: Mapping[str, Page], numbered: Notes) -> Prose:
    """A card of care, which has a heading of its own: those in its text stand below. Its footnotes stand under it."""
    notes = tuple(numbered.of(cited[slug]) for slug in prose.citations(text) if slug in cited)
    first, *_ = [*prose.sentences(text), ""]
    when = f"{one.title} i{first[1:]}" if first.startswith("If ") and first.endswith(".") else ""
    level = one.name.removeprefix("help_")
    return Prose(one.heading.anchor, one.title, prose.render(text, top=4), level=level, notes=notes, when=when)


def _by_via(links: Iterable[OutLink]) -> dict[int, list[OutLink]]:
    found: dict[int, list[OutLink]] = defaultdict(list)
    for link in links:
        if link.via is not None:
            found[link.via].append(link)
    return found


def _render(text: str, cited: Mapping[str, Page], numbered: Notes, *, inline: bool = False) -> SafeString:
    return prose.render(text, citing(cited, numbered), inline=inline) if text else SafeString("")


def _row(page: Page, role: str, note: str, qualifying: Iterable[OutLink], numbered: Notes) -> Row:
    links = list(qualifying)
    tags = tuple(link.target for link in links if link.relation == TAGS.name)
    cited = [link.target for link in links if link.relation in _CITING]
    return Row(page, note, role, tags, numbered.of_all(cited))


STATEMENTS = "Statements"
"""The title of the list of rows elsewhere that carry a tag, or rest on a document or source."""
_RELATIONS = [(kind, relation) for kind, schema in SCHEMAS.items() for relation in schema.relations]
_SECTION_ORDER = [
    *(relation.backlinks for _, relation in sorted(_RELATIONS, key=lambda one: _page_place(one[1].name))),
    *(kind.plural.capitalize() for kind in Kind),
    STATEMENTS,
]


def _add_backlinks(
    content: PageContent, backlinks: Sequence[Link], qualifying: Mapping[int, list[OutLink]], numbered: Notes
) -> None:
    """Sort what refers to the page into questions, rows of relations that both ends show, and titled sections."""
    sections: dict[str, list[Row]] = defaultdict(list)
    stated = {name: {row.page.pk for row in section.rows} for name, section in content.relations.items()}
    for link in backlinks:
        owner_kind = Kind(link.owner.kind)
        relation = SCHEMAS[owner_kind].relation(link.relation)
        if relation and relation.backlinks:
            role = relation.role_label(link.role)
            sections[relation.backlinks].append(_row(link.owner, role, link.note, qualifying[link.pk], numbered))
        elif relation:
            if link.owner_id not in stated[relation.name]:
                role = relation.inverse_label(link.role)
                rows = content.relations[relation.name].rows
                rows.append(_row(link.owner, role, link.note, qualifying[link.pk], numbered))
        elif link.via:
            sections[STATEMENTS].append(_statement(link.owner, link.via))
        elif link.relation == ABOUT.name:
            content.questions.append(link.owner)
        else:
            note = "" if owner_kind is Kind.QUESTION else link.owner.summary
            sections[owner_kind.plural.capitalize()].append(Row(link.owner, note, "", (), ()))
    ordered = sorted(sections.items(), key=lambda each: _SECTION_ORDER.index(each[0]))
    content.backlinks = [Section(prose.slug_of(title), title, rows) for title, rows in ordered]


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
