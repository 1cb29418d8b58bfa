"""The story in a real browser: pickers, rows added by script, and a strict content security policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from conditions import drafts, publishing
from conditions.models import Page
from conditions.publishing import SYSTEM
from tests.admin.browser import ACTIVE, OPTION, SAID, log_in, pick, save, shows, type_into
from tests.admin.client import address
from tests.browser.chromium import NEEDED
from tests.world import World

pytestmark = NEEDED


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


def test_an_editor_adds_a_symptom_with_a_new_tag_and_publishes_it(transactional_db, live_server, tab):
    from tests.world import build_world

    world: World = build_world()
    log_in(tab, live_server, "publisher")
    tab.goto(f"{live_server}{address(world.droop, 'change')}")
    tab.click("text=Add another cause")
    pick(tab, "id_causes-0-target", "viral", "Viral illness")
    pick(tab, "id_causes-0-tags", "Sudd", "Sudden")
    type_into(tab, "id_causes-0-tags", "Comes and goes,")
    pick(tab, "id_causes-0-evidence", "early", "What are the early signs?")
    assert tab.get_attribute("#id_causes-0-note", "aria-label") == "Cause 1: Note"
    assert tab.get_attribute("#id_causes-0-tags", "aria-label") == "Cause 1: Tags"

    tab.click("text=Save draft")
    tab.wait_for_selector("text=Saved as version 2")
    row = drafts.read(world.droop)["causes"][0]
    assert row["target"] == "viral-illness"
    assert row["tags"] == ["comes-and-goes", "sudden"]
    assert row["evidence"] == ["early-signs"]
    assert "Viral illness" not in Client().get("/symptoms/facial-droop/").content.decode()

    tab.click("text=Save and publish")
    tab.wait_for_selector("text=Published in edition 2")
    assert Page.objects.live().filter(kind="tag", slug="comes-and-goes").exists()
    assert "Viral illness" in Client().get("/symptoms/facial-droop/").content.decode()


# What is typed into a picker


@pytest.fixture
def form(transactional_db: None, live_server: Any, tab: Any) -> Any:
    """The form of a symptom without tags, open in the browser."""
    from tests.world import build_world

    world: World = build_world()
    log_in(tab, live_server, "author")
    tab.goto(f"{live_server}{address(world.droop, 'change')}")
    tab.world = world
    return tab


def no_answer(tab: Any) -> None:
    """From here on, who asks what is called so is sent to log in."""
    login = {"status": 302, "headers": {"Location": "/admin/login/"}}
    tab.route("**/admin/pick/**called=**", lambda route: route.fulfill(**login))


class TestTagBox:
    @pytest.mark.parametrize("leave", ["Tab", "mouse", "save", "Escape", "Enter"])
    def test_keeps_what_is_typed_however_it_is_left(self, form, leave: str):
        type_into(form, "id_tags", "comes and goes")
        if leave == "mouse":
            form.click("h1")
        elif leave != "save":
            form.keyboard.press(leave)
        if leave in ("Tab", "mouse"):
            shows(form, "id_tags", "comes and goes")
        assert save(form)["tags"] == ["comes-and-goes"]

    def test_escape_empties_no_box_that_is_closed(self, form):
        type_into(form, "id_tags", "comes and goes")
        form.keyboard.press("Escape")
        form.keyboard.press("Escape")
        assert save(form)["tags"] == ["comes-and-goes"]

    def test_takes_the_tag_that_exists(self, form):
        type_into(form, "id_tags", "SUDDEN")
        form.keyboard.press("Tab")
        shows(form, "id_tags", "Sudden")
        assert save(form)["tags"] == ["sudden"]

    def test_takes_every_part_of_what_is_pasted(self, form):
        form.click("#id_tags")
        form.keyboard.insert_text("alpha, beta, gamma")
        form.click("h1")
        shows(form, "id_tags", "alpha", "beta", "gamma")
        assert save(form)["tags"] == ["alpha", "beta", "gamma"]

    def test_one_tab_leads_on(self, form):
        type_into(form, "id_tags", "late")
        form.wait_for_selector(OPTION)
        form.keyboard.press("Tab")
        assert not form.locator(".combobox:has(#id_tags) :focus").count()
        shows(form, "id_tags", "late")

    def test_adds_nothing_that_nobody_chose(self, form):
        type_into(form, "id_tags", "alpha,")
        form.click("[aria-label='Remove alpha']")
        assert not form.locator(OPTION).count()
        form.keyboard.press("Enter")
        form.wait_for_selector(f"{OPTION}:has-text('Sudden')")
        assert not form.locator(ACTIVE).count()
        form.keyboard.press("Enter")
        shows(form, "id_tags")
        form.keyboard.press("ArrowDown")
        form.wait_for_selector(ACTIVE)
        form.keyboard.press("Enter")
        shows(form, "id_tags", "One side")

    def test_keeps_what_is_typed_while_another_is_taken_out(self, form):
        type_into(form, "id_tags", "alpha,")
        form.keyboard.type("half")
        form.click("[aria-label='Remove alpha']")
        assert form.input_value("#id_tags") == "half"
        form.keyboard.press("Tab")
        shows(form, "id_tags", "half")

    def test_backspace_takes_a_tag_out_and_types_nothing(self, form):
        type_into(form, "id_tags", "alpha,beta,")
        form.keyboard.press("Backspace")
        shows(form, "id_tags", "alpha")
        assert form.input_value("#id_tags") == ""
        assert not form.locator(OPTION).count()

    def test_a_tag_is_taken_out_with_keys(self, form):
        type_into(form, "id_tags", "alpha,beta,")
        for _ in range(2):
            form.keyboard.press("Shift+Tab")
        assert form.evaluate("document.activeElement.ariaLabel") == "Remove alpha"
        form.keyboard.press("Enter")
        shows(form, "id_tags", "beta")
        assert form.locator("#id_tags:focus").count() == 1
        assert not form.locator(OPTION).count()


class TestPicker:
    @pytest.mark.parametrize("leave", ["Tab", "save"])
    def test_takes_what_is_called_as_typed(self, form, leave: str):
        type_into(form, "id_evidence", "what are the early signs")
        if leave == "Tab":
            form.keyboard.press("Tab")
            form.wait_for_selector(".combobox:has(#id_evidence) .chosen li")
            whole = ".control:has(#id_evidence) .documents details"
            form.click(f"{whole} summary")
            form.wait_for_selector(f"{whole} p:has-text('Pain behind the ear')")
            assert "/admin/conditions/question/" in form.get_attribute(f"{whole} a", "href")
        assert save(form)["evidence"] == ["early-signs"]

    def test_holds_back_a_form_with_what_is_nothing(self, form):
        type_into(form, "id_evidence", "early bird")
        form.keyboard.press("Tab")
        said = form.locator(f".control:has(#id_evidence) {SAID}")
        said.wait_for()
        assert said.inner_text() == "Nothing is called “early bird”. Pick one from the list or clear the field."
        box = "#id_evidence"
        assert form.input_value(box) == "early bird"
        assert said.get_attribute("id") in form.get_attribute(box, "aria-describedby").split()
        form.click("text=Save draft")
        form.wait_for_selector(f"{box}:focus")
        assert "version 1" in form.inner_text(".side").lower()
        form.fill(box, "")
        assert said.count() == 0, "it was about other words"
        form.click("text=Save draft")
        form.wait_for_selector("text=Nothing was changed")

    def test_holds_back_a_row_with_what_is_nothing(self, form):
        form.click("text=Add another cause")
        assert form.locator("#id_causes-0-target:focus").count() == 1
        form.keyboard.press("Enter")
        form.keyboard.type("Viral ill")
        form.click("h1")
        said = form.locator(f".control:has(#id_causes-0-target) {SAID}")
        said.wait_for()
        assert "“Viral ill”" in said.inner_text()
        form.click("text=Save draft")
        form.wait_for_selector("#id_causes-0-target:focus")
        form.keyboard.press("Enter")
        form.wait_for_selector(f"{ACTIVE}:has-text('Viral illness')")
        form.keyboard.press("Enter")
        assert said.count() == 0
        assert save(form)["causes"][0]["target"] == "viral-illness"

    def test_sends_what_it_could_not_look_up(self, form):
        no_answer(form)
        type_into(form, "id_evidence", "What are the early signs?")
        form.keyboard.press("Tab")
        form.wait_for_selector("text=cannot be looked up just now")
        assert save(form)["evidence"] == ["early-signs"]

    def test_asks_at_the_field_about_what_was_sent_so_and_is_nothing(self, form):
        no_answer(form)
        type_into(form, "id_evidence", "early bird")
        form.keyboard.press("Tab")
        form.wait_for_selector("text=cannot be looked up just now")
        form.click("text=Save draft")
        form.wait_for_selector(".control:has(#id_evidence) .errorlist:has-text('Nothing is called “early bird”')")
        assert form.input_value("#id_evidence") == "early bird"


def test_a_preview_waits_for_what_is_looked_up(form):
    type_into(form, "id_evidence", "What are the early signs?")
    with form.context.expect_page() as opened:
        form.click("[name=_preview]")
    opened.value.wait_for_selector("text=nothing is saved")
    shows(form, "id_evidence", "What are the early signs?")


def test_a_row_to_be_taken_out_says_so(form, live_server):
    form.goto(f"{live_server}{address(form.world.bell, 'change')}")
    row = form.locator("#symptoms-0")
    said = "getComputedStyle(document.querySelector('#symptoms-0 h3'), '::after').content"
    assert form.evaluate(said) == "none"
    row.locator("[name$=DELETE]").check()
    assert "Will be taken out when you save." in form.evaluate(said)
    assert not row.locator(".row-closed").is_visible()
    row.locator("[name$=DELETE]").uncheck()
    assert row.locator(".row-closed").is_visible()


def test_without_scripts_everything_can_be_added_and_taken_out(transactional_db, live_server, chromium):
    from tests.world import build_world

    world: World = build_world()
    page = chromium.new_page(java_script_enabled=False)
    page.set_default_timeout(10_000)
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.bell, 'change')}")
    assert page.locator("[role=combobox]").count() == 0
    page.uncheck("label:has-text('One side') >> nth=0")
    page.fill("[name=tags-more]", "sudden, Brand new")
    page.fill("[name=evidence-more]", "What are the early signs")
    page.fill("[name=causes-1-target-more]", "No such cause")
    page.click("text=Save draft")
    assert page.input_value("[name=causes-1-target-more]") == "No such cause"
    assert "Nothing is called “No such cause”" in page.inner_text("#causes-1")
    keep = {"kind": "cause", "slug": "cold-wind", "name": "Cold wind", "summary": "So."}
    publishing.save(record=keep, entry=None, by=SYSTEM)
    page.fill("[name=causes-1-target-more]", "cold wind")
    page.click("text=Save draft")
    page.wait_for_selector("text=Saved as version 2")
    record = drafts.read(world.bell)
    assert record["tags"] == ["brand-new", "sudden"]
    assert record["evidence"] == ["early-signs"]
    assert [row["target"] for row in record["causes"]] == ["viral-illness", "cold-wind"]


def test_every_kind_of_page_opens_without_a_complaint(transactional_db, live_server, tab):
    from tests.world import build_world

    world: World = build_world()
    log_in(tab, live_server, "publisher")
    for entry in (world.bell, world.warning, world.one_side, world.service):
        for name in ("change", "history", "differences", "discard", "delete", "withdraw", "targets"):
            answer = tab.goto(f"{live_server}{address(entry, name)}")
            assert answer.status == 200
    for path in (
        "conditions/condition/",
        "conditions/condition/add/",
        "conditions/tag/?group=side",
        "entries/",
        "editions/1/undo/",
        f"publish/?page={world.bell.page_id}",
        "password_change/",
    ):
        assert tab.goto(f"{live_server}/admin/{path}").status == 200
        tab.set_viewport_size({"width": 768, "height": 1000})
        assert tab.evaluate("document.documentElement.scrollWidth") <= 768
