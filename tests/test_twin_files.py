"""Two entries in files that are one page: said at once, in the dry run too, with a way out that works."""

import json

import pytest
from django.core.management import CommandError

from conditions import drafts, publishing
from conditions.content_files import loading, planning
from conditions.models import Cause, Page, Version, desk
from conditions.publishing import SYSTEM

pytestmark = pytest.mark.django_db


def cause(slug, summary="S."):
    return f"- model: conditions.cause\n  fields:\n    slug: {slug}\n    name: Name\n    summary: {summary}\n"


def bulk(*records):
    return "".join(json.dumps({"model": "conditions.cause", "fields": record}) + "\n" for record in records)


@pytest.fixture
def moved(folder):
    """The folder, and a page that was called a, then b, then c, without a file."""
    publishing.save(record={"kind": "cause", "slug": "a", "name": "Name"}, entry=None, by=SYSTEM)
    for slug in "bc":
        entry = Cause.objects.get()
        publishing.save(record=drafts.read(entry) | {"slug": slug}, entry=entry, by=SYSTEM)
    return folder


def refused(folder, *labels):
    """What a dry run and a real run say alike, that write nothing."""
    before = Version.objects.count(), list(desk.entries("cause").values_list("slug", "summary"))
    said = []
    for dry_run in (True, False):
        with pytest.raises(CommandError) as caught:
            folder.load(*labels, dry_run=dry_run)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert before == (Version.objects.count(), list(desk.entries("cause").values_list("slug", "summary")))
    assert "keep one of the two" in said[0]
    assert "Try again" not in said[0]
    return said[0]


@pytest.mark.parametrize("is_deleted", [False, True])
@pytest.mark.parametrize(("one", "other"), ["ab", "ac", "bc"])
def test_two_files_of_one_page_under_any_of_its_slugs(moved, one, other, is_deleted):
    if is_deleted:
        publishing.delete(entry=Cause.objects.get(), by=SYSTEM)
    moved.write(f"causes/{one}", cause(one, "One."))
    moved.write(f"causes/{other}", cause(other, "Other."))
    said = refused(moved)
    assert f"fixtures/causes/{other}.yaml: object 1: cause" in said
    assert f"is also in fixtures/causes/{one}.yaml, object 1, as" in said
    moved.path(f"causes/{one}").unlink()
    moved.load()
    assert Cause.objects.get().summary in ("Other.", "")  # kept in the conflict where it is on the desk
    assert Page.objects.filter(kind="cause").count() == 1


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_file_and_a_bulk_file(moved, is_deleted):
    if is_deleted:
        publishing.delete(entry=Cause.objects.get(), by=SYSTEM)
    (moved.root / "all.jsonl").write_text(bulk({"slug": "a", "name": "N"}, {"slug": "x", "name": "N"}))
    moved.write("causes/b", cause("b"))
    assert "is also in fixtures/all.jsonl, object 1, as" in refused(moved) + refused(moved, str(moved.root))


def test_two_entries_of_one_file(moved):
    (moved.root / "all.jsonl").write_text(bulk({"slug": "a", "name": "N"}, {"slug": "b", "name": "N"}))
    assert "fixtures/all.jsonl: object 2: cause 'c' is also in fixtures/all.jsonl, object 1, as 'c'" in refused(moved)
    publishing.delete(entry=Cause.objects.get(), by=SYSTEM)
    assert "fixtures/all.jsonl: object 2: cause 'b' is also in fixtures/all.jsonl, object 1, as 'a'" in refused(moved)


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_file_that_is_skipped_because_it_has_not_changed(moved, is_deleted):
    moved.write("causes/a", cause("a"))
    moved.load("causes/a")
    if is_deleted:
        publishing.delete(entry=Cause.objects.get(), by=SYSTEM)
    moved.write("causes/b", cause("b", "Other."))
    assert "is also in fixtures/causes/a.yaml" in refused(moved)


def test_every_pair_is_named_at_once(moved):
    for slug in "abc":
        moved.write(f"causes/{slug}", cause(slug))
    assert refused(moved).count("keep one of the two") == 2


def test_files_that_exchange_their_slugs_are_two_pages(folder):
    folder.write("causes/x", cause("x", "About x."))
    folder.write("causes/y", cause("y", "About y."))
    folder.load()
    folder.write("causes/x", cause("y", "About y."))
    folder.write("causes/y", cause("x", "About x."))
    assert "No new edition." in folder.load()
    assert dict(Cause.objects.values_list("slug", "summary")) == {"x": "About x.", "y": "About y."}


def test_a_file_whose_entry_was_in_another_since_is_read_again(folder):
    folder.write("causes/x", cause("x", "One."))
    folder.load()
    folder.path("causes/x").unlink()
    folder.write("more/all", cause("x", "One."))
    folder.load()
    folder.write("more/all", cause("x", "Two."))
    folder.load()
    folder.write("causes/x", cause("x", "One."))
    assert "cause 'x' is also in fixtures/more/all.yaml" in refused(folder)
    folder.path("more/all").unlink()
    assert "older than the draft: version 1 said this" in folder.load()


def test_what_the_database_refuses_is_said_and_is_no_race(folder, monkeypatch):
    """Should a plan ever hold what cannot be, that is no reason to try again for ever."""
    monkeypatch.setattr(planning, "_refuse_two_for_one_page", lambda merger: None)
    publishing.save(record={"kind": "cause", "slug": "a", "name": "Name"}, entry=None, by=SYSTEM)
    publishing.save(record=drafts.read(Cause.objects.get()) | {"slug": "b"}, entry=Cause.objects.get(), by=SYSTEM)
    publishing.delete(entry=Cause.objects.get(), by=SYSTEM)
    folder.write("causes/a", cause("a"))
    folder.write("causes/b", cause("b"))
    before = Version.objects.count()
    with pytest.raises(CommandError, match=r"the database refuses what the files say: .*page_id"):
        folder.load()
    assert Version.objects.count() == before
    assert loading.TRIES > 1
