"""Whatever is slow, the next reader is answered: slow searches, sitemaps and a flood of logins beside a reader."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.resilience import table
from tests.resilience.editing import PAGE
from tests.resilience.processes import LONGEST, Server
from tests.resilience.visitor import Visitor

pytestmark = pytest.mark.process

SLOW = ("/search/?q=face", "/sitemap-1.xml")
LOGINS = 40
"""More than there are places for."""
PAGES = (PAGE, "/", "/conditions/", "/about/", "/healthz", "/admin/login/")


@pytest.fixture
def held(tmp_path) -> Path:
    return tmp_path


def lines(held: Path, name: str) -> Counter[str]:
    path = held / name
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()


def test_readers_are_answered_while_all_that_is_slow_is_in_flight(site, database, held):
    answers: Counter[tuple[str, int]] = Counter()

    def ask(port: int, path: str) -> None:
        answers[path, Visitor(port).get(path).status] += 1

    def log_in(port: int, name: str) -> None:
        visitor = Visitor(port)
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', visitor.get("/admin/login/").text)[1]
        fields = {"username": name, "password": "wrong", "csrfmiddlewaretoken": token}
        answers["login", visitor.post("/admin/login/", fields).status] += 1

    with Server(database, site.data, DJANGO_SETTINGS_MODULE="tests.resilience.held", HELD=str(held)) as server:
        slow = [threading.Thread(target=ask, args=[server.port, path]) for path in SLOW * 2]
        logins = [threading.Thread(target=log_in, args=[server.port, f"u{n}"]) for n in range(LOGINS)]
        for thread in slow + logins:
            thread.start()
        wait_for(lambda: lines(held, "began").total() == 5)
        for path in PAGES:
            assert Visitor(server.port).get(path).status == 200, path
        assert all(thread.is_alive() for thread in slow), "a slow page is not answered yet"
        assert lines(held, "began") == {"/search/": 2, "/sitemap-1.xml": 2, "hash": 1}
        (held / "go").touch()
        for thread in slow + logins:
            thread.join(LONGEST)
        assert server.log.read_text() == ""
    assert {key for key in answers if key[0] != "login"} == {(path, 200) for path in SLOW}
    assert {status for what, status in answers if what == "login"} == {200, 503}
    row = table.row(f"readers beside slow pages and {LOGINS} logins ({database.vendor})")
    row.tried = len(PAGES)
    row.add("logins told to try again", answers["login", 503])


def wait_for(condition) -> None:
    ends = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)
