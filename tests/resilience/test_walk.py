"""Random walks: docs/walker.md says what must hold at every step, and how to walk for longer."""

import os
import subprocess
import sys

import pytest

from tests.resilience.processes import ROOT

pytestmark = pytest.mark.process

SECONDS = 60
ENOUGH = 120
"""Seconds after which a planted fault counts as not found: a walk ends earlier, when it has found enough."""


def walk(*words, seconds):
    """A walk that has ended: its exit status, and what it printed."""
    command = [sys.executable, "-m", "tests.walker", f"--seconds={seconds}", *words]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=seconds + 120)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("seed", "slugs"), [(7, 9), (33, 4)])
def test_everything_holds_on_a_walk(seed, slugs):
    status, said = walk(f"--seed={seed}", f"--slugs={slugs}", seconds=SECONDS)
    assert status == 0, said[-6000:]
    assert "0 violations" in said


@pytest.mark.parametrize("fault", ["show-drafts", "forget-notes", "take-the-files-side", "follow-no-links"])
def test_a_walk_finds_a_planted_fault(fault):
    status, said = walk("--seed=1", f"--fault={fault}", seconds=ENOUGH)
    assert status == 1
    assert "VIOLATION" in said
