"""`manage.py backup FILE`: the whole database in one file, while the site runs."""

from pathlib import Path

from django.core.management import BaseCommand, CommandError, CommandParser

from facehealth import backup


class Command(BaseCommand):
    help = "Write the whole database into one file, consistent while the site is in use. Never overwrites a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to make, such as facehealth-2026-11-22.tar")
        parser.add_argument("--with-secret-key", action="store_true", help="include the secret key")

    def handle(self, *args: object, file: Path, with_secret_key: bool, **options: object) -> None:
        """Raises CommandError, having made nothing, if a step fails."""
        try:
            manifest = backup.make(file, with_secret_key=with_secret_key)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join([f"Backup: {file} ({file.stat().st_size} bytes)", *manifest.lines()]))
        if not with_secret_key:
            self.stdout.write("The secret key is not in it. Without it, everyone has to log in again after a restore.")
