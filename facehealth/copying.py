"""Moving to another database: every row of one into another, with its id, whatever kinds of database they are."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler

from conditions import db

SOURCE = "source"
"""What the database that is read is called while it is read; the one that is written is the default."""
AT_ONCE = 2000
BOOKS = MigrationRecorder.Migration._meta.db_table


class NotCopied(Exception):
    """Why nothing was copied, and the remedy."""


def copy(database: dict[str, Any]) -> dict[str, int]:
    """Copy all rows of `database`, as of one moment, into the default one; how many there are of each table.

    Raises NotCopied, with the target as empty as it was, if the source is not of this version of the code, the
    target holds anything, or a row cannot be copied.
    """
    connections.settings[SOURCE] = ConnectionHandler({"default": database}).settings["default"]
    try:
        require_source()
        require_empty()
        call_command("migrate", interactive=False, verbosity=0)
        with db.snapshot(SOURCE), transaction.atomic():
            require_source()
            return copy_rows()
    except DatabaseError as error:
        raise NotCopied(f"Nothing was copied: {str(error).strip()}") from error
    finally:
        connections[SOURCE].close()
        del connections[SOURCE], connections.settings[SOURCE]


def require_source() -> None:
    """Raise NotCopied unless the source is another database, with just the migrations that the code has."""
    file = Path(connections[SOURCE].settings_dict["NAME"])
    if connections[SOURCE].vendor == "sqlite" and not file.exists():
        raise NotCopied(f"There is no file {file}. Fix its address.")
    if {connections[SOURCE].vendor, connection.vendor} == {connection.vendor} and where(SOURCE) == where("default"):
        raise NotCopied("Both addresses name the same database. DATABASE_URL names the one that is to be filled.")
    applied = set(MigrationRecorder(connections[SOURCE]).applied_migrations())
    if not applied:
        raise NotCopied("The database to copy from is empty. Fix its address.")
    known = set(MigrationLoader(None).disk_migrations)
    if applied - known:
        raise NotCopied("The database to copy from is of a newer FaceHealth. Upgrade this one first.")
    if applied != known:
        raise NotCopied(
            "The database to copy from is of an older FaceHealth. Run `manage.py migrate` on it first, "
            "with its address in DATABASE_URL."
        )


def where(alias: str) -> tuple[str, str, str]:
    """What tells one database from another."""
    values = connections[alias].settings_dict
    return str(values["HOST"]), str(values["PORT"]), str(values["NAME"])


def require_empty() -> None:
    """Raise NotCopied if the target has rows that migrations do not make."""
    present = set(connection.introspection.table_names())
    made = {ContentType, Permission, Group, Group.permissions.through, MigrationRecorder.Migration}
    for model in everything():
        if model in made or model._meta.db_table not in present:
            continue
        rows = model._base_manager.count()
        if rows and not (model._meta.label == "conditions.Edition" and rows == 1):
            raise NotCopied(
                f"The database to fill is not empty: {model._meta.db_table} has {rows} rows. Give it a new one."
            )


def everything() -> list[type[models.Model]]:
    """The models of all tables."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


def copy_rows() -> dict[str, int]:
    """Empty the target of what migrations made, fill it, and compare the counts."""
    chosen = everything()
    known = {model._meta.db_table for model in chosen} | {BOOKS}
    if unknown := set(connections[SOURCE].introspection.table_names()) - known:
        raise NotCopied(
            f"The database to copy from has tables that are not the site's: {', '.join(sorted(unknown))}. "
            "Move them out of it."
        )
    with connection.cursor() as cursor:
        for table in sorted(known - {BOOKS}):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
    counts = {}
    for model in chosen:
        counts[model._meta.db_table] = copy_table(model)
        if model._base_manager.count() != counts[model._meta.db_table]:
            raise NotCopied(f"Not all rows of {model._meta.db_table} could be copied, so nothing was copied.")
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), chosen):
            cursor.execute(statement)
    connection.check_constraints()
    return counts


def copy_table(model: type[models.Model]) -> int:
    """Copy all rows of a model's table; how many there were."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    rows = model._base_manager.using(SOURCE).order_by("pk").iterator(AT_ONCE)
    size, count = connection.ops.bulk_batch_size(fields, [None] * AT_ONCE), 0
    for some in in_batches(rows, min(size, AT_ONCE)):
        db.insert_raw(some, fields)
        count += len(some)
    return count


def in_batches(rows: Iterator[models.Model], size: int) -> Iterator[list[models.Model]]:
    """The rows in lists of at most `size`."""
    while some := list(islice(rows, size)):
        yield some
