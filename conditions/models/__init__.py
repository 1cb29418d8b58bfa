"""The tables: `published` is what readers and history read, `desk` what editors edit, `unfound` what is not found."""

from conditions.models.desk import (
    Cause,
    Citation,
    Condition,
    ConditionCause,
    ConditionSymptom,
    ConditionTreatment,
    EntryReference,
    Question,
    RelatedCondition,
    Source,
    Symptom,
    SymptomCause,
    Tag,
    Tagged,
    Term,
    Treatment,
)
from conditions.models.index import Name, Posting, SearchText
from conditions.models.published import Address, Change, Decision, Edition, Link, LoadedFile, Page, Version
from conditions.models.unfound import UnfoundQuery

__all__ = [
    "Address",
    "Cause",
    "Change",
    "Citation",
    "Condition",
    "ConditionCause",
    "ConditionSymptom",
    "ConditionTreatment",
    "Decision",
    "Edition",
    "EntryReference",
    "Link",
    "LoadedFile",
    "Name",
    "Page",
    "Posting",
    "Question",
    "RelatedCondition",
    "SearchText",
    "Source",
    "Symptom",
    "SymptomCause",
    "Tag",
    "Tagged",
    "Term",
    "Treatment",
    "UnfoundQuery",
    "Version",
]
