"""Error pages: calm, with a search box, and without the database where that may be the trouble."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection

from conditions import machines, search_views


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ValueError("secret"), 500, "Something went wrong"),
        (SuspiciousOperation("secret"), 400, "We could not read that"),
        (PermissionDenied("secret"), 403, "You do not have permission to do that"),
    ],
)
def test_error_page_is_calm(client, db, monkeypatch, django_assert_num_queries, error, status, words):
    def fail(query, **options):
        raise error

    monkeypatch.setattr(search_views, "find", fail)
    client.raise_request_exception = False
    with django_assert_num_queries(0):
        answer = client.get("/search/?q=x")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert 'name="q"' in answer.content.decode()
    assert "secret" not in answer.content.decode()
    assert not answer.cookies


def test_unknown_host_is_a_bad_request(client, db):
    answer = client.get("/about/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_healthz_says_ok(client, db):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer["Cache-Control"] == "no-store"


def test_healthz_fails_while_a_migration_is_missing(client, db, monkeypatch):
    monkeypatch.setattr(machines, "_migrations", lambda: frozenset({("conditions", "9999_later")}))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"not ready")


def test_healthz_fails_where_the_database_does_not_answer(client, db):
    def fail(execute, *args):
        raise OperationalError("secret")

    with connection.execute_wrapper(fail):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"not ready")


def test_a_missing_page_is_one_also_where_the_database_does_not_answer(client, db):
    def fail(execute, *args):
        raise OperationalError("secret")

    with connection.execute_wrapper(fail):
        answer = client.post("/no-such-page/")
    assert answer.status_code == 404
    assert "suddenly dropped" not in answer.content.decode()
