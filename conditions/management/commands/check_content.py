"""What keeps the drafts from being published, and what readers would miss in them."""

from collections.abc import Iterator
from itertools import islice

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from conditions import drafts, statements, validation
from conditions.models import desk
from conditions.records import Problem, Record, capped, schema_of
from conditions.schema import Kind

AT_ONCE = 500
"""Entries that are read together."""


class Command(BaseCommand):
    help = "Print what keeps drafts from being published, and what readers would miss. Status 1 if something blocks."

    def handle(self, *args: object, **options: object) -> None:
        blocking: list[str] = []
        missing: list[str] = []
        for record, texts in _drafts():
            wrong = validation.problems(record) or validation.publish_blockers(record)
            blocking += _lines(record, [*wrong, *statements.problems(record, texts)])
            missing += _lines(record, validation.advice(record))
        self._print("Readers would miss:", missing)
        if blocking:
            self._print("Cannot be published:", blocking)
            keep, them = ("problem keeps", "it") if len(blocking) == 1 else ("problems keep", "them")
            raise CommandError(f"{len(blocking)} {keep} drafts from being published. Fix {them} in the admin.")

    def _print(self, title: str, lines: list[str]) -> None:
        if lines:
            self.stdout.write(self.style.MIGRATE_HEADING(title))
        for line in capped(lines):
            self.stdout.write(f"  {line}")


def _drafts() -> Iterator[tuple[Record, dict[str, str]]]:
    """The record of every entry that is not withdrawn, with the texts that it quotes from, as they are on the desk."""
    withdrawn = Q(page__live__isnull=True, page__edition__isnull=False)
    for kind in Kind:
        entries = desk.entries(kind).exclude(withdrawn).order_by("slug")
        each = entries.iterator(chunk_size=AT_ONCE)
        while some := list(islice(each, AT_ONCE)):
            found = list(drafts.read_many(kind, some).values())
            texts = drafts.texts_of(statements.quoted(found))
            yield from ((record, texts) for record in found)


def _lines(record: Record, found: list[Problem]) -> list[str]:
    """Problems in words, each with its entry and field."""
    entry = f"{Kind(record['kind']).plural}/{record['slug']}"
    schema = schema_of(record)
    return [f"{entry}: {', '.join([schema.label_of(one.path[0]), *one.path[1:]])}: {one.message}" for one in found]
