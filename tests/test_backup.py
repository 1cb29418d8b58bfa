"""`manage.py backup`, `restore_backup` and `copy_database`, run as people run them: on databases of their own.

On PostgreSQL (tests/with_postgres.sh) the same tests make their databases there; what is marked `postgres` is for
PostgreSQL alone.
"""

import hashlib
import html
import io
import json
import os
import shlex
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from facehealth import backup_sqlite
from facehealth.in_use import nobody_else
from tests.resilience.processes import SERVE, environment, free_port, kill
from tests.resilience.visitor import Visitor

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("DATABASE_URL", "")
ON_POSTGRESQL = SERVER.startswith("postgres")
PAGES = """
import hashlib, json, sys
from django.conf import settings
from django.test import Client
from conditions.models import Page
settings.ALLOWED_HOSTS = ["testserver"]
client = Client()
paths = ["/", "/a-z/", "/changes/", "/about/", "/questions/", "/search/?q=face", "/sitemap.xml"]
live = list(Page.objects.live())
paths += [page.url for page in live[::STEP]] + [page.url + "history/" for page in live[::20]]
answers = {path: client.get(path) for path in paths}
print(json.dumps({path: [a.status_code, hashlib.sha256(a.content).hexdigest()] for path, a in answers.items()}))
"""


class Site:
    """A database of its own, and manage.py on it."""

    def __init__(self, url: str, data: Path) -> None:
        self.url, self.data = url, data
        self.file = Path(url.removeprefix("sqlite:///"))

    def start(self, *words: str | Path, **environ: str) -> subprocess.Popen:
        given = os.environ | {"DATABASE_URL": self.url, "DATA_DIR": str(self.data)} | environ
        command = [sys.executable, ROOT / "manage.py", *map(str, words)]
        return subprocess.Popen(command, env=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words: str | Path, **environ: str) -> str:
        process = self.start(*words, **environ)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    def refused(self, *words: str | Path, **environ: str) -> str:
        """What manage.py says as it refuses: a message, never a stack trace."""
        process = self.start(*words, **environ)
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out) == (1, "")
        assert "Traceback" not in err
        return err

    def pages(self, *, every: int = 8) -> dict[str, list]:
        """The status and a digest of every so-many-th page, and of lists, search and history."""
        script = PAGES.replace("STEP", str(every))
        pages = json.loads(self.run("shell", "--no-imports", "-c", script, DEBUG="1"))  # plain static files
        assert {status for status, _ in pages.values()} == {200}
        return pages

    def connect(self) -> psycopg.Connection | sqlite3.Connection:
        return psycopg.connect(self.url) if self.url.startswith("postgres") else sqlite3.connect(self.file, timeout=20)

    def query(self, statement: str) -> list[tuple]:
        with closing(self.connect()) as database:
            return database.execute(statement).fetchall()

    def change(self, statement: str) -> None:
        with closing(self.connect()) as database:
            database.execute(statement)
            database.commit()


@pytest.fixture(scope="module")
def make_site(tmp_path_factory):
    """Make a site with an empty database, of the kind that the tests run on unless told."""
    made: list[str] = []

    def make(postgresql: bool = ON_POSTGRESQL, like: Site | None = None) -> Site:
        data = tmp_path_factory.mktemp("site")
        if not postgresql:
            if like:
                shutil.copy(like.file, data / "site.sqlite3")
            return Site(f"sqlite:///{data / 'site.sqlite3'}", data)
        name = f"house_{os.getpid()}_{len(made)}"
        made.append(name)
        template = sql.SQL("TEMPLATE {}").format(sql.Identifier(like.url.rpartition("/")[2])) if like else sql.SQL("")
        statement = sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), template)
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(statement)
        return Site(f"{SERVER.rpartition('/')[0]}/{name}", data)

    yield make
    if made:
        with psycopg.connect(SERVER, autocommit=True) as server:
            for name in made:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def fill(site: Site) -> Site:
    """Content, an editor, a session and a failed login, with ids that do not begin at 1."""
    site.run("migrate", "--verbosity", "0")
    site.run("loaddata", "--verbosity", "0")
    site.run("editor", "--username", "zoë")
    site.run("editor", "--username", "ana")
    site.change("UPDATE conditions_edition SET note = 'Café – “twice”' WHERE number = 1")
    return site


@pytest.fixture(scope="module")
def original(make_site) -> Site:
    return fill(make_site())


@pytest.fixture
def site(original, make_site) -> Site:
    """A site like the original, to be spoilt."""
    return make_site(like=original)


@pytest.fixture(scope="module")
def kept(original, tmp_path_factory) -> Path:
    """A backup of the original."""
    path = tmp_path_factory.mktemp("backups") / "kept.tar"
    original.run("backup", path)
    return path


def manifest_of(path: Path) -> dict:
    with tarfile.open(path) as tar:
        return json.load(tar.extractfile("manifest.json"))


def rewrite(path: Path, target: Path, **changes: Callable[[bytes], bytes]) -> Path:
    """A copy of a backup with members changed by name (dots as underscores)."""
    with tarfile.open(path) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            data = old.extractfile(member).read()
            data = changes.get(member.name.replace(".", "_"), lambda same: same)(data)
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target


def said(**values) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps(json.loads(data) | values).encode()


# Backup


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


# Restore


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


OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


# While the site runs


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


# Moving to another database


def test_copy_brings_every_page_byte_for_byte(original, make_site):
    new = make_site()
    assert "Copied:" in new.run("copy_database", original.url)
    assert new.pages() == original.pages()
    for query in (
        "SELECT id, username, password FROM auth_user ORDER BY id",
        "SELECT id, digest FROM conditions_version ORDER BY id",
        "SELECT number, note FROM conditions_edition ORDER BY number",
        "SELECT user_id, group_id FROM auth_user_groups ORDER BY id",
        "SELECT app_label, model, id FROM django_content_type ORDER BY id",
    ):
        assert new.query(query) == original.query(query)


@pytest.mark.postgres
def test_copy_from_sqlite_to_postgresql_brings_every_page_byte_for_byte(make_site):
    old, new = fill(make_site(postgresql=False)), make_site()
    assert "Copied:" in new.run("copy_database", old.url)
    pages = old.pages(every=1)
    assert len(pages) > 100
    assert new.pages(every=1) == pages
    new.run("editor", "--username", "third")
    assert "Nothing" not in new.run("loaddata")
    assert new.query("SELECT count(*) FROM auth_user") == [(3,)]


def copied_while_written(old: Site, new: Site) -> None:
    """Two tables, one copied long after the other, always say the same number; so does the copy."""
    done, moves = threading.Event(), []

    def write() -> None:
        with closing(old.connect()) as database:
            while not done.is_set():
                moves.append(1)
                database.execute(f"UPDATE auth_user SET last_name = '{len(moves)}'")
                database.execute(f"UPDATE conditions_version SET comment = '{len(moves)}'")
                database.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        new.run("copy_database", old.url)
    finally:
        done.set()
        writer.join()
    [(first,)] = new.query("SELECT DISTINCT last_name FROM auth_user")
    [(last,)] = new.query("SELECT DISTINCT comment FROM conditions_version")
    assert first == last
    assert 1 < int(first) < len(moves)
    assert new.pages(every=40).keys() == old.pages(every=40).keys()


def test_copy_is_of_one_moment_while_editors_save(site, make_site):
    copied_while_written(site, make_site())


@pytest.mark.postgres
@pytest.mark.parametrize("to_postgresql", [False, True])
def test_copy_to_the_other_kind_of_database_is_of_one_moment(make_site, to_postgresql):
    copied_while_written(fill(make_site(postgresql=not to_postgresql)), make_site(postgresql=to_postgresql))


def test_copy_into_a_database_that_holds_something_is_refused(site, original):
    assert "is not empty" in site.refused("copy_database", original.url)


def test_copy_onto_itself_is_refused(original):
    assert "the same database" in original.refused("copy_database", original.url)


def test_copy_from_nothing_is_refused(make_site):
    empty, new = make_site(), make_site()
    expected = "There is no file" if empty.url.startswith("sqlite") else "is empty"
    assert expected in new.refused("copy_database", empty.url)


def test_copy_from_another_version_is_refused(site, make_site):
    site.change("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert "`manage.py migrate` on it first" in make_site().refused("copy_database", site.url)
    site.change("INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '0001_initial', '2026-01-01')")
    site.change("INSERT INTO django_migrations (app, name, applied) VALUES ('conditions', '9999', '2026-01-01')")
    assert "Upgrade this one first" in make_site().refused("copy_database", site.url)


def test_copy_from_a_mistyped_address_names_the_remedy(original):
    assert "ADDRESS is 'mysql://...'. Only" in original.refused("copy_database", "mysql://host/name")
    assert "hush" not in original.refused("copy_database", "postgres://me:hush")
    assert "hush" not in original.refused("copy_database", "postgres://me:hush@127.0.0.1:1/name")


def test_copy_that_fails_leaves_the_new_database_to_be_tried_again(site, original, make_site):
    new = make_site()
    site.change("CREATE TABLE strange (id integer)")
    assert "tables that are not the site's: strange" in new.refused("copy_database", site.url)
    new.run("copy_database", original.url)
    assert new.pages() == original.pages()


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
