"""What `manage.py serve` does around Django: check the port, collect static files, run the server."""

import errno
import hashlib
import http.client
import multiprocessing
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

THREADS = 32
"""How many requests are answered at a time: what is slow must not stop the rest."""


def address() -> str:
    """The address to open in a browser on this machine."""
    return f"http://{'[' + own_host() + ']' if ':' in own_host() else own_host()}:{settings.PORT}/"


def own_host() -> str:
    """The host to ask from this machine: HOST, or the loopback address where HOST means all addresses."""
    every = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    host: str = settings.HOST
    return every.get(host, host)


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


class SiteServer(MPServer):
    """granian's server with one worker, which leaves Ctrl-C to this process."""

    def startup(self, *args: object) -> None:
        """Start the worker while Ctrl-C is held back: a process inherits what its parent holds back.

        Ctrl-C reaches every process of a terminal. The worker would get it, and then this process's order to
        stop, and granian's worker hangs when the two come together.
        """
        # The tracker of multiprocessing's resources lets Ctrl-C through as it starts: so it starts first.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        super().startup(*args)  # type: ignore[no-untyped-call]  # granian says no types here
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        # A terminal that is closed ends the site; granian would start new workers.
        signal.signal(signal.SIGHUP, self.signal_handler_interrupt)

    def serve(self, *args: Any, **options: Any) -> None:
        """As granian's servers do, without MPServer's advice to have fewer threads."""
        super(MPServer, self).serve(*args, **options)


def run(when_ready: Callable[[], None]) -> None:
    """Serve until a signal ends it; calls `when_ready` in a thread as soon as the site answers."""
    # The worker starts from scratch: it inherits neither this process's memory nor its connections.
    connections.close_all()
    multiprocessing.set_start_method("spawn", force=True)
    server = SiteServer(
        "facehealth.wsgi:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        workers_kill_timeout=5,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.on_startup(threading.Thread(target=announce, args=[when_ready], daemon=True).start)
    server.serve()


def announce(when_ready: Callable[[], None]) -> None:
    """Ask /healthz until it answers that all is well, then call `when_ready`."""
    while not is_healthy():
        time.sleep(0.05)
    when_ready()


def is_healthy() -> bool:
    """Whether /healthz answers 200, asked under a name that ALLOWED_HOSTS knows."""
    name = settings.ALLOWED_HOSTS[0].removeprefix(".").replace("*", "localhost")
    asked = http.client.HTTPConnection(own_host(), settings.PORT, timeout=5)
    try:
        asked.request("GET", "/healthz", headers={"Host": name})
        return asked.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
