"""`manage.py copy_database ADDRESS`: move to another database, such as from SQLite to PostgreSQL."""

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, CommandParser

from facehealth import copying
from facehealth.environment import database_at


class Command(BaseCommand):
    help = "Copy all rows of the database at ADDRESS into the one that DATABASE_URL names, which must be empty."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "address", help="the database to copy from, such as sqlite:////var/lib/facehealth/facehealth.sqlite3"
        )

    def handle(self, *args: object, address: str, **options: object) -> None:
        """Raises CommandError, with the database as empty as it was, if a row cannot be copied."""
        try:
            counts = copying.copy(database_at(address, name="ADDRESS"))
        except (copying.NotCopied, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Copied: {sum(counts.values())} rows of {len(counts)} tables.")
