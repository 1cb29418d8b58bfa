"""One walk, from an empty database on. It ends with status 1 if anything did not hold."""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import django

django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402
from django.db import connection  # noqa: E402

from conditions.models import Edition, Version  # noqa: E402
from tests.resilience import databases  # noqa: E402
from tests.resilience.processes import LONGEST, ROOT  # noqa: E402
from tests.walker import faults, holds, moves  # noqa: E402
from tests.walker.at_files import start_again  # noqa: E402
from tests.walker.walk import Walk  # noqa: E402

WORST = 5
"""After so many violations a walk ends."""


class Rival:
    """The second process, which waits until it is told to move."""

    def __init__(self, walk: Walk, log: Path) -> None:
        self.log = log
        words = [sys.executable, "-m", "tests.walker.rival", str(walk.seed), str(walk.slugs)]
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )

    def race(self, walk: Walk, count: int) -> None:
        """Both make moves at once; when both have stopped, what the rival did is added to the walk."""
        assert self.process.stdin
        assert self.process.stdout
        walk.alone = False
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        for _ in range(count):
            moves.make(walk, moves.RACE)
        line = self.process.stdout.readline()
        walk.alone = True
        if not line:
            walk.violated(f"the rival ended: {self.log.read_text()[-3000:]}")
            return
        report = json.loads(line)
        walk.trail.extend(f"rival: {one}" for one in report["trail"][-8:])
        walk.acknowledge(report["acknowledged"], "by the rival")
        walk.reasons |= set(report["reasons"])
        walk.counts.update({f"rival's {name}": count for name, count in report["counts"].items()})
        for violation in report["violations"]:
            walk.violated(f"rival: {violation}")
        if lost := set(report["in_files"]) - walk.words_in_files() - walk.words_kept():
            walk.violated(f"typed into files during a race, and in no file and no version: {lost}")
        holds.nothing_was_logged(walk, self.log.read_text())

    def stop(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(LONGEST)


def walk_on(walk: Walk, rival: Rival, empty: databases.Database, seconds: float) -> None:
    """Move, and look, until the time is over or too much is wrong."""
    ends, number = time.monotonic() + seconds, 0
    while time.monotonic() < ends and len(walk.violations) < WORST:
        number += 1
        moves.make(walk, moves.ALONE)
        if walk.refused_loads > 3:
            start_again(walk)
        if number % 40 == 0:
            rival.race(walk, 15)
        if number % 4 == 0:
            look(walk)
        if number % 10 == 0:
            holds.kept_pages_are_fresh(walk)
        if number % 60 == 0:
            holds.pages_are_right(walk)
        if number % 150 == 0:
            holds.files_stand_alone(walk, empty)
    look(walk)
    holds.kept_pages_are_fresh(walk)
    holds.pages_are_right(walk)
    holds.files_stand_alone(walk, empty)


def look(walk: Walk) -> None:
    holds.nothing_is_lost(walk)
    holds.desk_is_kept(walk)
    holds.footnotes_stay(walk)


def main() -> int:
    """Walk as the words of the command say."""
    parser = argparse.ArgumentParser(prog="python -m tests.walker", description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 100_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--slugs", type=int, default=9, help="How many slugs each kind has: few make collisions.")
    parser.add_argument("--fault", choices=faults.PLANTED, help="Plant a fault, which the walk has to find.")
    options = parser.parse_args()
    if options.fault:
        faults.PLANTED[options.fault]()
    logging.disable(logging.WARNING)
    folder = Path(os.environ["WALKER_FIXTURES"])
    empty: databases.Database
    if connection.vendor == "sqlite":
        empty = databases.Lite(folder.parent / "template.sqlite3")
    else:
        empty = databases.Postgres(os.environ["WALKER_EMPTY"])
    for name in ("main", "rival"):
        person = User.objects.create_user(name, is_staff=True)
        person.groups.set(Group.objects.filter(name__in=["Author", "Publisher"]))
    walk = Walk("main", options.seed, options.slugs)
    rival = Rival(walk, folder.parent / "rival.log")
    try:
        walk_on(walk, rival, empty, options.seconds)
    finally:
        rival.stop()
    counts = ", ".join(f"{count} {name}" for name, count in sorted(walk.counts.items()))
    print(f"{connection.vendor}, seed {walk.seed}, {walk.slugs} slugs, {options.seconds:.0f} s: {counts},")
    print(f"{Version.objects.count()} versions, {Edition.objects.count()} editions, {len(walk.violations)} violations")
    return 1 if walk.violations else 0


if __name__ == "__main__":
    sys.exit(main())
