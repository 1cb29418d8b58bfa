"""Which edition is the newest, where the file of the database is another one or is gone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from conditions.edition_check import CannotCheck, SQLiteCheck
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
