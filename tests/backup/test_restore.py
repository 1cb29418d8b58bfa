"""`manage.py restore_backup`: all of it or nothing."""

import hashlib
import os
import shlex
import sqlite3
import stat
import subprocess
import tarfile
import time
from pathlib import Path

import psycopg
import pytest

from tests.backup.site import ON_POSTGRESQL, OTHERS, ROOT, fill, manifest_of, rewrite, said

pytestmark = pytest.mark.process


def test_restore_brings_back_every_page_and_row(original, kept, make_site):
    new = make_site()
    out = new.run("restore_backup", kept)
    assert "Restored:" in out
    assert new.pages() == original.pages()
    query = "SELECT id, username, password FROM auth_user ORDER BY id"
    assert new.query(query) == original.query(query)
    new.run("editor", "--username", "third")
    assert new.run("migrate", "--check") == ""
    assert new.query("SELECT count(*) FROM auth_user") == [(3,)]


def test_secret_key_comes_back_by_the_command_that_is_named(original, make_site, tmp_path):
    path = tmp_path / "it's whole.tar"
    original.run("backup", path, "--with-secret-key")
    new = make_site()
    [line] = [line for line in new.run("restore_backup", path).splitlines() if "tar --extract" in line]
    command = shlex.split(line[line.index("tar --extract") :])
    assert subprocess.run(command, check=False).returncode == 0
    assert (new.data / "secret_key").read_bytes() == (original.data / "secret_key").read_bytes()
    assert stat.S_IMODE((new.data / "secret_key").stat().st_mode) == 0o600


@pytest.mark.postgres
def test_backup_of_sqlite_comes_into_postgresql_as_the_message_says(make_site, tmp_path):
    old, between, new = fill(make_site(postgresql=False)), make_site(postgresql=False), make_site()
    old.run("backup", tmp_path / "old.tar")
    message = new.refused("restore_backup", tmp_path / "old.tar")
    assert "Restore it into sqlite, then move with `manage.py copy_database`." in message
    between.run("restore_backup", tmp_path / "old.tar")
    new.run("copy_database", between.url)
    assert new.pages(every=40) == old.pages(every=40)


def test_restore_over_something_wants_to_be_told(site, original, kept):
    site.change("DELETE FROM conditions_searchtext")
    site.change("CREATE TABLE later (id integer)")
    assert "is not empty" in site.refused("restore_backup", kept)
    assert site.query("SELECT count(*) FROM conditions_searchtext") == [(0,)]
    site.run("restore_backup", kept, "--overwrite")
    assert site.pages() == original.pages()
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedTable)):
        site.query("SELECT * FROM later")


def damaged(kept: Path, target: Path, how: str) -> Path:
    whole = kept.read_bytes()
    if how == "cut short":
        target.write_bytes(whole[: len(whole) // 2])
    elif how == "one bit":
        middle = len(whole) // 2
        target.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    elif how == "empty":
        target.touch()
    elif how == "a picture":
        target.write_bytes(os.urandom(5000))
    elif how == "another tar":
        with tarfile.open(target, "w") as tar:
            tar.add(ROOT / "LICENSE", arcname="../../escape")
    elif how == "no manifest's shape":
        rewrite(kept, target, manifest_json=lambda data: b'{"format": "facehealth-backup-1"}')
    else:
        rewrite(kept, target, manifest_json=said(files={"../../escape": {"bytes": 1, "sha256": ""}}))
    return target


WAYS = ["cut short", "one bit", "empty", "a picture", "another tar", "no manifest's shape", "a way out"]


@pytest.mark.parametrize("how", WAYS)
def test_restore_of_a_damaged_file_changes_nothing(original, kept, tmp_path, how):
    before = original.query("SELECT count(*) FROM conditions_version")
    message = original.refused("restore_backup", damaged(kept, tmp_path / "spoilt.tar", how), "--overwrite")
    assert "damaged" in message
    assert original.query("SELECT count(*) FROM conditions_version") == before
    assert not (tmp_path.parent / "escape").exists()


def test_restore_of_no_file_says_so(original, tmp_path):
    assert "There is no file" in original.refused("restore_backup", tmp_path / "none.tar")


def test_restore_of_another_kind_of_database_says_which(original, kept, tmp_path):
    other = "sqlite" if ON_POSTGRESQL else "postgresql"
    path = rewrite(kept, tmp_path / "other.tar", manifest_json=said(database=other))
    message = original.refused("restore_backup", path, "--overwrite")
    assert f"a backup of {other}" in message
    assert "copy_database" in message


def test_restore_of_a_newer_site_says_to_upgrade(original, kept, tmp_path):
    migrations = [*manifest_of(kept)["migrations"], "conditions.9999_later"]
    path = rewrite(kept, tmp_path / "newer.tar", manifest_json=said(migrations=migrations))
    assert "upgrade this one first" in original.refused("restore_backup", path, "--overwrite")
    path = rewrite(kept, tmp_path / "format.tar", manifest_json=said(format="facehealth-backup-2"))
    assert "Upgrade this one first" in original.refused("restore_backup", path, "--overwrite")


def test_restore_of_an_older_site_says_to_migrate(kept, make_site, tmp_path):
    path = rewrite(kept, tmp_path / "older.tar", manifest_json=said(migrations=["conditions.0001_tables"]))
    assert "now run `manage.py migrate`" in make_site().run("restore_backup", path)


def test_restore_that_fails_half_way_leaves_the_database_as_it_was(site, kept, tmp_path):
    """The file is what its manifest says, and yet the database cannot take it."""
    member = "database.pgdump" if ON_POSTGRESQL else "database.sqlite3"

    def spoil(data: bytes) -> bytes:
        return data[:-3000] + bytes(3000)

    with tarfile.open(kept) as tar:
        data = spoil(tar.extractfile(member).read())
    files = {member: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}}
    path = rewrite(
        kept, tmp_path / "bad.tar", manifest_json=said(files=files), **{member.replace(".", "_"): lambda old: data}
    )
    before = site.pages()
    assert "Nothing was restored" in site.refused("restore_backup", path, "--overwrite")
    assert site.pages() == before


def test_restore_while_the_site_has_the_database_open_is_refused(site, kept):
    if ON_POSTGRESQL:
        other = psycopg.connect(site.url)
    else:
        other = sqlite3.connect(site.file)
        other.execute("SELECT count(*) FROM auth_user").fetchone()
    assert "Stop the site and whatever else uses it, then restore." in site.refused(
        "restore_backup", kept, "--overwrite"
    )
    other.close()
    site.run("restore_backup", kept, "--overwrite")


def test_restore_killed_at_any_moment_leaves_all_or_nothing(site, kept):
    """The site has an edition that the backup has not: after each kill it is there, or it is not, and all is sound."""
    site.change("UPDATE conditions_edition SET note = 'before' WHERE number = 1")
    seen = set()
    for delay in (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2):
        process = site.start("restore_backup", kept, "--overwrite")
        time.sleep(delay)
        process.kill()
        process.communicate()
        for _ in range(100):  # PostgreSQL notices a killed client only when it speaks to it
            if not ON_POSTGRESQL or site.query(OTHERS) == [(0,)]:
                break
            time.sleep(0.05)
        [(note,)] = site.query("SELECT note FROM conditions_edition WHERE number = 1")
        assert note in ("before", "Café – “twice”")
        assert site.run("migrate", "--check") == ""
        seen.add(note)
    assert seen
    site.run("restore_backup", kept, "--overwrite")
