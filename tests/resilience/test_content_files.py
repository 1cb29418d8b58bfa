"""write_fixtures in a process of its own: while a person types, while editors save, and killed."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.resilience import table
from tests.resilience.databases import Database, picture
from tests.resilience.processes import ROOT, environment, finish, kill

pytestmark = pytest.mark.process

ROUNDS = 3
KILLS = 5


@dataclass
class Files:
    """Content files of a test's own, and the database that they are loaded into."""

    root: Path
    data: Path
    database: Database

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A process that does something with them."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.resilience.content_files", str(self.root), *words],
            cwd=ROOT,
            env=environment(self.database.url, self.data),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str) -> str:
        """What it says; it must end well."""
        status, said = finish(self.start(*words))
        assert status == 0, said
        return said

    def paths(self) -> list[Path]:
        return sorted(self.root.rglob("*.yaml"))


@pytest.fixture
def files(site, database, tmp_path) -> Files:
    """The real content."""
    found = Files(Path(shutil.copytree(site.fixtures, tmp_path / "fixtures")), site.data, database)
    found.run("loaddata", "-v0")
    return found


def wait_for_writing(files: Files, process: subprocess.Popen[str]) -> None:
    """Wait until a file has been written."""
    before = {path: path.stat().st_ino for path in files.paths()}
    while process.poll() is None:
        if any(not path.exists() or path.stat().st_ino != before[path] for path in before):
            return
        time.sleep(0.0005)


def test_what_a_person_types_while_files_are_written_is_never_lost(files):
    row = table.row(f"typed into a file while write_fixtures runs ({files.database.vendor})")
    for number in range(ROUNDS):
        files.run("edit", f"round{number}")
        process = files.start("write_fixtures", "-v0")
        wait_for_writing(files, process)
        typed = f"# typed by hand {number}\n"
        path = files.paths()[-1 - number]
        text = path.read_text("utf-8")
        path.write_text(typed + text, "utf-8")
        status, said = finish(process)
        assert path.read_text("utf-8").count(typed) == 1, said
        came = "left alone" if status else "written before"
        assert (f"{path.name}: changed while files were written" in said) == bool(status), said
        row.trial(came)
        files.run("loaddata", "-v0")
        files.run("write_fixtures", "-v0")
        assert path.read_text("utf-8").count(typed) == 1
        assert f"~round{number}" in path.read_text("utf-8")
    assert row.came.get("left alone"), row


def test_no_file_says_what_no_editor_saved(files):
    """Editors save a sentence and a tag together; a file has both of one save."""
    said = files.run("torn").splitlines()
    row = table.row(f"saved between two queries of write_fixtures ({files.database.vendor})")
    for line in said:
        row.trial(line)
    assert len(said) > 10
    assert row.came == {"whole": len(said)}


def test_write_fixtures_killed_at_any_moment_leaves_files_that_load(files):
    files.run("edit", "first")
    files.run("write_fixtures", "-v0")
    files.run("loaddata", "-v0")
    files.run("edit", "second")
    before = {path: path.read_bytes() for path in files.paths()}
    moments, row = random.Random(5), table.row(f"write_fixtures killed ({files.database.vendor})")
    start = time.monotonic()
    process = files.start("write_fixtures", "--check", "-v0")
    finish(process)
    whole = time.monotonic() - start
    versions = len(picture(files.database)["Version"])
    for _ in range(KILLS):
        process = files.start("write_fixtures", "-v0")
        wait_for_writing(files, process)
        time.sleep(moments.uniform(0, whole / 6))
        kill(process)
        written = sum(path.read_bytes() != before.get(path) for path in files.paths())
        row.trial("nothing" if not written else "all" if written == len(before) else "some")
        said = files.run("loaddata")
        assert "No new edition." in said
        assert "conflict" not in said
        assert len(picture(files.database)["Version"]) == versions
        for path in files.paths():
            path.unlink()
        for path, data in before.items():
            path.write_bytes(data)
    assert row.came.get("some"), row
    files.run("write_fixtures", "-v0")
    files.run("write_fixtures", "--check")
    assert len(files.paths()) == len(before)
    assert "No new edition." in files.run("loaddata")
