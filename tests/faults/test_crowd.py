"""Ten editors and twenty readers at once, on two servers and one database."""

from __future__ import annotations

import html
import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults import table
from tests.faults.databases import Database, Reader
from tests.faults.people import EDITORS
from tests.faults.processes import Server
from tests.faults.visitor import Answer, Visitor

SECONDS = float(os.environ.get("FAULTS_SECONDS", "20"))
READERS = 20
SLUGS = ("bells-palsy", "hemifacial-spasm", "trigeminal-neuralgia", "tmj-disorder", "blepharospasm")
"""The conditions that are edited, each by two editors."""
MARK = re.compile(r"Mark\d+x\d+x")


@dataclass
class Crowd:
    """What thirty people at once were told."""

    ends: float
    statuses: Counter[int] = field(default_factory=Counter)
    saved: set[str] = field(default_factory=set)
    published: set[str] = field(default_factory=set)
    refused: int = 0
    read: int = 0
    torn: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def saw(self, answer: Answer) -> Answer:
        with self.lock:
            self.statuses[answer.status] += 1
        return answer

    def goes_on(self) -> bool:
        return time.monotonic() < self.ends and not self.failures

    def run(self, person: Callable[[], None]) -> threading.Thread:
        """Let somebody do what they do until the time is over."""

        def live() -> None:
            try:
                while self.goes_on():
                    person()
            except Exception as error:
                self.failures.append(repr(error))

        return threading.Thread(target=live)


class Editor:
    """Opens the form of one condition, marks its sentence and all notes with one mark, and saves or publishes."""

    def __init__(self, crowd: Crowd, port: int, number: int, address: str) -> None:
        self.crowd, self.number, self.address = crowd, number, address
        self.visitor = Visitor(port)
        self.visitor.log_in(f"editor{number}")
        self.saves = 0

    def work(self) -> None:
        """One save, its answer, and what it says."""
        self.saves += 1
        mark = f"Mark{self.number}x{self.saves}x"
        fields = self.crowd.saw(self.visitor.get(self.address)).fields
        for name in fields:
            if name == "summary" or name.endswith("-note"):
                fields[name] = [f"{mark} is here."]
        button = "_publish" if self.saves % 3 else "_savedraft"
        answer = self.crowd.saw(self.visitor.post(self.address, fields | {button: ["1"]}))
        if answer.status != 302:
            with self.crowd.lock:
                self.crowd.refused += 1
            return
        said = self.crowd.saw(self.visitor.get(self.address)).text
        with self.crowd.lock:
            self.crowd.saved.add(mark)
            if "Published in edition" in said:
                self.crowd.published.add(mark)


class Person:
    """Reads the pages that are edited: each must show one mark in all its places, or none."""

    def __init__(self, crowd: Crowd, port: int, number: int) -> None:
        self.crowd, self.visitor, self.random = crowd, Visitor(port), random.Random(number)

    def read(self) -> None:
        slug = self.random.choice(SLUGS)
        answer = self.crowd.saw(self.visitor.get(f"/conditions/{slug}/"))
        marks = Counter(MARK.findall(html.unescape(answer.text)))
        with self.crowd.lock:
            self.crowd.read += 1
            if len(marks) > 1:
                self.crowd.torn.append(f"{slug}: {dict(marks)}")


def test_a_crowd_loses_nothing_and_sees_no_torn_page(house, database):
    crowd = Crowd(0)
    with Server(database, house.data) as one, Server(database, house.data) as other:
        ports = (one.port, other.port)
        addresses = addresses_of(Visitor(one.port, house.sessions[0]))
        editors = [Editor(crowd, ports[n // 5 % 2], n, addresses[n % len(SLUGS)]) for n in range(EDITORS)]
        readers = [Person(crowd, ports[number % 2], number) for number in range(READERS)]
        crowd.ends = time.monotonic() + SECONDS
        threads = [crowd.run(editor.work) for editor in editors] + [crowd.run(reader.read) for reader in readers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log = one.log.read_text() + other.log.read_text()
    report(crowd, database)
    judge(crowd, database, log)


def addresses_of(visitor: Visitor) -> list[str]:
    """The forms of the conditions that are edited."""
    found = []
    for slug in SLUGS:
        text = visitor.get(f"/admin/conditions/condition/?q={slug}").text
        for address in dict.fromkeys(re.findall(r'"(/admin/conditions/condition/\d+/change/)', text)):
            if visitor.get(address).fields["slug"] == [slug]:
                found.append(address)
    assert len(found) == len(SLUGS)
    return found


def report(crowd: Crowd, database: Database) -> None:
    row = table.row(f"{EDITORS} editors, {READERS} readers, {SECONDS:.0f} s ({database.vendor})")
    row.tried = sum(crowd.statuses.values())
    row.add("pages read", crowd.read)
    row.add("torn", len(crowd.torn))
    row.add("saves acknowledged", len(crowd.saved))
    row.add("of them published", len(crowd.published))
    row.add("clashes shown", crowd.refused)
    row.add("5xx", sum(count for status, count in crowd.statuses.items() if status >= 500))


def judge(crowd: Crowd, database: Database, log: str) -> None:
    """Hold what was told against what is there."""
    assert not crowd.failures, crowd.failures[:3]
    assert set(crowd.statuses) <= {200, 302}, crowd.statuses
    assert "locked" not in log, log[-2000:]
    assert "Traceback" not in log, log[-2000:]
    kept = {mark for (record,) in database.query("SELECT record FROM conditions_version") for mark in marks_in(record)}
    assert crowd.saved <= kept, crowd.saved - kept
    gone_out = database.query(
        "SELECT record FROM conditions_version JOIN conditions_change ON after_id = conditions_version.id"
    )
    went_out = {mark for (record,) in gone_out for mark in marks_in(record)}
    assert crowd.published <= went_out, crowd.published - went_out
    assert len(crowd.published) > EDITORS
    assert crowd.read > 5 * READERS
    assert Reader.of(database).torn() == []
    assert not crowd.torn, (len(crowd.torn), crowd.torn[:3])


def marks_in(record: object) -> set[str]:
    return set(MARK.findall(str(record)))
