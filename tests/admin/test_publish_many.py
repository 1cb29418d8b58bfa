"""Publishing several entries from a list, in one edition."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import drafts, publishing
from conditions.models import Edition, Page
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, keep
from tests.world import World


def draft(world: World, **texts: str) -> list[int]:
    """Drafts with another sentence; the pages."""
    pages = []
    for name, text in texts.items():
        entry = getattr(world, name)
        publishing.save(record=drafts.read(entry) | {"summary": text}, entry=entry, by=world.author)
        pages.append(entry.page_id)
    return pages


def address(*pages: int) -> str:
    return f"/admin/publish/?{'&'.join(f'page={page}' for page in pages)}"


def shown(publisher: Editor, *pages: int) -> str:
    return " ".join(publisher.client.get(address(*pages)).content.decode().split())


def press(publisher: Editor, text: str, *pages: int, **typed: str) -> str:
    """Press the button on the page."""
    versions = re.findall(r'name="version" value="(\d+)"', text)
    typed = {"page": pages, "version": versions, **typed}
    return publisher.client.post("/admin/publish/", typed, follow=True).content.decode()


def live(name: str) -> str:
    return Page.objects.get(slug=name).live.record["summary"]


def test_a_list_leads_to_what_publishing_its_entries_would_do(world: World, publisher: Editor):
    pages = draft(world, droop="It hangs.", earache="It hurts.")
    entries = [world.droop.pk, world.earache.pk]
    listed = publisher.client.get("/admin/conditions/symptom/").content.decode()
    assert '<button name="index" value="0">Publish…</button>' in listed
    typed = {"action": "publish_chosen", "index": "0", "_selected_action": entries}
    answer = publisher.client.post("/admin/conditions/symptom/", typed)
    assert answer["Location"] == address(*pages[::-1]), "in the order of the list"
    listed = publisher.client.get("/admin/entries/").content.decode()
    assert f'name="page" value="{pages[0]}" aria-label="Choose Facial droop"' in listed


def test_several_come_out_in_one_edition_with_a_note_and_can_be_undone(world: World, publisher: Editor):
    pages = draft(world, droop="It hangs.", earache="It hurts.", bell="It sits.")
    text = shown(publisher, *pages)
    assert "Publish 3 entries" in text
    assert text.count("<summary>What differs</summary>") == 3
    assert "Publish these 3" in text
    said = press(publisher, text, *pages, note="Shorter sentences.")
    assert '<a href="/admin/editions/2/undo/">Undo</a>' in said
    edition = Edition.objects.first()
    assert (edition.number, edition.note, edition.moved) == (2, "Shorter sentences.", 3)
    assert [live(slug) for slug in ("facial-droop", "earache", "bells-palsy")] == ["It hangs.", "It hurts.", "It sits."]


def test_where_some_are_blocked_the_others_are_offered(world: World, publisher: Editor):
    bare = keep("symptom", "bare", "Bare")
    pages = [*draft(world, droop="It hangs.", earache="It hurts."), bare.page_id]
    text = shown(publisher, *pages)
    assert "It cannot be published yet:" in text
    assert f'href="/admin/conditions/symptom/{bare.pk}/change/#id_summary"' in text
    assert "Publish the 2 that are ready" in text
    press(publisher, text, *pages)
    assert Edition.objects.first().moved == 2
    assert Page.objects.get(slug="bare").live is None


def test_what_one_rests_on_may_come_out_with_it_and_blocks_it_where_it_cannot(world: World, publisher: Editor):
    document = keep("question", "new-document", "What hurts?", answer="The ear hurts.")
    rows = drafts.read(world.bell)["symptoms"]
    rows[1] |= {"evidence": ["new-document"], "quotes": [], "certainty": ""}
    publishing.save(record=drafts.read(world.bell) | {"symptoms": rows}, entry=world.bell, by=SYSTEM)
    both = (world.bell.page_id, document.page_id)
    assert "Publish the" not in shown(publisher, world.bell.page_id)
    assert "publish it first, or cite another" in shown(publisher, world.bell.page_id)
    text = shown(publisher, *both)
    assert "Publish these 2" in text
    press(publisher, text, *both)
    assert Page.objects.get(slug="new-document").live


def test_what_rests_on_a_blocked_one_is_blocked_too(world: World, publisher: Editor):
    document = keep("question", "new-document", "What hurts?")
    rows = drafts.read(world.bell)["symptoms"]
    rows[1] |= {"evidence": ["new-document"], "quotes": [], "certainty": ""}
    publishing.save(record=drafts.read(world.bell) | {"symptoms": rows}, entry=world.bell, by=SYSTEM)
    chosen = publishing.newest_of([world.bell.page_id, document.page_id, *draft(world, droop="It hangs.")])
    found = publishing.readiness(list(chosen.values()))
    assert set(found.blocked) == {world.bell.page_id, document.page_id}
    assert [version.record["name"] for version in found.ready] == ["Facial droop"]


def test_what_comes_along_is_named(world: World, publisher: Editor):
    tag = keep("tag", "new-tag", "New tag", group="topic", summary="It is new.")
    record = drafts.read(world.earache) | {"tags": ["new-tag"]}
    publishing.save(record=record, entry=world.earache, by=world.author)
    text = shown(publisher, world.earache.page_id)
    assert "With them come, for the first time: New tag (tag)." in text
    press(publisher, text, world.earache.page_id)
    assert Page.objects.get(pk=tag.page_id).live


def test_the_versions_that_were_shown_are_published_and_no_newer_ones(world: World, publisher: Editor):
    pages = draft(world, earache="It hurts.")
    text = shown(publisher, *pages)
    draft(world, earache="It hurts more.")
    press(publisher, text, *pages)
    assert live("earache") == "It hurts."


def test_what_readers_see_already_is_said_and_left_out(world: World, publisher: Editor):
    text = shown(publisher, world.bell.page_id, *draft(world, earache="It hurts."))
    assert "Readers already see the newest version of Bell’s palsy." in text
    assert "Publish 1 entry" in text
    assert "Publish it" in text
    assert "There is nothing to publish." in shown(publisher, world.bell.page_id)


@pytest.mark.parametrize("query", ["", "page=", "page=x&page=-1&page=²", "page=99999999999999999999", "page=987654"])
def test_what_is_no_entry_is_passed_over(world: World, publisher: Editor, query: str):
    assert "There is nothing to publish." in publisher.client.get(f"/admin/publish/?{query}").content.decode()
    text = publisher.client.post(f"/admin/publish/?{query}", {"version": ["x", "0"]}).content.decode()
    assert "There is nothing to publish." in text


def test_a_refusal_says_why_and_keeps_the_note(world: World, publisher: Editor):
    pages = draft(world, earache="It hurts.")
    text = shown(publisher, *pages)
    press(publisher, text, *pages)
    said = press(publisher, text, *pages, note="Once more.")
    assert "is already live" in said


def test_a_deleted_entry_blocks_itself_alone(world: World, publisher: Editor):
    gone = keep("symptom", "gone", "Gone", summary="It is gone.")
    pages = [gone.page_id, *draft(world, earache="It hurts.")]
    publishing.delete(entry=gone, by=SYSTEM)
    text = shown(publisher, *pages)
    assert "Gone: it has been deleted; restore it first." in text
    assert "Publish the 1 that is ready" in text
    press(publisher, text, *pages)
    assert live("earache") == "It hurts."


def test_what_was_withdrawn_is_seen_again_and_not_for_the_first_time(world: World, publisher: Editor):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Wrong.")
    assert "Version 1, not reviewed, which readers see again." in shown(publisher, world.earache.page_id)
    fresh = keep("symptom", "fresh", "Fresh", summary="It is fresh.")
    assert "Version 1, not reviewed, which readers see for the first time." in shown(publisher, fresh.page_id)


def test_costs_the_same_however_many_are_blocked(world: World, publisher: Editor):
    def queries(pages: list[int]) -> int:
        with CaptureQueriesContext(connection) as caught:
            shown(publisher, *pages)
        return len(caught)

    bare = [keep("symptom", f"s-{number}", f"S {number}").page_id for number in range(12)]
    for number in range(12):
        row = {
            "target": "earache",
            "evidence": [],
            "sources": [],
            "tags": [],
            "quotes": [],
            "note": "",
            "certainty": "",
        }
        entry = keep("condition", f"c-{number}", f"C {number}", summary="It is.", symptoms=[row])
        bare.append(entry.page_id)
    assert queries([*bare[:2], *bare[12:14]]) == queries(bare)


def test_a_list_deletes_nothing_whoever_asks(world: World, publisher: Editor):
    typed = {"action": "delete_selected", "index": "0", "_selected_action": [world.droop.pk], "post": "yes"}
    answer = publisher.client.post("/admin/conditions/symptom/", typed)
    assert answer.status_code == 302, "back to the list"
    assert not LogEntry.objects.filter(action_flag=DELETION).exists()


def test_lists_of_who_may_not_publish_have_no_boxes(world: World, author: Editor):
    assert "publish_chosen" not in author.client.get("/admin/conditions/symptom/").content.decode()
    assert 'type="checkbox"' not in author.client.get("/admin/entries/").content.decode()
    assert author.client.get(address(world.bell.page_id)).status_code == 403
