"""A page that is rendered during a publish is of one edition all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.resilience import table
from tests.resilience.processes import LONGEST, ROOT, environment

pytestmark = pytest.mark.process


def test_a_page_rendered_during_a_publish_is_of_one_edition(site, database):
    """Other processes publish on the same database: here one does between any two queries of a page."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.resilience.concurrent_publish"],
        cwd=ROOT,
        env=environment(database.url, site.data),
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stderr
    counts = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(counts) >= 2
    row = table.row(f"publish between two queries of a page ({database.vendor})")
    for _, old, new in counts:
        assert old + new > 3
        row.trial("torn" if old and new else "of one edition")
    assert row.came == {"of one edition": len(counts)}, counts
