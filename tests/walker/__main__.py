"""Make an empty database and a folder for files, and walk in them. Words: those of `tests.walker.main`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

PLACE = tempfile.TemporaryDirectory(prefix="facehealth-walker-")
FIXTURES = Path(PLACE.name, "fixtures")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.walker.settings", "WALKER_FIXTURES": str(FIXTURES)}
os.environ.update(SETTINGS, DATA_DIR=PLACE.name)
django.setup()

from tests.resilience import databases  # noqa: E402
from tests.resilience.processes import ROOT, environment  # noqa: E402


def main() -> int:
    """Run a walk; its exit status."""
    FIXTURES.mkdir()
    empty = databases.fresh(Path(PLACE.name))
    told = environment(empty.url, Path(PLACE.name), WALKER_EMPTY=empty.url, **SETTINGS)
    subprocess.run([sys.executable, ROOT / "manage.py", "migrate", "--verbosity=0"], env=told, check=True)
    database = empty.copy()
    words = [sys.executable, "-m", "tests.walker.main", *sys.argv[1:]]
    try:
        return subprocess.run(words, cwd=ROOT, env=told | {"DATABASE_URL": database.url}).returncode
    finally:
        database.drop()
        empty.drop()


if __name__ == "__main__":
    with PLACE:
        sys.exit(main())
