"""Settings: what is read is what the README says, and every mistake names its remedy."""

import ast
import os
import re
import runpy
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler
from django.utils.formats import date_format

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "facehealth" / "settings.py"


def names_read() -> set[str]:
    """The variables that settings.py reads: capital names given to env's readers, or to ours."""
    names = set()
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        if isinstance(node, ast.Call) and re.match(r"(env\.|read(_list|_path|_networks)?$)", ast.unparse(node.func)):
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            names |= {text for text in texts if isinstance(text, str) and re.fullmatch("[A-Z_]+", text)}
    return names


@pytest.fixture
def load(monkeypatch, tmp_path):
    """settings.py as a dict, read again from an environment that holds nothing but what is given."""
    for name in names_read():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    def load(**variables: str) -> dict:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return load


def test_readme_lists_every_setting_and_no_other():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Settings\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", section, re.MULTILINE)) == names_read()


def test_nothing_given_suits_one_machine(load, tmp_path):
    values = load()
    assert (values["DEBUG"], values["HOST"], values["PORT"]) == (False, "127.0.0.1", 8000)
    assert values["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert values["DATABASES"]["default"]["NAME"] == tmp_path / "data" / "facehealth.sqlite3"


def test_values_are_typed(load):
    values = load(DEBUG="on", PORT="8001", ALLOWED_HOSTS="www.example.org, .example.net ,[::1]")
    assert (values["DEBUG"], values["PORT"]) == (True, 8001)
    assert values["ALLOWED_HOSTS"] == ["www.example.org", ".example.net", "[::1]"]


MISTAKES = [
    ("DEBUG", "maybe", "DEBUG is 'maybe'. Use 1"),
    ("PORT", "abc", "PORT is 'abc'. Use a whole number from 1 to 65535"),
    ("PORT", "0", "PORT is '0'. Use a whole number"),
    ("PORT", "65536", "PORT is '65536'. Use a whole number"),
    ("CONTACT", "not an address", "CONTACT is 'not an address'. Use an e-mail address"),
    ("CONTACT", "javascript:alert(1)", "CONTACT is 'javascript:alert(1)'. Use an e-mail address"),
    ("HOST", "", "HOST is ''. Use an address of this machine"),
    ("ALLOWED_HOSTS", "https://example.org", "without http:// and port"),
    ("ALLOWED_HOSTS", "example.org:8000", "without http:// and port"),
    ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is ''. Name at least one host"),
    (
        "CSRF_TRUSTED_ORIGINS",
        "www.example.org",
        "CSRF_TRUSTED_ORIGINS is 'www.example.org'. Name each address with",
    ),
    ("HTTPS", "maybe", "HTTPS is 'maybe'. Use 1"),
    ("HTTPS", "1", "TRUSTED_PROXIES is ''. HTTPS=1 needs the address of the proxy"),
    ("HSTS_SUBDOMAINS", "all", "HSTS_SUBDOMAINS is 'all'. Use 1"),
    ("LOG_REQUESTS", "some", "LOG_REQUESTS is 'some'. Use 1"),
    ("TRUSTED_PROXIES", "proxy.example.org", "TRUSTED_PROXIES is 'proxy.example.org'. Name the addresses"),
    ("TRUSTED_PROXIES", "10.0.0.1/8", "10.0.0.1/8 has host bits set. Name the addresses"),
    ("TRUSTED_PROXIES", "*", "TRUSTED_PROXIES is '*'. Name the addresses"),
    ("SECRET_KEY", "short", "SECRET_KEY is only 5 characters long. Give at least 32"),
    (
        "DATABASE_URL",
        "mysql://host/name",
        "DATABASE_URL is 'mysql://...host/name'. Only SQLite and PostgreSQL",
    ),
    ("DATABASE_URL", "facehealth", "DATABASE_URL is not an address. Only SQLite and PostgreSQL"),
    ("DATABASE_URL", "postgres://host:port/name", "It cannot be understood. Use sqlite:////path"),
    ("DATABASE_URL", "postgres://host", "It names no database. Use sqlite:////path"),
    ("DATABASE_URL", "sqlite://", "It names no database. Use sqlite:////path"),
    ("DATABASE_URL", "sqlite:////no/such/folder/x.db", "Make the directory of that file first."),
    ("DATA_DIR", "", "DATA_DIR is ''. Name a directory"),
    (
        "DATA_DIR",
        str(SETTINGS / "data"),
        "Not a directory. It must be a directory that this user may write to",
    ),
]


@pytest.mark.parametrize(("name", "value", "message"), MISTAKES)
def test_mistake_names_the_remedy(load, name, value, message):
    with pytest.raises(ImproperlyConfigured) as error:
        load(**{name: value})
    assert name in str(error.value)
    assert message in str(error.value)


def test_mistake_never_shows_a_password(load):
    for url in ("mysql://me:hush@host/name", "postgres://me:hush@host:x/name", "postgres://me:hu/sh@host"):
        with pytest.raises(ImproperlyConfigured) as error:
            load(DATABASE_URL=url)
        assert "hu" not in str(error.value)


@pytest.mark.process
def test_mistake_is_printed_without_a_stack_trace(tmp_path):
    environ = os.environ | {"PORT": "abc", "DATA_DIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, ROOT / "manage.py", "serve"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr == (
        "FaceHealth cannot start: PORT is 'abc'. Use a whole number from 1 to 65535, as in: PORT=8001 make run\n"
    )


def test_secret_key_is_made_once_for_this_user_only(load, tmp_path):
    first = load()["SECRET_KEY"]
    path = tmp_path / "data" / "secret_key"
    assert len(first) >= 64
    assert load()["SECRET_KEY"] == first == path.read_text().strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(each.name for each in path.parent.iterdir()) == ["secret_key", "static"]


def test_secret_key_given_is_used_and_not_written(load, tmp_path):
    assert load(SECRET_KEY="k" * 50)["SECRET_KEY"] == "k" * 50
    assert not (tmp_path / "data" / "secret_key").exists()


def test_secret_key_file_that_is_empty_is_a_mistake(load, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match="The key is too short"):
        load()


def test_secret_key_of_the_first_of_two_processes_stays(load, tmp_path):
    key = load()["SECRET_KEY"]
    load()["make_secret_key"](tmp_path / "data" / "secret_key")
    assert load()["SECRET_KEY"] == key


def test_postgresql_keeps_checked_connections(load):
    database = load(DATABASE_URL="postgresql://me:hush@host:5433/name")["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("host", 5433, "name")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (600, True)


def test_https_turns_on_all_that_goes_with_it(load):
    values = load(HTTPS="1", TRUSTED_PROXIES="127.0.0.1, ::1, 10.0.0.0/24")
    assert values["TRUSTED_PROXIES"] == ["127.0.0.1/32", "::1/128", "10.0.0.0/24"]
    assert values["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    names = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LOG_REQUESTS")
    assert [values[name] for name in names] == [True] * 4
    assert values["SECURE_HSTS_SECONDS"] == 31_536_000
    assert values["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is False
    assert values["LOGGING"]["loggers"]["facehealth.requests"]["level"] == "INFO"


def test_without_https_nobody_is_believed_to_use_it(load):
    values = load()
    assert values["TRUSTED_PROXIES"] == []
    assert values["SECURE_PROXY_SSL_HEADER"] is None
    assert (values["SECURE_SSL_REDIRECT"], values["SECURE_HSTS_SECONDS"]) == (False, 0)
    assert values["LOG_REQUESTS"] is False


def test_sqlite_writers_wait_for_each_other(load, django_db_blocker):
    """Four writers who read before they write: none meets "database is locked", no sum is lost."""
    databases = load()["DATABASES"]

    def add(times: int) -> None:
        connection = ConnectionHandler(databases)["default"]
        for _ in range(times):
            connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
            with connection.cursor() as cursor:
                total = cursor.execute("SELECT total FROM sums").fetchone()[0]
                cursor.execute("UPDATE sums SET total = %s", [total + 1])
            connection.commit()
            connection.set_autocommit(True)
        connection.close()

    with django_db_blocker.unblock():
        connection = ConnectionHandler(databases)["default"]
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            assert cursor.execute("PRAGMA foreign_keys").fetchone()[0] == 1
            cursor.execute("CREATE TABLE sums (total integer)")
            cursor.execute("INSERT INTO sums VALUES (0)")
            writers = [threading.Thread(target=add, args=[25]) for _ in range(4)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            assert cursor.execute("SELECT total FROM sums").fetchone()[0] == 100
        connection.close()


def test_dates_keep_their_form_where_a_template_does_not_say_it():
    at = datetime(2026, 5, 31, 14, 5, tzinfo=UTC)
    assert (date_format(at), date_format(at, "DATETIME_FORMAT")) == ("31 May 2026", "31 May 2026, 14:05")
