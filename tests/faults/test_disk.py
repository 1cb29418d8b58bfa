"""The disk is full. On SQLite alone: PostgreSQL's is the server's own, and test_cluster.py fills that.

A limit on the size of files stands in for it, which needs no privilege and can be lifted from a running process.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.databases import picture
from tests.faults.processes import Server, finish, manage
from tests.faults.test_broken import PAGE, edit_or_fail, plain, recovers, refused
from tests.faults.visitor import Visitor

NEW = "- model: conditions.symptom\n  fields:\n    slug: new-{0}\n    name: New {0}\n    summary: New.\n    body: {1}\n"


@pytest.fixture
def many(house) -> Path:
    """A fixture file of some megabytes."""
    path = house.data / "many.yaml"
    path.write_text("".join(NEW.format(number, "word " * 500) for number in range(1200)))
    return path


def group(server: Server) -> list[int]:
    """The processes of a server."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [pid for pid in pids if pgid(pid) == server.process.pid]


def pgid(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


@contextmanager
def full_disk(server: Server, size: int) -> Iterator[None]:
    """No file of the server may grow beyond `size`, as when the disk is full."""
    for pid in group(server):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    yield
    for pid in group(server):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.parametrize("size", [0, 20_000, 100_000])
def test_a_full_disk_refuses_to_publish_and_nothing_else(house, database, size):
    with Server(database, house.data) as server:
        assert Visitor(server.port).get(PAGE).status == 200
        before = picture(database)
        with full_disk(server, size):
            status = plain(edit_or_fail(server, house.sessions[0]), 200, 500, 503)
            plain(Visitor(server.port).get(PAGE), 200, 500, 503)
        assert picture(database) == before
        recovers(server, house.sessions[0], "Once there was room again.")
    table.row(f"disk full, server ({database.vendor})").trial(f"plain {status}, nothing changed, recovered")


@pytest.mark.parametrize("size", [0, 200_000, 2_000_000])
def test_a_full_disk_refuses_a_reload_with_a_message(house, database, many, size):
    before = picture(database)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    status, said = finish(manage(database, house.data, "loaddata", str(many), before=limit))
    assert picture(database) == before
    assert finish(manage(database, house.data, "loaddata", str(many)))[0] == 0
    table.row(f"disk full, loaddata ({database.vendor})").trial("nothing changed, next run completed")
    refused(status, said)
