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
    """Makes the file private before it is opened, and opens it again where another one was put in its place.

    It holds hashes of passwords, and its folder may be open to all. SQLite does not notice that its file was renamed.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(conn_params["database"])
        if not name.startswith(("file:", ":memory:")):
            with suppress(FileExistsError, FileNotFoundError, PermissionError):
                os.close(os.open(name, os.O_CREAT | os.O_EXCL, 0o600))
            for end in BESIDE:
                with suppress(FileNotFoundError):
                    make_private(Path(name + end))
        self._file = self._file_now()
        return super().get_new_connection(conn_params)

    def close_if_unusable_or_obsolete(self) -> None:
        """What Django calls at the beginning and the end of each request. After an error the file is opened anew."""
        is_open = self.connection is not None and not self.in_atomic_block
        if is_open and (self.errors_occurred or self._file != self._file_now()):
            self.close()
        super().close_if_unusable_or_obsolete()

    def _file_now(self) -> tuple[int, int] | None:
        """What the system knows the file by that has the database's name."""
        try:
            found = os.stat(self.settings_dict["NAME"])
        except OSError:
            return None
        return found.st_dev, found.st_ino
