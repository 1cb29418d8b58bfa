"""Withdrawing, restoring, declining, deleting and looking back."""

from __future__ import annotations

import pytest
from django.utils import timezone

from conditions import drafts, publishing
from conditions.models import Change, Page, Symptom, Version
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, Form, address, hidden, keep
from tests.world import PASSWORD, World


class TestWithdraw:
    def test_takes_the_page_down_with_a_reason_and_what_to_read_instead(self, world: World, publisher: Editor):
        answer = publisher.post(
            world.earache, "withdraw", reason="It repeats another.", instead="symptoms/facial-droop"
        )
        assert "Withdrawn in edition 2" in answer.content.decode()
        assert "<b>Withdrawn.</b>" in answer.content.decode()
        change = Change.objects.get(edition=2)
        assert (change.reason, change.instead) == ("It repeats another.", world.page("droop"))
        assert world.page("earache").live is None
        assert Symptom.objects.filter(slug="earache").exists()

    def test_wants_a_reason_and_a_live_page(self, world: World, publisher: Editor):
        for data in (
            {"reason": ""},
            {"reason": "Old.", "instead": "conditions/stroke"},
            {"reason": "x", "instead": "?"},
        ):
            answer = publisher.post(world.earache, "withdraw", **data)
            assert "errorlist" in answer.content.decode()
            assert ("Write why it is withdrawn." in answer.content.decode()) is (not data["reason"])
        assert world.page("earache").live

    def test_is_refused_where_it_is_the_last_evidence(self, world: World, publisher: Editor):
        answer = publisher.post(world.early, "withdraw", reason="Old.")
        assert "it is the only evidence for" in answer.content.decode()
        assert world.page("early").live

    def test_says_at_once_that_it_is_refused_and_where_to_fix_it(self, world: World, publisher: Editor):
        text = publisher.get(world.early, "withdraw").content.decode()
        assert f'<a href="{address(world.bell, "change")}#symptoms-heading">What are the early signs?: it is' in text
        assert ">Withdraw</button>" not in text
        text = publisher.get(world.service, "withdraw").content.decode()
        assert f'<a href="{address(world.droop, "change")}">Bell’s palsy: the text of “Facial droop” cites it' in text

    def test_names_what_to_read_instead(self, world: World, publisher: Editor):
        answer = publisher.post(world.earache, "withdraw", reason="", instead="symptoms/facial-droop")
        chosen = '<input type="checkbox" name="instead" value="symptoms/facial-droop" checked> Facial droop (symptom)'
        assert chosen in answer.content.decode()

    def test_a_reason_comes_back_after_logging_in_again(self, world: World, publisher: Editor):
        form = Form(publisher.client, address(world.earache, "withdraw"), publisher.get(world.earache, "withdraw"))
        form["reason"], form["instead"] = "It <repeats> another.", ["symptoms/facial-droop"]
        publisher.client.session.flush()
        page = publisher.client.post(form.url, form.fields)
        kept = {name: hidden(page.content.decode(), name) for name in ("preserved", "next")}
        data = kept | {"username": "publisher", "password": PASSWORD}
        answer = publisher.client.post("/admin/login/", data)
        assert "You were logged out" in answer.content.decode()
        again = Form(publisher.client, form.url, answer)
        assert (again["reason"], again["instead"]) == ("It <repeats> another.", "symptoms/facial-droop")
        assert world.page("earache").live
        again.send()
        assert Change.objects.get(edition=2).reason == "It <repeats> another."

    def test_of_what_is_not_live_says_so(self, world: World, publisher: Editor):
        assert "nothing to withdraw" in publisher.post(world.stroke, "withdraw", reason="Old.").content.decode()


class TestHiddenTargets:
    def test_are_named_and_can_be_published_too(self, world: World, publisher: Editor):
        form = publisher.open(world.bell)
        answer = form.send("_publish", summary="Half the face grows weak.")
        assert "because what they lead to is not live: Stroke" in answer.messages
        assert address(world.bell, "targets") in answer.messages
        shown = publisher.get(world.bell, "targets").content.decode()
        assert f'value="{world.stroke.page_id}" checked' in shown
        publisher.post(world.bell, "targets", page=[str(world.stroke.page_id)])
        assert world.page("stroke").live

    def test_others_cannot_be_published_that_way(self, world: World, publisher: Editor):
        other = publishing.save(
            record={"kind": "cause", "slug": "other", "name": "Other", "summary": "Another."}, entry=None, by=SYSTEM
        ).entry
        answer = publisher.post(world.bell, "targets", page=[str(other.page_id)])
        assert "nothing to publish" in answer.content.decode()
        assert not Page.objects.live().filter(pk=other.page_id).exists()


class TestHistory:
    def test_shows_who_changed_what_and_when_it_was_live(self, world: World, publisher: Editor, author: Editor):
        author.open(world.bell).send(summary="New words.")
        text = publisher.get(world.bell, "history").content.decode()
        assert text.index("Version 2") < text.index("Version 1")
        assert "New words." in text
        assert "Published in edition 1." in text
        assert "author, edited in the admin" in text

    def test_names_every_edition_that_a_version_was_in(self, world: World, publisher: Editor):
        publisher.post(world.earache, "withdraw", reason="Too soon.")
        publisher.open(world.earache).send("_publish")
        publisher.open(world.earache).send("_publish", summary="Pain.")
        publisher.post(world.earache, "restore", 1)
        publisher.open(world.earache).send("_publish")
        publisher.post(world.earache, "withdraw", reason="Old.")
        text = " ".join(publisher.get(world.earache, "history").content.decode().split())
        assert "Published in edition 1. Withdrawn in edition 2: “Too soon.” Published again in edition 3." in text
        assert "Published in edition 4." in text
        assert "Published in edition 5. Withdrawn in edition 6: “Old.”" in text

    def test_says_that_a_row_rests_on_nothing(self, world: World, author: Editor):
        """Whether it says anything else or not: in the history, and in what differs from live."""
        author.open(world.bell).send(**{"symptoms-0-evidence": [], "symptoms-1-evidence": []})
        for page in ("history", "differences"):
            text = author.get(world.bell, page).content.decode()
            assert '<ins><span class="visually-hidden">Now: </span>rests on nothing</ins>' in text
            assert '<span class="part">Evidence:</span>' in text
            assert "stated" not in text

    def test_says_that_rows_changed_places_also_where_one_was_added(self, world: World, author: Editor):
        rows = drafts.read(world.bell)["symptoms"]
        keep("symptom", "drooling", "Drooling")
        record = drafts.read(world.bell) | {"symptoms": [*rows[::-1], rows[0] | {"target": "drooling"}]}
        publishing.save(record=record, entry=world.bell, by=world.author)
        for page in ("history", "differences"):
            text = author.get(world.bell, page).content.decode()
            assert '<span class="sign" aria-hidden="true">↕</span> Symptoms: Earache' in text
            assert '<del><span class="visually-hidden">Was: </span>after Facial droop</del>' in text
            assert '<ins><span class="visually-hidden">Now: </span>first</ins>' in text
            assert '<span class="sign" aria-hidden="true">+</span> Symptoms: Drooling' in text

    def test_restores_a_version_as_a_draft(self, world: World, author: Editor):
        before = drafts.read(world.bell)
        form = author.open(world.bell)
        form.send(summary="New words.", **{"symptoms-1-DELETE": "on"})
        answer = author.post(world.bell, "restore", 1)
        assert "as version 3" in answer.content.decode()
        assert drafts.read(world.bell) == before
        assert world.page("bell").live.number == 1

    def test_asks_what_to_do_where_entries_are_gone(self, world: World, author: Editor, publisher: Editor):
        author.open(world.bell).send(**{"related-0-DELETE": "on"})
        publisher.post(world.stroke, "delete")
        answer = author.post(world.bell, "restore", 1)
        assert "the condition &#x27;stroke&#x27; is no longer there" in answer.content.decode()
        author.post(world.bell, "restore", 1, missing="leave out")
        assert drafts.read(world.bell)["related"] == []
        author.post(world.bell, "restore", 1, missing="restore")
        assert [row["target"] for row in drafts.read(world.bell)["related"]] == ["stroke"]


def test_whatever_editors_do_every_version_has_an_author(world: World, author: Editor, publisher: Editor):
    """Renamed, cited under old addresses, restored, deleted, merged: nothing is found that nobody wrote."""
    author.open(world.bell).send(body="So. [@health-service]")
    for name, slug in (("service", "service"), ("early", "first-signs"), ("droop", "drooping"), ("sudden", "at-once")):
        publisher.open(getattr(world, name)).send("_publish", slug=slug)
    for name in ("bell", "droop", "warning"):
        publisher.open(getattr(world, name)).send("_publish", name=f"{getattr(world, name).name} 2")
        publisher.post(getattr(world, name), "restore", 1)
    publisher.post(world.sudden, "merge", into="one-side", publish="on")
    publisher.post(world.earache, "withdraw", reason="Old.")
    author.open(world.bell).send(**{"related-0-DELETE": "on", "symptoms-1-DELETE": "on"})
    for name in ("stroke", "earache"):
        page = world.page(name)
        assert "was deleted" in publisher.post(getattr(world, name), "delete").content.decode()
        answer = publisher.client.post(f"/admin/deleted-entries/{page.pk}/", follow=True)
        assert "was restored as a draft" in answer.content.decode()
    assert not Version.objects.filter(by=None).exists()
    assert not Version.objects.filter(comment__contains="without").exists()


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (Version.Origin.FILE, "a content file, loaded from a file"),
        (Version.Origin.MERGE, "a content file, merged"),
        (Version.Origin.ADMIN, "a program outside the admin."),
    ],
)
def test_who_wrote_a_version_is_said_in_words(world: World, author: Editor, origin: Version.Origin, words: str):
    drafts.write(world.stroke, drafts.read(world.stroke) | {"body": "More.\n"})
    publishing.save_version(entry=world.stroke, by=SYSTEM, origin=origin)
    who = words.partition(",")[0].rstrip(".")
    assert f", {words}" in " ".join(author.get(world.stroke, "history").content.decode().split())
    assert f" by {who}." in author.open(world.stroke).text
    rows = {row.name: row.by for row in author.client.get("/admin/entries/").context["rows"]}
    assert rows["Stroke"] == who
    assert f">{who}</td>" in author.client.get("/admin/conditions/condition/").content.decode()


class TestProposals:
    def propose(self, world: World) -> Version:
        record = drafts.read(world.bell) | {"summary": "The file’s words."}
        draft = publishing.Draft(
            record, world.page("bell"), Version.Origin.FILE, file="bells-palsy.yaml", proposal=publishing.Proposal.OPEN
        )
        return publishing.create_versions([draft], by=SYSTEM, at=timezone.now())[0]

    def test_are_shown_with_what_differs(self, world: World, author: Editor):
        self.propose(world)
        text = author.open(world.bell).text
        assert "A content file proposes a change" in text
        assert "The file’s words." in text

    def test_can_be_taken_over(self, world: World, author: Editor):
        version = self.propose(world)
        answer = author.post(world.bell, "restore", version.number)
        assert drafts.read(world.bell)["summary"] == "The file’s words."
        assert "A content file proposes" not in answer.content.decode()

    def test_can_be_rejected(self, world: World, author: Editor):
        version = self.propose(world)
        before = drafts.read(world.bell)
        answer = author.post(world.bell, "reject_proposal", version.number)
        assert "The draft was kept" in answer.content.decode()
        assert "A content file proposes" not in answer.content.decode()
        assert drafts.read(world.bell) == before
        assert "is not an open proposal" in author.post(world.bell, "reject_proposal", version.number).content.decode()


class TestDelete:
    def test_of_a_draft_keeps_its_versions(self, world: World, author: Editor, publisher: Editor):
        author.open(world.bell).send(**{"related-0-DELETE": "on"})
        page = world.page("stroke")
        answer = publisher.post(world.stroke, "delete")
        said = '“Stroke” was deleted. Its versions are kept; <a href="/admin/deleted-entries/?q=stroke">restore it</a>'
        assert said in answer.content.decode()
        assert page.versions.count() == 1
        assert "Restore Stroke" in publisher.client.get("/admin/deleted-entries/?q=stroke").content.decode()

    def test_of_a_live_entry_is_refused(self, world: World, publisher: Editor):
        text = publisher.post(world.bell, "delete").content.decode()
        assert "it is live; withdraw it first" in text
        assert world.bell.name == "Bell’s palsy"

    def test_of_what_others_refer_to_is_refused_with_their_names(self, world: World, publisher: Editor):
        text = publisher.post(world.one_side, "delete").content.decode()
        assert "condition &#x27;Bell’s palsy&#x27; refers to it" in text
        assert world.one_side.name == "One side"


def test_addresses_of_nothing_answer_404(world: World, publisher: Editor):
    for tail in ("withdraw/", "history/", "delete/", "targets/"):
        for number in ("0", "99999999999999999999", "x"):
            assert publisher.client.get(f"/admin/conditions/condition/{number}/{tail}").status_code == 404
    assert publisher.client.post(address(world.bell, "restore", 99999999999999999)).status_code == 404
    assert (
        "There is no condition"
        in publisher.client.get("/admin/conditions/condition/0/change/", follow=True).content.decode()
    )
