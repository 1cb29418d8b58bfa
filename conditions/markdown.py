"""The parser of Markdown: CommonMark with tables and citations; and the HTML that may come of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import nh3
from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, newline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

Cite = Callable[[str], tuple[str, str, str] | None]
"""Answers a cited slug with (marker, href, accessible name) of its footnote, or None if it has none."""

CITATION = re.compile(r"\[@([-a-zA-Z0-9_]+)\]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLOCK_TAGS = {"p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre"}
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
_CLEANER = nh3.Cleaner(
    tags=_BLOCK_TAGS | _TABLE_TAGS | {"a", "code", "em", "strong"},
    attributes={"a": {"href", "title", "aria-label"}, "ol": {"start"}},
    allowed_classes={"a": {"note"}},
    url_schemes={"http", "https", "mailto", "tel", "sms"},
    link_rel="noopener",
)


def without_surrogates(text: str) -> str:
    """Text that can be encoded: halves of characters are replaced."""
    return _SURROGATE.sub("\ufffd", text)


def parse(text: str, top: int = 3) -> list[Token]:
    """The tokens of Markdown. top: the level of its highest headings."""
    return _MARKDOWN.parse(without_surrogates(text), {"top": top})


def parse_any_link(text: str) -> list[Token]:
    """The tokens of Markdown, links that nobody can follow among them."""
    return _MARKDOWN_OF_ANY_LINK.parse(without_surrogates(text), {})


def html_of(text: str, cite: Cite | None, *, inline: bool, top: int) -> str:
    """Markdown as HTML that is safe. `prose.render` says what the arguments mean."""
    tokens = _MARKDOWN.parseInline(without_surrogates(text)) if inline else parse(text, top)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"cite": cite})
    return _CLEANER.clean(without_surrogates(html))


def words_of(tokens: Sequence[Token]) -> str:
    """What is said in the tokens of one block, without markup and citations."""
    spaces = {"softbreak": " ", "hardbreak": " ", "citation": ""}
    return "".join(
        words_of(token.children) if token.children else spaces.get(token.type, token.content) for token in tokens
    )


def _citation_rule(state: StateInline, silent: bool) -> bool:
    """Read `[@slug]`; the parser has taken code and escapes out by now."""
    found = CITATION.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.push("citation", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _glue_citations(state: StateCore) -> None:
    """Take the space before a citation out of the text; the citation puts in one that does not break."""
    for block in state.tokens:
        for before, token in pairwise(block.children or ()):
            if token.type == "citation" and before.type in ("text", "softbreak", "hardbreak"):
                kept = before.content.rstrip()
                token.meta["glued"] = before.type != "text" or kept != before.content
                before.type, before.content = "text", kept


def _newline_rule(state: StateInline, silent: bool) -> bool:
    """Read a line end as the parser does, and note where it is and whether readers see a new line."""
    at = state.pos
    found = newline(state, silent)
    if found and not silent:
        state.tokens[-1].meta |= {"at": at, "hard": state.tokens[-1].type == "hardbreak"}
    return found


def _level_headings(state: StateCore) -> None:
    """Let headings begin at the top level and leave none out, whatever levels they were written with."""
    above: list[str] = []
    for token in state.tokens:
        if token.type == "heading_open":
            while above and above[-1] >= token.tag:
                above.pop()
            above.append(token.tag)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, state.env.get('top', 3) + len(above) - 1)}"


def _open_empty_headers(state: StateCore) -> None:
    """Make table headers without words plain cells: they are headers of nothing."""
    for opening, words, closing in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if opening.type == "th_open" and not words_of(words.children or ()).strip():
            opening.tag = closing.tag = "td"


def can_be_followed(href: str) -> bool:
    """Whether the cleaner leaves a link its address. Without one it would look like a link and be none."""
    return bool(href) and "href" in _CLEANER.clean(f'<a href="{escape(href)}">x</a>')


def _render_citation(
    renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    return note_of(token.content, env["cite"], is_glued=bool(token.meta.get("glued")))


def note_of(slug: str, cite: Cite | None, *, is_glued: bool) -> str:
    """The link to the footnote of what is cited, or nothing if it has none. is_glued: it stays with the word before."""
    footnote = cite(slug) if cite else None
    if footnote is None:
        return ""
    marker, href, label = map(escape, footnote)
    space = "\u00a0" if is_glued else ""
    return f'{space}<a class="note" href="{href}" aria-label="{label}">[{marker}]</a>'


def _render_image(
    renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return escape(" ".join(words_of(tokens[index].children or ()).split()))


class _Parser(MarkdownIt):
    """Reads as links those whose address can be followed; others are plain words."""

    def validateLink(self, url: str) -> bool:
        return can_be_followed(url)


class _ParserOfAnyLink(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return True


def _markdown(parser: type[MarkdownIt]) -> MarkdownIt:
    # Definitions of references would swallow what looks like one: nothing that is written may vanish.
    markdown = parser("commonmark", {"html": False}).enable("table").disable("reference")
    markdown.inline.ruler.at("newline", _newline_rule)
    markdown.inline.ruler.before("link", "citation", _citation_rule)
    markdown.core.ruler.push("glue_citations", _glue_citations)
    markdown.core.ruler.push("level_headings", _level_headings)
    markdown.core.ruler.push("open_empty_headers", _open_empty_headers)
    markdown.add_render_rule("citation", _render_citation)
    markdown.add_render_rule("image", _render_image)
    return markdown


_MARKDOWN = _markdown(_Parser)
_MARKDOWN_OF_ANY_LINK = _markdown(_ParserOfAnyLink)
