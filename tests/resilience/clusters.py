"""A PostgreSQL of the test's own that stops and starts, others that follow it, and a prepared database in it."""

from __future__ import annotations

import getpass
import json
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.resilience.databases import Postgres
from tests.resilience.processes import LONGEST, ROOT, environment, free_port

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=Path())
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    # Little of the log is kept, so that a full disk is felt soon.
    "min_wal_size": "2MB",
    "max_wal_size": "4MB",
    "wal_recycle": "off",
}


class Cluster:
    """A PostgreSQL server in a folder of its own. It refuses to run as root, and so runs as another user."""

    def __init__(self, folder: Path, wal: Path | None = None) -> None:
        """wal: where its log is kept, if not among its data."""
        self.folder, self.port = folder, free_port()
        self.owner = "postgres" if os.geteuid() == 0 else getpass.getuser()
        for place in filter(None, (folder, wal)):
            shutil.chown(place, self.owner)
        words = ["-U", "facehealth", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"]
        self.run("initdb", *words, *(["-X", str(wal / "log")] if wal else []))

    def run(self, program: str, *words: str, check: bool = True) -> int:
        """Run one of its programs; its exit status."""
        account = pwd.getpwnam(self.owner)
        own = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        asked = [PROGRAMS / program, "-D", self.folder / "data", *words]
        return subprocess.run(
            asked, cwd=self.folder, check=check, capture_output=True, timeout=LONGEST, **own
        ).returncode

    def start(self) -> None:
        told = SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        options = " ".join(f"-c {name}={value}" for name, value in told.items())
        self.run("pg_ctl", "-l", str(self.folder / "said"), "-w", "start", "-o", options)

    def replica(self, folder: Path) -> Cluster:
        """Another server that follows this one, in a folder of its own; it is to be started."""
        made = Cluster.__new__(Cluster)
        made.folder, made.port, made.owner = folder, free_port(), self.owner
        shutil.chown(folder, self.owner)
        words = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "facehealth", "--write-recovery-conf", "--no-sync"]
        made.run("pg_basebackup", *words, "--checkpoint=fast")
        return made

    def stop(self) -> None:
        self.run("pg_ctl", "-m", "immediate", "-w", "stop")

    def is_up(self) -> bool:
        return self.run("pg_ctl", "status", check=False) == 0

    @property
    def pid(self) -> int:
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def said(self) -> str:
        """What it wrote in its log for people."""
        return (self.folder / "said").read_text()


@dataclass
class Prepared:
    """A prepared database, and an editor's session."""

    database: Postgres
    session: str


def prepared(site, cluster: Cluster) -> Prepared:
    """A new database of a cluster, with the content of the tests."""
    database = Postgres(f"postgres://facehealth@127.0.0.1:{cluster.port}/postgres").make()
    words = [sys.executable, "-m", "tests.resilience.prepare", str(site.fixtures)]
    told = environment(database.url, site.data)
    done = subprocess.run(words, cwd=ROOT, env=told, check=True, capture_output=True, text=True)
    return Prepared(database, json.loads(done.stdout)[0])
