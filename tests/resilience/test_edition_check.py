"""Which edition is the newest, where the file of the database is another one or is gone."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from conditions.edition_check import CannotCheck, SQLiteCheck
from conditions.models.published import NEWEST_EDITION
from facehealth.sqlite3.base import DatabaseWrapper


def made(path, number, token):
    """A database with one edition, as the site's is."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE conditions_edition (number INTEGER PRIMARY KEY, token TEXT)")
        database.execute("INSERT INTO conditions_edition VALUES (?, ?)", [number, token])
        database.commit()
    return path


@pytest.mark.parametrize("how", ["put in its place", "written over it"])
def test_another_file_is_noticed_at_the_next_question(tmp_path, how):
    path, other = made(tmp_path / "site ?#%.sqlite3", 3, "here"), made(tmp_path / "other.sqlite3", 3, "there")
    check = SQLiteCheck(str(path))
    first = check.newest()
    assert first[1:] == (3, "here")
    if how == "put in its place":
        other.replace(path)
    else:
        shutil.copyfile(other, path)
    again = check.newest()
    assert again[1:] == (3, "there")
    assert (again.place != first.place) is (how == "put in its place")


def test_a_file_that_is_gone_cannot_be_asked_and_is_not_made(tmp_path):
    path = made(tmp_path / "site.sqlite3", 1, "here")
    check = SQLiteCheck(str(path))
    check.newest()
    path.rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(CannotCheck):
            check.newest()
    assert not path.exists()
    (tmp_path / "away").rename(path)
    assert check.newest()[1:] == (1, "here")
    path.write_text("no database at all")
    with pytest.raises(CannotCheck):
        check.newest()


def test_what_was_not_committed_since_is_not_asked_for(tmp_path):
    path = made(tmp_path / "site.sqlite3", 1, "here")
    check, asked = SQLiteCheck(str(path)), []
    for _ in range(2):  # the first makes the file private, which is a change of it
        check.newest()
    check._connection.set_trace_callback(asked.append)
    assert [check.newest()[1:] for _ in range(3)] == [(1, "here")] * 3
    assert asked == []
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO conditions_edition VALUES (2, 'there')")
        assert check.newest()[1:] == (1, "here")
        assert asked == []
        other.commit()
        assert check.newest()[1:] == (2, "there")
    assert asked != []


def test_without_a_write_ahead_log_it_is_asked_for_each_time(tmp_path):
    path = made(tmp_path / "site.sqlite3", 1, "here")
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
    check = SQLiteCheck(str(path))
    for number in range(2, 5):
        with closing(sqlite3.connect(path)) as other:
            other.execute("INSERT INTO conditions_edition VALUES (?, 'there')", [number])
            other.commit()
        assert check.newest()[1:] == (number, "there")


class Writers:
    """What others do with a database, at random, on connections that come and go."""

    def __init__(self, path, chance):
        self.path, self.chance, self.open = path, chance, []

    def move(self):
        move = self.chance.choice(["insert", "insert", "roll back", "checkpoint", "spill", "close", "vacuum", "delete"])
        if move == "close" and self.open:
            self.open.pop(self.chance.randrange(len(self.open))).close()
            return
        if not self.open or self.chance.random() < 0.3:
            self.open.append(sqlite3.connect(self.path, isolation_level=None))
        database = self.chance.choice(self.open)
        if move in ("insert", "roll back", "spill"):
            database.execute("BEGIN IMMEDIATE")
            [(last,)] = database.execute("SELECT coalesce(max(number), 0) FROM conditions_edition")
            database.execute("INSERT INTO conditions_edition VALUES (?, ?)", [last + 1, str(self.chance.random())])
            if move == "spill":
                database.execute("PRAGMA cache_size = 2")
                for _ in range(40):
                    database.execute("INSERT INTO other VALUES (randomblob(4000))")
            database.execute("ROLLBACK" if move == "roll back" else "COMMIT")
        elif move == "checkpoint":
            kind = self.chance.choice(["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
            database.execute(f"PRAGMA wal_checkpoint({kind})")
        elif move == "vacuum":
            database.execute("VACUUM")
        else:
            database.execute(
                "DELETE FROM conditions_edition WHERE number = (SELECT max(number) FROM conditions_edition)"
            )


@pytest.mark.parametrize("seed", range(20))
def test_whatever_others_do_it_says_what_a_new_connection_reads(tmp_path, seed):
    path = made(tmp_path / "site.sqlite3", 1, "here")
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE other (data BLOB)")
    check, writers = SQLiteCheck(str(path)), Writers(path, Random(seed))
    for _ in range(60):
        writers.move()
        with closing(sqlite3.connect(path)) as fresh:
            [wanted] = fresh.execute(NEWEST_EDITION).fetchall() or [(0, "")]
        assert check.newest()[1:] == wanted
    for database in writers.open:
        database.close()


@pytest.mark.process
def test_sqlite_keeps_its_locks(tmp_path):
    """A process that closes a file loses its locks on it: another one would take what is shared for its own."""
    path = made(tmp_path / "site.sqlite3", 1, "here")
    lock = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'rb+'), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 128)"
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT * FROM conditions_edition").fetchall()
        for _ in range(3):
            check = SQLiteCheck(str(path))
            check.newest()
            path.touch()
            check.newest()
            check._connection.close()
            del check
            gc.collect()
            tried = subprocess.run([sys.executable, "-c", lock, f"{path}-shm"], capture_output=True, text=True)
            assert "BlockingIOError" in tried.stderr


def by_the_check(path):
    SQLiteCheck(str(path)).newest()


def by_django(path):
    database = DatabaseWrapper(connection.settings_dict | {"ENGINE": "facehealth.sqlite3", "NAME": str(path)})
    with closing(database.get_new_connection(database.get_connection_params())):
        pass


@pytest.mark.parametrize("opened", [by_the_check, by_django])
def test_what_stands_beside_a_file_is_left_writable_after_the_file_was_not(tmp_path, opened):
    """All connections of a process share it: opened read-only once, none of them writes."""
    path = made(tmp_path / "site.sqlite3", 1, "here")
    with closing(sqlite3.connect(path)) as other:
        path.chmod(0o444)
        other.execute("SELECT * FROM conditions_edition").fetchall()
        beside = [Path(f"{path}{ending}") for ending in ("-wal", "-shm")]
        for file in beside:
            file.chmod(0o444)
        path.chmod(0o644)
        opened(path)
        assert [oct(file.stat().st_mode & 0o777) for file in beside] == ["0o600", "0o600"]
    assert oct(path.stat().st_mode & 0o777) == "0o600"
