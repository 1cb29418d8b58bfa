"""Where Django looks for the class that opens a database."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

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


class DatabaseWrapper(base.DatabaseWrapper):
    """Makes the file private before it is opened: it holds hashes of passwords, and its folder may be open to all."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(conn_params["database"])
        if not name.startswith(("file:", ":memory:")):
            with suppress(FileExistsError, FileNotFoundError, PermissionError):
                os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o600))
            ready_files(name)
        return super().get_new_connection(conn_params)
