"""Queries that found nothing: counted in memory without who or when, and written to the database once a minute.

A request of a reader writes nothing and waits for nobody, and a crash loses a minute. Editors see what was typed often,
and add it to what an entry is found by.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import time
import unicodedata
from collections import Counter
from contextlib import suppress
from threading import Lock, Thread

from django.db import connection, transaction

from conditions import db, prose
from conditions.models.unfound import UnfoundQuery
from conditions.search import Found
from conditions.search.words import LONGEST

log = logging.getLogger(__name__)

EVERY = 60
"""Seconds between two times of writing."""
MOST_COUNTED = 1000
"""Different queries in the memory of a process; others are let go until these are written."""
MOST_ROWS = 10_000
"""Rows of the table. Of more, those go that were typed least often, the oldest of them first."""
MOST_WAIT = 2
"""Seconds that writing waits for other writers: it gives way, and tries again after a minute."""
LENGTHS = range(3, 101)
"""How long a query is that counts, folded."""
_PERSONAL = re.compile(r"@|(?:\d[\W_]*){5}")
"""What may be an address, a phone number, a date of birth: five digits in a row, however they are set apart."""


class _Memory:
    """What this process has counted and not written yet, and what writes it."""

    def __init__(self) -> None:
        self.lock, self.writing = Lock(), Lock()
        self.counts: Counter[str] = Counter()
        self.has_writer = self.has_failed = False


_memory = _Memory()


def start_anew() -> None:
    """Forget what was counted. A process that was forked does: its parent writes that, and threads stay behind."""
    global _memory
    _memory = _Memory()


os.register_at_fork(after_in_child=start_anew)


def note(query: str, found: Found) -> bool:
    """Count a query that found no page, or none that is about all of it; whether it is one. It never fails.

    Not counted are those that sound like an emergency, or may say who typed them.
    """
    if (found.pages and not found.is_weak) or found.cards or found.is_crisis or len(query) > LONGEST:
        return False
    text = prose.fold(query)
    if len(text) not in LENGTHS or _PERSONAL.search(unicodedata.normalize("NFKC", query)):
        return False
    with _memory.lock:
        if text in _memory.counts or len(_memory.counts) < MOST_COUNTED:
            _memory.counts[text] += 1
        if not _memory.has_writer:
            with suppress(RuntimeError):  # a system without threads left: the next query tries again
                Thread(target=_write_for_ever, name="unfound queries", daemon=True).start()
                atexit.register(_write_and_hang_up)
                _memory.has_writer = True
    return True


def write() -> None:
    """Write what was counted. It never fails: what cannot be written is kept for the next time, and logged once."""
    with _memory.writing:
        with _memory.lock:
            counts = _memory.counts.copy()
        if not counts:
            return
        try:
            _add(counts)
        except Exception as error:  # whatever it is, the thread has to go on
            if not _memory.has_failed:
                # The first line alone: the others may say what readers typed.
                reason = str(error).partition("\n")[0]
                log.warning("Queries that found nothing cannot be written; they are counted on: %s", reason)
            _memory.has_failed = True
            return
        _memory.has_failed = False
        with _memory.lock:
            _memory.counts -= counts


def _add(counts: Counter[str]) -> None:
    """Add counts to those of the table, in one transaction."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {1000 * MOST_WAIT}")
    with transaction.atomic():
        db.lock_table(UnfoundQuery, MOST_WAIT)
        rows = UnfoundQuery.objects.filter(text__in=db.in_values(counts)).values_list("text", "times", "pk")
        known = {text: (times + counts[text], pk) for text, times, pk in rows}
        db.update(UnfoundQuery, ["times"], list(known.values()))
        new = sorted((-times, text) for text, times in counts.items() if text not in known)
        new = new[: _make_room(len(new))]
        db.insert(UnfoundQuery, ["text", "times"], [(text, -times) for times, text in new])


def _make_room(wanted: int) -> int:
    """How many rows may be added, once those have gone for them that were typed least often, the oldest first."""
    room = MOST_ROWS - UnfoundQuery.objects.count()
    if wanted > room:
        seldom = UnfoundQuery.objects.order_by("times", "pk").values_list("pk", flat=True)[: wanted - room]
        room += UnfoundQuery.objects.filter(pk__in=db.in_values(seldom)).delete()[0]
    return max(0, room)


def _write_for_ever() -> None:
    while True:
        time.sleep(EVERY)
        _write_and_hang_up()


def _write_and_hang_up() -> None:
    """Write, and keep no connection open until the next time."""
    write()
    connection.close()
