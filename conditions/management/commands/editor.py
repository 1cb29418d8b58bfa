"""`manage.py editor`: make a login for the admin."""

import getpass
import secrets
import sys
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction

GROUPS = ("Author", "Publisher")


class Command(BaseCommand):
    help = "Make a login that may write, publish and withdraw. Asks for a name and a password on a terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", help="do not ask: make this one, with a random password")

    def handle(self, *args: Any, username: str | None = None, **options: Any) -> None:
        """Raises CommandError for a name that is taken or not allowed, and a password that is too weak."""
        typed = ""
        if username is None and sys.stdin.isatty():
            username = input("User name [editor]: ").strip()
            typed = getpass.getpass("Password (empty: a random one is made): ")
        password = typed or secrets.token_urlsafe(12)
        user = make_editor(username=username or "editor", password=password)
        self.stdout.write(f"User name: {user.username}")
        if not typed:
            self.stdout.write(f"Password:  {password}\nIt is not shown again.")
        self.stdout.write("Log in at /admin/ of the running site.")


def make_editor(*, username: str, password: str) -> User:
    """A new user of the admin, in GROUPS. Raises CommandError that names the remedy."""
    user = User(username=username, is_staff=True)
    try:
        groups = list(Group.objects.filter(name__in=GROUPS))
        if len(groups) < len(GROUPS):
            raise CommandError("A group is missing: run `python manage.py migrate`, which makes them.")
        if User.objects.filter(username=username).exists():
            raise CommandError(
                f"There is a user {username!r} already. For a new password: python manage.py changepassword {username}"
            )
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
        user.set_password(password)
        with transaction.atomic():
            user.save()
            user.groups.set(groups)
    except ValidationError as error:
        raise CommandError("\n".join(error.messages)) from error
    except DatabaseError as error:
        raise CommandError(f"The database is not ready ({error}): run `make run` once.") from error
    return user
