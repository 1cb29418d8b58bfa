"""Readers' pages from a streaming replica of PostgreSQL, and from the primary while it does not answer.

The page cache asks which edition is the newest there, and leaves the answer with the request; what makes the page reads
from the same place. So a replica that lags shows one older edition, whole. Requests that the cache lets pass by, those
of editors among them, have no such answer and know nothing of a replica.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, InternalError, OperationalError, ProgrammingError, connections

from conditions.edition_check import (
    CHECKED,
    CannotCheck,
    EditionCheck,
    Newest,
    PostgreSQLCheck,
    Rows,
    check_of,
    options_of,
)

ALIAS = "replica"
"""What Django's settings call its database."""
REST = 5
"""Seconds for which a replica that failed is not asked again."""
FAILURES = (OperationalError, InterfaceError, InternalError, ProgrammingError)
"""What a replica raises that is not there, ends a query for its own sake, is damaged, or has not seen a migration."""
NO_REPLICA = "it does not follow another server, or holds no edition"
_NEWEST_ON_A_REPLICA = """
SELECT number, token FROM conditions_edition WHERE (SELECT pg_is_in_recovery()) ORDER BY number DESC LIMIT 1
"""

log = logging.getLogger(__name__)


class Failed(Exception):
    """The replica failed while a page was made from it."""


class Replica(PostgreSQLCheck):
    """A replica for as long as it answers: a place of its own. Once it has failed it is not asked again.

    One that was promoted has failed: nothing brings it what is published.
    """

    question = _NEWEST_ON_A_REPLICA

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self.failure: str | None = None

    def newest(self) -> Newest:
        try:
            found = super().newest()
        except CannotCheck as error:
            self.fail(error)
            raise
        if not found.number:
            self.fail(NO_REPLICA)
            raise CannotCheck(NO_REPLICA)
        return Newest(self, found.number, found.token)

    def rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        try:
            return super().rows(statement, values)
        except CannotCheck as error:
            self.fail(error)
            raise

    def fail(self, reason: object) -> None:
        """Note that it failed, and why, if that is the first time; close what waits to be used."""
        # The first line alone: the others may show a statement, with what readers typed.
        self.failure = self.failure or str(reason).strip().partition("\n")[0] or type(reason).__name__
        self.close()


class ReadersCheck(EditionCheck):
    """Asks where readers' pages come from: the replica, or the primary while that one does not answer.

    Whether the replica answers (again) is tried in a thread of its own: no reader waits for it.
    """

    def __init__(self, primary: EditionCheck, options: dict[str, Any]) -> None:
        """options: what psycopg connects with to the replica."""
        self._primary, self._options = primary, options
        self._replica: Replica | None = None
        self._said: str | None = None
        self._next_try = 0.0
        self._lock = Lock()

    def newest(self) -> Newest:
        if replica := self._working():
            with suppress(CannotCheck):
                return replica.newest()
            self._working()
        return self._primary.newest()

    def rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        if replica := self._working():
            with suppress(CannotCheck):
                return replica.rows(statement, values)
        return self._primary.rows(statement, values)

    def _working(self) -> Replica | None:
        """The replica, unless it has failed; then it is tried again, after a rest."""
        replica = self._replica
        if replica and not replica.failure:
            return replica
        with self._lock:
            if replica and replica is self._replica:
                self._replica, self._next_try = None, time.monotonic() + REST
                self._say(replica.failure or "")
            if self._replica is None and time.monotonic() >= self._next_try:
                self._next_try = float("inf")
                try:
                    Thread(target=self.look, name="replica", daemon=True).start()
                except RuntimeError:  # a system without threads left
                    self._next_try = time.monotonic() + REST
        return None

    def look(self) -> None:
        """Ask the replica, and use it from now on if it answers."""
        found = Replica(self._options)
        with suppress(CannotCheck):
            found.newest()
        with self._lock:
            self._next_try = time.monotonic() + REST
            if found.failure is None:
                self._replica = found
            self._say(found.failure or "")

    def _say(self, failure: str) -> None:
        """Log what has changed: that the replica is used, or why it is not."""
        if failure == self._said:
            return
        self._said = failure
        if failure:
            log.warning("Readers are served from the primary: the replica failed: %s", failure)
        else:
            log.info("Readers are served from the replica.")


def check_of_readers() -> EditionCheck:
    """How to ask the database that readers' pages come from, as the settings name it."""
    primary = check_of(connections[DEFAULT_DB_ALIAS])
    return ReadersCheck(primary, options_of(connections[ALIAS])) if ALIAS in connections.settings else primary


def source_of(environ: Mapping[str, Any]) -> Replica | None:
    """The replica, if the answer to a request is to come from it; None too within what already reads from it."""
    checked = environ.get(CHECKED)
    place = checked.place if checked else None
    if not isinstance(place, Replica) or connections[DEFAULT_DB_ALIAS].alias == ALIAS:
        return None
    return place


@contextmanager
def read_from(replica: Replica) -> Iterator[None]:
    """Let all that reads in this thread meanwhile read from the replica. Errors: Failed; then it is left alone."""
    primary = connections[DEFAULT_DB_ALIAS]
    if replica.failure:
        raise Failed(replica.failure)
    connections[DEFAULT_DB_ALIAS] = connections[ALIAS]
    try:
        yield
    except FAILURES as error:
        replica.fail(error)
        with suppress(*FAILURES):
            connections[ALIAS].close()
        raise Failed from error
    finally:
        connections[DEFAULT_DB_ALIAS] = primary
