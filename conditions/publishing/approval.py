"""Whether versions may be published where each has to be reviewed first: the setting REQUIRE_REVIEW."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from conditions import corrections, db, drafts
from conditions.models.published import Decision, Page, Version
from conditions.publishing import reviews
from conditions.records import Blocker, references, schema_of


def blockers(
    versions: Sequence[Version], along: Sequence[Version], *, is_correction: bool = False
) -> list[list[Blocker]]:
    """What keeps each version from being published because it is not approved; nothing where that is not required.

    along: tags, terms and sources that come out with them; these need no approval, but a sentence. is_correction: what
    is not approved is said to change no meaning, of what was approved last or, if nothing was, of what is live.
    """
    if not settings.REQUIRE_REVIEW:
        return [[] for _ in versions]
    approved = _approved([version.page_id for version in versions])
    missing = [version for version in versions if (version.page_id, version.digest) not in approved]
    why = _of_corrections(missing) if is_correction else {one.pk: ["it is not approved"] for one in missing}
    silent = {(one.record["kind"], one.record["slug"]): one.record["name"] for one in along if not _sentence(one)}
    found = []
    for version in versions:
        used = dict.fromkeys((one.kind, one.slug) for one in references(drafts.current_record(version)))
        said = [f"{silent[place]} says nothing yet; write its sentence first" for place in used if place in silent]
        found.append([_blocker(version, words) for words in [*why.get(version.pk, ()), *said]])
    return found


def _approved(pages: Sequence[int]) -> set[tuple[int, str]]:
    """What is approved, as pages and digests: its newest decision approves it, and no new review is due."""
    decided = Decision.objects.filter(version__page__in=db.in_values(pages))
    decided = decided.filter(verb__in=(Decision.Verb.APPROVE, Decision.Verb.SEND_BACK)).order_by("id")
    last = {(one.version.page_id, one.version.digest): one for one in decided.select_related("version")}
    now = timezone.now()
    return {place for place, one in last.items() if one.verb == Decision.Verb.APPROVE and one.holds(now)}


def _sentence(version: Version) -> str:
    """What it says of itself."""
    return str(version.record.get(schema_of(version.record).excerpt) or "")


def _blocker(version: Version, words: str) -> Blocker:
    return Blocker(f"{version.record['name']}: version {version.number}: {words}", version.page_id, ())


def _of_corrections(versions: Sequence[Version]) -> dict[int, list[str]]:
    """Why versions are no corrections, by version."""
    pages = Page.objects.live().filter(pk__in=db.in_values(version.page_id for version in versions))
    live = [page.live for page in pages.select_related("live") if page.live]
    bases = {one.page_id: one for one in live} | {page: one.version for page, one in reviews.held(live).items()}
    found = {}
    for version in versions:
        base = bases.get(version.page_id)
        if base is None:
            found[version.pk] = ["nothing of it was ever reviewed or live, so it corrects nothing"]
            continue
        before, after = drafts.current_records([base, version])
        found[version.pk] = [f"it is no correction: {why}" for why in corrections.changes_of_meaning(before, after)]
    return found
