"""Databases of a test's own, on SQLite or on the PostgreSQL that DATABASE_URL names, and pictures of them."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import sqlite3
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import models

from conditions import records
from conditions.models.published import Edition, Link, Page, Version
from conditions.search.postings import unpacked

Rows = dict[Any, dict[str, Any]]
Picture = dict[str, list[str]]

WAL_WRITE_LOCK = 120
"""The byte of SQLite's -shm file that a writer holds."""


class Lite:
    """A SQLite file."""

    vendor = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def url(self) -> str:
        """What DATABASE_URL has to say."""
        return f"sqlite:///{self.path}"

    @property
    def files(self) -> list[Path]:
        """The file and what SQLite keeps beside it."""
        return [Path(f"{self.path}{ending}") for ending in ("", "-wal", "-shm")]

    def copy(self) -> Lite:
        """Another file that says the same. Nobody may have this one open."""
        assert not self.files[1].exists(), "all is in the file itself"
        return Lite(Path(shutil.copy(self.path, self.path.with_name(f"{secrets.token_hex(6)}.sqlite3"))))

    def drop(self) -> None:
        for file in self.files:
            file.unlink(missing_ok=True)

    def settle(self) -> None:
        """Nothing to wait for: the locks of a dead process are gone."""

    def deadlocks(self) -> int:
        """None: there is one writer at a time."""
        return 0

    @contextmanager
    def watch(self) -> Iterator[Callable[[], bool]]:
        """Something to ask whether anybody is in a writing transaction, without taking part."""
        yield self._is_written

    def _is_written(self) -> bool:
        try:
            handle = os.open(self.files[2], os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, WAL_WRITE_LOCK, 1, 0)
            return struct.unpack("hhqqi4x", fcntl.fcntl(handle, fcntl.F_GETLK, wanted))[0] != fcntl.F_UNLCK
        finally:
            os.close(handle)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, timeout=20)) as connection:
            return connection.execute(statement).fetchall()


class Postgres:
    """A database on the server that an address names."""

    vendor = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = urlsplit(url).path.lstrip("/")

    def at(self, name: str) -> str:
        """The address of another database of the same server."""
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def make(self, template: str = "template0") -> Postgres:
        """A new database on the same server, like `template`."""
        name = f"faults_{secrets.token_hex(6)}"
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return Postgres(self.at(name))

    def copy(self) -> Postgres:
        """Another database that says the same. Nobody may be connected to this one."""
        self.settle()
        return self.make(self.name)

    def drop(self) -> None:
        self._do(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _do(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.at("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def settle(self) -> None:
        """Wait until the server has noticed that its clients are dead."""
        for _ in range(400):
            if not self._do(f"SELECT 1 FROM pg_stat_activity WHERE datname = '{self.name}'"):
                return
            time.sleep(0.025)
        raise AssertionError("someone is still connected")

    def deadlocks(self) -> int:
        """How many the server has counted in this database, by what has ended its connection."""
        return int(self._do(f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{self.name}'")[0][0])

    @contextmanager
    def watch(self) -> Iterator[Callable[[], bool]]:
        """Something to ask whether anybody is in a writing transaction, without taking part."""
        asked = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{self.name}' AND backend_xid IS NOT NULL"
        with psycopg.connect(self.at("postgres"), autocommit=True) as connection:
            yield lambda: connection.execute(asked).fetchone() is not None  # type: ignore[call-overload]

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload]


Database = Lite | Postgres


def fresh(folder: Path) -> Database:
    """An empty database: of the PostgreSQL that DATABASE_URL names, or else a file in `folder`."""
    url = os.environ.get("DATABASE_URL", "")
    return Postgres(url).make() if url.startswith("postgres") else Lite(folder / "template.sqlite3")


# Pictures


@dataclass
class Reader:
    """Reads all that FaceHealth keeps, with names in the place of ids, and without times and tokens."""

    tables: dict[type[models.Model], Rows]

    @classmethod
    def of(cls, database: Database) -> Reader:
        kept = [*apps.get_app_config("conditions").get_models(), ContentType, User]
        return cls({model: _rows(database, model) for model in kept})

    def picture(self) -> Picture:
        own = [model for model in self.tables if model._meta.app_label == "conditions"]
        return {model.__name__: sorted(self.said(model, row) for row in self.tables[model].values()) for model in own}

    def said(self, model: type[models.Model], row: dict[str, Any]) -> str:
        """A row in words that hold in every copy of the database."""
        said = []
        for field in model._meta.concrete_fields:
            if isinstance(field, models.DateTimeField) or (field.primary_key and not field.remote_field):
                continue
            if field.name == "token":  # random
                continue
            said.append(f"{field.name}={self._value(field, row)}")
        return " ".join([str(row["number"]), *said] if model is Edition else said)

    def _value(self, field: Any, row: dict[str, Any]) -> str:
        value = row[field.attname]
        if field.remote_field:
            return self.name(field.remote_field.model, value)
        if field.name == "object_id":
            kind = self.tables[ContentType][row["content_type_id"]]
            return self.name(apps.get_model(kind["app_label"], kind["model"]), value)
        if field.name in ("mark", "compared"):
            return self.name(Version, value)
        if isinstance(field, models.BinaryField) and row.get("word"):
            said = unpacked(row["block"], bytes(value))
            return str(sorted((self.name(Page, page), weight) for page, weight in said.items()))
        if isinstance(field, models.BinaryField):
            return repr(bytes(value))
        return repr(value)

    def name(self, model: type[models.Model], pk: Any) -> str:
        """What a row is called wherever another refers to it."""
        if pk is None or pk not in self.tables[model]:
            return f"no {model.__name__} {pk if pk is None else ''}"
        row = self.tables[model][pk]
        if model is Page:
            return f"{row['kind']}/{row['slug']}"
        if model is Version:
            return f"{self.name(Page, row['page_id'])}@{row['number']}"
        if model in (Edition, User):
            return f"{model.__name__} {row.get('number', row.get('username'))}"
        return row["slug"] if "slug" in row else f"({self.said(model, row)})"

    def torn(self) -> list[str]:
        """Live pages whose row or links are not those of the version that is live on them."""
        return [self.name(Page, pk) for pk, row in self.tables[Page].items() if row["live_id"] and self._is_torn(pk)]

    def _is_torn(self, pk: int) -> bool:
        page = self.tables[Page][pk]
        record = self.tables[Version][page["live_id"]]["record"]
        wanted = [(one.relation, one.slug, one.row.get("note", "")) for one in records.references(record)]
        found = [
            (link["relation"], self.tables[Page][link["target_id"]]["slug"], link["note"])
            for link in sorted(self.tables[Link].values(), key=lambda each: each["order"])
            if link["owner_id"] == pk
        ]
        return page["name"] != record["name"] or found != wanted


def _rows(database: Database, model: type[models.Model]) -> Rows:
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    found: Rows = {}
    for values in database.query(f"SELECT {columns} FROM {model._meta.db_table}"):
        row = {field.attname: _plain(field, value) for field, value in zip(fields, values, strict=True)}
        found[row[model._meta.pk.attname]] = row
    return found


def _plain(field: models.Field, value: Any) -> Any:
    if isinstance(field, models.JSONField):
        return json.loads(value) if isinstance(value, str) else value
    return str(value) if isinstance(field, models.DateField) and value is not None else value


def picture(database: Database) -> Picture:
    """All that FaceHealth keeps, as it is now; AssertionError where a page is torn."""
    reader = Reader.of(database)
    torn = reader.torn()
    assert not torn, torn
    return reader.picture()


def differing(one: Picture, other: Picture) -> list[str]:
    """The tables that differ between two pictures, with the first difference of each."""
    out = []
    for table in one:
        extra = sorted(set(one[table]) ^ set(other[table]))
        if one[table] != other[table]:
            out.append(f"{table}: {len(one[table])} and {len(other[table])} rows; {extra[:1]}"[:300])
    return out
