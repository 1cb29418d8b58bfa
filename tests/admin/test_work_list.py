"""The first page of the admin: what waits for whom, and where each leads."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions import drafts, publishing
from conditions.models import Edition
from conditions.publishing import SYSTEM, Remark
from tests.admin.client import Editor, address, keep
from tests.world import World, make_user


@pytest.fixture(autouse=True)
def nothing_waits(world: World) -> None:
    """The world has one draft, which goes out."""
    publishing.publish(versions=[publishing.newest(world.page("stroke"))], by=SYSTEM)


@pytest.fixture
def doctor(world: World) -> Editor:
    world.reviewer.first_name = "Ada"
    world.reviewer.save()
    return Editor(world.reviewer)


def version(world: World, name: str = "bell", by=None, **changes):
    entry = getattr(world, name)
    record = drafts.read(entry) | (changes or {"summary": "It grows."})
    return publishing.save(record=record, entry=entry, by=by or world.author).version


def sections(editor: Editor) -> dict[str, list[tuple[str, str]]]:
    """What stands under each heading: names and addresses."""
    text = editor.client.get("/admin/").content.decode()
    found = {}
    for part in text.split('<section class="todo"')[1:]:
        title = re.search(r"<h2[^>]*>([^<]+) <span", part)[1]
        rows = part.partition("</section>")[0]
        found[title] = re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', rows)
    return found


def nothing(editor: Editor) -> str:
    return re.search(r"Nothing waits for: ([^<]*)\.</p>", editor.client.get("/admin/").content.decode())[1]


def test_what_waits_for_review_leads_to_its_page(world: World, doctor: Editor, author: Editor):
    assert "Waiting for your review" in nothing(doctor)
    sent = version(world)
    publishing.submit(version=sent, by=world.author)
    url = address(world.bell, "review", sent.number)
    assert sections(doctor)["Waiting for your review"] == [(url, "Bell’s palsy")]
    assert "Changes 1 sentence" in doctor.client.get("/admin/").content.decode()
    assert "Waiting for your review" not in author.client.get("/admin/").content.decode()
    assert "Your drafts" not in sections(author), "it waits for somebody else"


def test_nobody_is_asked_who_wrote_it_or_in_whose_place_another_is(world: World, doctor: Editor):
    root = make_user("root", is_superuser=True)
    version(world, by=root, body="Mine.\n")
    publishing.submit(version=version(world, summary="Over it."), by=world.author)
    assert "Waiting for your review" not in sections(Editor(root))
    assert "Waiting for your review" in sections(doctor)
    publishing.submit(version=publishing.newest(world.page("bell")), by=world.author, asked=world.reviewer)
    other = make_user("other", "Reviewer")
    assert "Waiting for your review" not in sections(Editor(other))
    assert "Waiting for your review" in sections(doctor)


def test_what_is_sent_back_leads_its_author_to_the_form(
    world: World, doctor: Editor, author: Editor, publisher: Editor
):
    sent = version(world)
    publishing.submit(version=sent, by=world.author)
    publishing.send_back(version=sent, by=world.reviewer, remarks=[Remark((), "Which side?")])
    assert sections(author)["Sent back to you"] == [(address(world.bell, "change"), "Bell’s palsy")]
    assert "“Which side?”" in author.client.get("/admin/").content.decode()
    assert "Sent back to you" not in sections(publisher)
    assert "Your drafts" not in sections(author)


def test_own_drafts_are_listed_until_readers_see_them(world: World, author: Editor, publisher: Editor):
    version(world)
    mine = keep("cause", "mine", "Mine", summary="So.")
    draft = {"kind": "cause", "slug": "ours", "name": "Ours", "summary": "So."}
    ours = publishing.save(record=draft, entry=None, by=world.author).entry
    found = sections(author)["Your drafts"]
    assert found == [(address(ours, "change"), "Ours"), (address(world.bell, "change"), "Bell’s palsy")]
    assert mine.name not in str(found), "somebody else's"
    publishing.delete(entry=ours, by=SYSTEM)
    publishing.publish(versions=[publishing.newest(world.page("bell"))], by=world.publisher)
    assert "Your drafts" in nothing(author)


def test_what_is_approved_leads_a_publisher_to_publishing_it(world: World, doctor: Editor, publisher: Editor):
    sent = version(world)
    publishing.submit(version=sent, by=world.author)
    publishing.approve(version=sent, by=world.reviewer, months=12)
    row = (f"/admin/publish/?page={world.bell.page_id}&amp;version={sent.pk}", "Bell’s palsy")
    assert sections(publisher)["Approved, to be published"] == [row]
    publishing.publish(versions=[sent], by=world.publisher)
    assert "Approved, to be published" in nothing(publisher)
    publishing.withdraw(pages=[world.page("bell")], by=SYSTEM, reason="Old.")
    assert "Approved, to be published" in nothing(publisher), "it was published"


def test_what_is_scheduled_and_what_could_not_go_live(world: World, publisher: Editor):
    sent = version(world)
    soon = timezone.now() + timedelta(hours=1)
    publishing.schedule(version=sent, at=soon, by=world.publisher)
    row = (address(world.bell, "schedule"), "Bell’s palsy")
    assert sections(publisher)["Goes live soon, or could not go live"] == [row]
    world.publisher.groups.clear()
    publishing.publish_due(now=soon + timedelta(minutes=1))
    other = Editor(make_user("other", "Publisher"))
    assert sections(other)["Goes live soon, or could not go live"] == [row]
    assert "Could not go live: " in other.client.get("/admin/").content.decode()


def test_a_request_to_somebody_who_left_is_everybodys(world: World, doctor: Editor):
    sent = version(world)
    publishing.submit(version=sent, by=world.author, asked=world.reviewer)
    other = Editor(make_user("other", "Reviewer"))
    assert "Waiting for your review" not in sections(other)
    world.reviewer.is_active = False
    world.reviewer.save()
    assert "Waiting for your review" in sections(other)


def test_a_correction_of_what_was_never_reviewed_waits(world: World, publisher: Editor, settings):
    settings.REQUIRE_REVIEW = True
    sent = version(world, summary="One side of the face grows weak, slowly.")
    publishing.publish(versions=[sent], by=world.publisher, correction="A comma.")
    assert "Published with changes since its review" in sections(publisher)


def test_what_is_approved_is_published_and_not_what_is_newer(world: World, doctor: Editor, publisher: Editor):
    sent = version(world)
    publishing.submit(version=sent, by=world.author)
    publishing.approve(version=sent, by=world.reviewer, months=12)
    version(world, summary="Never reviewed.")
    [(url, _)] = sections(publisher)["Approved, to be published"]
    page = publisher.client.get(url.replace("&amp;", "&")).content.decode()
    assert "Version 2, approved by Ada" in page
    assert f'name="version" value="{sent.pk}"' in page
    publishing.submit(version=publishing.newest(sent.page), by=world.author)
    newest = publisher.client.get(f"/admin/publish/?page={sent.page_id}").content.decode()
    assert "Version 3, waits for review" in newest, "an older one is approved"


def test_rows_that_readers_do_not_see_and_proposals_of_files(world: World, author: Editor):
    publishing.withdraw(pages=[world.page("earache")], by=SYSTEM, reason="Old.")
    draft = publishing.Draft(drafts.read(world.droop) | {"summary": "A file’s."}, world.page("droop"), "file", "x.yaml")
    draft.proposal = publishing.Proposal.OPEN
    with publishing.write_lock():
        publishing.create_versions([draft], by=SYSTEM, at=timezone.now())
    found = sections(author)
    assert found["Readers do not see a row"] == [(address(world.bell, "change"), "Bell’s palsy")]
    assert found["Content files propose"] == [(address(world.droop, "change"), "Facial droop")]


def test_reviews_that_are_due_and_changes_since_one(world: World, doctor: Editor, author: Editor, monkeypatch):
    sent = version(world)
    publishing.submit(version=sent, by=world.author)
    publishing.approve(version=sent, by=world.reviewer, months=12)
    publishing.publish(versions=[sent], by=world.publisher)
    assert "Review due in 60 days, or overdue" in nothing(author)
    later = version(world, summary="It grows, and grows.")
    publishing.publish(versions=[later], by=world.publisher)
    send = address(world.bell, "send_review")
    assert sections(author)["Published with changes since its review"] == [(send, "Bell’s palsy")]
    for days, words in ((320, "Due on"), (400, "Due since")):
        then = Edition.objects.first().at + timedelta(days=days)
        with monkeypatch.context() as moved:
            moved.setattr(timezone, "now", lambda then=then: then)
            author = Editor(world.author)
            assert sections(author)["Review due in 60 days, or overdue"] == [(send, "Bell’s palsy")]
            assert words in author.client.get("/admin/").content.decode()


def test_five_are_named_and_all_are_a_page_away(world: World, author: Editor):
    for number in range(7):
        record = {"kind": "cause", "slug": f"cause-{number}", "name": f"Cause {number}", "summary": "So."}
        publishing.save(record=record, entry=None, by=world.author)
    text = author.client.get("/admin/").content.decode()
    assert [name for _, name in sections(author)["Your drafts"]] == [f"Cause {number}" for number in (6, 5, 4, 3, 2)]
    assert '<a href="/admin/to-do/drafts/">All 7</a>' in text
    listed = author.client.get("/admin/to-do/drafts/").content.decode()
    assert all(f"Cause {number}" in listed for number in range(7))
    assert author.client.get("/admin/to-do/no-such/").status_code == 404
    assert author.client.get("/admin/to-do/review/").status_code == 404


def test_it_asks_the_same_whatever_there_is(world: World, doctor: Editor):
    root = make_user("root", is_superuser=True)
    sent = version(world, name="droop")
    publishing.submit(version=sent, by=world.author)
    publishing.approve(version=sent, by=world.reviewer, months=12)
    publishing.publish(versions=[sent], by=SYSTEM)
    publishing.publish(versions=[version(world, name="droop", summary="Later.")], by=SYSTEM)
    publishing.submit(version=version(world), by=world.author)
    publishing.withdraw(pages=[world.page("earache")], by=SYSTEM, reason="Old.")
    for number in range(3):
        publishing.save(
            record={"kind": "cause", "slug": f"c-{number}", "name": f"C {number}", "summary": "So."},
            entry=None,
            by=root,
        )
    editor = Editor(root)
    editor.client.get("/admin/")
    with CaptureQueriesContext(connection) as asked:
        editor.client.get("/admin/")
    assert len(asked) <= 15, [one["sql"][:80] for one in asked]
