"""The thread that publishes what is due: it looks at its start and every minute, and nothing ends it."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone

from conditions import clock, drafts, publishing
from conditions.models import Page
from tests.world import World


class Ended(BaseException):
    """Ends what would go on for ever."""


@pytest.fixture
def closed(monkeypatch) -> list[str]:
    """How often the thread's connection was closed, which here is that of the test."""
    made: list[str] = []
    monkeypatch.setattr(clock, "connection", SimpleNamespace(close=lambda: made.append("closed")))
    return made


def test_it_looks_at_once_and_whenever_a_minute_begins_whatever_happens(monkeypatch, closed, caplog):
    slept: list[float] = []
    answers = iter(["nothing", "fail", "fail", "nothing", "fail", "nothing"])

    def publish_due():
        if next(answers) == "fail":
            raise OperationalError("database is locked")
        return []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 6:
            raise Ended

    started = []
    monkeypatch.setattr(clock, "Thread", lambda **options: SimpleNamespace(start=lambda: started.append(options)))
    monkeypatch.setattr(clock, "time", SimpleNamespace(sleep=sleep, time=lambda: 1_000_000_005.5))
    monkeypatch.setattr(publishing, "publish_due", publish_due)
    monkeypatch.setattr(publishing, "note_due", lambda: 0)
    clock.start()
    with suppress(Ended), caplog.at_level(logging.INFO):
        started[0]["target"]()
    assert started[0]["daemon"] is True
    assert slept == [14.5] * 6, "that is when the next minute begins"
    assert len(closed) == 6
    said = "What is scheduled cannot be published now; it is tried again every minute"
    assert [record.getMessage() for record in caplog.records] == [said] * 2, "once, and again after it had worked"
    assert "database is locked" in caplog.text


def test_a_look_publishes_and_tells_the_log(world: World, monkeypatch, closed, caplog):
    version = publishing.save(
        record=drafts.read(world.earache) | {"summary": "On time."}, entry=world.earache, by=world.author
    ).version
    at: datetime = timezone.now() + timedelta(hours=1)
    publishing.schedule(version=version, at=at, by=world.publisher)
    verb = publishing.publish_due
    monkeypatch.setattr(publishing, "publish_due", lambda: verb(now=at))
    with caplog.at_level(logging.INFO):
        assert clock.look(says_why=True)
    assert caplog.messages == ["Published as scheduled, in edition 2: version 2 of Earache"]
    assert Page.objects.get(slug="earache").live == version
    assert closed == ["closed"]


def test_what_could_not_go_live_is_a_warning(world: World, monkeypatch, closed, caplog):
    version = publishing.save(
        record=drafts.read(world.earache) | {"summary": "On time."}, entry=world.earache, by=world.author
    ).version
    publishing.schedule(version=version, at=timezone.now() + timedelta(hours=1), by=world.publisher)
    world.publisher.groups.clear()
    verb = publishing.publish_due
    monkeypatch.setattr(publishing, "publish_due", lambda: verb(now=timezone.now() + timedelta(hours=2)))
    assert clock.look(says_why=True)
    [record] = caplog.records
    assert (record.levelname, "version 2 of Earache: publisher, who" in record.getMessage()) == ("WARNING", True)
