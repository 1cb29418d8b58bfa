"""The real content, loaded once and served by a live server; one browser for each module that needs it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from tests.browser import content
from tests.browser.chromium import CHROMIUM, running


@pytest.fixture(scope="package")
def db(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database with the real content in it, for all tests of this folder.

    pytest-django's own fixture of this name empties the database after each test, and loading takes
    seconds. So this one replaces it: it loads once, and at the end restores what was there, as
    `serialized_rollback` does. The tests of this folder only read.
    """
    with django_db_blocker.unblock():
        before = connection.creation.serialize_db_to_string()
        content.build()
        yield
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True)
        connection.creation.deserialize_db_from_string(before)
        connection.close()


@pytest.fixture(scope="package")
def server(db) -> Iterator[str]:
    """The address of the site, without the last slash."""
    live = LiveServer("localhost")
    yield live.url
    live.stop()
    # A thread that still answers has a connection to the database, which it must close before that is emptied.
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=5)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with running() as browser:
        yield browser


@pytest.fixture(scope="module")
def tab(chromium, server) -> Iterator[Any]:
    """One page of the browser for a whole module; addresses are those of the site."""
    page = chromium.new_page(base_url=server)
    page.set_default_timeout(10_000)
    yield page
    page.close()


@pytest.fixture
def view(tab):
    """Go to an address in a window so wide; the color scheme and the medium are the reader's."""

    def go(address: str, width: int = 1280, height: int = 900, **media: str) -> Any:
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(**({"media": "screen", "color_scheme": "light", "forced_colors": "none"} | media))
        tab.answer = tab.goto(address)
        return tab

    return go
