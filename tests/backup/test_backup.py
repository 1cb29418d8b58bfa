"""`manage.py backup`, run as people run it: on databases of their own.

On PostgreSQL (tests/with_postgres.sh) the tests of this folder make their databases there; what is marked `postgres` is
for PostgreSQL alone.
"""

import os
import stat
import threading
import time

import pytest

from tests.backup.site import ON_POSTGRESQL, manifest_of

pytestmark = pytest.mark.process


def test_backup_is_one_file_for_this_user_that_says_what_it_is(original, kept):
    manifest = manifest_of(kept)
    assert manifest["format"] == "facehealth-backup-1"
    assert manifest["database"] == ("postgresql" if ON_POSTGRESQL else "sqlite")
    assert manifest["rows"]["auth_user"] == 2
    assert manifest["edition"] == 1
    assert "conditions.0001_tables" in manifest["migrations"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert sorted(path.name for path in kept.parent.iterdir()) == ["kept.tar"]


def test_backup_never_writes_over_a_file(original, kept):
    before = kept.read_bytes()
    assert "exists already" in original.refused("backup", kept)
    assert kept.read_bytes() == before


def test_backup_holds_the_secret_key_only_if_asked(original, kept, tmp_path):
    key = (original.data / "secret_key").read_bytes()
    original.run("backup", tmp_path / "with.tar", "--with-secret-key")
    assert key in (tmp_path / "with.tar").read_bytes()
    assert key.strip() not in kept.read_bytes()
    assert "secret_key" not in manifest_of(kept)["files"]


def test_backup_of_nothing_says_so_and_makes_no_file(make_site, tmp_path):
    empty = make_site()
    assert "one of the site" in empty.refused("backup", tmp_path / "none.tar")
    assert list(tmp_path.iterdir()) == []
    assert not list(empty.data.glob("*.sqlite3"))


def test_backup_into_no_directory_says_so(original, tmp_path):
    assert "There is no directory" in original.refused("backup", tmp_path / "no" / "such.tar")


def test_backup_is_of_one_moment_while_editors_write(site, make_site, tmp_path):
    """Two tables are moved together, all the time; no backup has one without the other."""
    site.change("CREATE TABLE conditions_left (total integer)")
    site.change("CREATE TABLE conditions_right (total integer)")
    site.change("INSERT INTO conditions_left VALUES (0)")
    site.change("INSERT INTO conditions_right VALUES (0)")
    done, moves = threading.Event(), []

    def write() -> None:
        database = site.connect()
        while not done.is_set():
            database.execute("UPDATE conditions_left SET total = total + 1")
            time.sleep(0.001)
            database.execute("UPDATE conditions_right SET total = total + 1")
            database.commit()
            moves.append(1)
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            site.run("backup", tmp_path / f"{number}.tar")
    finally:
        done.set()
        writer.join()
    assert len(moves) > 50
    for number in range(3):
        again = make_site()
        again.run("restore_backup", tmp_path / f"{number}.tar")
        assert again.query("SELECT total FROM conditions_left") == again.query("SELECT total FROM conditions_right")


# PostgreSQL's programs


@pytest.mark.postgres
def test_backup_without_pg_dump_says_what_to_install(original, tmp_path):
    message = original.refused("backup", tmp_path / "a.tar", PATH=str(tmp_path))
    assert "pg_dump is missing" in message
    assert "apt-get install postgresql-client" in message


@pytest.mark.postgres
def test_backup_with_an_old_pg_dump_says_which_is_needed(original, tmp_path):
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    program.chmod(0o755)
    message = original.refused("backup", tmp_path / "a.tar", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert "pg_dump is of version 9, and must be" in message
