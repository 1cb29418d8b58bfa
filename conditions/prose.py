"""Editors' text: its canonical form, its HTML, its words, its keys and how hard it is to read.

Text goes in, text comes out: no database, no settings, and no function here fails on any text. Markdown is
CommonMark with tables, without raw HTML and without pictures. A statement may carry a citation in Pandoc's
form, `[@slug]`, which becomes a footnote. Links lead to pages, mailboxes and phones; `flaws` names all others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it.token import Token

from conditions import characters, markdown, markdown_lines, quotes
from conditions.markdown import Block, Cite, Piece
from conditions.quotes import CITATION
from conditions.schema import SLUG_LENGTH

LINKS_LEAD_TO = "start it with https://, http://, mailto:, tel: or sms:, or with / for a page of this site"
_MAY_BE_FLAWED = re.compile(r"\]\(|[<#]|^[> \t]*[-=]+[ \t]*$", re.MULTILINE)
_IS_WHOLE = re.compile(r"[/#?]|[a-zA-Z][-+.a-zA-Z0-9]*:.")
_NO_LINK = re.compile(r"\]\(<?[a-zA-Z][-+.a-zA-Z0-9]*:.*")
_MARKUP = re.compile(r"[\\`*_\[<&|\0]|^(?: {4}| {0,3}\t)|^ *(?:[-+#>~=:]|\d{1,9}[.)])", re.MULTILINE)
_WITH_BLANKS = re.compile(rf"\s*{CITATION.pattern}")
_BLANK_LINES = re.compile(r"\n{2,}")
APOSTROPHES = "'’‘‛ʼʻʹ′`´＇"
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NOT_IN_KEYS = re.compile(r"[\W_]+")
_ASCII_KEYS = {code: " " for code in range(128) if not chr(code).isalnum()}
_SIGNS = re.compile("[<>=≤≥≠±+%]")
_ARTICLE = re.compile(r"^(?:an?|the) ")
_WORD = re.compile(rf"[^\W_](?:[\w{APOSTROPHES}\u0300-\u036f]*[\w\u0300-\u036f])?")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_ENDING = re.compile(r"(?:[^aeiouyl]e|[aeiouy]le|[^aeiouytd]ed|[^aeiouylcgshxz]es)$")


def canonical(text: str) -> str:
    """Give Markdown its one form, which reads the same: `characters.cleaned`, and one line end last.

    No blanks are at line ends but in code: a line break is a backslash. Lines that begin with a bullet sign are lists.
    """
    text = characters.cleaned(text)
    if markdown_lines.MAY_HOLD_LIST.search(text):
        text = _with_lists(text)
    if markdown_lines.MAY_HOLD_BLANKS.search(text):
        text = _with_breaks(text)
    body = text.strip("\n")
    return f"{body}\n" if body else ""


@lru_cache(maxsize=16)  # a save asks for the same text several times
def _with_lists(text: str) -> str:
    tokens = markdown.parse(text)
    lists = markdown_lines.with_lists(text, tokens)
    # Code that goes over several lines may end where an item does.
    return lists if _code(markdown.parse(lists)) == _code(tokens) else text


@lru_cache(maxsize=16)
def _with_breaks(text: str) -> str:
    tokens = markdown.parse(text)
    visible = markdown_lines.with_breaks(text, tokens, "\\")
    # A stray * or _ before a backslash may begin what it did not before blanks.
    is_same = _types(markdown.parse(visible)) == _types(tokens)
    return visible if is_same else markdown_lines.with_breaks(text, tokens, "  ")


def canonical_line(text: str) -> str:
    """Give a text of one line its one form: `characters.cleaned`, single spaces, none around it."""
    return " ".join(characters.cleaned(text).split())


def has_control_characters(text: str) -> bool:
    """Tell whether text holds what a database or XML cannot: control characters, halves of characters."""
    return characters.not_kept(text) is not None


def distinct_names(names: Iterable[str]) -> list[str]:
    """Names in their order, without those that are an earlier one in other letters: equal by `fold` and `signs`."""
    found: dict[tuple[str, str], str] = {}
    for name in names:
        found.setdefault((fold(name) or name, signs(name)), name)
    return list(found.values())


def best_written(name: str) -> tuple[bool, int, str]:
    """A key to sort spellings of one name by, the one to show first: not all capitals, with its accents."""
    return name.isupper(), -len(unicodedata.normalize("NFD", name)), name


def render(text: str, cite: Cite | None = None, *, inline: bool = False, top: int = 3) -> SafeString:
    """Turn Markdown into safe HTML, its citations into links to footnotes.

    A citation that `cite` does not know, and any if there is no `cite`, is left out with the space before it.
    inline: the text is a few words inside a line, and makes no paragraph. top: the level of its highest headings;
    each of the others is at most one level below the one that it stands under.
    """
    return mark_safe(markdown.html_of(text, cite, inline=inline, top=top))


def blocks(text: str, top: int = 3) -> tuple[Block, ...]:
    """Markdown as blocks of safe HTML in pieces, each with what it cites, which is not in it. top: see `render`."""
    return markdown.blocks_of(text, top)


def statement_pieces(text: str) -> tuple[Piece, ...]:
    """A text without markup as pieces of safe HTML, each with what it cites, which is not in the HTML."""
    return markdown.statement_pieces(text)


def uncited(text: str) -> str:
    """A text without markup, and without its citations."""
    # Without a look whether there is any, it would be tried at every blank.
    return canonical_line(_WITH_BLANKS.sub("", text) if "[@" in text else text)


def citations(text: str) -> list[str]:
    """List the slugs that Markdown cites, in order, each once."""
    if "[@" not in text:
        return []
    tokens = (token for block in markdown.parse(text) for token in block.children or ())
    return list(dict.fromkeys(token.content for token in tokens if token.type == "citation"))


def statement_citations(text: str) -> list[str]:
    """List the slugs that a text without markup cites, in order, each once."""
    return list(dict.fromkeys(quote.slug for quote in quotes.quotes_in(text)))


def flaws(text: str, *, only_calls: bool = False) -> list[str]:
    """What keeps Markdown from being read or used by everyone: links that lead nowhere or have no words, and the like.

    Each in words for editors, with those to find the place by. only_calls: links to pages are flaws too, because who
    reads it has to call a number and not to read on.
    """
    found: list[str] = []
    if _MAY_BE_FLAWED.search(text):
        tokens = markdown.parse_any_link(text)
        for before, token in pairwise(tokens):
            if before.type == "heading_open" and not markdown.words_of(token.children or ()).strip():
                found.append(f"line {(before.map or [0])[0] + 1} is a heading without words; write some, or remove it")
            found += _link_flaws(token.children or (), only_calls)
    return list(dict.fromkeys(found))


def _link_flaws(tokens: Sequence[Token], only_calls: bool) -> Iterator[str]:
    """What is wrong with the links of one block, and with what was meant to be one."""
    href, words = None, ""
    for token in tokens:
        if token.type == "link_open":
            href, words = str(token.attrs["href"]), ""
        elif token.type == "link_close" and href is not None:
            yield from _flaws_of_link(href, words)
            if only_calls and not href.startswith(("tel:", "sms:")):
                yield f"the link “{shortened(words, 60)}” leads away from a call for help; leave only its words"
            href = None
        elif token.type == "text" and (found := _NO_LINK.search(token.content)):
            yield f"{shortened(found[0], 60)!r} is not read as a link; write its address without spaces"
        if token.type == "image" and not markdown.can_be_followed(str(token.attrs["src"])):
            yield f"the picture {shortened(token.content, 60)!r} cannot be shown; write its words instead"
        words += markdown.words_of([token])


def _flaws_of_link(href: str, words: str) -> Iterator[str]:
    address, named = shortened(href, 60), shortened(words, 60)
    if not fold(words):
        yield f"a link to {address!r} has no words; write between [ and ] where it leads"
    elif not href:
        yield f"the link “{named}” has no address; write it between ( and )"
    elif not _IS_WHOLE.match(href) or not markdown.can_be_followed(href):
        yield f"the link “{named}” leads to {address!r}, which readers cannot follow; {LINKS_LEAD_TO}"


@lru_cache(maxsize=100)  # a check asks for the same ones twice
def links(text: str) -> Sequence[tuple[str, str]]:
    """The address and the words of each link of Markdown that can be followed, in order."""
    found: list[tuple[str, str]] = []
    if not any(sign in text for sign in ("](", "]:", "<")):
        return ()
    href, words = "", ""
    for token in _all(markdown.parse(text)):
        if token.type == "link_open":
            href, words = str(token.attrs["href"]), ""
        elif token.type == "link_close":
            found.append((href, words))
        elif token.type != "inline":
            words += markdown.words_of([token])
    return tuple(found)


def map_citations(text: str, names: Mapping[str, str | None]) -> str:
    """Write the citations of Markdown under new names; one whose name is None is removed, others stay."""

    def renamed(found: re.Match[str]) -> str:
        name = names.get(found[1], found[1])
        return f"[@{name}{found[0].removeprefix(f'[@{found[1]}')}" if name else ""

    return CITATION.sub(renamed, text)


def shortened(text: str, length: int = 300) -> str:
    """The beginning of plain text on one line, cut at the end of a word, with "…" where something follows."""
    line = canonical_line(text)
    return line if len(line) <= length else line[:length].rsplit(" ", 1)[0] + "…"


@lru_cache(maxsize=1000)
def paragraphs(text: str) -> Sequence[str]:
    """The words of each paragraph, heading, list item, table cell and block of code."""
    text = canonical(markdown.without_surrogates(text))
    if _MARKUP.search(text):
        pieces = [
            markdown.words_of(token.children) if token.children else token.content for token in markdown.parse(text)
        ]
    else:  # as the parser would do, but a hundred times faster: most notes and summaries have no markup
        pieces = _BLANK_LINES.split(text)
    return tuple(filter(None, map(canonical_line, pieces)))


def paragraphs_with_links(text: str) -> Sequence[str]:
    """`paragraphs`, with the address of each link after its words, in round brackets."""
    if not links(text):
        return paragraphs(text)
    blocks = markdown.parse(canonical(markdown.without_surrogates(text)))
    pieces = ["".join(_with_addresses(block.children)) if block.children else block.content for block in blocks]
    return tuple(filter(None, map(canonical_line, pieces)))


def _with_addresses(tokens: Sequence[Token]) -> Iterator[str]:
    href = ""
    for token in tokens:
        href = str(token.attrs["href"]) if token.type == "link_open" else href
        yield f" ({href})" if token.type == "link_close" else markdown.words_of([token])


def plain(text: str) -> str:
    """Reduce Markdown to its words: no markup, no citations, single spaces."""
    return " ".join(paragraphs(text))


def sentences(text: str) -> list[str]:
    """Cut the words of Markdown into sentences. A heading, a list item and a table cell end one."""
    return [block[start:end] for block in paragraphs(text) for start, end in quotes.sentences(block)]


def grade(text: str) -> float:
    """Tell the school grade that Markdown reads at: the Flesch-Kincaid grade level, 0 without words.

    .39 words a sentence + 11.8 syllables a word - 15.59, from Kincaid, Fishburne, Rogers and Chissom (1975),
    "Derivation of new readability formulas for Navy enlisted personnel", Research Branch Report 8-75.
    Syllables are counted by groups of vowels. The reader's age is about the grade and five years.
    """
    spoken = [words for words in (_WORD.findall(sentence) for sentence in sentences(text)) if words]
    words = [word for sentence in spoken for word in sentence]
    if not words:
        return 0.0
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / len(spoken) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    key = fold(word)
    return max(1, len(_VOWELS.findall(key)) - bool(_SILENT_ENDING.search(key)))


def excerpt(text: str, words: Iterable[str], length: int = 160) -> SafeString:
    """Cut plain text to about `length` characters around the first of `words`, and mark these words in it.

    `text` is plain (see `plain`), not Markdown. Words match by their fold.
    """
    wanted = {key for word in words for key in fold(word).split()}
    line = canonical_line(markdown.without_surrogates(text))
    first = next((hit for hit in _WORD.finditer(line) if _is_wanted(hit, wanted)), None)
    start, end = _window(line, first.span() if first else (0, 0), length)
    piece = line[start:end]
    html, done = ["…" if start else ""], 0
    for hit in _WORD.finditer(piece):
        if _is_wanted(hit, wanted):
            html += [escape(piece[done : hit.start()]), "<mark>", escape(hit[0]), "</mark>"]
            done = hit.end()
    html += [escape(piece[done:]), "…" if end < len(line) else ""]
    return mark_safe("".join(html))


def _is_wanted(hit: re.Match[str], wanted: set[str]) -> bool:
    return not wanted.isdisjoint(fold(hit[0]).split())


def _window(line: str, hit: tuple[int, int], length: int) -> tuple[int, int]:
    """Find where to cut so that the hit is inside and no word is cut, unless it alone is longer than that."""
    start = max(0, min(hit[0] - length // 3, len(line) - length))
    if start:
        start = line.find(" ", start - 1, hit[0]) + 1 or hit[0]
    end = max(start + length, hit[1])
    if end < len(line):
        cut = line.rfind(" ", hit[1], end + 1)
        end = cut if cut > start else end
    return start, end


def fold(text: str) -> str:
    """Make a key to match by: no case, accents or apostrophes, all but letters and digits one space."""
    text = _without_apostrophes(characters.without_unseen(text))
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = _without_apostrophes(_BEYOND_ASCII.sub(_without_accents, text))
    text = text.casefold()
    if text.isascii():  # as below, but many times faster
        return " ".join(text.translate(_ASCII_KEYS).split())
    return _NOT_IN_KEYS.sub(" ", text).strip()


def _without_apostrophes(text: str) -> str:
    for apostrophe in APOSTROPHES:  # many times faster than str.translate, where a text is not all ASCII
        text = text.replace(apostrophe, "")
    return text


def _without_accents(found: re.Match[str]) -> str:
    return "".join(char for char in found[0] if not unicodedata.combining(char))


def signs(text: str) -> str:
    """The signs in a name that a key leaves out and that make it another name: "Age < 65", "Age > 65"."""
    return "".join(_SIGNS.findall(text))


def slug_of(name: str) -> str:
    """The slug that a new name gets: its folded words with hyphens. Empty if it has no letters or digits."""
    return slugify(fold(name))[:SLUG_LENGTH].strip("-")


def sort_key(name: str) -> str:
    """Make the key that a name is listed by: its fold without a leading article."""
    return _ARTICLE.sub("", fold(name))


def letter(key: str) -> str:
    """Name the heading in the A to Z that a sort key belongs under: "A" to "Z", or "#"."""
    return key[:1].upper() if re.match("[a-zA-Z]", key) else "#"


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    """Blocks and what is in their lines, in order."""
    for token in tokens:
        yield from (token, *(token.children or ()))


def _types(tokens: Sequence[Token]) -> list[str]:
    """What there is in Markdown besides words, in order."""
    return [token.type for token in _all(tokens) if token.type not in ("text", "softbreak")]


def _code(tokens: Sequence[Token]) -> list[str]:
    return [token.content for token in _all(tokens) if token.type in ("fence", "code_block", "code_inline")]
