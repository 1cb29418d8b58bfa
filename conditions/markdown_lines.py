"""The lines of Markdown as they are kept: what word processors write as lists are lists, line breaks can be seen.

Both functions take text whose line ends are line feeds, and the tokens that the parser of `prose` made of it: they
say which lines are paragraphs and which are code. A token that ends a line carries in `meta` where ("at") and
whether readers see a new line there ("hard").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

_SIGNS = "•▪■◦‣⁃●○▫□➢❖\uf0b7\uf0a7\uf0d8\uf0fc"
"""What starts an item wherever a blank follows. A bullet does without one; the others below need a wide gap."""
MAY_HOLD_LIST = re.compile(rf"^[^\S\n]*(?:[{_SIGNS}·o§Øü–—]|(?:[-*+]|\d{{1,9}}[.)])\u00a0)", re.MULTILINE)
MAY_HOLD_BLANKS = re.compile(r"[ \t]$", re.MULTILINE)
_ITEM = re.compile(
    rf"(?P<indent>\s*)(?:(?P<sign>•|[{_SIGNS}](?=\s)|[·o§Øü–—](?=\t|\s\s))|(?P<marker>[-*+]|\d{{1,9}}[.)])(?=\u00a0))"
    r"(?P<gap>\s*)(?P<text>(?!\\$)\S.*)"
)
_BLOCK_START = re.compile(
    r"(?:(\d{1,9})(?=[.)](?:[ \t]|$))"
    r"|(?=(?:#{1,6}|[-+*])(?:[ \t]|$)|>|`{3,}[^`]*$|~{3}|([-_*])[ \t]*(?:\2[ \t]*){2,}$|[=-]+[ \t]*$))"
)


def with_lists(text: str, tokens: Sequence[Token]) -> str:
    """Markdown in which lines of a paragraph that begin with a bullet sign are items of a list.

    A sign with another indent, or other than those before it, opens a list within the item, as in what is pasted from
    a word processor. One sign alone within a paragraph is none, unless a wide gap follows or a colon comes before.
    """
    lines = text.split("\n")
    levels: list[tuple[str, str]] = []
    end, base = 0, ""
    for start, stop, is_in_list in _paragraphs(tokens):
        items = {number: item for number in range(start, stop) if (item := _ITEM.match(lines[number]))}
        if not _is_list(items, lines, start, is_in_list):
            levels = []
            continue
        if not levels or any(lines[end:start]):
            levels, base = [], items[min(items)]["indent"] if is_in_list else ""
        for number in range(min(items), stop):
            lines[number] = _item(items[number], levels, base) if number in items else _continued(lines[number])
        end = stop
    return "\n".join(lines)


def _paragraphs(tokens: Sequence[Token]) -> Iterator[tuple[int, int, bool]]:
    """The first line of each paragraph, the line after it, and whether it is in a list. Not those of quotations."""
    quoted = 0
    for token in tokens:
        quoted += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "paragraph_open" and token.map and not quoted:
            yield token.map[0], token.map[1], token.level > 0


def _is_list(items: dict[int, re.Match[str]], lines: Sequence[str], start: int, is_in_list: bool) -> bool:
    if not items:
        return False
    first = min(items)
    is_certain = len(items) > 1 or first == start or is_in_list or lines[first - 1].rstrip().endswith(":")
    return is_certain or any(len(item["gap"]) > 1 or item["gap"] == "\t" for item in items.values())


def _item(item: re.Match[str], levels: list[tuple[str, str]], base: str) -> str:
    """A line as an item of a list. levels: the signs and indents of the lists that it is in; it is brought forward."""
    sign = item["sign"] or item["marker"]
    key = (sign if item["sign"] else "", item["indent"])
    if key in levels:
        del levels[levels.index(key) + 1 :]
    else:
        levels.append(key)
    indent = base + "  " * (len(levels) - 1)
    return f"{indent}{item['marker'] or '-'} {_escaped(item['text'])}"


def _continued(line: str) -> str:
    """A line that goes on with an item: without an indent that was none in a paragraph, and is one in an item."""
    return _escaped(line.lstrip()) if line.expandtabs(4).startswith("    ") else line


def _escaped(text: str) -> str:
    """The beginning of a line so that it remains the words of a paragraph."""
    found = _BLOCK_START.match(text)
    return f"{found[0]}\\{text[found.end() :]}" if found else text


def with_breaks(text: str, tokens: Sequence[Token], sign: str) -> str:
    """Markdown without blanks at line ends, code excepted; where they broke a line, the sign of a break stands."""
    code = {line for token in tokens if token.type in ("fence", "code_block") for line in range(*token.map or (0, 0))}
    ends = {line: is_hard for token in tokens if token.type == "inline" for line, is_hard in _line_ends(token)}
    lines = text.split("\n")
    for number, line in enumerate(lines):
        bare = line.rstrip(" \t")
        if bare == line or number in code:
            continue
        if number in ends:
            # A backslash before blanks is one that readers see: at the end of the line it must say so.
            bare += ("\\" if _is_odd(bare) else "") + (sign if ends[number] else "")
        lines[number] = bare
    return "\n".join(lines)


def _line_ends(token: Token) -> Iterator[tuple[int, bool]]:
    """The lines within a block of words, by number, and whether readers see a new line after each."""
    line, place = token.map[0] if token.map else 0, 0
    for child in token.children or ():
        if "at" in child.meta:
            line += token.content.count("\n", place, child.meta["at"])
            place = child.meta["at"]
            yield line, child.meta["hard"]


def _is_odd(text: str) -> bool:
    """Whether the last of the backslashes at the end escapes nothing."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1
