"""What two editors wrote at the same place, in words for the one who saves later."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format

from conditions import merge, records
from conditions.models.published import Version
from conditions.publishing import By
from conditions.schema import RELATION_NAMES


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


def who_wrote(version: Version, by: By) -> str:
    """Who wrote a version, and when, for a user: it may be one of theirs."""
    when = date_format(timezone.localtime(version.at), "DATETIME_FORMAT")
    return f"You, in another window ({when})" if version.by == by else f"Someone else ({version.author}, {when})"


def conflict_message(conflict: merge.Conflict, who: str, *, is_choice: bool) -> str:
    """What happened at a place. is_choice: both texts are shown there, with buttons."""
    if len(conflict.path) == 2 and conflict.ours is None:
        return f"{who} changed {conflict.path[1]!r}, which you removed. It was kept: save, then review it."
    if len(conflict.path) == 2 and conflict.theirs is None:
        return f"{who} removed this. Yours is kept below: save again to keep it, or remove it."
    if is_choice:
        return f"{who} changed this too. Take one of the two texts, or edit it: saving keeps what stands in the field."
    theirs = ", ".join(map(str, conflict.theirs)) if isinstance(conflict.theirs, list) else str(conflict.theirs)
    return f"{who} changed this to: “{theirs.strip()}” Yours is kept below: save again to keep it, or edit it."
