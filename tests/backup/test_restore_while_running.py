"""Restoring beside a site that runs, that starts, or that notices."""

import html
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

import pytest

from facehealth import backup_sqlite
from facehealth.in_use import nobody_else
from tests.backup.site import ON_POSTGRESQL, OTHERS, Site, fill
from tests.resilience.processes import SERVE, environment, free_port, kill
from tests.resilience.visitor import Visitor

pytestmark = pytest.mark.process


class Server:
    """The site's server, on its database, until it is stopped."""

    def __init__(self, site: Site) -> None:
        self.port = free_port()
        given = environment(site.url, site.data, PORT=str(self.port), DEBUG="1")  # plain static files
        command = [sys.executable, "-c", SERVE]
        self.process = subprocess.Popen(command, env=given, text=True, stdout=subprocess.PIPE, start_new_session=True)

    def get(self, path: str) -> str:
        return Visitor(self.port).get(path).text

    def __enter__(self) -> "Server":
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *error: object) -> None:
        kill(self.process)


def test_restore_is_refused_while_the_site_runs_and_does_nothing(site, kept):
    site.change("UPDATE conditions_edition SET note = 'kept as it is' WHERE number = 1")
    with Server(site) as server:
        message = site.refused("restore_backup", kept, "--overwrite")
        assert ("FaceHealth, running" if ON_POSTGRESQL else "the site is running on") in message
        assert "Stop" in message
        assert "kept as it is" in server.get("/changes/")
        os.kill(server.process.pid, signal.SIGKILL)
        # The worker that answers may outlive the process that started it.
        if answers(server):
            assert "Stop" in site.refused("restore_backup", kept, "--overwrite")
    wait_until_alone(site)
    assert site.query("SELECT note FROM conditions_edition WHERE number = 1") == [("kept as it is",)]
    site.run("restore_backup", kept, "--overwrite")
    with Server(site) as server:
        assert "Café – “twice”" in html.unescape(server.get("/changes/"))


def answers(server: Server) -> bool:
    try:
        return bool(server.get("/healthz"))
    except (OSError, HTTPException):
        return False


def wait_until_alone(site: Site) -> None:
    """PostgreSQL notices a killed client only when it speaks to it."""
    for _ in range(400):
        if not site.url.startswith("postgres") or site.query(OTHERS) == [(0,)]:
            return
        time.sleep(0.05)


def test_the_site_notices_that_its_file_is_another_one(make_site, tmp_path):
    """Whatever a person does by hand while it runs."""
    site = fill(make_site(postgresql=False))
    other = make_site(postgresql=False, like=site)
    other.change("UPDATE conditions_edition SET note = 'from another file' WHERE number = 1")
    with Server(site) as server:
        assert "from another file" not in server.get("/changes/")
        os.replace(other.file, site.file)
        assert "from another file" in server.get("/changes/")


def test_site_does_not_start_while_a_backup_is_restored(make_site):
    site = make_site(postgresql=False)
    with nobody_else(site.file):
        said = site.refused("serve", PORT=str(free_port()))
    assert "a backup is being restored. Wait until it is, then start again." in said


def table_of(path: Path, *rows: str) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE words (word text)")
        database.executemany("INSERT INTO words VALUES (?)", [[row] for row in rows])
        database.commit()
    return path


def test_save_that_comes_while_sqlite_is_restored_is_in_the_new_database(tmp_path, monkeypatch):
    """Nobody can save in the old one from the look whether it is in use until the new one is there."""
    old, new, saved = table_of(tmp_path / "old", "old"), table_of(tmp_path / "new", "new"), []

    def save(timeout: float) -> None:
        with closing(sqlite3.connect(old, timeout=timeout)) as database:
            database.execute("INSERT INTO words VALUES ('saved')")
            database.commit()
        saved.append(True)

    editor = threading.Thread(target=save, args=[60])

    class Watched(sqlite3.Connection):
        def backup(self, target, **options):
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                save(0)
            editor.start()
            super().backup(target, **options)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                save(0)

    plain = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(backup_sqlite.sqlite3, "connect", lambda *args, **more: plain(*args, factory=Watched, **more))
        inode = old.stat().st_ino
        backup_sqlite.write_into(old, new)
    editor.join()
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("SELECT word FROM words").fetchall() == [("new",), ("saved",)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert old.stat().st_ino == inode, "who has it open sees the new one"
    assert saved == [True]


WITHOUT_LOOK = """
import sys, django
django.setup()
from django.core.management import call_command
from facehealth import backup_postgresql
backup_postgresql.require_alone = lambda: None
call_command("restore_backup", sys.argv[1], "--overwrite")
"""


@pytest.mark.postgres
def test_restore_is_refused_where_someone_connects_after_the_look(site, kept):
    site.change("UPDATE conditions_edition SET note = 'kept as it is' WHERE number = 1")
    given = environment(site.url, site.data)
    with closing(site.connect()):
        command = [sys.executable, "-c", WITHOUT_LOOK, str(kept)]
        ran = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert (
        "another client has connected meanwhile. Stop the site and whatever else uses it, then restore." in ran.stderr
    )
    assert site.query("SELECT note FROM conditions_edition WHERE number = 1") == [("kept as it is",)]
