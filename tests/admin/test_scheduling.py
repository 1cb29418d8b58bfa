"""The page on which a Publisher says when a version goes live, and what the form says of it."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions import drafts, publishing
from conditions.admin.expired_forms import owner_token
from conditions.models import Decision, Page, Version
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, address, keep
from tests.world import PASSWORD, World

DAY = timezone.localdate() + timedelta(days=40)


@pytest.fixture(autouse=True)
def london(settings):
    settings.TIME_ZONE = "Europe/London"


def save(world: World, text: str = "It hurts.") -> Version:
    record = drafts.read(world.earache) | {"summary": text}
    return publishing.save(record=record, entry=world.earache, by=world.author).version


def read(editor: Editor, world: World, name: str = "schedule", entry: str = "earache") -> str:
    return " ".join(editor.client.get(address(getattr(world, entry), name)).content.decode().split())


def send(editor: Editor, world: World, *, entry: str = "earache", **typed: object) -> str:
    typed = {"version": 2, "day": DAY.isoformat(), "hour": "09:00", **typed}
    answer = editor.client.post(address(getattr(world, entry), "schedule"), typed, follow=True)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def button(text: str) -> str:
    """The moment that the filled button sends."""
    found = re.search(r'<button class="filled" name="at" value="([^"]+)">Publish on', text)
    return found[1] if found else ""


def plan(world: World, text: str = "It hurts.") -> Version:
    version = save(world, text)
    publishing.schedule(version=version, at=datetime.combine(DAY, datetime.min.time()).astimezone(), by=world.publisher)
    return version


def fail(world: World) -> None:
    plan(world)
    world.publisher.groups.clear()
    publishing.publish_due(now=timezone.now() + timedelta(days=50))


def test_the_form_leads_to_a_page_whose_button_says_when_it_goes_live(world: World, publisher: Editor):
    save(world)
    link = address(world.earache, "schedule")
    assert f'<a href="{link}">Schedule…</a>' in read(publisher, world, "change")
    text = read(publisher, world)
    assert "Version 2 goes live then, as it is now." in text
    assert re.search(r"London time \(Europe/London\), now \d\d:\d\d\.", text)
    assert 'type="date"' in text
    assert 'type="time"' in text
    assert not button(text)
    text = send(publisher, world)
    assert f"Publish on {DAY:%a} {DAY.day} {DAY:%b %Y}, 09:00 (London)</button>" in text
    assert not Decision.objects.filter(verb=Decision.Verb.SCHEDULE).exists(), "it was only checked"
    text = send(publisher, world, at=button(text))
    when = f"{DAY:%a} {DAY.day} {DAY:%b %Y}, 09:00 (London)"
    assert f"Version 2 goes live {when}." in text
    assert f'<h2>Goes live</h2> <p>{when}: version 2. <a href="{link}">Cancel or move it</a></p>' in text
    [one] = publishing.scheduled()
    assert (timezone.localtime(one.due).strftime("%Y-%m-%d %H:%M"), one.by) == (f"{DAY} 09:00", publisher.user)


def test_what_the_button_says_counts_whatever_is_in_the_fields(world: World, publisher: Editor):
    save(world)
    at = button(send(publisher, world))
    send(publisher, world, at=at, day="2020-01-01", hour="23:00")
    assert publishing.scheduled().get().due == datetime.fromisoformat(at)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"day": "2020-01-01"}, "That time is past. Choose a later one."),
        ({"day": "9999-12-31"}, "That is more than two years from now."),
        ({"day": "0001-01-01"}, "That time is past."),
        ({"day": ""}, "Choose a day."),
        ({"day": "10 December"}, "Write the day as 2026-12-31."),
        ({"hour": ""}, "Choose a time."),
        ({"hour": "nine"}, "Write the time as 09:00 or 21:30."),
        ({"day": "2027-03-28", "hour": "01:30"}, "so there is no 01:30 that day. Choose another time."),
        ({"day": "2027-10-31", "hour": "01:30"}, "so 01:30 comes twice that day. Choose another time."),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused_in_words(
    world: World, publisher: Editor, typed: dict[str, str], why: str
):
    save(world)
    text = send(publisher, world, **typed)
    assert why in text
    assert not button(text)
    assert "Version 2 goes live then" in text


@pytest.mark.parametrize("at", ["x", "2030-01-01", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00+14:00"])
def test_a_forged_moment_is_none(world: World, publisher: Editor, at: str):
    save(world)
    send(publisher, world, at=at)
    assert not publishing.scheduled().exists()
    assert publisher.client.post(address(world.earache, "schedule"), {"at": at}).status_code == 200


def test_a_version_that_is_not_there_is_not_found(world: World, publisher: Editor):
    at = (timezone.now() + timedelta(days=1)).isoformat()
    for typed in ({"at": at, "version": "99"}, {"at": at}, {"_cancel": "1", "version": "²"}, {"version": "99"}):
        assert publisher.client.post(address(world.earache, "schedule"), typed).status_code == 404


def test_what_blocks_it_is_listed_with_links(world: World, publisher: Editor):
    save(world, "")
    text = send(publisher, world)
    assert "It cannot be scheduled:" in text
    assert f'<a href="{address(world.earache, "change")}#id_summary">Earache: ' in text
    assert not button(text)
    text = send(publisher, world, at=(timezone.now() + timedelta(days=1)).isoformat())
    assert "It cannot be scheduled:" in text
    assert not publishing.scheduled().exists()


def test_it_is_moved_and_a_newer_version_is_no_part_of_it(world: World, publisher: Editor):
    plan(world)
    save(world, "Newer.")
    newer = "Version 3 is newer and is not part of it."
    assert newer in read(publisher, world, "change")
    text = read(publisher, world)
    assert newer in text
    assert '<option value="2" selected>Version 2, scheduled now</option>' in text
    assert '<option value="3">Version 3, the newest</option>' in text
    assert f'name="day" value="{DAY}"' in text
    send(publisher, world, at=button(send(publisher, world, hour="10:00")))
    assert publishing.scheduled().get().version.number == 2
    send(publisher, world, version=3, at=button(send(publisher, world, version=3)))
    assert publishing.scheduled().get().version.number == 3


def test_who_opened_the_page_before_a_newer_save_schedules_what_was_shown(world: World, publisher: Editor):
    save(world)
    save(world, "Newer.")
    text = send(publisher, world)
    assert '<option value="2" selected>Version 2</option>' in text
    assert "Version 2 goes live then" in text
    send(publisher, world, at=button(text))
    assert publishing.scheduled().get().version.number == 2


def test_it_is_cancelled_on_its_page(world: World, publisher: Editor):
    plan(world)
    text = read(publisher, world)
    assert "as publisher decided" in text
    assert '<button name="_cancel" value="1">Cancel it</button>' in text
    text = send(publisher, world, _cancel="1")
    assert "Version 2 is not scheduled any more." in text
    assert "<h2>Goes live</h2>" not in text
    assert "Earache: version 2 is not scheduled." in send(publisher, world, _cancel="1")


def test_a_failure_is_told_on_the_form_and_on_the_page(world: World, publisher: Editor, author: Editor):
    fail(world)
    why = "publisher, who scheduled it, may not publish any more."
    text = read(author, world, "change")
    assert "<h2>Could not go live</h2>" in text
    assert why in text
    assert "Schedule it again" not in text, "an author may not"
    assert publisher.client.get(address(world.earache, "schedule")).status_code == 403
    superuser = world.publisher
    type(superuser).objects.filter(pk=superuser.pk).update(is_superuser=True)
    text = read(publisher, world)
    assert "Version 2 could not go live" in text
    assert why in text
    assert 'name="day" value' not in text, "that time is past"
    assert "Schedule it again" in read(publisher, world, "change")


def test_where_readers_see_all_there_is_nothing_to_schedule(world: World, publisher: Editor):
    assert "Readers already see what version 1 says" in read(publisher, world)
    assert "Schedule…" not in read(publisher, world, "change")
    assert "is already live" in send(publisher, world, version=1)
    assert "is already live" in send(publisher, world, version=1, at=(timezone.now() + timedelta(days=1)).isoformat())


def test_an_entry_without_a_version_is_saved_first(world: World, publisher: Editor):
    type(world.earache).objects.create(slug="bare", name="Bare")
    world.entries["bare"] = type(world.earache).objects.get(slug="bare")
    assert "Save it first" in read(publisher, world, entry="bare")


def test_an_approved_version_is_scheduled_below_a_newer_one(world: World, publisher: Editor, settings):
    settings.REQUIRE_REVIEW = True
    world.reviewer.first_name = "Ada"
    world.reviewer.save()
    approved = save(world)
    publishing.submit(version=approved, by=world.author)
    publishing.approve(version=approved, by=world.reviewer, months=12)
    save(world, "It hurts more.")
    text = read(publisher, world)
    assert '<option value="3" selected>Version 3, the newest</option>' in text
    assert '<option value="2">Version 2, approved</option>' in text
    text = send(publisher, world, version=2)
    assert "goes live" in send(publisher, world, version=2, at=button(text))
    assert [one.version for one in publishing.scheduled()] == [approved]


def test_the_form_and_the_page_cost_the_same_however_much_is_scheduled(world: World, publisher: Editor):
    def cost() -> list[int]:
        found = []
        for name in ("change", "schedule"):
            with CaptureQueriesContext(connection) as caught:
                assert "goes live" in read(publisher, world, name).lower()
            found.append(len(caught))
        return found

    plan(world)
    few = cost()
    for number in range(6):
        entry = keep("symptom", f"s-{number}", f"S {number}", summary="So.")
        publishing.schedule(version=publishing.newest(entry.page), at=timezone.now() + timedelta(days=1), by=SYSTEM)
    assert cost() == few


def test_a_draft_that_was_never_published_is_scheduled_too(world: World, publisher: Editor):
    entry = keep("symptom", "fresh", "Fresh", summary="It is fresh.")
    world.entries["fresh"] = entry
    text = send(publisher, world, entry="fresh", version=1)
    send(publisher, world, entry="fresh", version=1, at=button(text))
    publishing.publish_due(now=timezone.now() + timedelta(days=50))
    assert Page.objects.get(slug="fresh").live.number == 1


def test_what_was_typed_comes_back_after_logging_in_again_and_is_not_scheduled_by_that(world: World, publisher: Editor):
    save(world)
    at = button(send(publisher, world))
    publisher.client.logout()
    typed = {"version": 2, "at": at, "typed_by": owner_token(publisher.user)}
    asked = publisher.client.post(address(world.earache, "schedule"), typed).content.decode()
    hidden = {
        name: html.unescape(value) for name, value in re.findall(r'name="(next|preserved)" value="([^"]*)"', asked)
    }
    answer = publisher.client.post(
        "/admin/login/", {"username": "publisher", "password": PASSWORD, **hidden}, follow=True
    )
    text = " ".join(answer.content.decode().split())
    assert "nothing was saved" in text
    assert button(text) == at
    assert not publishing.scheduled().exists()
