"""What a field of an entry is: what it holds, where it stands, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

NAME_LENGTH = 300


class FieldType(Enum):
    """What a field holds, which says how it is made canonical, checked, merged, typed and shown. And how long it is."""

    LINE = "one line", NAME_LENGTH
    SENTENCES = "a sentence or a few, without markup", 1000
    STATEMENT = "a sentence or a few, without markup, which can cite", 1000
    MARKDOWN = "Markdown, which can cite", 100_000
    VERBATIM = "plain text, word for word, written once", 100_000
    LINES = "a set of lines", NAME_LENGTH
    CODES = "a set of codes, which can cite", NAME_LENGTH
    QUOTES = "citations with the words that they carry, in order", 1000
    PASSAGES = "passages of plain text, in order", 1000
    FLAG = "yes or no", NAME_LENGTH
    DATE = "a date", NAME_LENGTH
    URL = "a web address", 500
    CHOICE = "one of a few words", NAME_LENGTH

    @property
    def longest(self) -> int:
        """The most characters of the text, or of each of its lines."""
        return self.value[1]


class Heading(Enum):
    """The parts of a form and of a page, in their order: the anchor and the title."""

    NAMES = "names", "Names"
    ORIGIN = "where", "Where it is from"
    OUTLOOK = "outlook", "How serious it is"
    CARE = "help", "When to get help"
    SELF_CARE = "self-care", "What you can do yourself"
    READERS = "readers", "For readers"
    BODY = "more", "More about it"
    WORKS = "how", "How it works"
    BENEFITS = "benefits", "How well it works"
    RISKS = "risks", "What may go wrong"
    WITHOUT = "without", "Without it"
    NOT_FOR = "not-for", "Who should not have it"
    WHO = "who", "Who gets it"
    TESTS = "tests", "How it is found out"
    DOCTOR = "at-the-doctor", "At the doctor’s"
    EVIDENCE = "evidence", "What it rests on"

    def __init__(self, anchor: str, title: str) -> None:
        self.anchor = anchor
        self.title = title


@dataclass(frozen=True)
class Choice:
    """One of the words of a field; `inverse` is how a related entry words it from its side.

    retired: what older entries say; forms offer it where it was chosen.
    """

    value: str
    label: str
    inverse: str = ""
    retired: bool = False


@dataclass(frozen=True)
class Field:
    """One field of an entry or of a relation row. A name has one type, whatever the kind.

    label: for editors and in histories. heading: the part of the form and of the page. title: the heading above it on
    the page, where the part has several. needed: what to do where it is empty and the entry is to be published;
    wanted: what to do where readers would only miss it.
    retired: what older entries say stays, and what is new is written elsewhere: forms show it where it holds text.
    hidden: search finds pages by it, and no page shows it.
    """

    name: str
    type: FieldType
    label: str
    heading: Heading
    title: str = ""
    required: bool = False
    needed: str = ""
    wanted: str = ""
    searched: bool = True
    choices: tuple[Choice, ...] = ()
    retired: bool = False
    hidden: bool = False

    @property
    def cites(self) -> bool:
        """Whether `[@slug]` in it is a citation."""
        return self.type in (FieldType.STATEMENT, FieldType.MARKDOWN, FieldType.CODES, FieldType.QUOTES)

    def choice_label(self, value: str) -> str:
        """One of its words as people read it; empty for any other."""
        return next((choice.label for choice in self.choices if choice.value == value), "")

    @property
    def is_list(self) -> bool:
        return self.is_ordered or self.type in (FieldType.LINES, FieldType.CODES)

    @property
    def is_ordered(self) -> bool:
        """Whether the order of a list says something."""
        return self.type in (FieldType.QUOTES, FieldType.PASSAGES)

    @property
    def is_prose(self) -> bool:
        """Whether two texts of it are merged sentence by sentence. Other text is one value."""
        return self.type in (FieldType.SENTENCES, FieldType.STATEMENT, FieldType.MARKDOWN)
