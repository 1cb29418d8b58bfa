"""Processes killed in the middle of writing: all of it is there, or none, and the next run completes."""

from __future__ import annotations

import http.client
import random
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.resilience import table
from tests.resilience.databases import Database, Picture, differing, picture
from tests.resilience.processes import Server, finish, kill, manage
from tests.resilience.visitor import Visitor

pytestmark = pytest.mark.process

KILLS = 20
BY_CLOCK = 6
"""How many of the kills come at moments of the whole run; the rest while it writes."""

CONDITION = "/conditions/bells-palsy/"


@contextmanager
def copy_of(template: Database) -> Iterator[Database]:
    made = template.copy()
    try:
        yield made
    finally:
        made.drop()


@dataclass
class Timing:
    """When, after its start, a run began to write, when it had written, and when it ended."""

    begins: float
    ends: float
    whole: float


class Aim:
    """When to kill next. The first moments are spread over the whole run; the rest close in on the commit.

    They are counted from the first writing on: longer after a run that had written nothing, shorter after one
    that had written all, and scattered around that.
    """

    def __init__(self, timing: Timing) -> None:
        self.whole, self.delay = timing.whole, max(0.002, (timing.ends - timing.begins) / 2)
        self.random = random.Random(4)

    def moment(self, number: int) -> tuple[bool, float]:
        """Whether to wait until it writes, and for how long then."""
        if number < BY_CLOCK:
            return False, self.whole * (number + 0.5) / BY_CLOCK
        return True, self.delay * self.random.uniform(0.5, 1.5)

    def learn(self, number: int, outcome: str) -> None:
        """Aim better by what came of a kill."""
        if number >= BY_CLOCK:
            self.delay *= {"nothing": 1.5, "all": 0.6}.get(outcome, 1)


def timed(database: Database, alive: Callable[[], bool]) -> Timing:
    """Watch a run that has just been started until it ends."""
    start = time.monotonic()
    written = []
    with database.watch() as is_written:
        while alive():
            if is_written():
                written.append(time.monotonic() - start)
            time.sleep(0.0005)
    assert written, "it was not seen to write"
    return Timing(written[0], written[-1], time.monotonic() - start)


def wait_for(database: Database, moment: tuple[bool, float], alive: Callable[[], bool]) -> None:
    """Wait until the moment to kill has come."""
    wait_for_writing, delay = moment
    if wait_for_writing:
        with database.watch() as is_written:
            while alive() and not is_written():
                time.sleep(0.0002)
    time.sleep(delay)


def which(database: Database, pictures: dict[str, Picture]) -> str:
    """Which of the known pictures the database shows; AssertionError if none."""
    database.settle()
    found = picture(database)
    for name, one in pictures.items():
        if found == one:
            return name
    raise AssertionError({name: differing(one, found) for name, one in pictures.items()})


def two_at_a_time(trial: Callable[[tuple[bool, float]], str], timing: Timing) -> None:
    """Kill so many times, on two processors. A trial gets the moment, and gives what had been written then."""
    aim = Aim(timing)

    def one(number: int) -> None:
        aim.learn(number, trial(aim.moment(number)))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(KILLS)))


# A reload


@pytest.fixture(scope="module")
def changed(site) -> Path:
    """The content with most sentences changed, a new symptom with a new tag, and a relation taken out."""
    folder = Path(shutil.copytree(site.fixtures, site.data / "changed" / "fixtures"))
    for path in folder.rglob("*.yaml"):
        text = path.read_text("utf-8")
        text = re.sub(r"^(    (?:summary|note): [A-Z].*)\.$", r"\1, as changed.", text, flags=re.MULTILINE)
        path.write_text(text, "utf-8")
    (folder / "tags/brand-new.yaml").write_text(
        "- model: conditions.tag\n  fields:\n    slug: brand-new\n    name: Brand new\n    group: topic\n"
    )
    (folder / "symptoms/new-symptom.yaml").write_text(
        "- model: conditions.symptom\n  fields:\n    slug: new-symptom\n    name: New symptom\n"
        "    summary: It is new.\n    tags:\n    - brand-new\n"
    )
    return folder


def test_a_reload_killed_at_any_moment_wrote_all_or_nothing(site, changed):
    def load(database: Database):
        return manage(database, site.data, "loaddata", str(changed))

    pictures = {"nothing": picture(site.template)}
    with copy_of(site.template) as whole:
        process = load(whole)
        timing = timed(whole, lambda: process.poll() is None)
        status, said = finish(process)
        assert (status, "Edition 2." in said) == (0, True), said
        pictures["all"] = picture(whole)
    assert len(differing(*pictures.values())) > 8
    row = table.row(f"loaddata killed ({site.template.vendor})")

    def trial(moment: tuple[bool, float]) -> str:
        with copy_of(site.template) as database:
            process = load(database)
            wait_for(database, moment, lambda: process.poll() is None)
            kill(process)
            found = which(database, pictures)
            row.trial(found)
            assert finish(load(database))[0] == 0
            assert which(database, pictures) == "all"
            row.add("completed by the next run")
            return found

    two_at_a_time(trial, timing)
    assert row.tried == KILLS
    assert set(row.came) >= {"nothing", "all"}, "the kills came on both sides of the commit"


# A publish


class Desk:
    """An editor who changes Bell’s palsy in the admin of a server."""

    def __init__(self, server: Server, session: str) -> None:
        self.visitor = Visitor(server.port, session)
        found = re.search(r'"(/admin/conditions/condition/\d+/change/)"[^>]*>Bell', self._list())
        assert found
        self.address = found[1]

    def _list(self) -> str:
        return self.visitor.get("/admin/conditions/condition/").text

    def type(self, button: str) -> dict[str, list[str]]:
        """The form as typed: its sentence and every note of a relation changed, a button pressed."""
        fields = self.visitor.get(self.address).fields
        for name in fields:
            if name == "summary" or name.endswith("-note"):
                fields[name] = ["Changed by an editor."]
            elif name.endswith("-quotes"):
                fields[name] = [""]  # which say what the notes said
        return fields | {button: ["1"]}

    def send(self, fields: dict[str, list[str]]) -> int:
        return self.visitor.post(self.address, fields).status

    def post_in_background(self, fields: dict[str, list[str]]) -> threading.Thread:
        """Send the form from another thread, which ends when an answer comes or the server dies."""

        def send() -> None:
            with suppress(OSError, http.client.HTTPException):
                self.send(fields)

        thread = threading.Thread(target=send)
        thread.start()
        return thread


def pictures_of_publishing(site) -> tuple[dict[str, Picture], Timing]:
    """What there is before and after a form was sent to be published, and when it was written."""
    pictures = {"nothing": picture(site.template)}
    with copy_of(site.template) as database:
        with Server(database, site.data) as server:
            desk = Desk(server, site.sessions[0])
            thread = desk.post_in_background(desk.type("_publish"))
            timing = timed(database, thread.is_alive)
            thread.join()
            assert "Changed by an editor." in Visitor(server.port).get(CONDITION).text
        database.settle()
        pictures["all"] = picture(database)
    return pictures, timing


def test_a_publish_killed_at_any_moment_saved_and_moved_all_or_nothing(site):
    """Pressing Publish saves and publishes in one transaction: no kill leaves the version without the edition."""
    pictures, timing = pictures_of_publishing(site)
    changed = {said.partition(":")[0] for said in differing(*pictures.values())}
    assert {"Condition", "Version", "Edition", "Page", "Link"} <= changed
    row = table.row(f"server killed while publishing ({site.template.vendor})")

    def trial(moment: tuple[bool, float]) -> str:
        with copy_of(site.template) as database:
            with Server(database, site.data) as server:
                desk = Desk(server, site.sessions[0])
                thread = desk.post_in_background(desk.type("_publish"))
                wait_for(database, moment, thread.is_alive)
                server.kill()
                thread.join()
            found = which(database, pictures)
            row.trial(found)
            with Server(database, site.data) as server:
                shows_one_edition(Visitor(server.port))
                desk = Desk(server, site.sessions[0])
                assert desk.send(desk.type("_publish")) == 302
                shows_one_edition(Visitor(server.port))
            assert which(database, pictures) == "all"
            row.add("completed by the next run")
            return found

    two_at_a_time(trial, timing)
    assert row.tried == KILLS
    assert set(row.came) >= {"nothing", "all"}, "the kills came on both sides of the commit"


def shows_one_edition(reader: Visitor) -> None:
    """The page's sentence and all of its notes were changed, or none was."""
    page = reader.get(CONDITION)
    assert page.status == 200
    changed = page.text.count("Changed by an editor.")
    assert changed in (0, page.text.count("Changed")), changed
    assert changed == 0 or changed > 3
