"""Real processes of FaceHealth on a database of the test's own, and their end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.resilience.databases import Database

ROOT = Path(__file__).resolve().parent.parent.parent
SERVE = """
import django
django.setup()
from facehealth import server
server.run("ready")
"""
"""The production server, without what `manage.py serve` does before: the test's database is ready."""

LONGEST = 60


def environment(database_url: str, data: Path, **more: str) -> dict[str, str]:
    """What a process is told: its database and its folder."""
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PORT", "HOST", "DEBUG")}
    told = {"DATABASE_URL": database_url, "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "facehealth.settings"}
    return kept | told | {"PYTHONPATH": str(ROOT)} | more


def manage(
    database: Database, data: Path, *words: str, before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """Start `manage.py` with these words. `before` runs in the child first."""
    return subprocess.Popen(
        [sys.executable, ROOT / "manage.py", *words],
        cwd=ROOT,
        env=environment(database.url, data),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=before,
    )


def finish(process: subprocess.Popen[str], longest: float = LONGEST) -> tuple[int, str]:
    """Wait for a process to end, some seconds at the longest. Its exit status, and what it said."""
    try:
        said, _ = process.communicate(timeout=longest)
    finally:
        kill(process)
    return process.returncode, said


def kill(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started, at once and without a word; wait until they are gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout and not process.stdout.closed:
        process.stdout.read()
        process.stdout.close()
    process.wait(timeout=LONGEST)


def free_port() -> int:
    """A port that nobody listens on. Tests of both databases may run side by side, so the system chooses it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server process on a database, what it logs in a file."""

    def __init__(
        self, database: Database, data: Path, before: Callable[[], None] | None = None, **environ: str
    ) -> None:
        self.port = free_port()
        self.log = data / f"server-{self.port}-{time.monotonic_ns()}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE],
                cwd=ROOT,
                env=environment(database.url, data, PORT=str(self.port), **environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=before,
            )

    def wait(self) -> Server:
        """Wait until it is ready."""
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n", self.log.read_text()
        return self

    def kill(self) -> None:
        kill(self.process)

    def __enter__(self) -> Server:
        try:
            return self.wait()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, *error: object) -> None:
        self.kill()
