"""What readers are told of the review of a page: of which version, by whom, and what has changed since."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from conditions import db, drafts, quotes
from conditions.differences import RESTS, Difference, differences
from conditions.models.published import Decision, Page, Review, Version
from conditions.schema import FIELDS

_CORRECTS = re.compile(r"Corrects version (\d+)\.")
MOST_NAMED = 3
"""Places that are named of those that have changed since a review."""


def reviews_of(versions: Sequence[Version], now: datetime | None = None) -> dict[int, Review]:
    """What to tell readers of versions that are, or come to be, live, by page; nothing of those never approved.

    A version goes back to those before it, but a correction only to what it corrects: what waited as a draft is no part
    of it.
    """
    now = now or timezone.now()
    lives = {version.page_id: version for version in versions}
    return {page: _review(one, lives[page], now) for page, one in held(versions).items()}


def held(versions: Sequence[Version]) -> dict[int, Decision]:
    """The newest approval that each of some live versions goes back to, with its version, by page."""
    lives = {version.page_id: version for version in versions}
    each: dict[int, list[Decision]] = {}
    for one in approvals(lives):
        each.setdefault(one.version.page_id, []).append(one)
    found = {}
    for page, some in each.items():
        line, first = _goes_back_to(lives[page])
        of_line = [one for one in some if one.version.number in line or one.version.number <= first]
        if of_line:
            found[page] = of_line[-1]
    return found


def _goes_back_to(version: Version) -> tuple[set[int], int]:
    """The numbers of a version and of those that it corrects in turn, and up to which all others are before it."""
    line = {version.number}
    while corrected := _CORRECTS.fullmatch(version.comment):
        version = Version.objects.get(page=version.page_id, number=int(corrected[1]))
        line.add(version.number)
    return line, version.number


def correction_of(live: Version) -> str:
    """The comment of a version that corrects what readers see."""
    return f"Corrects version {live.number}."


def approvals(pages: Collection[int]) -> list[Decision]:
    """The approvals of pages, oldest first, with their versions."""
    approved = Decision.objects.filter(verb=Decision.Verb.APPROVE, version__page__in=db.in_values(pages))
    return list(approved.select_related("version").order_by("id"))


def _review(approval: Decision, live: Version, now: datetime) -> Review:
    said = approval.as_review(approval.version.number)
    said["is_due"] = not approval.holds(now)
    said["changed"] = changed_since(approval.version, live)
    return said


def changed_since(approved: Version, live: Version) -> str:
    """What readers see changed after a version was approved, in words: "1 sentence, Symptoms". Empty if nothing did."""
    if approved.digest == live.digest:
        return ""
    before, after = drafts.current_records([approved, live])
    return ", ".join(in_words([one for one in differences(before, after, {}, as_read=True) if one.path != ("slug",)]))


def in_words(some: Sequence[Difference]) -> Iterator[str]:
    """What differs: how many sentences of texts, and the names of the first other places."""
    changed = sum(map(_sentences, some))
    if changed:
        yield f"{changed} sentence{'s' if changed > 1 else ''}"
    others = list(dict.fromkeys(one.label.partition(":")[0] for one in some if not _sentences(one)))
    yield from others[:MOST_NAMED]
    if len(others) > MOST_NAMED:
        yield f"{len(others) - MOST_NAMED} more"


def _sentences(one: Difference) -> int:
    """How many sentences of a text were taken out, or put in, if those are more; 0 of what is no text."""
    field = FIELDS.get(one.path[0]) if len(one.path) == 1 else None
    if field is None or not field.is_prose or one.now == RESTS:
        return 0
    was, now = (Counter(text[start:end] for start, end in quotes.sentences(text)) for text in (one.was, one.now))
    return max((was - now).total(), (now - was).total())


def note(pages: Mapping[int, Page], versions: Sequence[Version], now: datetime | None = None) -> None:
    """Keep with pages what readers are told of the review of their versions, which are live."""
    found = reviews_of(versions, now)
    changed = [
        (found.get(version.page_id), version.page_id)
        for version in versions
        if pages[version.page_id].review != found.get(version.page_id)
    ]
    db.update(Page, ["review"], changed)
