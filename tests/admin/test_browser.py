"""The story in a real browser: pickers, rows added by script, and a strict content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from conditions import records
from conditions.models import Page
from tests.admin.desk import address
from tests.browser.chromium import CHROMIUM, running
from tests.world import PASSWORD, World

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def chromium() -> Iterator[Any]:
    with running() as browser:
        yield browser


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """A page of the browser; in the end, nothing was blocked and no script failed."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert [said for said in complaints if "favicon" not in said and "404" not in said] == []


def log_in(page: Any, live_server: Any, name: str) -> None:
    page.goto(f"{live_server}/admin/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_selector("text=What would you like to edit?")


def pick(page: Any, control: str, typed: str, wanted: str) -> None:
    """Choose something in a picker, by its label, as somebody would with mouse and keyboard."""
    page.click(f"#{control} + .select2 .select2-selection")
    page.keyboard.type(typed)
    option = ".select2-results__option"
    page.click(f"{option}:text-is('{wanted}'), {option} .picked-name:text-is('{wanted}')")


def test_an_editor_adds_a_symptom_with_a_new_tag_and_publishes_it(transactional_db, live_server, tab):
    from tests.world import build_world

    world: World = build_world()
    log_in(tab, live_server, "publisher")
    tab.goto(f"{live_server}{address(world.droop, 'change')}")
    tab.click("text=Add another cause")
    pick(tab, "id_causes-0-target", "viral", "Viral illness")
    pick(tab, "id_causes-0-tags", "Sudd", "Sudden")
    tab.click("#id_causes-0-tags + .select2 .select2-selection")
    tab.keyboard.type("Comes and goes,")
    pick(tab, "id_causes-0-evidence", "early", "What are the early signs?")
    assert tab.get_attribute("#id_causes-0-note", "aria-label") == "Cause 1: Note"
    assert tab.get_attribute("#id_causes-0-tags + .select2 [role=searchbox]", "aria-label") == "Cause 1: Tags"

    tab.click("text=Save draft")
    tab.wait_for_selector("text=Saved as version 2")
    row = records.read(world.droop)["causes"][0]
    assert row["target"] == "viral-illness"
    assert row["tags"] == ["comes-and-goes", "sudden"]
    assert row["evidence"] == ["early-signs"]
    assert "Viral illness" not in Client().get("/symptoms/facial-droop/").content.decode()

    tab.click("text=Save and publish")
    tab.wait_for_selector("text=Published in edition 2")
    assert Page.objects.live().filter(kind="tag", slug="comes-and-goes").exists()
    assert "Viral illness" in Client().get("/symptoms/facial-droop/").content.decode()


def test_every_kind_of_page_opens_without_a_complaint(transactional_db, live_server, tab):
    from tests.world import build_world

    world: World = build_world()
    log_in(tab, live_server, "publisher")
    for entry in (world.bell, world.warning, world.one_side, world.service):
        for name in ("change", "history", "delete", "withdraw", "targets"):
            answer = tab.goto(f"{live_server}{address(entry, name)}")
            assert answer.status == 200
    for path in (
        "conditions/condition/",
        "conditions/condition/add/",
        "conditions/tag/?group=side",
        "password_change/",
    ):
        assert tab.goto(f"{live_server}/admin/{path}").status == 200
        tab.set_viewport_size({"width": 768, "height": 1000})
        assert tab.evaluate("document.documentElement.scrollWidth") <= 768
