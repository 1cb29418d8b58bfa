"""`manage.py serve`: bring the database, the content and the static files up to date, then serve the site."""

import os

from django.core.management import BaseCommand, call_command

from conditions.models import Edition, Page
from facehealth import in_use, server


class Command(BaseCommand):
    help = "Bring the database, the content and the static files up to date, then serve the site."

    def handle(self, *args: object, **options: object) -> None:
        """Raises CommandError, before it serves anything, if a step fails."""
        server.require_free_port()
        server.require_database()
        in_use.hold()
        self.say(f"Database: {server.database_name()}")
        call_command("migrate", interactive=False, verbosity=0)
        # Of the first load, which is all new, the count is enough.
        first = not Edition.objects.filter(number__gt=0).exists()
        call_command("loaddata", verbosity=0 if first else 1, stdout=self.stdout, stderr=self.stderr)
        if first:
            self.say(f"Content: {Page.objects.live().count()} pages loaded and published")
        if server.collect_static():
            self.say("Static files: prepared")
        server.run(*self.when_ready())

    def say(self, line: str) -> None:
        """Print at once, also into a pipe or a log file."""
        self.stdout.write(line)
        self.stdout.flush()

    def when_ready(self) -> list[str]:
        """What to say when the site answers."""
        same = " and ".join(name for name in ("DATA_DIR", "DATABASE_URL") if name in os.environ)
        where = f"in another terminal, with the same {same}" if same else "in another terminal"
        return [
            f"FaceHealth is ready at {server.address()}",
            f"To edit: run `make editor` {where}, then open {server.address()}admin/",
        ]
