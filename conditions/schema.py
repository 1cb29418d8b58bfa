"""What an entry is: its kinds, fields, relations and references. Everything else is derived from here.

Records, validation, merging, forms, labels, history, search, links, fixture files and navigation loop over `SCHEMAS`;
`models/desk.py` has the columns, and tests/test_schema.py compares the two. CONTRIBUTING says which files a new field,
relation or kind touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

SLUG_LENGTH = 200
NAME_LENGTH = 300


class Kind(StrEnum):
    """What an entry is. The order is that of results of a search and of lists."""

    CONDITION = "condition"
    SYMPTOM = "symptom"
    TREATMENT = "treatment"
    CAUSE = "cause"
    QUESTION = "question"
    TAG = "tag"
    SOURCE = "source"

    @property
    def label(self) -> str:
        """What people call one entry of it."""
        return SCHEMAS[self].label

    @property
    def plural(self) -> str:
        """What people call several. It is also its address and its folder of fixture files."""
        return SCHEMAS[self].plural

    @classmethod
    def of_plural(cls, plural: str) -> Kind:
        """The kind whose plural is given; ValueError if there is none."""
        for kind in cls:
            if kind.plural == plural:
                return kind
        raise ValueError(f"{plural!r} is not the plural of a kind")


class FieldType(Enum):
    """What a field holds, which says how it is made canonical, checked, merged, typed and shown. And how long it is."""

    LINE = "one line", NAME_LENGTH
    SENTENCES = "a sentence or a few, without markup", 1000
    STATEMENT = "a sentence or a few, without markup, which can cite", 1000
    MARKDOWN = "Markdown, which can cite", 100_000
    VERBATIM = "plain text, word for word, written once", 100_000
    LINES = "a set of lines", NAME_LENGTH
    CODES = "a set of codes, which can cite", NAME_LENGTH
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
    CARE = "help", "When to get help"
    SELF_CARE = "self-care", "What you can do yourself"
    READERS = "readers", "For readers"
    BODY = "more", "More about it"
    DOCTOR = "at-the-doctor", "At the doctor’s"
    EVIDENCE = "evidence", "What it rests on"

    def __init__(self, anchor: str, title: str) -> None:
        self.anchor = anchor
        self.title = title


@dataclass(frozen=True)
class Choice:
    """One of the words of a field; `inverse` is how a related entry words it from its side."""

    value: str
    label: str
    inverse: str = ""


@dataclass(frozen=True)
class Field:
    """One field of an entry or of a relation row. A name has one type, whatever the kind.

    label: for editors and in histories. heading: the part of the form and of the page. title: the heading above it on
    the page, where the part has several. needed: what to do where it is empty and the entry is to be published.
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
    searched: bool = True
    choices: tuple[Choice, ...] = ()
    retired: bool = False
    hidden: bool = False

    @property
    def cites(self) -> bool:
        """Whether `[@slug]` in it is a citation."""
        return self.type in (FieldType.STATEMENT, FieldType.MARKDOWN, FieldType.CODES)

    @property
    def is_list(self) -> bool:
        return self.type in (FieldType.LINES, FieldType.CODES)

    @property
    def is_prose(self) -> bool:
        """Whether two texts of it are merged sentence by sentence. Other text is one value."""
        return self.type in (FieldType.SENTENCES, FieldType.STATEMENT, FieldType.MARKDOWN)


@dataclass(frozen=True)
class ReferenceField:
    """A set of entries that an entry or a row names: by slug, or where kinds mix as "conditions/bells-palsy".

    noun: what one of them is called. is_ordered: whether their order says something.
    """

    name: str
    kinds: tuple[Kind, ...]
    label: str
    heading: Heading
    noun: str
    is_ordered: bool = False

    def target(self, reference: str) -> tuple[Kind, str]:
        """Kind and slug of what a value names; ValueError where it must say a kind and does not."""
        return (self.kinds[0], reference) if len(self.kinds) == 1 else split_reference(reference)

    def value(self, kind: Kind, slug: str) -> str:
        """What names an entry in this field."""
        return slug if len(self.kinds) == 1 else reference_to(kind, slug)


def split_reference(reference: str) -> tuple[Kind, str]:
    """Kind and slug of a reference that says both: "conditions/bells-palsy". ValueError if it does not."""
    plural, _, slug = reference.partition("/")
    return Kind.of_plural(plural), slug


def reference_to(kind: Kind, slug: str) -> str:
    """The reference that says kind and slug: "conditions/bells-palsy"."""
    return f"{kind.plural}/{slug}"


@dataclass(frozen=True)
class Relation:
    """Statements that join an entry to others, in order: rows of its record, with fields and references of their own.

    backlinks: the title of the list on the target's page. Empty where that page shows the row among its own ones of
    the same relation, worded by the inverse of its role.
    """

    name: str
    target: Kind
    label: str
    backlinks: str
    fields: tuple[Field, ...]

    @property
    def parts(self) -> tuple[Field | ReferenceField, ...]:
        """Its fields and references, in the order in which a row has them."""
        return (*self.fields, *ROW_REFERENCES)

    @property
    def roles(self) -> dict[str, Choice]:
        """How the owner can be related to the target, by what the row says."""
        return {choice.value: choice for field in self.fields if field.name == "role" for choice in field.choices}

    def role_label(self, role: str) -> str:
        """A role in words; empty if the relation has no such role."""
        return self.roles[role].label if role in self.roles else ""

    def inverse_label(self, role: str) -> str:
        """A role in words from the target's side; empty if the relation has no such role."""
        return self.roles[role].inverse if role in self.roles else ""


@dataclass(frozen=True)
class Schema:
    """What an entry of one kind holds.

    intro: what its list says above. excerpt: the field that says in short what an entry is. is_main: whether its list
    is in the main navigation, or below the page. follows_its_user: whether an entry that was never published goes out
    with the first one that uses it. care_title: the heading above its levels of care.
    """

    label: str
    plural: str
    intro: str
    fields: tuple[Field, ...]
    references: tuple[ReferenceField, ...] = ()
    relations: tuple[Relation, ...] = ()
    excerpt: str = "summary"
    is_main: bool = True
    follows_its_user: bool = False
    care_title: str = Heading.CARE.title

    @property
    def parts(self) -> tuple[Field | ReferenceField, ...]:
        """Its fields and references, in the order in which a record has them."""
        return (*self.fields, *self.references)

    @property
    def by_heading(self) -> tuple[Field, ...]:
        """The fields in the order of forms and pages."""
        places = list(Heading)
        return tuple(sorted(self.fields, key=lambda field: places.index(field.heading)))

    def reference(self, name: str) -> ReferenceField | None:
        return next((field for field in self.references if field.name == name), None)

    def relation(self, name: str) -> Relation | None:
        return next((relation for relation in self.relations if relation.name == name), None)

    def label_of(self, name: str) -> str:
        """What a field, set of references or relation is called; also one that only old versions have."""
        labels = {part.name: part.label for part in (*self.parts, *self.relations)} | {"slug": SLUG_LABEL}
        return labels.get(name, name.replace("_", " ").capitalize())


SLUG_LABEL = "Address"
LOOKED_UP = (Kind.CONDITION, Kind.SYMPTOM, Kind.TREATMENT, Kind.CAUSE)
"""The kinds that readers look up, and that a question can be about."""

TAGS = ReferenceField("tags", (Kind.TAG,), "Tags", Heading.NAMES, "tag")
EVIDENCE = ReferenceField("evidence", (Kind.QUESTION,), "Documents", Heading.EVIDENCE, "document")
SOURCES = ReferenceField("sources", (Kind.SOURCE,), "Sources", Heading.EVIDENCE, "source")
ABOUT = ReferenceField("about", LOOKED_UP, "What it is about", Heading.READERS, "what it is about", is_ordered=True)
"""The first is the main subject, whose advice on when to get help stands on the question's page."""
CITATIONS = (EVIDENCE, SOURCES)
"""What a statement rests on."""
CITED = tuple(field.kinds[0] for field in CITATIONS)
"""The kinds that `[@slug]` can name. They share one space of slugs, so that it names one page."""
ROW_REFERENCES = (TAGS, *CITATIONS)
"""What each row of a relation carries."""


def _name(label: str) -> Field:
    return Field("name", FieldType.LINE, label, Heading.NAMES, required=True)


_SUMMARY = Field("summary", FieldType.STATEMENT, "In one sentence", Heading.NAMES, needed="write one plain sentence")
_ENTRY = (
    _name("Name"),
    Field("also_called", FieldType.LINES, "Other names", Heading.NAMES),
    Field("found_by", FieldType.LINES, "Found by", Heading.NAMES, hidden=True),
    _SUMMARY,
    Field("body", FieldType.MARKDOWN, "Text", Heading.BODY),
)
NOW = "help_now"
"""The level of care that says whom to call."""
_LEVELS = (
    Field(NOW, FieldType.MARKDOWN, "Get help now", Heading.CARE, "Call for help now"),
    Field("help_today", FieldType.MARKDOWN, "Get help today", Heading.CARE, "See a doctor today"),
    Field("help_soon", FieldType.MARKDOWN, "Get help soon", Heading.CARE, "See a doctor soon"),
)
"""The levels of care, the most urgent first. Each title is one call to action."""
_FORMER_LEVEL = Field(
    "help_routine",
    FieldType.MARKDOWN,
    "At your next visit",
    Heading.CARE,
    "At your next visit: ask about it",
    retired=True,
)
_ADVICE = (
    Field("self_care", FieldType.MARKDOWN, "What you can do yourself", Heading.SELF_CARE),
    Field("at_the_doctor", FieldType.MARKDOWN, "At the doctor’s", Heading.DOCTOR),
)
_CARE = (*_LEVELS, _FORMER_LEVEL, *_ADVICE)
_URL = Field("url", FieldType.URL, "Web address", Heading.ORIGIN, searched=False)
_LICENSE = Field("licence", FieldType.LINE, "License", Heading.ORIGIN, searched=False)
_NOTE = Field("note", FieldType.SENTENCES, "Note", Heading.NAMES)
_ROLE_OF_RELATED = Field(
    "role",
    FieldType.CHOICE,
    "How it is related",
    Heading.NAMES,
    required=True,
    choices=(
        Choice("part-of", "Part of", "Includes"),
        Choice("can-be-caused-by", "Can be caused by", "Can cause"),
        Choice("can-be-a-first-sign-of", "Can be a first sign of", "Can begin as"),
        Choice("easily-mistaken-for", "Easily mistaken for", "Easily mistaken for"),
    ),
)
_GROUP = Field(
    "group",
    FieldType.CHOICE,
    "Group",
    Heading.NAMES,
    required=True,
    searched=False,
    choices=(
        Choice("place", "Place on the face"),
        Choice("course", "Course over time"),
        Choice("side", "Side"),
        Choice("certainty", "Certainty"),
        Choice("line", "Line of treatment"),
        Choice("topic", "Topic"),
    ),
)
PAGE_ORDER = ("symptoms", "causes", "treatments", "related")
"""The relations in the order in which pages show them, and number what they rest on."""

SCHEMAS: dict[Kind, Schema] = {
    Kind.CONDITION: Schema(
        "condition",
        "conditions",
        "Illnesses and disorders that show in the face, mouth or throat, or that start there.",
        (*_ENTRY, *_CARE, Field("codes", FieldType.CODES, "Codes", Heading.NAMES)),
        (TAGS, *CITATIONS),
        (
            Relation("symptoms", Kind.SYMPTOM, "Symptoms", "Conditions that can show it", (_NOTE,)),
            Relation("treatments", Kind.TREATMENT, "Treatments", "Conditions it is used for", (_NOTE,)),
            Relation("causes", Kind.CAUSE, "Causes", "Conditions it can cause", (_NOTE,)),
            Relation("related", Kind.CONDITION, "Related conditions", "", (_ROLE_OF_RELATED, _NOTE)),
        ),
    ),
    Kind.SYMPTOM: Schema(
        "symptom",
        "symptoms",
        "What people notice, and what it may belong to.",
        (*_ENTRY, *_CARE),
        (TAGS, *CITATIONS),
        (Relation("causes", Kind.CAUSE, "Causes", "Symptoms it can cause", (_NOTE,)),),
    ),
    Kind.TREATMENT: Schema(
        "treatment",
        "treatments",
        "What can help, and what it is used for.",
        (*_ENTRY, *_LEVELS, *_ADVICE),
        (TAGS, *CITATIONS),
        care_title="Get help after treatment",
    ),
    Kind.CAUSE: Schema("cause", "causes", "What may lie behind it.", _ENTRY, (TAGS, *CITATIONS)),
    Kind.QUESTION: Schema(
        "question",
        "questions",
        "What people ask, each with its answer, word for word.",
        (
            _name("Question"),
            Field(
                "answer",
                FieldType.VERBATIM,
                "Answer",
                Heading.NAMES,
                needed="write what the document says, word for word",
            ),
            Field("editor_note", FieldType.MARKDOWN, "Editor’s note", Heading.READERS),
            Field("author", FieldType.LINE, "Author", Heading.ORIGIN, searched=False),
            Field("publisher", FieldType.LINE, "Publisher", Heading.ORIGIN, searched=False),
            _URL,
            _LICENSE,
            Field("retrieved", FieldType.DATE, "Copied on", Heading.ORIGIN, searched=False),
        ),
        (TAGS, ABOUT),
        excerpt="answer",
    ),
    Kind.TAG: Schema(
        "tag",
        "tags",
        "The words that entries and statements are marked with.",
        (_name("Name"), _GROUP, Field("summary", FieldType.STATEMENT, "In one sentence", Heading.NAMES)),
        is_main=False,
        follows_its_user=True,
    ),
    Kind.SOURCE: Schema(
        "source",
        "sources",
        "What we rely on besides the questions and answers.",
        (
            _name("Title"),
            Field("publisher", FieldType.LINE, "Publisher", Heading.ORIGIN, required=True),
            _URL,
            Field("published", FieldType.DATE, "Date of publication", Heading.ORIGIN, searched=False),
            Field("accessed", FieldType.DATE, "Last read", Heading.ORIGIN, searched=False),
            _LICENSE,
        ),
        excerpt="publisher",
        is_main=False,
        follows_its_user=True,
    ),
}

FIELDS: dict[str, Field] = {
    field.name: field
    for schema in SCHEMAS.values()
    for fields in (schema.fields, *(relation.fields for relation in schema.relations))
    for field in fields
}
"""A field of each name, of whatever kind: those of one name have one type."""
REFERENCES = {field.name: field for field in (TAGS, EVIDENCE, SOURCES, ABOUT)}
RELATION_NAMES = frozenset(relation.name for schema in SCHEMAS.values() for relation in schema.relations)
