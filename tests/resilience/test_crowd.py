"""Ten editors and twenty readers at once, on two servers and one database.

Editors save, publish, preview, type tags that others type in the same moment, and merge tags. On a busy machine some
wait so long for the others that they are told to try again, with all that they typed.
"""

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
from typing import Any

import pytest

from conditions.admin.expired_forms import BUSY
from conditions.models.published import Change, Version
from tests.resilience import table
from tests.resilience.databases import Database, Reader
from tests.resilience.people import EDITORS
from tests.resilience.processes import Server
from tests.resilience.visitor import Answer, Visitor

pytestmark = pytest.mark.process

SECONDS = float(os.environ.get("FAULTS_SECONDS", "60"))
MOST_SECONDS = 300
"""How much longer they go on at most."""
READERS = 20
PAUSE = 1.0
"""Seconds that a reader looks at a page: without any, twenty readers leave editors no processor."""
SLUGS = ("bells-palsy", "hemifacial-spasm", "trigeminal-neuralgia", "anxiety", "isaacs-syndrome")
"""The conditions that are edited, each by two editors. None is related to another, whose rows its page would show."""
MARK = re.compile(r"Mark\d+x\d+x")
PREVIEWED = "Glance"
"""How the marks begin that are only ever previewed."""
PREVIEW = "Preview: nothing is saved."
OWN_TAG, COMMON_TAG = "Crowd own", "Crowd common"
COMMON_FOR = 3
"""Seconds for which all editors type the same two new tags."""
MERGE = re.compile(r'"(/admin/conditions/tag/\d+)/change/[^"]*"[^>]*>(Crowd [^<]*)<')
WRONG = re.compile("Traceback|deadlock", re.IGNORECASE)
TRIED_AGAIN = "told to try again"


@dataclass
class Crowd:
    """What thirty people at once were told."""

    ends: float
    statuses: Counter[int] = field(default_factory=Counter)
    saved: set[str] = field(default_factory=set)
    tagged: set[str] = field(default_factory=set)
    published: set[str] = field(default_factory=set)
    did: Counter[str] = field(default_factory=Counter)
    torn: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def saw(self, answer: Answer) -> Answer:
        with self.lock:
            self.statuses[answer.status] += 1
        assert answer.status < 500, answer.text[-3000:]
        return answer

    def note(self, what: str) -> None:
        with self.lock:
            self.did[what] += 1

    def goes_on(self) -> bool:
        """Until the time is over, and on a busy machine until they did enough to judge them by."""
        late = time.monotonic() - self.ends
        return not self.failures and (late < 0 or (late < MOST_SECONDS and not self.did_enough()))

    def did_enough(self) -> bool:
        """Whether all publish, read, preview and merge so much that they met each other."""
        read, both = self.did["pages read"], min(self.did["previews"], self.did["merges"])
        return len(self.published) > EDITORS and read > 5 * READERS and both > 0

    def run(self, person: Callable[[], None]) -> threading.Thread:
        """Let a person do what they do until the time is over."""

        def live() -> None:
            try:
                while self.goes_on():
                    person()
            except Exception as error:
                self.failures.append(repr(error))

        return threading.Thread(target=live)


class Editor:
    """Opens the form of one condition, marks its sentence and all notes with one mark, and sends it in turns."""

    def __init__(self, crowd: Crowd, port: int, number: int, address: str) -> None:
        self.crowd, self.number, self.address = crowd, number, address
        self.visitor, self.random = Visitor(port), random.Random(number)
        self.visitor.log_in(f"editor{number}")
        self.turns = number

    def get(self, address: str) -> Answer:
        return self.crowd.saw(self.visitor.get(address))

    def post(self, address: str, fields: dict[str, Any], typed: str) -> Answer | None:
        """The answer to a form; None where others took so long that it asks to try again, with what was typed."""
        answer = self.visitor.post(address, fields)
        if answer.status != 503:
            return self.crowd.saw(answer)
        assert BUSY in html.unescape(answer.text)
        assert typed in answer.text, main_of(answer)
        self.crowd.note(TRIED_AGAIN)
        return None

    def work(self) -> None:
        """One turn: mostly a save, else a look at what a save would make, or two tags made one."""
        self.turns += 1
        if self.turns % 5 == 0:
            self.preview()
        elif self.turns % 5 == 2:
            self.merge()
        else:
            self.save("_publish" if self.turns % 2 else "_savedraft")

    def typed(self, mark: str) -> tuple[dict[str, Any], list[str]]:
        """The form with the mark, and with new tags in the place of those that the crowd typed; these tags."""
        fields = self.get(self.address).fields
        for name in fields:
            if name.endswith("-quotes"):
                fields[name] = [""]  # which say what the notes said
            if name == "summary" or name.endswith("-note"):
                fields[name] = [f"{mark} is here."]
        now = int(time.monotonic()) // COMMON_FOR
        new = [f"{COMMON_TAG} {now} {each}" for each in "ab"] + [f"{OWN_TAG} {self.number} {self.turns // 4}"]
        self.random.shuffle(new)
        fields["tags"] = [tag for tag in fields["tags"] if not tag.startswith("crowd-")] + new
        return fields, new

    def save(self, button: str) -> None:
        """One save, its answer, and what it says."""
        mark = f"Mark{self.number}x{self.turns}x"
        fields, tags = self.typed(mark)
        answer = self.post(self.address, fields | {button: ["1"]}, mark)
        if answer is None:
            return
        if answer.status != 302:
            assert mark in answer.text, "what was typed is there still"
            self.crowd.note("the same tag by another" if "at the same moment" in answer.text else "conflicts shown")
            return
        said = self.get(self.address).text
        with self.crowd.lock:
            self.crowd.saved.add(mark)
            self.crowd.tagged |= set(tags)
            if "Published in edition" in said:
                self.crowd.published.add(mark)

    def preview(self) -> None:
        """Look at what would be published. A conflict is said, and nothing is shown as if it were saved."""
        mark = f"{PREVIEWED}{self.number}x{self.turns}x"
        fields, _ = self.typed(mark)
        answer = self.post(self.address.replace("/change/", "/preview/"), fields, mark)
        if answer is None:
            return
        assert answer.status == 200
        if PREVIEW in answer.text:
            assert mark in answer.text, main_of(answer)
            self.crowd.note("previews")
        else:
            assert re.search("Someone else|at the same moment|There is no tag", answer.text), main_of(answer)
            self.crowd.note("previews that clashed")

    def merge(self) -> None:
        """Make one of two tags of the crowd's, whatever others type or merge at the same time."""
        found = MERGE.findall(self.get("/admin/conditions/tag/?q=crowd").text)
        if len(found) < 2:
            return
        (address, _), (_, into) = self.random.sample(found, 2)
        form = self.get(f"{address}/merge/")
        if form.status != 200:
            self.crowd.note("merges refused")
            return
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        assert token
        slug = into.lower().replace(" ", "-")
        fields = {"csrfmiddlewaretoken": token[1], "into": slug} | self.random.choice([{"publish": "on"}, {}])
        answer = self.post(f"{address}/merge/", fields, slug)
        if answer:
            self.crowd.note("merges" if answer.status == 302 else "merges refused")


def main_of(answer: Answer) -> str:
    """The words of a page, in short."""
    return " ".join(re.sub("<[^>]*>", " ", answer.text.partition("<main")[2]).split())[:1500]


class Person:
    """Reads the pages that are edited: each must show one mark in all its places, or none."""

    def __init__(self, crowd: Crowd, port: int, number: int) -> None:
        self.crowd, self.visitor, self.random = crowd, Visitor(port), random.Random(number)

    def read(self) -> None:
        slug = self.random.choice(SLUGS)
        answer = self.crowd.saw(self.visitor.get(f"/conditions/{slug}/"))
        marks = Counter(MARK.findall(html.unescape(answer.text)))
        assert answer.status == 200
        assert PREVIEWED not in answer.text
        with self.crowd.lock:
            self.crowd.did["pages read"] += 1
            if len(marks) > 1:
                self.crowd.torn.append(f"{slug}: {dict(marks)}")
        time.sleep(PAUSE)


def test_a_crowd_loses_nothing_and_sees_no_torn_page(site, database):
    crowd = Crowd(0)
    with Server(database, site.data) as one, Server(database, site.data) as other:
        ports = (one.port, other.port)
        addresses = addresses_of(Visitor(one.port, site.sessions[0]))
        editors = [Editor(crowd, ports[n // 5 % 2], n, addresses[n % len(SLUGS)]) for n in range(EDITORS)]
        readers = [Person(crowd, ports[number % 2], number) for number in range(READERS)]
        crowd.ends = time.monotonic() + SECONDS
        threads = [crowd.run(editor.work) for editor in editors] + [crowd.run(reader.read) for reader in readers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log = one.log.read_text() + other.log.read_text()
    database.settle()
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
    row.add("saves acknowledged", len(crowd.saved))
    row.add("of them published", len(crowd.published))
    for what, count in sorted(crowd.did.items()):
        row.add(what, count)
    row.add("torn", len(crowd.torn))
    row.add("deadlocks", database.deadlocks())
    row.add("5xx", sum(count for status, count in crowd.statuses.items() if status >= 500))


def judge(crowd: Crowd, database: Database, log: str) -> None:
    """Hold what was told against what is there."""
    wrong = WRONG.search(log)
    assert not wrong, log[max(0, wrong.start() - 3000) : wrong.start() + 3000] if wrong else ""
    assert not crowd.failures, crowd.failures[:3]
    assert set(crowd.statuses) <= {200, 302, 404}, crowd.statuses
    assert database.deadlocks() == 0
    reader = Reader.of(database)
    nothing_is_lost(crowd, reader)
    assert reader.torn() == []
    assert not crowd.torn, (len(crowd.torn), crowd.torn[:3])
    assert not [row for rows in reader.tables.values() for row in rows.values() if PREVIEWED in str(row)]
    assert crowd.did_enough(), crowd.did
    assert crowd.did[TRIED_AGAIN] <= len(crowd.saved) / 4, crowd.did


def nothing_is_lost(crowd: Crowd, reader: Reader) -> None:
    """Whatever an editor was told to be saved or published is in a version, or in an edition's."""
    records = {pk: row["record"] for pk, row in reader.tables[Version].items()}
    kept = {mark for record in records.values() for mark in marks_in(record)}
    assert crowd.saved <= kept, crowd.saved - kept
    names = {record["name"] for record in records.values()}
    assert crowd.tagged <= names, crowd.tagged - names
    gone_out = {row["after_id"] for row in reader.tables[Change].values() if row["after_id"]}
    went_out = {mark for pk in gone_out for mark in marks_in(records[pk])}
    assert crowd.published <= went_out, crowd.published - went_out


def marks_in(record: object) -> set[str]:
    return set(MARK.findall(str(record)))
