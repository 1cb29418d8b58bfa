"""Settings of a server whose searches, sitemaps and passwords stop in the middle until they are told to go on.

It writes a line to $HELD/began when one stops, and to $HELD/ended when it is done; all go on when $HELD/go is there.
"""

import os
import time
from pathlib import Path

from django.http import HttpRequest, HttpResponse

from facehealth.passwords import OneAtATimeHasher
from facehealth.settings import *  # noqa: F403
from facehealth.settings import MIDDLEWARE

FOLDER = Path(os.environ["HELD"])
SLOW = ("/search/", "/sitemap-")
MIDDLEWARE = [*MIDDLEWARE, "tests.resilience.held.Middleware"]
PASSWORD_HASHERS = ["tests.resilience.held.Hasher"]


def hold(what: str) -> None:
    """Say that `what` began, and wait for the file."""
    note("began", what)
    while not (FOLDER / "go").exists():
        time.sleep(0.01)


def note(name: str, what: str) -> None:
    with (FOLDER / name).open("a") as file:
        file.write(f"{what}\n")


class Middleware:
    """Holds the views of slow pages."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(SLOW):
            hold(request.path)
        return self.get_response(request)


class Hasher(OneAtATimeHasher):
    """Holds whoever hashes."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        hold("hash")
        return super().encode(password, salt, iterations)
