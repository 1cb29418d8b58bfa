"""What keeps an entry from being published: what readers need, and what the promise needs."""

from __future__ import annotations

from conditions.models.published import ROW_RELATIONS, TARGET_KINDS
from conditions.records import Problem, Record


def blocks(record: Record) -> list[Problem]:
    """What must be mended before the record can be published: a summary, and what each relation rests on."""
    found = []
    if "body" in record and not record["summary"]:
        found.append(Problem(("summary",), "write one plain sentence"))
    if "answer" in record and not record["answer"].strip():
        found.append(Problem(("answer",), "write what the document says, word for word"))
    for relation in ROW_RELATIONS:
        for row in record.get(relation, ()):
            if not row["evidence"] and not row["sources"]:
                message = (
                    f"this {TARGET_KINDS[relation].value} rests on nothing; add the document or source that states it"
                )
                found.append(Problem((relation, row["target"]), message))
    return found
