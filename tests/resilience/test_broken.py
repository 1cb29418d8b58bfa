"""What the site runs on breaks: the database is read-only or gone, files are half written, clocks jump."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from conditions import drafts, publishing
from conditions.models import Edition, Page, Version
from tests.resilience import table
from tests.resilience.databases import Database, Lite, picture
from tests.resilience.editing import LIST, PAGE, edit, plain, recovers, refused
from tests.resilience.processes import ROOT, Server, finish, manage
from tests.resilience.visitor import Answer, Visitor

pytestmark = pytest.mark.process

EVERY = 50
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def edit_or_fail(server: Server, session: str) -> Answer:
    """Try to publish; where even the form does not come, the answer that came instead."""
    answer = Visitor(server.port, session).get(LIST)
    return edit(server, session, "Must not be there.") if answer.status == 200 else answer


# The database is read-only, or gone


def obey_modes() -> None:
    """Take root's way around the modes of files from the process that is about to start."""
    if os.geteuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """Nobody may write to the database."""
    if isinstance(database, Lite):
        database.path.chmod(0o444)
        yield
        database.path.chmod(0o644)
    else:
        database._do(f'ALTER DATABASE "{database.name}" SET default_transaction_read_only = on')
        hang_up(database)
        yield
        database._do(f'ALTER DATABASE "{database.name}" RESET default_transaction_read_only')
        hang_up(database)


@contextmanager
def gone(database: Database) -> Iterator[None]:
    """The database is not where it was."""
    if isinstance(database, Lite):
        away = database.path.with_suffix(".away")
        database.path.rename(away)
        yield
        away.replace(database.path)
    else:
        database._do(f'ALTER DATABASE "{database.name}" ALLOW_CONNECTIONS false')
        hang_up(database)
        yield
        database._do(f'ALTER DATABASE "{database.name}" ALLOW_CONNECTIONS true')


def hang_up(database: Database) -> None:
    database._do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.name}'")  # type: ignore[union-attr]
    database.settle()


def test_a_read_only_database_is_read_and_refuses_to_be_written(site, database):
    with Server(database, site.data, before=obey_modes) as server:
        assert Visitor(server.port).get(PAGE).status == 200
        before = picture(database)
        with read_only(database):
            plain(Visitor(server.port).get(PAGE), 200)
            status = plain(edit_or_fail(server, site.sessions[0]), 500, 503)
            ended, said = finish(manage(database, site.data, "loaddata", "--overwrite", before=obey_modes))
        assert picture(database) == before
        recovers(server, site.sessions[0], "Once it could be written again.")
    table.row(f"database read-only ({database.vendor})").trial(f"read, writes plain {status}, recovered")
    refused(ended, said)


def test_a_database_that_goes_and_comes_back_needs_no_restart(site, database):
    with Server(database, site.data) as server:
        assert Visitor(server.port).get(PAGE).status == 200
        before = picture(database)
        for _ in range(2):
            with gone(database):
                statuses = [plain(Visitor(server.port).get(path), 500, 503) for path in (PAGE, "/", "/search/?q=eye")]
                assert plain(Visitor(server.port).get("/healthz"), 503) == 503
                assert plain(Visitor(server.port, site.sessions[0]).get(LIST), 500, 503, 302)
                assert Visitor(server.port).get("/robots.txt").status == 200
            time.sleep(0.1)
            assert picture(database) == before
            assert Visitor(server.port).get(PAGE).status == 200
            table.row(f"database gone and back ({database.vendor})").trial(f"plain {statuses[0]}, recovered")
        recovers(server, site.sessions[0], "Once it was back.")


# Half-written files


def of_each_kind() -> list[Path]:
    """The longest file of each kind."""
    folders = [folder for folder in sorted((ROOT / "fixtures").iterdir()) if folder.is_dir()]
    found = [max(folder.glob("*.yaml"), key=lambda path: path.stat().st_size, default=None) for folder in folders]
    return [path for path in found if path]


def newest_rows() -> tuple[int, int, int]:
    return Edition.objects.count(), Version.objects.count(), Page.objects.live().count()


def test_a_half_written_file_is_refused_with_a_message(db, tmp_path):
    """Cut at every 50th byte. Only a cut at the very end of a line, with its line end, can pass for an edit."""
    call_command("loaddata", verbosity=0)
    row = table.row("fixture file cut at every 50th byte")
    passed = []
    for path in of_each_kind():
        data, cut = path.read_bytes(), tmp_path / path.name
        for end in range(EVERY, len(data), EVERY):
            cut.write_bytes(data[:end])
            said = outcome(cut)
            row.trial(said)
            if said != "refused, nothing changed" and not data[:end].endswith(b"\n"):
                passed.append(f"{path.name} at {end}")
    assert not passed, (len(passed), passed[:5])


def outcome(path: Path) -> str:
    """What loading a file came to; it is taken back."""
    with transaction.atomic():
        point = transaction.savepoint()
        before = newest_rows()
        try:
            call_command("loaddata", str(path), verbosity=0)
            said = "loaded as an edit" if newest_rows() != before else "nothing to load"
        except CommandError:
            assert newest_rows() == before
            said = "refused, nothing changed"
        transaction.savepoint_rollback(point)
    return said


# The clock jumps


@pytest.mark.parametrize("days", [-4000, -1, 1, 4000])
def test_numbers_decide_whatever_the_clock_says(world, client, monkeypatch, days):
    then = timezone.now() + timedelta(days=days)
    record = drafts.read(world.bell) | {"summary": "At another time."}
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: then)
        saved = publishing.save(record=record, entry=world.bell, by=world.author)
        edition = publishing.publish(versions=[saved.version], by=world.publisher).edition
    assert (edition.number, edition.at) == (2, then)
    assert world.newest("bell") == saved.version
    assert "At another time." in client.get(PAGE).content.decode()
    again = publishing.save(record=record | {"summary": "Back."}, entry=world.bell, by=world.author, base_version=2)
    assert (again.version.number, again.merged) == (saved.version.number + 1, False)
    assert publishing.publish(versions=[again.version], by=world.publisher).edition.number == 3
    assert "Back." in client.get(PAGE).content.decode()
    assert [one.number for one in Edition.objects.filter(number__gt=0)] == [3, 2, 1]
    for path in ("/changes/", f"{PAGE}history/", "/", "/sitemap.xml"):
        assert client.get(path).status_code == 200
    table.row("clock jumps").trial("numbers decide")
