"""The first use of each medical word on a page, marked, and what it means."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

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
    forms = _forms(tuple(terms))
    if not forms.terms:
        return
    marker = _Marker(forms, {term.slug for term in terms if not own.isdisjoint(map(prose.fold, term.forms))})
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


class _Forms:
    """What stands for which word, and a pattern that finds all of them in HTML."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = {one_form(form): term for term in terms for form in term.forms}
        # The longest first. One in capitals, such as MS, is no other word in small letters.
        forms = sorted(self.terms, key=lambda form: (-len(form), form))
        each = (_in_html(form) if form.isupper() else f"(?i:{_in_html(form)})" for form in forms)
        self.pattern = re.compile(rf"(?<![\w&#-])(?:{'|'.join(each)})(?![\w-])")

    def of(self, use: str) -> Term | None:
        """The word for which a piece of HTML stands."""
        form = one_form(html.unescape(use))
        return self.terms.get(form) or self.terms.get(form.lower())


@lru_cache(maxsize=1)
def _forms(terms: tuple[Term, ...]) -> _Forms:
    """Compiled once for as long as the words stay the same: a pattern of thousands costs more than a page."""
    return _Forms(terms)


@dataclass
class _Marker:
    """Marks words, each once, and notes which it found, by slug. own: those that are not marked on this page."""

    forms: _Forms
    own: Collection[str]
    found: dict[str, Term] = field(default_factory=dict)

    def html(self, said: str) -> SafeString:
        """Safe HTML with the words that are not marked yet as links to what they mean."""
        parts, inside = [], 0
        for part in _TAGS.split(said):
            if tag := _TAG.match(part):
                inside += (tag[2] in _UNMARKED) * (-1 if tag[1] else 1)
            parts.append(part if tag or inside else self.forms.pattern.sub(self._marked, part))
        return mark_safe("".join(parts))

    def _marked(self, use: re.Match[str]) -> str:
        term = self.forms.of(use[0])
        # Letters such as ſ are an s in another case to a pattern alone.
        if term is None or term.slug in self.own or term.slug in self.found:
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


def one_form(form: str) -> str:
    """A form of a word whatever its apostrophes, the white space in it, and its case unless it is all in capitals."""
    said = " ".join(form.replace("’", "'").split())
    return said if said.isupper() else said.lower()


def _in_html(form: str) -> str:
    """A pattern for a form as HTML says it, on one line or more."""
    words = (re.escape(escape(word)).replace(re.escape("&#x27;"), "(?:['’]|&#x27;)") for word in form.split())
    return r"(?:\s|&nbsp;)+".join(words)
