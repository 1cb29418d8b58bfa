"""Keeping how many the lists show, in the transaction that changes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from django.db.models import Q

from conditions import db
from conditions.models.index import Total
from conditions.models.published import Page

_Key: TypeAlias = tuple[str, int | None, str]
"""A kind or none, the page of a tag or none, a letter or none: what one total counts."""

# || keeps SQLite from reading all names by their index of letters.
_COUNTED = """
WITH listed(id, kind) AS MATERIALIZED (
    SELECT page.id, page.kind FROM conditions_page AS page
    LEFT JOIN conditions_page AS same ON same.id = page.same_as_id
    WHERE page.live_id IS NOT NULL AND same.live_id IS NULL AND page.id IN ({})
)
SELECT kind, NULL, '', COUNT(*) FROM listed GROUP BY kind
UNION ALL
SELECT listed.kind, link.target_id, '', COUNT(*) FROM listed
JOIN conditions_link AS link ON link.owner_id = listed.id
WHERE link.relation = 'tags' AND link.via_id IS NULL GROUP BY listed.kind, link.target_id
UNION ALL
SELECT '', NULL, name.letter || '', COUNT(*) FROM listed
JOIN conditions_name AS name ON name.page_id = listed.id
WHERE name.letter <> '' GROUP BY name.letter || ''
"""


def counted(pages: Iterable[int]) -> Counter[_Key]:
    """What some pages add to totals as they are now. One query."""
    return Counter({(kind, tag, letter): count for kind, tag, letter, count in db.rows(_COUNTED, pages)})


@contextmanager
def kept(pages: Iterable[int]) -> Iterator[None]:
    """Bring totals to where they are after the block, which changes no more than some pages and what these are of.

    A page is not listed while its address leads to another, so it counts with that.
    """
    ids = set(pages)
    ids |= set(Page.objects.filter(same_as__in=db.in_values(ids)).values_list("pk", flat=True))
    before = counted(ids)
    yield
    after = counted(ids)
    after.subtract(before)
    _add({key: more for key, more in after.items() if more})


def _add(more: dict[_Key, int]) -> None:
    """Add to totals, or take from them."""
    of_tags = Q(tag__isnull=True) | Q(tag__in=db.in_values({tag for _, tag, _ in more if tag}))
    totals = Total.objects.filter(of_tags, kind__in={kind for kind, _, _ in more})
    there = {(one.kind, one.tag_id, one.letter): one for one in totals}
    known = [(there[key].count + add, there[key].pk) for key, add in more.items() if key in there]
    db.update(Total, ["count"], known)
    # In an order of its own: the database counts them in any.
    fresh = sorted((key for key in more if key not in there), key=lambda key: (key[0], key[1] or 0, key[2]))
    ids = db.take_ids(Total, len(fresh))
    rows = [(pk, *key, more[key]) for pk, key in zip(ids, fresh, strict=True)]
    db.insert(Total, ["id", "kind", "tag_id", "letter", "count"], rows)
