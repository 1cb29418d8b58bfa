"""What the published tables hold of symptoms that somebody chose. Each function here is one query.

Those that are large are SQL: putting them together out of querysets took longer than the database takes to answer.
Links of pages that readers cannot see are not kept, so only where a link leads is looked at.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from conditions import db, prose
from conditions.matching import Row
from conditions.models.published import Address, Page, page_address
from conditions.records import RecordLike
from conditions.schema import CITATIONS, Kind

MOST_CHOSEN = 10
LONGEST_NAMED = 60
"""Letters shown of an address that is no symptom's."""
EMERGENCY = "emergency"
"""The tag of what needs help at once. A condition that has it and says when to call is to be ruled out first."""

SYMPTOMS, CAUSES = "symptoms", "causes"
CITING = tuple(one.name for one in CITATIONS)
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,200}")


@dataclass(frozen=True)
class Choice:
    """The symptoms that somebody chose, by name.

    away: what was asked for and is no symptom that readers can see. is_cut: whether more was chosen than counts.
    alert: the page that the alert points at, which was asked for along with them.
    """

    pages: list[Page]
    away: list[str] = field(default_factory=list)
    is_cut: bool = False
    alert: Page | None = None

    @property
    def slugs(self) -> list[str]:
        return sorted(page.slug for page in self.pages)


def chosen(values: Sequence[str], alert: str) -> Choice:
    """The symptoms at some addresses, old ones too, and the page that the alert points at."""
    given = list(dict.fromkeys(value for value in values if value.strip()))
    slugs = given[:MOST_CHOSEN]
    wanted = {slug for slug in slugs if _SLUG.fullmatch(slug)} | {alert}
    opened = Address.objects.filter(kind=Kind.SYMPTOM, edition__isnull=False, slug__in=wanted)
    pages = {one.slug: one.page for one in opened.select_related("page__live")}
    live = {page.pk: page for slug in slugs if (page := pages.get(slug)) and page.live_id}
    away = [
        pages[slug].name if slug in pages else prose.canonical_line(slug)[:LONGEST_NAMED]
        for slug in slugs
        if slug not in pages or not pages[slug].live_id
    ]
    urgent = (page for page in pages.values() if page.slug == alert and page.live_id and page.is_urgent)
    in_order = sorted(live.values(), key=lambda page: (page.sort_key, page.pk))
    return Choice(in_order, list(dict.fromkeys(away)), len(given) > MOST_CHOSEN, next(urgent, None))


@dataclass(frozen=True)
class Rows:
    """All rows about what was chosen; the kinds of each chosen one, at any depth; which conditions are emergencies."""

    naming: list[Row] = field(default_factory=list)
    kinds: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    emergencies: set[int] = field(default_factory=set)


# UNION and not UNION ALL: it ends where symptoms are kinds of each other.
_ABOUT = """
WITH RECURSIVE kind(owner_id, target_id) AS (
    SELECT owner_id, target_id FROM conditions_link WHERE relation = 'kinds_of' AND target_id IN ({chosen})
    UNION
    SELECT link.owner_id, kind.target_id
    FROM kind JOIN conditions_link AS link ON link.target_id = kind.owner_id AND link.relation = 'kinds_of'
),
felt AS (SELECT owner_id AS id FROM kind UNION {chosen})
SELECT target_id, owner_id, 'kinds_of', FALSE, 0, FALSE FROM kind
UNION ALL
SELECT owner_id, target_id, certainty, everyday, id, TRUE FROM conditions_link
WHERE relation = 'symptoms' AND target_id IN (SELECT id FROM felt)
UNION ALL
SELECT COALESCE(same.id, cause.id), link.owner_id, link.certainty, link.everyday, link.id, FALSE
FROM conditions_link AS link
JOIN conditions_page AS cause ON cause.id = link.target_id AND cause.live_id IS NOT NULL
LEFT JOIN conditions_page AS same ON same.id = cause.same_as_id AND same.live_id IS NOT NULL
WHERE link.relation = 'causes' AND link.owner_id IN (SELECT id FROM felt)
UNION ALL
SELECT owner.id, 0, 'tags', FALSE, 0, FALSE
FROM conditions_page AS tag
JOIN conditions_link AS link ON link.target_id = tag.id AND link.relation = 'tags' AND link.via_id IS NULL
JOIN conditions_page AS owner ON owner.id = link.owner_id AND owner.is_urgent
WHERE tag.kind = 'tag' AND tag.slug = %s AND tag.live_id IS NOT NULL
"""


def rows_about(symptoms: Iterable[Page]) -> Rows:
    """What live pages say of symptoms and of kinds of them. A cause that is a condition counts as that."""
    chosen, ids = _listed(page.pk for page in symptoms)
    read = _read(_ABOUT.format(chosen=chosen), [ids, ids, EMERGENCY])
    found = Rows([row for row in read if row[4]])
    for page, symptom, what, _, link, _ in read:
        if what == "kinds_of":
            found.kinds[page].add(symptom)
        elif not link:
            found.emergencies.add(page)
    return found


def _listed(ids: Iterable[int]) -> tuple[str, Any]:
    """What selects some ids, and its one parameter. There may be none: 0 is no row's."""
    values: Any = db.in_values([0, *ids])
    return values.sql, values.params[0]


def _read(statement: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


_ANSWERS = """
WITH wanted(id) AS ({answers})
SELECT id, 0, sort_key FROM conditions_page WHERE id IN (SELECT id FROM wanted)
UNION ALL
SELECT owner_id, COUNT(*), '' FROM conditions_link
WHERE relation = 'symptoms' AND owner_id IN (SELECT id FROM wanted) AND certainty <> 'absent'
AND target_id NOT IN (SELECT id FROM conditions_page WHERE kind = 'symptom' AND live_id IS NULL)
GROUP BY owner_id
UNION ALL
SELECT target_id, COUNT(*), '' FROM conditions_link
WHERE relation = 'causes' AND target_id IN (SELECT id FROM wanted) AND certainty <> 'absent'
AND (SELECT kind FROM conditions_page WHERE id = owner_id) = 'symptom'
GROUP BY target_id
UNION ALL
SELECT cause.same_as_id, COUNT(*), '' FROM conditions_page AS cause
JOIN conditions_link AS link ON link.target_id = cause.id AND link.relation = 'causes' AND link.certainty <> 'absent'
WHERE cause.same_as_id IN (SELECT id FROM wanted) AND cause.live_id IS NOT NULL
AND (SELECT kind FROM conditions_page WHERE id = link.owner_id) = 'symptom'
AND NOT EXISTS (
    SELECT 1 FROM conditions_link AS own WHERE own.target_id = link.owner_id AND own.relation = 'symptoms'
    AND own.owner_id = cause.same_as_id
)
GROUP BY cause.same_as_id
"""


def answers(ids: Iterable[int]) -> tuple[dict[int, int], dict[int, str]]:
    """How many symptoms that readers can see conditions and causes go with, and what their pages are sorted by."""
    wanted, listed = _listed(ids)
    totals: dict[int, int] = defaultdict(int)
    keys: dict[int, str] = {}
    for pk, total, key in _read(_ANSWERS.format(answers=wanted), [listed]):
        totals[pk] += total
        if key:
            keys[pk] = key
    return totals, keys


class End(NamedTuple):
    """A live page at an end of a row, as far as rows show it: not a model's instance, because there are hundreds."""

    pk: int
    kind: str
    slug: str
    name: str
    sort_key: str
    is_urgent: bool

    @property
    def url(self) -> str:
        return page_address(self.kind, self.slug)


class Said(NamedTuple):
    """What a published row says, with the page at its other end.

    answer: the condition or cause that it is of; or the page that cites. via: the row that it qualifies.
    """

    link: int
    via: int | None
    relation: str
    answer: int
    slug: str
    certainty: str
    role: str
    everyday: bool
    note: str
    quotes: list[list[str]]
    page: End


_END = "page.id, page.kind, page.slug, page.name, page.sort_key, page.is_urgent"
_SAID = f"""
SELECT link.id, via_id, relation, {{answer}}, link.slug, certainty, role, everyday, note, quotes, {_END}
FROM conditions_link AS link JOIN conditions_page AS page ON page.id = {{end}} WHERE
"""
_OF_TARGET = _SAID.format(answer="owner_id", end="target_id") + "page.live_id IS NOT NULL AND"
_OF_OWNER = _SAID.format(answer="target_id", end="owner_id")
_EXPLAINING = f"""
{_OF_TARGET} relation = 'symptoms' AND owner_id IN ({{shown}})
UNION ALL
{_OF_OWNER} relation = 'causes' AND target_id IN ({{shown}}) AND link.id NOT IN ({{rows}}) AND owner_id IN (
    SELECT target_id FROM conditions_link
    WHERE relation = 'symptoms' AND certainty <> 'absent' AND owner_id IN ({{shown}})
)
UNION ALL
{_OF_OWNER} relation = 'causes' AND link.id IN ({{rows}})
UNION ALL
{_OF_TARGET} via_id IN ({{rows}})
UNION ALL
{_OF_TARGET} owner_id IN ({{citing}}) AND via_id IS NULL AND relation IN ('evidence', 'sources')
UNION ALL
SELECT 0, NULL, '', 0, '', '', '', FALSE, '', '[]', {_END} FROM conditions_page AS page WHERE id IN ({{listed}})
"""


def explaining(
    shown: Collection[int], listed: Collection[int], rows: Collection[int], citing: Collection[int]
) -> tuple[dict[int, End], list[Said]]:
    """The pages of answers that are listed, and what is said of those that are shown and by pages that cite.

    All symptoms of the conditions shown; which of these name the causes shown; the rows that are explained, and what
    qualifies those; what the citing pages rest on.
    """
    asked = {"shown": shown, "listed": listed, "rows": rows, "citing": citing}
    selecting = {name: _listed(ids) for name, ids in asked.items()}
    order = ("shown", "shown", "rows", "shown", "rows", "rows", "citing", "listed")
    statement = _EXPLAINING.format(**{name: values for name, (values, _) in selecting.items()})
    pages: dict[int, End] = {}
    said = []
    for row in _read(statement, [selecting[name][1] for name in order]):
        end = End(*row[10:])
        if row[0]:
            said.append(Said(*(*row[:9], json.loads(row[9]), end)))
        else:
            pages[end.pk] = end
    return pages, said


_TEXTS = """
SELECT page.id, live.record FROM conditions_page AS page
JOIN conditions_version AS live ON live.id = page.live_id WHERE page.id IN ({})
"""


def texts(pages: Collection[int]) -> dict[int, RecordLike]:
    """What documents and sources say now, by page."""
    return {page: json.loads(record) for page, record in db.rows(_TEXTS, pages)}
