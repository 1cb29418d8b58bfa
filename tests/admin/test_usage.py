"""Used where, deleting what others refer to, merging tags, and what differs from live."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from conditions import drafts, publishing, records
from conditions.models import Edition, Page, Symptom, Tag, Version
from conditions.publishing import SYSTEM
from conditions.usage import uses_of
from tests.admin.client import Editor, address, hidden, keep
from tests.world import World

USED = {
    "one_side": {"Bell’s palsy": ("tag of a symptom", "tag of the entry")},
    "sudden": {"Bell’s palsy": ("tag of a symptom",)},
    "service": {
        "Bell’s palsy": ("source of a related condition", "source of a treatment", "source of the entry"),
        "Facial droop": ("source of the entry",),
    },
    "early": {"Bell’s palsy": ("document of a cause", "document of a symptom")},
    "droop": {"Bell’s palsy": ("symptom",), "What are the warning signs?": ("what it is about",)},
    "virus": {"Bell’s palsy": ("cause",)},
    "stroke": {"Bell’s palsy": ("related condition",)},
    "bell": {
        "What are the early signs?": ("what it is about",),
        "What are the warning signs?": ("what it is about",),
    },
}


class TestUsedWhere:
    @pytest.mark.parametrize("name", USED)
    def test_says_who_refers_to_it_and_how(self, world: World, name: str):
        entry = getattr(world, name)
        assert {use.name: use.says for use in uses_of(entry)} == USED[name]

    @pytest.mark.parametrize("name", USED)
    def test_links_to_them_from_the_form_and_a_page_of_its_own(self, world: World, reviewer: Editor, name: str):
        entry = getattr(world, name)
        page = reviewer.get(entry, "uses").content.decode()
        form = reviewer.open(entry).text
        for use in uses_of(entry):
            change = f"/admin/conditions/{use.kind}/{use.pk}/change/"
            assert f'<a href="{change}">{use.name}</a> <span class="quiet">({use.kind.label}' in page
            assert f"): {', '.join(use.says)}</span>" in page
        count = len(uses_of(entry))
        words = f"Used by {count} entr{'y' if count == 1 else 'ies'}" if count else "Used by no other entry"
        assert f'<a href="{address(entry, "uses")}">{words}</a>' in form

    def test_costs_the_same_however_many_there_are(self, world: World, author: Editor):
        def queries() -> int:
            with CaptureQueriesContext(connection) as caught:
                author.get(world.one_side, "uses")
            return len(caught)

        publishing.save(record=_symptom(0), entry=None, by=SYSTEM)
        queries()
        before = queries()
        for number in range(1, 20):
            publishing.save(record=_symptom(number), entry=None, by=SYSTEM)
        assert queries() == before


def _symptom(number: int) -> dict:
    return {"kind": "symptom", "slug": f"n-{number}", "name": f"N {number}", "summary": "So.", "tags": ["one-side"]}


class TestDelete:
    def test_is_refused_at_once_with_links_and_a_way_out(self, world: World, publisher: Editor):
        text = publisher.get(world.one_side, "delete").content.decode()
        assert "This cannot be deleted yet" in text
        assert f'<a href="{address(world.bell, "change")}">Bell’s palsy</a>' in text
        assert address(world.one_side, "merge") in text
        assert address(world.one_side, "withdraw") in text
        assert ">Delete this tag</button>" not in text

    def test_of_what_nobody_refers_to_is_offered(self, world: World, author: Editor, publisher: Editor):
        author.open(world.bell).send(**{"related-0-DELETE": "on"})
        text = publisher.get(world.stroke, "delete").content.decode()
        assert ">Delete this condition</button>" in text
        assert "<h1>Delete “Stroke”</h1>" in text
        assert "with its relations" in text

    def test_of_a_tag_does_not_speak_of_rows(self, world: World, publisher: Editor):
        record = {"kind": "tag", "slug": "spare", "name": "Spare", "group": "topic"}
        tag = publishing.save(record=record, entry=None, by=SYSTEM).entry
        text = publisher.get(tag, "delete").content.decode()
        assert ">Delete this tag</button>" in text
        assert "relation rows" not in text


class TestMerge:
    def post(self, editor: Editor, world: World, **data: str) -> str:
        return str(editor.post(world.sudden, "merge", **{"into": "one-side", **data}).content.decode())

    def test_names_what_it_changes(self, world: World, author: Editor):
        assert "Pick the tag to keep." in self.post(author, world, into="")
        text = author.get(world.sudden, "merge").content.decode()
        assert f'<a href="{address(world.bell, "change")}">Bell’s palsy</a>' in text
        assert "tag of a symptom" in text
        assert text.index(">Merge</button>") < text.index("What this changes")

    def test_gives_all_the_other_tag_as_drafts(self, world: World, author: Editor):
        publishing.save(record=_symptom(1) | {"tags": ["sudden"]}, entry=None, by=SYSTEM)
        live = Version.objects.get(live_on__pk=world.page("bell").pk).record
        text = self.post(author, world)
        assert "Entries changed: 2." in text
        record = drafts.read(world.bell)
        assert record["symptoms"][0]["tags"] == ["one-side"]
        assert drafts.read(Symptom.objects.get(slug="n-1"))["tags"] == ["one-side"]
        version = world.newest("bell")
        assert (version.record, version.by) == (record, world.author)
        assert version.comment == "Tag 'Sudden' merged into 'One side'."
        assert Version.objects.get(live_on__pk=world.page("bell").pk).record == live
        assert "Readers still see the page of “Sudden”, and the tag on these pages" in text
        assert "A publisher can publish them, and withdraw it." in text
        for entry in (world.bell, Symptom.objects.get(slug="n-1")):
            assert f'<li><a href="{address(entry, "change")}">{entry.name}</a></li>' in text
        assert Tag.objects.filter(slug="sudden").exists()

    def test_publishes_what_was_live_and_unchanged_in_one_edition(self, world: World, publisher: Editor):
        entry = publishing.save(record=_symptom(1) | {"tags": ["sudden"]}, entry=None, by=SYSTEM).entry
        publishing.save(record=drafts.read(world.droop) | {"tags": ["sudden"]}, entry=world.droop, by=SYSTEM)
        text = self.post(publisher, world, publish="on")
        assert "Published in edition 2: Bell’s palsy." in text
        said = text[text.index("Saved as drafts, not published yet") :].partition("</ul>")[0]
        assert [name in said for name in ("Facial droop", "N 1", "Bell’s palsy")] == [True, True, False]
        assert world.page("bell").live == world.newest("bell")
        assert world.page("droop").live.number == 1
        assert Page.objects.get(pk=entry.page_id).live is None
        assert Edition.objects.latest("number").number == 2

    def test_withdraws_and_deletes_the_tag_in_the_same_step(self, world: World, publisher: Editor):
        """Readers of its page are sent to the other one, also where that goes live with this edition."""
        for into, name in (("one-side", "One side"), ("new", "New")):
            page = world.page("sudden") if into == "one-side" else world.page("one_side")
            if into == "new":
                keep("tag", "new", "New", group="course")
            tag = Tag.objects.get(page=page)
            text = publisher.post(tag, "merge", into=into, publish="on").content.decode()
            assert f"“{tag.name}” was withdrawn: its readers are sent to “{name}”." in text
            assert f"“{tag.name}” was deleted. Its versions are kept." in text
            assert not Tag.objects.filter(page=page).exists()
            gone = publisher.client.get(page.url)
            assert gone.status_code == 410
            assert f'<a href="/tags/{into}/">{name}</a>' in gone.content.decode()
        assert Edition.objects.latest("number").number == 3

    def test_leaves_the_tag_live_while_a_live_page_shows_it(self, world: World, author: Editor, publisher: Editor):
        author.open(world.bell).send(summary="Unfinished.")
        text = self.post(publisher, world, publish="on")
        assert "Published in edition" not in text
        assert "the tag on these pages until they are published: Bell’s palsy. Publish them, then" in text
        assert f'<a href="{address(world.sudden, "withdraw")}?instead=tags/one-side">withdraw it</a>' in text
        assert world.page("sudden").live
        assert "Facial droop" in publisher.client.get("/tags/sudden/").content.decode()

    def test_says_why_nothing_was_published(self, world: World, publisher: Editor):
        row = world.newest("bell").record["symptoms"][0]
        bare = records.canonical(world.newest("bell").record | {"symptoms": [row | {"evidence": []}]})
        live = world.newest("bell")
        QuerySet(Version).filter(pk=live.pk).update(record=bare, digest=records.digest(bare))
        drafts.write(world.bell, bare)
        text = self.post(publisher, world, publish="on")
        assert "Nothing was published:" in text
        assert f'<a href="{address(world.bell, "change")}#symptoms-heading">Bell’s palsy: Symptoms' in text
        assert world.page("sudden").live

    def test_deletes_the_tag_if_readers_do_not_see_it(self, world: World, publisher: Editor):
        publisher.post(world.sudden, "withdraw", reason="It repeats another.")
        page = world.page("sudden")
        text = self.post(publisher, world, publish="on")
        assert "“Sudden” was deleted. Its versions are kept." in text
        assert "was withdrawn" not in text
        assert not Tag.objects.filter(slug="sudden").exists()
        assert page.versions.exists()

    @pytest.mark.parametrize("into", ["", "sudden", "nowhere", "a\0b"])
    def test_wants_another_tag(self, world: World, publisher: Editor, into: str):
        before = drafts.read(world.bell)
        assert "errorlist" in self.post(publisher, world, into=into)
        assert drafts.read(world.bell) == before

    def test_is_refused_without_change_on_all_that_it_touches(self, world: World, author: Editor):
        group = world.author.groups.get()
        group.permissions.remove(group.permissions.get(codename="change_condition"))
        before, count = drafts.read(world.bell), Version.objects.count()
        assert author.client.post(address(world.sudden, "merge"), {"into": "one-side"}).status_code == 403
        assert (drafts.read(world.bell), Version.objects.count()) == (before, count)

    def test_what_stood_on_the_desk_without_a_version_gets_one(self, world: World):
        Symptom.objects.filter(pk=world.droop.pk).update(summary="By another way.")
        world.droop.tags.add(world.sudden)
        merged = publishing.merge_tags(tag=world.sudden, into=world.one_side, by=SYSTEM, publishes=True)
        found = list(world.page("droop").versions.order_by("number").values_list("comment", flat=True))
        assert found[1:] == ["Found without a version.", "Tag 'Sudden' merged into 'One side'."]
        assert [version.page_id for version in merged.drafts] == [world.droop.page_id]

    def test_costs_the_same_however_many_carry_it(self, world: World):
        def queries(start: int, count: int) -> int:
            tag = publishing.save(
                record={"kind": "tag", "slug": f"t-{start}", "name": f"T {start}", "group": "topic"},
                entry=None,
                by=SYSTEM,
            ).entry
            for number in range(start, start + count):
                publishing.save(record=_symptom(number) | {"tags": [tag.slug]}, entry=None, by=SYSTEM)
            with CaptureQueriesContext(connection) as caught:
                publishing.merge_tags(tag=tag, into=world.one_side, by=SYSTEM)
            return len(caught)

        queries(0, 1)
        assert queries(100, 2) == queries(200, 20)


def asked_to_discard(editor: Editor, entry: Any) -> str:
    """What the page that throws a draft away sends back."""
    return hidden(editor.get(entry, "discard").content.decode(), "seen")


def discard(editor: Editor, entry: Any, seen: str | None = None) -> str:
    """Press its button."""
    typed = {"seen": asked_to_discard(editor, entry) if seen is None else seen}
    return editor.client.post(address(entry, "discard"), typed, follow=True).content.decode()


class TestDiffersFromLive:
    def test_is_named_beside_the_form_and_shown_on_a_page(self, world: World, author: Editor, reviewer: Editor):
        author.open(world.bell).send(summary="New words.", **{"symptoms-1-note": "A note."})
        text = reviewer.open(world.bell).text
        assert "differs from what readers see: In one sentence, Symptoms: Earache." in text
        assert address(world.bell, "differences") in text
        page = reviewer.get(world.bell, "differences").content.decode()
        assert "New words." in page
        assert "One side of the face grows weak." in page

    def test_of_what_is_live_or_never_was(self, world: World, author: Editor):
        assert "There are no differences" in author.get(world.bell, "differences").content.decode()
        assert "nothing to compare with" in author.get(world.stroke, "differences").content.decode()

    def test_between_any_two_versions(self, world: World, author: Editor, reviewer: Editor):
        author.open(world.bell).send(summary="New words.")
        author.open(world.bell).send(summary="Newer words.")
        compared = f"{address(world.bell, 'differences')}?from=3&to=2"
        text = reviewer.client.get(compared).content.decode()
        assert "From version 3, to version 2." in text
        assert 'Was: </span>Newer</del> <ins><span class="visually-hidden">Now: </span>New</ins> words.' in text
        assert '<option value="3" selected>' in text
        assert '<option value="2" selected>' in text
        assert '<option value="live">What readers see: version 1</option>' in text

    @pytest.mark.parametrize("asked", ["from=9&to=99999999999", "from=x&to=-1", "from=²&to=1%00", "from=&to="])
    def test_what_is_no_version_is_passed_over(self, world: World, author: Editor, asked: str):
        author.open(world.bell).send(summary="New words.")
        text = author.client.get(f"{address(world.bell, 'differences')}?{asked}").content.decode()
        assert "From version 1, which readers see, to " in text

    def test_of_a_draft_that_was_never_live_between_its_versions(self, world: World, author: Editor):
        author.open(world.stroke).send(summary="A new sentence.")
        text = author.client.get(f"{address(world.stroke, 'differences')}?from=1").content.decode()
        assert "From version 1, to the draft." in text
        assert "A new sentence." in text

    def test_a_draft_is_thrown_away_after_saying_what_goes(self, world: World, author: Editor):
        before = drafts.read(world.bell)
        author.open(world.bell).send(summary="New words.")
        form = author.open(world.bell).text
        assert address(world.bell, "discard") in form
        page = author.get(world.bell, "discard").content.decode()
        assert "New" in page
        assert "What it said stays in the history." in discard(author, world.bell)
        assert drafts.read(world.bell) == before
        form = author.open(world.bell).text
        assert "<b>Live.</b>" in form, "the draft says what readers see"
        assert address(world.bell, "discard") not in form
        assert "nothing to throw away" in author.get(world.bell, "discard").content.decode()
        assert "It can be deleted" in author.get(world.stroke, "discard").content.decode()

    def test_a_rename_is_thrown_away_too(self, world: World, author: Editor):
        before = drafts.read(world.earache)
        author.open(world.earache).send(slug="pain-in-the-ear", summary="It hurts.")
        assert "Address" in author.get(world.earache, "discard").content.decode()
        discard(author, world.earache)
        assert drafts.read(world.earache) == before
        assert "<b>Live.</b>" in author.open(world.earache).text

    def test_what_was_renamed_elsewhere_since_is_no_difference(self, world: World, author: Editor, publisher: Editor):
        publisher.open(world.earache).send("_publish", slug="pain-in-the-ear")
        author.open(world.bell).send(summary="New words.")
        discard(author, world.bell)
        assert "<b>Live.</b>" in author.open(world.bell).text
        assert "nothing to throw away" in author.get(world.bell, "discard").content.decode()

    def test_a_draft_that_somebody_saved_or_published_meanwhile_is_looked_at_again(
        self, world: World, author: Editor, publisher: Editor
    ):
        author.open(world.bell).send(summary="New words.")
        seen = asked_to_discard(author, world.bell)
        publisher.open(world.bell).send("_publish", summary="Newer words.")
        assert "nothing to throw away" in discard(author, world.bell, seen)
        author.open(world.bell).send(summary="Newest words.")
        text = discard(author, world.bell, seen)
        assert "somebody has saved or published it meanwhile" in text
        assert drafts.read(world.bell)["summary"] == "Newest words."
        for forged in ("", "x-1", "1"):
            assert "meanwhile" in discard(author, world.bell, forged)

    def test_after_it_merging_a_tag_publishes_the_entry(self, world: World, author: Editor):
        author.open(world.bell).send(summary="New words.")
        discard(author, world.bell)
        merged = publishing.merge_tags(tag=world.one_side, into=world.sudden, by=SYSTEM, publishes=True)
        assert world.page("bell").live.record["tags"] == ["sudden"]
        assert not [version for version in merged.drafts if version.page_id == world.bell.page_id]

    def test_lists_call_a_draft_that_says_what_readers_see_live(self, world: World, author: Editor):
        author.open(world.bell).send(summary="New words.")
        changed = ("/admin/entries/?state=changed", "/admin/conditions/condition/?state=changed")
        assert all("Bell’s palsy</a>" in author.client.get(path).content.decode() for path in changed)
        discard(author, world.bell)
        assert not any("Bell’s palsy</a>" in author.client.get(path).content.decode() for path in changed)
        for path in ("/admin/entries/?state=live&q=bell", "/admin/conditions/condition/?state=live"):
            assert "Bell’s palsy</a>" in author.client.get(path).content.decode()

    def test_publishing_what_readers_see_already_makes_no_edition(self, world: World, publisher: Editor):
        publisher.open(world.bell).send(summary="New words.")
        publisher.post(world.bell, "restore", 1)
        count = Edition.objects.count()
        assert "readers already see this" in publisher.open(world.bell).send("_publish").text
        assert Edition.objects.count() == count

    def test_history_leads_to_each_version_and_to_what_differs_from_live(self, world: World, author: Editor):
        author.open(world.bell).send(summary="New words.")
        text = author.get(world.bell, "history").content.decode()
        assert f'{address(world.bell, "differences")}?from=live&amp;to=2"' in text
        assert f'{address(world.bell, "differences")}?from=live&amp;to=1"' not in text, "which is live"
        read = author.client.get(address(world.bell, "read", 2)).content.decode()
        assert "New words." in read
        assert author.client.get(address(world.bell, "read", 9)).status_code == 404


class TestEvidence:
    def test_the_words_of_chosen_documents_are_below(self, world: World, author: Editor):
        form = author.open(world.bell)
        form["_open"] = "symptoms-1"
        text = form.send("_nothing").text
        assert '<details data-slug="early-signs"><summary>What are the early signs?</summary>' in text
        assert "Pain behind the ear,\n\nafter a viral illness." in text

    def test_an_answer_to_what_is_typed_has_an_excerpt(self, world: World, author: Editor):
        found = author.client.get("/admin/pick/question/", {"term": "early"}).json()["results"]
        said = [(one["id"], one["text"], one["excerpt"]) for one in found]
        assert said == [("early-signs", "What are the early signs?", "Pain behind the ear, after a viral illness.")]
