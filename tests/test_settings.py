"""Settings: what is read is what the README says, and every mistake names its remedy."""

import ast
import os
import re
import runpy
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception
from urllib.parse import quote, unquote

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler
from django.utils.formats import date_format

from facehealth import environment
from tests.resilience.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "facehealth" / "settings.py"


def names_read() -> set[str]:
    """The variables that settings.py reads: capital names given to its readers."""
    names = set()
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        if isinstance(node, ast.Call) and re.match(r"read(_\w+)?$", ast.unparse(node.func)):
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            names |= set([text for text in texts if isinstance(text, str) and re.fullmatch("[A-Z_]+", text)][:1])
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
    ("CRISIS_NUMBERS", "116 123", "'116 123' is no number with where it works after it, in up to 30 characters that"),
    ("CRISIS_NUMBERS", "988 US; 116 1st line", "'116 1st line' is no number with where it works after it"),
    ("CRISIS_NUMBERS", "", "CRISIS_NUMBERS is ''. A number is missing. Name up to four numbers, each with where it"),
    ("EMERGENCY_NUMBERS", "911 a; 1 b", "'1 b' is no number with where it works after it"),
    ("EMERGENCY_NUMBERS", "11 a; 12 b; 13 c; 14 d; 15 e", "These are 5 numbers. Name up to four numbers, each with"),
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
        "DATABASE_URL is 'mysql://...'. Only SQLite and PostgreSQL",
    ),
    ("DATABASE_URL", "facehealth", "DATABASE_URL is not the address of a database. Only SQLite and PostgreSQL"),
    ("DATABASE_URL", "postgres://host:port/name", "It cannot be understood. Use sqlite:////path"),
    ("DATABASE_URL", "postgres://host", "It names no database. Use sqlite:////path"),
    ("DATABASE_URL", "sqlite://", "It names no database. Use sqlite:////path"),
    ("DATABASE_URL", "sqlite:////no/such/folder/x.db", "Make the directory of that file first."),
    (
        "DATABASE_REPLICA_URL",
        "postgres://me:hush@h/n",
        "is 'postgres://...'. DATABASE_URL names no PostgreSQL, of which",
    ),
    (
        "DATABASE_REPLICA_URL",
        "sqlite:////tmp/x.db",
        "is 'sqlite:...'. Only PostgreSQL has replicas. Use postgres://user",
    ),
    ("DATABASE_REPLICA_URL", "postgres://host", "It names no database. Use postgres://user:password@host:5432/name."),
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


VALID = {
    "ALLOWED_HOSTS": "www.example.org,localhost",
    "CONTACT": "editors@example.org",
    "CSRF_TRUSTED_ORIGINS": "https://www.example.org",
    "DATABASE_URL": "postgres://me:hush@host:5432/name",
    "DATABASE_REPLICA_URL": "postgres://me:hush@other:5432/name",
    "DATA_DIR": "DATA",
    "DEBUG": "1",
    "CRISIS_NUMBERS": "988 US; 116 123 UK",
    "EMAIL_URL": "submission://me:hush@mail.example.org:587/?_default_from_email=editors@example.org",
    "EMERGENCY_NUMBERS": "911 US, Canada; 112 Europe",
    "HOST": "127.0.0.1",
    "HSTS_SUBDOMAINS": "1",
    "HTTPS": "1",
    "CDN_SECONDS": "60",
    "LOG_REQUESTS": "1",
    "PORT": "8001",
    "REQUIRE_REVIEW": "1",
    "SECRET_KEY": "hush" * 10,
    "TIME_ZONE": "Europe/London",
    "TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/24",
}
"""A right value of each setting. In one of them only, that of DATA_DIR stands for the test's own folder."""
UNSEEN = (
    *(
        "\x01",
        "\t",
        "\n",
        "\r",
        "\x1b",
        "\x7f",
        "\x85",
        "\xa0",
        "\xad",
        "\u034f",
        "\u061c",
        "\u115f",
        "\u180e",
        "\u2003",
    ),
    *(
        "\u200b",
        "\u200d",
        "\u200e",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2060",
        "\u2066",
        "\u2800",
        "\u3000",
        "\u3164",
        "\ufe0f",
    ),
    *("\ufeff", "\U000e0041", "\udcff"),
)
QUOTES = ("'", '"', "`")


def spoilt(value: str):
    """A right value, spoilt in each way that is not seen at once."""
    for character in UNSEEN:
        middle = len(value) // 2
        yield from (character + value, value[:middle] + character + value[middle:], value + character)
    yield from (f" {value}", f"{value} ", f"  {value}  ")
    yield from (quote + value + quote for quote in QUOTES)


def test_every_setting_takes_its_right_value(load, tmp_path):
    assert VALID.keys() == names_read()
    load(**VALID | {"DATA_DIR": str(tmp_path / "data")})


def test_no_setting_takes_what_nobody_sees(load, tmp_path):
    """Each message names the setting and the fix, in plain characters, and shows no secret."""
    wrong = []
    for name, value in (VALID | {"DATA_DIR": str(tmp_path / "data")}).items():
        for text in spoilt(value):
            try:
                load(**VALID | {"DATA_DIR": str(tmp_path / "data"), name: text})
                wrong.append(f"{name} takes {text!a}")
            except ImproperlyConfigured as error:
                said = str(error)
                right = said.startswith(f"{name} is ") and re.search(r"[Rr]emove (it|that|them)\. [A-Z]", said)
                if not right or not said.isascii() or "hush" in said:
                    wrong.append(f"{name}={text!a}: {said}")
    assert wrong == []


CANNOT_WORK = {
    "DATABASE_REPLICA_URL": ("facehealth", "mysql://h/n", "sqlite:////tmp/x.db", "postgres://", "postgres://h:0/n"),
    "ALLOWED_HOSTS": (
        "a b",
        "-example.org",
        "example.org.",
        "a..b",
        ".",
        "[::g]",
        "1.2.3.400",
        "ехample.org",
        "x" * 64,
    ),
    "CDN_SECONDS": ("-1", "1.5", "86401", "100000", "a minute", "1e3", "０"),
    "CONTACT": ("https://", "https://.", "http://a b", "ana@", "@example.org", "ana@localhost", "ana@a..org", "ana"),
    "CSRF_TRUSTED_ORIGINS": (
        "https://",
        "https://a b",
        "https://u@example.org",
        "https://example.org/",
        "*",
        "ftp://a.b",
    ),
    "DATABASE_URL": (
        *(
            "postgres://",
            "sqlite://",
            "sqlite:/x",
            "sqlite://x/y",
            "sqlite:////tmp",
            "sqlite:////tmp/a?b",
            "redis://h/1",
        ),
        *("postgres://me:hush@host", "postgres://me:hush@host/", "postgres://me:hush@host:0/name", "name"),
        *("postgres://me:hush@host:99999/name", "postgres://me:hush@host/name/", "postgres://me:hush@host:54x/name"),
    ),
    "DATA_DIR": ("~no-such-user-here/x", "/dev/null", "/dev/null/x", "x" * 300),
    "DEBUG": ("2", "maybe", "1 0", "-1", "１"),
    "CRISIS_NUMBERS": ("", "988", "988 US;", "116 123", "988 " + "x" * 40),
    "EMAIL_URL": (
        *("mail.example.org", "http://a", "smtp://", "console://", "smtp://a:b@h:x/"),
        *("smtp://me:hush@mail.example.org", "file:///tmp/x"),
    ),
    "EMERGENCY_NUMBERS": (
        "",
        "911",
        "call 911",
        "911 US;",
        ";911 US",
        "9 x",
        "911 a; b",
        "112 Europe," * 5,
        "112 " + "x" * 40,
    ),
    "HOST": ("http://127.0.0.1", "127.0.0.1:8000", "[::1]", "a b", "*", "300.1.1.1/8", "ехample.org"),
    "HSTS_SUBDOMAINS": ("2", "maybe"),
    "HTTPS": ("2", "maybe"),
    "LOG_REQUESTS": ("2", "maybe"),
    "REQUIRE_REVIEW": ("2", "maybe"),
    "PORT": (
        "-1",
        "0",
        "65536",
        "9" * 400,
        "8000.0",
        "8_000",
        "+8000",
        "0x1f40",
        "1e3",
        "８０００",
        "80 00",
        "nan",
        "",
    ),
    "SECRET_KEY": ("short", "x" * 31),
    "TIME_ZONE": (
        "",
        "Mars",
        "europe",
        "Europe",
        "+02:00",
        "../../etc/passwd",
        "/etc/localtime",
        "Europe/London\\",
        "x" * 300,
    ),
    "TRUSTED_PROXIES": ("0.0.0.0/0", "::/0", "10.0.0.0/33", "1.2.3", "localhost", "10.0.0.0/２４", "10.0.0.1-9"),
}


def test_no_setting_takes_a_value_that_cannot_work(load, tmp_path):
    assert CANNOT_WORK.keys() == names_read()
    wrong = []
    for name, texts in CANNOT_WORK.items():
        for text in texts:
            try:
                load(**VALID | {"DATA_DIR": str(tmp_path / "data"), name: text})
                wrong.append(f"{name} takes {text!a}")
            except ImproperlyConfigured as error:
                said = str(error)
                if not re.match(rf"{name} is .*\. [A-Z]", said) or "hush" in said:
                    wrong.append(f"{name}={text!a}: {said}")
    assert wrong == []


PASSWORD = "hush"
CUT_OFF = (
    *("postgres://me:hush", "postgres://me:hush/host", "postgres://hush", "mysql://me:hush", "me:hush@host/name"),
    *("postgres://me:hush@host:x/name", "postgres://me:hu/sh@host", "postgres://me:x@hush/y@host/name", "hush"),
    *("hush://me@host/name", "postgres:/me:hush@host/name", "postgres//me:hush@host", "postgres://me:x#hush@host/name"),
    *("postgres://me:x?hush@host/name", "postgres://me:[hush@host/name", "postgres://me:x]hush@host/name"),
    *(
        "postgres://me:x@hush",
        "postgres://me:x@hush@",
        "sqlite://me:hush@host",
        "sqlite://hush",
        "postgres://me:ｘ＠hush/n",
    ),
)


def test_no_part_of_an_address_that_may_be_a_password_is_shown(load):
    for url in CUT_OFF:
        with pytest.raises(ImproperlyConfigured) as error:
            load(DATABASE_URL=url, DATABASE_REPLICA_URL="")
        traceback = "".join(format_exception(error.value, limit=0))
        assert "hu" not in traceback, url
        assert str(error.value).startswith("DATABASE_URL is "), url
        with pytest.raises(ImproperlyConfigured) as error:
            load(DATABASE_URL="postgres://me@host/name", DATABASE_REPLICA_URL=url)
        assert "hu" not in "".join(format_exception(error.value, limit=0)), url
        assert str(error.value).startswith("DATABASE_REPLICA_URL is "), url


def test_password_is_read_as_it_is_or_refused_with_how_to_write_it(load):
    for character in "".join(map(chr, range(0x21, 0x7F))) + "äß€😀":
        for password in (f"x{character}y", f"{character}y", f"x{character}", f"x{character}y{character}41"):
            url = f"postgres://me:{password}@host:5433/name"
            if character in "@/?#[]":
                with pytest.raises(
                    ImproperlyConfigured, match=re.escape(f"{character} as {quote(character, safe='')}")
                ):
                    load(DATABASE_URL=url)
            else:
                database = load(DATABASE_URL=url)["DATABASES"]["default"]
                # Whether %41 is an A nobody can tell; the README says how to write a %.
                assert database["PASSWORD"] == (unquote(password) if character == "%" else password)
                assert (database["HOST"], database["PORT"], database["NAME"]) == ("host", 5433, "name")
            encoded = load(DATABASE_URL=f"postgres://me:{quote(password, safe='')}@host:5433/name")
            assert encoded["DATABASES"]["default"]["PASSWORD"] == password


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


@pytest.mark.process
@pytest.mark.parametrize("command", ["migrate", "clearsessions", "editor --username ana", "axes_reset", "serve"])
@pytest.mark.parametrize("state", ["down", "damaged", "empty"])
def test_database_that_does_not_answer_is_one_message(tmp_path, command, state):
    (tmp_path / "damaged").write_text("not a database" * 10)
    url = "postgres://me:hush@127.0.0.1:1/name" if state == "down" else f"sqlite:///{tmp_path / state}"
    if state == "empty" and command in ("migrate", "serve"):
        return  # they make it
    ran = subprocess.run(
        [sys.executable, ROOT / "manage.py", *command.split()],
        env=os.environ | {"DATA_DIR": str(tmp_path), "DATABASE_URL": url, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "hush" not in ran.stderr
    assert "Start it, or fix DATABASE_URL or DATA_DIR." in ran.stderr
    assert state != "empty" or "run `manage.py migrate`" in ran.stderr


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
    environment.make_secret_key(tmp_path / "data" / "secret_key")
    assert load()["SECRET_KEY"] == key


def test_postgresql_keeps_checked_connections(load):
    database = load(DATABASE_URL="postgresql://me:hush@host:5433/name")["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("host", 5433, "name")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (600, True)


def test_a_replica_is_kept_beside_its_primary_and_given_up_in_seconds(load):
    url = "postgres://me:hush@other/name?sslmode=require&connect_timeout=9"
    databases = load(DATABASE_URL="postgres://me:hush@host/name", DATABASE_REPLICA_URL=url)["DATABASES"]
    assert databases.keys() == {"default", "replica"}
    assert [databases[alias]["HOST"] for alias in databases] == ["host", "other"]
    assert databases["replica"]["OPTIONS"] == environment.REPLICA | {"sslmode": "require", "connect_timeout": 9}
    assert databases["replica"]["CONN_HEALTH_CHECKS"] is True


def test_no_replica_unless_it_is_named(load):
    assert load(DATABASE_REPLICA_URL="")["DATABASES"].keys() == {"default"}


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


@pytest.mark.parametrize("there", [False, True])
def test_database_is_private_whatever_its_folder(load, tmp_path, django_db_blocker, there):
    """New or there already, beside it what SQLite makes; the secret key too."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    names = ["facehealth.sqlite3", "facehealth.sqlite3-shm", "facehealth.sqlite3-wal", "secret_key"]
    if there:
        with closing(sqlite3.connect(folder / names[0])) as database:
            database.execute("PRAGMA journal_mode=WAL")
        (folder / "secret_key").write_text("k" * 50)
    with django_db_blocker.unblock():
        connection = ConnectionHandler(load()["DATABASES"])["default"]
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (secret text)")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}
        connection.close()
    assert modes == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_dates_keep_their_form_where_a_template_does_not_say_it():
    at = datetime(2026, 5, 31, 14, 5, tzinfo=UTC)
    assert (date_format(at), date_format(at, "DATETIME_FORMAT")) == ("31 May 2026", "31 May 2026, 14:05 UTC")
