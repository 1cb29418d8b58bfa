"""One file that holds the whole database, made while the site runs, and the way back from it.

A backup is a tar of two or three members: `manifest.json`, which says what the rest is, then the database as SQLite
or PostgreSQL themselves write it, and the secret key if it was asked for.
"""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from facehealth import backup_postgresql, backup_sqlite

FORMAT = "facehealth-backup-1"
MANIFEST = "manifest.json"
SECRET_KEY = "secret_key"
CHUNK = 1 << 20
MOST_MANIFEST = 1 << 20


class BackupError(Exception):
    """What keeps a backup from being made or restored, and the remedy."""


@dataclass
class Manifest:
    """What a backup says of itself."""

    format: str
    made: str
    database: str
    """"sqlite" or "postgresql"."""
    programs: int
    """The major version of pg_dump; 0 for SQLite."""
    edition: int
    migrations: list[str]
    rows: dict[str, int]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """What a person wants to know of it."""
        total = sum(self.rows.values())
        return [f"Made {self.made}: {self.database}, edition {self.edition}, {total} rows in {len(self.rows)} tables."]


def kind() -> ModuleType:
    """The module that knows the database's own way to copy itself."""
    return backup_postgresql if connection.vendor == "postgresql" else backup_sqlite


# Making one


def make(path: Path, *, with_secret_key: bool = False) -> Manifest:
    """Write a backup of the database to `path`, readable by this user only.

    Raises BackupError, and leaves nothing behind, if `path` exists, the database holds nothing, or a step fails.
    """
    if path.exists():
        raise BackupError(f"{path} exists already, and a backup never writes over a file. Name another.")
    if not path.parent.is_dir():
        raise BackupError(f"There is no directory {path.parent}. Make it first.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
            return _make_in(Path(folder), path, with_secret_key)
    except (OSError, *kind().ERRORS) as error:
        raise BackupError(f"No backup was made: {str(error).strip()}") from error


def _make_in(folder: Path, path: Path, with_secret_key: bool) -> Manifest:
    data = folder / kind().MEMBER
    facts = {"programs": 0} | kind().dump(data, describe)
    if not facts["migrations"]:
        raise BackupError("The database holds nothing yet. Is DATABASE_URL, or DATA_DIR, the one of the site?")
    manifest = Manifest(
        format=FORMAT, made=datetime.now(UTC).isoformat(timespec="seconds"), database=connection.vendor, **facts
    )
    members = [data]
    if with_secret_key:
        members.append(folder / SECRET_KEY)
        members[-1].write_text(settings.SECRET_KEY + "\n")
    manifest.files = {each.name: {"bytes": each.stat().st_size, "sha256": digest(each)} for each in members}
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    whole = folder / "whole.tar"
    with tarfile.open(whole, "x", format=tarfile.PAX_FORMAT) as tar:
        for member in [folder / MANIFEST, *members]:
            tar.add(member, arcname=member.name, filter=_without_owner)
    whole.chmod(0o600)
    with whole.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(whole, path)  # unlike a rename, never over another file
    except FileExistsError as error:
        raise BackupError(f"{path} was made by another process meanwhile. Name another file.") from error
    return manifest


def describe(ask: Callable[[str], list[Any]], tables: list[str]) -> dict[str, Any]:
    """What the manifest says of a database that answers `ask` and has `tables`."""
    rows = {name: ask(f'SELECT count(*) FROM "{name}"')[0][0] for name in tables}
    applied = ask("SELECT app, name FROM django_migrations") if "django_migrations" in tables else []
    newest = ask("SELECT coalesce(max(number), 0) FROM conditions_edition") if "conditions_edition" in tables else [[0]]
    return {"migrations": sorted(map(".".join, applied)), "edition": newest[0][0], "rows": rows}


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Reading one


@contextmanager
def opened(path: Path, folder: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest, and the database's file unpacked into `folder` and compared with it.

    Raises BackupError for a file that is missing, damaged, or no backup.
    """
    damaged = f"{path} is damaged: it differs from the backup that was made. Nothing was restored. Take another copy."
    try:
        with tarfile.open(path, "r:") as tar:
            manifest = _manifest(tar.extractfile(MANIFEST), path)
            names = tar.getnames()
            if sorted(names) != sorted([MANIFEST, *manifest.files]):
                raise BackupError(damaged)
            for name, said in manifest.files.items():
                if not _unpack(tar.extractfile(name), folder / Path(name).name, said):
                    raise BackupError(damaged)
    except FileNotFoundError as error:
        raise BackupError(f"There is no file {path}.") from error
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise BackupError(f"{path} is not a backup of FaceHealth, or it is damaged. Nothing was restored.") from error
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
    yield manifest, folder


def _manifest(file: IO[bytes] | None, path: Path) -> Manifest:
    try:
        values = json.loads(file.read(MOST_MANIFEST)) if file else {}
        if values.get("format", "").startswith("facehealth-backup-") and values["format"] != FORMAT:
            raise BackupError(f"{path} was made by a newer FaceHealth. Upgrade this one first.")
        manifest = Manifest(**values)
        known = {backup_sqlite.MEMBER, backup_postgresql.MEMBER, SECRET_KEY}
        if manifest.format == FORMAT and manifest.files.keys() <= known and isinstance(manifest.migrations, list):
            return manifest
    except (ValueError, TypeError, AttributeError, KeyError):
        pass
    raise BackupError(f"{path} is not a backup of FaceHealth, or it is damaged. Nothing was restored.")


def _unpack(source: IO[bytes] | None, target: Path, said: dict[str, Any]) -> bool:
    """Write a member to `target`; whether it is what the manifest says."""
    if source is None:
        return False
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, CHUNK)
    return (target.stat().st_size, digest(target)) == (said.get("bytes"), said.get("sha256"))


# The way back


def restore(path: Path, *, overwrite: bool = False) -> Manifest:
    """Put the backup at `path` in the database's place, all of it or nothing.

    Raises BackupError, with the database as it was, if the file is not sound, is of another kind of database or of
    a newer FaceHealth, if the database holds anything and `overwrite` is false, or if the site is using it.
    """
    try:
        with tempfile.TemporaryDirectory(dir=kind().folder()) as name, opened(path, Path(name)) as (manifest, folder):
            _require_restorable(manifest)
            if not overwrite and (tables := kind().tables()):
                raise BackupError(
                    f"The database is not empty: it has {len(tables)} tables. "
                    "To put the backup in place of all that it holds, add --overwrite."
                )
            kind().load(folder / kind().MEMBER, manifest.programs)
            return manifest
    except (OSError, *kind().ERRORS) as error:
        raise BackupError(f"Nothing was restored: {str(error).strip()}") from error


def _require_restorable(manifest: Manifest) -> None:
    if manifest.database != connection.vendor:
        raise BackupError(
            f"This is a backup of {manifest.database}, and DATABASE_URL names {connection.vendor}. Restore it into "
            f"{manifest.database}, then move with `manage.py copy_database`."
        )
    if newer := sorted(set(manifest.migrations) - known_migrations()):
        raise BackupError(
            "This backup was made by a newer FaceHealth: upgrade this one first. "
            f"It does not know {len(newer)} migrations, such as {newer[0]}."
        )


def known_migrations() -> set[str]:
    """Every migration that this FaceHealth has, as `app.name`."""
    return {".".join(key) for key in MigrationLoader(None).disk_migrations}


def missing_migrations(manifest: Manifest) -> int:
    """How many migrations the restored database still needs."""
    return len(known_migrations() - set(manifest.migrations))
