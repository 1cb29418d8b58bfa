"""A PostgreSQL of the test's own that stops and starts, and whose disk is full while it runs."""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.resilience import table
from tests.resilience.clusters import Cluster, prepared
from tests.resilience.databases import Picture, Postgres, differing, picture
from tests.resilience.disks import Disk, SmallDisk, small_disk
from tests.resilience.editing import LIST, NEW, PAGE, form_of, plain, recovers, refused
from tests.resilience.processes import Server, finish, manage
from tests.resilience.visitor import Answer, Visitor

pytestmark = pytest.mark.process

LEFT = 1_100_000
"""Bytes that are left on a full disk, or that a file may have: more than a segment of the log."""
SPACE = {"data": 192 << 20, "wal": 64 << 20}
"""Bytes of the small disk that holds all of PostgreSQL, or its log alone."""
MOST = 100
"""How many publishes are tried until the disk is full."""
LONG = 90_000
"""Letters of each: so many that they are soon more than what is left."""


@dataclass
class Place:
    """A PostgreSQL, the disk under it, a prepared database, and an editor's session."""

    cluster: Cluster
    disk: Disk
    database: Postgres
    session: str


@contextmanager
def place_on(site, of: str) -> Iterator[Place]:
    """A PostgreSQL with all of it, or its log alone, on a small disk."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name, small_disk(Path(name, "disk"), SPACE[of]) as disk:
        Path(name).chmod(0o755)
        own = Path(tempfile.mkdtemp(dir=disk.folder if of == "data" else name))
        cluster = Cluster(own, Path(tempfile.mkdtemp(dir=disk.folder)) if of == "wal" else None)
        cluster.start()
        try:
            made = prepared(site, cluster)
            yield Place(cluster, disk, made.database, made.session)
        finally:
            if cluster.is_up():
                cluster.stop()


def test_a_server_outlives_its_postgresql_and_a_full_disk(site):
    with place_on(site, "data") as place:
        cluster, database, session = place.cluster, place.database, place.session
        with Server(database, site.data) as server:
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
        reload_without_space(site, place)


def reload_without_space(site, place: Place) -> None:
    """A reload for which the disk of PostgreSQL has no space leaves nothing, and says so."""
    many = site.data / "many.yaml"
    many.write_text("".join(NEW.format(number, "word " * 300) for number in range(1500)))
    before = picture(place.database)
    with place.disk.full(LEFT, place.cluster.pid):
        status, said = finish(manage(place.database, site.data, "loaddata", str(many)))
    came_back = is_back(place.cluster)
    assert picture(place.database) == before
    again = finish(manage(place.database, site.data, "loaddata", str(many)))
    assert again[0] == 0, again[1]
    row = table.row(f"disk of PostgreSQL full, loaddata ({place.disk.how})")
    row.trial(f"nothing changed, {came_back}, next run completed")
    refused(status, said)


def is_back(cluster: Cluster) -> str:
    """See to it that PostgreSQL runs, now that there is space; how it did."""
    if not cluster.is_up():
        cluster.start()
        return "PostgreSQL had ended and was started"
    for _ in range(400):
        if cluster.run("pg_isready", check=False) == 0:
            break
        time.sleep(0.025)
    return "PostgreSQL had started again by itself" if "PANIC" in cluster.said() else "PostgreSQL ran on"


@pytest.mark.parametrize("of", SPACE)
def test_a_full_disk_under_postgresql_refuses_to_publish_and_nothing_else(site, of):
    """Whether it refuses a statement or breaks down: what was typed comes back, and nothing is half done."""
    with place_on(site, of) as place, Server(place.database, site.data) as server:
        place.database._do("CHECKPOINT")
        with place.disk.full(LEFT, place.cluster.pid):
            before, answer, words = publish_until_refused(place, server)
            plain(answer, 503)
            assert words in answer.text
            for path in (PAGE, "/", "/search/?q=eye", "/healthz"):
                plain(Visitor(server.port).get(path), 200, 500, 503)
            plain(Visitor(server.port, place.session).get(LIST), 200, 500, 503)
        came_back = is_back(place.cluster)
        whole = all_or_nothing(place, server, before, words)
        recovers(server, place.session, "Once there was space again.")
    on_its_own = isinstance(place.disk, SmallDisk) and of == "wal"
    what = "PostgreSQL’s log" if on_its_own else "all of PostgreSQL"
    row = table.row(f"disk under {what} full, publish ({place.disk.how})")
    row.trial(f"plain 503 with what was typed, {came_back}, {whole} of it there, recovered")


def publish_until_refused(place: Place, server: Server) -> tuple[Picture, Answer, str]:
    """Publish long texts until one is refused: what there was before, the answer, its sentence."""
    letters = random.Random(0)
    editor = Visitor(server.port, place.session)
    address, fields = form_of(editor)
    for number in range(MOST):
        before = picture(place.database)
        words = f"Typed as number {number}."
        body = "".join(letters.choices("abcdefghijklmnopqrstuvwxyz     ", k=LONG))
        answer = editor.post(address, fields | {"summary": [words], "body": [body], "_publish": ["1"]})
        if answer.status != 302:
            return before, answer, words
        opened = re.search(r'name="base_version" value="(\d+)"', editor.get(address).text)
        assert opened
        fields["base_version"] = [opened[1]]
    raise AssertionError("the disk was not full")


def all_or_nothing(place: Place, server: Server, before: Picture, words: str) -> str:
    """Nothing has changed, or the save and the edition are both there, as when the log broke off just behind them."""
    after = picture(place.database)
    shown = words in Visitor(server.port).get(PAGE).text
    if after == before:
        assert not shown
        return "nothing"
    assert shown, differing(before, after)
    assert len(after["Edition"]) == len(before["Edition"]) + 1
    assert len(after["Version"]) == len(before["Version"]) + 1
    return "all"
