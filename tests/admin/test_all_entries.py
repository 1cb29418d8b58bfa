"""The list over all kinds, and the list of what was deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import drafts, publishing
from conditions.models import Condition, Page, Symptom
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, address
from tests.world import World, add_many

ENTRIES, DELETED = "/admin/entries/", "/admin/deleted-entries/"


def listed(editor: Editor, **query: str) -> dict[str, Any]:
    return {row.name: row for row in editor.client.get(ENTRIES, query).context["rows"]}


class TestAllKinds:
    def test_says_name_kind_state_who_and_when(self, world: World, author: Editor, publisher: Editor):
        publisher.open(world.droop).send(summary="Half the face hangs down.")
        rows = listed(author)
        assert {"Facial droop", "Stroke", "One side", "What are the early signs?", "Eye care"} <= set(rows)
        row = rows["Facial droop"]
        assert (row.kind.label, row.state, row.by) == ("symptom", "Changed since published", "publisher")
        assert row.url == address(world.droop, "change")
        assert row.at == world.newest("droop").at
        assert rows["Stroke"].state == "Draft"

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"kind": "symptom"}, {"Facial droop", "Earache"}),
            ({"state": "draft"}, {"Stroke"}),
            ({"tag": "one-side"}, {"Bell’s palsy"}),
            ({"q": "signs early"}, {"What are the early signs?"}),
            ({"q": "drooping"}, {"Facial droop"}),
            ({"evidence": "none"}, set()),
            ({"tag": "one-side", "kind": "tag"}, set()),
            ({"tag": "nowhere"}, set()),
            ({"q": "%"}, set()),
        ],
    )
    def test_is_narrowed(self, world: World, author: Editor, query: dict[str, str], names: set[str]):
        assert set(listed(author, **query)) == names

    def test_finds_relations_that_cite_nothing(self, world: World, author: Editor, publisher: Editor):
        author.open(world.bell).send(**{"symptoms-1-evidence": []})
        assert set(listed(author, evidence="none")) == {"Bell’s palsy"}
        own = author.client.get("/admin/conditions/condition/", {"evidence": "none"}).context["cl"].result_list
        assert [entry.name for entry in own] == ["Bell’s palsy"]
        assert set(listed(author, evidence="none", kind="symptom")) == set()
        publisher.post(world.bell, "withdraw", reason="Old.", confirmed="on")
        assert listed(author, evidence="none") == {}

    def test_is_sorted_by_name_or_by_when_it_was_saved(self, world: World, author: Editor):
        author.open(world.droop).send(summary="Half the face hangs down.")
        author.open(world.eye_care).send(summary="Keeps it moist.")
        for narrowed in ({}, {"state": "changed"}):
            names = list(listed(author, **narrowed))
            assert names == sorted(names)
            assert list(listed(author, **narrowed, order="saved"))[:2] == ["Eye care", "Facial droop"]
        assert list(listed(author, kind="symptom", order="saved")) == ["Facial droop", "Earache"]

    def test_offers_the_other_order_of_the_same_entries(self, world: World, author: Editor):
        answer = author.client.get(ENTRIES, {"kind": "symptom", "order": "saved", "page": "1"})
        text = answer.content.decode()
        assert '<a href="?kind=symptom&amp;order=name">name</a>' in text
        assert '<a href="?kind=symptom&amp;order=saved" aria-current="true">' in text
        assert '<input type="hidden" name="order" value="saved">' in text

    def test_marks_what_is_not_live_as_readers_see_it(self, world: World, author: Editor):
        text = author.client.get(ENTRIES, {"kind": "condition"}).content.decode()
        assert '<td role="cell" class="unsettled">Draft</td>' in text
        assert '<td role="cell">Live</td>' in text

    def test_costs_the_same_however_long_it_is(self, world: World, author: Editor):
        def queries(**query: str) -> int:
            with CaptureQueriesContext(connection) as caught:
                assert author.client.get(ENTRIES, query).status_code == 200
            return len(caught)

        queries()
        before = [queries(), queries(state="changed"), queries(evidence="none")]
        for kind in ("cause", "tag", "question"):
            add_many(kind, 30)
        assert [queries(), queries(state="changed"), queries(evidence="none")] == before
        first = author.client.get(ENTRIES, {"q": "N"}).context
        second = author.client.get(ENTRIES, {"q": "N", "page": "2"}).context
        assert len(first["rows"]) == 50
        assert not {row.url for row in first["rows"]} & {row.url for row in second["rows"]}

    @pytest.mark.parametrize("words", ["\\", "'", '"', "é", "\0", "<b>", "-1"])
    def test_fails_on_no_query(self, world: World, author: Editor, words: str):
        names = ("q", "kind", "state", "tag", "evidence", "order", "page")
        for place in (ENTRIES, DELETED):
            answer = author.client.get(place, dict.fromkeys(names, words))
            assert answer.status_code == 200
            assert "<b>" not in answer.content.decode().replace("<b></b>", "")

    def test_is_reached_from_the_first_page(self, world: World, author: Editor, reviewer: Editor):
        for editor, may in ((author, True), (reviewer, False)):
            text = editor.client.get("/admin/").content.decode()
            for query in ("", "?state=draft", "?state=changed", "?evidence=none"):
                assert f'"{ENTRIES}{query}"' in text
            assert (DELETED in text) is may


class TestOffTheDesk:
    def delete(self, world: World, author: Editor, publisher: Editor) -> Page:
        author.open(world.bell).send(**{"related-0-DELETE": "on"})
        page = world.page("stroke")
        publisher.post(world.stroke, "delete")
        return page

    def test_puts_a_deleted_entry_back(self, world: World, author: Editor, publisher: Editor):
        before = drafts.read(world.stroke)
        assert "No entry has been deleted" in author.client.get(DELETED).content.decode()
        page = self.delete(world, author, publisher)
        text = author.client.get(DELETED).content.decode()
        assert "Restore Stroke" in text
        answer = author.client.post(f"{DELETED}{page.pk}/", follow=True)
        assert "“Stroke” was restored as a draft, as it was when it was deleted." in answer.content.decode()
        assert drafts.read(Condition.objects.get(page=page)) == before
        assert "Restore Stroke" not in author.client.get(DELETED).content.decode()

    def test_goes_by_the_last_names(self, world: World, author: Editor, publisher: Editor):
        """Of what was never published, and of what readers knew by another name."""
        fresh = author.add("symptom").send(name="Hemifac")
        fresh.send(name="Hemifacial pulling", also_called="Ünruhe\nTugging", slug="pulling")
        publisher.post(world.earache, "withdraw", reason="Old.")
        author.open(world.earache).send(name="Pain in the ear")
        author.open(world.bell).send(**{"symptoms-1-DELETE": "on"})
        for entry in (Symptom.objects.get(slug="pulling"), world.earache):
            publisher.post(entry, "delete")
        text = author.client.get(DELETED).content.decode()
        assert text.index("Restore Hemifacial pulling") < text.index("Restore Pain in the ear")
        assert "Hemifac<" not in text
        for typed in ("hemifacial pulling", "tugging", "ünruhe", "pulling hemi"):
            text = author.client.get(DELETED, {"q": typed}).content.decode()
            assert ("Restore Hemifacial pulling" in text, "Restore Pain in the ear" in text) == (True, False), typed
        assert "Restore Pain in the ear" in author.client.get(DELETED, {"q": "pain"}).content.decode()
        assert (
            "Restore" not in author.client.get(DELETED, {"q": "unheard"}).content.decode().partition("<form method")[2]
        )

    def test_asks_where_it_refers_to_what_is_gone_too(self, world: World, author: Editor, publisher: Editor):
        tag = publishing.save(
            record={"kind": "tag", "slug": "gone", "name": "Gone", "group": "topic"}, entry=None, by=SYSTEM
        ).entry
        author.open(world.stroke).send(tags=["gone"])
        page = self.delete(world, author, publisher)
        publisher.post(tag, "delete")
        text = author.client.post(f"{DELETED}{page.pk}/", follow=True).content.decode()
        assert "the tag &#x27;gone&#x27; is no longer there" in text
        author.client.post(f"{DELETED}{page.pk}/", {"missing": "restore"})
        assert drafts.read(Condition.objects.get(page=page))["tags"] == ["gone"]

    def test_is_for_those_who_may_change(self, world: World, author: Editor, publisher: Editor, reviewer: Editor):
        page = self.delete(world, author, publisher)
        assert reviewer.client.get(DELETED).status_code == 403
        assert reviewer.client.post(f"{DELETED}{page.pk}/").status_code == 403
        for number in (world.bell.page_id, 0, 2**70):
            assert author.client.post(f"{DELETED}{number}/").status_code == 404
        assert not Condition.objects.filter(page=page).exists()
