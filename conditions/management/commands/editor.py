"""`manage.py editor`: make a login for the admin."""

import getpass
import secrets
import shlex
import sys

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction

GROUPS = ("Author", "Publisher")


class Command(BaseCommand):
    help = "Create a login that can write, publish and withdraw. Asks for a username and a password on a terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", help="do not ask: create this user, with a random password")

    def handle(self, *args: object, username: str | None = None, **options: object) -> None:
        """Raises CommandError for a name that is taken or not allowed; SystemExit when interrupted."""
        typed = ""
        try:
            if username is None and sys.stdin.isatty():
                user = named(input("Username [editor]: ").strip() or "editor")
                typed = self.ask_for_password(user)
            else:
                user = named(username or "editor")
            password = typed or secrets.token_urlsafe(12)
            make_editor(user, password=password)
        except (EOFError, KeyboardInterrupt):
            self.stderr.write("\nStopped. No login was created.")
            sys.exit(130)  # as a shell says that Ctrl-C ended a command
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready: {str(error).strip()}\nStart it, or fix DATABASE_URL or DATA_DIR. "
                "If it has no tables yet: run `manage.py migrate`, or start the site once."
            ) from error
        self.stdout.write(f"Username: {user.username}")
        if not typed:
            self.stdout.write(f"Password: {password}\nIt will not be shown again.")
        self.stdout.write("Log in at /admin/ of the running site.")

    def ask_for_password(self, user: User) -> str:
        """A password that was typed twice and is strong enough; empty if one is to be made. Asks until it is."""
        self.stdout.write("\n".join(password_validators_help_texts()))
        while typed := getpass.getpass("Password (leave empty for a random one): "):
            try:
                validate_password(typed, user)
            except ValidationError as error:
                self.stdout.write("\n".join(error.messages))
                continue
            if getpass.getpass("Password (again): ") == typed:
                return typed
            self.stdout.write("The passwords do not match.")
        return ""


def named(username: str) -> User:
    """A user of that name, not saved yet. Raises CommandError, which names the remedy, if there cannot be one."""
    user = User(username=username, is_staff=True)
    if taken := User.objects.filter(username__iexact=username).first():
        # A name may begin with a hyphen, as an option does, and the database may hold what no form would take.
        name = f"{'-- ' if taken.username.startswith('-') else ''}{shlex.quote(taken.username)}"
        raise CommandError(
            f"A user named {taken.username!r} already exists. "
            "To make a login of another name: .venv/bin/python manage.py editor --username NAME\n"
            f"To set a new password, where the site is installed: facehealth changepassword {name}\n"
            f"Elsewhere: .venv/bin/python manage.py changepassword {name}"
        )
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise CommandError("\n".join(error.messages)) from error
    return user


def make_editor(user: User, *, password: str) -> None:
    """Save a new user of the admin, in GROUPS. Raises CommandError that names the remedy."""
    groups = list(Group.objects.filter(name__in=GROUPS))
    if len(groups) < len(GROUPS):
        raise CommandError(
            "A role is missing: run `manage.py migrate`, which makes it, or start the site once. Then try again."
        )
    user.set_password(password)
    with transaction.atomic():
        user.save()
        user.groups.set(groups)
