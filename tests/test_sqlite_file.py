"""The connection to a SQLite file is kept from one request to the next, and follows the file's name."""

import sqlite3
from contextlib import closing

import pytest

from facehealth.environment import database_at
from facehealth.sqlite3.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


def write_file(path, word):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE said (word)")
        database.execute("INSERT INTO said VALUES (?)", [word])


def connect(path):
    defaults = {"TIME_ZONE": None, "AUTOCOMMIT": True, "CONN_HEALTH_CHECKS": False}
    return DatabaseWrapper(defaults | database_at(f"sqlite:///{path}", name="DATABASE_URL"))


def said(database):
    database.close_if_unusable_or_obsolete()  # as at the beginning of each request
    with database.cursor() as cursor:
        return cursor.execute("SELECT word FROM said").fetchone()[0]


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.sqlite3"
    write_file(path, "old")
    database = connect(path)
    yield path, database
    database.close()


def test_the_connection_is_kept_from_one_request_to_the_next(site):
    _, database = site
    assert said(database) == "old"
    kept = database.connection
    assert said(database) == "old"
    assert database.connection is kept


def test_a_file_that_is_put_in_its_place_is_read(site):
    path, database = site
    assert said(database) == "old"
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    write_file(path.with_name("new"), "new")
    path.with_name("new").rename(path)
    assert said(database) == "new"


def test_a_file_that_was_removed_is_not_read_any_longer(site):
    path, database = site
    assert said(database) == "old"
    path.unlink()
    database.close_if_unusable_or_obsolete()
    assert database.connection is None


def test_a_file_that_is_written_over_is_read_after_one_error(site, tmp_path):
    path, database = site
    assert said(database) == "old"
    write_file(tmp_path / "other.sqlite3", "other")
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes((tmp_path / "other.sqlite3").read_bytes())
    database.errors_occurred = True  # as Django notes it of a statement that failed
    assert said(database) == "other"
