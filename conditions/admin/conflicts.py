"""What two editors wrote at the same place, in words for the one who saves later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format

from conditions import merge, records
from conditions.models.published import Version
from conditions.publishing import By
from conditions.schema import RELATION_NAMES

LONG = 300
"""Characters of someone else's text that are shown in full."""


SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+|\n+")


def last_to_change(path: tuple[str, ...], versions: Sequence[Version]) -> Version | None:
    """The last of some versions, in their order, that says something else at a place than the one before it."""
    pairs = pairwise(versions)
    changed = [after for before, after in pairs if _said_at(path, before) != _said_at(path, after)]
    return changed[-1] if changed else None


def _said_at(path: tuple[str, ...], version: Version) -> object:
    """What a version says at the place of a conflict: a field, the order of rows, a row, or a field of a row."""
    name, *rest = path
    said = records.upgrade(version.record, version.format).get(name)
    if name not in RELATION_NAMES:
        return said
    rows = {row["target"]: row for row in said or ()}
    row = rows.get(rest[0]) if rest else list(rows)
    return row.get(rest[1]) if len(rest) > 1 and isinstance(row, dict) else row


def conflict_message(conflict: merge.Conflict, wrote: Version, by: By) -> str:
    when = date_format(timezone.localtime(wrote.at), "DATETIME_FORMAT")
    who = f"Someone else ({wrote.author}, {when})"
    if wrote.by == by:
        who = f"You, in another window ({when}),"
    if len(conflict.path) == 2 and conflict.ours is None:
        return f"{who} changed {conflict.path[1]!r}, which you removed. It was kept: save, then review it."
    if len(conflict.path) == 2 and conflict.theirs is None:
        return f"{who} removed this. Yours is kept below: save again to keep it, or remove it."
    theirs = conflict.theirs
    words = ", ".join(map(str, theirs)) if isinstance(theirs, list) else str(theirs).strip()
    said = _what_differs(str(conflict.ours or ""), words)
    return f"{who} changed this to: “{said}” Yours is kept below: save again to keep it, or edit it."


def _what_differs(ours: str, theirs: str) -> str:
    """Their words; of a long text those sentences that ours does not have."""
    if len(theirs) <= LONG:
        return theirs
    mine = set(SENTENCE_GAP.split(ours))
    found = [sentence for sentence in SENTENCE_GAP.split(theirs) if sentence not in mine]
    return f"… {' … '.join(found)} …" if found else theirs
