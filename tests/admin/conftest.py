"""Editors of each role, logged in."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.admin.client import Editor
from tests.browser.chromium import running
from tests.world import World


@pytest.fixture
def author(world: World) -> Editor:
    return Editor(world.author)


@pytest.fixture
def reviewer(world: World) -> Editor:
    return Editor(world.reviewer)


@pytest.fixture
def publisher(world: World) -> Editor:
    return Editor(world.publisher)


@pytest.fixture
def chromium() -> Iterator[Any]:
    """A browser. Ask for the database first: it is another one to a thread in which Playwright runs already."""
    with running() as browser:
        yield browser
