"""Run as a program: make the tables, load the content, collect static files, make ten publishers with sessions.

Prints the session keys, as JSON. Words: the folder of fixture files.
"""

import json
import sys
from importlib import import_module

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402

from tests.resilience.people import EDITORS  # noqa: E402
from tests.world import PASSWORD  # noqa: E402


def main() -> None:
    """Do it."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("loaddata", sys.argv[1], verbosity=0)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    secret, keys = make_password(PASSWORD), []
    for number in range(EDITORS):
        user = User.objects.create(username=f"editor{number}", password=secret, is_staff=True)
        user.groups.set(Group.objects.filter(name__in=["Author", "Publisher"]))
        keys.append(session_of(user))
    print(json.dumps(keys))


def session_of(user: User) -> str:
    """The key of a new session of a user."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main()
