"""Which edition is the newest, where the file of the database is another one or is gone."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from conditions.edition_check import CannotCheck, SQLiteCheck


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
