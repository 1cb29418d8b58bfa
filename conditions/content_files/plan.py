"""What a reload would do, entry by entry, and the words for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from conditions.models.desk import VersionedEntry
from conditions.models.published import (
    Page,
    Version,
)
from conditions.publishing import Draft
from conditions.records import Record, capped


class Outcome(Enum):
    """What a reload does with one entry."""

    NEW = "new"
    CHANGED = "changed"
    MERGED = "merged"
    OVERWRITTEN = "overwritten by the file"
    UNCHANGED = "unchanged"
    REVERTED = "goes back to an older text"
    BEHIND = "older than the draft"
    CONFLICT = "conflict"
    WAITING = "conflict, still waiting for an editor"
    DELETED = "deleted in the admin, left deleted"
    BACK = "restored from the file, as a draft"
    PRUNED = "no longer in the files"


SETTLED = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.OVERWRITTEN, Outcome.UNCHANGED})
"""Outcomes after which the drafts say what the file says."""


@dataclass
class Step:
    """What a reload does with one entry: the words for it, and what it keeps, writes and publishes."""

    place: str
    file: str
    outcome: Outcome
    details: str = ""
    entry: VersionedEntry | None = None
    page: Page | None = None
    drafts: list[Draft] = field(default_factory=list)
    desk: Record | None = None
    publish: bool = False
    mark: Version | None = None
    newest: int | None = None
    found: bool = False
    """Whether the desk had something that no version has: an editor has to look at it first."""

    def __str__(self) -> str:
        said = self.outcome.value + (f": {self.details}" if self.details else "")
        return f"{self.file}: {self.place}: {said}"


@dataclass
class Plan:
    """Everything that a reload would do.

    skipped: files that have not changed and were not compared. passed_over: entries of changed files that were not
    either. mark: the newest version when this was planned. settled: digests of what the drafts say then as files do, by
    file.
    """

    steps: list[Step] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    passed_over: int = 0
    mark: int = 0
    settled: dict[str, list[bytes]] = field(default_factory=dict)
    withdraw: list[Page] = field(default_factory=list)
    foreign: list[Path] = field(default_factory=list)

    @property
    def conflicts(self) -> int:
        return sum(step.outcome is Outcome.CONFLICT for step in self.steps)

    @property
    def moves_the_edition(self) -> bool:
        return bool(self.withdraw) or any(step.publish for step in self.steps)

    def lines(self, *, whole: bool = False) -> list[str]:
        """The plan in words, an entry a line, what stays as it is left out; the counts last.

        whole: all entries, and not only the first of each outcome.
        """
        out: list[str] = []
        for outcome in Outcome:
            some = [] if outcome is Outcome.UNCHANGED else [step for step in self.steps if step.outcome is outcome]
            out += map(str, some) if whole else capped(some)
        counts = Counter(step.outcome for step in self.steps)
        if self.passed_over:
            counts[Outcome.UNCHANGED] += self.passed_over
        said = [f"{counted(count, 'entry', 'entries')} {outcome.value}" for outcome, count in counts.items()]
        if self.skipped:
            said.append(f"{counted(len(self.skipped), 'file', 'files')}, unchanged since the last load")
        return [*out, f"{'; '.join(said) or 'Nothing to load'}."]


def counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
