"""Withdrawing says before what other live pages lose, and asks where one is left without a word on what to do."""

from __future__ import annotations

from conditions import drafts, publishing
from conditions.publishing import SYSTEM
from conditions.usage import left_without_help
from tests.admin.client import Editor, address
from tests.world import World


def live(world: World, name: str, **changes: object) -> None:
    """Say something else on a live page."""
    entry = getattr(world, name)
    saved = publishing.save(record=drafts.read(entry) | changes, entry=entry, by=SYSTEM)
    publishing.publish(versions=[saved.version], by=SYSTEM)


def names(world: World, name: str) -> list[str]:
    return [use.name for use in left_without_help([world.page(name).pk])]


def test_the_last_treatment_is_the_last_help(world: World):
    assert names(world, "eye_care") == [], "the page says itself when to call"
    live(world, "bell", help_now="")
    assert names(world, "eye_care") == ["Bell’s palsy"]
    other = {"kind": "treatment", "slug": "rest", "name": "Rest", "summary": "So."}
    rest = publishing.save(record=other, entry=None, by=SYSTEM)
    rows = [*drafts.read(world.bell)["treatments"], {"target": "rest", "sources": ["health-service"]}]
    live(world, "bell", treatments=rows)
    assert names(world, "eye_care") == ["Bell’s palsy"], "readers do not see the other one"
    publishing.publish(versions=[rest.version], by=SYSTEM)
    assert names(world, "eye_care") == []
    live(world, "bell", treatments=rows[:1], self_care="Rest.\n")
    assert names(world, "eye_care") == []


def test_a_question_loses_the_card_of_what_it_is_about_first(world: World):
    assert set(names(world, "bell")) == {"What are the early signs?", "What are the warning signs?"}
    live(world, "bell", help_now="")
    assert names(world, "bell") == []
    about = ["symptoms/facial-droop", "conditions/bells-palsy"]
    live(world, "early", about=about)
    assert names(world, "droop") == ["What are the early signs?"]


def test_leaving_a_page_without_help_wants_a_confirmation(world: World, publisher: Editor):
    live(world, "bell", help_now="")
    shown = publisher.get(world.eye_care, "withdraw").content.decode()
    assert "Nothing is left on this page that says what to do:" in shown
    assert 'name="confirmed"' in shown
    refused = publisher.post(world.eye_care, "withdraw", reason="Old.").content.decode()
    assert "Confirm that these pages are left without a word on what to do." in refused
    assert world.page("eye_care").live
    done = publisher.post(world.eye_care, "withdraw", reason="Old.", confirmed="on").content.decode()
    assert "Withdrawn in edition" in done
    assert not world.page("eye_care").live


def test_undoing_asks_too(world: World, publisher: Editor):
    other = {"kind": "treatment", "slug": "rest", "name": "Rest", "summary": "So."}
    rest = publishing.save(record=other, entry=None, by=SYSTEM).version
    edition = publishing.publish(versions=[rest], by=SYSTEM).edition
    live(world, "bell", help_now="", treatments=[{"target": "rest", "sources": ["health-service"]}])
    url, seen = f"/admin/editions/{edition.number}/undo/", publishing.newest_edition()
    assert "Nothing is left on this page that says what to do:" in publisher.client.get(url).content.decode()
    publisher.client.post(url, {"reason": "Old.", "seen": seen})
    assert rest.page.versions.filter(live_on__isnull=False).exists()
    publisher.client.post(url, {"reason": "Old.", "seen": seen, "confirmed": "on"})
    assert not rest.page.versions.filter(live_on__isnull=False).exists()


def test_what_leaves_help_asks_nothing(world: World, publisher: Editor):
    assert 'name="confirmed"' not in publisher.get(world.earache, "withdraw").content.decode()
    publisher.post(world.earache, "withdraw", reason="Old.")
    assert not world.page("earache").live
    form = publisher.client.get(address(world.bell, "change")).content.decode()
    assert "Readers do not see this row: Earache is withdrawn." in form
