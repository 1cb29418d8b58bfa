"""The lock files install by hash, whatever is released after they were made."""

import json
import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def locked(name):
    """Return the extras that the lock file `name` pins, a dict from package to set of extras."""
    lines = (ROOT / name).read_text().splitlines()
    found = [re.match(r"([\w.-]+)(?:\[([\w.,-]+)\])?==", line) for line in lines]
    return {match[1].lower(): set((match[2] or "").split(",")) - {""} for match in found if match}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_what_a_package_asks_for_with_an_extra_is_pinned_with_it(name):
    """pip takes `coverage[toml]` and a pinned `coverage` for two things, and prefers the newest
    release of the first, which has no hash here: an install would fail from that release on."""
    pinned = locked(name)
    asked = [
        (package, wanted)
        for package in pinned
        for wanted in map(Requirement, metadata.requires(package) or [])
        if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""}))
    ]
    missing = [f"{p}: {w}" for p, w in asked if not w.extras <= pinned.get(w.name.lower(), set())]
    assert pinned
    assert not missing
    if name == "requirements-dev.txt":
        assert ("pytest-cov", {"toml"}) in [(package, wanted.extras) for package, wanted in asked]


def test_npm_packages_are_pinned_by_hash_and_name_no_registry():
    packages = json.loads((ROOT / "tests/browser/package-lock.json").read_text())["packages"]
    pinned = {name: said for name, said in packages.items() if name}
    assert {"node_modules/lighthouse", "node_modules/vnu-jar"} <= pinned.keys()
    assert [name for name, said in pinned.items() if "integrity" not in said or "resolved" in said] == []
