"""A site of a test's own, and files of backups."""

import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg

from tests.resilience.processes import ROOT

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


OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


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
        assert {status for status, _ in pages.values()} <= {200, 301}
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


def fill(site: Site) -> Site:
    """Content, an editor, a session and a failed login, with ids that do not begin at 1."""
    site.run("migrate", "--verbosity", "0")
    site.run("loaddata", "--verbosity", "0")
    site.run("editor", "--username", "zoë")
    site.run("editor", "--username", "ana")
    site.change("UPDATE conditions_edition SET note = 'Café – “twice”' WHERE number = 1")
    return site


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
