"""Correcting what readers see while a draft waits."""

from __future__ import annotations

import pytest

from conditions import drafts, publishing
from conditions.models import Decision, Edition, Version
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, Form, address
from tests.world import World


@pytest.fixture
def waiting(world: World) -> World:
    """The world with a draft of the condition under way: another text, and another row."""
    record = drafts.read(world.bell)
    rows = [*record["symptoms"][:1], record["symptoms"][1] | {"note": "On one side."}]
    changes = {"body": "A new text.\n", "symptoms": rows}
    publishing.save(record=record | changes, entry=world.bell, by=world.author)
    return world


def opened(publisher: Editor, world: World) -> Form:
    url = address(world.bell, "correct")
    return Form(publisher.client, url, publisher.client.get(url))


def live(world: World) -> dict:
    return world.page("bell").live.record


def test_what_readers_see_is_corrected_and_the_draft_stays(waiting: World, publisher: Editor):
    assert address(waiting.bell, "correct") in publisher.open(waiting.bell).text
    form = opened(publisher, waiting)
    assert "You are correcting version 1</b>, which readers see. The draft stays." in form.text
    assert form["summary"] == "One side of the face grows weak."
    assert form["body"] == "", "that is in the draft alone"
    done = form.send("_correct", summary="One half of the face grows weak.")
    assert "Published in edition 2" in done.messages
    assert "The draft has it too, as version 4." in done.messages
    assert (live(waiting)["summary"], live(waiting)["body"]) == ("One half of the face grows weak.", "")
    draft = drafts.read(waiting.bell)
    assert (draft["summary"], draft["body"]) == ("One half of the face grows weak.", "A new text.\n")
    assert draft["symptoms"][1]["note"] == "On one side."
    versions = Version.objects.filter(page=waiting.page("bell")).order_by("number")
    assert [one.comment for one in versions][2:] == [
        "Corrects version 1.",
        "Version 2, with the correction of version 3.",
    ]
    # And the draft, published later, has both.
    publishing.publish(versions=[versions.last()], by=SYSTEM)
    assert (live(waiting)["summary"], live(waiting)["body"]) == ("One half of the face grows weak.", "A new text.\n")


def test_a_row_is_corrected_under_a_draft_of_it(waiting: World, publisher: Editor):
    form = opened(publisher, waiting)
    form["symptoms-0-note"] = "Within a day."
    form["symptoms-0-open"] = "1"
    form.send("_correct")
    assert [row["note"] for row in live(waiting)["symptoms"]] == ["Within a day.", ""]
    assert [row["note"] for row in drafts.read(waiting.bell)["symptoms"]] == ["Within a day.", "On one side."]


@pytest.mark.parametrize(("button", "kept"), [("draft", "Mine."), ("correction", "Theirs.")])
def test_words_that_the_draft_has_otherwise_are_asked_about(world: World, publisher: Editor, button: str, kept: str):
    publishing.save(record=drafts.read(world.bell) | {"summary": "Mine."}, entry=world.bell, by=world.author)
    asked = opened(publisher, world).send("_correct", summary="Theirs.")
    assert "The draft says something else there." in asked.text
    assert "Mine.</del>" in asked.text
    assert asked["summary"] == "Theirs."
    assert Edition.objects.first().number == 1
    asked.fields["_correct"] = [button]
    asked.client.post(asked.url, asked.fields)
    assert live(world)["summary"] == "Theirs."
    assert drafts.read(world.bell)["summary"] == kept
    assert Version.objects.filter(page=world.page("bell"), record__summary="Mine.").exists(), "nothing is lost"


def test_a_choice_is_asked_for_again_where_the_draft_has_moved(world: World, publisher: Editor):
    publishing.save(record=drafts.read(world.bell) | {"summary": "Mine."}, entry=world.bell, by=world.author)
    asked = opened(publisher, world).send("_correct", summary="Theirs.")
    publishing.save(record=drafts.read(world.bell) | {"summary": "Mine, later."}, entry=world.bell, by=world.author)
    asked.fields["_correct"] = ["correction"]
    again = asked.client.post(asked.url, asked.fields).content.decode()
    assert "later." in again
    assert "The draft says something else there." in again
    assert drafts.read(world.bell)["summary"] == "Mine, later."


def test_only_the_button_publishes(waiting: World, publisher: Editor):
    form = opened(publisher, waiting)
    form.send("_savedraft", summary="Theirs.")
    assert Edition.objects.first().number == 1
    assert form.response.content.decode().index("disabled hidden") < form.response.content.decode().index("_correct")


def test_a_draft_that_waits_says_so(waiting: World, publisher: Editor):
    publishing.submit(version=publishing.newest(waiting.page("bell")), by=waiting.author)
    assert "has to be sent again" in opened(publisher, waiting).text


def test_without_a_draft_it_is_a_version_like_any_other(world: World, publisher: Editor):
    done = opened(publisher, world).send("_correct", summary="Theirs.")
    assert "The draft has it too" not in done.messages
    assert [one.number for one in Version.objects.filter(page=world.page("bell"))] == [2, 1]
    assert "nothing was changed" in opened(publisher, world).send("_correct").text


def test_a_version_published_meanwhile_is_not_written_over(waiting: World, publisher: Editor):
    form = opened(publisher, waiting)
    publishing.publish(versions=[publishing.newest(waiting.page("bell"))], by=SYSTEM)
    refused = form.send("_correct", summary="Theirs.")
    assert "readers see version 2 by now, and this corrects version 1" in refused.text
    assert refused["summary"] == "Theirs."
    assert live(waiting)["summary"] == "One side of the face grows weak."


def test_mistakes_come_back_with_what_was_typed(waiting: World, publisher: Editor):
    refused = opened(publisher, waiting).send("_correct", summary="", body="Text [@no-such].\n")
    assert refused["body"] == "Text [@no-such].\r\n"
    assert "errornote" in refused.text
    assert Version.objects.filter(page=waiting.page("bell")).count() == 2
    assert Edition.objects.first().number == 1


def test_an_address_that_the_draft_changes_stays_changed_there(world: World, publisher: Editor):
    publishing.save(record=drafts.read(world.bell) | {"slug": "palsy"}, entry=world.bell, by=world.author)
    opened(publisher, world).send("_correct", summary="Theirs.")
    assert (live(world)["slug"], drafts.read(world.bell)["slug"]) == ("bells-palsy", "palsy")


def test_what_readers_do_not_see_has_nothing_to_correct(world: World, publisher: Editor):
    answer = publisher.client.get(address(world.stroke, "correct"), follow=True)
    assert "Readers do not see Stroke" in answer.content.decode()


def test_where_review_is_required_a_correction_needs_a_reason(waiting: World, publisher: Editor, settings):
    settings.REQUIRE_REVIEW = True
    assert address(waiting.droop, "correct") in publisher.open(waiting.droop).text, "there is no other way"
    form = opened(publisher, waiting)
    refused = form.send("_correct", summary="One side of the face grows weak, slowly.")
    assert "it is not approved" in refused.text
    refused = refused.send("_correct", reason="A comma.", summary="One side of the face never grows weak.")
    assert "it is no correction" in refused.text
    assert refused["reason"] == "A comma."
    done = refused.send("_correct", summary="One side of the face grows weak, slowly.")
    assert "Published in edition 2" in done.messages
    assert Decision.objects.get(verb=Decision.Verb.CORRECT).note == "A comma."
