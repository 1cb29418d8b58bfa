"""The second process of a walk. It makes as many moves as each line of its input says, and reports."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from tests.walker.moves import RIVAL, make  # noqa: E402
from tests.walker.walk import Walk  # noqa: E402


def main() -> None:
    """Words: seed, number of slugs."""
    walk = Walk("rival", int(sys.argv[1]), int(sys.argv[2]), alone=False)
    answers, sys.stdout = sys.stdout, sys.stderr  # what moves print is not an answer
    for line in sys.stdin:
        for _ in range(int(line)):
            make(walk, RIVAL)
        report = {
            "acknowledged": walk.acknowledged,
            "in_files": sorted(walk.in_files),
            "reasons": sorted(walk.reasons),
            "violations": walk.violations,
            "trail": list(walk.trail),
            "counts": walk.counts,
        }
        print(json.dumps(report), file=answers, flush=True)
        walk.acknowledged, walk.violations, walk.reasons = {}, [], set()
        walk.counts.clear()
        walk.in_files.clear()
        walk.forms.clear()


if __name__ == "__main__":
    main()
