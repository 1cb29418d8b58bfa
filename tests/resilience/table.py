"""The fault table: a line for each fault that was tried, printed when pytest ends."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

LOCK = threading.Lock()
ROWS: dict[str, Row] = {}


@dataclass
class Row:
    """One fault: how often it was tried, and how often each thing came of it."""

    tried: int = 0
    came: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str, count: int = 1) -> None:
        """Note that an outcome came `count` times more."""
        with LOCK:
            self.came[outcome] = self.came.get(outcome, 0) + count

    def trial(self, outcome: str) -> None:
        """Note one more trial and what came of it."""
        with LOCK:
            self.tried += 1
        self.add(outcome)


def row(fault: str) -> Row:
    """The row of a fault."""
    return ROWS.setdefault(fault, Row())


def lines() -> list[str]:
    """The table as text."""
    width = max(map(len, ROWS), default=0)
    out = []
    for fault, one in ROWS.items():
        came = ", ".join(f"{outcome} {count}" for outcome, count in one.came.items())
        out.append(f"{fault:<{width}}  {one.tried:>6}  {came}")
    return out
