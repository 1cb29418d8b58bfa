"""Lists and pickers: what they find, what they say, and what they cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import drafts, publishing
from conditions.models import Page, Version
from conditions.publishing import SYSTEM
from tests.admin.client import Editor
from tests.world import World, add_many, make_user

LIST = "/admin/conditions/{}/"


def listed(editor: Editor, kind: str, **query: str) -> dict[str, str]:
    """The names in a list, and the state that each is said to be in."""
    shown = editor.client.get(LIST.format(kind), query).context["cl"]
    return {entry.name: shown.model_admin.state(entry) for entry in shown.result_list}


class TestList:
    def test_says_where_each_entry_stands(self, world: World, author: Editor, publisher: Editor):
        author.open(world.droop).send(summary="Half the face hangs down.")
        assert listed(author, "condition") == {"Bell’s palsy": "Live", "Stroke": "Draft"}
        assert listed(author, "symptom") == {"Facial droop": "Changed since published", "Earache": "Live"}
        publisher.post(world.earache, "withdraw", reason="Old.")
        assert listed(author, "symptom")["Earache"] == "Withdrawn"
        for state, names in (
            ("live", set()),
            ("changed", {"Facial droop"}),
            ("withdrawn", {"Earache"}),
            ("draft", set()),
        ):
            assert set(listed(author, "symptom", state=state)) == names

    def test_says_where_the_review_of_each_stands_as_the_list_over_all_kinds_does(self, world: World, author: Editor):
        def save(summary: str) -> Version:
            record = drafts.read(world.droop) | {"summary": summary}
            return publishing.save(record=record, entry=world.droop, by=world.author).version

        def states() -> set[str]:
            rows = author.client.get("/admin/entries/").context["rows"]
            return {
                listed(author, "symptom")["Facial droop"],
                *(one.state for one in rows if one.name == "Facial droop"),
            }

        world.reviewer.first_name = "Ada"
        world.reviewer.save()
        version = save("Half the face hangs down.")
        publishing.submit(version=version, by=world.author)
        assert states() == {"Changed since published, waiting for review"}
        publishing.send_back(version=version, by=world.reviewer, remarks=[publishing.Remark((), "Which half?")])
        assert states() == {"Changed since published, sent back"}
        version = save("The left half hangs down.")
        assert states() == {"Changed since published"}
        publishing.submit(version=version, by=world.author)
        newer = save("The right half hangs down.")
        assert states() == {"Changed since published, version 3 waiting for review"}
        publishing.take_back(version=version, by=world.author)
        publishing.submit(version=newer, by=world.author)
        publishing.approve(version=newer, by=world.reviewer, months=12)
        assert states() == {"Changed since published, approved"}
        publishing.publish(versions=[newer], by=SYSTEM)
        assert states() == {"Live"}

    @pytest.mark.parametrize("words", ["bell", "bells-pal", "PALSY bell", "Bell palsy"])
    def test_is_searched_by_name_slug_and_other_names(self, world: World, author: Editor, words: str):
        assert set(listed(author, "condition", q=words)) == {"Bell’s palsy"}

    @pytest.mark.parametrize("words", ["\\", "%", "'", '"', "x" * 5000, "é", "[", "\0"])
    def test_fails_on_no_search(self, world: World, author: Editor, words: str):
        for address in (LIST.format("condition"), "/admin/pick/about/"):
            assert author.client.get(address, {"q": words, "term": words, "tag": words}).status_code in (200, 302, 414)

    def test_is_narrowed_by_tag_and_group(self, world: World, author: Editor):
        assert set(listed(author, "condition", tag="one-side")) == {"Bell’s palsy"}
        assert set(listed(author, "tag", group="side")) == {"One side"}

    @pytest.mark.parametrize("kind", ["symptom", "tag", "source", "question"])
    def test_costs_the_same_however_long_it_is(self, world: World, author: Editor, kind: str):
        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert author.client.get(LIST.format(kind)).status_code == 200
            return len(caught)

        queries()
        before = queries()
        add_many(kind, 30)
        assert queries() == before

    def test_has_no_actions(self, world: World, publisher: Editor):
        assert "action" not in publisher.client.get(LIST.format("condition")).context["cl"].list_display
        edition = world.page("bell").edition_id
        data = {"action": "delete_selected", "_selected_action": [world.stroke.pk], "index": "0", "post": "yes"}
        publisher.client.post(LIST.format("condition"), data)
        assert world.stroke.name == "Stroke"
        assert world.page("bell").edition_id == edition


def test_a_form_costs_the_same_however_many_rows_it_has(world: World, author: Editor):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            author.open(world.bell)
        return len(caught)

    queries()
    before = queries()
    add_many("symptom", 20)
    form = author.open(world.bell)
    for number in range(20):
        form.add_row("symptoms", target=f"n-{number}", evidence=["early-signs"], tags=["sudden"])
    assert form.send().errors == {}
    # The draft is compared with the live version now, by name; this costs nothing more for each row.
    assert queries() <= before + 2


class TestPick:
    def answers(self, editor: Editor, of: str, **query: str) -> list[dict[str, str]]:
        return editor.client.get(f"/admin/pick/{of}/", query).json()["results"]

    def test_finds_entries_by_name_and_answers_slugs(self, world: World, author: Editor):
        assert self.answers(author, "symptom", term="drooping") == [{"id": "facial-droop", "text": "Facial droop"}]
        assert self.answers(author, "tag", term="SIDE") == [{"id": "one-side", "text": "One side"}]

    def test_finds_what_a_question_can_be_about(self, world: World, author: Editor):
        found = self.answers(author, "about", term="e")
        assert {"id": "conditions/stroke", "text": "Stroke (condition)"} in found
        assert {"id": "treatments/eye-care", "text": "Eye care (treatment)"} in found

    def test_finds_live_pages_only_to_read_instead(self, world: World, author: Editor):
        assert self.answers(author, "live", term="stroke") == []
        assert self.answers(author, "live", term="palsy")[0]["id"] == "conditions/bells-palsy"

    def test_answers_the_first_and_says_that_there_are_more(self, world: World, author: Editor):
        add_many("cause", 60)
        first = author.client.get("/admin/pick/about/", {"term": "N"}).json()
        assert (len(first["results"]), first["more"]) == (50, True)
        assert not author.client.get("/admin/pick/about/", {"term": "palsy"}).json()["more"]

    def test_is_for_editors_only(self, world: World, author: Editor, client):
        assert client.get("/admin/pick/tag/").status_code == 302
        nobody = Editor(make_user("nobody"))
        assert nobody.client.get("/admin/pick/tag/").status_code == 403
        assert author.client.post("/admin/pick/tag/").status_code == 405
        assert author.client.get("/admin/pick/user/").status_code == 404


def test_index_and_app_pages_open_for_every_role(world: World, author: Editor, reviewer: Editor, publisher: Editor):
    for editor in (author, reviewer, publisher):
        for address in ("/admin/", "/admin/conditions/", "/admin/password_change/"):
            assert editor.client.get(address).status_code == 200
    assert Page.objects.live().exists()
