"""Two editors on one entry: their changes are merged, and only the same words conflict."""

from __future__ import annotations

import re

from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import drafts, publishing
from conditions.models import Condition, Question, Version
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, Form, address
from tests.world import World


def test_changes_at_different_places_are_merged(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first.send(summary="One side of the face grows weak at once.", **{"symptoms-1-note": "On that side."})
    second["symptoms-0-tags"] = ["sudden"]
    answer = second.send(help_soon="Your eye will not close.")
    record = drafts.read(world.bell)
    assert record["summary"] == "One side of the face grows weak at once."
    assert record["help_soon"] == "Your eye will not close.\n"
    assert [row["note"] for row in record["symptoms"]] == ["Within hours to days.", "On that side."]
    assert record["symptoms"][0]["tags"] == ["sudden"]
    form = address(world.bell, "change")
    assert answer.messages.startswith("Saved as version 3.")
    assert answer.messages.endswith(
        f"Merged with author’s version 2: "
        f'<a href="{form}#id_summary">In one sentence</a>, <a href="{form}#symptoms-1">Symptoms: Earache</a>. '
        "Review what came of it, then publish."
    )


def test_a_merge_names_each_version_with_what_came_of_it(world: World, author: Editor, publisher: Editor):
    form, mine = publisher.open(world.bell), publisher.open(world.bell)
    author.open(world.bell).send(summary="First.", self_care="Wait.")
    mine.send(name="Bell")
    author.open(world.bell).send(**{"summary": "Second.", "symptoms-1-DELETE": "on"})
    said = re.sub("<[^>]*>", "", form.send(body="Mine.").messages)
    assert (
        "Merged with author’s version 2: What you can do yourself; your own version 3: Name; author’s version 4: "
        in said
    )
    assert "version 4: In one sentence, Symptoms: Earache. Review" in said


def test_the_same_words_clash_and_what_was_typed_is_kept(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first.send(summary="Theirs.", codes="ICD-10-CM G51.0\nMeSH D020330", **{"symptoms-0-note": "Their note."})
    answer = second.send(summary="Ours.", name="Bell palsy", **{"symptoms-0-note": "Our note."})
    assert "Someone else (author," in answer.errors["summary"][0]
    assert columns(answer, "In one sentence") == ["Theirs.", "Ours."]
    assert columns(answer, "Symptoms, Facial droop: Note") == ["Their note.", "Our note."]
    assert (answer["summary"], answer["name"]) == ("Ours.", "Bell palsy")
    assert drafts.read(world.bell)["summary"] == "Theirs."
    answer.send(summary="Ours, after all.")
    record = drafts.read(world.bell)
    assert (record["summary"], record["symptoms"][0]["note"]) == ("Ours, after all.", "Our note.")
    assert "MeSH D020330" in record["codes"], "what did not conflict is never reverted"


def columns(form: Form, label: str) -> list[str]:
    """The texts of a clash, as the form shows them side by side."""
    [found] = [clash for clash in form.response.context["typed"].clashes if clash.label == label]
    return ["".join(piece.text for piece in column.pieces).strip() for column in found.columns]


def take(form: Form, label: str, text: int) -> Form:
    """Press the button of a text of a clash: 0 is theirs, 1 is mine."""
    found = form.response.context["typed"].clashes
    [number] = [number for number, clash in enumerate(found) if clash.label == label]
    assert f'name="_take" value="{number}-{text}"' in form.text
    form["_take"] = f"{number}-{text}"
    answer = form.send("_unnamed")
    del form.fields["_take"]
    return answer


def test_either_text_of_a_clash_can_be_taken_and_the_other_stays(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first.send(summary="Theirs.", **{"symptoms-0-note": "Their note."})
    clash = second.send(summary="Ours.\r\n\r\nTwo. ", **{"symptoms-0-note": "Our note.", "help_soon": "Ours too."})
    taken = take(clash, "In one sentence", 0)
    assert (taken["summary"], taken["symptoms-0-note"], taken["help_soon"]) == ("Theirs.", "Our note.", "Ours too.")
    assert drafts.read(world.bell)["help_soon"] == ""
    assert "Not saved yet. Somebody else changed the same places." in taken.text
    again = take(taken, "In one sentence", 1)
    assert again["summary"] == "Ours.\r\n\r\nTwo. "
    again = take(again, "Symptoms, Facial droop: Note", 0)
    again["summary"] = "Edited here."
    back = take(take(again, "In one sentence", 0), "In one sentence", 2)
    assert columns(back, "In one sentence") == ["Theirs.", "Ours.\n\nTwo.", "Edited here."]
    assert back["summary"] == "Edited here."
    back.send()
    record = drafts.read(world.bell)
    assert (record["summary"], record["symptoms"][0]["note"]) == ("Edited here.", "Their note.")
    assert record["help_soon"] == "Ours too.\n"


def test_a_clash_marks_the_words_that_differ(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first.send(body="It comes & goes.")
    text = second.send(body="It comes slowly.").text
    assert "It comes <mark>&amp; goes.</mark>" in text
    assert "It comes <mark>slowly.</mark>" in text


def test_a_clash_is_shown_until_the_form_is_saved(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first = first.send(summary="Theirs.")
    clash = second.send(summary="Ours.")
    refused = take(clash, "In one sentence", 0).send(name="")
    assert columns(refused, "In one sentence") == ["Theirs.", "Ours."]
    first.send(summary="Theirs, again.")
    third = refused.send(name="Bell", summary="A third.")
    assert columns(third, "In one sentence") == ["Theirs, again.", "Ours.", "A third."]
    assert "clash" not in third.send().fields


def test_a_clash_about_what_is_chosen_names_it(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first.send(**{"related-0-role": "part-of"})
    clash = second.send(**{"related-0-role": "can-be-part-of"})
    label = "Related conditions, Stroke: How it is related"
    assert columns(clash, label) == ["Part of", "Can be part of"]
    assert take(clash, label, 0)["related-0-role"] == "part-of"


def test_a_forged_clash_shows_nothing(world: World, author: Editor):
    form = author.open(world.bell)
    for packed in ("", "x", "[]", '[[],"",[]]', '[["summary"],1,[["x"]]]', '[["nowhere"],"",[["x"]]]', "[" * 99_999):
        for pressed in ("0-0", "9-9", "x", "-1-0", "0-²"):
            answer = author.client.post(form.url, form.fields | {"clash": [packed], "_take": [pressed]})
            assert (answer.status_code, answer.context["typed"].form["summary"].value()) == (200, form["summary"])


def test_who_saved_in_another_window_is_told_so(world: World, author: Editor):
    first, second = author.open(world.bell), author.open(world.bell)
    first.send(summary="In the first.")
    answer = second.send(summary="In the second.")
    assert answer.errors["summary"][0].startswith("You, in another window")
    assert "was saved elsewhere while you were typing" in answer.text


def test_a_clash_names_who_wrote_the_words(world: World, author: Editor, publisher: Editor):
    mine = author.open(world.bell)
    publisher.open(world.bell).send(summary="Theirs.")
    author.open(world.bell).send(body="Mine, in another window.")
    assert mine.send(summary="Mine.").errors["summary"][0].startswith("Someone else (publisher,")


def test_what_was_merged_in_is_not_published_unseen(world: World, author: Editor, publisher: Editor):
    form = publisher.open(world.bell)
    author.open(world.bell).send(self_care="Wait a week.")
    answer = form.send("_publish", summary="A typo fixed.")
    assert "Review what came of it, then publish." in answer.messages
    assert world.page("bell").live.number == 1
    answer.send("_publish")
    assert "Wait a week." in world.page("bell").live.record["self_care"]


def test_what_was_merged_in_is_said_where_nothing_else_is_new(world: World, author: Editor, publisher: Editor):
    form = publisher.open(world.bell)
    author.open(world.bell).send(self_care="Wait a week.")
    said = form.send("_publish").messages
    assert "no new version was saved" in said
    assert "Merged with author’s version 2: " in said
    assert world.page("bell").live.number == 1


def test_a_question_deleted_meanwhile_comes_back_with_its_answer(world: World, author: Editor, publisher: Editor):
    record = {"kind": "question", "slug": "is-it-so", "name": "Is it so?", "answer": "Word for  word."}
    saved = publishing.save(record=record, entry=None, by=SYSTEM)
    form = author.open(saved.entry)
    publishing.delete(entry=saved.entry, by=world.publisher)
    back = form.send(editor_note="Typed for an hour.")
    Form(author.client, "/admin/conditions/question/add/", back.response).send()
    again = Question.objects.get(slug="is-it-so")
    assert (again.answer, again.editor_note) == ("Word for  word.", "Typed for an hour.\n")


def test_a_third_version_between_is_shown_again(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first = first.send(summary="Theirs.")
    answer = second.send(summary="Ours.")
    first.send(summary="Theirs, again.")
    assert columns(answer.send(), "In one sentence") == ["Theirs, again.", "Ours."]
    assert drafts.read(world.bell)["summary"] == "Theirs, again."


def test_a_row_taken_out_here_and_changed_there_stays(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first.send(**{"symptoms-1-note": "Changed."})
    answer = second.send(**{"symptoms-1-DELETE": "on"})
    assert "which you removed" in answer.errors["symptoms"][0]
    answer.send()
    assert [row["target"] for row in drafts.read(world.bell)["symptoms"]] == ["facial-droop", "earache"]


def test_a_row_changed_here_and_taken_out_there_is_kept(world: World, author: Editor, publisher: Editor):
    first, second = author.open(world.bell), publisher.open(world.bell)
    first.send(**{"symptoms-1-DELETE": "on"})
    answer = second.send(**{"symptoms-1-note": "Changed."})
    assert "removed this." in answer.errors["symptoms-1-target"][0]
    assert columns(answer, "Symptoms, Earache") == ["Taken out", "Kept"]
    assert "symptoms-1-DELETE" in take(answer, "Symptoms, Earache", 0).fields
    answer.send()
    assert [row["target"] for row in drafts.read(world.bell)["symptoms"]] == ["facial-droop", "earache"]


def test_a_form_that_grew_old_can_still_be_sent(world: World, author: Editor, publisher: Editor):
    """Saving rewrites all rows under new ids; a form opened before knows rows by what they lead to."""
    old = publisher.open(world.bell)
    for note in ("One.", "Two.", "Three."):
        author.open(world.bell).send(**{"symptoms-0-note": note})
    old.send(**{"symptoms-1-note": "Still here."})
    assert [row["note"] for row in drafts.read(world.bell)["symptoms"]] == ["Three.", "Still here."]


def test_a_form_without_its_number_writes_nothing_over(world: World, author: Editor, publisher: Editor):
    form = publisher.open(world.bell)
    author.open(world.bell).send(summary="Theirs.")
    for number in ("", "0", "77"):
        form["base_version"] = number
        assert "summary" in form.send(summary="Ours.").errors
    assert drafts.read(world.bell)["summary"] == "Theirs."


def test_a_renamed_entry_is_still_the_same(world: World, author: Editor, publisher: Editor):
    """Rows of a form that was opened before a symptom was renamed lead to it still."""
    form = publisher.open(world.bell)
    author.open(world.droop).send(slug="drooping-face")
    answer = form.send(summary="One side of the face grows weak at once.")
    record = drafts.read(world.bell)
    assert answer.errors == {}
    assert [row["target"] for row in record["symptoms"]] == ["drooping-face", "earache"]
    assert record["summary"] == "One side of the face grows weak at once."


def test_changes_of_a_file_are_merged_like_those_of_an_editor(world: World, author: Editor):
    form = author.open(world.bell)
    drafts.write(world.bell, drafts.read(world.bell) | {"summary": "From a file."})
    publishing.save_version(entry=world.bell, by=SYSTEM, origin=Version.Origin.FILE)
    assert "(a content file," in form.send(summary="Ours.").errors["summary"][0]


def test_what_was_typed_for_an_entry_deleted_meanwhile_comes_back_as_a_new_one(world: World, author: Editor):
    bell = author.open(world.bell)
    for name in [name for name in bell.fields if name.startswith("related-0-")]:
        del bell.fields[name]
    bell["related-TOTAL_FORMS"] = "0"
    bell.send()
    form = author.open(world.stroke)
    publishing.delete(entry=world.stroke, by=world.publisher)
    back = form.send(summary="Typed for long.")
    assert "deleted while you were typing" in back.text
    assert not Condition.objects.filter(slug="stroke").exists()
    again = Form(author.client, "/admin/conditions/condition/add/", back.response).send()
    assert "Saved as version" in again.messages
    assert Condition.objects.get(slug="stroke").summary == "Typed for long."


def test_a_form_can_ask_which_version_is_the_newest(world: World, author: Editor, publisher: Editor):
    form = author.open(world.bell)
    assert f'data-newest="{address(world.bell, "newest")}" data-number="1"' in form.text
    publisher.open(world.bell).send(summary="Theirs.")
    before = Session.objects.get(pk=author.client.session.session_key)
    bell = world.bell
    with CaptureQueriesContext(connection) as queries:
        answer = author.get(bell, "newest")
    asked = [query["sql"] for query in queries if '"conditions_' in query["sql"]]
    assert answer.json() == {"number": 2, "author": "publisher", "mine": False}
    assert publisher.get(world.bell, "newest").json()["mine"]
    assert "no-store" in answer["Cache-Control"]
    assert len(asked) == 2
    assert Session.objects.get(pk=before.pk).expire_date == before.expire_date
    assert not answer.cookies
    desk_only = drafts.write(None, drafts.read(world.virus) | {"slug": "a-cold", "name": "A cold"})
    assert author.get(desk_only, "newest").json() == {}
