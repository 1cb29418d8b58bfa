"""What readers do not see of what editors see: said before a page is withdrawn, and until it is live again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conditions import drafts, publishing
from conditions.models import Question
from conditions.publishing import SYSTEM
from conditions.usage import seen_on
from tests.admin.client import Editor, address, keep
from tests.world import World, add_many

ENTRIES = "/admin/entries/"


def words(text: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", text).split())


def row(text: str, prefix: str) -> str:
    """What stands on a row of a form."""
    start = '<div class="relation-row" id="'
    return text.partition(f'{start}{prefix}">')[2].partition(start)[0]


def live_with_hidden(editor: Editor, **query: str) -> set[str]:
    return {one.name for one in editor.client.get(ENTRIES, {"hidden": "part", **query}).context["rows"]}


def say_otherwise(world: World) -> None:
    """Let what rested on the early signs rest on a source, so that the document can be withdrawn."""
    record = drafts.read(world.bell)
    for relation in ("symptoms", "causes"):
        record[relation] = [each | {"sources": ["health-service"]} for each in record[relation]]
    saved = publishing.save(record=record, entry=world.bell, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)


SEEN_ON = {
    "one_side": {"Bell’s palsy": ("tag of a symptom", "tag of the entry")},
    "sudden": {"Bell’s palsy": ("tag of a symptom",)},
    "droop": {"Bell’s palsy": ("symptom",), "What are the warning signs?": ("what it is about",)},
    "eye_care": {"Bell’s palsy": ("treatment",)},
    "virus": {"Bell’s palsy": ("cause",)},
    "early": {"Bell’s palsy": ("document of a cause", "document of a symptom")},
    "stroke": {"Bell’s palsy": ("related condition",)},
}


class TestBeforeWithdrawing:
    @pytest.mark.parametrize("name", SEEN_ON)
    def test_the_live_pages_that_lose_something_are_known(self, world: World, name: str):
        assert {use.name: use.says for use in seen_on([world.page(name).pk])} == SEEN_ON[name]

    def test_they_are_named_with_links_and_again_afterwards(self, world: World, publisher: Editor):
        text = publisher.get(world.earache, "withdraw").content.decode()
        assert "Readers will no longer see “Earache” on this live page:" in words(text)
        assert f'<a href="{address(world.bell, "change")}">Bell’s palsy</a>' in text
        said = publisher.post(world.earache, "withdraw", reason="Old.").content.decode()
        form = f'<a href="{address(world.bell, "change")}">Bell’s palsy (condition)</a>'
        assert f"Live pages that no longer show it:<ul><li>{form}</li></ul>" in said

    def test_a_draft_loses_nothing_that_readers_see(self, world: World, author: Editor, publisher: Editor):
        keep(
            "condition", "draft", "Draft", summary="So.", symptoms=[{"target": "earache", "evidence": ["early-signs"]}]
        )
        assert [use.name for use in seen_on([world.page("earache").pk])] == ["Bell’s palsy"]
        author.open(world.bell).send(**{"symptoms-1-DELETE": "on"})
        assert [use.name for use in seen_on([world.page("earache").pk])] == ["Bell’s palsy"], "readers see it still"

    def test_what_is_withdrawn_together_or_hidden_already_loses_nothing(self, world: World, publisher: Editor):
        both = [world.page("earache").pk, world.page("bell").pk]
        assert {use.name for use in seen_on(both)} == {"What are the warning signs?", "What are the early signs?"}
        publisher.post(world.droop, "withdraw", reason="Old.")
        assert seen_on([world.page("sudden").pk]) == []

    def test_of_many_the_first_are_named_and_the_rest_counted(self, world: World, publisher: Editor):
        for number in range(23):
            tagged = keep("cause", f"c-{number}", f"C {number}", summary="So.", tags=["sudden"])
            publishing.publish(versions=[publishing.newest(tagged.page)], by=SYSTEM)
        text = publisher.get(world.sudden, "withdraw").content.decode()
        assert "Readers will no longer see “Sudden” on these 24 live pages:" in words(text)
        assert text.count("(cause): tag of the entry") == 19
        assert "and 4 more" in words(text)
        assert "and 4 more" in publisher.post(world.sudden, "withdraw", reason="Old.").content.decode()


class TestAfterwards:
    def test_the_row_says_so_until_it_is_live_again(self, world: World, author: Editor, publisher: Editor):
        publisher.post(world.earache, "withdraw", reason="Old.")
        form = author.open(world.bell)
        assert "Readers do not see this row: Earache is withdrawn." in row(form.text, "symptoms-1")
        assert "Readers do not see this row: Stroke is a draft." in row(form.text, "related-0")
        assert "unseen" not in row(form.text, "symptoms-0")
        assert '<a href="#symptoms-1">Symptoms: Earache (withdrawn)</a>' in form.text
        assert '<a href="#related-0">Related conditions: Stroke (a draft)</a>' in form.text
        publisher.open(world.earache).send("_publish")
        assert "Earache (withdrawn)" not in author.open(world.bell).text

    def test_a_row_keeps_its_note_on_a_form_that_is_refused(self, world: World, author: Editor):
        answer = author.open(world.bell).send(name="")
        assert "Readers do not see this row: Stroke is a draft." in row(answer.text, "related-0")

    def test_a_tag_and_a_document_are_named_where_they_are_missing(
        self, world: World, author: Editor, publisher: Editor
    ):
        say_otherwise(world)
        publisher.post(world.sudden, "withdraw", reason="Old.")
        publisher.post(world.one_side, "withdraw", reason="Old.")
        publisher.post(world.early, "withdraw", reason="Old.")
        text = author.open(world.bell).text
        first, second = row(text, "symptoms-0"), row(text, "symptoms-1")
        assert "Readers do not see its tag One side, which is withdrawn." in first
        assert "Readers do not see its tag Sudden, which is withdrawn." in first
        assert "Readers do not see its document What are the early signs?, which is withdrawn." in second
        assert '<a href="#id_tags">Tags: One side (withdrawn)</a>' in text
        assert '<a href="#symptoms-0">Symptoms: tag Sudden (withdrawn)</a>' in text

    def test_what_goes_out_with_its_first_user_is_not_hidden(self, world: World, author: Editor):
        form = author.open(world.bell)
        form.send(tags=["one-side", "Brand new"])
        assert "Brand new (" not in author.open(world.bell).text

    def test_a_draft_is_told_what_readers_will_not_see(self, world: World, author: Editor):
        draft = keep(
            "condition", "d", "D", related=[{"target": "stroke", "role": "part-of", "evidence": ["early-signs"]}]
        )
        said = words(author.open(draft).text)
        assert "Readers will not see these, which are not live: Related conditions: Stroke (a draft)" in said
        assert live_with_hidden(author) == {"Bell’s palsy"}

    def test_it_goes_by_the_name_that_editors_gave_it_since(self, world: World, author: Editor, publisher: Editor):
        publisher.post(world.earache, "withdraw", reason="Old.")
        author.open(world.earache).send(name="Pain in the ear", slug="ear-pain")
        author.open(world.stroke).send(name="Stroke of the brain")
        text = author.open(world.bell).text
        assert "Readers do not see this row: Pain in the ear is withdrawn." in text
        answer = publisher.open(world.bell).send("_publish", summary="Weak.")
        assert "is not live: Pain in the ear, Stroke of the brain." in answer.messages
        targets = publisher.get(world.bell, "targets").content.decode()
        assert targets.index("> Pain in the ear") < targets.index("> Stroke of the brain")
        sent = publisher.post(world.eye_care, "withdraw", reason="Old.", instead="conditions/stroke")
        assert "Stroke of the brain: readers cannot be sent there" in sent.content.decode()
        taken = author.open(world.droop).send(slug="earache")
        assert "belongs to &#x27;Pain in the ear&#x27; permanently" in taken.text


class TestLists:
    def test_find_live_entries_of_which_readers_do_not_see_a_part(
        self, world: World, author: Editor, publisher: Editor
    ):
        assert live_with_hidden(author) == {"Bell’s palsy"}
        own = author.client.get("/admin/conditions/condition/", {"hidden": "part"}).context["cl"].result_list
        assert [entry.name for entry in own] == ["Bell’s palsy"]
        publisher.open(world.bell).send("_publish", **{"related-0-DELETE": "on"})
        assert live_with_hidden(author) == set()
        publisher.post(world.droop, "withdraw", reason="Old.")
        assert live_with_hidden(author) == {"Bell’s palsy", "What are the warning signs?"}
        assert live_with_hidden(author, kind="question") == {"What are the warning signs?"}
        assert live_with_hidden(author, order="saved", state="live") == {"Bell’s palsy", "What are the warning signs?"}

    def test_find_what_forms_mark(self, world: World, publisher: Editor, author: Editor):
        """Whatever is withdrawn, a list and the forms say the same."""
        say_otherwise(world)
        publisher.open(world.bell).send("_publish", **{"related-0-DELETE": "on"})
        for name in ("earache", "early", "sudden", "one_side", "virus", "eye_care", "droop"):
            publisher.post(getattr(world, name), "withdraw", reason="Old.")
            marked = set()
            for other in world.entries:
                entry = getattr(world, other)
                if (
                    world.page(other).live_id
                    and "Readers do not see these, which are not live" in author.open(entry).text
                ):
                    marked.add(entry.name)
            assert live_with_hidden(author) == marked, name
            publisher.open(getattr(world, name)).send("_publish")
            assert live_with_hidden(author) == set()

    def test_are_reached_from_the_first_page(self, world: World, author: Editor):
        assert (
            f'<a href="{ENTRIES}?hidden=part">Readers do not see a part</a>'
            in author.client.get("/admin/").content.decode()
        )

    def test_take_what_is_empty_as_not_asked(self, world: World, author: Editor):
        every = [one.name for one in author.client.get(ENTRIES).context["rows"]]
        asked = dict.fromkeys(("q", "kind", "state", "tag", "evidence", "hidden", "order", "page"), "")
        answer = author.client.get(ENTRIES, asked)
        assert [one.name for one in answer.context["rows"]] == every
        assert "Show all" not in answer.content.decode()
        for kind, names in (
            ("tag", ("state", "group__exact", "q", "p", "o")),
            ("condition", ("state", "tag", "hidden")),
        ):
            place = f"/admin/conditions/{kind}/"
            shown = author.client.get(place, dict.fromkeys(names, ""))
            every = list(author.client.get(place).context["cl"].result_list)
            assert list(shown.context["cl"].result_list) == every


class TestToFix:
    """What keeps an entry from being published stands on its form, with links, until it is fixed."""

    def broken(self, author: Editor, world: World) -> Any:
        return author.open(world.bell).send(summary="", **{"symptoms-1-evidence": []})

    def test_is_listed_with_links_to_fields_and_rows(self, world: World, author: Editor):
        self.broken(author, world)
        for _ in range(2):
            text = author.open(world.bell).text
            assert "Before it can be published: 2 things" in words(text)
            assert '<a href="#id_summary">In one sentence: write one plain sentence</a>' in text
            assert '<a href="#symptoms-1">Symptoms, Earache: this symptom has no evidence' in text
            for anchor in ("id_summary", "symptoms-1"):
                assert text.count(f'id="{anchor}"') == 1
        author.open(world.bell).send(summary="Weak.")
        assert "Before it can be published: 1 thing Symptoms, Earache" in words(author.open(world.bell).text)
        author.open(world.bell).send(**{"symptoms-1-evidence": ["early-signs"]})
        assert "Before it can be published" not in author.open(world.bell).text

    def test_is_linked_from_the_refusal(self, world: World, author: Editor, publisher: Editor):
        self.broken(author, world)
        answer = publisher.open(world.bell).send("_publish", body="More.")
        form = address(world.bell, "change")
        assert "Saved as a draft. Not published:" in answer.messages
        assert f'<a href="{form}#id_summary">Bell’s palsy: In one sentence: write one' in answer.messages
        assert f'<a href="{form}#symptoms-1">Bell’s palsy: Symptoms, Earache: this symptom has' in answer.messages

    def test_is_linked_where_what_a_page_leads_to_is_published(self, world: World, author: Editor, publisher: Editor):
        author.open(world.stroke).send(summary="")
        text = publisher.post(world.bell, "targets", page=[str(world.stroke.page_id)]).content.decode()
        assert f'<a href="{address(world.stroke, "change")}#id_summary">Stroke: In one sentence' in text

    def test_names_a_row_whose_document_is_not_live(self, world: World, author: Editor):
        keep("question", "unseen", "Unseen?", answer="No.")
        author.open(world.bell).send(**{"causes-0-evidence": ["unseen"]})
        text = author.open(world.bell).text
        assert '<a href="#causes-0">Causes, Viral illness: the document that states this is not published' in text

    def test_is_capped(self, world: World, author: Editor, publisher: Editor):
        add_many("symptom", 25)
        form = author.open(world.bell)
        for number in range(25):
            form.add_row("symptoms", target=f"n-{number}")
        form.send()
        said = words(author.open(world.bell).text)
        assert "Before it can be published: 25 things" in said
        assert "and 5 more" in said
        assert "and 5 more" in publisher.open(world.bell).send("_publish", body="More.").messages

    def test_is_nothing_where_readers_see_all_of_it(self, world: World, author: Editor):
        for name in ("bell", "stroke", "early"):
            assert "Before it can be published" not in author.open(getattr(world, name)).text
        Question.objects.filter(pk=world.early.pk).update(answer="")
        assert "Before it can be published" not in author.open(world.early).text
