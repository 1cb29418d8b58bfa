"""Writing what search reads, in the transaction that changes what readers see.

`put` and `remove`, and `search.find` on the reading side, are all that the rest of the project knows of it: an engine
of its own could stand behind them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from conditions import db
from conditions.models.index import Posting, SearchText
from conditions.models.published import Page, Version
from conditions.publishing.access import write_lock
from conditions.records import RecordLike, upgrade
from conditions.search.postings import BLOCK, State, packed, unpacked
from conditions.search.weights import FORMAT, Indexed, indexed, name_lines

_AT_ONCE = 4000
"""Pages whose words are in memory at once."""

_Key = tuple[str, int]
"""A word and a block of pages."""


def put(records: Mapping[int, RecordLike]) -> None:
    """Let live pages be found by what their records say, and no longer by what was said before."""
    ids = sorted(records)
    for start in range(0, len(ids), _AT_ONCE):
        _replace(ids[start : start + _AT_ONCE], records)


def remove(pages: Iterable[int]) -> None:
    """Let pages not be found any longer. Those that were not found anyway are left out."""
    _replace(list(pages), {})


def after_migrate(**signal: object) -> None:
    """Make all of it again where there are live pages and it is of an older format, or was never made.

    Of migrations that stop before its table there is nothing to make.
    """
    if Posting._meta.db_table not in connection.introspection.table_names():
        return
    row = Posting.objects.filter(word="", block=0).values_list("pages", flat=True).first()
    if (row is None or State.read(bytes(row)).format != FORMAT) and Page.objects.live().exists():
        with transaction.atomic(), write_lock():
            db.delete(Posting.objects.all())
            db.delete(SearchText.objects.all())
            versions = Version.objects.filter(live_on__isnull=False)
            put({one.page_id: upgrade(one.record, one.format) for one in versions.iterator(1000)})


def _replace(ids: list[int], records: Mapping[int, RecordLike]) -> None:
    texts = SearchText.objects.filter(page__in=db.in_values(ids))
    gone: dict[_Key, set[int]] = defaultdict(set)
    old = 0
    for page, words in texts.values_list("page_id", "words"):
        old += 1
        for word in filter(None, words.split(" ")):
            gone[word, page // BLOCK].add(page)
    new = {page: indexed(records[page]) for page in ids if page in records}
    weights: dict[_Key, dict[int, int]] = defaultdict(dict)
    for page, kept in new.items():
        block = page // BLOCK
        for word, weight in kept.weights.items():
            weights[word, block][page] = weight
    if old:
        db.delete(texts)
    columns = ["page_id", "words", "names", "alarms", "card"]
    db.insert(SearchText, columns, [(page, *_texts(kept)) for page, kept in new.items()])
    _change(weights, gone)
    _count(len(new) - old)


def _texts(kept: Indexed) -> tuple[str, str, str, str]:
    alarms, card = ("\n".join(map(" ".join, lines)) for lines in (kept.alarms, kept.card))
    return " ".join(kept.weights), name_lines(kept.names), alarms, card


def _change(weights: Mapping[_Key, dict[int, int]], gone: Mapping[_Key, set[int]]) -> None:
    """Write the postings that other pages come to stand in."""
    keys = weights.keys() | gone.keys()
    rows = Posting.objects.filter(
        block__in={block for _, block in keys}, word__in=db.in_values({word for word, _ in keys})
    )
    changed, emptied = [], []
    there = set()
    for pk, word, block, pages in rows.values_list("pk", "word", "block", "pages"):
        key = (word, block)
        there.add(key)
        if key in keys:
            said = unpacked(block, bytes(pages))
            kept = {page: weight for page, weight in said.items() if page not in gone.get(key, ())}
            after = packed(kept | weights.get(key, {}))
            if not after:
                emptied.append(pk)
            elif after != bytes(pages):
                changed.append((after, pk))
    db.update(Posting, ["pages"], changed)
    db.delete(Posting.objects.filter(pk__in=db.in_values(emptied)))
    db.insert(
        Posting,
        ["word", "block", "pages"],
        [(*key, packed(said)) for key, said in weights.items() if key not in there],
    )


def _count(more: int) -> None:
    """Keep how many pages there are."""
    row = Posting.objects.filter(word="", block=0).values_list("pk", "pages").first()
    state = State((State.read(bytes(row[1])).pages if row else 0) + more, FORMAT).row()
    if row:
        db.update(Posting, ["pages"], [(state, row[0])])
    else:
        db.insert_one(Posting, word="", block=0, pages=state)
