"""How SQLite is copied while it is in use, and put back whole."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from facehealth.in_use import InUse, nobody_else

Ask = Callable[[str], list[Any]]
"""Takes a query and gives all its rows."""

MEMBER = "database.sqlite3"
WAIT = 5.0
"""Seconds to wait for others to close the file."""


class NotSound(Exception):
    """SQLite finds its file damaged, or it is in use."""


ERRORS = (sqlite3.Error, DatabaseError, NotSound, InUse)


def database_path() -> Path:
    """The file that DATABASE_URL or DATA_DIR names."""
    return Path(connection.settings_dict["NAME"]).absolute()


def folder() -> Path:
    """Where to unpack a backup: next to the database, so that it can take its place by a rename."""
    return database_path().parent


def dump(target: Path, describe: Callable[[Ask, list[str]], dict[str, Any]]) -> dict[str, Any]:
    """Copy the database into `target` as of one moment; what `describe` finds in it at that moment."""
    if not database_path().exists():
        raise NotSound(f"there is no {database_path()}. Is DATA_DIR, or DATABASE_URL, the one of the site?")
    with closing(_read(database_path())) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)  # all pages in one step, and so of one moment
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal file
        require_sound(copy)
        return describe(lambda query: copy.execute(query).fetchall(), table_names(copy))


def _read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=20)


def require_sound(database: sqlite3.Connection) -> None:
    """Raise NotSound unless SQLite finds every page, index and reference in order."""
    found = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        raise NotSound(f"SQLite finds the database damaged: {'; '.join(map(str, found))}")
    if database.execute("PRAGMA foreign_key_check").fetchone():
        raise NotSound("the database is damaged: a row refers to one that is not there.")


def table_names(database: sqlite3.Connection) -> list[str]:
    """The tables that are not SQLite's own."""
    statement = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return sorted(row[0] for row in database.execute(statement))


def tables() -> list[str]:
    """The tables of the database that is there now; a file that SQLite cannot read counts as one."""
    if not database_path().exists():
        return []
    try:
        with closing(_read(database_path())) as database:
            return table_names(database)
    except sqlite3.DatabaseError:
        return [database_path().name]


def load(source: Path, programs: int) -> None:
    """Put what the database in `source` holds in the place of what is there, in one transaction of SQLite's."""
    with closing(sqlite3.connect(source)) as copy:
        require_sound(copy)
        # As the site leaves it: else the first two connections could race to change it.
        copy.execute("PRAGMA journal_mode=WAL")
    connection.close()
    target = database_path()
    with nobody_else(target):
        try:
            write_into(target, source)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise NotSound(
                    f"another process has {target} open. Stop the site and whatever else uses it, then restore."
                ) from error
            raise
        except sqlite3.DatabaseError:
            put_in_place_of(target, source)


def write_into(target: Path, source: Path) -> None:
    """Copy all pages of `source` into the database at `target`, which no other process may have open.

    Nobody else can open it from the first line on: a save that waits for it is made in the new database.
    """
    with suppress(FileExistsError):
        os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(target, timeout=WAIT)) as old, closing(sqlite3.connect(source)) as copy:
        old.execute("PRAGMA locking_mode=EXCLUSIVE")
        old.execute("PRAGMA journal_mode=DELETE")
        old.execute("BEGIN EXCLUSIVE")
        old.execute("COMMIT")
        copy.backup(old)


def put_in_place_of(target: Path, source: Path) -> None:
    """Rename `source` to `target`, a file that SQLite cannot read: nobody can save anything in that.

    Its -wal and -shm are removed: they would corrupt the new one.
    """
    for end in ("-wal", "-shm"):
        target.with_name(target.name + end).unlink(missing_ok=True)
    source.chmod(0o600)
    _keep_owner(target, source)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(source, target)
    _sync_directory(target.parent)


def _keep_owner(old: Path, new: Path) -> None:
    with suppress(PermissionError):
        os.chown(new, old.stat().st_uid, old.stat().st_gid)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
