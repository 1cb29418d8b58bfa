"""The moves of a walk, how likely each is, and making one."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection

from conditions import publishing
from conditions.records import InvalidRecord
from tests.walker import at_desk, at_files
from tests.walker.walk import Walk

Move = Callable[[Walk], str | None]
REFUSALS = (InvalidRecord, publishing.Refused, publishing.EditConflict, publishing.NotAllowed)
"""How a verb says no."""

AT_DESK: dict[Move, float] = {
    at_desk.add: 14,
    at_desk.open_form: 8,
    at_desk.send_form: 10,
    at_desk.edit: 12,
    at_desk.send_admin_form: 6,
    at_desk.publish: 6,
    at_desk.publish_all: 4,
    at_desk.withdraw: 3,
    at_desk.undo: 2,
    at_desk.restore: 4,
    at_desk.delete: 4,
    at_desk.merge_tags: 1.5,
    at_desk.type_tag: 1,
    at_desk.decide: 5,
}
WITH_COMMANDS: dict[Move, float] = {at_files.load: 10, at_files.write_fixtures: 6}
WITH_FILES: dict[Move, float] = {
    at_files.edit: 10,
    at_files.comment: 2,
    at_files.add: 4,
    at_files.delete: 2,
    at_files.rename: 3,
    at_files.swap: 1.5,
    at_files.check_out: 3,
    at_files.come_from_checkout: 5,
    at_files.switch_checkout: 2,
    at_files.load_and_overwrite: 1,
    at_files.load_and_prune: 1,
}
ALONE = AT_DESK | WITH_COMMANDS | WITH_FILES
RACE = AT_DESK | dict.fromkeys(WITH_COMMANDS, 12)
RIVAL = RACE | {at_files.type_words: 20}
"""In a race only the rival types into files: two people who overwrite each other's files are not our fault."""


def make(walk: Walk, moves: dict[Move, float]) -> None:
    """One move; a refusal is an answer, any other error a fault."""
    move = walk.random.choices(list(moves), list(moves.values()))[0]
    name = f"{move.__module__.rpartition('.')[2]}.{move.__name__}"
    walk.counts["moves"] += 1
    try:
        said = move(walk)
    except REFUSALS as error:
        said = f"{name} refused: {type(error).__name__} {str(error)[:120]}"
        walk.counts["refused"] += 1
    except ObjectDoesNotExist:
        if walk.alone or connection.in_atomic_block:
            raise
        said = f"{name}: someone else had just taken it away"
    except Exception:
        said = name
        walk.violated(f"{name}\n{traceback.format_exc()}")
    if said:
        walk.trail.append(said)
