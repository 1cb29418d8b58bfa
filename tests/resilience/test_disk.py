"""The disk is full. On SQLite alone: PostgreSQL's is the server's own, and test_cluster.py fills that.

The database is on a small disk of its own, or where mounting is not permitted, its files may not grow.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.resilience import table
from tests.resilience.databases import Lite, picture
from tests.resilience.disks import Disk, small_disk
from tests.resilience.editing import NEW, PAGE, form_of, plain, recovers, refused
from tests.resilience.processes import Server, finish, manage
from tests.resilience.visitor import Visitor

pytestmark = pytest.mark.process

TYPED = "Typed when there was no space."
INDEX = 32768
"""Bytes of the file that SQLite keeps next to the database while it is open."""


@pytest.fixture
def many(site) -> Path:
    """A fixture file of some megabytes."""
    path = site.data / "many.yaml"
    path.write_text("".join(NEW.format(number, "word " * 500) for number in range(1200)))
    return path


@pytest.fixture
def disk(tmp_path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def lite(site, disk) -> Lite:
    """A copy of the prepared database on that disk."""
    return Lite(Path(shutil.copy(site.template.path, disk.folder / "facehealth.sqlite3")))


@pytest.mark.parametrize("left", [0, 20_000, 100_000])
def test_a_full_disk_refuses_to_publish_and_nothing_else(site, disk, lite, left):
    """Where not even SQLite's index of its log has space, a page is a plain error too: see `reads`."""
    with Server(lite, site.data) as server:
        assert Visitor(server.port).get(PAGE).status == 200
        before = picture(lite)
        editor = Visitor(server.port, site.sessions[0])
        address, fields = form_of(editor)
        with disk.full(left, server.process.pid):
            answer = editor.post(address, fields | {"summary": [TYPED], "_publish": ["1"]})
            plain(answer, 503)
            assert TYPED in answer.text
            read = reads(server, left)
        assert picture(lite) == before
        recovers(server, site.sessions[0], "Once there was space again.")
    came = f"{left} bytes left: what was typed kept, nothing changed, readers {read}, recovered"
    table.row(f"disk full, server ({disk.how})").trial(came)


def reads(server: Server, left: int) -> int:
    """What readers get. To be read at all, SQLite needs space for its index of the log."""
    allowed = (200,) if left > INDEX else (200, 500, 503)
    plain(Visitor(server.port).get("/healthz"), *allowed)
    return max(plain(Visitor(server.port).get(path), *allowed) for path in (PAGE, "/", "/search/?q=eye"))


@pytest.mark.parametrize("left", [0, 200_000, 2_000_000])
def test_a_full_disk_refuses_a_reload_with_a_message(site, disk, lite, many, left):
    before = picture(lite)
    with disk.full(left) as limit:
        status, said = finish(manage(lite, site.data, "loaddata", str(many), before=limit))
    assert picture(lite) == before
    assert finish(manage(lite, site.data, "loaddata", str(many)))[0] == 0
    table.row(f"disk full, loaddata ({disk.how})").trial("nothing changed, next run completed")
    refused(status, said)


@pytest.mark.parametrize("left", [0, 200_000])
def test_a_full_disk_refuses_a_backup_and_keeps_no_half_of_it(site, disk, lite, left):
    kept = disk.folder / "kept.tar"
    with Server(lite, site.data) as server:
        before = picture(lite)
        with disk.full(left, server.process.pid) as limit:
            status, said = finish(manage(lite, site.data, "backup", str(kept), before=limit))
        refused(status, said)
        assert "No backup was made" in said
        known = {path.name for path in lite.files} | {f"{lite.path.name}.lock"}
        assert {path.name for path in disk.folder.iterdir()} <= known
        assert picture(lite) == before
        status, said = finish(manage(lite, site.data, "backup", str(kept)))
        assert (status, kept.exists()) == (0, True), said
        recovers(server, site.sessions[0], "Once there was space again.")
    table.row(f"disk full, backup ({disk.how})").trial("refused, no half file, next run completed")
