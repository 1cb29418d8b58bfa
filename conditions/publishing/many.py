"""What publishing several versions in one edition would do: which are ready, what blocks others, what comes along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conditions import records
from conditions.models.published import Version
from conditions.page_content import targets
from conditions.publishing import approval, quoting
from conditions.publishing.editions import blocked, bring_forward, deleted, first_used, off_desk
from conditions.publishing.index import without_live_evidence
from conditions.records import Blocker


@dataclass(frozen=True)
class Readiness:
    """Versions that can be published in one edition, what no edition held yet and comes along, and what blocks others.

    blocked: by page.
    """

    ready: tuple[Version, ...]
    along: tuple[Version, ...]
    blocked: Mapping[int, tuple[Blocker, ...]]


def readiness(versions: Sequence[Version], *, is_correction: bool = False) -> Readiness:
    """Which of some versions, one to a page, can be published at once. Writes nothing and waits for nobody.

    is_correction: what is not approved is to go out because it changes no meaning, as `publish` has it.
    What one of them rests on may come out with it. Where that is blocked, so is what would rest on nothing without it.
    """
    bring_forward(versions)
    ready, found = list(versions), dict[int, tuple[Blocker, ...]]()
    while True:
        here = {version.page_id for version in ready}
        along = [one for one in first_used(version.record for version in ready) if one.page_id not in here]
        bring_forward(along)
        new = _blockers(ready, along, is_correction)
        found |= new
        ready = [one for one in ready if one.page_id not in new]
        if not new:
            return Readiness(tuple(ready), tuple(along), found)


def _blockers(
    versions: Sequence[Version], along: Sequence[Version], is_correction: bool
) -> dict[int, tuple[Blocker, ...]]:
    """What keeps versions from being published at once, with what comes along, by page."""
    coming = [*versions, *along]
    known = targets([one for version in coming for one in records.references(version.record)])
    pages = {version.page_id for version in coming}
    live = {place for place, page in known.items() if page.live_id or page.pk in pages}
    items = [(version.record, version.page_id) for version in coming]
    bare = without_live_evidence(items, known, live)
    unreviewed = approval.blockers(versions, along, is_correction=is_correction)
    each = zip(versions, blocked(items), bare, quoting.blockers(items), unreviewed, strict=False)
    gone = off_desk(version.page for version in versions)
    found = {}
    for version, problems, unfounded, misquoted, not_approved in each:
        said = {problem.path for problem in problems}
        problems += [problem for problem in [*unfounded, *misquoted] if problem.path not in said]
        problems += [*not_approved, *([deleted(version)] if version.page_id in gone else [])]
        if problems:
            found[version.page_id] = tuple(problems)
    return found
