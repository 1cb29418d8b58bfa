"""What goes past the ORM."""

from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.db.utils import ConnectionHandler

from conditions import db
from conditions.content_files.loading import MANY
from conditions.models import Page

READER, WRITER = "reader", "writer"


@contextmanager
def opened(alias, database):
    """A connection of its own to a database."""
    connections.settings[alias] = ConnectionHandler({"default": database}).settings["default"]
    try:
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias], connections.settings[alias]


@pytest.fixture
def two(tmp_path, django_db_setup, django_db_blocker):
    """Two connections to one database with an empty table; SQLite's as the site has it, in a file."""
    database = dict(connection.settings_dict)
    if connection.vendor == "sqlite":
        database["NAME"] = str(tmp_path / "database.sqlite3")
    with django_db_blocker.unblock(), opened(READER, database) as reader, opened(WRITER, database) as writer:
        execute(writer, "CREATE TABLE noted (number integer)")
        yield reader, writer
        execute(writer, "DROP TABLE noted")


def execute(one, statement):
    with one.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def count(one):
    return execute(one, "SELECT count(*) FROM noted")[0][0]


def test_snapshot_sees_one_moment_and_keeps_nobody_from_writing(two):
    reader, writer = two
    with db.snapshot(READER):
        assert count(reader) == 0
        execute(writer, "INSERT INTO noted VALUES (1)")
        assert count(reader) == 0
        assert count(writer) == 1
    assert count(reader) == 1


def test_snapshot_leaves_later_transactions_as_they_were(two):
    reader, _ = two
    reader.ensure_connection()
    mode = getattr(reader, "transaction_mode", None)
    with pytest.raises(OperationalError), db.snapshot(READER):
        raise OperationalError
    assert getattr(reader, "transaction_mode", None) == mode
    assert not reader.in_atomic_block


def test_snapshot_inside_a_transaction_is_that_transaction(two):
    reader, writer = two
    with transaction.atomic(using=READER):
        execute(reader, "INSERT INTO noted VALUES (1)")
        with db.snapshot(READER):
            assert count(reader) == 1
    assert count(writer) == 1


@pytest.mark.django_db
def test_a_large_load_is_counted_at_once():
    """The tests' own PostgreSQL counts nothing by itself, as any other in its first minute."""
    call_command("loaddata", verbosity=0)
    assert Page.objects.count() > MANY
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [Page._meta.db_table])
            assert cursor.fetchone() == (Page.objects.count(),)
