"""The first use of each medical word on a page, marked, and what it means."""

from __future__ import annotations

import html
import re
from collections import defaultdict
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


def explain(content: PageContent, forms: Forms) -> None:
    """Mark the first use of each word in the texts of a page, in its order, and note those that are used.

    Not in a card that says when to call for help, which has nothing to read on; nor what the page itself is called.
    """
    if not forms.terms:
        return
    marker = _Marker(forms, forms.called((content.name, *content.record.get("also_called", ()))))
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


class Forms:
    """What stands for which word, and a pattern that finds all of them in HTML.

    Make it once for as long as the words stay the same: a pattern of thousands costs more than a page.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        each_form = [(form, term) for term in terms for form in term.forms]
        self.terms = {one_form(form): term for form, term in each_form}
        self._slugs: dict[str, set[str]] = defaultdict(set)
        for form, term in each_form:
            self._slugs[prose.fold(form)].add(term.slug)
        # The longest first. One in capitals, such as MS, is no other word in small letters.
        forms = sorted(self.terms, key=lambda form: (-len(form), form))
        each = (_in_html(form) if form.isupper() else f"(?i:{_in_html(form)})" for form in forms)
        self.pattern = re.compile(rf"(?<![\w&#-])(?:{'|'.join(each)})(?![\w-])")

    def of(self, use: str) -> Term | None:
        """The word for which a piece of HTML stands."""
        form = one_form(html.unescape(use))
        return self.terms.get(form) or self.terms.get(form.lower())

    def called(self, names: Iterable[str]) -> set[str]:
        """The slugs of the words that go by one of some names."""
        return set().union(*(self._slugs.get(prose.fold(name), set()) for name in names))


@lru_cache(maxsize=5000)  # a page says the same each time that it is made
def _cut(said: str, forms: Forms) -> tuple[tuple[str, Term | None], ...]:
    """Safe HTML in pieces, each with the word for which it stands, where it may be marked; nothing where none does."""
    pieces: list[tuple[str, Term | None]] = []
    inside = 0
    for part in _TAGS.split(said):
        done = 0
        if tag := _TAG.match(part):
            inside += (tag[2] in _UNMARKED) * (-1 if tag[1] else 1)
        elif not inside:
            for use in forms.pattern.finditer(part):
                # Letters such as ſ are an s in another case to a pattern alone.
                if term := forms.of(use[0]):
                    pieces += [(part[done : use.start()], None), (use[0], term)]
                    done = use.end()
        pieces.append((part[done:], None))
    return tuple(pieces) if any(term for _, term in pieces) else ()


@dataclass
class _Marker:
    """Marks words, each once, and notes which it found, by slug. own: those that are not marked on this page."""

    forms: Forms
    own: Collection[str]
    found: dict[str, Term] = field(default_factory=dict)

    def html(self, said: str) -> SafeString:
        """Safe HTML with the words that are not marked yet as links to what they mean."""
        pieces = _cut(said, self.forms)
        return mark_safe("".join(self._marked(use, term) if term else use for use, term in pieces) if pieces else said)

    def _marked(self, use: str, term: Term) -> str:
        if term.slug in self.own or term.slug in self.found:
            return use
        self.found[term.slug] = term
        return f'<a class="term" id="use-{term.slug}" href="#word-{term.slug}">{use}</a>'

    def piece(self, piece: Said) -> Said:
        marked = self.html(piece.html)
        return piece if marked == piece.html else replace(piece, html=marked)

    def said(self, pieces: Sequence[Said]) -> tuple[Said, ...]:
        return tuple(map(self.piece, pieces))

    def prose(self, text: Prose) -> Prose:
        blocks = [replace(block, pieces=self.said(block.pieces)) for block in text.blocks]
        return replace(text, blocks=blocks, text=self.html(text.text))

    def section(self, section: Section) -> Section:
        """Rows stand in groups on the page: the first use is the first that readers meet."""
        marked: dict[int, Row] = {}
        for row in (row for _, rows in section.groups for row in rows if row.note):
            note = escape(row.note)
            if (found := self.html(note)) != note:
                marked[id(row)] = replace(row, note=found)
        return replace(section, rows=[marked.get(id(row), row) for row in section.rows]) if marked else section


def one_form(form: str) -> str:
    """A form of a word whatever its apostrophes, the white space in it, and its case unless it is all in capitals."""
    said = " ".join(form.replace("’", "'").split())
    return said if said.isupper() else said.lower()


def _in_html(form: str) -> str:
    """A pattern for a form as HTML says it, on one line or more."""
    words = (re.escape(escape(word)).replace(re.escape("&#x27;"), "(?:['’]|&#x27;)") for word in form.split())
    return r"(?:\s|&nbsp;)+".join(words)
