"""What readers are told of the review of a page: of which version, by whom, and what has changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from conditions import db, drafts, quotes
from conditions.differences import RESTS, Difference, differences
from conditions.models.published import Decision, Page, Review, Version
from conditions.schema import FIELDS

MOST_NAMED = 3
"""Places that are named of those that have changed since a review."""


def reviews_of(versions: Sequence[Version], now: datetime | None = None) -> dict[int, Review]:
    """What to tell readers of versions that are, or come to be, live, by page; nothing of those never approved."""
    now = now or timezone.now()
    lives = {version.page_id: version for version in versions}
    found = {}
    for page, approval in approvals(lives).items():
        live = lives[page]
        if approval.version.number <= live.number:
            found[page] = _review(approval, live, now)
    return found


def approvals(pages: Collection[int]) -> dict[int, Decision]:
    """The newest approval of each page, with its version."""
    approved = Decision.objects.filter(verb=Decision.Verb.APPROVE, version__page__in=db.in_values(pages))
    return {one.version.page_id: one for one in approved.select_related("version").order_by("id")}


def _review(approval: Decision, live: Version, now: datetime) -> Review:
    return {
        "version": approval.version.number,
        "name": approval.name,
        "credentials": approval.credentials,
        "at": approval.at.isoformat(),
        "due": approval.due.isoformat() if approval.due else "",
        "is_due": approval.due is not None and approval.due <= now,
        "changed": changed_since(approval.version, live),
    }


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
