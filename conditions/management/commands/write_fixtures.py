"""Write the desk back to fixture files, so that git shows what editors did."""

from collections.abc import Sequence

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from conditions.content_files import exporting, formats
from conditions.content_files.exporting import Export, Rewrite
from conditions.content_files.plan import counted
from conditions.records import NewerRecord, capped


class Command(BaseCommand):
    help = "Write the drafts back to fixtures/. Files that already say the same are left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("labels", nargs="*", help="Entries, such as conditions/bells-palsy.")
        parser.add_argument("--check", action="store_true", help="Write nothing; exit with status 1 if files differ.")

    def handle(self, *args: object, labels: list[str], check: bool, verbosity: int, **options: object) -> None:
        try:
            export = exporting.compare(labels)
        except formats.InvalidFiles as error:
            raise CommandError("\n".join(["Nothing was written.", *capped(error.problems)])) from error
        except (NewerRecord, DatabaseError) as error:
            raise CommandError(f"Nothing was written. {error}") from error
        if check:
            self.refuse_differences(export)
            return
        try:
            self.write(export, verbosity)
        except (NewerRecord, DatabaseError) as error:
            raise CommandError(f"Not all files were written. {error} Run write_fixtures again.") from error

    def refuse_differences(self, export: Export) -> None:
        """CommandError that names the files that differ, and those that a person has to see to."""
        said = []
        if export.changes:
            lines = [change.told() for change in in_order(export.changes)]
            said = ["These files differ from the drafts; run `manage.py write_fixtures`:", *capped(lines)]
        if export.left:
            said += ["These files need you:", *capped(export.left)]
        if said:
            raise CommandError("\n".join(said))

    def write(self, export: Export, verbosity: int) -> None:
        """Write the files, and say so; CommandError that names those that were left alone."""
        done, left = exporting.write_back(export)
        if verbosity:
            written = sum(bool(change.text) for change in done)
            removed = f", {len(done) - written} removed" if written < len(done) else ""
            lines = [change.told("written" if change.text else "removed") for change in in_order(done)]
            counts = f"{counted(written, 'file', 'files')} written{removed}."
            self.stdout.write("\n".join([*(lines if verbosity > 1 else capped(lines)), counts]))
        if left:
            raise CommandError("\n".join(["These files were left alone:", *capped(left)]))


def in_order(changes: Sequence[Rewrite]) -> list[Rewrite]:
    """The changes, those that there is something to say of first."""
    return sorted(changes, key=lambda change: not change.reasons)
