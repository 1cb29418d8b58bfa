"""Editions in the admin, and undoing one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import drafts, publishing
from conditions.models import Change, Edition, Page
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, keep
from tests.world import World


def change(world: World, **texts: str) -> Edition:
    """One edition with another sentence on each of some entries."""
    saved = []
    for name, text in texts.items():
        entry = getattr(world, name)
        saved.append(publishing.save(record=drafts.read(entry) | {"summary": text}, entry=entry, by=world.author))
    return publishing.publish(versions=[one.version for one in saved], by=world.publisher).edition


def live(world: World, name: str) -> str | None:
    """The sentence that readers see."""
    page = world.page(name)
    return page.live.record["summary"] if page.live else None


def asked(editor: Editor, edition: Edition, tail: str = "undo/") -> str:
    """A page of an edition."""
    text = editor.client.get(f"/admin/editions/{edition.number}/{tail}").content.decode()
    return " ".join(text.split())


def undo(publisher: Editor, edition: Edition, **typed: str) -> str:
    """Press the button on the page that undoes an edition."""
    typed = {"seen": str(publishing.newest_edition())} | typed
    return publisher.client.post(f"/admin/editions/{edition.number}/undo/", typed, follow=True).content.decode()


class TestUndo:
    def test_puts_back_what_pages_said_in_one_edition(self, world: World, publisher: Editor):
        before = {name: live(world, name) for name in ("bell", "earache", "droop")}
        edition = change(world, bell="It sits.", earache="It hurts.", droop="It hangs.")
        page = asked(publisher, edition)
        assert "Go back to what they were: 3" in page
        assert 'name="reason"' not in page, "nothing is withdrawn"
        text = undo(publisher, edition)
        assert "Edition 2 is undone, by edition 3. Drafts stay as they are." in text
        assert {name: live(world, name) for name in before} == before
        assert drafts.read(world.bell)["summary"] == "It sits.", "the draft stays"
        newest = Edition.objects.first()
        assert (newest.number, newest.note, newest.by, newest.moved) == (3, "Undoes edition 2", world.publisher, 3)

    def test_can_be_undone(self, world: World, publisher: Editor):
        publishing.undo(edition=change(world, bell="It sits."), by=world.publisher)
        undo(publisher, Edition.objects.get(number=3))
        assert live(world, "bell") == "It sits."

    def test_of_a_first_publication_withdraws_with_a_reason(self, world: World, publisher: Editor):
        entry = keep("symptom", "drooling", "Drooling", summary="It drips.")
        version = publishing.newest(entry.page)
        edition = publishing.publish(versions=[version], by=world.publisher).edition
        assert "Were not there before it, and are withdrawn: 1" in asked(publisher, edition)
        assert "Write why pages are withdrawn." in undo(publisher, edition, reason="  ")
        assert Page.objects.get(slug="drooling").live == version
        undo(publisher, edition, reason="Too soon.")
        assert Page.objects.get(slug="drooling").live is None
        assert Change.objects.filter(page__slug="drooling").first().reason == "Too soon."
        undo(publisher, Edition.objects.first())
        assert Page.objects.get(slug="drooling").live == version

    def test_of_a_withdrawal_brings_back_what_was_there(self, world: World, publisher: Editor):
        before = live(world, "earache")
        edition = publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Wrong.")
        undo(publisher, edition)
        assert live(world, "earache") == before

    def test_leaves_alone_what_has_changed_since(self, world: World, publisher: Editor):
        before = live(world, "bell")
        edition = change(world, bell="It sits.", earache="It hurts.")
        change(world, earache="It hurts more.")
        assert "Show something else now, and stay as they are: 1" in asked(publisher, edition)
        text = undo(publisher, edition)
        assert "Edition 2 is undone, but for 1 page that show something else now, by edition 4." in text
        assert (live(world, "bell"), live(world, "earache")) == (before, "It hurts more.")

    def test_of_a_rename_takes_the_address_back_and_redirects(self, world: World, publisher: Editor, client):
        record = drafts.read(world.earache) | {"slug": "pain-in-the-ear"}
        saved = publishing.save(record=record, entry=world.earache, by=world.author)
        edition = publishing.publish(versions=[saved.version], by=world.publisher).edition
        assert client.get("/symptoms/earache/").status_code == 301
        undo(publisher, edition)
        assert client.get("/symptoms/earache/").status_code == 200
        assert client.get("/symptoms/pain-in-the-ear/")["Location"] == "/symptoms/earache/"

    def test_of_everything_withdraws_it_all_at_once(self, world: World, publisher: Editor):
        assert "is undone" in undo(publisher, Edition.objects.get(number=1), reason="All wrong.")
        assert not Page.objects.live().exists()

    def test_is_refused_whole_where_a_statement_would_rest_on_nothing(self, world: World, publisher: Editor):
        record = {
            "kind": "source",
            "slug": "leaflet",
            "name": "A leaflet",
            "publisher": "Us",
            "url": "https://x.example/",
        }
        source = publishing.save(record=record, entry=None, by=SYSTEM)
        first = publishing.publish(versions=[source.version], by=world.publisher).edition
        rows = drafts.read(world.bell)["symptoms"]
        rows[1] |= {"evidence": [], "sources": ["leaflet"], "quotes": []}
        saved = publishing.save(record=drafts.read(world.bell) | {"symptoms": rows}, entry=world.bell, by=world.author)
        publishing.publish(versions=[saved.version], by=world.publisher)
        count = Edition.objects.count()
        text = undo(publisher, first, reason="Wrong.")
        assert "Not undone:" in text
        assert "Wrong." in text, "what was typed is still there"
        assert Edition.objects.count() == count

    def test_with_nothing_left_to_undo_says_so(self, world: World, publisher: Editor):
        edition = change(world, bell="It sits.")
        change(world, bell="It stands.")
        assert "Nothing is left to undo." in asked(publisher, edition)
        assert "Nothing is left to undo" in undo(publisher, edition)
        with pytest.raises(publishing.Refused):
            publishing.undo(edition=edition, by=world.publisher)

    def test_of_an_entry_that_was_deleted_is_refused(self, world: World, publisher: Editor):
        entry = keep("symptom", "drooling", "Drooling", summary="It drips.")
        publishing.publish(versions=[publishing.newest(entry.page)], by=world.publisher)
        edition = publishing.withdraw(pages=[entry.page], by=world.publisher, reason="Wrong.")
        publishing.delete(entry=entry, by=world.publisher)
        page = asked(publisher, edition)
        assert "It cannot be undone while these are deleted" in page
        assert '<button class="filled">Undo' not in page
        assert "it has been deleted; restore it first" in undo(publisher, edition)

    def test_of_a_withdrawal_undone_withdraws_again_for_the_same_reason(self, world: World, publisher: Editor):
        droop = world.page("droop")
        publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Wrong.", instead=droop)
        undo(publisher, Edition.objects.first())
        assert 'name="reason"' not in asked(publisher, Edition.objects.first()), "there is one already"
        undo(publisher, Edition.objects.first())
        last = Change.objects.filter(page=world.page("earache")).first()
        assert (last.after, last.reason, last.instead) == (None, "Wrong.", droop)

    def test_names_live_pages_that_lose_what_is_withdrawn(self, world: World, publisher: Editor):
        """A tag came along with one page, and another one carries it now."""
        keep("tag", "new-tag", "New tag", group="topic", summary="It is new.")
        for name in ("earache", "bell"):
            entry = getattr(world, name)
            saved = publishing.save(record=drafts.read(entry) | {"tags": ["new-tag"]}, entry=entry, by=world.author)
            publishing.publish(versions=[saved.version], by=world.publisher)
        edition = Edition.objects.get(number=2)
        page = asked(publisher, edition)
        assert "Live pages that show something of what is withdrawn:" in page
        assert "Bell’s palsy" in page
        assert "Live pages that no longer show what was withdrawn" in undo(publisher, edition, reason="Wrong.")

    def test_after_another_edition_is_looked_at_again(self, world: World, publisher: Editor):
        edition = change(world, bell="It sits.")
        seen = str(publishing.newest_edition())
        change(world, earache="It hurts.")
        text = undo(publisher, edition, seen=seen)
        assert "Another edition has come out meanwhile." in text
        assert live(world, "bell") == "It sits."
        assert "Another edition" in undo(publisher, edition, seen="x")

    def test_says_what_readers_do_not_see_of_what_goes_back(self, world: World, publisher: Editor):
        rows = drafts.read(world.bell)["symptoms"]
        saved = publishing.save(
            record=drafts.read(world.bell) | {"symptoms": rows[:1]}, entry=world.bell, by=world.author
        )
        edition = publishing.publish(versions=[saved.version], by=world.publisher).edition
        publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Wrong.")
        assert "Readers do not see what leads to these, which are not live: Earache" in undo(publisher, edition)

    def test_is_for_publishers(self, world: World):
        edition = change(world, bell="It sits.")
        for user in (world.author, world.reviewer):
            with pytest.raises(publishing.NotAllowed):
                publishing.undo(edition=edition, by=user)
        assert live(world, "bell") == "It sits."

    def test_is_offered_right_after_publishing(self, world: World, publisher: Editor):
        text = publisher.open(world.bell).send("_publish", summary="It sits.").text
        assert '<a href="/admin/editions/2/undo/">Undo</a>' in text


class TestEditions:
    def test_are_listed_the_newest_first(self, world: World, reviewer: Editor):
        change(world, bell="It sits.")
        text = reviewer.client.get("/admin/editions/").content.decode()
        assert text.index("/admin/editions/2/") < text.index("/admin/editions/1/")
        assert "Edition 0" not in text

    def test_show_each_page_with_what_differs(self, world: World, reviewer: Editor):
        text = asked(reviewer, change(world, bell="It sits.", earache="It hurts."), "")
        assert text.count("Version 1 replaced by version 2.") == 2
        assert "<summary>What it changed</summary>" in text
        assert "Undo edition" not in text, "a reviewer cannot"

    @pytest.mark.parametrize("number", [0, 99, 10**30])
    def test_that_are_none_are_not_found(self, world: World, publisher: Editor, number: int):
        for tail in ("", "undo/"):
            assert publisher.client.get(f"/admin/editions/{number}/{tail}").status_code == 404

    def test_cost_the_same_however_many_pages_they_moved(self, world: World, publisher: Editor):
        def queries(edition: Edition, tail: str) -> int:
            with CaptureQueriesContext(connection) as caught:
                asked(publisher, edition, tail)
            return len(caught)

        entries = [keep("symptom", f"s-{number}", f"S {number}", summary="It is.") for number in range(28)]
        versions = [publishing.newest(one.page) for one in entries]
        few = publishing.publish(versions=versions[:2], by=SYSTEM).edition
        many = publishing.publish(versions=versions[2:], by=SYSTEM).edition
        for tail in ("", "undo/"):
            assert queries(few, tail) == queries(many, tail)
