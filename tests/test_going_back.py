"""Files that go back to an older text: a deliberate step, or a folder that was never brought up to date."""

import pytest
from django.core.management import CommandError

from conditions import drafts, publishing
from conditions.models import LoadedFile, Page, Symptom, Version, desk
from conditions.publishing import SYSTEM

pytestmark = pytest.mark.django_db

FILE = "symptoms/earache"
OLD, NEW = "Pain in the ear.", "Pain in or behind the ear."
WAY_OUT = "to take it again, load this file with --overwrite"


def save(**changes):
    entry = desk.entries("symptom").get(slug="earache")
    return publishing.save(record=drafts.read(entry) | changes, entry=entry, by=SYSTEM)


def live():
    return Page.objects.get(slug="earache").live.record["summary"]


def summary():
    return Symptom.objects.get().summary


@pytest.fixture
def newer(folder):
    """A folder whose file has gone from OLD to NEW, and was loaded and published each time."""
    folder.change(FILE, OLD, NEW)
    folder.load()
    assert live() == NEW
    return folder


def test_a_file_taken_back_becomes_a_draft_and_is_never_published_unseen(newer):
    newer.change(FILE, NEW, OLD)
    planned = newer.load(dry_run=True)
    said = newer.load()
    assert said == planned
    assert "symptom 'earache': goes back to an older text: version 1 said this; publish it in the admin; draft" in said
    assert "No new edition." in said
    assert (summary(), live()) == (OLD, NEW)
    assert publishing.newest(Page.objects.get(slug="earache")).comment == "Goes back to version 1."
    before = Version.objects.count()
    assert "No new edition." in newer.load()
    assert "0 files written." in newer.write_back()
    assert Version.objects.count() == before
    # The way that the message names.
    publishing.publish(versions=[publishing.newest(Page.objects.get(slug="earache"))], by=SYSTEM)
    assert live() == OLD


def test_a_file_taken_back_and_forth_follows_without_publishing_and_then_goes_on(newer):
    for text in (OLD, NEW, OLD, NEW):
        newer.change(FILE, OLD if text == NEW else NEW, text)
        assert "goes back to an older text" in newer.load()
        assert (summary(), live()) == (text, NEW)
    newer.change(FILE, NEW, "Pain in or behind one ear.")
    assert "changed: summary; published" in newer.load()
    assert live() == "Pain in or behind one ear."


def test_what_was_written_to_the_file_and_not_loaded_from_it_is_only_behind(folder):
    publishing.publish(versions=[save(summary=NEW).version], by=SYSTEM)
    folder.write_back()
    folder.load()
    folder.change(FILE, NEW, OLD)
    said = folder.load()
    assert f"symptom 'earache': older than the draft: version 1 said this; {WAY_OUT}" in said
    assert (summary(), live()) == (NEW, NEW)


@pytest.mark.parametrize("word", ["save", "merge", "other file", "forgotten"])
def test_anything_that_followed_makes_it_only_behind(newer, word):
    if word == "save":
        save(also_called=["sore ear"])
    elif word == "merge":
        save(also_called=["sore ear"])
        newer.change(FILE, NEW, "Pain in or behind one ear.")
        newer.load()
        newer.change(FILE, "Pain in or behind one ear.", NEW)
    elif word == "other file":
        newer.path(FILE).rename(newer.path("symptoms/elsewhere"))
        newer.change("symptoms/elsewhere", NEW, "Pain in or behind the left ear.")
        newer.load()
        newer.write(
            FILE, newer.path("symptoms/elsewhere").read_text("utf-8").replace("Pain in or behind the left ear.", NEW)
        )
        newer.path("symptoms/elsewhere").unlink()
    else:
        LoadedFile.objects.all().delete()
    before = summary()
    text = newer.path(FILE).read_text("utf-8")
    newer.write(FILE, text.replace(NEW, OLD))
    said = newer.load()
    assert f"older than the draft: version 1 said this; {WAY_OUT}" in said
    assert summary() == before


@pytest.mark.parametrize("is_live", [True, False])
def test_the_way_out_works(newer, is_live):
    saved = save(also_called=["sore ear"])
    if is_live:
        publishing.publish(versions=[saved.version], by=SYSTEM)
    newer.change(FILE, NEW, OLD)
    assert WAY_OUT in newer.load()
    newer.load(FILE, overwrite=True)
    assert summary() == OLD
    assert live() == (OLD if is_live else NEW)
    assert any(
        version.record["also_called"] == ["sore ear"] for version in Version.objects.filter(page__slug="earache")
    )


def test_a_file_of_a_deleted_entry_names_the_way_out_and_it_works(folder):
    publishing.withdraw(pages=[Page.objects.get(slug="bells-palsy")], by=SYSTEM, reason="Wrong.")
    publishing.delete(entry=desk.entries("condition").get(), by=SYSTEM)
    folder.change("conditions/bells-palsy", "slug: bells-palsy", 'slug: "bells-palsy"')
    assert "deleted in the admin, left deleted: to restore it, load this file with --overwrite" in folder.load()
    assert "restored from the file, as a draft" in folder.load("conditions/bells-palsy", overwrite=True)
    assert desk.entries("condition").count() == 1


def test_two_clones_that_load_one_path_by_turns_publish_nothing_more(newer):
    """One has the new text, one was never brought up to date: what readers see stays, whoever comes last."""
    new = newer.path(FILE).read_text("utf-8")
    old = new.replace(NEW, OLD)
    for text, wanted in ((old, OLD), (new, NEW)) * 3:
        newer.write(FILE, text)
        said = newer.load()
        assert "No new edition." in said
        assert "goes back to an older text" in said
        assert (summary(), live()) == (wanted, NEW)
    # A desk that an editor has worked on since is left to itself.
    save(summary="An editor’s words.")
    for text in (old, new) * 2:
        newer.write(FILE, text)
        assert "older than the draft" in newer.load()
        assert (summary(), live()) == ("An editor’s words.", NEW)


# write_fixtures


def test_write_fixtures_leaves_a_file_that_was_taken_back_to_loaddata(newer):
    newer.change(FILE, NEW, OLD)
    with pytest.raises(CommandError, match=r"goes back to version 1, and that has not been loaded; run"):
        newer.write_back()
    assert OLD in newer.path(FILE).read_text("utf-8")
    newer.load()
    assert "0 files written." in newer.write_back()
    assert OLD in newer.path(FILE).read_text("utf-8")


def test_write_fixtures_says_which_older_text_it_writes_over(folder):
    save(summary=NEW)
    folder.write_back()
    folder.change(FILE, NEW, OLD)
    folder.load()
    wanted = (
        "over the older text of version 1: version 2 had been in it; to take version 1 again, restore it in the admin"
    )
    with pytest.raises(CommandError, match=f"fixtures/symptoms/earache.yaml: {wanted}"):
        folder.write_back(check=True)
    assert f"fixtures/symptoms/earache.yaml: written; {wanted}" in folder.write_back()
    assert NEW in folder.path(FILE).read_text("utf-8")
    publishing.restore(version=Version.objects.get(page__slug="earache", number=1), by=SYSTEM)
    assert "earache.yaml: written\n" in folder.write_back()
    assert OLD in folder.path(FILE).read_text("utf-8")


def test_write_fixtures_says_nothing_of_a_file_that_was_only_not_written_yet(newer):
    save(summary="First.")
    newer.write_back()
    save(summary="Second.")
    save(summary="Third.")
    assert "earache.yaml: written\n" in newer.write_back()
