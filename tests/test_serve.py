"""`manage.py serve`: brings everything up to date, says when it is ready, stops cleanly."""

import errno
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection

from facehealth import server

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def taken_port():
    """A port on which something else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """`manage.py serve` in a process of its own, on SQLite in `data`."""

    def __init__(self, data: Path, port: int, *, without: Sequence[str] = ("DATABASE_URL",)) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(tuple(without))}
        self.port, self.said = port, []
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "serve"],
            env=kept | {"DATA_DIR": str(data), "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_until_ready(self) -> "Site":
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if "/admin/" in line:
                return self
        raise AssertionError("\n".join(self.said))

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            asked.request("GET", path, headers=headers)
            answer = asked.getresponse()
            return answer, answer.read()
        finally:
            asked.close()

    def workers(self) -> list[int]:
        """The processes that answer, by id: what the one that waits has started, but for Python's own tracker."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """Signal every process, as a terminal does with Ctrl-C. The exit status, and what was said since."""
        os.killpg(self.process.pid, number)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        rest = self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(timeout=20), rest


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def site(data):
    site = Site(data, free_port()).wait_until_ready()
    yield site
    if site.process.poll() is None:
        site.stop(signal.SIGTERM)


def test_serve_says_where_it_is_ready_and_how_to_edit(site, data):
    assert site.said[0] == f"Database: {data / 'facehealth.sqlite3'}"
    assert site.said[-3:] == [
        "Static files: prepared",
        f"FaceHealth is ready at http://127.0.0.1:{site.port}/",
        f"To edit: run `make editor` in another terminal, with the same DATA_DIR, then open http://127.0.0.1:{site.port}/admin/",
    ]


def test_serve_answers_pages_with_their_fixtures_loaded(site):
    answer, body = site.get("/conditions/hemifacial-spasm/")
    assert answer.status == 200
    assert b"Hemifacial spasm" in body
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_serve_answers_static_files_hashed_compressed_and_kept_for_ever(site):
    _, page = site.get("/admin/login/")
    path = re.search(rb'"(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)[1].decode()
    answer, _ = site.get(path, **{"Accept-Encoding": "br"})
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "br")
    assert "immutable" in answer.headers["Cache-Control"]


def test_serve_refuses_a_host_that_is_not_allowed(site):
    assert site.get("/", Host="elsewhere.example")[0].status == 400


def test_serve_on_a_port_in_use_names_another(site, data):
    second = Site(data, site.port)
    said, _ = second.process.communicate(timeout=60)
    assert second.process.returncode == 1
    assert f"PORT {site.port} is in use on 127.0.0.1." in said
    assert "Traceback" not in said


def test_serve_stops_at_ctrl_c_and_starts_again_with_less_to_do(site, data):
    assert site.stop(signal.SIGINT) == (0, "")
    key = (data / "secret_key").read_text()
    again = Site(data, free_port()).wait_until_ready()
    status = again.get("/healthz")[0].status
    assert (again.stop(signal.SIGTERM)[0], status) == (0, 200)
    assert "Static files: prepared" not in again.said
    assert (data / "secret_key").read_text() == key


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_was_not_found_is_written_as_it_stops(data, number):
    again = Site(data, free_port()).wait_until_ready()
    statuses = {again.get(f"/search/?q=xyzzy+{number.name}")[0].status for _ in range(3)}
    # Of the two processes the one that waits hears of it last, as happens beside much other work.
    os.kill(again.process.pid, signal.SIGSTOP)
    os.killpg(again.process.pid, number)
    time.sleep(1)
    os.kill(again.process.pid, signal.SIGCONT)
    assert (again.ended(), statuses) == ((0, ""), {200})
    with closing(sqlite3.connect(data / "facehealth.sqlite3")) as database:
        rows = database.execute("SELECT text, times FROM conditions_unfoundquery").fetchall()
    assert (f"xyzzy {number.name.lower()}", 3) in rows


def test_a_stop_while_the_worker_is_not_ready_is_no_failure(data):
    again = Site(data, free_port())
    ends = time.monotonic() + 60
    while not (worker := again.workers()) and time.monotonic() < ends:
        time.sleep(0.01)
    os.kill(again.process.pid, signal.SIGSTOP)
    os.kill(worker[0], signal.SIGTERM)
    os.kill(again.process.pid, signal.SIGTERM)
    time.sleep(0.5)
    os.kill(again.process.pid, signal.SIGCONT)
    status, said = again.ended()
    assert (status, "ERROR" in said) == (0, False)


def test_a_worker_that_is_stopped_alone_ends_the_site(data):
    again = Site(data, free_port()).wait_until_ready()
    os.kill(again.workers()[0], signal.SIGTERM)
    assert again.ended() == (0, "")


def test_a_worker_that_is_killed_ends_the_site_as_a_failure(data):
    again = Site(data, free_port()).wait_until_ready()
    os.kill(again.workers()[0], signal.SIGKILL)
    status, said = again.ended()
    assert (status, "Unexpected exit from worker-1" in said) == (1, True)


def test_free_port_is_let_pass(settings):
    settings.HOST, settings.PORT = "127.0.0.1", free_port()
    server.require_free_port()


def test_port_in_use_is_refused(settings, taken_port):
    settings.HOST, settings.PORT = "127.0.0.1", taken_port
    with pytest.raises(CommandError, match=rf"PORT {taken_port} is in use.*PORT=\d+ make run"):
        server.require_free_port()


def test_port_that_is_named_instead_is_free(settings, monkeypatch, taken_port):
    settings.HOST, settings.PORT = "127.0.0.1", taken_port
    plain = server.try_port

    def next_is_taken_too(family, host, port):
        if port == taken_port + 1:
            raise OSError(errno.EADDRINUSE, "in use")
        plain(family, host, port)

    monkeypatch.setattr(server, "try_port", next_is_taken_too)
    with pytest.raises(CommandError) as refused:
        server.require_free_port()
    named = int(re.search(r"PORT=(\d+) make run", str(refused.value))[1])
    assert named > taken_port + 1
    settings.PORT = named
    server.require_free_port()


def test_host_of_another_machine_is_refused(settings):
    settings.HOST, settings.PORT = "192.0.2.1", free_port()
    with pytest.raises(CommandError, match=r"HOST is '192\.0\.2\.1': .* such as 127"):
        server.require_free_port()


def test_database_that_does_not_answer_is_named(monkeypatch):
    def refuse():
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    with pytest.raises(CommandError, match="does not answer: connection refused\nStart it, or fix DATABASE_URL"):
        server.require_database()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::", "http://[::1]:8000/"),
    ],
)
def test_address_can_be_opened_on_this_machine(settings, host, address):
    settings.HOST, settings.PORT = host, 8000
    assert server.address() == address


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_health_is_what_healthz_answers_under_an_allowed_name(settings, status, healthy):
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            """Say nothing on stderr."""

    with HTTPServer(("127.0.0.1", 0), Answer) as other:
        settings.HOST, settings.PORT, settings.ALLOWED_HOSTS = (
            "127.0.0.1",
            other.server_port,
            [".example.org"],
        )
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        assert server.is_healthy() is healthy
        thread.join()
    assert asked == [("/healthz", "example.org")]


def test_health_is_not_well_while_nobody_listens(settings):
    settings.HOST, settings.PORT = "127.0.0.1", free_port()
    assert not server.is_healthy()


def test_static_files_are_collected_again_only_when_they_change(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a { color: red }")
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, str(tmp_path / "static")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    assert [server.collect_static(), server.collect_static()] == [True, False]
    (source / "b.css").write_text("b { color: blue }")
    assert [server.collect_static(), server.collect_static()] == [True, False]
    assert sorted(path.name for path in (tmp_path / "static").iterdir()) == ["a.css", "b.css"]


def test_static_files_that_failed_are_collected_again(settings, tmp_path, monkeypatch):
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, str(tmp_path / "static")

    def fail(*args, **options):
        raise CommandError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(server, "call_command", fail)
        with pytest.raises(CommandError, match="disk full"):
            server.collect_static()
    assert server.collect_static() is True


def test_the_process_that_waits_is_small(data):
    """It starts the worker and stops it, and has no use for Django."""
    # Measuring coverage takes memory too.
    again = Site(data, free_port(), without=("DATABASE_URL", "COVERAGE_")).wait_until_ready()
    status = Path(f"/proc/{again.process.pid}/status").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])
    loaded = Path(f"/proc/{again.process.pid}/maps").read_text()
    assert again.stop(signal.SIGTERM) == (0, "")
    assert resident < 30 * 1024
    assert "_sqlite3" not in loaded
