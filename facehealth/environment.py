"""Reading settings from the environment, each with its type and text checked.

A mistake raises ImproperlyConfigured with the name of the variable, what was read, and what to do. Passwords and keys
are never shown.
"""

import os
import re
import secrets
import tempfile
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

SECRET_KEY_LENGTH = 32
SECRETS = {"SECRET_KEY", "EMAIL_URL", "DATABASE_URL", "DATABASE_REPLICA_URL"}
"""What is never shown."""
DATABASES = ("sqlite", "postgres", "postgresql")
OTHER_DATABASES = ("mysql", "mariadb", "oracle", "mssql")
ADDRESS_REMEDY = "Use sqlite:////path/to/file or postgres://user:password@host:5432/name."
REPLICA_REMEDY = "Use postgres://user:password@host:5432/name."
ENCODING_REMEDY = (
    "In the user's name and the password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D "
    "and % as %25."
)
SQLITE = {
    "ENGINE": "facehealth.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        # With either of these two alone, writers fail with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        # Read through memory that all connections share: each asks the system for a page once, not at each look.
        f"PRAGMA mmap_size={1 << 30};",
    },
}
REPLICA = {
    # A replica that is gone, or ends no query, is noticed in seconds: readers wait for that once.
    "connect_timeout": 2,
    "tcp_user_timeout": 3000,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "options": "-c statement_timeout=5000",
}
"""How a replica is connected to, where its address does not say otherwise."""
MOST_NUMBERS = 4
"""Most phone numbers that stand in one line of a phone."""
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
"""The Unicode categories of control and format characters, halves of characters, and blanks, of which one is plain."""
UNSEEN_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
"""What Unicode counts among letters, marks and signs, and shows as nothing."""
_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST_NAME = rf"{_LABEL}(\.{_LABEL})*"
"""A name as a browser asks for it: one with other letters is written as xn--..."""

env = Env()


def mistake(name: str, remedy: str, *, shown: str | None = None) -> ImproperlyConfigured:
    """The error for variable `name`: what was read (or `shown` in its place), and the remedy."""
    value = ascii(os.environ.get(name, "")) if shown is None else shown
    return ImproperlyConfigured(f"{name} is {value}. {remedy}")


def read(reader: Callable[..., Any], name: str, default: Any, remedy: str) -> Any:
    """The variable `name` through an environs reader; a value of the wrong type raises `mistake`."""
    require_plain(name, os.environ.get(name, ""), remedy)
    try:
        return reader(name, default)
    except (EnvError, ValueError) as error:
        raise mistake(name, remedy) from error


def require_plain(name: str, text: str, remedy: str) -> None:
    """Raise ImproperlyConfigured for what nobody sees: invisible characters, blanks around, quotes around."""
    shown = "malformed" if name in SECRETS else None
    for place, character in enumerate(text, start=1):
        if (unicodedata.category(character) in UNSEEN and character != " ") or character in UNSEEN_LETTERS:
            found = f"Its character {place} is U+{ord(character):04X}, which cannot be seen: remove it."
            raise mistake(name, f"{found} {remedy}", shown=shown)
    if text != text.strip(" "):
        raise mistake(name, f"It begins or ends with a blank: remove that. {remedy}", shown=shown)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"`":
        raise mistake(name, f"It has quotes around it: remove them. {remedy}", shown=shown)


def read_list(name: str, default: list[str], pattern: str, remedy: str) -> list[str]:
    """The variable `name` as a list split at commas, each item of which must match `pattern` whole."""
    items = [item.strip() for item in read(env.list, name, default, remedy) if item.strip()]
    if not all(re.fullmatch(pattern, item) for item in items):
        raise mistake(name, remedy)
    return items


def read_hosts(name: str, default: list[str], remedy: str) -> list[str]:
    """The variable `name` as a list of host names, of which one may be `*`, or begin with a dot for all below it."""
    hosts = read_list(name, default, rf"\*|\.?{HOST_NAME}|\[[0-9a-fA-F:.]+\]", remedy)
    for host in hosts:
        if host[0] == "[" or re.fullmatch("[0-9.]+", host):
            try:
                ip_address(host.strip("[]"))
            except ValueError as error:
                raise mistake(name, f"{error}. {remedy}") from error
    return hosts


def read_networks(name: str, remedy: str) -> list[str]:
    """The variable `name` as a list of IP addresses and networks, each one valid, and none of them everything."""
    items = read_list(name, [], r"[0-9a-fA-F:.]+(/[0-9]+)?", remedy)
    try:
        networks = [ip_network(item) for item in items]
    except ValueError as error:
        raise mistake(name, f"{error}. {remedy}") from error
    if not all(network.prefixlen for network in networks):
        raise mistake(name, f"That is every address there is, and so anyone would be believed. {remedy}")
    return list(map(str, networks))


def read_numbers(name: str, default: str, remedy: str) -> list[tuple[str, str]]:
    """The variable `name` as phone numbers, each with where it works, split by semicolons: "911 US, Canada; 999 UK"."""
    text: str = read(env.str, name, default, remedy)
    items = [item.strip() for item in text.split(";")]
    found = []
    for item in items:
        if not (match := _NUMBER.fullmatch(item)):
            wrong = f"{item!a} is no number with where it works after it, {_WHERE}." if item else "A number is missing."
            raise mistake(name, f"{wrong} {remedy}")
        found.append((match[1], match[2]))
    if len(found) > MOST_NUMBERS:
        raise mistake(name, f"These are {len(found)} numbers. {remedy}")
    return found


_NUMBER = re.compile(r"(\+?[0-9](?: ?[0-9]){1,14}) ([^ 0-9].{0,29})")
"""A phone number, with single spaces or none, and where it works."""
_WHERE = "in up to 30 characters that do not begin with a digit"


def read_port(name: str, default: int, remedy: str) -> int:
    """The variable `name` as the number of a port."""
    return read_whole_number(name, default, remedy, 1, 65535)


def read_mail(name: str, remedy: str) -> dict[str, Any]:
    """The mail server that the variable `name` names, as Django's settings; nothing where it is empty."""
    url: str = read(env.str, name, "", remedy)
    if not url:
        return {}
    with suppress(ValueError, EnvError):
        found: dict[str, Any] = env.dj_email_url(name)
        if "smtp" in found.get("EMAIL_BACKEND", "") and "@" in found.get("DEFAULT_FROM_EMAIL", ""):
            return found
    raise mistake(name, remedy, shown="malformed")


def read_whole_number(name: str, default: int, remedy: str, least: int, most: int) -> int:
    """The variable `name` as a number of at most five digits, from `least` to `most`."""
    number: int = read(_decimal, name, default, remedy)
    if not least <= number <= most:
        raise mistake(name, remedy)
    return number


def _decimal(name: str, default: int) -> int:
    text = env.str(name, str(default))
    if not re.fullmatch("[0-9]{1,5}", text):
        raise ValueError(text)
    return int(text)


def read_host(name: str, default: str, remedy: str) -> str:
    """The variable `name` as an address to listen on, or a name that has one."""
    host: str = read(env.str, name, default, remedy)
    with suppress(ValueError):
        return str(ip_address(host))
    if not re.fullmatch(HOST_NAME, host):
        raise mistake(name, remedy)
    return host


def read_time_zone(name: str, default: str, remedy: str) -> str:
    """The variable `name` as a time zone that this machine knows."""
    zone: str = read(env.str, name, default, remedy)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise mistake(name, remedy) from error
    return zone


def read_path(name: str, default: str, remedy: str) -> Path:
    """The variable `name` as a path, `~` being this user's home."""
    text: str = read(env.str, name, default, remedy)
    if not text:
        raise mistake(name, remedy)
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise mistake(name, f"There is no such user. {remedy}") from error


def make_data_dir(path: Path) -> Path:
    """Make the directory and its `static` if need be; `path` that cannot be written raises `mistake`."""
    remedy = "It must be a directory that this user may write to: fix its owner, or name another."
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (path / "static").mkdir(exist_ok=True)
    except OSError as error:
        raise mistake("DATA_DIR", f"{error.strerror}. {remedy}", shown=f"'{path}'") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise mistake("DATA_DIR", remedy, shown=f"'{path}'")
    return path


def read_secret_key(name: str, folder: Path) -> str:
    """The variable `name` if it is given, else the key that is kept in `folder`."""
    remedy = f"Give at least {SECRET_KEY_LENGTH} characters, or leave it out: then one is made and kept in DATA_DIR."
    key: str = read(env.str, name, "", remedy)
    if not key:
        return stored_secret_key(folder / "secret_key")
    if len(key) < SECRET_KEY_LENGTH:
        raise mistake(name, remedy, shown=f"only {len(key)} characters long")
    return key


def stored_secret_key(path: Path) -> str:
    """The key in the file at `path`, which is made first if it is missing, readable by this user only."""
    remedy = f"The secret key is kept in {path}: make it readable, or delete it, and a new one is made."
    try:
        if not path.exists():
            make_secret_key(path)
        make_private(path)
        key = path.read_text().strip()
    except OSError as error:
        raise mistake("DATA_DIR", f"{error.strerror}. {remedy}", shown=f"'{path.parent}'") from error
    except UnicodeDecodeError as error:
        raise mistake("DATA_DIR", f"The key is not text. {remedy}", shown=f"'{path.parent}'") from error
    if len(key) < SECRET_KEY_LENGTH:
        raise mistake("DATA_DIR", f"The key is too short. {remedy}", shown=f"'{path.parent}'")
    return key


def make_secret_key(path: Path) -> None:
    """Write a new key whole under another name, then link it to `path`: of two processes, one wins."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret_key.")
    try:
        with open(handle, "w") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def make_private(path: Path) -> None:
    """Let nobody else read a file that is there, if it is ours. One that is read-only stays so."""
    mode = path.stat().st_mode
    if mode & 0o077:
        with suppress(PermissionError):
            path.chmod(mode & 0o700)


def read_database(name: str, folder: Path) -> dict[str, Any]:
    """The database that the variable `name` names, or the file in `folder`."""
    url: str = read(env.str, name, "", f"{ADDRESS_REMEDY} {ENCODING_REMEDY}")
    return database_at(url, name=name) if url else SQLITE | {"NAME": folder / "facehealth.sqlite3"}


def read_replica(name: str, primary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The streaming replica of `primary` that the variable `name` names, under its alias; nothing if it is empty."""
    url: str = read(env.str, name, "", f"{REPLICA_REMEDY} {ENCODING_REMEDY}")
    if not url:
        return {}
    if url.startswith("sqlite:"):
        raise mistake(name, f"Only PostgreSQL has replicas. {REPLICA_REMEDY}", shown="'sqlite:...'")
    replica = database_at(url, name=name, remedy=REPLICA_REMEDY)
    if primary["ENGINE"] != replica["ENGINE"]:
        wrong = "DATABASE_URL names no PostgreSQL, of which it could be a replica."
        raise mistake(name, f"{wrong} Name one there, or leave this one out.", shown=f"'{url.partition(':')[0]}://...'")
    return {"replica": replica | {"OPTIONS": REPLICA | replica.get("OPTIONS", {})}}


def database_at(url: str, *, name: str, remedy: str = ADDRESS_REMEDY) -> dict[str, Any]:
    """The database at an address, in the shape of Django's DATABASES.

    Raises ImproperlyConfigured that says what `name`, where the address was given, should be. Any part of a malformed
    address may be a password, so none of it is shown; nor is the error that it came from.
    """
    scheme, _, rest = url.partition("://")
    shown = f"'{scheme}://...'" if scheme in DATABASES + OTHER_DATABASES else "not the address of a database"
    if scheme not in DATABASES:
        raise mistake(name, f"Only SQLite and PostgreSQL are known. {remedy}", shown=shown)
    if wrong := _misread(scheme, rest, remedy):
        raise mistake(name, wrong, shown=shown)
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:
        raise mistake(name, f"It cannot be understood. {remedy} {ENCODING_REMEDY}", shown=shown) from None
    if database["NAME"] in ("", ":memory:"):
        raise mistake(name, f"It names no database. {remedy}", shown=shown)
    if scheme != "sqlite":
        return database | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    path = Path(database["NAME"])
    if not path.absolute().parent.is_dir():
        raise mistake(name, "Make the directory of that file first.", shown=shown)
    if path.is_dir():
        raise mistake(name, "That is a directory. Name a file in it.", shown=shown)
    return SQLITE | {"NAME": database["NAME"]}


def _misread(scheme: str, rest: str, remedy: str) -> str:
    """What is wrong with an address that would be read as another one than was meant; empty if nothing is."""
    if not rest:
        return f"It names no database. {remedy}"
    if scheme == "sqlite":
        if re.search(r"[?#]", rest):
            return "In the path of the file, write ? as %3F and # as %23."
        return "" if rest.startswith("/") else f"A third / comes before the path of the file. {remedy}"
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    if "#" in rest or rest.count("@") > authority.count("@") or authority.count("@") > 1:
        return f"It cannot be understood. {remedy} {ENCODING_REMEDY}"
    try:
        parts = urlsplit(f"postgres://{rest}")
        port = parts.port
    except ValueError:
        return f"It cannot be understood. {remedy} {ENCODING_REMEDY}"
    if port == 0:
        return f"There is no port 0. {remedy}"
    if "/" in parts.path[1:]:
        return f"The name of the database has a / in it. {remedy} {ENCODING_REMEDY}"
    return ""
