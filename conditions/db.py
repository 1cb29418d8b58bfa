"""What goes past the ORM: prepared rows written in one go, their ids known beforehand, and deletes without cascades.

For 20,000 rows it takes a third to a sixth of the processor time of `bulk_create`, and SQLite's write lock as much
shorter. All calls of Django's private API are here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Never, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models import Max, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL

M = TypeVar("M", bound=models.Model)
Column: TypeAlias = "models.Field[object, object]"
Values = Sequence[Any]
"""What a row holds, in the order of some columns."""


def in_values(values: Iterable[int] | Iterable[str]) -> RawSQL | list[Never]:
    """What to compare with `__in`: any number of ids, or of texts, as one parameter of the query."""
    listed = list(values)
    if not listed:
        return []
    if connection.vendor == "postgresql":
        of = "text" if isinstance(listed[0], str) else "bigint"
        return RawSQL(f"SELECT unnest(%s::{of}[])", [listed])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(listed)])


def rows(statement: str, values: Iterable[int] | Iterable[str]) -> list[tuple[Any, ...]]:
    """What a statement selects, where `{}` stands for the values that something is compared with by IN.

    For what is asked so often that building the query takes longer than its answer.
    """
    wanted = in_values(values)
    if not isinstance(wanted, RawSQL):
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement.format(wanted.sql).strip(), wanted.params)
        return list(cursor.fetchall())


@contextmanager
def snapshot(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """A transaction that only reads, and sees the database as of its first read, whatever others write meanwhile.

    It keeps nobody from writing. Inside another transaction it is that one, and sees what that one sees.
    """
    database: Any = connections[using]
    if database.in_atomic_block:
        yield
    elif database.vendor == "postgresql":
        with transaction.atomic(using=using):
            with database.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        database.ensure_connection()  # which sets the mode
        mode, database.transaction_mode = database.transaction_mode, "DEFERRED"
        try:
            with transaction.atomic(using=using):
                yield
        finally:
            database.transaction_mode = mode


def take_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` ids that no row of the table has or will be given. Call it inside the writing transaction."""
    if connection.vendor == "postgresql":
        table, column = model._meta.db_table, model._meta.pk.column
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, column, count],
            )
            return [row[0] for row in cursor.fetchall()]
    top = model._base_manager.aggregate(top=Max("pk"))["top"] or 0
    with connection.cursor() as cursor:
        # The id of a deleted row is never used again: a form that was opened on it must not find another row.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        top = max([top, *(row[0] for row in cursor.fetchall())])
    return list(range(top + 1, top + 1 + count))


def lock_table(model: type[models.Model], wait: int) -> None:
    """Keep others from writing a table until the transaction ends. OperationalError if one does for `wait` seconds.

    On SQLite nobody else writes anything meanwhile: a transaction has waited for that as it began.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{wait}s"])
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert the rows, tuples in the order of `columns` (attribute names, such as `page_id`)."""
    fields = [_field(model, column) for column in columns]
    names = ", ".join(_quoted(field) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    _execute_many(f"INSERT INTO {table} ({names}) VALUES ({places})", fields, rows)


def insert_one(model: type[models.Model], **values: object) -> None:
    """Insert one row."""
    insert(model, list(values), [tuple(values.values())])


def update(model: type[models.Model], columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Set `columns` of the rows, tuples that end with the primary key."""
    fields = [_field(model, column) for column in columns]
    changes = ", ".join(f"{_quoted(field)} = %s" for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    key = _quoted(model._meta.pk)
    statement = f"UPDATE {table} SET {changes} WHERE {key} = %s"
    _execute_many(statement, [*fields, model._meta.pk], rows)


def delete(rows: QuerySet[models.Model]) -> None:
    """Delete rows in one statement. What refers to them is not looked for: the database refuses."""
    rows._raw_delete(rows.db)


def insert_raw(rows: Sequence[models.Model], fields: Sequence[Column]) -> None:
    """Insert instances of one model as they are: as bulk_create does it, but no field sets itself to now."""
    manager = type(rows[0])._base_manager
    manager.all()._insert(rows, fields=fields, using="default", raw=True)  # type: ignore[attr-defined]


def instance(model: type[M], values: dict[str, Any], **ends: models.Model | None) -> M:
    """An instance of a row that was read, a tenth of what the ORM's own way costs. ends: what its keys lead to.

    values: all of its columns, by attribute, as Python has them.
    """
    made = model.__new__(model)
    made.__dict__ |= values
    made._state = ModelState()
    made._state.adding, made._state.db, made._state.fields_cache = False, DEFAULT_DB_ALIAS, dict(ends)
    return made


def built(model: type[M], **values: object) -> M:
    """An instance of a row that is written past the ORM, so that saving it later is not an insert."""
    instance = model(**values)
    instance._state.adding = False
    return instance


def count_anew(tables: Iterable[type[models.Model]]) -> None:
    """Let PostgreSQL know how large tables have become: until it looks by itself, it plans for those of before.

    A join of five tables that it takes for empty has run for minutes. SQLite plans by the indexes alone.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(connection.ops.quote_name(table._meta.db_table) for table in tables)}")


def _quoted(field: Column) -> str:
    return connection.ops.quote_name(str(field.column))


def _field(model: type[models.Model], attname: str) -> Column:
    return next(field for field in model._meta.concrete_fields if field.attname == attname)


def _execute_many(statement: str, fields: Sequence[Column], rows: Sequence[Values]) -> None:
    if not rows:
        return
    prepare = {place: _adapter(field) for place, field in enumerate(fields) if _needs_adapting(field)}
    if prepare:
        rows = [
            tuple(prepare[place](value) if place in prepare else value for place, value in enumerate(row))
            for row in rows
        ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _needs_adapting(field: Column) -> bool:
    return isinstance(field, models.JSONField | models.DateField)


def _adapter(field: Column) -> Callable[[object], object]:
    """What the database takes for a value. Many rows share one time, so a date is worked out once."""

    def adapt(value: object) -> object:
        return field.get_db_prep_save(value, connection)

    return cache(adapt) if isinstance(field, models.DateField) else adapt
