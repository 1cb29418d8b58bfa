"""What is published on one server, the other shows to the next reader."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from tests.resilience import table
from tests.resilience.editing import PAGE, edit
from tests.resilience.processes import Server
from tests.resilience.visitor import Visitor

pytestmark = pytest.mark.process

ROUNDS = 6
TIMES, ASKED = 20, 104
"""Commits, and what is asked after each."""


def test_what_one_server_publishes_the_other_shows_at_the_next_request(site, database):
    with Server(database, site.data) as one, Server(database, site.data) as other:
        for number in range(ROUNDS):
            here, there = (one, other) if number % 2 else (other, one)
            words = f"Published in round {number}."
            assert words not in Visitor(there.port).get(PAGE).text
            assert edit(here, site.sessions[0], words).status == 302
            for server in (there, here):
                assert words in Visitor(server.port).get(PAGE).text
                assert words in Visitor(server.port).get("/conditions/").text
                assert PAGE in Visitor(server.port).get(f"/search/?q=round+{number}").text
            table.row(f"published on one server, read on the other ({database.vendor})").trial("there at once")


def test_nobody_reads_old_words_after_a_commit(site, database):
    """Readers of both servers, all the time: once a save has answered, no page that shows its words shows others."""
    pages = (PAGE, "/conditions/", f"{PAGE}?utm_source=letter")
    stale: list[str] = []
    seen: Counter[str] = Counter()

    def read(port: int, words: str) -> None:
        visitor = Visitor(port)
        for number in range(ASKED // 8):
            answer = visitor.get(pages[number % len(pages)])
            seen[answer.headers.get("Server-Timing", "")] += 1
            if words not in answer.text:
                stale.append(f"{answer.status} at {port}, {words}")

    with Server(database, site.data) as one, Server(database, site.data) as other:
        for number in range(TIMES):
            words = f"Committed as number {number}."
            assert edit((one, other)[number % 2], site.sessions[0], words).status == 302
            readers = [threading.Thread(target=read, args=[server.port, words]) for server in (one, other) * 4]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
    row = table.row(f"asked right after a commit, two servers ({database.vendor})")
    assert stale == []
    assert seen.total() >= 2000
    assert seen["cache;desc=hit"] > seen["cache;desc=miss"] > 0
    row.trial(f"the new words, {seen.total()} times")
