"""Which edition is the newest, asked for each request on connections that stay open, past Django.

What comes back is what was committed last: no answer is kept.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, NamedTuple
from urllib.parse import quote

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from conditions.models.published import NEWEST_EDITION
from facehealth.sqlite3.base import ready_files

Rows = list[tuple[Any, ...]]

CONNECTIONS = 4
"""Those to PostgreSQL that stay open to ask."""
_PREPARED = b"newest_edition"
_Connection = psycopg.Connection[tuple[Any, ...]]
_SINCE = """
SELECT edition.number, edition.token, touched.page_id
FROM conditions_edition AS edition LEFT JOIN conditions_touched AS touched ON touched.edition_id = edition.number
WHERE edition.number >= {} ORDER BY edition.number
"""


class CannotCheck(Exception):
    """The database does not answer."""


class Newest(NamedTuple):
    """An edition as no other is: where its database is, its number and its token."""

    place: object
    number: int
    token: str


class EditionCheck(ABC):
    """Asks a database without holding a transaction between two questions."""

    holder = "%s"
    """What stands for a value in a statement."""

    def newest(self) -> Newest:
        """The newest edition that is committed. Errors: CannotCheck."""
        found = self.rows(NEWEST_EDITION)
        number, token = found[0] if found else (0, "")
        return Newest(self.place(), number, token)

    def since(self, number: int) -> Rows:
        """An edition and all after it, their numbers and tokens, each with every page that it touched or None."""
        return self.rows(_SINCE.format(self.holder), [number])

    def place(self) -> object:
        """What is another where another database was put in place of the one that was asked last."""
        return None

    @abstractmethod
    def rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """What a statement selects. Errors: CannotCheck."""


class SQLiteCheck(EditionCheck):
    """A connection of each thread, so that none waits for another.

    The file is looked at each time: a connection reads on in one that was replaced, written over or is gone.
    """

    holder = "?"

    def __init__(self, path: str) -> None:
        self._path = path
        self._own = threading.local()

    def place(self) -> object:
        return getattr(self._own, "place", None)

    def rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        try:
            stat = os.stat(self._path)
            file = stat.st_dev, stat.st_ino, stat.st_ctime_ns, stat.st_size
            if getattr(self._own, "file", None) != file:
                self._connect()
                self._own.file, self._own.place = file, file[:2]
            found: Rows = self._own.connection.execute(statement, values).fetchall()
        except (OSError, sqlite3.Error) as error:
            self._own.file = None
            raise CannotCheck from error
        return found

    def _connect(self) -> None:
        if old := getattr(self._own, "connection", None):
            old.close()
        ready_files(self._path)
        self._own.connection = sqlite3.connect(f"file:{quote(self._path)}?mode=rw", uri=True, isolation_level=None)


class PostgreSQLCheck(EditionCheck):
    """A few connections of the process: each of its threads has one of Django's already, and the server has not many.

    The question is prepared, and asked past psycopg's cursors: they take four times as long as the server.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._idle: SimpleQueue[_Connection | None] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._idle.put(None)

    def newest(self) -> Newest:
        with self._connection() as connection:
            result = connection.pgconn.exec_prepared(_PREPARED, None)
            if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
                raise psycopg.OperationalError(result.error_message)
            number, token = (result.get_value(0, column) or b"" for column in (0, 1)) if result.ntuples else (b"0", b"")
        return Newest(None, int(number), token.decode())

    def rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        with self._connection() as connection:
            return connection.execute(statement, values or None).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[_Connection]:
        """One that nobody uses, opened if need be; closed where it fails, so that the next question opens another."""
        held = self._idle.get()
        try:
            if held is None:
                held = psycopg.connect(**self._options, autocommit=True)
                held.pgconn.prepare(_PREPARED, NEWEST_EDITION.encode())
            yield held
        except psycopg.Error as error:
            if held is not None:
                held.close()
            held = None
            raise CannotCheck from error
        finally:
            self._idle.put(held)


def check_of(database: BaseDatabaseWrapper) -> EditionCheck:
    """How to ask one of Django's databases."""
    if database.vendor == "sqlite":
        return SQLiteCheck(str(database.settings_dict["NAME"]))
    options = database.get_connection_params()
    return PostgreSQLCheck({name: options[name] for name in options.keys() - {"context", "cursor_factory"}})
