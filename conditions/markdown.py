"""The parser of Markdown: CommonMark with tables and citations; and the HTML that may come of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import nh3
from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, newline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from conditions.quotes import CITATION, Quote, one_line, sentence_ends

Cite = Callable[[str], tuple[str, str, str] | None]
"""Answers a cited slug with (marker, href, accessible name) of its footnote, or None if it has none."""

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


MOST_TEXTS = 2000
"""Texts that are kept once they are parsed: pages are asked for more often than their texts change."""


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
    return _rendered(text, cite, inline, top) if cite else _without_citations(text, inline, top)


def _rendered(text: str, cite: Cite | None, inline: bool, top: int) -> str:
    tokens = _MARKDOWN.parseInline(without_surrogates(text)) if inline else parse(text, top)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"cite": cite})
    return _clean(html)


@lru_cache(MOST_TEXTS)
def _without_citations(text: str, inline: bool, top: int) -> str:
    return _rendered(text, None, inline, top)


@dataclass(frozen=True)
class Piece:
    """One statement of a text, or what stands between two: its HTML, its words, and what it cites."""

    html: str
    words: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph or a list in its pieces; anything else is one piece. tag: "p", "ul" or "ol", or none for the others.

    start: of a list with numbers, the first if it is not 1.
    """

    tag: str
    pieces: tuple[Piece, ...]
    start: int | None = None


@lru_cache(MOST_TEXTS)
def blocks_of(text: str, top: int = 3) -> tuple[Block, ...]:
    """Markdown in its blocks, cut where a sentence that cites ends, so that what it cites can stand beside it."""
    tokens = parse(text, top)
    found: list[Block] = []
    plain: list[Token] = []  # blocks that cite nothing stay together
    start = 0
    while start < len(tokens):
        end = _end_of(tokens, start)
        block = tokens[start:end]
        start = end
        if any(one.type == "citation" for token in block for one in token.children or ()):
            found += [Block("", (_whole(plain),))] if plain else []
            found.append(_block(block))
            plain = []
        else:
            plain += block
    return (*found, Block("", (_whole(plain),))) if plain else tuple(found)


@lru_cache(MOST_TEXTS)
def statement_pieces(text: str) -> tuple[Piece, ...]:
    """A text without markup, cut where a sentence that cites ends."""
    tokens, start = [], 0
    for mark in CITATION.finditer(text):
        tokens += [_text(text[start : mark.start()].rstrip()), Token("citation", "", 0, content=mark[1])]
        tokens[-1].meta["words"] = one_line(mark[2] or "")
        start = mark.end()
    return tuple(map(_piece, _statements([*tokens, _text(text[start:])])))


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _end_of(tokens: Sequence[Token], start: int) -> int:
    """Where the block that begins at a place of a list of tokens ends."""
    level = 0
    for at in range(start, len(tokens)):
        level += tokens[at].nesting
        if level <= 0:
            return at + 1
    return len(tokens)


def _block(tokens: list[Token]) -> Block:
    opening = tokens[0]
    if opening.type == "paragraph_open":
        return Block("p", tuple(map(_piece, _statements(tokens[1].children or ()))))
    if opening.tag in ("ul", "ol") and opening.nesting == 1:
        start = opening.attrs.get("start")
        return Block(opening.tag, tuple(_items(tokens[1:-1])), int(start) if start is not None else None)
    return Block("", (_whole(tokens),))


def _items(tokens: list[Token]) -> Iterator[Piece]:
    start = 0
    while start < len(tokens):
        end = _end_of(tokens, start)
        yield _whole(tokens[start + 1 : end - 1])
        start = end


def _whole(tokens: Sequence[Token]) -> Piece:
    """Blocks as one piece, whatever they cite."""
    inline = [one for token in tokens for one in token.children or ()]
    for token in tokens:
        if token.children:
            token.children = [one for one in token.children if one.type != "citation"]
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"cite": None})
    said = [words_of(token.children) if token.children else token.content for token in tokens]
    return Piece(_clean(html).strip(), " ".join(" ".join(said).split()), _quotes_of(inline))


def _statements(children: Sequence[Token]) -> list[list[Token]]:
    """The tokens of a line in pieces: each ends with the sentence that cites something."""
    pieces: list[list[Token]] = [[]]
    depth, cited = 0, False
    for token in _joined(children):
        depth += token.nesting
        if depth or token.nesting or token.type not in ("text", "citation"):
            pieces[-1].append(token)
        elif token.type == "citation":
            if not cited:
                _cut_before_sentence(pieces)
            cited = True
            pieces[-1].append(token)
        elif cited and (ends := sentence_ends(f"{_ending(pieces[-1])}{token.content}")):
            at = ends[0] - 1
            pieces[-1].append(_text(token.content[:at].rstrip()))
            pieces.append([_text(token.content[at:])])
            cited = False
        else:
            pieces[-1].append(token)
    return [piece for piece in pieces if any(token.content or token.type != "text" for token in piece)]


def _ending(piece: Sequence[Token]) -> str:
    """The last character that was said before what is cited: a citation may stand after the end of its sentence."""
    said = words_of([token for token in piece if token.type != "citation"]).rstrip()
    return said[-1:] or "x"


def _cut_before_sentence(pieces: list[list[Token]]) -> None:
    """Make whole sentences before the one that a piece ends with a piece of their own."""
    last = pieces[-1][-1] if pieces[-1] else None
    if last is not None and last.type == "text" and (ends := sentence_ends(last.content)):
        before = [*pieces[-1][:-1], _text(last.content[: ends[-1]].rstrip())]
        pieces[-1:] = [before, [_text(last.content[ends[-1] :])]]


def _joined(children: Sequence[Token]) -> list[Token]:
    """The tokens of a line, line ends that readers do not see as blanks, and texts that follow each other as one."""
    found: list[Token] = []
    for token in children:
        is_text = token.type in ("text", "softbreak")
        content = " " if token.type == "softbreak" else token.content
        if is_text and found and found[-1].type == "text":
            found[-1] = _text(found[-1].content + content)
        else:
            found.append(_text(content) if is_text else token)
    return found


def _piece(tokens: list[Token]) -> Piece:
    shown = [token for token in tokens if token.type != "citation"]
    html = _MARKDOWN.renderer.render([_line(shown)], _MARKDOWN.options, {"cite": None})
    return Piece(_clean(html).strip(), " ".join(words_of(shown).split()), _quotes_of(tokens))


def _line(children: list[Token]) -> Token:
    return Token("inline", "", 0, children=children)


def _quotes_of(tokens: Sequence[Token]) -> tuple[Quote, ...]:
    found = (Quote(one.content, one.meta["words"]) for one in tokens if one.type == "citation")
    return tuple(dict.fromkeys(found))


def _clean(html: str) -> str:
    return _CLEANER.clean(without_surrogates(html))


def words_of(tokens: Sequence[Token]) -> str:
    """What is said in the tokens of one block, without markup and citations."""
    spaces = {"softbreak": " ", "hardbreak": " ", "citation": ""}
    return "".join(
        words_of(token.children) if token.children else spaces.get(token.type, token.content) for token in tokens
    )


def _citation_rule(state: StateInline, silent: bool) -> bool:
    """Read `[@slug]` and `[@slug "words"]`; the parser has taken code and escapes out by now."""
    found = CITATION.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.content, token.meta["words"] = found[1], one_line(found[2] or "")
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
