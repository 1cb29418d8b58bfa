"""Counting what SQLite does, which is the same however busy the machine is."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

EVERY = 100
"""Steps of SQLite's machine that are counted as one."""


@contextmanager
def steps_counted() -> Iterator[list[int]]:
    """The steps of SQLite's machine meanwhile, in the one item of the list; 0 on PostgreSQL."""
    done = [0]
    if connection.vendor != "sqlite":
        yield done
        return

    def count() -> None:
        done[0] += 1

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, EVERY)
    try:
        yield done
    finally:
        connection.connection.set_progress_handler(None, 0)
