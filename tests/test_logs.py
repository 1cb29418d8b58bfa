"""The log: one line of key=value pairs a request, every line with the id that the reader saw."""

import io
import logging
import re

import pytest
from axes.models import AccessAttempt
from django.conf import settings as all_settings
from django.contrib.auth.models import User
from django.test import Client

from conditions import search_views
from facehealth import logs

LINE = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')


@pytest.fixture
def log(monkeypatch):
    """What is logged, through the formatter of the settings, with lines for requests on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.KeyValueFormatter())
    monkeypatch.setattr(logging.root, "handlers", [handler])
    monkeypatch.setattr(logs.logger, "level", logging.INFO)
    logs.logger.manager._clear_cache()
    yield lambda: stream.getvalue().splitlines()
    logs.logger.manager._clear_cache()


def pairs(line: str) -> dict[str, str]:
    return dict(LINE.findall(line))


def test_log_formatter_is_the_one_of_the_settings():
    assert all_settings.LOGGING["formatters"]["key_value"]["()"] == "facehealth.logs.KeyValueFormatter"
    assert all_settings.MIDDLEWARE[0] == "facehealth.logs.LogMiddleware"


def test_request_is_one_line(client, db, log):
    answer = client.get("/about/", headers={"X-Request-ID": "abc.DEF-12_34"})
    [line] = log()
    found = pairs(line)
    assert list(found) == ["time", "level", "request_id", "method", "path", "status", "edition", "duration_ms"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["time"])
    assert found["request_id"] == answer["X-Request-ID"] == "abc.DEF-12_34"
    assert (found["method"], found["path"], found["status"], found["level"]) == ("GET", "/about/", "200", "INFO")
    assert 0 < float(found["duration_ms"]) < 10_000


@pytest.mark.parametrize("given", ["", "short", "x" * 65, 'a"b c=d e', "abcdefgh\nlevel=ERROR", "ünïcödé-id"])
def test_request_id_that_is_not_sane_is_replaced(client, db, log, given):
    answer = client.get("/about/", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{16}", answer["X-Request-ID"])
    assert pairs(log()[0])["request_id"] == answer["X-Request-ID"]
    assert client.get("/about/")["X-Request-ID"] != answer["X-Request-ID"]


def test_line_holds_no_words_that_a_reader_searched_for(client, db, log):
    client.get("/search/?q=shameful")
    assert "shameful" not in "".join(log())


def test_path_cannot_forge_a_line(client, db, log):
    client.get('/x%0Alevel=ERROR%20"status=200 é/')
    [line] = log()
    assert pairs(line)["status"] == "404"
    assert "\n" not in line
    assert line.isascii()


def test_line_names_the_editor_in_the_admin_and_nobody_elsewhere(db, log):
    editor = User.objects.create_user("zoë lund", password="a long quiet sentence", is_staff=True)
    client = Client()
    client.force_login(editor)
    client.get("/admin/")
    client.get("/about/")
    admin, public = log()
    assert pairs(admin)["user"] == '"zo\\u00eb lund"'
    assert "user" not in pairs(public)


def test_line_has_the_edition_where_the_view_noted_it(rf, log):
    def view(request):
        request.edition = 7
        return logs.HttpResponse("ok")

    logs.LogMiddleware(view)(rf.get("/conditions/"))
    assert pairs(log()[0])["edition"] == "7"


def test_fault_shows_its_id_to_the_reader_and_its_trace_to_the_log(client, db, log, monkeypatch):
    def fail(query, **options):
        raise ValueError("a secret")

    monkeypatch.setattr(search_views, "find", fail)
    client.raise_request_exception = False
    answer = client.get("/search/?q=x")
    page, request_id = answer.content.decode(), answer["X-Request-ID"]
    assert answer.status_code == 500
    assert f"<code>{request_id}</code>" in page
    assert "secret" not in page
    assert "Traceback" not in page
    error, *trace, line = log()
    assert pairs(error)["level"] == "ERROR"
    assert pairs(error)["request_id"] == pairs(line)["request_id"] == request_id
    assert pairs(line)["status"] == "500"
    assert trace[0] == "    Traceback (most recent call last):"
    assert trace[-1] == "    ValueError: a secret"
    assert all(each.startswith("    ") for each in trace)


def test_health_check_is_logged_only_when_it_fails(client, db, log, monkeypatch):
    client.get("/healthz")
    assert log() == []
    monkeypatch.setattr("conditions.machines._migrations", lambda: frozenset({("conditions", "9999_later")}))
    client.get("/healthz")
    found = [pairs(line) for line in log()]
    assert [each["level"] for each in found] == ["INFO", "ERROR"]
    assert found[0]["request_id"] == found[1]["request_id"]


def test_request_is_not_logged_unless_it_is_wanted(client, db, capsys):
    client.get("/about/")
    assert "request_id" not in capsys.readouterr().err
    assert not logs.logger.isEnabledFor(logging.INFO)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain/word", "plain/word"),
        (200, "200"),
        ("", '""'),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('say "x"', r'"say \"x\""'),
        ("line\nbreak\x1b[31m\u2028", r'"line\nbreak\u001b[31m\u2028"'),
    ],
)
def test_value_is_quoted_where_it_is_no_plain_word(value, shown):
    assert logs.in_line(value) == shown


def test_lock_out_is_one_line_that_says_who_and_from_where(db, log, settings):
    settings.AXES_ENABLED = True
    login = {"username": "zoë lund", "password": "a secret"}
    answers = [Client().post("/admin/login/", login, REMOTE_ADDR="203.0.113.7") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 3
    found = [pairs(line) for line in log() if "level=WARNING" in line]
    assert [(one["event"], one["username"], one["address"], one["minutes"]) for one in found] == [
        ("locked_out", '"zo\\u00eb lund"', "203.0.113.7", "15")
    ]
    assert found[0]["request_id"] == answers[4]["X-Request-ID"]
    assert len(log()) == 8
    assert "secret" not in "".join(log())


def test_failed_login_keeps_no_text_of_a_form(db, settings):
    settings.AXES_ENABLED = True
    Client().post("/admin/login/", {"username": "ana", "password": "a secret", "preserved": "what was typed"})
    kept = str(AccessAttempt.objects.values().get())
    assert "ana" in kept
    assert "secret" not in kept
    assert "what was typed" not in kept
