"""Whether what is to be published quotes words that readers will find, and leaves the quotes of others standing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conditions import db, quotes, records, statements
from conditions.models.published import Address, Link, Page, Version
from conditions.records import Blocker, Problem, Record
from conditions.schema import CITED, QUOTED, Kind

Item = tuple[Record, int | None]
"""A record that is to be published, and its page; None where nothing has kept it yet."""


def blockers(items: Sequence[Item]) -> list[list[Blocker]]:
    """What is wrong with the quotes of records, if they were published at once: for each of them, in words.

    Words that are not in what they are quoted from, as readers see it then; and words that live statements elsewhere
    quote from a record and that it no longer says.
    """
    texts = _texts(items)
    broken = _broken(items)
    found = []
    for record, page in items:
        problems = [*statements.problems(record, texts), *broken.get(page or 0, ())]
        label = records.schema_of(record).label_of
        found.append(
            [Blocker(f"{record['name']}: {label(one.path[0])}: {one.message}", page, one.path) for one in problems]
        )
    return found


def _texts(items: Iterable[Item]) -> dict[str, str]:
    """The texts that records quote from, by slug: as they come out with them, or as they are live."""
    coming = {page: record for record, page in items if page and Kind(record["kind"]) in QUOTED}
    wanted = statements.quoted(record for record, _ in items)
    places = Address.objects.filter(kind__in=CITED, slug__in=db.in_values(wanted))
    pages = dict(places.values_list("slug", "page")) if wanted else {}
    others = [page for page in pages.values() if page not in coming]
    live = dict(Version.objects.filter(live_on__in=others).values_list("page", "record")) if others else {}
    found = {slug: coming.get(page) or live.get(page) for slug, page in pages.items()}
    texts = {slug: statements.quotable(record) for slug, record in found.items() if record}
    said = (record for record, _ in items if record["kind"] in QUOTED and record["slug"] in wanted)
    return texts | {record["slug"]: statements.quotable(record) for record in said}


def _broken(items: Iterable[Item]) -> Mapping[int, list[Problem]]:
    """The live statements elsewhere whose words a document or source would no longer say, by its page."""
    coming = {page: record for record, page in items if page and record["kind"] in QUOTED}
    if not coming:
        return {}
    rewritten = [page for _, page in items if page]
    links = Link.objects.filter(target__in=db.in_values(coming)).exclude(quotes=[])
    links = links.exclude(owner__in=db.in_values(rewritten)).select_related("owner", "via__target")
    texts: dict[int, str] = {}
    found: dict[int, list[Problem]] = {}
    for link in links:
        record = coming[link.target_id]
        text = texts.get(link.target_id) or texts.setdefault(link.target_id, statements.quotable(record))
        for _, said, words in link.quotes:
            if quotes.flaw(text, words):
                statement = said or (link.via.target.name if link.via else "")
                told = f"“{link.owner.name}: {statement}” rests on the words {records.in_words(words)}"
                fix = "change that statement first, or publish both at once"
                path = (QUOTED[Kind(record["kind"])],)
                found.setdefault(link.target_id, []).append(
                    Problem(path, f"{told}, which are not there any more; {fix}")
                )
    return found


def broken_by(page: Page | None, record: Record) -> list[str]:
    """The live statements that the text of a document or source would break, in words; for who has just saved it."""
    if page is None or page.live_id is None or record["kind"] not in QUOTED:
        return []
    return [problem.message for problem in _broken([(record, page.pk)]).get(page.pk, ())]
