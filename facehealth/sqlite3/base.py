"""Where Django looks for the class that opens a database."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base

from facehealth.environment import make_private

BESIDE = ("-wal", "-shm")
"""The files beside that of a database, which SQLite makes with its mode."""


def ready_files(name: str) -> None:
    """Make the files of a database private, and those beside it writable.

    What was made beside it while it was read-only stays read-only, and so would all connections that share it, until
    the last of them is closed: long after the database can be written again.
    """
    with suppress(FileNotFoundError):
        make_private(Path(name))
    for end in BESIDE:
        with suppress(FileNotFoundError, PermissionError):
            if (beside := Path(name + end)).stat().st_mode & 0o777 != 0o600:
                beside.chmod(0o600)


def file_at(name: str) -> tuple[int, ...]:
    """What is another where another file was put in the place of a database, or where its file was written.

    Errors: OSError where there is none.
    """
    stat = os.stat(name)
    return stat.st_dev, stat.st_ino, stat.st_ctime_ns, stat.st_size


class DatabaseWrapper(base.DatabaseWrapper):
    """Makes the file private before it is opened: it holds hashes of passwords, and its folder may be open to all.

    A connection stays open from one request to the next while nothing failed on it and its file is the same: it would
    read on in one that was replaced, written over or is gone.
    """

    _opened: tuple[int, ...] = ()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(conn_params["database"])
        if not _is_in_memory(name):
            with suppress(FileExistsError, FileNotFoundError, PermissionError):
                os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o600))
            ready_files(name)
            self._opened = _file_or_none(name)
            if self._opened and not os.access(name, os.W_OK, effective_ids=True):
                # SQLite may have one open from before, and would write through that.
                conn_params = conn_params | {"database": f"file:{quote(name)}?mode=ro"}
        return super().get_new_connection(conn_params)

    def close_if_unusable_or_obsolete(self) -> None:
        name = str(self.settings_dict["NAME"])
        is_kept = _is_in_memory(name) or (not self.errors_occurred and self._opened == _file_or_none(name))
        if self.connection is not None and not is_kept:
            self.close()
        super().close_if_unusable_or_obsolete()


def _is_in_memory(name: str) -> bool:
    return name.startswith(("file:", ":memory:"))


def _file_or_none(name: str) -> tuple[int, ...]:
    try:
        return file_at(name)
    except OSError:
        return ()
