"""Noting which pages an edition may change for readers, in its transaction: only those are rendered again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from conditions import db
from conditions.models.published import Page, Touched
from conditions.schema import Kind

MOST = 1000
"""Pages that are noted one by one; of more, that it may be any."""
MOST_LINKS = 5 * MOST
"""Links that are followed to find them: the work has an end, however many there are."""
KEPT = 1000
"""Editions whose pages are kept: who last looked longer ago renders all again."""

# Links of live pages lead to what is not live too. So pages that left out what comes now are among the first.
_BESIDE = f"""
WITH moved(id) AS MATERIALIZED ({{}})
SELECT * FROM (
    SELECT owner_id FROM conditions_link WHERE target_id IN (SELECT id FROM moved) LIMIT {MOST_LINKS}
) AS shows
UNION ALL SELECT * FROM (
    SELECT target_id FROM conditions_link WHERE owner_id IN (SELECT id FROM moved) LIMIT {MOST_LINKS}
) AS is_shown
UNION ALL SELECT * FROM (
    SELECT mark.target_id FROM conditions_link AS row JOIN conditions_link AS mark ON mark.via_id = row.id
    WHERE row.target_id IN (SELECT id FROM moved) LIMIT {MOST_LINKS}
) AS lists_the_row
UNION ALL SELECT * FROM (
    SELECT row.target_id FROM conditions_link AS mark JOIN conditions_link AS row ON row.id = mark.via_id
    WHERE mark.target_id IN (SELECT id FROM moved) LIMIT {MOST_LINKS}
) AS shows_the_mark
"""


@contextmanager
def noted(edition: int, pages: Collection[Page]) -> Iterator[None]:
    """Note what an edition touches that moves some pages in the block: what is linked with them before or after it."""
    moved = {page.pk for page in pages}
    # A word is explained wherever it stands.
    follows = len(moved) <= MOST and not any(page.kind == Kind.TERM for page in pages)
    before = _beside(moved) if follows else None
    yield
    after = _beside(moved) if before is not None else None
    found: set[int | None] = {None}
    if before is not None and after is not None and len(before | after) <= MOST:
        found = {*before, *after}
    ids = db.take_ids(Touched, len(found))
    rows = [(pk, edition, page) for pk, page in zip(ids, sorted(found, key=lambda page: page or 0), strict=True)]
    db.insert(Touched, ["id", "edition_id", "page_id"], rows)
    db.delete(Touched.objects.filter(edition__lte=edition - KEPT))


def _beside(moved: set[int]) -> set[int] | None:
    """Pages that show something of some others, and these themselves; None where they are too many to follow.

    A page whose address leads to that of another says nothing while that can be read, and what refers to it is listed
    there: so both move together.
    """
    moved = moved | set(Page.objects.filter(same_as__in=db.in_values(moved)).values_list("pk", flat=True))
    found = db.rows(_BESIDE, moved)
    if len(found) >= MOST_LINKS:
        return None
    near = moved | {page for (page,) in found}
    same = Page.objects.filter(pk__in=db.in_values(near), same_as__isnull=False)
    return near | {page for page in same.values_list("same_as", flat=True) if page}
