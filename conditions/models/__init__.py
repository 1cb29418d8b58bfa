"""The tables: `published` is what readers and history read, `desk` what editors edit, and small ones besides."""

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
from conditions.models.index import Name, Posting, SearchText, Total
from conditions.models.people import Credentials
from conditions.models.published import Address, Change, Decision, Edition, Link, LoadedFile, Page, Touched, Version
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
    "Credentials",
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
    "Total",
    "Touched",
    "Treatment",
    "UnfoundQuery",
    "Version",
]
