"""Times are shown in the zone of TIME_ZONE and name it, whatever the zone of the process."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db.models import Model, QuerySet
from django.test import Client
from django.utils.html import strip_tags

from conditions import drafts, publishing
from conditions.models import Edition, Version
from conditions.publishing import SYSTEM
from tests.admin.client import Editor
from tests.world import World

ROOT = Path(__file__).resolve().parent.parent.parent
AT = datetime(2026, 5, 31, 14, 5, tzinfo=UTC)
TIME = re.compile(r"\b\d{1,2}:\d\d\b(?! NZST)")
PUBLIC = (
    "/changes/",
    "/changes/1/",
    "/conditions/bells-palsy/",
    "/conditions/bells-palsy/history/",
    "/conditions/bells-palsy/history/1/",
)


@pytest.fixture(autouse=True)
def far_away(settings, monkeypatch):
    """Half a day ahead of Greenwich, so that the date differs too; the process is set to another zone."""
    settings.TIME_ZONE = "Pacific/Auckland"
    monkeypatch.setenv("TZ", "America/New_York")


def write_time(model: type[Model]) -> None:
    """Set the time of all rows, past the rule that only publishing writes them."""
    QuerySet(model).update(at=AT)


@pytest.fixture
def then(world: World) -> World:
    """The world, all of it written at one time."""
    write_time(Version)
    write_time(Edition)
    return world


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_gives_the_date_of_the_zone_and_its_offset(then: World, path: str):
    text = Client().get(path).content.decode()
    times = re.findall(r'<time datetime="([^"]*)">([^<]*)</time>', text)
    assert {given for given, _ in times} <= {"2026-06-01T02:05:00+1200"}
    assert {said for _, said in times} <= {"1 June 2026"}
    assert "31 May" not in text
    assert times or "1 June 2026" in text
    assert not TIME.search(strip_tags(text))


def test_withdrawn_page_gives_the_date_of_the_zone(then: World, publisher: Editor):
    publisher.post(then.earache, "withdraw", reason="Old.")
    write_time(Edition)
    text = Client().get("/symptoms/earache/").content.decode()
    assert '<time datetime="2026-06-01T02:05:00+1200">1 June 2026</time>' in text


def test_editors_screens_name_the_zone_of_each_time(then: World, author: Editor, publisher: Editor):
    publishing.save(record=drafts.read(then.bell) | {"related": []}, entry=then.bell, by=SYSTEM)
    publishing.delete(entry=then.stroke, by=SYSTEM)
    write_time(Version)
    bell = f"/admin/conditions/condition/{then.bell.pk}"
    for path, expected in (
        ("/admin/entries/", "1 Jun 2026, 02:05 NZST"),
        ("/admin/conditions/condition/", "1 Jun 2026, 02:05 NZST"),
        (f"{bell}/change/", "1 June 2026, 02:05 NZST"),
        (f"{bell}/history/", "1 June 2026, 02:05 NZST"),
        ("/admin/deleted-entries/", "1 Jun 2026, 02:05 NZST"),
    ):
        text = strip_tags(author.client.get(path).content.decode())
        assert expected in text, path
        assert not TIME.search(text), path


def test_clash_names_the_zone_of_the_other_save(then: World, author: Editor, publisher: Editor):
    first, second = author.open(then.bell), publisher.open(then.bell)
    first.send(summary="Theirs.")
    write_time(Version)
    assert "(author, 1 June 2026, 02:05 NZST)" in second.send(summary="Ours.").errors["summary"][0]


def test_no_template_writes_a_time_without_its_zone():
    for path in (ROOT / "templates").rglob("*.html"):
        for given in re.findall(r"""date[:(]["']([^"']*)["']""", path.read_text()):
            assert "H:i" not in given or given.endswith(("O", "T")), path
