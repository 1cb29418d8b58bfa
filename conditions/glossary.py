"""The first use of each medical word on a page, marked, and what it means."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from conditions import prose
from conditions.page_parts import BACKLINKS_BEFORE, PageContent, Prose, Row, Section, Term
from conditions.proof import Said
from conditions.records import RecordLike
from conditions.schema import NOW, Field, Kind

_TAGS = re.compile(r"(<[^>]*>)")
_TAG = re.compile(r"<(/?)(\w+)")
_UNMARKED = {"a", "code", "pre", "h3", "h4", "h5", "h6"}
"""Elements in which no word is marked: what leads elsewhere already, and what is no running text."""


def terms_in(read: Iterable[RecordLike]) -> list[Term]:
    """The words that are explained, of the live records that are given."""
    found = [
        Term(one["slug"], one["name"], prose.uncited(one.get("summary") or ""), (one["name"], *one.get("forms", ())))
        for one in read
        if one["kind"] == Kind.TERM
    ]
    return sorted(found, key=lambda term: term.slug)


def explain(content: PageContent, terms: Sequence[Term]) -> None:
    """Mark the first use of each word in the texts of a page, in its order, and note those that are used.

    Not in a card that says when to call for help, which has nothing to read on; nor what the page itself is called.
    """
    own = {prose.fold(name) for name in (content.name, *content.record.get("also_called", ()))}
    others = [term for term in terms if own.isdisjoint(map(prose.fold, term.forms))]
    if not others:
        return
    marker = _Marker(others)
    content.answer = marker.said(content.answer)
    backlinks, content.backlinks = content.backlinks, []
    for part in content.schema.page_order:
        if part.name == BACKLINKS_BEFORE:
            content.backlinks = list(map(marker.section, backlinks))
        if isinstance(part, Field):
            if part.name != NOW and (text := content.prose.get(part.name)):
                content.prose[part.name] = marker.prose(text)
        else:
            content.relations[part.name] = marker.section(content.relations[part.name])
    content.backlinks = content.backlinks or list(map(marker.section, backlinks))
    content.words_explained = sorted(marker.found.values(), key=lambda term: prose.fold(term.name))


@dataclass
class _Marker:
    """Marks words, each once, and notes which it found, by slug."""

    terms: Sequence[Term]
    found: dict[str, Term] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = {_one_form(form): term for term in self.terms for form in term.forms}
        self.by_form = {form if form.isupper() else form.lower(): term for form, term in keys.items()}
        # The longest first. One in capitals, such as MS, is no other word in small letters.
        forms = sorted(keys, key=lambda form: (-len(form), form))
        each = (_in_html(form) if form.isupper() else f"(?i:{_in_html(form)})" for form in forms)
        self.pattern = re.compile(rf"(?<![\w&#-])(?:{'|'.join(each)})(?![\w-])")

    def html(self, said: str) -> SafeString:
        """Safe HTML with the words that are not marked yet as links to what they mean."""
        parts, inside = [], 0
        for part in _TAGS.split(said):
            if tag := _TAG.match(part):
                inside += (tag[2] in _UNMARKED) * (-1 if tag[1] else 1)
            parts.append(part if tag or inside else self.pattern.sub(self._marked, part))
        return mark_safe("".join(parts))

    def _marked(self, use: re.Match[str]) -> str:
        form = _one_form(html.unescape(use[0]))
        term = self.by_form.get(form) or self.by_form.get(form.lower())
        if term is None or term.slug in self.found:  # letters such as ſ are an s in another case to a pattern alone
            return use[0]
        self.found[term.slug] = term
        return f'<a class="term" id="use-{term.slug}" href="#word-{term.slug}">{use[0]}</a>'

    def said(self, pieces: Sequence[Said]) -> tuple[Said, ...]:
        return tuple(replace(piece, html=self.html(piece.html)) for piece in pieces)

    def prose(self, text: Prose) -> Prose:
        blocks = [replace(block, pieces=self.said(block.pieces)) for block in text.blocks]
        return replace(text, blocks=blocks, text=self.html(text.text))

    def row(self, row: Row) -> Row:
        return replace(row, note=self.html(escape(row.note)))

    def section(self, section: Section) -> Section:
        """Rows stand in groups on the page: the first use is the first that readers meet."""
        marked = {id(row): self.row(row) for _, rows in section.groups for row in rows}
        return replace(section, rows=[marked.get(id(row), row) for row in section.rows])


def _one_form(form: str) -> str:
    """A form whatever its apostrophes and the white space between its words."""
    return " ".join(form.replace("’", "'").split())


def _in_html(form: str) -> str:
    """A pattern for a form as HTML says it, on one line or more."""
    words = (re.escape(escape(word)).replace(re.escape("&#x27;"), "(?:['’]|&#x27;)") for word in form.split())
    return r"(?:\s|&nbsp;)+".join(words)
