"""What keeps the drafts from being published, and what readers would miss in them."""

from collections.abc import Iterator
from itertools import islice

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from conditions import checks, drafts
from conditions.models import desk
from conditions.records import Record, capped
from conditions.schema import Kind

AT_ONCE = 500
"""Entries that are read together."""


class Command(BaseCommand):
    help = "Print what keeps drafts from being published, and what readers would miss. Status 1 if something blocks."

    def handle(self, *args: object, **options: object) -> None:
        blocking: list[str] = []
        missing: list[str] = []
        for some in _drafts():
            known = checks.around(some)
            for record in some:
                found = checks.check(record, known)
                blocking += checks.in_places(record, found.blocking)
                missing += checks.in_places(record, found.advice)
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


def _drafts() -> Iterator[list[Record]]:
    """The records of all entries that are not withdrawn, as they are on the desk, some at a time."""
    for kind in Kind:
        each = _kept(kind).order_by("slug").iterator(chunk_size=AT_ONCE)
        while some := list(islice(each, AT_ONCE)):
            yield list(drafts.read_many(kind, some).values())


def _kept(kind: Kind) -> QuerySet[desk.VersionedEntry]:
    """The entries of a kind that are not withdrawn."""
    return desk.entries(kind).exclude(page__live__isnull=True, page__edition__isnull=False)
