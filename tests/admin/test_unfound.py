"""What readers typed and did not find: editors see it, and add it to an entry in two clicks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.test import Client

from conditions import drafts, publishing, unfound
from conditions.admin import unfound as views
from conditions.models import UnfoundQuery
from tests.admin.client import Editor, Form, address, keep
from tests.world import World, make_user

LIST = "/admin/unfound/"
TYPED = "weak bell thing zzyzx"


@pytest.fixture
def query(world: World) -> UnfoundQuery:
    return UnfoundQuery.objects.create(text=TYPED, times=4)


def place(query: UnfoundQuery, tail: str = "") -> str:
    return f"{LIST}{query.pk}/{tail}"


def opened(editor: Editor, url: str) -> Form:
    """The form that the first click opens."""
    return Form(editor.client, url, editor.client.get(url))


def texts(answer: Any) -> list[str]:
    return [query.text for query in answer.context["part"].object_list]


class TestTheList:
    def test_shows_what_was_typed_often_the_most_frequent_first(self, world: World, author: Editor):
        for text, times in (("once", 1), ("twice", 2), ("thrice", 3), ("often", 1000), ("also thrice", 3)):
            UnfoundQuery.objects.create(text=text, times=times)
        answer = author.client.get(LIST)
        assert texts(answer) == ["often", "also thrice", "thrice"]
        assert "1000 times" in answer.content.decode()

    def test_is_paged(self, query: UnfoundQuery, author: Editor, monkeypatch: pytest.MonkeyPatch):
        UnfoundQuery.objects.create(text="rarer", times=3)
        monkeypatch.setattr(views, "PER_PAGE", 1)
        assert texts(author.client.get(LIST)) == [TYPED]
        assert texts(author.client.get(LIST, {"page": "2"})) == ["rarer"]
        assert texts(author.client.get(LIST, {"page": "no number"})) == [TYPED]

    def test_says_where_there_is_nothing(self, world: World, author: Editor):
        assert "There are none." in author.client.get(LIST).content.decode()

    def test_is_linked_for_those_who_may_use_it(self, world: World, author: Editor, reviewer: Editor):
        link = f'<a href="{LIST}">What people did not find</a>'
        assert link in author.client.get("/admin/").content.decode()
        assert link not in reviewer.client.get("/admin/").content.decode()

    def test_what_readers_type_three_times_comes_here(self, world: World, author: Editor):
        for _ in range(3):
            Client().get("/search/", {"q": "Zzyzx?"})
        unfound.write()
        assert texts(author.client.get(LIST)) == ["zzyzx"]


class TestAdding:
    def test_takes_two_clicks(self, query: UnfoundQuery, author: Editor):
        listed = author.client.get(LIST).content.decode()
        first = re.search(rf'<a href="([^"]+)" aria-label="Add to an entry: {TYPED}">Add to an entry</a>', listed)
        assert first
        form = opened(author, first[1])
        assert form.buttons == ["_savedraft"], "an author does not publish"
        assert form.fields["entry"] == ["conditions/bells-palsy"], "what search shows first is chosen"
        after = form.send()
        assert after.url == LIST
        assert f"“{TYPED}” was added to what" in after.messages
        assert "Saved as version 2. Readers see it once it is published." in after.messages

    def test_saves_a_draft_and_takes_it_off_the_list(self, world: World, query: UnfoundQuery, author: Editor):
        live = world.page("bell").live
        opened(author, place(query)).send()
        newest = world.newest("bell")
        assert drafts.read(world.bell)["found_by"] == newest.record["found_by"] == [TYPED]
        assert (newest.by, newest.comment) == (world.author, "Added what people typed and did not find.")
        assert world.page("bell").live == live
        assert not UnfoundQuery.objects.exists()
        logged = LogEntry.objects.get()
        assert (logged.user, logged.get_change_message()) == (world.author, "Version 2 saved.")

    def test_publishes_at_once_where_that_is_all(self, world: World, query: UnfoundQuery, publisher: Editor):
        form = opened(publisher, place(query))
        assert form.buttons == ["_savedraft", "_publish"]
        said = form.send("_publish").messages
        assert "Published in edition 2" in said
        assert world.page("bell").live == world.newest("bell")
        found = Client().get("/search/", {"q": TYPED}).content.decode()
        assert "No page is about all of this" not in found

    def test_publishes_nothing_that_readers_were_not_shown_before(
        self, world: World, query: UnfoundQuery, author: Editor, publisher: Editor
    ):
        author.open(world.bell).send(summary="Not ready.")
        live = world.page("bell").live
        said = opened(publisher, place(query)).send("_publish").messages
        assert "has other changes that readers do not see, so it was not published" in said
        assert world.page("bell").live == live
        assert drafts.read(world.bell)["found_by"] == [TYPED]
        assert drafts.read(world.bell)["summary"] == "Not ready."

    def test_publishes_no_entry_for_the_first_time(self, world: World, query: UnfoundQuery, publisher: Editor):
        said = opened(publisher, place(query)).send("_publish", entry="conditions/stroke").messages
        assert "was not published" in said
        assert world.page("stroke").live is None

    def test_keeps_what_an_entry_is_found_by_already(self, world: World, query: UnfoundQuery, author: Editor):
        author.open(world.bell).send(found_by="older words")
        opened(author, place(query)).send()
        assert drafts.read(world.bell)["found_by"] == ["older words", TYPED]

    def test_says_what_an_entry_is_found_by_already(self, world: World, author: Editor):
        query = UnfoundQuery.objects.create(text="drooping face", times=3)
        said = opened(author, place(query)).send(entry="symptoms/facial-droop").messages
        assert "is found by “drooping face” already, so nothing was added" in said
        assert world.newest("droop").number == 1
        assert not UnfoundQuery.objects.exists()

    def test_takes_a_name_where_no_script_runs(self, world: World, query: UnfoundQuery, author: Editor):
        opened(author, place(query)).send(**{"entry": [], "entry-more": "Earache"})
        assert drafts.read(world.earache)["found_by"] == [TYPED]

    def test_chooses_nothing_where_search_finds_nothing(self, world: World, author: Editor):
        query = UnfoundQuery.objects.create(text="zzyzx", times=3)
        form = opened(author, place(query))
        assert "entry" not in form.fields
        assert "Pick the entry that people mean." in form.send().text
        assert UnfoundQuery.objects.exists()

    @pytest.mark.parametrize(
        "entry", ["conditions/nothing", "tags/one-side", "questions/warning-signs", "nonsense", "a\0b", "/", "9" * 500]
    )
    def test_refuses_what_is_no_such_entry(self, query: UnfoundQuery, author: Editor, entry: str):
        answer = author.client.post(place(query), {"entry": entry})
        assert answer.status_code == 200
        assert answer.context["form"].errors["entry"]
        assert UnfoundQuery.objects.exists()

    def test_says_why_an_entry_cannot_be_saved(self, world: World, query: UnfoundQuery, author: Editor):
        type(world.bell).objects.filter(pk=world.bell.pk).update(codes=["nonsense [@nowhere]"])
        answer = author.client.post(place(query), {"entry": "conditions/bells-palsy"})
        assert "nowhere" in answer.context["form"].non_field_errors()[0]
        assert UnfoundQuery.objects.exists(), "nothing is done by halves"

    def test_says_that_an_entry_was_deleted_meanwhile(
        self, query: UnfoundQuery, author: Editor, monkeypatch: pytest.MonkeyPatch
    ):
        gone = keep("cause", "gone", "Gone")
        clean = views.AddForm.clean_entry

        def too_late(form: views.AddForm) -> Any:
            found = clean(form)
            publishing.delete(entry=gone, by=publishing.SYSTEM)
            return found

        monkeypatch.setattr(views.AddForm, "clean_entry", too_late)
        answer = author.client.post(place(query), {"entry": "causes/gone"})
        assert answer.context["form"].non_field_errors() == ["“Gone” was deleted at this moment; pick another."]
        assert UnfoundQuery.objects.exists()

    def test_says_that_the_database_is_busy(self, query: UnfoundQuery, author: Editor, monkeypatch: pytest.MonkeyPatch):
        def fail(**options: object) -> None:
            raise OperationalError("database is locked")

        monkeypatch.setattr(publishing, "save", fail)
        answer = author.client.post(place(query), {"entry": "conditions/bells-palsy"})
        assert answer.status_code == 503
        assert "try again in a minute" in answer.content.decode()
        assert UnfoundQuery.objects.exists()


class TestLeavingOut:
    def test_takes_it_off_the_list(self, query: UnfoundQuery, author: Editor):
        answer = author.client.post(place(query, "leave-out/"), follow=True)
        assert f"“{TYPED}” was left out." in answer.content.decode()
        assert not UnfoundQuery.objects.exists()

    def test_it_comes_back_if_it_is_typed_three_more_times(self, query: UnfoundQuery, author: Editor):
        author.client.post(place(query, "leave-out/"))
        Client().get("/search/", {"q": TYPED})
        unfound.write()
        assert texts(author.client.get(LIST)) == []
        assert UnfoundQuery.objects.get().times == 1


class TestTwoEditors:
    @pytest.mark.parametrize(("tail", "body"), [("", {"entry": "conditions/bells-palsy"}), ("leave-out/", {})])
    def test_the_second_is_told(
        self, world: World, query: UnfoundQuery, author: Editor, tail: str, body: dict[str, str]
    ):
        url = place(query, tail)
        query.delete()
        answer = author.client.post(url, body, follow=True)
        assert "That is no longer in the list" in answer.content.decode()
        assert world.newest("bell").number == 1

    def test_one_of_two_at_the_same_moment_adds_it(
        self, world: World, query: UnfoundQuery, author: Editor, monkeypatch: pytest.MonkeyPatch
    ):
        is_valid = views.AddForm.is_valid

        def overtaken(form: views.AddForm) -> bool:
            UnfoundQuery.objects.all().delete()
            return is_valid(form)

        monkeypatch.setattr(views.AddForm, "is_valid", overtaken)
        answer = author.client.post(place(query), {"entry": "conditions/bells-palsy"}, follow=True)
        assert "That is no longer in the list" in answer.content.decode()
        assert world.newest("bell").number == 1


class TestRoles:
    @pytest.mark.parametrize("tail", ["", "leave-out/"])
    def test_who_only_views_is_refused(self, query: UnfoundQuery, reviewer: Editor, tail: str):
        assert reviewer.client.get(LIST).status_code == 403
        assert reviewer.client.post(place(query, tail), {"entry": "conditions/bells-palsy"}).status_code == 403
        assert UnfoundQuery.objects.exists()

    def test_an_author_cannot_publish(self, world: World, query: UnfoundQuery, author: Editor):
        body = {"entry": "conditions/bells-palsy", "_publish": "1"}
        assert author.client.post(place(query), body).status_code == 403
        assert world.newest("bell").number == 1

    def test_who_may_change_some_kinds_is_told_which_not(self, world: World, query: UnfoundQuery):
        user = make_user("someone")
        user.user_permissions.set(Permission.objects.filter(codename__in=["change_cause", "view_cause"]))
        answer = Editor(user).client.post(place(query), {"entry": "conditions/bells-palsy"})
        assert "You do not have permission to change a condition." in answer.content.decode()
        assert UnfoundQuery.objects.exists()

    def test_without_a_token_nothing_is_done(self, world: World, query: UnfoundQuery):
        client = Client(enforce_csrf_checks=True)
        client.force_login(world.publisher)
        for tail in ("", "leave-out/"):
            assert client.post(place(query, tail), {"entry": "conditions/bells-palsy"}).status_code == 403
        assert UnfoundQuery.objects.exists()

    def test_what_is_not_in_the_list_cannot_be_added(self, query: UnfoundQuery, author: Editor):
        rare = UnfoundQuery.objects.create(text="once", times=1)
        for pk in (rare.pk, 2**70):
            answer = author.client.get(f"{LIST}{pk}/", follow=True)
            assert "That is no longer in the list" in answer.content.decode()


def test_looking_at_what_search_shows_is_not_counted(query: UnfoundQuery, author: Editor):
    link = re.search(r'<a href="(/search/[^"]+)">', author.client.get(place(query)).content.decode())
    assert link
    assert author.client.get(link[1].replace("&amp;", "&")).status_code == 200
    unfound.write()
    assert UnfoundQuery.objects.get().times == 4


def test_the_form_of_the_entry_shows_it(world: World, query: UnfoundQuery, author: Editor):
    opened(author, place(query)).send()
    assert TYPED in author.client.get(address(world.bell, "change")).content.decode()
