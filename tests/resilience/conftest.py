"""A prepared database, made once, of which every test takes a copy; and the fault table at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import shipped
from tests.resilience import databases, table
from tests.resilience.databases import Database
from tests.resilience.processes import LONGEST, ROOT, environment

CONDITIONS = ("bells-palsy", "hemifacial-spasm", "trigeminal-neuralgia", "anxiety", "isaacs-syndrome")
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
collect_ignore = ["test_disk.py"] if ON_POSTGRES else ["test_cluster.py", "test_replica.py"]


@dataclass
class Site:
    """The content, the folder of its processes, and the database that is copied."""

    data: Path
    fixtures: Path
    template: Database
    sessions: list[str]


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    """Five conditions and what they need, loaded and published, with ten publishers.

    All of the content would say no more: what is killed and filled here is many times slower with it.
    """
    data = tmp_path_factory.mktemp("site")
    fixtures = data / "fixtures"
    shipped.write_part(fixtures, *CONDITIONS)
    template = databases.fresh(data)
    done = subprocess.run(
        [sys.executable, "-m", "tests.resilience.prepare", str(fixtures)],
        cwd=ROOT,
        env=environment(template.url, data),
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stderr
    yield Site(data, fixtures, template, json.loads(done.stdout))
    template.drop()


@pytest.fixture
def database(site) -> Iterator[Database]:
    """A copy of the prepared database."""
    made = site.template.copy()
    yield made
    made.drop()


def pytest_terminal_summary(terminalreporter) -> None:
    if table.ROWS:
        terminalreporter.section("faults")
        for line in table.lines():
            terminalreporter.write_line(line)
