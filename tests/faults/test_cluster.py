"""A PostgreSQL of the test's own that stops and starts, and whose disk is full."""

from __future__ import annotations

import getpass
import json
import os
import pwd
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.databases import Postgres, picture
from tests.faults.processes import LONGEST, ROOT, Server, environment, finish, free_port, manage
from tests.faults.test_broken import LIST, PAGE, plain, recovers, refused
from tests.faults.test_disk import NEW
from tests.faults.visitor import Visitor

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=Path())
MOST = 1_100_000
"""Bytes that a file may have when the disk is full: more than a segment of the log, less than the table to be."""


class Cluster:
    """A PostgreSQL server in a folder of its own. It refuses to run as root, and so runs as another user."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.owner = "postgres" if os.geteuid() == 0 else getpass.getuser()
        shutil.chown(folder, self.owner)
        words = ["-U", "facehealth", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"]
        self.run("initdb", *words)

    def run(self, program: str, *words: str, size: int = resource.RLIM_INFINITY) -> None:
        """Run one of its programs, which may make no file larger than `size`."""
        account = pwd.getpwnam(self.owner)
        own = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        asked = [PROGRAMS / program, "-D", self.folder / "data", *words]

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        subprocess.run(
            asked, cwd=self.folder, check=True, capture_output=True, timeout=LONGEST, preexec_fn=limit, **own
        )

    def start(self, size: int = resource.RLIM_INFINITY) -> None:
        """Start the server; `size` is the most that a file may have, as when the disk is full."""
        told = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        self.run("pg_ctl", "-l", str(self.folder / "log"), "-w", "start", "-o", f"{told} -c fsync=off", size=size)

    def stop(self, how: str = "immediate") -> None:
        self.run("pg_ctl", "-m", how, "-w", "stop")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    made = Cluster(folder)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder)


def test_a_server_outlives_its_postgresql_and_a_full_disk(house, cluster):
    database = Postgres(f"postgres://facehealth@127.0.0.1:{cluster.port}/postgres").make()
    words = [sys.executable, "-m", "tests.faults.prepare", str(house.fixtures)]
    told = environment(database.url, house.data)
    done = subprocess.run(words, cwd=ROOT, env=told, check=True, capture_output=True, text=True)
    session = json.loads(done.stdout)[0]
    with Server(database, house.data) as server:
        assert Visitor(server.port).get(PAGE).status == 200
        before = picture(database)
        cluster.stop()
        status = plain(Visitor(server.port).get(PAGE), 500, 503)
        plain(Visitor(server.port).get("/healthz"), 503)
        plain(Visitor(server.port, session).get(LIST), 500, 503)
        cluster.start()
        assert picture(database) == before
        recovers(server, session, "Once PostgreSQL was back.")
    table.row("PostgreSQL stopped and started").trial(f"plain {status}, recovered")
    fill_up(house, cluster, database)


def fill_up(house, cluster: Cluster, database: Postgres) -> None:
    """A reload for which the disk of PostgreSQL has no room leaves nothing, and says so."""
    many = house.data / "many.yaml"
    many.write_text("".join(NEW.format(number, "word " * 300) for number in range(1500)))
    before = picture(database)
    cluster.stop("fast")
    cluster.start(MOST)
    status, said = finish(manage(database, house.data, "loaddata", str(many)))
    cluster.stop("fast")
    cluster.start()
    assert picture(database) == before
    again = finish(manage(database, house.data, "loaddata", str(many)))
    assert again[0] == 0, again[1]
    table.row("disk of PostgreSQL full, loaddata").trial("nothing changed, next run completed")
    refused(status, said)
