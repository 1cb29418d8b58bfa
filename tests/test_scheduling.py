"""What is scheduled: when it may be, what takes it off, and what comes of it once its time has come."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions import drafts, publishing, records
from conditions.models import Change, Decision, Edition, Page, Version
from conditions.publishing import SYSTEM, NotAllowed, Refused
from tests.admin.client import keep
from tests.world import World, make_user

SOON = timedelta(hours=1)
Verb = Decision.Verb


def later(**much: int):
    return timezone.now() + (timedelta(**much) if much else SOON)


def save(world: World, name: str = "earache", text: str = "It hurts.", **said: Any) -> Version:
    entry = getattr(world, name)
    record = drafts.read(entry) | {"summary": text, **said}
    return publishing.save(record=record, entry=entry, by=world.author).version


def plan(world: World, name: str = "earache", text: str = "It hurts.", by: Any = None, **much: int) -> Version:
    """Another sentence, scheduled."""
    version = save(world, name, text)
    publishing.schedule(version=version, at=later(**much), by=by or world.publisher)
    return version


def run(**much: int) -> list[publishing.Outcome]:
    """What comes of what is due by then."""
    return publishing.publish_due(now=later(**(much or {"hours": 2})))


def live(slug: str = "earache") -> str | None:
    version = Page.objects.get(slug=slug).live
    return version.record["summary"] if version else None


def waiting() -> list[int]:
    return [one.version.number for one in publishing.scheduled()]


def reasons() -> list[str]:
    return [one.note for one in publishing.failed()]


# Scheduling


def test_it_waits_and_readers_see_nothing_before(world: World):
    version = plan(world)
    [one] = publishing.scheduled()
    assert (one.version, one.by, one.verb, one.version.page) == (version, world.publisher, Verb.SCHEDULE, version.page)
    assert run(minutes=30) == []
    assert (live(), Edition.objects.first().number) == ("Pain in or behind the ear.", 1)


def make_old(world: World) -> Version:
    old = save(world)
    publishing.publish(versions=[save(world, text="Newer.")], by=SYSTEM)
    return old


def make_proposal(world: World) -> Version:
    page = world.page("earache")
    draft = publishing.Draft(
        drafts.read(world.earache) | {"summary": "Of a file."},
        page,
        Version.Origin.FILE,
        proposal=publishing.Proposal.OPEN,
    )
    return publishing.create_versions([draft], by=SYSTEM, at=timezone.now())[0]


def make_deleted(world: World) -> Version:
    entry = keep("cause", "spare", "Spare", summary="So.")
    publishing.delete(entry=entry, by=SYSTEM)
    return publishing.newest(Page.objects.get(slug="spare"))


def make_unfounded(world: World) -> Version:
    rows = [row | {"evidence": [], "sources": [], "quotes": []} for row in drafts.read(world.bell)["causes"]]
    return save(world, "bell", causes=rows)


def make_same(world: World) -> Version:
    save(world)
    return publishing.discard(entry=world.earache, by=SYSTEM).version


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_old, "version 2 is older than the live one"),
        (lambda world: world.newest("bell"), "version 1 is already live"),
        (make_same, "readers already see what version 3 says"),
        (make_proposal, "is a content file's proposal"),
        (make_deleted, "it has been deleted"),
        (lambda world: save(world, text=""), "Earache: In one sentence: "),
        (make_unfounded, "Bell’s palsy: Causes, Viral illness: "),
    ],
)
def test_what_cannot_be_published_is_not_scheduled(world: World, make: Callable[[World], Version], why: str):
    version = make(world)
    with pytest.raises(Refused, match=why):
        publishing.schedule(version=version, at=later(), by=world.publisher)
    assert publishing.schedule_problems(version=version, at=later())
    assert not Decision.objects.filter(verb=Verb.SCHEDULE).exists()


@pytest.mark.parametrize(("much", "why"), [({"seconds": -1}, "is past"), ({"days": 731}, "more than two years")])
def test_a_time_is_in_the_next_two_years(world: World, much: dict[str, int], why: str):
    with pytest.raises(Refused, match=why):
        publishing.schedule(version=save(world), at=later(**much), by=world.publisher)


def test_a_version_that_is_not_the_newest_can_be_scheduled(world: World):
    version = save(world)
    save(world, text="Newer.")
    publishing.schedule(version=version, at=later(), by=world.publisher)
    assert waiting() == [2]


@pytest.mark.parametrize("who", ["author", "reviewer"])
def test_only_publishers_schedule_and_cancel(world: World, who: str):
    version = save(world)
    with pytest.raises(NotAllowed):
        publishing.schedule(version=version, at=later(), by=getattr(world, who))
    publishing.schedule(version=version, at=later(), by=world.publisher)
    with pytest.raises(NotAllowed):
        publishing.cancel(version=version, by=getattr(world, who))
    assert waiting() == [2]


def test_it_is_moved_by_scheduling_again_and_one_version_of_a_page_waits(world: World):
    plan(world)
    plan(world, text="Newer.", hours=5)
    assert waiting() == [3]
    assert run() == []
    [one] = run(hours=6)
    assert (one.edition, live()) == (2, "Newer.")


def test_it_is_cancelled_once(world: World):
    version = plan(world)
    publishing.cancel(version=version, by=world.publisher)
    assert (waiting(), run()) == ([], [])
    with pytest.raises(Refused, match="version 2 is not scheduled"):
        publishing.cancel(version=version, by=world.publisher)


# Its time has come


def test_exactly_that_version_goes_live_and_the_scheduler_published_it(world: World):
    version = plan(world)
    save(world, text="Newer, and not part of it.")
    [one] = run()
    edition = Edition.objects.first()
    assert (one.decision.version, one.edition, one.problems) == (version, 2, ())
    assert (edition.number, edition.by, edition.moved, edition.note) == (2, world.publisher, 1, "")
    assert "It hurts." in Client().get("/symptoms/earache/").content.decode()
    assert (waiting(), reasons()) == ([], [])
    assert run() == [], "it is published once"


def withdraw(world: World) -> None:
    publishing.withdraw(pages=[world.page("earache")], by=SYSTEM, reason="Wrong.")


def publish_newer(world: World) -> None:
    publishing.publish(versions=[save(world, text="Newer.")], by=SYSTEM)


def publish_by_hand(world: World) -> None:
    publishing.publish(versions=[Version.objects.get(page=world.earache.page_id, number=2)], by=SYSTEM)


def publish_and_undo(world: World) -> None:
    publish_by_hand(world)
    publishing.undo(edition=Edition.objects.first(), by=SYSTEM)


@pytest.mark.parametrize("act", [withdraw, publish_newer, publish_by_hand, publish_and_undo])
def test_what_has_happened_to_the_page_since_cancels_it(world: World, act: Callable[[World], None]):
    plan(world)
    act(world)
    was = (live(), Edition.objects.count())
    assert (waiting(), run(), reasons()) == ([], [], [])
    assert (live(), Edition.objects.count()) == was


def test_an_older_version_that_goes_live_does_not_cancel_it(world: World):
    old = save(world, text="Older.")
    plan(world)
    publishing.publish(versions=[old], by=SYSTEM)
    assert waiting() == [3]
    run()
    assert live() == "It hurts."


def test_what_was_withdrawn_before_comes_back(world: World):
    withdraw(world)
    plan(world)
    run()
    assert live() == "It hurts."


def test_what_one_user_scheduled_for_one_time_is_one_edition(world: World):
    other = make_user("other", "Publisher")
    at = later()
    for name, by in (("earache", world.publisher), ("droop", world.publisher), ("bell", other)):
        publishing.schedule(version=save(world, name, "Both."), at=at, by=by)
    plan(world, "virus", "Later.", hours=2)
    assert [one.edition for one in run(hours=3)] == [2, 2, 3, 4]
    assert [(one.by.username, one.moved) for one in Edition.objects.order_by("number")[2:]] == [
        ("publisher", 2),
        ("other", 1),
        ("publisher", 1),
    ]


def blocked_later(world: World) -> Version:
    """Scheduled, and withdrawn since is all that its only row rests on."""
    document = keep("question", "new", "What hurts?", answer="The ear hurts.")
    publishing.publish(versions=[publishing.newest(document.page)], by=SYSTEM)
    rows = drafts.read(world.bell)["causes"]
    rows[0] |= {"evidence": ["new"], "sources": [], "quotes": [], "certainty": ""}
    version = save(world, "bell", "It sits.", causes=rows)
    publishing.schedule(version=version, at=later(), by=world.publisher)
    publishing.withdraw(pages=[Page.objects.get(slug="new")], by=SYSTEM, reason="Wrong.")
    return version


def test_what_is_blocked_changes_nothing_says_why_is_not_tried_again_and_holds_up_nothing(world: World):
    version = blocked_later(world)
    plan(world)
    was = live("bells-palsy")
    published, failure = run()
    assert (published.edition, failure.edition) == (4, None)
    assert (live(), live("bells-palsy")) == ("It hurts.", was)
    [one] = publishing.failed()
    assert (one.version, one.by, one.due) == (version, None, failure.decision.due)
    assert one.note == "\n".join(failure.problems)
    assert "Bell’s palsy: Causes, Viral illness" in one.note
    assert (waiting(), run()) == ([], [])


def save_again(world: World) -> None:
    save(world, "bell", "Saved.")


def schedule_again(world: World) -> None:
    version = save(world, "bell", "It sits.", causes=[])
    publishing.schedule(version=version, at=later(), by=world.publisher)


def publish_the_document(world: World) -> None:
    publishing.publish(versions=[publishing.newest(Page.objects.get(slug="new"))], by=SYSTEM)
    publishing.publish(versions=[world.newest("bell")], by=SYSTEM)


@pytest.mark.parametrize("act", [save_again, schedule_again, publish_the_document])
def test_a_failure_is_told_until_something_is_done(world: World, act: Callable[[World], None]):
    blocked_later(world)
    run()
    assert len(reasons()) == 1
    act(world)
    assert reasons() == []


def test_a_failure_of_what_was_deleted_is_not_told(world: World):
    entry = keep("cause", "spare", "Spare", summary="So.")
    publishing.schedule(version=publishing.newest(entry.page), at=later(), by=world.publisher)
    publishing.delete(entry=entry, by=SYSTEM)
    [one] = run()
    assert one.problems == ("Spare: it has been deleted; restore it first.",)
    assert reasons() == []


def test_what_rests_on_another_that_is_due_goes_live_with_it_or_after_it(world: World):
    document = keep("question", "new", "What hurts?", answer="The ear hurts.")
    publishing.schedule(version=publishing.newest(document.page), at=later(hours=2), by=make_user("other", "Publisher"))
    rows = drafts.read(world.bell)["causes"]
    rows[0] |= {"evidence": ["new"], "sources": [], "quotes": [], "certainty": ""}
    version = save(world, "bell", "It sits.", causes=rows)
    # It could not be scheduled on its own; since then, what it rests on has become due too.
    publishing.scheduling.add_decision(version, Verb.SCHEDULE, by=world.publisher, at=timezone.now(), due=later())
    assert [(one.decision.version.page.slug, one.edition) for one in run(hours=3)] == [("new", 2), ("bells-palsy", 3)]


@pytest.mark.parametrize("loses", ["is_active", "role"])
def test_who_scheduled_it_must_still_be_allowed_to_publish(world: World, loses: str):
    plan(world)
    plan(world, "droop", by=SYSTEM)
    if loses == "role":
        world.publisher.groups.clear()
    else:
        type(world.publisher).objects.filter(pk=world.publisher.pk).update(is_active=False)
    assert [one.edition for one in run()] == [2, None]
    [said] = reasons()
    assert said == "publisher, who scheduled it, may not publish any more. Somebody who may can schedule or publish it."
    assert (live(), live("facial-droop")) == ("Pain in or behind the ear.", "It hurts.")


def test_where_an_edition_is_refused_each_is_tried_by_itself(world: World, monkeypatch):
    """A check that only publishing makes, as one may that was added to it alone."""
    at, publish = later(), publishing.scheduling.publish

    def strict(*, versions, by):
        if any(version.record["name"] == "Earache" for version in versions):
            raise Refused(["Earache: no."])
        return publish(versions=versions, by=by)

    for name in ("droop", "earache", "bell"):
        publishing.schedule(version=save(world, name), at=at, by=world.publisher)
    monkeypatch.setattr(publishing.scheduling, "publish", strict)
    assert [one.edition for one in run()] == [2, 3, None]
    assert reasons() == ["Earache: no."]


def test_an_error_takes_all_back_and_the_next_time_publishes_once(world: World, monkeypatch):
    plan(world)
    plan(world, "droop", hours=2)
    publish = publishing.scheduling.publish

    def crash(*, versions, by):
        if versions[0].record["name"] == "Facial droop":
            raise RuntimeError
        return publish(versions=versions, by=by)

    with monkeypatch.context() as patch:
        patch.setattr(publishing.scheduling, "publish", crash)
        with pytest.raises(RuntimeError):
            run(hours=3)
    assert (Edition.objects.first().number, live()) == (1, "Pain in or behind the ear.")
    assert [one.edition for one in run(hours=3)] == [2, 3]
    assert Change.objects.filter(edition__gt=1).count() == 2


def test_what_a_newer_program_wrote_waits_for_one_that_reads_it(world: World, monkeypatch):
    plan(world)
    monkeypatch.setattr(records, "FORMAT", records.FORMAT - 1)
    assert (run(), waiting(), reasons()) == ([], [2], [])


# What it costs


def test_a_look_that_finds_nothing_due_is_one_query_without_the_lock(world: World, django_assert_num_queries):
    plan(world)
    with django_assert_num_queries(1) as caught:
        assert publishing.publish_due() == []
    assert caught[0]["sql"].startswith("SELECT")


def test_publishing_and_lists_cost_the_same_for_many(world: World):
    def cost(count: int, name: str) -> tuple[int, int]:
        at = later()
        for number in range(count):
            entry = keep("symptom", f"{name.lower()}-{number}", f"{name} {number}", summary="So.")
            publishing.schedule(version=publishing.newest(entry.page), at=at, by=world.publisher)
        with CaptureQueriesContext(connection) as listed:
            assert len([(one.version.record, one.version.page.name, one.by.username) for one in publishing.scheduled()])
        with CaptureQueriesContext(connection) as published:
            assert len(run()) == count
        return len(listed), len(published)

    cost(1, "First")  # it makes the rows of the letter and the words
    few = cost(2, "Few")
    assert few[0] == 1
    assert cost(9, "Further") == few


# The command


def command(*words: str) -> str:
    said = io.StringIO()
    call_command("publish_due", *words, stdout=said, no_color=True)
    return said.getvalue()


@pytest.fixture
def past(monkeypatch):
    """What is scheduled for later is due now, to the command too."""
    verb = publishing.publish_due
    monkeypatch.setattr(publishing, "publish_due", lambda: verb(now=later(hours=3)))


def test_the_command_says_what_it_published(world: World, past):
    plan(world)
    said = command("--dry-run")
    assert said.startswith("Would be published in edition 2: Earache, version 2, due ")
    assert said.endswith(" (UTC)\n")
    assert (live(), waiting(), Edition.objects.first().number) == ("Pain in or behind the ear.", [2], 1)
    assert command().startswith("Published in edition 2: Earache, version 2, due ")
    assert live() == "It hurts."
    assert command() == "Nothing is due.\n"


def test_the_command_fails_where_something_could_not_be_published(world: World, past, capsys):
    blocked_later(world)
    plan(world)
    with pytest.raises(CommandError, match=r"1 of 2 cannot be published\."):
        call_command("publish_due", "--dry-run")
    assert len(waiting()) == 2
    with pytest.raises(CommandError, match=r"1 of 2 could not be published\. Fix that in the admin\."):
        call_command("publish_due")
    said = capsys.readouterr().out
    assert "Cannot be published: Bell’s palsy, version 2, due " in said
    assert "Could not be published: Bell’s palsy, version 2, due " in said
    assert "\n  Bell’s palsy: Causes, Viral illness: " in said
    assert (live(), len(reasons())) == ("It hurts.", 1)
