"""`manage.py restore_backup FILE`: put a backup in the database's place, all of it or nothing."""

import shlex
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from facehealth import backup


class Command(BaseCommand):
    help = "Put a backup in the database's place, all of it or nothing. Refused while the site runs."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file that `manage.py backup` made")
        parser.add_argument("--overwrite", action="store_true", help="replace everything in the database")

    def handle(self, *args: object, file: Path, overwrite: bool, **options: object) -> None:
        """Raises CommandError, with the database as it was, if the backup cannot be restored."""
        try:
            manifest = backup.restore(file, overwrite=overwrite)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join([f"Restored: {file}", *manifest.lines()]))
        if backup.SECRET_KEY in manifest.files:
            to = shlex.quote(str(settings.DATA_DIR))
            self.stdout.write(
                "The secret key was not restored. To have it back, and every login with it: "
                f"tar --extract --file={shlex.quote(str(file))} --directory={to} {backup.SECRET_KEY}"
            )
        if missing := backup.missing_migrations(manifest):
            self.stdout.write(f"It is {missing} migrations older than this FaceHealth: now run `manage.py migrate`.")
