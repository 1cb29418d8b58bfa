"""axe finds nothing on the admin's pages, light and dark, wide and narrow; and no mouse is needed."""

from __future__ import annotations

from typing import Any

import pytest

from conditions import drafts
from conditions.models import Page
from tests.admin.browser import ACTIVE, OPTION, TAGS, busy_world, complaints, log_in, places
from tests.admin.client import address
from tests.browser.chromium import NEEDED
from tests.world import PASSWORD, build_world

pytestmark = NEEDED


LOOKS = [(1280, "light", TAGS), (1280, "dark", ["color-contrast"]), (768, "dark", TAGS)]
"""Width, color scheme, and what is asked: another tone changes nothing but colors."""


def in_every_look(page: Any, place: str) -> list[str]:
    """What axe finds on the page that is open, wide and narrow, light and dark, with all of it unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.add_style_tag(content="* { transition: none !important }")
    found = []
    for width, scheme, asked in LOOKS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=scheme)
        found += complaints(page, f"{place}, {width}, {scheme}", asked)
    return found


@pytest.mark.parametrize("half", [0, 1])
def test_axe_finds_nothing(transactional_db, live_server, chromium, half: int):
    world = busy_world()
    page = chromium.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    page.goto(f"{live_server}/admin/")
    found = in_every_look(page, "login") if half else []
    log_in(page, live_server, "publisher")
    for place, path in list(places(world).items())[half::2]:
        assert page.goto(f"{live_server}{path}").status == 200
        found += in_every_look(page, place)
    assert found == []


def test_axe_finds_nothing_on_a_form_with_mistakes(transactional_db, live_server, chromium):
    world = busy_world()
    page = chromium.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    log_in(page, live_server, "publisher")
    page.goto(f"{live_server}{address(world.bell, 'change')}")
    page.fill("#id_name", "")
    page.click("text=Save draft")
    page.wait_for_selector("text=Not saved yet")
    assert in_every_look(page, "form with mistakes") == []


def reach(page: Any, wanted: str) -> None:
    """Press Tab until the control that CSS names has the focus."""
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate("(css) => document.activeElement?.matches(css) ?? false", wanted):
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def test_the_story_needs_no_mouse(transactional_db, live_server, chromium):
    """Log in, find the symptom, change its tag, preview it and publish it, with keys alone, at 768 px."""
    world = build_world()
    context = chromium.new_context(viewport={"width": 768, "height": 900})
    page = context.new_page()
    page.goto(f"{live_server}/admin/")
    page.wait_for_selector("#id_username:focus")
    page.keyboard.type("publisher")
    reach(page, "#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=What there is to do")
    reach(page, "#q")
    page.keyboard.type("droop")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 entry")
    reach(page, "table a")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Save draft")
    reach(page, "#id_tags")
    page.keyboard.type("Sudd")
    page.wait_for_selector(f"{OPTION}:has-text('New tag: Sudd')")
    page.wait_for_selector(f"{ACTIVE}:has-text('Sudden')")
    page.keyboard.press("Enter")
    reach(page, "[name=_preview]")
    with context.expect_page() as opened:
        page.keyboard.press("Enter")
    opened.value.wait_for_selector("text=Preview: nothing is saved.")
    assert opened.value.locator("section:has(#tags) .chips >> text=Sudden").count() == 1
    opened.value.close()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "_publish"
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Published in edition 2")
    live = Page.objects.get(pk=world.droop.page_id).live
    assert live is not None
    assert live.record["tags"] == ["sudden"]


def test_what_is_picked_shows_its_words(transactional_db, live_server, chromium):
    world = build_world()
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.bell, 'change')}")
    page.click("#symptoms-1 [name=_open]")
    page.click("#id_symptoms-1-evidence")
    page.keyboard.type("warning")
    page.wait_for_selector(f"{ACTIVE}:only-child span:has-text('Facial droop , on one')")
    page.keyboard.press("Enter")
    box = page.locator(".control:has(#id_symptoms-1-evidence) .documents")
    assert box.locator("summary").all_text_contents() == ["What are the early signs?", "What are the warning signs?"]
    whole = "said => [...document.querySelectorAll('.documents p')].some((one) => one.textContent === said)"
    for place, question in enumerate((world.early, world.warning)):
        box.locator("summary").nth(place).click()
        page.wait_for_function(whole, arg=question.answer)


def test_markdown_is_shown_below_while_it_is_typed(transactional_db, live_server, chromium):
    world = build_world()
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.bell, 'change')}")
    page.fill("#id_body", "Before *it* is opened.")
    box = page.locator(".control:has(#id_body) .as-read")
    box.locator("summary").click()
    box.locator("em:has-text('it')").wait_for()
    page.locator("#id_body").press_sequentially(" And **after**.")
    box.locator("strong:has-text('after')").wait_for()
    context.clear_cookies()
    page.locator("#id_body").press_sequentially(" More.")
    box.locator("text=you may have been logged out. What you typed is still here.").wait_for()
    assert page.input_value("#id_body") == "Before *it* is opened. And **after**. More."


def test_what_was_typed_comes_back_after_logging_in_again(transactional_db, live_server, chromium):
    world = build_world()
    context = chromium.new_context()
    page = context.new_page()
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.bell, 'change')}")
    page.fill("#id_help_soon", "Typed for an hour.\n\nAnd more.")
    context.clear_cookies()
    page.click("text=Save draft")
    page.wait_for_selector("text=You have been logged out")
    page.fill("#id_username", "author")
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_selector("text=You were logged out")
    assert page.input_value("#id_help_soon") == "Typed for an hour.\n\nAnd more."
    page.click("text=Save draft")
    page.wait_for_selector("text=Saved as version 2")
    assert drafts.read(world.bell)["help_soon"] == "Typed for an hour.\n\nAnd more.\n"
