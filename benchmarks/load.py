"""All at once, for two minutes: readers at full speed, two editors, searches, and a reload of 47,000 entries.

python benchmarks/load.py [--seconds N] [--entries N]: on SQLite, or on the PostgreSQL that DATABASE_URL names
(tests/with_postgres.sh), in a database of its own that is thrown away. Two servers share it.

It counts what must not be: answers of 5xx, pages that are older than the last save that was answered before they were
asked for, saves that were answered and are in no version, and lines of the logs that say that the database is locked.
An editor who waits for the reload longer than a save waits is told to try again (503) with what was typed: counted by
itself. Ends with 1 if anything else went wrong.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "facehealth.settings"
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="facehealth-load-")

import django

django.setup()

import loading  # noqa: E402

from tests.resilience import databases  # noqa: E402
from tests.resilience.databases import Database  # noqa: E402
from tests.resilience.processes import ROOT, Server, environment, finish, manage  # noqa: E402
from tests.resilience.visitor import Visitor  # noqa: E402

EDITED = ("bells-palsy", "hemifacial-spasm")
OTHERS = ("/", "/conditions/", "/symptoms/facial-drooping/", "/a-z/", "/changes/", "/questions/", "/face/")
READERS = 4
PREPARING = 300
"""Seconds that the first load may take."""
LOADING = 600
"""Seconds that the load beside all others may take."""
MARK = re.compile(r"Load (\d+) is here")
CANNOT_WORK = re.compile("Traceback|locked|deadlock", re.IGNORECASE)


class Load:
    """What was asked and what came of it."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.committed = dict.fromkeys(EDITED, 0)
        self.statuses: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self.waits: dict[str, list[float]] = {"page": [], "search": [], "save": []}
        self.wrong: list[str] = []

    def goes_on(self) -> bool:
        return time.monotonic() < self.ends

    def read(self, port: int, number: int) -> None:
        """Read pages at full speed, on one connection that is kept: every third is one that is edited."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        chance = random.Random(number)
        while self.goes_on():
            slug = chance.choice(EDITED)
            path = f"/conditions/{slug}/" if chance.random() < 0.34 else chance.choice(OTHERS)
            known = self.committed[slug]
            text = self._get(connection, path, "page")
            said = MARK.search(text)
            if path == f"/conditions/{slug}/" and known and (not said or int(said[1]) < known):
                self.wrong.append(f"{path} is of {said and said[1]}, and {known} was saved before it was asked for")

    def search(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        chance = random.Random(port)
        words = sorted({word for line in loading.WORDS for word in line})
        while self.goes_on():
            self._get(connection, f"/search/?{urlencode({'q': ' '.join(chance.sample(words, 3))})}", "search")

    def _get(self, connection: http.client.HTTPConnection, path: str, what: str) -> str:
        began = time.perf_counter()
        connection.request("GET", path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        text = answer.read().decode()
        self.waits[what].append(time.perf_counter() - began)
        self.statuses[f"{what} {answer.status}"] += 1
        self.hits[answer.headers.get("Server-Timing", "").partition("desc=")[2]] += 1
        if answer.status >= 500:
            self.wrong.append(f"{path} answered {answer.status}")
        return text

    def edit(self, port: int, session: str, slug: str) -> None:
        """Publish a page with a new sentence, again and again."""
        visitor = Visitor(port, session)
        found = visitor.get(f"/admin/conditions/condition/?{urlencode({'q': slug})}").text
        address = re.search(r'"(/admin/conditions/condition/\d+/change/)', found)
        assert address, found[-2000:]
        number = 0
        while self.goes_on():
            number += 1
            fields = visitor.get(address[1]).fields
            began = time.perf_counter()
            answer = visitor.post(address[1], fields | {"summary": [f"Load {number} is here."], "_publish": ["1"]})
            self.waits["save"].append(time.perf_counter() - began)
            self.statuses[f"save {answer.status}"] += 1
            if answer.status == 302:
                self.committed[slug] = number
            elif answer.status != 503 or f"Load {number} is here" not in answer.text:
                self.wrong.append(f"a save answered {answer.status}")
            time.sleep(0.2)

    def report(self) -> None:
        for what, waits in self.waits.items():
            cuts = quantiles(waits, n=100) if len(waits) > 1 else waits * 99
            spread = f"p50 {cuts[49] * 1000:.1f}, p99 {cuts[98] * 1000:.1f} ms, longest {max(waits):.1f} s"
            print(f"{what}: {len(waits)}, {spread}")
        print("answers:", ", ".join(f"{count} {what}" for what, count in sorted(self.statuses.items())))
        print("page cache:", ", ".join(f"{count} {what or 'passed by'}" for what, count in sorted(self.hits.items())))


@contextmanager
def prepared(data: Path) -> Iterator[tuple[Database, list[str]]]:
    """A database with all content, and sessions of publishers."""
    database = databases.fresh(data)
    try:
        command = [sys.executable, "-m", "tests.resilience.prepare", str(ROOT / "fixtures")]
        told = environment(database.url, data)
        done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=PREPARING)
        assert done.returncode == 0, done.stderr
        yield database, json.loads(done.stdout)
    finally:
        database.drop()


def lost(database: Database, load: Load) -> list[str]:
    """The saves that were answered and are in no version."""
    rows = database.query("SELECT record FROM conditions_version")
    kept: dict[str, set[int]] = {slug: set() for slug in EDITED}
    for (record,) in rows:
        said = record if isinstance(record, dict) else json.loads(record)
        if said["slug"] in kept and (mark := MARK.search(said.get("summary", ""))):
            kept[said["slug"]].add(int(mark[1]))
    return [f"{slug}: {load.committed[slug]}" for slug in EDITED if load.committed[slug] not in kept[slug] | {0}]


def main(seconds: float, entries: int) -> int:
    data = Path(os.environ["DATA_DIR"])
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, data)
        database, sessions = stack.enter_context(prepared(data))
        chance = random.Random(25)
        bulk = data / "bulk.jsonl"
        loading.write_ours(bulk, [loading.document(number, chance) for number in range(entries)])
        servers = [stack.enter_context(Server(database, data)) for _ in range(2)]
        load = Load(seconds)
        people: list[Callable[[], None]] = []
        for number in range(READERS):
            people.append(lambda number=number: load.read(servers[number % 2].port, number))  # type: ignore[misc]
        people.append(lambda: load.search(servers[0].port))
        for server, session, slug in zip(servers, sessions, EDITED, strict=False):
            people.append(lambda server=server, session=session, slug=slug: load.edit(server.port, session, slug))  # type: ignore[misc]
        threads = [threading.Thread(target=person) for person in people]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        status, said = finish(manage(database, data, "loaddata", str(bulk)), LOADING)
        print(f"{database.vendor}: {entries} entries loaded beside all in {time.monotonic() - began:.0f} s")
        if status:
            load.wrong.append(f"the reload ended with {status}: {said[-500:]}")
        for thread in threads:
            thread.join()
        load.report()
        load.wrong += [f"answered, and in no version: {one}" for one in lost(database, load)]
        logs = [server.log.read_text() for server in servers]
        load.wrong += [found[0] for log in logs if (found := CANNOT_WORK.search(log))]
    print(f"{len(load.wrong)} wrong", *load.wrong[:20], sep="\n")
    return 1 if load.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--entries", type=int, default=47_000)
    options = parser.parse_args()
    sys.exit(main(options.seconds, options.entries))
