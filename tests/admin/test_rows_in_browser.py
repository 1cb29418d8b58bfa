"""Relation rows in a browser: opening one, moving it by button and by number, and the keys of the form."""

from __future__ import annotations

from typing import Any

import pytest

from conditions import drafts, publishing
from conditions.models import Symptom
from conditions.publishing import SYSTEM
from tests.admin.browser import complaints, log_in
from tests.admin.client import address, keep
from tests.browser.chromium import NEEDED
from tests.world import build_world

pytestmark = NEEDED


@pytest.fixture
def form(transactional_db: None, live_server: Any, chromium: Any) -> Any:
    """The form of a condition with five symptoms, of which none is open."""
    world = build_world()
    record = drafts.read(world.bell)
    for slug in ("a", "b", "c"):
        keep("symptom", slug, f"Symptom {slug}")
        record["symptoms"].append({"target": slug, "evidence": ["early-signs"]})
    publishing.save(record=record, entry=world.bell, by=SYSTEM)
    page = chromium.new_context(bypass_csp=True).new_page()
    page.set_default_timeout(10_000)
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.bell, 'change')}")
    page.world, page.root = world, live_server.url
    return page


def shown(page: Any) -> list[str]:
    names = page.locator("#symptoms-group .relation-row > h3").all()
    return [name.evaluate("(one) => one.firstChild.textContent.trim()") for name in names]


def saved_order(page: Any) -> list[str]:
    page.click("text=Save draft")
    page.wait_for_selector("text=Saved as version 3")
    return [row["target"] for row in drafts.read(page.world.bell)["symptoms"]]


def test_opening_a_row_changes_nothing(form):
    asked: list[Any] = []
    form.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    for row in ("symptoms-0", "causes-0", "related-0", "treatments-0"):
        form.click(f"#{row} [name=_open]")
        assert form.locator(f"#id_{row}-target:focus").count() == 1
        assert not form.locator(f"#{row} .row-closed").count()
    assert form.input_value("#id_symptoms-0-note") == "Within hours to days."
    assert form.input_value("#id_related-0-role") == "easily-mistaken-for"
    assert form.get_attribute("#id_symptoms-0-note", "aria-label") == "Symptom 1: Note"
    assert form.text_content("#symptoms-0 summary >> nth=0") == "Edit Facial droop: 2 tags, 1 document"
    assert complaints(form, "open rows") == []
    form.reload()
    assert asked == [], "nothing was changed"
    form.click("#symptoms-0 [name=_open]")
    form.click("text=Save draft")
    form.wait_for_selector("text=Nothing was changed")


def test_what_is_typed_into_an_opened_row_is_saved(form):
    form.click("#symptoms-0 [name=_open]")
    form.fill("#id_symptoms-0-note", "Within a day.")
    form.click("[aria-label='Remove Sudden']")
    before = drafts.read(form.world.bell)["symptoms"]
    form.click("text=Save draft")
    form.wait_for_selector("text=Saved as version 3")
    wanted = [before[0] | {"note": "Within a day.", "tags": ["one-side"]}, *before[1:]]
    assert drafts.read(form.world.bell)["symptoms"] == wanted


def test_the_words_of_a_document_come_when_they_are_asked_for(form):
    form.click("#symptoms-0 [name=_open]")
    document = form.locator("#symptoms-0 .documents details")
    document.locator("summary").click()
    form.wait_for_selector("#symptoms-0 .documents p:has-text('Facial droop , on one side')")
    assert address(form.world.warning, "change") in document.locator("a").get_attribute("href")


def test_an_address_into_a_closed_row_opens_it(form):
    form.goto(f"{form.root}/admin/")
    form.goto(f"{form.root}{address(form.world.bell, 'change')}#id_symptoms-3-evidence")
    form.wait_for_selector("#symptoms-3 .row-fields")
    assert form.locator(".row-fields").count() == 1
    for elsewhere in ("#symptoms-group", "#id_name", "#id_symptoms-2-nothing", "#symptoms-1"):
        form.evaluate("(hash) => { location.hash = hash; }", elsewhere)
    form.wait_for_selector("#symptoms-1 .row-fields")
    assert form.locator(".row-fields").count() == 3


def test_rows_are_moved_by_buttons_and_keys(form):
    form.focus("#symptoms-2 [data-move='-1']")
    form.keyboard.press("Enter")
    assert form.evaluate("document.activeElement.dataset.move") == "-1"
    assert form.inner_text("#symptoms-group > fieldset > [role=status]") == "Symptom a is now 2 of 5."
    form.keyboard.press("Enter")
    form.keyboard.press("Enter")
    assert shown(form) == ["Symptom a", "Facial droop", "Earache", "Symptom b", "Symptom c"]
    form.click("#symptoms-0 [data-move='1']")
    assert [form.input_value(f"#id_symptoms-{place}-order") for place in range(5)] == ["3", "2", "1", "4", "5"]
    assert saved_order(form) == ["a", "earache", "facial-droop", "b", "c"]


def test_a_number_that_is_typed_moves_the_row(form):
    form.fill("#id_symptoms-4-order", "1")
    form.keyboard.press("Tab")
    assert shown(form)[0] == "Symptom c"
    assert saved_order(form) == ["c", "facial-droop", "earache", "a", "b"]


def test_new_rows_can_be_moved_and_removed(form):
    keep("symptom", "new", "New one")
    for _ in range(2):
        form.click("text=Add another symptom")
    form.fill("#id_symptoms-6-target", "New one")
    form.click("h1")
    form.fill("#id_symptoms-6-order", "2")
    form.keyboard.press("Tab")
    form.click("#symptoms-5 >> text=Remove this symptom")
    assert form.input_value("#id_symptoms-5-target") == "New one"
    form.click("#symptoms-1 [data-move='-1']")
    assert saved_order(form) == ["facial-droop", "earache", "new", "a", "b", "c"]


def test_the_list_of_another_kind_is_left_alone(form):
    form.click("#symptoms-1 [data-move='-1']")
    assert form.input_value("#id_causes-0-order") == "1"
    assert form.inner_text("#causes-group > fieldset > [role=status]") == ""


@pytest.mark.parametrize("key", ["Control+s", "Meta+s"])
def test_a_key_saves_the_draft(form, key: str):
    assert "saves the draft" in form.inner_text("#about-saving")
    form.fill("#id_summary", "By a key.")
    for other in ("Control+Shift+s", "Alt+s"):
        form.keyboard.press(other)
    form.wait_for_timeout(200)
    assert "Saved as" not in form.inner_text("body")
    form.keyboard.press(key)
    form.wait_for_selector("text=Saved as version 3")
    assert drafts.read(form.world.bell)["summary"] == "By a key."


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_saves_no_new_entry(transactional_db, live_server, chromium, scripts: bool):
    build_world()
    page = chromium.new_page(java_script_enabled=scripts)
    page.set_default_timeout(10_000)
    log_in(page, live_server, "author")
    page.goto(f"{live_server}/admin/conditions/symptom/add/")
    page.fill("#id_name", "Hemifac")
    for field in ("#id_name", "#id_slug"):
        page.focus(field)
        page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.input_value("#id_name") == "Hemifac"
    assert not Symptom.objects.filter(name="Hemifac").exists()
    page.click("text=Save draft")
    page.wait_for_selector("text=Saved as version 1")
    page.fill("#id_name", "Hemifacial pulling")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Saved as version 2")
    assert Symptom.objects.get(name="Hemifacial pulling").slug == "hemifacial-pulling"


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1280, 720)])
def test_what_can_be_done_is_in_sight_beside_the_form(form, live_server, width: int, height: int):
    """With the page scrolled to the form, nothing but the list of its parts may lie below the edge."""
    publishing.publish(versions=[publishing.newest(form.world.bell.page)], by=SYSTEM)
    changed = {"also_called": ["B"], "body": "So.", "tags": [], "help_now": "Go."}
    publishing.save(record=drafts.read(form.world.bell) | changed, entry=form.world.bell, by=SYSTEM)
    form.set_viewport_size({"width": width, "height": height})
    form.context.clear_cookies()
    log_in(form, live_server, "publisher")
    form.goto(f"{live_server}{address(form.world.bell, 'change')}")
    form.evaluate("document.querySelector('#group-3').scrollIntoView()")
    ways = ("button:text-is('Save and publish')", "a:text-is('What differs')", "a:text-is('History')", "summary")
    for way in ways:
        edge = form.locator(f".side {way}").evaluate("(one) => one.getBoundingClientRect().bottom")
        assert 0 < edge < height, way
    form.click(".more > summary")
    for name in ("Correct what readers see", "Throw the draft away", "Schedule…", "Withdraw", "Delete"):
        form.locator(f".side a:text-is('{name}')").scroll_into_view_if_needed()
        assert form.locator(f".side a:text-is('{name}')").is_visible(), name


MARK = """([place, words]) => {
    const text = document.querySelector(place).firstChild;
    const start = text.data.indexOf(words);
    document.getSelection().setBaseAndExtent(text, start, text, start + words.length);
}"""


def test_words_that_are_marked_in_a_document_are_quoted(form):
    form.click("#symptoms-0 [name=_open]")
    documents = "#symptoms-0 .field-evidence .documents"
    form.click(f"{documents} summary")
    form.wait_for_selector(f"{documents} details:not([data-part]) p:not(:empty)")
    form.evaluate(MARK, [f"{documents} p", "Facial droop , on one side"])
    form.click(f"{documents} button:has-text('Quote the marked words')")
    assert form.input_value("#id_symptoms-0-quotes") == '[@warning-signs "Facial droop , on one side"]'
    assert "Quoted: “Facial droop" in form.text_content(f"{documents} [role=status]")
    assert complaints(form, "quoted") == []
    form.click("text=Save draft")
    form.wait_for_selector("text=Saved as version 3")
    assert drafts.read(form.world.bell)["symptoms"][0]["quotes"] == ['[@warning-signs "Facial droop , on one side"]']


def test_words_for_a_text_go_where_somebody_typed_last(form):
    documents = ".field-sources .documents >> nth=0"
    publishing.save(
        record=drafts.read(form.world.service) | {"excerpt": ["It droops."]}, entry=form.world.service, by=SYSTEM
    )
    form.reload()
    form.click("#id_summary")
    form.keyboard.press("Control+End")
    form.click(f"{documents} >> summary")
    form.evaluate(MARK, [".field-sources .documents p", "It droops."])
    form.click(f"{documents} >> button:has-text('Quote the marked words')")
    assert form.input_value("#id_summary").endswith('[@health-service "It droops."]')


def test_an_everyday_cause_stays_one_when_its_row_is_opened(form):
    record = drafts.read(form.world.bell)
    record["causes"][0]["everyday"] = True
    publishing.save(record=record, entry=form.world.bell, by=SYSTEM)
    form.reload()
    form.click("#causes-0 [name=_open]")
    assert form.is_checked("#id_causes-0-everyday")
    form.click("text=Save draft")
    form.wait_for_selector("text=Nothing was changed")
    form.click("#causes-0 [name=_open]")
    form.uncheck("#id_causes-0-everyday")
    form.click("text=Save draft")
    form.wait_for_selector("text=Saved as version 4")
    assert not drafts.read(form.world.bell)["causes"][0]["everyday"]
