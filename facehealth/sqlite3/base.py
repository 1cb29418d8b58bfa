"""Where Django looks for the class that opens a database."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

from facehealth.environment import make_private

BESIDE = ("", "-wal", "-shm")
"""The files of a database: SQLite gives those beside it the mode of the first."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Makes the file private before it is opened: it holds hashes of passwords, and its folder may be open to all."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(conn_params["database"])
        if not name.startswith(("file:", ":memory:")):
            with suppress(FileExistsError, FileNotFoundError, PermissionError):
                os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o600))
            for end in BESIDE:
                with suppress(FileNotFoundError):
                    make_private(Path(name + end))
        return super().get_new_connection(conn_params)
