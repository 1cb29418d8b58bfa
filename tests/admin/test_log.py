"""The log: who did what to which entry, newest first; read from what keeps it anyway."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions import drafts, publishing
from conditions.admin import log
from conditions.models import Decision, Version
from conditions.publishing import SYSTEM
from conditions.publishing.versions import add_decision
from tests.admin.client import Editor, address, keep
from tests.world import World, add_many

CELL = re.compile(r"<t[hd] [^>]*>(.*?)</t[hd]>", re.DOTALL)


def lines(client: Client, path: str = "/admin/log/", **asked: Any) -> list[tuple[str, str, str]]:
    """Entry, what was done and who, of each line of a part of the log."""
    answer = client.get(f"{path}?{urlencode(asked)}" if asked else path)
    assert answer.status_code == 200, answer.status_code
    text = answer.content.decode()
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    found = []
    for row in body.split("<tr ")[1:]:
        entry, did, _, who, _ = (html.unescape(re.sub("<[^>]+>", "", cell)).strip() for cell in CELL.findall(row))
        found.append((entry, " ".join(did.split()), who))
    return found


def older(client: Client, path: str) -> str:
    """The address of the part after one; empty where there is none."""
    found = re.search(r'<a href="([^"]+)">Older</a>', client.get(path).content.decode())
    return f"/admin/log/{html.unescape(found[1])}" if found else ""


def all_lines(client: Client, path: str = "/admin/log/") -> list[tuple[str, str, str]]:
    found = []
    while path:
        found += lines(client, path)
        path = older(client, path)
    return found


def save(world: World, which: str, by: User, **said: Any) -> Version:
    entry = getattr(world, which)
    return publishing.save(record=drafts.read(entry) | said, entry=entry, by=by).version


class TestLines:
    def test_say_what_was_saved_published_withdrawn_and_undone(self, world: World, reviewer: Editor):
        version = save(world, "earache", world.author, summary="It hurts.")
        publishing.publish(versions=[version], by=world.publisher, note="Plainer.")
        edition = publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Wrong.")
        publishing.undo(edition=edition, by=world.publisher)
        publishing.restore(version=world.page("earache").versions.get(number=1), by=world.author)
        assert lines(reviewer.client)[:5] == [
            ("Earache", "Restored, as version 3 Version 1 restored.", "author"),
            ("Earache", "Undid edition 3: version 2 again, by edition 4", "publisher"),
            ("Earache", "Withdrawn in edition 3 Wrong.", "publisher"),
            ("Earache", "Published version 2 in edition 2 Plainer.", "publisher"),
            ("Earache", "Saved version 2", "author"),
        ]

    def test_say_what_files_did(self, world: World, author: Editor):
        page = world.page("earache")
        record, file = drafts.read(world.earache), "symptoms/earache.yaml"
        made = [("file", "From a file.", None), ("merge", "Merged.", None), ("file", "No.", publishing.Proposal.OPEN)]
        for origin, summary, proposal in made:
            said, of = record | {"summary": summary}, Version.Origin(origin)
            draft = publishing.Draft(said, page, of, file=file, proposal=proposal)
            publishing.create_versions([draft], by=SYSTEM, at=timezone.now())
        assert lines(author.client)[:3] == [
            ("Earache", "Proposed by a file: version 4", "the site"),
            ("Earache", "Merged, as version 3 symptoms/earache.yaml", "a content file"),
            ("Earache", "Loaded version 2 from a file symptoms/earache.yaml", "a content file"),
        ]

    def test_say_every_decision(self, world: World, author: Editor):
        version, at = world.newest("bell"), timezone.now()
        due = datetime(2027, 5, 3, 9, tzinfo=timezone.get_current_timezone())
        said: dict[Decision.Verb, dict[str, Any]] = {
            Decision.Verb.SUBMIT: {"asked_id": world.reviewer.pk, "note": "Is the dose right?"},
            Decision.Verb.APPROVE: {"name": "Ann Ng", "credentials": "neurologist", "due": due},
            Decision.Verb.SEND_BACK: {"remarks": [{"path": ["body"], "text": "Which?"}, {"path": [], "text": "So."}]},
            Decision.Verb.SCHEDULE: {"due": due},
            Decision.Verb.SHARE: {"due": due},
            Decision.Verb.FAIL: {"due": due, "note": "It has no evidence."},
        }
        for verb in Decision.Verb:
            if verb is not Decision.Verb.PROPOSE:
                add_decision(version, verb, by=world.reviewer, at=at, **said.get(verb, {}))
        found = [did for _, did, who in lines(author.client, q="Bell") if who == "reviewer"]
        assert found[::-1] == [
            "Sent for review: version 1 asked: reviewer, “Is the dose right?”",
            "Taken back from review: version 1",
            "Approved: version 1 as “Ann Ng, neurologist”, next review 3 May 2027",
            "Sent back: version 1 Text: “Which?”, “So.”",
            "Published as a correction: version 1",
            "Scheduled: version 1 for 3 May 2027, 09:00 UTC",
            "No longer scheduled: version 1",
            "Could not be published: version 1 due 3 May 2027, 09:00 UTC, “It has no evidence.”",
            "Shared by a link: version 1 until 3 May 2027, 09:00 UTC",
            "No longer shared: version 1",
        ]

    def test_say_what_was_deleted_and_merged_and_double_nothing(self, world: World, publisher: Editor):
        entry = keep("cause", "spare", "Spare", summary="So.")
        publisher.post(entry, "delete", post="yes")
        publisher.post(world.sudden, "merge", into="one-side", confirm="1")
        publisher.open(world.stroke).send(summary="Saved by the form.")
        found = lines(publisher.client)
        assert ("Spare", "Deleted", "publisher") in found
        assert ("One side", "Changed Tag 'Sudden' merged into this one.", "publisher") in found
        assert LogEntry.objects.filter(change_message="Version 2 saved.").exists()
        assert [did for name, did, _ in found if name == "Stroke"] == ["Saved version 2", "Saved version 1"]

    def test_lead_to_forms_and_editions(self, world: World, reviewer: Editor):
        keep("cause", "spare", "Spare", summary="So.").delete()
        text = reviewer.client.get("/admin/log/").content.decode()
        assert f'<a href="{address(world.bell, "change")}">Bell’s palsy</a>' in text
        assert '<a href="/admin/editions/1/">edition 1</a>' in text
        assert 'role="rowheader">Spare</th>' in text, "what is gone is named, and has no form"


class TestUsers:
    @pytest.fixture
    def root(self, world: World) -> Client:
        root = User.objects.create_superuser("root")
        client = Client()
        client.force_login(root)
        form = {"username": "new", "password1": "a long enough pass-phrase", "password2": "a long enough pass-phrase"}
        author, publisher = (str(Group.objects.get(name=name).pk) for name in ("Author", "Publisher"))
        assert client.post("/admin/auth/user/add/", form | {"groups": [author]}).status_code == 302
        new = User.objects.get(username="new")
        path = f"/admin/auth/user/{new.pk}/"
        client.post(f"{path}change/", {"username": "new", "is_active": "on", "groups": [author, publisher]})
        client.post(f"{path}change/", {"username": "new", "groups": [author, publisher]})
        client.post(f"{path}delete/", {"post": "yes"})
        return client

    def test_who_manages_users_reads_what_was_done_to_them(self, root: Client):
        assert lines(root, kind="user") == [
            ("new", "Deleted", "root"),
            ("new", "Changed Changed Can log in.", "root"),
            ("new", "Changed Changed Roles. Roles now: Author, Publisher.", "root"),
            ("new", "Added Added. Roles now: Author.", "root"),
        ]
        assert lines(root)[0] == ("new", "Deleted", "root")

    @pytest.mark.parametrize("role", ["author", "reviewer", "publisher"])
    def test_nobody_else_does(self, world: World, root: Client, role: str):
        client = Editor(getattr(world, role)).client
        assert lines(client)
        assert not [line for line in all_lines(client) if line[0] == "new"]
        assert lines(client, kind="user") == []
        assert 'value="user"' not in client.get("/admin/log/").content.decode()


class TestFilters:
    def test_who(self, world: World, reviewer: Editor):
        assert {who for _, _, who in lines(reviewer.client, who="publisher")} == {"publisher"}
        assert lines(reviewer.client, who="reviewer") == []
        keep("cause", "spare", "Spare", summary="So.")
        assert lines(reviewer.client, who="(site)") == [("Spare", "Saved version 1", "a program outside the admin")]

    def test_kind_and_deed(self, world: World, reviewer: Editor):
        found = lines(reviewer.client, kind="tag", did="published")
        assert {name for name, _, _ in found} == {"One side", "Sudden"}
        assert {did for _, did, _ in found} == {"Published version 1 in edition 1 The small world."}
        assert lines(reviewer.client, did="approve") == []
        assert len(lines(reviewer.client, did="nothing", kind="nothing")) == len(lines(reviewer.client))

    @pytest.mark.parametrize("did", log.DEEDS)
    def test_every_deed_is_asked_for(self, world: World, reviewer: Editor, did: str):
        assert lines(reviewer.client, did=did) != lines(reviewer.client)

    def test_the_words_of_a_name(self, world: World, reviewer: Editor):
        assert {name for name, _, _ in lines(reviewer.client, q="palsy bell")} == {"Bell’s palsy"}
        assert {name for name, _, _ in lines(reviewer.client, q="drooping")} == {"Facial droop"}, "another name"
        save(world, "earache", world.author, name="Pain in the ear")
        for words in ("earache", "pain in the ear"):
            assert {name for name, _, _ in lines(reviewer.client, q=words)} >= {"Pain in the ear"}
        assert lines(reviewer.client, q="no such name") == []

    def test_one_entry_from_its_history(self, world: World, reviewer: Editor):
        text = reviewer.get(world.earache, "history").content.decode()
        path = f"/admin/log/?of={world.earache.page_id}"
        assert f'<a href="{path}">All that was done</a>' in text
        assert {name for name, _, _ in lines(reviewer.client, path)} == {"Earache"}
        assert "All that was done to “Earache”." in reviewer.client.get(path).content.decode()

    def test_one_entry_that_was_deleted(self, world: World, publisher: Editor):
        entry = keep("cause", "spare", "Spare", summary="So.")
        publisher.post(entry, "delete", post="yes")
        found = lines(publisher.client, of=entry.page_id)
        assert found == [("Spare", "Deleted", "publisher"), ("Spare", "Saved version 1", "a program outside the admin")]

    def test_what_the_address_cannot_mean_is_passed_over(self, world: World, reviewer: Editor):
        everything = lines(reviewer.client)
        for asked in ({"of": "9" * 30}, {"of": "x"}, {"before": "x1v"}, {"kind": "x"}, {"did": "x"}, {"q": "\0"}):
            assert lines(reviewer.client, **asked) == everything, asked


class TestParts:
    def test_hold_everything_once_and_in_order(self, world: World, reviewer: Editor, monkeypatch: Any):
        for number in range(6):
            version = save(world, "bell", world.author, summary=f"Weak {number}.")
            publishing.publish(versions=[version], by=world.publisher)
            add_decision(version, Decision.Verb.SUBMIT, by=world.author, at=timezone.now())
        whole = lines(reviewer.client)
        assert len(whole) > 40
        assert not older(reviewer.client, "/admin/log/")
        monkeypatch.setattr(log, "PER_PAGE", 5)
        assert all_lines(reviewer.client) == whole
        narrowed = f"/admin/log/?{urlencode({'who': 'author', 'did': 'saved'})}"
        assert all_lines(reviewer.client, narrowed) == [
            (name, did, who) for name, did, who in whole if who == "author" and did.startswith("Saved")
        ]

    def test_lose_nothing_where_a_clock_went_back(self, world: World, reviewer: Editor, monkeypatch: Any):
        now = timezone.now()
        for hours in (0, 1, 2, 3):
            monkeypatch.setattr(timezone, "now", lambda hours=hours: now - timedelta(hours=hours))
            save(world, "bell", world.author, summary=f"Weak {hours}.")
        monkeypatch.undo()
        monkeypatch.setattr(log, "PER_PAGE", 2)
        found = all_lines(reviewer.client, f"/admin/log/?of={world.bell.page_id}")
        assert [did for _, did, _ in found] == [
            "Published version 1 in edition 1 The small world.",
            *(f"Saved version {number}" for number in (5, 4, 3, 2, 1)),
        ]

    def test_cost_the_same_whatever_there_is(self, world: World, reviewer: Editor):
        def cost(path: str) -> int:
            with CaptureQueriesContext(connection) as caught:
                reviewer.client.get(path)
            selected = [one["sql"].partition("FROM")[0] for one in caught]
            assert not [sql for sql in selected if '"conditions_version"."record"' in sql]
            return len(caught)

        paths = ("/admin/log/", "/admin/log/?q=e&kind=symptom", f"/admin/log/?of={world.bell.page_id}")
        few = [[cost(path) for path in paths] for _ in range(2)][1]
        add_many("symptom", 60)
        for number in range(3):
            save(world, "bell", world.author, summary=f"Weak {number}.")
        assert [cost(path) for path in paths] == few
        assert cost(older(reviewer.client, "/admin/log/")) == few[0]
        assert max(few) <= 15


def test_nothing_in_it_can_be_changed(world: World, publisher: Editor):
    text = publisher.client.get("/admin/log/").content.decode()
    assert [form for form in re.findall("<form[^>]*>", text) if "post" in form] == [
        '<form id="logout-form" method="post" action="/admin/logout/">'
    ]
    assert publisher.client.post("/admin/log/", {"who": "author"}).status_code == 405


def test_the_front_page_leads_there(world: World, reviewer: Editor):
    assert '<a href="/admin/log/">Log</a>' in reviewer.client.get("/admin/").content.decode()


def test_whoever_may_open_the_admin_reads_it(world: World):
    client, plain = Client(), User.objects.create_user("plain", is_staff=True)
    client.force_login(plain)
    assert lines(client)
    client.force_login(User.objects.create_user("reader"))
    assert client.get("/admin/log/").status_code == 302
