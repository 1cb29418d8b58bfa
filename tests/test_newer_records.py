"""Entries saved by a newer program, in a format that this one cannot read: every door says so, and nothing is lost."""

import pytest
from django.core.management import CommandError
from django.db.models import QuerySet

from conditions import page_content, records
from conditions.models import Edition, Page, Version
from tests.admin.client import Editor, address

pytestmark = pytest.mark.django_db

NEWER = records.FORMAT + 1
SAID = f"in record format {NEWER}; this one reads up to {records.FORMAT}. Upgrade FaceHealth here, then try again."
ADDRESSES = ("change", "history", "delete", "withdraw", "targets", "uses", "differences", "preview")


def make_newer(page: Page) -> None:
    """As a newer program would have kept them: another format, other words for it."""
    QuerySet.update(Version.objects.filter(page=page), format=NEWER, digest="0" * 64)


def counts():
    return [model.objects.count() for model in (Version, Edition, Page)]


def test_a_record_of_a_newer_format_is_refused():
    with pytest.raises(records.NewerRecord, match=f"in record format {NEWER}"):
        records.upgrade({"kind": "tag", "slug": "x"}, NEWER)


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"overwrite": True}, {"prune": True}], ids=str)
def test_loaddata_says_that_a_newer_program_saved_an_entry(folder, options):
    make_newer(Page.objects.get(slug="earache"))
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    before = counts()
    with pytest.raises(CommandError) as caught:
        folder.load("fixtures", **options)
    assert str(caught.value).startswith("Nothing was loaded. An entry was saved by a newer FaceHealth")
    assert SAID in str(caught.value)
    assert counts() == before


@pytest.mark.parametrize("check", [False, True])
def test_write_fixtures_says_that_a_newer_program_saved_an_entry(folder, check):
    make_newer(Page.objects.get(slug="earache"))
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    before = folder.path("symptoms/earache").read_bytes()
    with pytest.raises(CommandError, match=r"Nothing was written\. An entry was saved by a newer FaceHealth"):
        folder.write_back(check=check)
    assert folder.path("symptoms/earache").read_bytes() == before


def test_write_fixtures_says_so_where_it_would_note_what_it_wrote(folder):
    make_newer(Page.objects.get(slug="earache"))
    folder.path("symptoms/earache").unlink()
    with pytest.raises(CommandError, match="An entry was saved by a newer FaceHealth"):
        folder.write_back()


def test_the_admin_says_that_a_newer_program_saved_an_entry(world):
    editor = Editor(world.publisher)
    form = editor.open(world.bell)
    form["summary"] = "Typed by an editor."
    make_newer(world.page("bell"))
    before = counts()
    answers = {name: editor.client.get(address(world.bell, name)) for name in ADDRESSES}
    answers |= {
        button: editor.client.post(form.url, form.fields | {button: ["1"]}) for button in ("_savedraft", "_publish")
    }
    answers["preview"] = editor.client.post(address(world.bell, "preview"), form.fields)
    answers["restore"] = editor.client.post(address(world.bell, "restore", 1))
    answers["withdraw"] = editor.client.post(address(world.bell, "withdraw"), {"reason": "Wrong."})
    told = {name for name, answer in answers.items() if answer.status_code == 503}
    assert {answer.status_code for answer in answers.values()} <= {200, 302, 405, 503}
    assert {"_savedraft", "_publish", "preview", "restore"} <= told
    for name in told:
        assert SAID in answers[name].content.decode()
        assert answers[name]["Cache-Control"] == "no-store"
    assert counts()[0] == before[0]


def test_readers_see_what_they_saw(world, client):
    addresses = [f"{world.page('bell').url}{tail}" for tail in ("", "history/", "history/1/")]
    before = [client.get(each).content for each in addresses]
    make_newer(world.page("bell"))
    assert [client.get(each).content for each in addresses] == before


def test_a_page_that_cannot_be_read_says_so(world, client, monkeypatch):
    def newer(*args, **options):
        raise records.NewerRecord(NEWER)

    monkeypatch.setattr(page_content, "live_page", newer)
    answer = client.get(world.page("bell").url)
    assert answer.status_code == 503
    assert SAID in answer.content.decode()
