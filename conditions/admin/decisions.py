"""What was decided about a version, in words: for its history, the log, and the page of its next review."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

from conditions.models.published import Decision
from conditions.publishing import remarks_of
from conditions.records import RecordLike, schema_of

_DUE = {Decision.Verb.APPROVE: "next review {}", Decision.Verb.SCHEDULE: "for {}", Decision.Verb.SHARE: "until {}"}
"""What the date of a decision says."""
_OF_LINKS = (Decision.Verb.SHARE, Decision.Verb.UNSHARE)
"""Their notes are no words of people."""


def said_of(decision: Decision) -> str:
    """With what words something was decided: as whom, who was asked, until when, remarks and note; empty if none."""
    verb = Decision.Verb(decision.verb)
    approver = ", ".join(filter(None, (decision.name, decision.credentials)))
    remarks = remarks_in_words(decision, {"kind": decision.version.page.kind}) if decision.remarks else []
    said = [
        f"as “{approver}”" if approver else "",
        f"asked: {decision.asked.username}" if decision.asked else "",
        _due(verb, decision.due) if decision.due else "",
        *(f"{place}: “{text}”" if place else f"“{text}”" for place, text in remarks),
        f"“{decision.note}”" if decision.note and verb not in _OF_LINKS else "",
    ]
    return ", ".join(filter(None, said))


def remarks_in_words(decision: Decision, record: RecordLike) -> list[tuple[str, str]]:
    """What a reviewer remarked on: the places, as forms name them, and the words."""
    schema = schema_of(record)
    return [
        (", ".join([schema.label_of(one.path[0]), *one.path[1:]]) if one.path else "", one.text)
        for one in remarks_of(decision)
    ]


def _due(verb: Decision.Verb, at: datetime) -> str:
    is_day = verb is Decision.Verb.APPROVE
    return _DUE.get(verb, "due {}").format(date_format(localtime(at), "DATE_FORMAT" if is_day else "DATETIME_FORMAT"))
