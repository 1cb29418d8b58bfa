"""Whether the site is running, also while it does nothing: it holds something that a restore needs.

For SQLite that is a lock on a file beside the database, for PostgreSQL an open connection.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection

EVERY = 20
"""Seconds between two looks at the connection: PostgreSQL may have been restarted."""
NAME = "FaceHealth, running"
"""How PostgreSQL lists the connection."""
_held: list[int] = []


class InUse(Exception):
    """The site is running."""


def hold() -> None:
    """Say, for as long as this process lives, that the site runs. ImproperlyConfigured while a backup is restored."""
    if connection.vendor == "postgresql":
        threading.Thread(target=_stay_connected, daemon=True).start()
    elif not _held:
        handle = _open(lock_of(Path(connection.settings_dict["NAME"])))
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise ImproperlyConfigured("a backup is being restored. Wait until it is, then start again.") from None
        _held.append(handle)


def pass_on() -> None:
    """Let what takes the place of this process hold the lock of SQLite's file."""
    for handle in _held:
        os.set_inheritable(handle, True)


def lock_of(path: Path) -> Path:
    """The file that is locked for the database at `path`."""
    return path.absolute().with_name(f"{path.name}.lock")


@contextmanager
def nobody_else(path: Path) -> Iterator[None]:
    """Keep the site on the SQLite database at `path` from starting. Raises InUse if it runs."""
    handle = _open(lock_of(path))
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise InUse(f"the site is running on {path}. Stop the site, then restore.") from None
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if os.geteuid() == 0:  # the site's own user must be able to open it
        folder = path.parent.stat()
        with suppress(PermissionError):
            os.fchown(handle, folder.st_uid, folder.st_gid)
    return handle


def _stay_connected() -> None:
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('application_name', %s, false)", [NAME])
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(EVERY)
