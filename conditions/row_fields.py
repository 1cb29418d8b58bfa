"""What each row of a relation can say."""

from __future__ import annotations

from conditions.field_types import Choice, Field, FieldType, Heading

_NOTE = Field("note", FieldType.SENTENCES, "Note", Heading.NAMES)
_QUOTES = Field("quotes", FieldType.QUOTES, "Words that it rests on", Heading.EVIDENCE, searched=False)
_EVERYDAY = Field("everyday", FieldType.FLAG, "An everyday cause", Heading.NAMES, searched=False)
CAN_HAPPEN = "can-happen"
"""The certainty above whose rows a relation may have words of its own."""
ABSENT = "absent"
"""The certainty that says that something is no part of it: never a match."""
CERTAINTY = Field(
    "certainty",
    FieldType.CHOICE,
    "How often",
    Heading.NAMES,
    searched=False,
    choices=(
        Choice("usually", "Usually"),
        Choice("often", "Often"),
        Choice("sometimes", "Sometimes"),
        Choice(CAN_HAPPEN, "Can happen"),
        Choice("not-common", "Not common"),
        Choice("rarely", "Rarely"),
        Choice(ABSENT, "Not part of it"),
    ),
)
"""How often a statement holds, in the order of pages; nothing where what states it says no word of doubt."""
MISTAKEN = "easily-mistaken-for"
"""The role that says that two conditions are easily taken for each other."""
_ROLE_OF_CAUSE = Field(
    "role",
    FieldType.CHOICE,
    "What it has to do with it",
    Heading.NAMES,
    searched=False,
    choices=(
        Choice("comes-before", "Comes before"),
        Choice("how-it-works", "How it works"),
        Choice("raises-the-risk", "Raises the risk"),
    ),
)
_ROLE_OF_RELATED = Field(
    "role",
    FieldType.CHOICE,
    "How it is related",
    Heading.NAMES,
    required=True,
    choices=(
        Choice("can-be-part-of", "Can be part of", "Can include"),
        Choice("part-of", "Part of", "Includes"),
        Choice("can-be-caused-by", "Can be caused by", "Can cause", retired=True),
        Choice("can-be-a-first-sign-of", "Can be a first sign of", "Can begin as"),
        Choice(MISTAKEN, "Easily mistaken for", "Easily mistaken for"),
    ),
)
ROW = (CERTAINTY, _NOTE, _QUOTES)
CAUSE_ROW = (CERTAINTY, _ROLE_OF_CAUSE, _EVERYDAY, _NOTE, _QUOTES)
RELATED_ROW = (_ROLE_OF_RELATED, *ROW)
