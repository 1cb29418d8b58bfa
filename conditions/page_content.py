"""A version -> the page as readers see it. Live pages, previews and old versions all come through here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString

from conditions import prose
from conditions.models.published import (
    ROW_RELATIONS,
    TARGET_KINDS,
    Address,
    Kind,
    Link,
    Page,
    Version,
    split_reference,
)

INTO_PER_PAGE = 200
"""Most references from elsewhere on one page; the rest follow on its next pages."""


CARE = (
    ("now", "help_now", "Now: call your emergency number"),
    ("soon", "help_soon", "Soon: ask to see a doctor"),
    ("routine", "help_routine", "At your next visit: ask about it"),
)


LABELS = {
    "slug": "Address",
    "name": "Name",
    "also_called": "Other names",
    "summary": "In one sentence",
    "body": "Text",
    "help_now": "Get help now",
    "help_soon": "Get help soon",
    "help_routine": "At your next visit",
    "codes": "Codes",
    "tags": "Tags",
    "evidence": "Documents",
    "sources": "Sources",
    "symptoms": "Symptoms",
    "treatments": "Treatments",
    "causes": "Causes",
    "related": "Related conditions",
    "answer": "Answer",
    "editor_note": "Editor’s note",
    "about": "What it is about",
    "group": "Group",
    "publisher": "Publisher",
    "url": "Web address",
    "published": "Date of publication",
    "accessed": "Last read",
    "licence": "Licence",
    "role": "How it is related",
    "note": "Note",
}


@dataclass(frozen=True)
class Reference:
    """One reference of a record. `via` is the place, in the same list, of the reference that it marks."""

    relation: str
    kind: Kind
    slug: str
    order: int
    via: int | None = None
    role: str = ""
    note: str = ""


def references(record: Mapping[str, Any]) -> list[Reference]:
    """What a canonical record refers to, in order: its links to be."""
    out: list[Reference] = []
    for mark in ("tags", "evidence", "sources", "about"):
        _add_marks(out, mark, record.get(mark, ()), None)
    for relation in ROW_RELATIONS:
        for row in record.get(relation, ()):
            kind, via = TARGET_KINDS[relation], len(out)
            role, note = row.get("role", ""), row["note"]
            out.append(Reference(relation, kind, row["target"], via, role=role, note=note))
            for mark in ("tags", "evidence", "sources"):
                _add_marks(out, mark, row[mark], via)
    return out


def _add_marks(out: list[Reference], mark: str, slugs: Iterable[str], via: int | None) -> None:
    for slug in slugs:
        kind, target = split_reference(slug) if mark == "about" else (TARGET_KINDS[mark], slug)
        out.append(Reference(mark, kind, target, len(out), via))


@dataclass(frozen=True)
class Note:
    """A footnote: a number for a document, a letter for an outside source."""

    marker: str
    page: Page

    @property
    def anchor(self) -> str:
        return f"note-{self.marker}"

    @property
    def title(self) -> str:
        what = "Document" if self.page.kind == Kind.QUESTION else "Source"
        return f"{what} {self.marker}: {self.page.name}"


@dataclass(frozen=True)
class Row:
    """One relation as readers see it: where it leads, what it says, what it rests on."""

    page: Page
    note: str
    role: str
    tags: tuple[Page, ...]
    notes: tuple[Note, ...]
    target: Page | None = None
    """Where `page` is the owner of a relation elsewhere that carries a mark: what that relation leads to."""


@dataclass(frozen=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Care:
    level: str
    title: str
    text: SafeString


class Notes:
    """Gives out footnotes in the order in which they are first mentioned."""

    def __init__(self) -> None:
        self._given: dict[int, Note] = {}
        self._counts = {Kind.QUESTION: 0, Kind.SOURCE: 0}

    def of(self, page: Page) -> Note:
        if page.pk not in self._given:
            kind = Kind(page.kind)
            self._counts[kind] += 1
            number = self._counts[kind]
            self._given[page.pk] = Note(str(number) if kind is Kind.QUESTION else _letters(number), page)
        return self._given[page.pk]

    def of_all(self, pages: Iterable[Page]) -> tuple[Note, ...]:
        """The footnotes of some pages, numbers before letters, each in order."""
        notes = {self.of(page) for page in pages}
        return tuple(sorted(notes, key=lambda note: (note.page.kind, len(note.marker), note.marker)))

    def all(self, kind: Kind) -> list[Note]:
        return [note for note in self._given.values() if note.page.kind == kind]


def _letters(number: int) -> str:
    """1, 2, ... 26, 27 as A, B, ... Z, AA."""
    rest, last = divmod(number - 1, 26)
    return (_letters(rest) if rest else "") + chr(ord("A") + last)


@dataclass
class Reading:
    """A page as readers see it."""

    page: Page
    version: Version
    record: Mapping[str, Any]
    notes: list[Note] = field(default_factory=list)
    care: list[Care] = field(default_factory=list)
    body: SafeString = SafeString("")  # noqa: RUF009
    codes: list[SafeString] = field(default_factory=list)
    editor_note: SafeString = SafeString("")  # noqa: RUF009
    tags: list[Page] = field(default_factory=list)
    about: list[Page] = field(default_factory=list)
    symptoms: list[Row] = field(default_factory=list)
    causes: list[Row] = field(default_factory=list)
    treatments: list[Row] = field(default_factory=list)
    related: list[Row] = field(default_factory=list)
    questions: list[Page] = field(default_factory=list)
    elsewhere: list[Section] = field(default_factory=list)
    documents: list[Note] = field(default_factory=list)
    sources: list[Note] = field(default_factory=list)
    more: int | None = None
    """Number of the next page of what refers here, if there is more than fits."""

    @property
    def kind(self) -> Kind:
        return Kind(self.page.kind)

    @property
    def name(self) -> str:
        return str(self.record["name"])

    @property
    def summary(self) -> str:
        return str(self.record.get("summary", ""))

    @property
    def published_on(self) -> date | None:
        """The date that an outside source gives itself."""
        return parse_date(self.record.get("published", ""))

    @property
    def accessed_on(self) -> date | None:
        """The date on which somebody last read an outside source."""
        return parse_date(self.record.get("accessed", ""))


def live_page(kind: Kind, slug: str, part: int = 1) -> Reading:
    """The live page at an address, in four queries. `part`: which page of what refers here, from 1.

    Page.DoesNotExist if no live page has that slug now, or a part beyond the last is asked for.
    """
    page = Page.objects.live().select_related("live", "edition").get(kind=kind, slug=slug)
    out = _live_links(Link.objects.filter(owner=page)).select_related("target")
    start = (part - 1) * INTO_PER_PAGE
    into_all = _live_links(Link.objects.filter(target=page), through="via__target")
    into_all = into_all.select_related("owner", "via__target")
    into_all = into_all.order_by("owner__sort_key", "owner_id", "order")
    into = list(into_all[start : start + INTO_PER_PAGE + 1])
    if part > 1 and not into:
        raise Page.DoesNotExist(f"{page.url} has no part {part}.")
    more = part + 1 if len(into) > INTO_PER_PAGE else None
    into = into[:INTO_PER_PAGE]
    marks = _live_links(Link.objects.filter(via__in=[link.pk for link in into])).select_related("target")
    assert page.live is not None, "live() leaves the others out"
    reading = build(page, page.live, list(out), into, list(marks))
    reading.more = more
    return reading


def _live_links(links: QuerySet[Link], through: str = "target") -> QuerySet[Link]:
    """Links whose end, and the end of the link they mark, readers can see."""
    if through == "target":
        links = links.filter(target__live__isnull=False)
    return links.filter(Q(via__isnull=True) | Q(via__target__live__isnull=False))


def of_version(page: Page, version: Version) -> Reading:
    """A page as a version of it says, whether live, old or not yet published, without what refers to it.

    What it leads to is looked up now: pages that are not live are left out.
    """
    wanted = references(version.record)
    pages = live_targets(wanted)
    links: list[Link | None] = []
    for number, one in enumerate(wanted):
        target = pages.get((one.kind, one.slug))
        via = links[one.via] if one.via is not None else None
        hidden = target is None or (one.via is not None and via is None)
        link = Link(pk=number, owner=page, relation=one.relation, target=target, via=via)
        link.role, link.note, link.order = one.role, one.note, one.order
        links.append(None if hidden else link)
    return build(page, version, [link for link in links if link], [], [])


def build(page: Page, version: Version, out: Sequence[Link], into: Sequence[Link], marks: Sequence[Link]) -> Reading:
    """Put a page together from its version and the links out of it, into it, and on those into it."""
    record = version.record
    reading = Reading(page, version, record)
    numbered = Notes()
    direct = [link for link in out if link.via_id is None]
    marked = _by_via(out)
    cited = _cited(record, direct)
    reading.notes = list(numbered.of_all(_behind_summary(record, cited)))
    reading.codes = [_render(code, cited, numbered, inline=True) for code in record.get("codes", ())]
    reading.care = [
        Care(level, title, _render(record[name], cited, numbered)) for level, name, title in CARE if record.get(name)
    ]
    reading.body = _render(record.get("body", ""), cited, numbered)
    reading.editor_note = _render(record.get("editor_note", ""), cited, numbered)
    reading.tags = [link.target for link in direct if link.relation == "tags"]
    reading.about = [link.target for link in direct if link.relation == "about"]
    for relation in ("symptoms", "causes", "treatments", "related"):
        rows = [_row(link, link.target, marked, numbered) for link in direct if link.relation == relation]
        setattr(reading, relation, rows)
    _add_elsewhere(reading, into, _by_via(marks), numbered)
    reading.documents = numbered.all(Kind.QUESTION)
    reading.sources = numbered.all(Kind.SOURCE)
    return reading


def _cited(record: Mapping[str, Any], direct: Iterable[Link]) -> dict[str, Page]:
    """The documents and sources of the entry as a whole, by the slugs that the record calls them, old ones too."""
    said = references(record)
    cites = ("evidence", "sources")
    return {said[link.order].slug: link.target for link in direct if link.relation in cites}


def _behind_summary(record: Mapping[str, Any], cited: Mapping[str, Page]) -> list[Page]:
    """What the one-sentence answer rests on: all documents, and the sources that no text of the page cites.

    Where that is nothing, the sources that the text cites, but for those of codes alone.
    """
    texts = [record.get(name, "") for name in ("help_now", "help_soon", "help_routine", "body", "editor_note")]
    in_text = {slug for text in texts for slug in prose.citations(text)}
    in_codes = {slug for code in record.get("codes", ()) for slug in prose.citations(code)}
    documents = [slug for slug, page in cited.items() if page.kind == Kind.QUESTION]
    loose = [slug for slug, page in cited.items() if page.kind == Kind.SOURCE and slug not in in_text | in_codes]
    chosen = [*documents, *loose] or [slug for slug in cited if slug in in_text]
    return [cited[slug] for slug in chosen]


def _by_via(links: Iterable[Link]) -> dict[int, list[Link]]:
    found: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        if link.via_id is not None:
            found[link.via_id].append(link)
    return found


def _render(text: str, cited: Mapping[str, Page], numbered: Notes, *, inline: bool = False) -> SafeString:
    def cite(slug: str) -> tuple[str, str, str] | None:
        if slug not in cited:
            return None
        note = numbered.of(cited[slug])
        return note.marker, f"#{note.anchor}", note.title

    return prose.render(text, cite, inline=inline) if text else SafeString("")


def as_typed(texts: Sequence[str]) -> list[SafeString]:
    """Each Markdown text by itself, as HTML for readers. Citations lead to the pages that they name, live or not."""
    cited = _cited_pages({slug for text in texts for slug in prose.citations(text)})
    return [_alone(text, cited, Notes()) for text in texts]


def _cited_pages(slugs: Collection[str]) -> dict[str, Page]:
    places = Address.objects.filter(kind__in=(Kind.QUESTION, Kind.SOURCE), slug__in=slugs).select_related("page")
    return {place.slug: place.page for place in places} if slugs else {}


def _alone(text: str, cited: Mapping[str, Page], numbered: Notes) -> SafeString:
    def cite(slug: str) -> tuple[str, str, str] | None:
        if slug not in cited:
            return None
        note = numbered.of(cited[slug])
        return note.marker, note.page.url, note.title

    return prose.render(text, cite)


def _row(link: Link, page: Page, marked: Mapping[int, list[Link]], numbered: Notes, role: str = "") -> Row:
    marks = marked.get(link.pk, [])
    if not role and link.role:
        role = Link.Role(link.role).label
    return Row(
        page=page,
        note=link.note,
        role=role,
        tags=tuple(mark.target for mark in marks if mark.relation == "tags"),
        notes=numbered.of_all(mark.target for mark in marks if mark.relation in ("evidence", "sources")),
    )


_TITLES = {
    ("symptoms", Kind.CONDITION): "Conditions that can show it",
    ("causes", Kind.CONDITION): "Conditions it can cause",
    ("causes", Kind.SYMPTOM): "Symptoms it can cause",
    ("treatments", Kind.CONDITION): "Conditions it is used for",
}


_SECTION_ORDER = [*_TITLES.values(), *(kind.plural.capitalize() for kind in Kind), "Statements"]


def _add_elsewhere(reading: Reading, into: Sequence[Link], marked: Mapping[int, list[Link]], numbered: Notes) -> None:
    """Sort what refers to the page into questions, related conditions and titled sections."""
    sections: dict[str, list[Row]] = defaultdict(list)
    stated = {row.page.pk for row in reading.related}
    for link in into:
        owner_kind = Kind(link.owner.kind)
        if link.relation == "about":
            reading.questions.append(link.owner)
        elif link.relation == "related":
            if link.owner_id not in stated:
                role = Link.Role(link.role).inverse
                reading.related.append(_row(link, link.owner, marked, numbered, role))
        elif link.relation in ROW_RELATIONS:
            title = _TITLES[link.relation, owner_kind]
            sections[title].append(_row(link, link.owner, marked, numbered))
        elif link.via:
            role = Link.Role(link.via.role).label if link.via.role else ""
            row = Row(link.owner, link.via.note, role, (), (), target=link.via.target)
            sections["Statements"].append(row)
        else:
            note = "" if owner_kind is Kind.QUESTION else link.owner.summary
            row = Row(link.owner, note, "", (), ())
            sections[owner_kind.plural.capitalize()].append(row)
    ordered = sorted(sections.items(), key=lambda each: _SECTION_ORDER.index(each[0]))
    reading.elsewhere = [Section(title, tuple(rows)) for title, rows in ordered]


def live_targets(wanted: Sequence[Reference]) -> dict[tuple[Kind, str], Page]:
    """The live pages that references lead to, by kind and slug, in one query."""
    return {at: page for at, page in targets(wanted).items() if page.live_id is not None}


def targets(wanted: Sequence[Reference]) -> dict[tuple[Kind, str], Page]:
    places = Q()
    for kind in {reference.kind for reference in wanted}:
        places |= Q(kind=kind, slug__in={reference.slug for reference in wanted if reference.kind == kind})
    found = Address.objects.filter(places).select_related("page") if wanted else []
    return {(Kind(one.kind), one.slug): one.page for one in found}
