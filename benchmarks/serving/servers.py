"""Our site, its peers and a bare WSGI application: their databases, and servers on free ports of this machine."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import client
import processor
import psycopg

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEERS = ROOT / "benchmarks/peers"
LOCK = ROOT / "benchmarks/requirements-peers.txt"
VENV = ROOT / "var/peers"
START = 180
"""Seconds that a server may take until it answers: the first start loads the content."""
THREADS = int(re.findall(r"^THREADS = (\d+)", (ROOT / "facehealth/parent.py").read_text(), re.MULTILINE)[0])
MINE = ("DATABASE_URL", "DATA_DIR", "DEBUG", "PORT", "HOST", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE", "PYTHONPATH")
"""Variables that each program gets from here alone."""
NOTHING: Mapping[str, str] = {}


class NotInstalled(Exception):
    """A peer's packages cannot be installed."""


@dataclass(frozen=True)
class Database:
    """Where a site keeps its content: a URL of PostgreSQL, or none for the file of SQLite in a folder."""

    url: str
    folder: Path

    @property
    def ours(self) -> dict[str, str]:
        """The variables that name it to our site."""
        return {"DATA_DIR": str(self.folder)} | ({"DATABASE_URL": self.url} if self.url else {})

    @property
    def theirs(self) -> dict[str, str]:
        """The variable that names it to a peer. Its connections stay open, which is cheaper than Django's default."""
        said: dict[str, Any] = {"CONN_MAX_AGE": None}
        if self.url:
            parts = urlsplit(self.url)
            said |= {"ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path[1:])}
            said |= {"HOST": parts.hostname or "", "PORT": parts.port or "", "USER": unquote(parts.username or "")}
            said |= {"PASSWORD": unquote(parts.password or "")}
        else:
            options = {"init_command": "PRAGMA journal_mode=WAL;", "transaction_mode": "IMMEDIATE"}
            said |= {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{self.folder}/db.sqlite3", "OPTIONS": options}
        return {"PEER_DATABASE": json.dumps({"default": said})}


@contextmanager
def database(name: str, folder: Path) -> Iterator[Database]:
    """An empty database, gone afterwards: a file, or one beside that of PostgreSQL which DATABASE_URL names."""
    url, own = os.environ.get("DATABASE_URL", ""), folder / name
    own.mkdir()
    if not url.startswith("postgres"):
        yield Database("", own)
        return
    made = f"facehealth_bench_{name}_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {made}")
    try:
        yield Database(urlsplit(url)._replace(path=f"/{made}").geturl(), own)
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {made} WITH (FORCE)")


def environment(said: Mapping[str, str]) -> dict[str, str]:
    """The variables of a program: those of this one, but for what names a site, and what is said."""
    return {name: value for name, value in os.environ.items() if name not in MINE} | dict(said)


@dataclass(frozen=True)
class Server:
    """A server that runs: its name in what is printed, its port, its first process."""

    name: str
    port: int
    pid: int

    def time(self) -> dict[int, int]:
        """Nanoseconds of each of its threads; to be asked while it has nothing to do."""
        time.sleep(0.02)  # a thread that has answered is put down when it waits again
        return processor.by_thread(self.pid)

    def spent(self, before: dict[int, int]) -> int:
        """Nanoseconds since a look at `time`."""
        return processor.spent(before, self.time())


@contextmanager
def started(name: str, command: list[str], said: Mapping[str, str], folder: Path, path: str) -> Iterator[Server]:
    """A server while it runs, once it answers at a path. "{port}" in the command and in what is said is its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / f"{re.sub('[^a-z]', '-', name.lower())}.log"
    env = environment({key: value.replace("{port}", str(port)) for key, value in said.items()})
    words = [word.replace("{port}", str(port)) for word in command]
    with log.open("w") as out:
        process = subprocess.Popen(words, env=env, cwd=folder, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(name, process, port, path, log)
        yield Server(name, port, process.pid)
    finally:
        processes = processor.tree(process.pid)
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        for pid in processes:  # its own children, where it did not stop them
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def wait_for(name: str, process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    """Ask until a server answers; RuntimeError with the end of its log if it does not."""
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError, client.WrongAnswer):
            client.fetch(port, path)
            return
        time.sleep(0.1)
    raise RuntimeError(f"{name} does not answer at {path}:\n{log.read_text()[-2000:]}")


def serve(target: str, python: Path | str = sys.executable) -> list[str]:
    """The command that serves a WSGI application as our server does."""
    return [str(python), str(HERE / "serve.py"), target, "{port}", str(THREADS)]


def our_site(name: str, place: Database, folder: Path, path: str, app: str = "") -> AbstractContextManager[Server]:
    """Our site, as `make run` serves it; or another WSGI application that is made of it."""
    said = {**place.ours, "PORT": "{port}", "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"}
    if not app:
        return started(name, [sys.executable, str(ROOT / "manage.py"), "serve"], said, folder, path)
    return started(name, serve(app), said | {"DJANGO_SETTINGS_MODULE": "facehealth.settings"}, folder, path)


def peer(
    name: str, site: str, place: Database, folder: Path, path: str, said: Mapping[str, str] = NOTHING
) -> AbstractContextManager[Server]:
    """A peer, with its own packages."""
    given = {**place.theirs, "PYTHONPATH": str(PEERS), "DJANGO_SETTINGS_MODULE": f"{site}.settings"}
    return started(name, serve("site_wsgi:application", python_of(site)), {**given, **said}, folder, path)


def bare(name: str, answer: client.Answer, folder: Path, path: str) -> AbstractContextManager[Server]:
    """A WSGI application that sends an answer of ours, with the headers that its server does not add itself."""
    headers, body = answer
    own = [(key, value) for key, value in headers if key not in ("server", "date", "connection")]
    (folder / "headers.json").write_text(json.dumps(own))
    (folder / "body").write_bytes(body)
    said = {"BENCH_ANSWER": str(folder / "headers.json"), "BENCH_BODY": str(folder / "body")}
    return started(name, serve("bare_wsgi:application"), said | {"PYTHONPATH": str(HERE)}, folder, path)


def python_of(site: str) -> str:
    """The Python that runs a peer: the plain Django site needs no more than ours."""
    return str(VENV / "bin/python") if site == "wagtailsite" else sys.executable


def export(place: Database, file: Path) -> None:
    """Write our content into a file for peers."""
    run([sys.executable, str(HERE / "content.py"), str(file)], place.ours)


def fill(site: str, place: Database, content: Path) -> None:
    """Fill a peer's database."""
    said = {**place.theirs, "PYTHONPATH": str(PEERS), "DJANGO_SETTINGS_MODULE": f"{site}.settings"}
    run([python_of(site), "-m", f"{site}.fill", str(content)], said)


def run(command: list[str], said: Mapping[str, str]) -> None:
    """Run a program; RuntimeError with what it said if it fails."""
    ran = subprocess.run(command, env=environment(said), cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{ran.stderr[-2000:]}")


def install_peers() -> None:
    """Install the peers' packages into an environment of their own, once. Errors: NotInstalled."""
    mark, digest = VENV / "installed", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return
    print("Installing the peers' packages (once)", flush=True)
    pip = [str(VENV / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], {})
        run([*pip, "--require-hashes", "--requirement", str(LOCK)], {})
    except RuntimeError as error:
        raise NotInstalled(str(error)) from error
    mark.write_text(digest)
