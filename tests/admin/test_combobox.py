"""The combobox: what each key does, what a screen reader is told, and that axe finds nothing while its list is open."""

from __future__ import annotations

from typing import Any

import pytest

from conditions import drafts
from conditions.models import Condition, Symptom
from tests.admin.browser import ACTIVE, OPTION, SAID, complaints, log_in, pick, save, shows
from tests.admin.client import address, keep
from tests.browser.chromium import NEEDED
from tests.world import build_world

pytestmark = NEEDED

STATE = """(id) => {
    const box = document.getElementById(id), list = document.getElementById(box.getAttribute("aria-controls"));
    const active = document.getElementById(box.getAttribute("aria-activedescendant"));
    const isOpen = box.ariaExpanded === "true" && list.checkVisibility();
    const chosen = [...box.closest(".combobox").querySelectorAll(".chosen input:checked")].map((one) => one.value);
    return [box.value, isOpen, active?.textContent ?? "", chosen];
}"""
"""What is in a field, whether its list is open, what a screen reader calls the active option, what is chosen."""

LIST, FOUND = "wait for the list", "wait for what is found"
WAITS = {LIST: OPTION, FOUND: ACTIVE}


@pytest.fixture
def form(transactional_db: None, live_server: Any, chromium: Any) -> Any:
    """The form of a symptom without tags; there are two, One side and Sudden."""
    world = build_world()
    page = chromium.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    page.set_default_timeout(10_000)
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.droop, 'change')}")
    page.world = world
    return page


def press(page: Any, control: str, keys: list[str]) -> list[Any]:
    """Go to a field, press keys, and say what then is."""
    page.focus(f"#{control}")
    for key in keys:
        if key in WAITS:
            page.wait_for_selector(WAITS[key])
        else:
            page.keyboard.press(key)
    return page.evaluate(STATE, control)  # type: ignore[no-any-return]


MANY = [
    (["ArrowDown", FOUND], ["", True, "One side", []]),
    (["ArrowDown", FOUND, "ArrowDown"], ["", True, "Sudden", []]),
    (["ArrowDown", FOUND, "ArrowDown", "ArrowDown"], ["", True, "One side", []]),
    (["ArrowUp", FOUND], ["", True, "Sudden", []]),
    (["ArrowUp", FOUND, "ArrowUp"], ["", True, "One side", []]),
    (["Enter", LIST], ["", True, "", []]),
    (["Enter", LIST, "Enter"], ["", True, "", []]),
    (["Enter", LIST, "ArrowUp"], ["", True, "Sudden", []]),
    (["ArrowDown", FOUND, "Enter"], ["", False, "", ["one-side"]]),
    (["ArrowDown", FOUND, "Enter", "ArrowDown", FOUND, "Enter"], ["", False, "", ["one-side"]]),
    (["ArrowDown", FOUND, "Escape"], ["", False, "", []]),
    (["ArrowDown", FOUND, "Tab"], ["", False, "", []]),
    (["s", "u", "d", FOUND], ["sud", True, "Sudden", []]),
    (["s", "u", "d", FOUND, "ArrowDown"], ["sud", True, "New tag: sud", []]),
    (["s", "u", "d", FOUND, "ArrowDown", "Enter"], ["", False, "", ["sud"]]),
    (["s", "u", "d", FOUND, "Enter"], ["", False, "", ["sudden"]]),
    (["s", "u", "d", FOUND, "Escape"], ["sud", False, "", []]),
    (["s", "u", "d", FOUND, "Escape", "Escape"], ["sud", False, "", []]),
    (["s", "u", "d", FOUND, "Tab"], ["", False, "", ["sud"]]),
    (["s", "u", "d", FOUND, "Home", "x", FOUND], ["xsud", True, "New tag: xsud", []]),
    (["s", "u", "d", "Home", "End", "x", FOUND], ["sudx", True, "New tag: sudx", []]),
    (["s", "u", "d", FOUND, "ArrowLeft"], ["sud", True, "", []]),
    (["a", ",", "b", "Enter"], ["", False, "", ["a", "b"]]),
    (["a", ",", "b", ",", "Backspace"], ["", False, "", ["a"]]),
    (["a", ",", "b", "Backspace"], ["", False, "", ["a"]]),
    (["a", ",", "b", "Backspace", "Backspace", "Backspace"], ["", False, "", []]),
    (["Space", "Tab"], ["", False, "", []]),
]


def test_each_key_does_what_it_should(form):
    wrong = []
    for keys, wanted in MANY:
        form.reload()
        if (found := press(form, "id_tags", keys)) != wanted:
            wrong.append((keys, wanted, found))
    assert wrong == []


ONE = [
    (["Enter", LIST], ["Facial droop", True, "", ["facial-droop"]]),
    (["Control+a", "e", "a", "r", FOUND], ["ear", True, "Earache", ["facial-droop"]]),
    (["Control+a", "e", "a", "r", FOUND, "Enter"], ["Earache", False, "", ["earache"]]),
    (["Control+a", "e", "a", "r", FOUND, "Escape"], ["Facial droop", False, "", ["facial-droop"]]),
    (["Control+a", "d", "r", "o", "o", FOUND, "Enter"], ["Facial droop", False, "", ["facial-droop"]]),
    (["Control+a", "z", "z", "Escape", "Tab"], ["Facial droop", False, "", ["facial-droop"]]),
    (["Control+a", "Delete", "Tab"], ["", False, "", []]),
    (["Tab"], ["Facial droop", False, "", ["facial-droop"]]),
]


def test_each_key_does_what_it_should_where_one_is_chosen(form, live_server):
    wrong = []
    for keys, wanted in ONE:
        form.goto(f"{live_server}{address(form.world.bell, 'change')}")
        form.click("#symptoms-0 [name=_open]")
        if (found := press(form, "id_symptoms-0-target", keys)) != wanted:
            wrong.append((keys, wanted, found))
    assert wrong == []


LEAVE = {
    "Tab": lambda page: page.keyboard.press("Tab"),
    "Enter": lambda page: page.keyboard.press("Enter"),
    "mouse": lambda page: page.click("h1"),
    "another box": lambda page: page.click("#id_name"),
}


@pytest.mark.parametrize("leave", LEAVE)
def test_what_is_typed_over_a_choice_and_is_nothing_leaves_the_choice(form, live_server, leave: str):
    form.goto(f"{live_server}{address(form.world.bell, 'change')}")
    form.click("#symptoms-0 [name=_open]")
    form.click("#id_symptoms-0-target")
    form.keyboard.type("zzz")
    LEAVE[leave](form)
    form.wait_for_selector(SAID)
    assert form.inner_text(SAID) == "Nothing is called “zzz”. “Facial droop” is still chosen."
    assert form.evaluate(STATE, "id_symptoms-0-target") == ["Facial droop", False, "", ["facial-droop"]]
    assert form.get_attribute("#id_symptoms-0-target", "aria-invalid") != "true"
    form.click("text=Save draft")
    form.wait_for_selector("text=Nothing was changed")


def test_what_is_chosen_already_can_be_chosen_again_with_the_mouse(form, live_server):
    form.goto(f"{live_server}{address(form.world.bell, 'change')}")
    form.click("#symptoms-0 [name=_open]")
    for typed in ("", "droop"):
        pick(form, "id_symptoms-0-target", typed, "Facial droop")
        assert form.locator(SAID).count() == 0
    form.click("text=Save draft")
    form.wait_for_selector("text=Nothing was changed")


def test_a_save_waits_once_where_something_else_was_typed_over_a_choice(form, live_server):
    form.goto(f"{live_server}{address(form.world.bell, 'change')}")
    form.click("#symptoms-0 [name=_open]")
    form.click("#id_symptoms-0-target")
    form.keyboard.type("zzz")
    form.click("text=Save draft")
    form.wait_for_selector(f"{SAID}:has-text('still chosen')")
    assert form.locator("#id_symptoms-0-target:focus").count() == 1
    form.click("text=Save draft")
    form.wait_for_selector("text=Nothing was changed")


def test_what_is_not_found_is_added_in_another_tab_and_comes_back_chosen(form):
    form.click("text=Add another cause")
    form.keyboard.type("Cold wind")
    link = form.locator(".popup a:visible")
    link.wait_for()
    assert link.inner_text() == "Add “Cold wind” as a new cause (in a new tab)"
    assert complaints(form, "nothing found") == []
    form.keyboard.press("Tab")
    assert form.evaluate("document.activeElement.target") == "_blank"
    with form.context.expect_page() as opened:
        form.keyboard.press("Enter")
    other = opened.value
    assert other.input_value("#id_name") == "Cold wind"
    other.fill("#id_name", "Cold wind on the face")
    other.click("text=Save draft")
    other.wait_for_selector("text=Saved as version 1")
    # It is chosen as it is called by now, without a look at the list.
    shows(form, "id_causes-0-target", "Cold wind on the face")
    assert [row["target"] for row in save(form)["causes"]] == ["cold-wind-on-the-face"]


def test_what_was_nothing_is_looked_up_again_when_the_tab_is_come_back_to(form):
    form.click("text=Add another cause")
    form.keyboard.type("Cold wind")
    form.click("h1")
    form.wait_for_selector(f"{SAID}:has-text('Nothing is called')")
    keep("cause", "cold-wind", "Cold wind")
    form.evaluate("dispatchEvent(new Event('focus'))")
    form.wait_for_function("!document.querySelector('#causes-0 .note').textContent")
    assert [row["target"] for row in save(form)["causes"]] == ["cold-wind"]


def test_nothing_is_offered_where_it_could_not_be_added(form):
    group = form.world.author.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_cause"))
    form.reload()
    form.click("text=Add another cause")
    form.keyboard.type("Cold wind")
    form.wait_for_selector("text=None found.")
    assert form.locator(".popup a:visible").count() == 0


def test_where_one_is_chosen_another_takes_its_place(form, live_server):
    keep("symptom", "numb", "Numb cheek")
    form.goto(f"{live_server}{address(form.world.bell, 'change')}")
    before = drafts.read(form.world.bell)
    form.click("#symptoms-0 [name=_open]")
    pick(form, "id_symptoms-0-target", "cheek", "Numb cheek")
    form.click("text=Save draft")
    form.wait_for_selector("text=Saved as version 2")
    bell = Condition.objects.get(pk=form.world.bell.pk)
    wanted = [row | {"target": "numb"} if row["target"] == "facial-droop" else row for row in before["symptoms"]]
    assert drafts.read(bell)["symptoms"] == wanted


def test_what_is_typed_at_once_takes_the_place_of_what_is_chosen(form, live_server):
    """Keys that come before any timer of the page does, as where the browser is busy."""
    form.goto(f"{live_server}{address(form.world.bell, 'change')}")
    form.click("#symptoms-0 [name=_open]")
    form.evaluate("window.setTimeout = ((later) => (act, pause = 0) => later(act, pause + 1000))(setTimeout)")
    pick(form, "id_symptoms-0-target", "ear", "Earache")
    assert form.evaluate(STATE, "id_symptoms-0-target") == ["Earache", False, "", ["earache"]]


def test_two_of_one_name_are_told_apart_where_one_was_picked(form):
    """The name that is in the field is not looked up again: two are called so."""
    keep("cause", "second", "Viral illness")
    form.click("text=Add another cause")
    form.keyboard.type("viral")
    form.wait_for_selector(f"{OPTION}:nth-child(2)")
    form.keyboard.press("ArrowDown")
    form.keyboard.press("Enter")
    shows(form, "id_causes-0-target", "Viral illness")
    assert [row["target"] for row in save(form)["causes"]] in (["second"], ["viral-illness"])


def test_a_screen_reader_is_told_how_many_are_found_and_what_was_done(form):
    status = form.locator(".combobox:has(#id_tags) [role=status]")
    press(form, "id_tags", ["ArrowDown", FOUND])
    assert status.inner_text() == "2 found."
    form.keyboard.press("Enter")
    assert status.text_content() == "One side is chosen."
    form.keyboard.press("Backspace")
    assert status.text_content() == "One side is removed."


def test_what_is_left_while_another_window_is_looked_at_stays(form):
    press(form, "id_tags", ["s", "u", "d"])
    form.evaluate("document.activeElement.dispatchEvent(new FocusEvent('focusout', {bubbles: true}))")
    assert form.evaluate(STATE, "id_tags") == ["sud", False, "", []]


def test_rows_that_are_added_can_be_removed_and_stay_in_sequence(form):
    for name in ("viral", "earl"):
        form.click("text=Add another cause")
        form.keyboard.type(name)
    form.click("#causes-0 >> text=Remove this cause")
    assert form.evaluate("document.activeElement.textContent") == "Add another cause"
    assert form.locator(".relation-row[id^=causes]").count() == 1
    assert form.input_value("[name=causes-TOTAL_FORMS]") == "1"
    assert form.input_value("#id_causes-0-target") == "earl"
    assert form.get_attribute("#id_causes-0-note", "aria-label") == "Cause 1: Note"
    form.fill("#id_causes-0-target", "Viral illness")
    form.click("h1")
    pick(form, "id_causes-0-tags", "Sudd", "Sudden")
    row = save(form)["causes"][0]
    assert (row["target"], row["tags"]) == ("viral-illness", ["sudden"])


def test_a_finger_chooses_and_removes(form, live_server):
    context = form.context.browser.new_context(has_touch=True, viewport={"width": 360, "height": 640})
    phone = context.new_page()
    log_in(phone, live_server, "author")
    phone.goto(f"{live_server}{address(form.world.droop, 'change')}")
    phone.tap("#id_tags")
    phone.tap(f"{OPTION}:has-text('Sudden')")
    phone.tap("#id_tags")
    phone.tap(f"{OPTION}:has-text('One side')")
    phone.tap("[aria-label='Remove Sudden']")
    shows(phone, "id_tags", "One side")
    phone.tap("text=Save draft")
    phone.wait_for_selector("text=Saved as version 2")
    assert drafts.read(Symptom.objects.get(pk=form.world.droop.pk))["tags"] == ["one-side"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")])
def test_axe_finds_nothing_while_a_list_is_open(form, width: int, scheme: str):
    form.set_viewport_size({"width": width, "height": 1000})
    form.emulate_media(color_scheme=scheme)
    found = []
    for control, typed in (("id_tags", "sud"), ("id_evidence", "signs")):
        press(form, control, [*typed, FOUND])
        found += complaints(form, f"list of {control}")
        form.keyboard.press("Escape")
    form.keyboard.press("Tab")
    form.wait_for_selector(SAID)
    assert found + complaints(form, "what is nothing") == []


def test_without_scripts_the_field_is_plain(transactional_db, live_server, chromium):
    world = build_world()
    page = chromium.new_page(java_script_enabled=False)
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.bell, 'change')}")
    box = page.locator("#id_tags")
    assert box.get_attribute("role") is None
    note = page.locator(f"#{box.get_attribute('aria-describedby').split()[-1]}")
    assert note.inner_text() == "Uncheck what to remove. Enter more by name or address, separated by commas."
    assert page.locator("text=Add another symptom").is_visible() is False
    box.fill("sudden")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Saved as version 2")
    assert set(drafts.read(world.bell)["tags"]) == {"one-side", "sudden"}
