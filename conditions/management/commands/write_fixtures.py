"""Write the desk back to fixture files, so that git shows what editors did."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conditions.content_files import exporting, formats
from conditions.content_files.plan import first_of
from conditions.records import NewerRecord


class Command(BaseCommand):
    help = "Write the drafts back to fixtures/. Files that already say the same are left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("labels", nargs="*", help="Entries, such as conditions/bells-palsy.")
        parser.add_argument("--check", action="store_true", help="Write nothing; exit with status 1 if files differ.")

    def handle(self, *args: object, labels: list[str], check: bool, verbosity: int, **options: object) -> None:
        try:
            changes = exporting.rewrites(labels)
            if not check:
                exporting.write_back(changes)
        except formats.InvalidFiles as error:
            raise CommandError("\n".join(["Nothing was written.", *first_of(error.problems)])) from error
        except NewerRecord as error:
            raise CommandError(f"Nothing was written. {error}") from error
        if check and changes:
            names = "\n".join(first_of([formats.shown(change.path) for change in changes]))
            raise CommandError(f"These files differ from the drafts; run `manage.py write_fixtures`:\n{names}")
        for change in changes if verbosity else ():
            self.stdout.write(f"{formats.shown(change.path)}: written")
        if verbosity:
            self.stdout.write(f"{len(changes)} files written.")
