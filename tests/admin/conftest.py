"""Editors of each role, logged in."""

import pytest

from tests.admin.desk import Editor
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
