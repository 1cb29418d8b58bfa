"""What was decided about a version, in words: for its history, the log, and the page of its next review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

from conditions import drafts
from conditions.models.published import Decision
from conditions.publishing import Remark, remarks_of
from conditions.records import RecordLike, schema_of
from conditions.schema import Kind

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


def remarks_in_words(
    decision: Decision, record: RecordLike, names: Mapping[tuple[Kind, str], str] | None = None
) -> list[tuple[str, str]]:
    """What a reviewer remarked on: the places, as forms name them, and the words.

    names: of what rows lead to, by kind and slug; what has none there is named by the slug that it had.
    """
    schema = schema_of(record)
    targets = {relation.name: relation.target for relation in schema.relations}
    found = []
    for one in at_addresses_of_today(remarks_of(decision), record) if names else remarks_of(decision):
        name, *rest = one.path or ("",)
        called = [(names or {}).get((targets[name], slug), slug) for slug in rest] if name in targets else rest
        found.append((", ".join([schema.label_of(name), *called]) if name else "", one.text))
    return found


def at_addresses_of_today(remarks: Sequence[Remark], record: RecordLike) -> list[Remark]:
    """Remarks on an entry, those on a row under the slug that what it leads to has now. One query where one changed."""
    targets = {relation.name: relation.target for relation in schema_of(record).relations}
    rows = {(name, row["target"]) for name in targets for row in record.get(name) or ()}
    on_rows = [one.path[:2] for one in remarks if len(one.path) > 1 and one.path[0] in targets]
    moved = [(targets[name], slug) for name, slug in on_rows if (name, slug) not in rows]
    if not moved:
        return list(remarks)
    slugs, found = drafts.SlugResolver(moved), []
    for one in remarks:
        name, *rest = one.path or ("",)
        of_row = name in targets and rest
        now = (name, slugs.current(targets[name], rest[0]), *rest[1:]) if of_row else one.path
        found.append(Remark(now, one.text))
    return found


def _due(verb: Decision.Verb, at: datetime) -> str:
    is_day = verb is Decision.Verb.APPROVE
    return _DUE.get(verb, "due {}").format(date_format(localtime(at), "DATE_FORMAT" if is_day else "DATETIME_FORMAT"))
