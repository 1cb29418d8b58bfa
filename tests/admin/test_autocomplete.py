"""What pickers find, and what is typed into them where no script runs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import drafts
from conditions.models import Condition, Tag
from tests.admin.client import Editor, keep
from tests.world import World


def items(editor: Editor, of: str, **query: str) -> list[dict[str, str]]:
    return editor.client.get(f"/admin/pick/{of}/", query).json()["results"]


def found(editor: Editor, of: str, term: str) -> list[str]:
    return [item["id"] for item in items(editor, of, term=term)]


class TestTypedWords:
    @pytest.mark.parametrize("typed", ["Bell's palsy", "bell’s", "BELL`S", "bells pal", "Bell''s", "palsy '"])
    def test_match_with_any_apostrophe(self, world: World, author: Editor, typed: str):
        Condition.objects.filter(pk=world.bell.pk).update(slug="other-address")
        if "'" in typed or "’" in typed:
            assert found(author, "condition", typed) == ["other-address"]
        Condition.objects.filter(pk=world.bell.pk).update(slug="bells-palsy")
        assert found(author, "condition", typed) == ["bells-palsy"]
        assert "Bell’s palsy</a>" in author.client.get("/admin/conditions/condition/", {"q": typed}).content.decode()
        assert "Bell’s palsy</a>" in author.client.get("/admin/entries/", {"q": typed}).content.decode()

    @pytest.mark.parametrize("typed", ["d'été", "D’ÉTÉ", "été"])
    def test_match_other_names_with_apostrophes_and_capitals(self, world: World, author: Editor, typed: str):
        keep("symptom", "rash", "Rash", also_called=["Éruption d’Été"])
        assert found(author, "symptom", typed) == ["rash"]

    @pytest.mark.parametrize(
        "typed", ["'", "''’’''", "(", "[a", "a'(", "é\\", "\\'", "%'", "_’", "é" * 200, "'x" * 100]
    )
    def test_are_no_pattern(self, world: World, author: Editor, typed: str):
        for of in ("condition", "about", "question", "live"):
            assert author.client.get(f"/admin/pick/{of}/", {"term": typed}).status_code == 200
            assert author.client.get(f"/admin/pick/{of}/", {"called": typed}).status_code == 200


class TestNearTags:
    """A tag that is not there yet may be there under another name."""

    def test_are_offered_where_no_tag_holds_all_the_words(self, world: World, author: Editor):
        keep("tag", "comes-and-goes", "Comes and goes", group="course")
        [item] = items(author, "tag", term="comes in waves")
        assert (item["id"], item["excerpt"]) == ("comes-and-goes", "Is there already: does it mean the same?")
        assert found(author, "tag", "goes and comes") == ["comes-and-goes"]
        assert "excerpt" not in items(author, "tag", term="comes")[0]

    @pytest.mark.parametrize("typed", ["in and so", "waves", "'", "((((", "\0\0\0\0"])
    def test_share_a_word_that_tells(self, world: World, author: Editor, typed: str):
        keep("tag", "comes-and-goes", "Comes and goes in time", group="course")
        assert not [item for item in items(author, "tag", term=typed) if "excerpt" in item]

    def test_are_offered_of_tags_alone(self, world: World, author: Editor):
        assert found(author, "symptom", "facial nonsense") == []


class TestWordsOfWhatIsPicked:
    def test_are_searched_after_the_names(self, world: World, author: Editor):
        answer = f"{'Nothing of it here. ' * 40}A warning is a tingling cheek.{' And so on.' * 40}"
        keep("question", "a-tingle", "A tingle?", answer=answer)
        assert found(author, "question", "warning") == ["warning-signs", "a-tingle"]
        [item] = items(author, "question", term="tingling cheek")
        assert (item["id"], item["text"]) == ("a-tingle", "A tingle?")
        assert "here. A warning is a tingling cheek. And" in item["excerpt"]
        assert item["excerpt"].startswith("…")
        assert item["excerpt"].endswith("…")
        assert len(item["excerpt"]) <= 402

    def test_are_those_of_each_kind(self, world: World, author: Editor):
        assert found(author, "source", "health service") == ["health-service"]
        assert items(author, "symptom", term="hangs") == [
            {"id": "facial-droop", "text": "Facial droop", "excerpt": "One side of the face hangs down."}
        ]
        assert found(author, "about", "hangs") == ["symptoms/facial-droop"]
        assert found(author, "live", "hangs") == ["symptoms/facial-droop"]

    def test_are_no_markup(self, world: World, author: Editor):
        keep("question", "hostile", "Hostile?", answer="<b>Bold</b> &lt; <mark>x</mark>")
        assert items(author, "question", term="bold")[0]["excerpt"] == "<b>Bold</b> &lt; <mark>x</mark>"

    @pytest.mark.parametrize("of", ["question", "about", "live"])
    def test_cost_one_query(self, world: World, author: Editor, of: str):
        def queries(term: str) -> int:
            with CaptureQueriesContext(connection) as caught:
                items(author, of, term=term)
            return len([one for one in caught if "summary" in one["sql"] or "answer" in one["sql"]])

        assert (queries(""), queries("e"), queries("a e"), queries("no such words")) == (1, 1, 1, 1)


class TestCalled:
    @pytest.mark.parametrize(
        ("of", "typed", "ids"),
        [
            ("condition", "bells PALSY", ["bells-palsy"]),
            ("condition", "bells-palsy", ["bells-palsy"]),
            ("condition", "/conditions/bells-palsy/", ["bells-palsy"]),
            ("condition", "/symptoms/bells-palsy/", []),
            ("condition", "Bell palsy", ["bells-palsy"]),
            ("condition", "Bell", []),
            ("question", "what are the early signs", ["early-signs"]),
            ("about", "Eye care", ["treatments/eye-care"]),
            ("about", "Eye care (treatment)", ["treatments/eye-care"]),
            ("live", "Stroke", []),
            ("tag", "one SIDE", ["one-side"]),
        ],
    )
    def test_finds_what_is_called_so_and_nothing_else(self, world: World, author: Editor, of: str, typed: str, ids):
        assert [item["id"] for item in items(author, of, called=typed)] == ids

    def test_finds_all_of_one_name_but_the_one_of_the_address(self, world: World, author: Editor):
        keep("symptom", "face-ache", "Earache")
        assert [item["id"] for item in items(author, "symptom", called="EARACHE")] == ["earache", "face-ache"]
        assert [item["id"] for item in items(author, "symptom", called="earache")] == ["earache"]

    def test_is_for_who_may_view(self, world: World, author: Editor):
        group = world.author.groups.get()
        group.permissions.remove(group.permissions.get(codename="view_condition"))
        assert author.client.get("/admin/pick/condition/", {"called": "Stroke"}).status_code == 403
        assert items(author, "about", called="Stroke") == []


class TestWithoutScripts:
    @pytest.fixture
    def author(self, world: World) -> Editor:
        return Editor(world.author, scripts=False)

    def test_more_is_added_by_name_or_address_and_what_is_unticked_removed(self, world: World, author: Editor):
        keep("source", "three", "Eyes, ears, and noses", publisher="A clinic")
        form = author.open(world.bell)
        form["tags-more"] = "SUDDEN, Brand new"
        assert form["tags"] == "one-side"
        form["tags"] = []
        form["evidence-more"] = "early-signs, What are the warning signs"
        form["sources-more"] = "Eyes, ears, and noses,"
        assert "Saved as version" in form.send().messages
        record = drafts.read(world.bell)
        assert record["tags"] == ["brand-new", "sudden"]
        assert record["evidence"] == ["early-signs", "warning-signs"]
        assert record["sources"] == ["health-service", "three"]

    def test_what_a_question_is_about_is_added_so(self, world: World, author: Editor):
        author.open(world.early).send(**{"about-more": "Eye care, /symptoms/earache/"})
        about = ["conditions/bells-palsy", "treatments/eye-care", "symptoms/earache"]
        assert drafts.read(world.early)["about"] == about

    def test_a_row_is_added_so(self, world: World, author: Editor):
        form = author.open(world.droop)
        assert form["causes-0-target-more"] == ""
        form["causes-0-tags-more"] = "sudden"
        answer = form.send(**{"causes-0-target-more": "viral ILLNESS", "causes-0-evidence-more": "early-signs"})
        assert "Saved as version" in answer.messages
        [row] = drafts.read(world.droop)["causes"]
        assert (row["target"], row["tags"], row["evidence"]) == ("viral-illness", ["sudden"], ["early-signs"])
        assert answer["causes-1-target-more"] == ""

    def test_a_row_left_empty_is_none(self, world: World, author: Editor):
        before = drafts.read(world.bell)
        assert "Nothing was changed" in author.open(world.bell).send().messages
        assert drafts.read(world.bell) == before

    def test_a_row_leads_to_another_entry_so(self, world: World, author: Editor):
        author.open(world.bell).send(**{"related-0-DELETE": "on", "symptoms-0-target-more": "Earache"})
        keep("symptom", "numb", "Numb cheek")
        author.open(world.bell).send(**{"symptoms-0-target-more": "numb cheek"})
        assert drafts.read(world.bell)["symptoms"][0]["target"] == "numb"

    @pytest.mark.parametrize("name", ["evidence", "symptoms-0-sources", "symptoms-0-target", "symptoms-2-target"])
    def test_what_is_nothing_is_said_and_kept(self, world: World, author: Editor, name: str):
        before = drafts.read(world.bell)
        answer = author.open(world.bell).send(**{f"{name}-more": "No such <thing>"})
        assert answer.errors[name][0].startswith("Nothing is called “No such <thing>”.")
        assert answer[f"{name}-more"] == "No such <thing>"
        assert drafts.read(world.bell) == before
        answer.send(**{f"{name}-more": "", "summary": "New."})
        assert drafts.read(world.bell)["summary"] == "New."

    def test_what_is_several_asks_for_the_address(self, world: World, author: Editor):
        keep("symptom", "face-ache", "Earache")
        answer = author.open(world.bell).send(**{"symptoms-2-target-more": "EARACHE"})
        assert answer.errors["symptoms-2-target"][0].startswith("More than one is called “EARACHE”.")

    def test_what_is_right_is_taken_while_the_rest_is_asked_for(self, world: World, author: Editor):
        answer = author.open(world.bell).send(**{"evidence-more": "early signs, What are the early signs?, nowhere"})
        assert answer["evidence"] == "early-signs"
        assert answer["evidence-more"] == "nowhere"

    def test_new_tags_are_for_who_may_add_them(self, world: World, author: Editor):
        group = world.author.groups.get()
        group.permissions.remove(group.permissions.get(codename="add_tag"))
        answer = author.open(world.droop).send(**{"tags-more": "sudden, Brand new"})
        assert "“Brand new”" in answer.errors["tags"][0]
        assert not Tag.objects.filter(slug="brand-new").exists()

    def test_tags_merge_and_pages_lead_on_so(self, world: World, author: Editor, publisher: Editor):
        answer = publisher.post(world.sudden, "merge", **{"into": "", "into-more": "one side"})
        assert "was merged into “One side”" in answer.content.decode()
        answer = publisher.post(world.earache, "withdraw", **{"reason": "Old.", "instead-more": "facial droop"})
        assert "Facial droop" in publisher.client.get(world.earache.page.url).content.decode()

    def test_odd_input_is_no_failure(self, world: World, author: Editor):
        form = author.open(world.bell)
        for typed in ("a\0b", "," * 5000, "a," * 3000, "x" * 100_000, "'" * 500, "1,2,3,4,5" * 200):
            answer = form.send(**{"evidence-more": typed, "symptoms-0-target-more": typed})
            assert not answer.messages.startswith("Saved") or not typed.strip(",")

    def test_who_may_only_look_is_offered_nothing(self, world: World, reviewer: Editor):
        assert "-more" not in reviewer.open(world.bell).text

    def test_rows_follow_those_that_were_sent(self, world: World, author: Editor):
        form = author.open(world.droop)
        form["causes-1-target-more"] = "viral illness"
        assert "Saved as version" in form.send().messages
        form = author.open(world.droop)
        form["causes-40000-note"] = "Far away."
        assert len(form.send(summary="").response.context["typed"].formsets["causes"].forms) <= 3


def test_what_a_picker_looks_like_is_for_paper_too(world: World, author: Editor):
    text = author.get(world.bell, "change").content.decode()
    assert '<link href="/static/conditions/combobox.css" media="all" rel="stylesheet">' in text


def test_a_tag_typed_by_its_name_is_the_one_that_exists(world: World, author: Editor):
    keep("tag", "whole-face", "Both sides of it", group="side")
    author.open(world.droop).send(tags=["both sides  of IT"])
    assert drafts.read(world.droop)["tags"] == ["whole-face"]
