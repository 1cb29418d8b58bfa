"""Lighthouse on the system's Chromium, which it starts again for each page, as a phone with a slow connection."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.browser.chromium import CHROMIUM, FLAGS

CLI = Path(__file__).parent / "node_modules/lighthouse/cli/index.js"
NODE = shutil.which("node")
WANTED = {
    "Chromium is not installed": CHROMIUM,
    "Node.js is not installed": NODE,
    "no Lighthouse: npm ci --ignore-scripts --prefix tests/browser": CLI.exists(),
}
MISSING = "; ".join(reason for reason, there in WANTED.items() if not there)
"""What has to be installed before `ask` works, in words; nothing where all is there."""
LONGEST = 180
MOST_SHOWN = 5
LONGEST_SHOWN = 300

Report = dict[str, Any]


def ask(address: str, *categories: str) -> Report:
    """Lighthouse's report on a page, in these categories alone.

    RuntimeError with what it said if it has none: there is no such page, or it did not load.
    """
    command = [
        str(NODE),
        str(CLI),
        address,
        "--quiet",
        "--output=json",
        f"--only-categories={','.join(categories)}",
        "--disable-full-page-screenshot",
        "--no-enable-error-reporting",
        f"--chrome-flags={' '.join(FLAGS)}",
    ]
    environment = os.environ | {"CHROME_PATH": str(CHROMIUM)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode:
        raise RuntimeError(f"Lighthouse has no report on {address}:\n{done.stderr[-2000:]}")
    report: Report = json.loads(done.stdout)
    return report


def flaws(report: Report, category: str) -> dict[str, str]:
    """The audits that keep a category of a report from 100, by id, each with what it found. Errors: KeyError."""
    counted = [ref["id"] for ref in report["categories"][category]["auditRefs"] if ref["weight"]]
    return {each: _found(report["audits"][each]) for each in counted if report["audits"][each]["score"] != 1}


def _found(audit: dict[str, Any]) -> str:
    """What an audit says: its title, and the first elements or rows that it names."""
    items = audit.get("details", {}).get("items", [])
    shown = [str(item.get("node", {}).get("snippet") or item)[:LONGEST_SHOWN] for item in items[:MOST_SHOWN]]
    more = [f"and {len(items) - MOST_SHOWN} more"] if len(items) > MOST_SHOWN else []
    return "\n    ".join([audit.get("errorMessage") or audit["title"], *shown, *more])
