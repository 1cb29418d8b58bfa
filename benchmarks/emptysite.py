"""FaceHealth on an empty database of its own, which is thrown away afterwards."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def empty_site() -> Iterator[Path]:
    """Set the project up on an empty database; a folder for files. Both are gone afterwards.

    The database is one of SQLite, or one beside that which DATABASE_URL names, if that is one of PostgreSQL. What it
    names is not touched.
    """
    with tempfile.TemporaryDirectory(prefix="facehealth-bench-") as folder:
        sys.path.insert(0, str(ROOT))
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "facehealth.settings"}
        import django
        from django.db import connection

        django.setup()
        test = connection.settings_dict["TEST"]
        test["NAME"] = f"{folder}/bench.sqlite3" if connection.vendor == "sqlite" else f"facehealth_bench_{os.getpid()}"
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield Path(folder)
        finally:
            connection.creation.destroy_test_db("", verbosity=0)
