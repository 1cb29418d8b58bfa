"""Sites that were filled once, of which every test takes a copy, and a backup of one."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.backup.site import ON_POSTGRESQL, SERVER, Site, fill


@pytest.fixture(scope="session")
def make_site(tmp_path_factory):
    """Make a site with an empty database, of the kind that the tests run on unless told."""
    made: list[str] = []

    def make(postgresql: bool = ON_POSTGRESQL, like: Site | None = None) -> Site:
        data = tmp_path_factory.mktemp("site")
        if not postgresql:
            if like:
                shutil.copy(like.file, data / "site.sqlite3")
            return Site(f"sqlite:///{data / 'site.sqlite3'}", data)
        name = f"house_{os.getpid()}_{len(made)}"
        made.append(name)
        template = sql.SQL("TEMPLATE {}").format(sql.Identifier(like.url.rpartition("/")[2])) if like else sql.SQL("")
        statement = sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), template)
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(statement)
        return Site(f"{SERVER.rpartition('/')[0]}/{name}", data)

    yield make
    if made:
        with psycopg.connect(SERVER, autocommit=True) as server:
            for name in made:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def original(make_site) -> Site:
    return fill(make_site())


@pytest.fixture
def site(original, make_site) -> Site:
    """A site like the original, to be spoilt."""
    return make_site(like=original)


@pytest.fixture(scope="session")
def kept(original, tmp_path_factory) -> Path:
    """A backup of the original."""
    path = tmp_path_factory.mktemp("backups") / "kept.tar"
    original.run("backup", path)
    return path
