"""Leaving a form with something typed and not saved asks first; leaving any other does not."""

from __future__ import annotations

from typing import Any

import pytest

from conditions import drafts, publishing
from conditions.models import Condition
from conditions.publishing import SYSTEM
from tests.admin.browser import log_in, type_into
from tests.admin.client import address
from tests.browser.chromium import NEEDED
from tests.world import build_world

pytestmark = NEEDED


@pytest.fixture
def form(transactional_db: None, live_server: Any, chromium: Any) -> Any:
    """A form in the browser. It has been clicked on: without that no browser asks."""
    world = build_world()
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(10_000)
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.bell, 'change')}")
    page.click("h1")
    return page


def asks(page: Any) -> bool:
    """Whether the page asks before it is left."""
    asked: list[str] = []

    def stay_no_longer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay_no_longer)
    page.reload()
    page.remove_listener("dialog", stay_no_longer)
    return asked == ["beforeunload"]


CHANGES = {
    "text": lambda page: page.fill("#id_summary", "Other words."),
    "a tick": lambda page: page.check("#id_symptoms-0-DELETE"),
    "a new row": lambda page: page.click("text=Add another symptom"),
    "a tag taken out": lambda page: page.click("[aria-label='Remove One side'] >> nth=0"),
    "what is in a box": lambda page: type_into(page, "id_tags", "Half a wo"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_asks_where_something_is_changed(form, change: str):
    CHANGES[change](form)
    assert asks(form)


def test_does_not_ask_where_nothing_is(form):
    form.fill("#id_summary", "Other words.")
    form.fill("#id_summary", "One side of the face grows weak.")
    form.click("#id_tags")
    form.keyboard.press("Escape")
    assert not asks(form)


def test_does_not_ask_on_saving_but_after_a_mistake(form):
    asked: list[str] = []

    def go_on(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    form.on("dialog", go_on)
    form.fill("#id_name", "")
    form.click("text=Save draft")
    form.wait_for_selector("text=Not saved yet")
    assert asked == []
    form.click("h1")
    form.reload()
    assert asked == ["beforeunload"]


def test_still_asks_after_a_preview(form):
    form.fill("#id_summary", "Other words.")
    with form.context.expect_page() as opened:
        form.click("[name=_preview]")
    opened.value.wait_for_selector("text=nothing is saved")
    opened.value.close()
    assert asks(form)


def test_asks_about_a_reason_too(form):
    bell = Condition.objects.get(slug="bells-palsy")
    form.context.clear_cookies()
    log_in(form, form.url.partition("/admin/")[0], "publisher")
    form.goto(f"{form.url.partition('/admin/')[0]}{address(bell, 'withdraw')}")
    form.click("h1")
    form.fill("#id_reason", "It says the same as another.")
    assert asks(form)


def test_back_after_a_save_shows_what_stands_now(form):
    """A browser that filled in what was typed before would write over what others saved since, as if it were typed."""
    form.fill("#id_summary", "Mine.")
    form.click("text=Save draft")
    form.wait_for_selector("text=Saved as version 2")
    bell = Condition.objects.get(slug="bells-palsy")
    publishing.save(record=drafts.read(bell) | {"summary": "Theirs."}, entry=bell, by=SYSTEM)
    form.go_back()
    form.wait_for_selector("text=Save draft")
    assert form.input_value("#id_summary") == "Theirs."
