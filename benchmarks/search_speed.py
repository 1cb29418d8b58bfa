"""How fast search is beside SQLite's FTS5, on the same texts in the same run.

python benchmarks/search_speed.py [FOLDER] [--large]: the folder holds documents.jsonl.xz and queries.json of MedQuAD.
Without it, documents and queries are made up. From the second round over the texts on, a word in eight has the number
of the round, so that a larger site has more words. --large adds 500,000 documents.

Times are of the processor in this process. What PostgreSQL does in its own is in the time by the clock alone.
"""

import argparse
import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import Any

import loading
import medquad
from emptysite import empty_site

SIZES = (1_000, 47_000)
LARGE = 500_000
AT_ONCE = 20_000
"""Documents that are put in at once."""
EVERY = 8
MOST_FOUND = 200

Texts = list[tuple[str, str]]
"""Questions with their answers."""


def texts_of(folder: Path | None) -> tuple[Texts, list[str]]:
    """Documents, and queries of them."""
    if folder:
        documents = [medquad.question_of(each) for each in medquad.documents(folder)]
        asked = medquad.queries(folder)
        queries = [query[how] for how in ("summary", "question") for query in asked]
    else:
        chance = random.Random(12)
        documents = [loading.document(number, chance) for number in range(SIZES[1])]
        words = [word for line in loading.WORDS for word in line]
        queries = [" ".join(chance.sample(words, 4)) for _ in range(100)]
    chance = random.Random(47)  # also a small site has documents of all kinds
    return chance.sample([(each["name"], each["answer"]) for each in documents], len(documents)), queries


def documents(texts: Texts, start: int, end: int) -> Iterator[tuple[int, str, str]]:
    """The numbered documents of a site, from 1 on; each round over the texts has words of its own."""
    for number, (name, answer) in enumerate(islice(cycle(texts), start, end), start + 1):
        turn = (number - 1) // len(texts)
        words = answer.split() if turn else []
        words[::EVERY] = [f"{word}{turn}" for word in words[::EVERY]]
        yield number, f"{name} {turn}" if turn else name, " ".join(words) or answer


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor, and by the clock, that some work takes."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - processor, time.perf_counter() - clock


def put(rows: Sequence[tuple[int, str, str]]) -> float:
    """Make live pages of documents; seconds of the processor that putting them into postings takes."""
    from django.db import transaction
    from django.utils import timezone

    from conditions import db
    from conditions.models.published import Page, Version
    from conditions.publishing import postings

    now = timezone.now()
    records = {n: {"kind": "question", "slug": f"q{n}", "name": name, "answer": answer} for n, name, answer in rows}
    with transaction.atomic():
        pages = [(n, "question", f"q{n}", name, "", name, 1) for n, name, _ in rows]
        db.insert(Page, ["id", "kind", "slug", "name", "summary", "sort_key", "edition_id"], pages)
        versions = [(n, n, 1, 3, {}, "", "file", "", now, "") for n, *_ in rows]
        columns = ["id", "page_id", "number", "format", "record", "digest", "origin", "file", "at", "comment"]
        db.insert(Version, columns, versions)
        db.update(Page, ["live_id"], [(n, n) for n, *_ in rows])
        return timed(lambda: postings.put(records))[0]


class Fts5:
    """The same texts in a table of FTS5, in a file of its own, with the stems of Porter."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.open()
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("CREATE VIRTUAL TABLE text USING fts5(name, answer, tokenize='porter unicode61')")

    def open(self) -> None:
        self.connection = sqlite3.connect(self.file, isolation_level=None)
        self.connection.execute(f"PRAGMA mmap_size={1 << 30}")

    def put(self, rows: Iterable[tuple[int, str, str]]) -> None:
        self.connection.execute("BEGIN")
        self.connection.executemany("INSERT INTO text (rowid, name, answer) VALUES (?, ?, ?)", rows)
        self.connection.execute("COMMIT")

    def find(self, words: Iterable[str]) -> list[Any]:
        """The documents that say any of the words, by BM25, a word in a name counting six times."""
        asked = " OR ".join(f'"{word}"' for word in words)
        statement = "SELECT rowid FROM text WHERE text MATCH ? ORDER BY bm25(text, 6, 1), rowid LIMIT ?"
        return self.connection.execute(statement, (asked, MOST_FOUND)).fetchall()


def tail(times: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Half, and nineteen in twenty, of some times of the processor, and the latter by the clock; in milliseconds."""
    processor, clock = (sorted(one) for one in zip(*times, strict=True))
    return tuple(1000 * quantiles(one, n=20)[at] for one, at in ((processor, 9), (processor, 18), (clock, 18)))  # type: ignore[return-value]


def print_speed(size: int, queries: list[str], fts5: Fts5) -> None:
    """Print how long queries take on both, in turn, after one look at each.

    Both are opened again, as by a site that is started after a load: what was written is in the files by then.
    """
    from django.db import connection

    from conditions.search import find
    from conditions.search.words import telling_words

    connection.close()
    fts5.connection.close()
    fts5.open()
    ours, its = [], []
    for query in queries:
        words = telling_words(query)
        find(query), fts5.find(words)
        ours.append(timed(lambda query=query: find(query)))
        its.append(timed(lambda words=words: fts5.find(words)))
    for name, of_ours, of_its in zip(("p50", "p95", "p95 by the clock"), tail(ours), tail(its), strict=True):
        print(f"{size:7} documents, {name}: {of_ours:.2f} ms, FTS5 {of_its:.2f} ms, ratio {of_ours / of_its:.2f}")


def main(folder: Path | None, sizes: Sequence[int]) -> None:
    texts, queries = texts_of(folder)
    with empty_site() as files:
        from django.db import connection
        from django.utils import timezone

        from conditions import db
        from conditions.models.published import Edition

        print(f"on {connection.vendor}")
        db.insert_one(Edition, number=1, at=timezone.now(), note="")
        fts5 = Fts5(files / "fts5.sqlite3")
        held = 0
        for size in sizes:
            ours = its = 0.0
            for start in range(held, size, AT_ONCE):
                rows = list(documents(texts, start, min(size, start + AT_ONCE)))
                ours += put(rows)
                its += timed(lambda rows=rows: fts5.put(rows))[0]
            rates = [(size - held) / seconds for seconds in (ours, its)]
            print(
                f"{size:7} documents, put in: {rates[0]:.0f}/s, FTS5 {rates[1]:.0f}/s, ratio {rates[0] / rates[1]:.2f}"
            )
            held = size
            print_speed(size, queries, fts5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--large", action="store_true", help=f"{LARGE:,} documents too")
    given = parser.parse_args()
    main(given.folder, [*SIZES, LARGE] if given.large else SIZES)
