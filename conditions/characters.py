"""Characters that nobody can see: those that go, those that stay, and those that no text can hold.

Text goes in, text comes out, and no function here fails on any text. What goes is what Unicode calls default
ignorable (soft hyphens, zero-width and bidirectional marks, fillers, tags) and a few more that show nothing. Three
kinds stay where they carry meaning: joiners after letters of scripts that are written with them (Persian, Hindi,
Malayalam), joiners between emoji, and the choice between text and emoji after a symbol.
"""

from __future__ import annotations

import re
import unicodedata

_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe0e\ufe0f"
_NEVER_SEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SYMBOLS = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_JOINED_SCRIPTS = "\u0600-\u18af\ufb50-\ufdff\ufe70-\ufefc"

_GOES = re.compile(f"[{_NEVER_SEEN}]+")
_STRAY_SELECTOR = re.compile(f"(?<![{_SYMBOLS}])[{_SELECTORS}](?!(?<=[0-9#*][{_SELECTORS}])\u20e3)")
_STRAY_JOINER = re.compile(
    f"(?<![{_JOINED_SCRIPTS}])(?:\u200c|\u200d(?!(?<=[{_SYMBOLS}{_SELECTORS}]\u200d)[{_SYMBOLS}]))"
)
_UNSEEN = re.compile(f"[{_NEVER_SEEN}{_JOINERS}{_SELECTORS}]+")
_ASCII = bytes(range(128))
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINE = re.compile(r"^[ \t]*[^\S\n \t][^\S\n]*$", re.MULTILINE)
_NOT_KEPT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_NOT_KEPT_VERBATIM = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def cleaned(text: str) -> str:
    """Text in its one Unicode form (NFC), every line end a line feed, without what nobody can see.

    A line of other white space than blanks and tabs is empty, as it looks.
    """
    text = _LINE_END.sub("\n", text)
    if not text.isascii():
        # What a joiner stands after is seen in the one form; without a stray one, more may go together.
        text = unicodedata.normalize("NFC", _GOES.sub("", text))
        if any(character in text for character in _JOINERS + _SELECTORS):
            text = unicodedata.normalize("NFC", _STRAY_JOINER.sub("", _STRAY_SELECTOR.sub("", text)))
    return _BLANK_LINE.sub("", text)


def without_unseen(text: str) -> str:
    """Text without any character that nobody can see, those that carry meaning included: for keys to match by."""
    if text.isascii():
        return text
    # Few letters of most texts are not of ASCII: to look at those alone is ten times faster.
    others = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    return _UNSEEN.sub("", text) if _UNSEEN.search(others) else text


def not_kept(text: str, *, verbatim: bool = False) -> re.Match[str] | None:
    """The first character that a database or XML cannot hold: a control character or half of a character.

    verbatim: the text is kept as it is; elsewhere old signs for line ends become line ends.
    """
    return (_NOT_KEPT_VERBATIM if verbatim else _NOT_KEPT).search(text)
