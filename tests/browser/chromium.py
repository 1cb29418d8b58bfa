"""The system's Chromium, driven by Playwright, whose own download of a browser is not needed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from unittest import mock

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
NEEDED = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(find_spec("playwright") is None, reason="playwright is not installed"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
"""Marks of tests in which a browser reads from a live server and the test writes."""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def running(**options: Any) -> Iterator[Any]:
    """A browser, and leave for this thread to use Django's database meanwhile.

    Playwright keeps an event loop in the thread, and Django then refuses the database to it.
    """
    from playwright.sync_api import sync_playwright

    with mock.patch.dict(os.environ, {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, **options)
        try:
            yield browser
        finally:
            browser.close()
