"""Queries that found nothing: what counts, what is left out, and how it is written."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.test import Client

from conditions import unfound
from conditions.models import UnfoundQuery
from conditions.schema import Kind
from conditions.search import Found

NOTHING = Found()


def counted() -> dict[str, int]:
    """What is in memory."""
    return dict(unfound._memory.counts)


def written() -> dict[str, int]:
    """What the table says once that is written."""
    unfound.write()
    return dict(UnfoundQuery.objects.values_list("text", "times"))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("zebra", "zebra"),
        ("  Zébra’s   STRIPES! ", "zebras stripes"),
        ("лицо", "лицо"),
        ("tic", "tic"),
        ("x" * 100, "x" * 100),
        ("G51.33", "g51 33"),
        ("in 2019 or 2020", "in 2019 or 2020"),
    ],
)
def test_a_query_is_counted_folded(query, text):
    unfound.note(query, NOTHING)
    assert counted() == {text: 1}


@pytest.mark.parametrize(
    "query",
    [
        *("", "  ", "?!", "ms", "x" * 101, "zebra " * 20, "zebra" + " " * 2000, "\0", "\ud7ff"),
        *("zebra@example.org", "@zebra", "zebra＠example.org"),
        *("zebra 12345", "zebra 555-1234", "(0) 20 79 46", "born 3.10.1984", "１２３４５ zebra", "٣٤٥٦٧ zebra"),
    ],
)
def test_what_is_too_short_too_long_or_personal_is_left_out(query):
    unfound.note(query, NOTHING)
    assert counted() == {}


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        (Found(), True),
        (Found({1: Kind.SYMPTOM}, is_weak=True), True),
        (Found({1: Kind.SYMPTOM}), False),
        (Found(cards=(1,)), False),
        (Found({1: Kind.SYMPTOM}, cards=(1,), is_weak=True), False),
        (Found(is_crisis=True), False),
    ],
)
def test_what_found_something_or_sounds_like_an_emergency_is_left_out(found, counts):
    unfound.note("zebra", found)
    assert bool(counted()) is counts


@pytest.mark.parametrize(
    ("address", "times"),
    [
        ("/search/?q=zebra", 1),
        ("/search/?q=zebra&kind=&tag=&page=", 1),
        ("/search/?q=zebra&page=1", 0),
        ("/search/?q=zebra&kind=symptom", 0),
        ("/search/?q=zebra&tag=sudden", 0),
        ("/search/?q=zebra&exact=1", 0),
        ("/search/?q=zebra&page=2", 0),
        ("/search/?q=earache", 0),
        ("/search/", 0),
        ("/conditions/?q=zebra", 0),
    ],
)
def test_the_search_page_counts_what_is_typed_and_not_what_follows(world, address, times):
    Client().get(address)
    assert counted() == ({"zebra": times} if times else {})
    Client().head(address)
    assert sum(counted().values()) == times, "nobody reads the answer to a HEAD"


def test_a_search_writes_nothing_and_asks_no_more(world, writers, django_assert_num_queries):
    with django_assert_num_queries(0):
        for _ in range(3):
            unfound.note("zebra", NOTHING)

    def refuse(execute, sql, *rest):
        assert sql.lstrip().startswith(("SELECT", "SAVEPOINT", "RELEASE")), sql
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        answer = Client().get("/search/?q=zebra")
    assert (answer.status_code, answer.cookies, counted()) == (200, {}, {"zebra": 4})
    assert not UnfoundQuery.objects.exists()


def test_counts_are_added_up_and_written_once(db):
    for query in ("zebra", "Zebra", "two words"):
        unfound.note(query, NOTHING)
    assert written() == {"zebra": 2, "two words": 1}
    assert counted() == {}
    unfound.note("zebra", NOTHING)
    assert written() == {"zebra": 3, "two words": 1}


def test_where_nothing_was_counted_the_database_is_left_alone(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        unfound.write()


def test_writing_costs_as_much_for_many_as_for_one(db, django_assert_num_queries):
    for number in range(500):
        unfound.note(f"w{number:x}x", NOTHING)
    with django_assert_num_queries(6 if connection.vendor == "sqlite" else 7):
        unfound.write()
    assert UnfoundQuery.objects.count() == 500


def test_memory_is_bounded_and_goes_on_counting_what_it_knows(db, monkeypatch):
    monkeypatch.setattr(unfound, "MOST_COUNTED", 2)
    for query in ("one", "two", "three", "two"):
        unfound.note(query, NOTHING)
    assert counted() == {"one": 1, "two": 2}


def test_the_table_is_bounded_and_lets_go_of_what_was_typed_seldom(db, monkeypatch):
    monkeypatch.setattr(unfound, "MOST_ROWS", 3)
    for query in ("one", "two", "three", "three", "three"):
        unfound.note(query, NOTHING)
    assert written() == {"one": 1, "two": 1, "three": 3}
    for query in ("eight", "seven", "seven"):
        unfound.note(query, NOTHING)
    assert written() == {"three": 3, "seven": 2, "eight": 1}
    for query in ("eight", "eight", "seven"):
        unfound.note(query, NOTHING)
    unfound.note("nine", NOTHING)
    assert written() == {"seven": 3, "eight": 3, "nine": 1}, "the list never stays full for good"
    unfound.note("ten", NOTHING)
    assert written() == {"seven": 3, "eight": 3, "ten": 1}, "what is typed often stays"


def test_a_database_that_fails_keeps_the_counts_and_is_told_of_once(db, monkeypatch, caplog):
    def fail(*args):
        raise OperationalError("database is locked\nDETAIL: zebra")

    unfound.note("zebra", NOTHING)
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(unfound.db, "insert", fail)
        unfound.write()
        unfound.write()
    said = "Queries that found nothing cannot be written; they are counted on: database is locked"
    assert [record.getMessage() for record in caplog.records] == [said]
    unfound.note("zebra", NOTHING)
    assert written() == {"zebra": 2}
    unfound.note("zebra", NOTHING)
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(unfound.db, "update", fail)
        unfound.write()
    assert len(caplog.records) == 2, "it had been written in between"


def test_the_page_answers_while_nothing_can_be_written(world, monkeypatch):
    monkeypatch.setattr(unfound, "_add", lambda counts: 1 / 0)
    assert Client().get("/search/?q=zebra").status_code == 200
    unfound.write()
    assert Client().get("/search/?q=zebra").status_code == 200
    assert counted() == {"zebra": 2}


def test_what_is_counted_while_it_is_written_is_kept(db, monkeypatch):
    add = unfound._add

    def busy(counts):
        unfound.note("zebra", NOTHING)
        add(counts)

    unfound.note("zebra", NOTHING)
    monkeypatch.setattr(unfound, "_add", busy)
    unfound.write()
    assert UnfoundQuery.objects.get().times == 1
    assert counted() == {"zebra": 1}


def test_one_thread_of_a_process_writes(writers):
    unfound.note("earache", Found({1: Kind.SYMPTOM}))
    assert writers == [], "it is started by what is counted"
    asked = [threading.Thread(target=unfound.note, args=["zebra", NOTHING]) for _ in range(8)]
    for one in asked:
        one.start()
    for one in asked:
        one.join()
    assert counted() == {"zebra": 8}
    [writer] = writers
    assert writer["daemon"] is True


def test_a_system_without_threads_left_does_not_fail_the_page(writers, monkeypatch):
    def none_left(**options):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(unfound, "Thread", none_left)
        unfound.note("zebra", NOTHING)
    assert counted() == {"zebra": 1}
    unfound.note("zebra", NOTHING)
    assert len(writers) == 1


class Ended(Exception):
    """Ends what would go on for ever."""


def test_the_thread_writes_every_minute_and_keeps_no_connection(writers, monkeypatch):
    done = []

    def sleep(seconds):
        if len(done) > 4:
            raise Ended
        done.append(seconds)

    monkeypatch.setattr(unfound.time, "sleep", sleep)
    monkeypatch.setattr(unfound, "_add", lambda counts: done.append(dict(counts)))
    monkeypatch.setattr(unfound, "connection", type("Kept", (), {"close": lambda self: done.append("closed")})())
    unfound.note("zebra", NOTHING)
    with suppress(Ended):
        writers[0]["target"]()
    assert done == [60, {"zebra": 1}, "closed", 60, "closed"]


@pytest.mark.process
def test_a_forked_process_counts_for_itself(writers):
    unfound.note("zebra", NOTHING)
    child = os.fork()
    if not child:
        empty = counted() == {}
        unfound.note("gnu", NOTHING)
        os._exit(0 if empty and counted() == {"gnu": 1} and len(writers) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert counted() == {"zebra": 1}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_process_waits_for_another_and_keeps_to_one_bound(monkeypatch):
    monkeypatch.setattr(unfound, "MOST_ROWS", 1)
    monkeypatch.setattr(unfound, "MOST_WAIT", 1)
    unfound.note("zebra", NOTHING)
    other = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("INSERT INTO conditions_unfoundquery (text, times) VALUES ('gnu', 1)")
            assert written() == {}, "it gave way"
            assert counted() == {"zebra": 1}
            cursor.execute("COMMIT")
    finally:
        other.close()
    assert written() == {"zebra": 1}, "the older one went"
