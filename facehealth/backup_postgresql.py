"""How PostgreSQL is copied while it is in use, and put back whole: by its own programs, pg_dump and pg_restore."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from psycopg.conninfo import make_conninfo

from conditions import db

Ask = Callable[[str], list[Any]]
"""Takes a query and gives all its rows."""

MEMBER = "database.pgdump"
INSTALL = "On Debian: apt-get install postgresql-client"
WAIT = "20s"
HEAD = 30
"""Lines at the head of what pg_restore writes, with settings: one of them no server older than 17 knows."""

OTHERS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)
REMEDY = "Stop the site and whatever else uses it, then restore."
REFUSE = f"""DO $$ BEGIN
IF EXISTS (SELECT {OTHERS}) THEN RAISE EXCEPTION 'another client has connected meanwhile. {REMEDY}'; END IF;
END $$;
"""
"""Asked again once all tables are locked: what was saved until then is not thrown away unseen."""


class ProgramError(Exception):
    """A program of PostgreSQL is missing, too old, or failed."""


ERRORS = (DatabaseError, ProgramError)


def folder() -> Path:
    """Where to unpack a backup."""
    return Path(tempfile.gettempdir())


def dump(target: Path, describe: Callable[[Ask, list[str]], dict[str, Any]]) -> dict[str, Any]:
    """Write the database into `target` as of one moment; what `describe` finds in it at that moment."""
    version = require_program("pg_dump", at_least=server_version())
    with db.snapshot(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--schema={schema(cursor)}"]
        run("pg_dump", *options, f"--snapshot={snapshot}", f"--file={target}")

        def ask(query: str) -> list[Any]:
            cursor.execute(query)
            return list(cursor.fetchall())

        return describe(ask, table_names(cursor)) | {"programs": version}


def table_names(cursor: CursorWrapper) -> list[str]:
    """The tables of the schema that the site uses."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
    return [row[0] for row in cursor.fetchall()]


def schema(cursor: CursorWrapper) -> str:
    """The schema that the site uses."""
    cursor.execute("SELECT current_schema()")
    name: str = cursor.fetchone()[0]
    return name


def tables() -> list[str]:
    """The tables of the database that is there now."""
    with connection.cursor() as cursor:
        return table_names(cursor)


def load(source: Path, programs: int) -> None:
    """Drop all tables and restore those in `source`, in one transaction."""
    require_program("pg_restore", at_least=programs)
    require_program("psql", at_least=programs)
    require_alone()
    with connection.cursor() as cursor:
        quoted = [connection.ops.quote_name(name) for name in table_names(cursor)]
        here = schema(cursor)
    connection.close()
    script, whole = source.with_suffix(".sql"), source.with_suffix(".whole.sql")
    options = ["--no-owner", "--no-privileges", f"--schema={here}", f"--file={script}"]
    run("pg_restore", *options, str(source), on_database=False)
    with script.open("rb") as restored, whole.open("wb") as file:
        drop = f"DROP TABLE {', '.join(quoted)} CASCADE;\n" if quoted else ""
        file.write(f"SET lock_timeout = '{WAIT}';\n{drop}{REFUSE}".encode())
        for line in islice(restored, HEAD):
            if not line.startswith(b"SET transaction_timeout"):
                file.write(line)
        shutil.copyfileobj(restored, file)
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    run("psql", *options, f"--file={whole}")


def require_alone() -> None:
    """Raise ProgramError if any other client is connected to the database. The site is, while it runs."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT application_name, host(client_addr) {OTHERS} ORDER BY 1, 2")
        others = cursor.fetchall()
    if others:
        named = "; ".join(sorted({f"{name or 'no name'} from {address or 'this machine'}" for name, address in others}))
        raise ProgramError(f"{len(others)} other connections to the database are open ({named}). {REMEDY}")


def server_version() -> int:
    """The major version of the server."""
    connection.ensure_connection()
    return int(connection.pg_version) // 10000  # type: ignore[attr-defined]  # PostgreSQL's alone


def require_program(name: str, *, at_least: int) -> int:
    """The major version of a program; ProgramError if it is missing, or older than it must be."""
    if shutil.which(name) is None:
        raise ProgramError(f"the program {name} is missing. {INSTALL}")
    said = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)(\.\d+|devel|beta\d+|rc\d+)", said)
    version = int(found[1]) if found else 0
    if version < at_least:
        raise ProgramError(f"{name} is of version {version}, and must be {at_least} or newer. {INSTALL}-{at_least}")
    return version


def run(name: str, *arguments: str, on_database: bool = True) -> None:
    """Run a program of PostgreSQL, on the site's database unless told; ProgramError if it fails."""
    values = connection.get_connection_params()
    known = ("dbname", "user", "host", "port", "service", "passfile")
    chosen = {key: values[key] for key in values if key in known or key.startswith("ssl")}
    environ = os.environ | {"PGCONNECT_TIMEOUT": "20"}
    if password := values.get("password"):
        environ["PGPASSWORD"] = str(password)  # not among the arguments, which every user of the machine can list
    database = [f"--dbname={make_conninfo(**chosen)}"] if on_database else []
    ran = subprocess.run([name, *database, *arguments], env=environ, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise ProgramError(f"{name} failed: {' '.join(ran.stderr.split())[-600:]}")
