"""What an entry is: its kinds, fields, relations and references. Everything else is derived from here.

Records, validation, merging, forms, labels, history, search, links, fixture files and navigation loop over `SCHEMAS`;
`models/desk.py` has the columns, and tests/test_schema.py compares the two. CONTRIBUTING says which files a new field,
relation or kind touches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from conditions.field_types import NAME_LENGTH as NAME_LENGTH
from conditions.field_types import Choice as Choice
from conditions.field_types import Field as Field
from conditions.field_types import FieldType as FieldType
from conditions.field_types import Heading as Heading
from conditions.row_fields import ABSENT as ABSENT
from conditions.row_fields import CAN_HAPPEN as CAN_HAPPEN
from conditions.row_fields import CAUSE_ROW, RELATED_ROW, ROW
from conditions.row_fields import CERTAINTY as CERTAINTY

SLUG_LENGTH = 200


class Kind(StrEnum):
    """What an entry is. The order is that of results of a search and of lists."""

    CONDITION = "condition"
    SYMPTOM = "symptom"
    TREATMENT = "treatment"
    CAUSE = "cause"
    QUESTION = "question"
    TAG = "tag"
    SOURCE = "source"
    TERM = "term"

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


@dataclass(frozen=True)
class ReferenceField:
    """A set of entries that an entry or a row names: by slug, or where kinds mix as "conditions/bells-palsy".

    noun: what one of them is called. is_ordered: whether their order says something. is_single: whether it names one
    at most. backlinks: the title of the list of the owners on the target's page.
    """

    name: str
    kinds: tuple[Kind, ...]
    label: str
    heading: Heading
    noun: str
    is_ordered: bool = False
    is_single: bool = False
    backlinks: str = ""

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
    the same relation, worded by the inverse of its role. title: that of the list on the owner's page. may: what stands
    there above the rows that can happen, if not the words for that. wanted: what to do where there are no rows and
    readers would miss them.
    """

    name: str
    target: Kind
    label: str
    backlinks: str
    fields: tuple[Field, ...]
    title: str = ""
    may: str = ""
    wanted: str = ""

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

    @property
    def page_order(self) -> tuple[Field | Relation, ...]:
        """What its page shows that can cite, in order."""
        parts: dict[str, Field | Relation] = {field.name: field for field in self.fields}
        parts |= {relation.name: relation for relation in self.relations}
        return tuple(parts[name] for name in PAGE_ORDER if name in parts)

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
KINDS_OF = ReferenceField(
    "kinds_of", (Kind.SYMPTOM,), "A kind of", Heading.NAMES, "broader symptom", backlinks="Kinds of it"
)
IS_CONDITION = ReferenceField(
    "is_condition", (Kind.CONDITION,), "The condition that it is", Heading.NAMES, "the same as a cause", is_single=True
)
"""A cause that is a condition has no page of its own: its address leads to that of the condition."""
NAMING = (ABOUT, KINDS_OF, IS_CONDITION)
"""The fields by which entries name others in `EntryReference`."""
CITATIONS = (EVIDENCE, SOURCES)
"""What a statement rests on."""
ITSELF = "answer"
"""What a question calls its own answer, where it cites that: `[@answer "words"]`."""
QUOTED = {Kind.QUESTION: "answer", Kind.SOURCE: "excerpt"}
"""The field of what is cited in which the words that are quoted stand."""
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
_ALARM_WORDS = Field("alarm_words", FieldType.LINES, "Alarm words", Heading.CARE, searched=False, hidden=True)
_CODES = Field("codes", FieldType.CODES, "Codes", Heading.NAMES)
_URL = Field("url", FieldType.URL, "Web address", Heading.ORIGIN, searched=False)
_KEEP = "keep the sentences that are used, letter for letter"
_LICENSE = Field("licence", FieldType.LINE, "License", Heading.ORIGIN, searched=False)
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
PAGE_ORDER = (
    "summary",
    "in_short",
    "outlook",
    "help_now",
    "help_today",
    "help_soon",
    "help_routine",
    "self_care",
    "symptoms",
    "causes",
    "who_gets_it",
    "tests",
    "treatments",
    "how_it_works",
    "benefits",
    "risks",
    "without_it",
    "not_for",
    "related",
    "body",
    "at_the_doctor",
    "editor_note",
    "codes",
)
"""What pages show of fields and relations, in their order, and number what it rests on."""

SCHEMAS: dict[Kind, Schema] = {
    Kind.CONDITION: Schema(
        "condition",
        "conditions",
        "Illnesses and disorders that show in the face, mouth or throat, or that start there.",
        (
            *_ENTRY,
            Field("outlook", FieldType.MARKDOWN, "Outlook", Heading.OUTLOOK, wanted="write how serious it is"),
            *_CARE,
            _ALARM_WORDS,
            Field("who_gets_it", FieldType.MARKDOWN, "Who gets it", Heading.WHO),
            Field("tests", FieldType.MARKDOWN, "Tests", Heading.TESTS),
            _CODES,
        ),
        (TAGS, *CITATIONS),
        (
            Relation(
                "symptoms",
                Kind.SYMPTOM,
                "Symptoms",
                "Conditions that can show it",
                ROW,
                "What it feels like",
                wanted="nobody can find it by what they feel; add the symptoms that a document or source names",
            ),
            Relation(
                "treatments",
                Kind.TREATMENT,
                "Treatments",
                "Conditions it is used for",
                ROW,
                "What helps",
                "May help",
            ),
            Relation(
                "causes",
                Kind.CAUSE,
                "Causes",
                "Conditions it can cause",
                CAUSE_ROW,
                "Why it happens",
                "Possible causes",
            ),
            Relation("related", Kind.CONDITION, "Related conditions", "", RELATED_ROW),
        ),
    ),
    Kind.SYMPTOM: Schema(
        "symptom",
        "symptoms",
        "What people notice, and what it may belong to.",
        (*_ENTRY, *_CARE, _ALARM_WORDS, _CODES),
        (TAGS, *CITATIONS, KINDS_OF),
        (
            Relation(
                "causes",
                Kind.CAUSE,
                "Causes",
                "Symptoms it can cause",
                CAUSE_ROW,
                "Why it happens",
                "Possible causes",
            ),
        ),
    ),
    Kind.TREATMENT: Schema(
        "treatment",
        "treatments",
        "What can help, and what it is used for.",
        (
            *_ENTRY,
            Field("how_it_works", FieldType.MARKDOWN, "How it works", Heading.WORKS),
            Field("benefits", FieldType.MARKDOWN, "Benefits", Heading.BENEFITS),
            Field("risks", FieldType.MARKDOWN, "Risks", Heading.RISKS),
            Field("without_it", FieldType.MARKDOWN, "Without it", Heading.WITHOUT),
            Field("not_for", FieldType.MARKDOWN, "Not for", Heading.NOT_FOR),
            *_LEVELS,
            *_ADVICE,
        ),
        (TAGS, *CITATIONS),
        care_title="Get help after treatment",
    ),
    Kind.CAUSE: Schema("cause", "causes", "What may lie behind it.", _ENTRY, (TAGS, *CITATIONS, IS_CONDITION)),
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
            Field("in_short", FieldType.STATEMENT, "In short", Heading.NAMES),
            Field("carries_nothing", FieldType.PASSAGES, "Words that carry nothing", Heading.READERS, searched=False),
            Field("on_home", FieldType.FLAG, "On the home page", Heading.READERS, searched=False),
            Field("editor_note", FieldType.MARKDOWN, "Editor’s note", Heading.READERS),
            Field("author", FieldType.LINE, "Author", Heading.ORIGIN, searched=False),
            Field("publisher", FieldType.LINE, "Publisher", Heading.ORIGIN, searched=False),
            _URL,
            _LICENSE,
            Field("retrieved", FieldType.DATE, "Copied on", Heading.ORIGIN, searched=False),
        ),
        (TAGS, SOURCES, ABOUT),
        excerpt="answer",
    ),
    Kind.TAG: Schema(
        "tag",
        "tags",
        "The words that entries and statements are marked with.",
        (_name("Name"), _GROUP, replace(_SUMMARY, needed="", wanted="say in one plain sentence what it means")),
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
            replace(_LICENSE, wanted="it says what allows using its words; write it, or: under copyright"),
            Field("excerpt", FieldType.PASSAGES, "Words that are used", Heading.READERS, wanted=_KEEP, searched=False),
            Field("found", FieldType.LINE, "Where the words were found", Heading.READERS, searched=False),
            Field("printed", FieldType.LINE, "Date printed there", Heading.READERS, searched=False),
        ),
        excerpt="publisher",
        is_main=False,
        follows_its_user=True,
    ),
    Kind.TERM: Schema(
        "word",
        "words",
        "The medical words of these pages, each in plain words.",
        (_name("Word"), Field("forms", FieldType.LINES, "Other forms", Heading.NAMES), _SUMMARY),
        CITATIONS,
        is_main=False,
    ),
}

FIELDS: dict[str, Field] = {
    field.name: field
    for schema in SCHEMAS.values()
    for fields in (schema.fields, *(relation.fields for relation in schema.relations))
    for field in fields
}
"""A field of each name, of whatever kind: those of one name have one type."""
REFERENCES = {field.name: field for field in (TAGS, EVIDENCE, SOURCES, *NAMING)}
RELATION_NAMES = frozenset(relation.name for schema in SCHEMAS.values() for relation in schema.relations)
