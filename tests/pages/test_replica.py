"""Which database an answer comes from, and what happens where the replica fails while a page is made."""

import copy

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, ProgrammingError, connections

from conditions import search_views, unfound
from conditions.page_cache import PageCache
from conditions.replica import ALIAS, Replica
from tests.kept import BELL, OwnCheck, ask


class OnReplica(OwnCheck):
    """Says that what it saw is the replica's."""

    def __init__(self):
        self.where = Replica({})


@pytest.fixture
def replica(world):
    """The queries that went to the replica: another way to the database of the test."""
    twin, asked = copy.copy(connections["default"]), []

    def note(execute, *words):
        asked.append(words[0])
        return execute(*words)

    twin.alias, twin.execute_wrappers, twin.close = ALIAS, [note], lambda: None
    connections[ALIAS] = twin
    yield asked
    del connections[ALIAS]


SIGNED_IN = {"HTTP_COOKIE": "sessionid=abc"}
CASES = [
    (BELL, "GET", {}, True),
    (BELL, "HEAD", {}, True),
    (BELL, "GET", {"HTTP_COOKIE": "theme=dark"}, True),
    ("/search/?q=xyzzyxyzzy", "GET", {}, True),
    ("/nowhere/", "GET", {}, True),
    (BELL, "GET", SIGNED_IN, False),
    ("/search/?q=ear", "GET", SIGNED_IN, False),
    (BELL, "POST", {}, False),
    ("/admin/login/", "GET", {}, False),
    ("/admin/conditions/condition/preview/", "POST", SIGNED_IN, False),
    ("/preview/no-such-link/", "GET", {}, False),
    ("/healthz", "GET", {}, False),
]


@pytest.mark.parametrize(("address", "method", "environ", "is_replica"), CASES)
def test_readers_pages_come_from_the_replica_and_nothing_else_does(replica, address, method, environ, is_replica):
    primary = connections["default"]
    ask(PageCache(WSGIHandler(), OnReplica()), address, method, **environ)
    assert bool(replica) is is_replica
    assert connections["default"] is primary


def test_without_a_replica_that_was_asked_all_comes_from_the_primary(replica):
    ask(PageCache(WSGIHandler(), OwnCheck()), BELL)
    ask(WSGIHandler(), BELL)
    assert replica == []


@pytest.mark.parametrize("error", [OperationalError, ProgrammingError])
@pytest.mark.parametrize("address", [BELL, "/nowhere/"])
def test_a_replica_that_fails_is_left_alone_and_the_page_made_from_the_primary(replica, address, error):
    def fail(*words):
        raise error("gone\nwith what somebody typed")

    expected = ask(WSGIHandler(), address)
    connections[ALIAS].execute_wrappers[:] = [fail]
    check = OnReplica()
    answer = ask(PageCache(WSGIHandler(), check), address)
    assert (answer.status, answer.body) == (expected.status, expected.body)
    assert check.where.failure == "gone"
    assert connections["default"].alias == "default"


def test_a_search_that_is_made_twice_is_counted_once(replica, monkeypatch):
    read = search_views._read

    def fail_once(ids):
        if connections["default"].alias == ALIAS:
            raise OperationalError
        return read(ids)

    monkeypatch.setattr(search_views, "_read", fail_once)
    assert ask(PageCache(WSGIHandler(), OnReplica()), "/search/?q=xyzzyxyzzy").status == 200
    assert unfound._memory.counts == {"xyzzyxyzzy": 1}


def test_what_is_kept_of_one_database_is_not_sent_after_a_look_at_the_other(world):
    cache = PageCache(WSGIHandler(), OwnCheck())
    assert [ask(cache, BELL).cache for _ in range(2)] == ["miss", "hit"]
    cache.check.where = "there"
    assert [ask(cache, BELL).cache for _ in range(2)] == ["miss", "hit"]


def test_what_was_kept_of_the_other_database_meanwhile_is_not_sent(world):
    class Overtaken(PageCache):
        """Another request looks at the first database again, just after this one looked at the other."""

        def _follow(self):
            newest = super()._follow()
            if newest.place == "there":
                self.check.where = "here"
                assert [ask(self, BELL).cache for _ in range(2)] == ["miss", "hit"]
            return newest

    cache = Overtaken(WSGIHandler(), OwnCheck())
    cache.check.where = "there"
    assert ask(cache, BELL).cache == "miss"


def test_where_the_second_question_is_answered_by_an_older_database_all_is_dropped(world, publish):
    class Behind(OwnCheck):
        def since(self, number):
            return [row for row in super().since(number) if row[0] <= number]

    cache = PageCache(WSGIHandler(), Behind())
    assert [ask(cache, BELL).cache for _ in range(2)] == ["miss", "hit"]
    publish("sudden", name="At once")
    assert ask(cache, BELL).cache == "miss"


def test_an_answer_says_its_edition_kept_or_not(cache, publish):
    assert {ask(cache, BELL).headers["X-Edition"], ask(WSGIHandler(), BELL).headers["X-Edition"]} == {"1"}
    publish("sudden", name="At once")
    for address in ("/symptoms/earache/", "/about/"):
        assert ask(cache, address).headers["X-Edition"] == "2"
