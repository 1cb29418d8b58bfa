"""Two servers whose readers are served from a streaming replica, which lags, is cut off, dies, and is promoted."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.resilience import table
from tests.resilience.clusters import Cluster, prepared
from tests.resilience.databases import Postgres
from tests.resilience.editing import PAGE, edit
from tests.resilience.processes import Server
from tests.resilience.visitor import Answer, Visitor

pytestmark = [pytest.mark.process, pytest.mark.postgres]

PATHS = (PAGE, "/conditions/", "/changes/", "/search/?q=published", "/nowhere/")
NEVER_KEPT = ("/a-z/", "/causes/", "/changes/feed.atom")
"""What nobody has asked for when the replica lags, so that it has to be made."""
LOOKS = 600
"""How often at most something is asked for that is to come."""


@dataclass
class Sites:
    """Two servers, the databases that they read, and an editor's session."""

    servers: list[Server]
    primary: Postgres
    replica: Postgres
    standby: Cluster
    session: str

    def readers(self, path: str = PAGE) -> list[Answer]:
        """What readers of each server get."""
        return [Visitor(server.port).get(path) for server in self.servers]

    def publish(self, words: str) -> int:
        """Publish a sentence; the edition, which the editor sees at once."""
        assert edit(self.servers[0], self.session, words).status == 302
        seen = [Visitor(server.port, self.session).get(PAGE) for server in self.servers]
        assert all(words in answer.text for answer in seen)
        assert len({edition_of(answer) for answer in seen}) == 1
        return edition_of(seen[0])

    def paused(self, is_paused: bool) -> None:
        self.replica.query(f"SELECT pg_wal_replay_{'pause' if is_paused else 'resume'}()")
        self.until(lambda: self.state() == ("paused" if is_paused else "not paused"))

    def state(self) -> str:
        return str(self.replica.query("SELECT pg_get_wal_replay_pause_state()")[0][0])

    def catch_up(self) -> None:
        """Wait until readers of both servers see the newest edition, from the replica."""
        newest = self.primary.query("SELECT max(number) FROM conditions_edition")[0][0]
        self.until(lambda: all(edition_of(answer) == newest for answer in self.readers()))

    def until_the_replica_is_read(self) -> None:
        """Wait until both servers say in their logs that readers are served from the replica."""
        self.until(lambda: all("served from the replica" in last_said(server) for server in self.servers))

    def until(self, is_so: Callable[[], object]) -> None:
        for _ in range(LOOKS):
            if is_so():
                return
            for answer in self.readers():  # what is not asked for is not tried again
                assert answer.status == 200
            time.sleep(0.05)
        raise AssertionError("it did not come")


def edition_of(answer: Answer) -> int:
    return int(answer.headers["X-Edition"])


def last_said(server: Server) -> str:
    """The last line of a server's log about the replica."""
    lines = [line for line in server.log.read_text().splitlines() if "conditions.replica" in line]
    return lines[-1] if lines else ""


@contextmanager
def sites(site) -> Iterator[Sites]:
    with tempfile.TemporaryDirectory(prefix="replica-") as name:
        Path(name).chmod(0o755)
        primary = Cluster(Path(tempfile.mkdtemp(dir=name)))
        primary.start()
        standby = None
        try:
            place = prepared(site, primary)
            standby = primary.replica(Path(tempfile.mkdtemp(dir=name)))
            standby.start()
            replica = Postgres(f"postgres://facehealth@127.0.0.1:{standby.port}/{place.database.name}")
            told = {"DATABASE_REPLICA_URL": replica.url}
            with Server(place.database, site.data, **told) as one, Server(place.database, site.data, **told) as other:
                yield Sites([one, other], place.database, replica, standby, place.session)
        finally:
            for cluster in filter(None, (standby, primary)):
                if cluster.is_up():
                    cluster.stop()


@contextmanager
def load(found: Sites) -> Iterator[list[str]]:
    """Readers of both servers, all the time; at the end, what they got that was no page."""
    wrong: list[str] = []
    over = threading.Event()

    def read(port: int) -> None:
        while not over.is_set():
            for path in PATHS:
                answer = Visitor(port).get(path)
                if answer.status != (404 if path == "/nowhere/" else 200):
                    wrong.append(f"{answer.status} {path}")

    readers = [threading.Thread(target=read, args=[server.port]) for server in found.servers]
    for reader in readers:
        reader.start()
    try:
        yield wrong
    finally:
        over.set()
        for reader in readers:
            reader.join()


def test_readers_are_served_whatever_becomes_of_the_replica(site):
    with sites(site) as found:
        found.until_the_replica_is_read()
        with load(found) as wrong:
            for number in range(3):
                found.publish(f"Published as number {number}.")
                found.catch_up()
            lags(found)
            dies_and_comes_back(found)
            is_promoted(found)
        assert wrong == []
    table.row("replica lags, dies, comes back, is promoted; two servers").trial("readers served throughout")


def lags(found: Sites) -> None:
    """Readers see one older edition on every page, and are told which; the editor sees the new one."""
    before = found.readers()[0]
    found.paused(True)
    newest = found.publish("Published while it lagged.")
    for path in (*PATHS, *NEVER_KEPT):
        for answer in found.readers(path):
            assert edition_of(answer) == edition_of(before) < newest
            assert "Published while it lagged." not in answer.text
    assert all(f"/changes/{newest}/" not in answer.text for answer in found.readers("/changes/"))
    found.paused(False)
    found.catch_up()
    assert all("Published while it lagged." in answer.text for answer in found.readers())


def dies_and_comes_back(found: Sites) -> None:
    """Readers see the newest edition, from the primary, and later the replica's again."""
    found.paused(True)
    newest = found.publish("Published before it died.")
    found.standby.stop()
    for path in PATHS:
        assert {edition_of(answer) for answer in found.readers(path)} == {newest}
    assert all("Published before it died." in answer.text for answer in found.readers())
    assert {answer.status for answer in found.readers("/healthz")} == {200}
    later = found.publish("Published while it was dead.")
    assert {edition_of(answer) for answer in found.readers()} == {later}
    found.standby.start()
    found.until_the_replica_is_read()
    found.catch_up()


def is_promoted(found: Sites) -> None:
    """It follows nobody any more: what was kept of it goes, and readers see what the primary says."""
    found.standby.run("pg_ctl", "-w", "promote")
    newest = found.publish("Published after it was promoted.")
    for path in PATHS:
        assert {edition_of(answer) for answer in found.readers(path)} == {newest}
    assert all("Published after it was promoted." in answer.text for answer in found.readers())
    assert all("does not follow another server" in last_said(server) for server in found.servers)
