"""A connection to SQLite stays open from one request to the next, but for one to a file that is there no more."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from django.db import OperationalError, connection

from facehealth.environment import SQLITE
from facehealth.sqlite3.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


def made(path, said):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE said (what TEXT)")
        database.execute("INSERT INTO said VALUES (?)", [said])
        database.commit()
        database.execute("PRAGMA journal_mode = WAL")
    return path


@pytest.fixture
def kept(tmp_path):
    """Django's connection to a file, after a first request."""
    path = made(tmp_path / "site.sqlite3", "old")
    database = DatabaseWrapper(connection.settings_dict | SQLITE | {"NAME": str(path)})
    assert read(database) == "old"
    database.close_if_unusable_or_obsolete()
    assert read(database) == "old"
    yield database
    database.close()


def read(database):
    with database.cursor() as cursor:
        return cursor.execute("SELECT what FROM said").fetchone()[0]


def test_it_is_the_same_one_while_others_write(kept):
    first = kept.connection
    with closing(sqlite3.connect(kept.settings_dict["NAME"])) as other:
        other.execute("UPDATE said SET what = 'new'")
        other.commit()
        kept.close_if_unusable_or_obsolete()
        assert kept.connection is first
        assert read(kept) == "new"


@pytest.mark.parametrize("place", [os.replace, shutil.copyfile])
def test_a_file_that_took_the_place_of_another_is_read(kept, tmp_path, place):
    path = kept.settings_dict["NAME"]
    place(made(tmp_path / "other.sqlite3", "other"), path)
    for ending in ("-wal", "-shm"):
        if os.path.exists(path + ending):
            os.unlink(path + ending)
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE said SET what = 'later'")
        other.commit()
        kept.close_if_unusable_or_obsolete()
        assert read(kept) == "later"


def test_after_a_failure_another_is_opened(kept):
    with pytest.raises(OperationalError), kept.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    kept.close_if_unusable_or_obsolete()
    assert kept.connection is None
    assert read(kept) == "old"


def test_where_the_file_is_gone_it_is_not_used(kept):
    os.unlink(kept.settings_dict["NAME"])
    kept.close_if_unusable_or_obsolete()
    assert kept.connection is None
