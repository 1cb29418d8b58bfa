"""What is typed into a change form becomes a record; what is wrong with it is said where it is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from conditions import drafts, publishing, validation
from conditions.models import Change, Page, Question, Symptom, Tag, Version
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, Form
from tests.world import World

NAMES = ("bell", "droop", "eye_care", "virus", "warning", "one_side", "service", "stroke")


def live_record(world: World, name: str) -> dict:
    return Version.objects.get(live_on__pk=world.page(name).pk).record


@pytest.mark.parametrize("name", NAMES)
def test_a_form_sent_back_as_it_came_changes_nothing(world: World, author: Editor, name: str):
    before = drafts.read(getattr(world, name))
    count = Version.objects.count()
    answer = author.open(getattr(world, name)).send()
    assert answer.errors == {}
    assert "Nothing was changed" in answer.messages
    assert drafts.read(getattr(world, name)) == before
    assert Version.objects.count() == count


class TestStory:
    """The story of the first release: a symptom with a new tag, kept as a draft, then published."""

    def test_a_draft_changes_nothing_that_readers_see(self, world: World, author: Editor):
        before = live_record(world, "bell")
        form = author.open(world.bell)
        form.add_row("symptoms", target="earache", evidence=["early-signs"])
        form["symptoms-2-target"] = "facial-droop"
        form["symptoms-0-DELETE"] = "on"
        form["symptoms-2-tags"] = ["one-side", "Comes and goes"]
        form["symptoms-1-order"] = "9"
        form["symptoms-2-evidence"] = ["early-signs"]
        answer = form.send()
        assert "Saved as version" in answer.messages
        rows = drafts.read(world.bell)["symptoms"]
        assert [row["target"] for row in rows] == ["earache", "facial-droop"]
        assert rows[1]["tags"] == ["comes-and-goes", "one-side"]
        assert Tag.objects.get(slug="comes-and-goes").name == "Comes and goes"
        assert live_record(world, "bell") == before
        assert not Page.objects.live().filter(kind="tag", slug="comes-and-goes").exists()
        assert "differs from what readers see: " in answer.text

    def test_publishing_it_publishes_the_new_tag_with_it(self, world: World, publisher: Editor):
        form = publisher.open(world.droop)
        form.add_row("causes", target="viral-illness", tags=["Comes and goes"], evidence=["early-signs"])
        answer = form.send("_publish")
        assert "Published in edition 2" in answer.messages
        assert live_record(world, "droop")["causes"][0]["tags"] == ["comes-and-goes"]
        assert Page.objects.live().filter(kind="tag", slug="comes-and-goes").exists()
        assert "<b>Live.</b>" in answer.text


def test_add_makes_the_slug_from_the_name(world: World, author: Editor):
    answer = author.add("symptom").send(name="Twitching eyelid", also_called="Eye twitch\r\n\r\nLid twitch")
    entry = Symptom.objects.get(slug="twitching-eyelid")
    assert answer.url == f"/admin/conditions/symptom/{entry.pk}/change/"
    assert entry.also_called == ["Eye twitch", "Lid twitch"]
    assert not Change.objects.filter(page=entry.page).exists()


def test_a_question_keeps_its_answer_word_for_word(world: World, author: Editor):
    answer = author.add("question").send(name="Is it so?", answer="  Yes , \r\nit is.  ")
    question = Question.objects.get(slug="is-it-so")
    assert question.answer == "  Yes , \nit is.  "
    assert "answer" not in answer.fields
    answer.send(answer="No.", name="Is it really so?")
    question.refresh_from_db()
    assert (question.name, question.answer) == ("Is it really so?", "  Yes , \nit is.  ")


def test_fields_of_sources_and_tags_are_kept(world: World, author: Editor):
    author.open(world.service).send(accessed="2026-11-20", licence="CC BY 4.0")
    author.open(world.sudden).send(group="certainty", summary="All at once.")
    assert str(world.service.accessed) == "2026-11-20"
    assert (world.service.licence, world.sudden.group) == ("CC BY 4.0", "certainty")


def test_rows_without_an_order_go_last(world: World, author: Editor):
    form = author.open(world.bell)
    assert (form["symptoms-0-target"], form["symptoms-0-order"]) == ("facial-droop", "1")
    form.send(**{"symptoms-0-order": ""})
    assert [row["target"] for row in drafts.read(world.bell)["symptoms"]] == ["earache", "facial-droop"]


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "", "symptoms-0-note": "x" * 1001}, "name", "missing"),
    ({"slug": ""}, "slug", "is missing"),
    ({"slug": "no slug"}, "slug", "is not a valid slug"),
    ({"slug": "stroke", "related-0-DELETE": "on"}, "slug", "choose another"),
    ({"codes": "G51.0"}, "codes", "write the system, a space, then the code"),
    ({"tags": ["!!!"]}, "tags", "no letters or digits"),
    ({"tags": ["a\0b"]}, "tags", "control character"),
    ({"evidence": ["no-such-document"]}, "evidence", "no question 'no-such-document'"),
    ({"body": "It is. [@nowhere]"}, "body", "add it there"),
    ({"summary": "x" * 1001}, "summary", "at most 1000"),
    ({"symptoms-0-note": "x" * 1001}, "symptoms-0-note", "at most 1000"),
    ({"symptoms-0-target": "earache"}, "symptoms-1-target", "twice"),
    ({"symptoms-0-target": ""}, "symptoms-0-target", "choose the symptom"),
    ({"symptoms-0-target": "no-such"}, "symptoms-0-target", "no symptom 'no-such'"),
    ({"symptoms-1-tags": ["???"]}, "symptoms-1-tags", "no letters or digits"),
    ({"symptoms-1-order": "first"}, "symptoms-1-order", "whole number"),
    ({"related-0-target": "bells-palsy"}, "related-0-target", "is the entry itself"),
    ({"related-0-role": "cousin"}, "related-0-role", "not one of the available"),
]
"""What is sent, the control that shows the error, and words of it."""


class TestMistakes:
    """Nothing is saved, everything typed comes back, and the error is shown at its field."""

    def test_mistakes_are_shown_where_they_are(self, world: World, author: Editor, subtests):
        before, count = drafts.read(world.bell), Version.objects.count()
        opened = author.open(world.bell)
        for changed, place, words in MISTAKES:
            with subtests.test(place=place, words=words):
                form = Form(author.client, opened.url, opened.response)
                answer = form.send(**{"help_soon": "Kept as typed.", "tags": ["New tag"], **changed})
                assert words in " ".join(answer.errors[place]).lower()
                assert "Not saved yet" in answer.text
                assert answer["help_soon"] == "Kept as typed."
                assert drafts.read(world.bell) == before
                assert (Version.objects.count(), Tag.objects.filter(slug="new-tag").exists()) == (count, False)

    def test_all_is_said_at_once_and_leads_to_its_place(self, world: World, author: Editor):
        changed = {"name": "", "codes": "G51.0", "symptoms-0-target": "", "symptoms-1-note": "x" * 1001}
        text = author.open(world.bell).send(**changed).text
        said = text[text.index("Not saved yet") :].partition("</ul>")[0]
        assert [part.partition('"')[0] for part in said.split('href="#')[1:]] == [
            "id_name",
            "id_codes",
            "id_symptoms-0-target",
            "id_symptoms-1-note",
        ]
        assert "Symptoms, Earache: Note</a>: Is 1001 characters long" in said
        assert "<b>2 to fix</b>" in text

    def test_a_text_of_the_greatest_length_can_be_saved_again(self, world: World, author: Editor):
        long = ("A line of text.\n" * 6250)[:-1] + "x"
        assert len(long) == 100_000
        saved = author.open(world.droop).send(body=long)
        assert saved.errors == {}
        again = saved.send(summary="Changed.")
        assert again.errors == {}
        assert drafts.read(world.droop)["body"] == f"{long}\n"
        too_long = again.send(body="x" * 100_001)
        assert "is 100001 characters long; shorten it to at most 100000" in too_long.errors["body"][0].lower()

    def test_what_the_text_cites_is_no_mistake_where_the_list_is(self, world: World, author: Editor):
        changed = {"evidence": ["warning-signs"], "evidence-more": "no such document", "body": "So. [@warning-signs]"}
        assert set(author.open(world.bell).send(**changed).errors) == {"evidence"}

    def test_a_missing_name_is_one_mistake_and_not_two(self, world: World, author: Editor):
        assert set(author.add("symptom").send(name="").errors) == {"name"}

    def test_a_tag_has_no_comma(self, world: World, author: Editor):
        assert "cannot contain a comma" in author.open(world.sudden).send(name="Sudden, late").errors["name"][0]

    def test_a_source_has_a_web_address_and_dates(self, world: World, author: Editor):
        answer = author.open(world.service).send(url="javascript:alert(1)", accessed="yesterday")
        assert "is not a valid web address" in answer.errors["url"][0]
        assert "is not a valid date" in answer.errors["accessed"][0]

    def test_a_draft_that_is_not_ready_stays_a_draft(self, world: World, publisher: Editor):
        before = live_record(world, "bell")
        form = publisher.open(world.bell)
        form["symptoms-1-evidence"] = []
        answer = form.send("_publish", summary="")
        assert "Saved as a draft. Not published:" in answer.messages
        assert "write one plain sentence" in answer.messages
        assert "has no evidence" in answer.messages
        assert drafts.read(world.bell)["summary"] == ""
        assert live_record(world, "bell") == before


class TestTags:
    def test_a_tag_typed_by_name_or_slug_is_the_one_that_exists(self, world: World, author: Editor):
        author.open(world.droop).send(tags=["one-side", "One side", "ONE SIDE", "Sudden"])
        assert drafts.read(world.droop)["tags"] == ["one-side", "sudden"]
        assert Tag.objects.count() == 2

    @pytest.mark.parametrize("typed", [["Age > 65"], ["Age > 70", "Age < 70"]])
    def test_a_sign_makes_it_another_tag_and_is_asked_about(self, world: World, author: Editor, typed: list[str]):
        author.open(world.bell).send(tags=["Age < 65"])
        answer = author.open(world.droop).send(tags=typed)
        assert "write the sign as a word" in answer.errors["tags"][0]
        assert drafts.read(world.droop)["tags"] == []

    def test_a_name_that_two_tags_have_is_asked_about(self, world: World, author: Editor):
        for slug in ("left-1", "left-2"):
            record = {"kind": "tag", "slug": slug, "name": "Left", "group": "side"}
            publishing.save(record=record, entry=None, by=SYSTEM)
        answer = author.open(world.droop).send(tags=["Left"])
        assert answer.errors["tags"] == ["More than one is called “Left”. Enter the address of the one that you mean."]
        answer.send(tags=["left-2"])
        assert drafts.read(world.droop)["tags"] == ["left-2"]

    def test_a_slug_in_capitals_stays_the_one_that_exists(
        self, world: World, author: Editor, monkeypatch: pytest.MonkeyPatch
    ):
        record = {"kind": "tag", "slug": "Left_Side", "name": "Left", "group": "side"}
        with monkeypatch.context() as before:
            before.setattr(validation, "new_slug_problems", lambda *_: {})
            publishing.save(record=record, entry=None, by=SYSTEM)
        author.open(world.droop).send(tags=["Left_Side"])
        author.open(world.droop).send()
        assert drafts.read(world.droop)["tags"] == ["Left_Side"]

    def test_a_new_tag_is_named_with_a_way_to_explain_it(self, world: World, author: Editor):
        said = author.open(world.droop).send(tags=["One side", "Brand new", "BRAND NEW"]).messages
        tag = Tag.objects.get(slug="brand-new")
        assert "New tag: “Brand new”. It has no description yet" in said
        assert f"/admin/conditions/tag/{tag.pk}/change/" in said
        assert said.count("New tag") == 1

    def test_who_may_add_no_tags_is_told_so(self, world: World, author: Editor):
        group = world.author.groups.get()
        group.permissions.remove(group.permissions.get(codename="add_tag"))
        form = author.open(world.droop)
        assert "data-tags" not in form.text
        answer = form.send(tags=["Brand new"])
        assert "do not have permission to add a tag" in answer.errors["tags"][0]
        assert not Tag.objects.filter(slug="brand-new").exists()


def test_names_are_escaped(world: World, author: Editor):
    hostile = "<script>alert(1)</script>"
    form = author.open(world.droop)
    form["tags"] = [hostile]
    answer = form.send(name=hostile, also_called=hostile, summary=hostile)
    bell = author.open(world.bell)
    listed = author.client.get("/admin/conditions/symptom/").content.decode()
    history = author.get(world.droop, "history").content.decode()
    for text in (answer.text, bell.text, listed, history):
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
