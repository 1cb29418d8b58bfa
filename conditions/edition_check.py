"""Which edition is the newest, asked for each request on connections that stay open, past Django.

What comes back is what was committed last: no answer is kept.
"""

from __future__ import annotations

import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from conditions.models.published import NEWEST_EDITION
from facehealth.sqlite3.base import file_at, ready_files

Rows = list[tuple[Any, ...]]

CONNECTIONS = 4
"""Those to PostgreSQL that stay open to ask."""
HEADER = 96
"""Bytes of the header of SQLite's index, which stands in it twice."""
_PREPARED = b"newest_edition"
_Connection = psycopg.Connection[tuple[Any, ...]]
_SINCE = """
SELECT edition.number, edition.token, touched.page_id
FROM conditions_edition AS edition LEFT JOIN conditions_touched AS touched ON touched.edition_id = edition.number
WHERE edition.number >= {} ORDER BY edition.number
"""


class CannotCheck(Exception):
    """The database does not answer."""


CHECKED = "facehealth.checked"
"""Where the page cache leaves in the environment of a request what it was told is the newest edition, and where."""


class Newest(NamedTuple):
    """An edition as no other is: where its database is, its number and its token."""

    place: object
    number: int
    token: str


class EditionCheck(ABC):
    """Asks a database without holding a transaction between two questions."""

    holder = "%s"
    """What stands for a value in a statement."""

    @abstractmethod
    def newest(self) -> Newest:
        """The newest edition that is committed. Errors: CannotCheck."""

    def since(self, number: int) -> Rows:
        """An edition and all after it, their numbers and tokens, each with every page that it touched or None."""
        return self.rows(_SINCE.format(self.holder), [number])

    @abstractmethod
    def rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """What a statement selects. Errors: CannotCheck."""


class _Seen(NamedTuple):
    """What was found, and what says that nothing was committed since: the file, and the header of its index."""

    file: tuple[int, ...]
    header: bytes
    newest: Newest


class SQLiteCheck(EditionCheck):
    """Asks the database only where something was committed since: the index of its write-ahead log says whether.

    The header of the index stands twice at the beginning of the file that ends with -shm. A commit changes both before
    it is answered (https://sqlite.org/walformat.html, section 2.1); where they differ, one is on its way. Asking the
    database each time takes more than twice as long.

    The file is looked at each time too: a connection reads on in one that was replaced, written over or is gone.
    """

    holder = "?"
    _indexes: ClassVar[dict[tuple[int, int], int]] = {}
    """The indexes that are open, by what the system knows them by. They stay open: where a process closes a file, it
    loses all locks on it, those of SQLite too.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()
        self._seen: _Seen | None = None
        self._connection: sqlite3.Connection | None = None
        self._connected: tuple[int, ...] = ()
        self._index: int | None = None

    def newest(self) -> Newest:
        try:
            seen = self._seen
            if seen and seen.file == file_at(self._path) and seen.header == self._header():
                return seen.newest
            with self._lock:
                file = file_at(self._path)
                connection = self._open(file)
                # Before the edition: what is committed in between is asked for at the next question.
                header = self._header()
                newest = Newest(file[:2], *(connection.execute(NEWEST_EDITION).fetchone() or (0, "")))
                self._seen = _Seen(file, header, newest) if header else None
                return newest
        except (OSError, sqlite3.Error) as error:
            self._connected, self._seen = (), None
            raise CannotCheck from error

    def rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        try:
            with self._lock:
                found: Rows = self._open(file_at(self._path)).execute(statement, values).fetchall()
                return found
        except (OSError, sqlite3.Error) as error:
            self._connected, self._seen = (), None
            raise CannotCheck from error

    def _header(self) -> bytes:
        """The header of the index; empty if there is none."""
        return b"" if self._index is None else os.pread(self._index, HEADER, 0)

    def _open(self, file: tuple[int, ...]) -> sqlite3.Connection:
        """The connection to a file as it is now."""
        if self._connection is None or self._connected != file:
            self._connected, self._seen = (), None
            if self._connection is not None:
                self._connection.close()
            ready_files(self._path)
            self._connection = sqlite3.connect(
                f"file:{quote(self._path)}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
            )
            self._index = self._index_of(self._connection)
            self._connected = file
        return self._connection

    def _index_of(self, connection: sqlite3.Connection) -> int | None:
        """The descriptor of the index that a connection uses, which is there once it has read; None if it has none."""
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            return None
        path = f"{self._path}-shm"
        stat = os.stat(path)
        known = stat.st_dev, stat.st_ino
        if known not in self._indexes:
            self._indexes[known] = os.open(path, os.O_RDONLY)
        return self._indexes[known]


class PostgreSQLCheck(EditionCheck):
    """A few connections of the process: each of its threads has one of Django's already, and the server has not many.

    The question is prepared, and asked past psycopg's cursors: they take four times as long as the server.
    """

    question = NEWEST_EDITION

    def __init__(self, options: dict[str, Any]) -> None:
        """options: what psycopg connects with."""
        self._options = options
        self._idle: SimpleQueue[_Connection | None] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._idle.put(None)
        self._is_closed = False

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
                held = self._connect()
            yield held
        except psycopg.Error as error:
            if held is not None:
                held.close()
            held = None
            raise CannotCheck(str(error)) from error
        finally:
            self._idle.put(held)
            if self._is_closed:
                self.close()

    def close(self) -> None:
        """Open no more connections, and close those that nobody uses; the others go when they are put back."""
        self._is_closed = True
        for _ in range(CONNECTIONS):
            with suppress(Empty):
                if (held := self._idle.get_nowait()) is not None:
                    held.close()
                self._idle.put(None)

    def _connect(self) -> _Connection:
        if self._is_closed:
            raise CannotCheck
        made = psycopg.connect(**self._options, autocommit=True)
        made.pgconn.prepare(_PREPARED, self.question.encode())
        return made


def check_of(database: BaseDatabaseWrapper) -> EditionCheck:
    """How to ask one of Django's databases."""
    if database.vendor == "sqlite":
        return SQLiteCheck(str(database.settings_dict["NAME"]))
    return PostgreSQLCheck(options_of(database))


def options_of(database: BaseDatabaseWrapper) -> dict[str, Any]:
    """What psycopg connects with to one of Django's databases, on PostgreSQL."""
    options = database.get_connection_params()
    return {name: options[name] for name in options.keys() - {"context", "cursor_factory"}}
