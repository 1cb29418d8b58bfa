"""`manage.py copy_database`, from one kind of database to the other and to its own."""

import threading
from contextlib import closing

import pytest

from tests.backup.site import Site, fill

pytestmark = pytest.mark.process


def test_copy_brings_every_page_byte_for_byte(original, make_site):
    new = make_site()
    assert "Copied:" in new.run("copy_database", original.url)
    assert new.pages() == original.pages()
    for query in (
        "SELECT id, username, password FROM auth_user ORDER BY id",
        "SELECT id, digest FROM conditions_version ORDER BY id",
        "SELECT number, note FROM conditions_edition ORDER BY number",
        "SELECT user_id, group_id FROM auth_user_groups ORDER BY id",
        "SELECT app_label, model, id FROM django_content_type ORDER BY id",
    ):
        assert new.query(query) == original.query(query)


@pytest.mark.postgres
def test_copy_from_sqlite_to_postgresql_brings_every_page_byte_for_byte(make_site):
    old, new = fill(make_site(postgresql=False)), make_site()
    assert "Copied:" in new.run("copy_database", old.url)
    pages = old.pages(every=1)
    assert len(pages) > 100
    assert new.pages(every=1) == pages
    new.run("editor", "--username", "third")
    assert "Nothing" not in new.run("loaddata")
    assert new.query("SELECT count(*) FROM auth_user") == [(3,)]


def copied_while_written(old: Site, new: Site) -> None:
    """Two tables, one copied long after the other, always say the same number; so does the copy."""
    done, moves = threading.Event(), []

    def write() -> None:
        with closing(old.connect()) as database:
            while not done.is_set():
                moves.append(1)
                database.execute(f"UPDATE auth_user SET last_name = '{len(moves)}'")
                database.execute(f"UPDATE conditions_version SET comment = '{len(moves)}'")
                database.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        new.run("copy_database", old.url)
    finally:
        done.set()
        writer.join()
    [(first,)] = new.query("SELECT DISTINCT last_name FROM auth_user")
    [(last,)] = new.query("SELECT DISTINCT comment FROM conditions_version")
    assert first == last
    assert 1 < int(first) < len(moves)
    assert new.pages(every=40).keys() == old.pages(every=40).keys()


def test_copy_is_of_one_moment_while_editors_save(site, make_site):
    copied_while_written(site, make_site())


@pytest.mark.postgres
@pytest.mark.parametrize("to_postgresql", [False, True])
def test_copy_to_the_other_kind_of_database_is_of_one_moment(make_site, to_postgresql):
    copied_while_written(fill(make_site(postgresql=not to_postgresql)), make_site(postgresql=to_postgresql))


def test_copy_into_a_database_that_holds_something_is_refused(site, original):
    assert "is not empty" in site.refused("copy_database", original.url)


def test_copy_onto_itself_is_refused(original):
    assert "the same database" in original.refused("copy_database", original.url)


def test_copy_from_nothing_is_refused(make_site):
    empty, new = make_site(), make_site()
    expected = "There is no file" if empty.url.startswith("sqlite") else "is empty"
    assert expected in new.refused("copy_database", empty.url)


def test_copy_from_another_version_is_refused(site, make_site):
    site.change("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert "`manage.py migrate` on it first" in make_site().refused("copy_database", site.url)
    site.change("INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '0001_initial', '2026-01-01')")
    site.change("INSERT INTO django_migrations (app, name, applied) VALUES ('conditions', '9999', '2026-01-01')")
    assert "Upgrade this one first" in make_site().refused("copy_database", site.url)


def test_copy_from_a_mistyped_address_names_the_remedy(original):
    assert "ADDRESS is 'mysql://...'. Only" in original.refused("copy_database", "mysql://host/name")
    assert "hush" not in original.refused("copy_database", "postgres://me:hush")
    assert "hush" not in original.refused("copy_database", "postgres://me:hush@127.0.0.1:1/name")


def test_copy_that_fails_leaves_the_new_database_to_be_tried_again(site, original, make_site):
    new = make_site()
    site.change("CREATE TABLE strange (id integer)")
    assert "tables that are not the site's: strange" in new.refused("copy_database", site.url)
    new.run("copy_database", original.url)
    assert new.pages() == original.pages()
