"""What `manage.py serve` does around Django: check the port, collect static files, start the server."""

import errno
import hashlib
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections

from facehealth import in_use, parent


def address() -> str:
    """The address to open in a browser on this machine."""
    host = parent.own_host(settings.HOST)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}/"


def require_free_port() -> None:
    """Raise CommandError with the remedy if the server could not listen on HOST and PORT."""
    host, port = settings.HOST, settings.PORT
    family = socket.AF_INET
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        try_port(family, host, port)
    except OSError as error:
        other = free_port(family, host, port + 1 if 1024 <= port < 65535 else 8001)
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"PORT {port} is in use on {host}. Stop what uses it, or take another: PORT={other} make run"
            ) from error
        if error.errno == errno.EACCES:
            raise CommandError(
                f"PORT {port} is not open to this user. Take one above 1023: PORT={other} make run"
            ) from error
        raise CommandError(
            f"HOST is {host!r}: {error.strerror}. Use an address of this machine, such as 127.0.0.1."
        ) from error


def try_port(family: int, host: str, port: int) -> None:
    """Raise OSError if the server could not listen there."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def free_port(family: int, host: str, first: int) -> int:
    """The first port from `first` on that the server could listen on; `first` itself if none is found."""
    for port in range(first, min(first + 100, 65536)):
        with suppress(OSError):
            try_port(family, host, port)
            return port
    return first


def require_database() -> None:
    """Raise CommandError with the remedy if the database does not answer."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise CommandError(
            f"The database does not answer: {str(error).strip()}\nStart it, or fix DATABASE_URL or DATA_DIR."
        ) from error


def database_name() -> str:
    """The database as a person would look for it: the file, or the name and host."""
    name, host = connection.settings_dict["NAME"], connection.settings_dict["HOST"]
    return f"{name} on {host or 'this machine'}" if connection.vendor == "postgresql" else str(name)


def collect_static() -> bool:
    """Put hashed and compressed static files into STATIC_ROOT. Says whether there was anything to do."""
    record = Path(settings.DATA_DIR, "static.digest")
    digest = static_digest()
    if record.exists() and record.read_text() == digest:
        return False
    record.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    record.write_text(digest)
    return True


def static_digest() -> str:
    """A digest of all that collectstatic reads (paths, sizes, times) and of how it writes."""
    lines = [django.__version__, settings.STORAGES["staticfiles"]["BACKEND"]]
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            lines.append(f"{path} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def run(*lines: str) -> NoReturn:
    """Serve until a signal ends it: `facehealth.parent` takes the place of this process, and prints the lines when the
    site answers.
    """
    connections.close_all()
    in_use.pass_on()
    sys.stdout.flush()
    sys.stderr.flush()
    path = os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH")]))
    said = [settings.HOST, str(settings.PORT), _allowed_name(), *lines]
    os.execve(  # no shell is wanted
        sys.executable, [sys.executable, "-P", "-m", "facehealth.parent", *said], os.environ | {"PYTHONPATH": path}
    )


def is_healthy() -> bool:
    """Whether /healthz answers 200, asked under a name that ALLOWED_HOSTS knows."""
    return parent.is_healthy(settings.HOST, settings.PORT, _allowed_name())


def _allowed_name() -> str:
    name: str = settings.ALLOWED_HOSTS[0]
    return name.removeprefix(".").replace("*", "localhost")
