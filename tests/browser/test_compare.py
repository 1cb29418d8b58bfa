"""Conditions side by side on a phone and on a wide screen, by touch and by keyboard, without scripts."""

import pytest

from tests.browser.content import PAGES

pytestmark = pytest.mark.browser

THREE = PAGES["three compared"]
SIDEWAYS = """() => [...document.querySelectorAll('main, main *')].filter(each =>
    each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== 'visible'
    && !each.classList.contains('visually-hidden')).map(each => each.className)"""


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_two_columns_fit_without_scrolling(view, width):
    tab = view(PAGES["two compared"], width=width)
    assert tab.evaluate(SIDEWAYS) == []
    first, second = (one.bounding_box() for one in tab.locator("thead th").all())
    assert abs(first["width"] - second["width"]) < 2


@pytest.mark.parametrize(("width", "scrolls"), [(320, True), (360, True), (768, False), (1280, False)])
def test_three_columns_scroll_where_they_do_not_fit_and_say_so(view, width, scrolls):
    tab = view(THREE, width=width)
    assert tab.evaluate(SIDEWAYS) == (["compared three"] if scrolls else [])
    assert tab.get_by_text("The table scrolls sideways.").is_visible() == scrolls


def test_three_columns_scroll_by_keyboard_and_labels_stay(view):
    tab = view(THREE, width=360)
    region = tab.get_by_role("region", name="Conditions side by side")
    region.focus()
    label = region.get_by_text("How serious it is")
    before = label.bounding_box()
    for _ in range(5):
        tab.keyboard.press("ArrowRight")
    for _ in range(100):  # it scrolls smoothly, and our policy lets no script wait for that
        if tab.evaluate("document.querySelector('.three').scrollLeft") > 50:
            break
        tab.wait_for_timeout(50)
    assert tab.evaluate("document.querySelector('.three').scrollLeft") > 50
    assert abs(label.bounding_box()["x"] - before["x"]) < 2


def test_of_three_each_cell_says_on_a_phone_whose_it_is(view):
    names = "each => getComputedStyle(each, '::before').content"
    cells = "[data-of]"
    assert [
        one for one in view(THREE, width=360).locator(cells).evaluate_all(f"all => all.map({names})") if one == "none"
    ] == []
    assert set(view(THREE, width=1280).locator(cells).evaluate_all(f"all => all.map({names})")) == {"none"}


@pytest.mark.parametrize("width", [360, 1280])
def test_words_are_folded_in_the_cells_and_open_there(view, width):
    tab = view(PAGES["two compared"], width=width)
    words = tab.locator(".compare details.words").first
    quote = words.locator("blockquote").first
    assert not quote.is_visible()
    words.locator("summary").press("Enter")
    assert quote.is_visible()
    cell = words.locator("xpath=ancestor::td").bounding_box()
    assert cell["x"] <= quote.bounding_box()["x"] < cell["x"] + cell["width"]


def test_the_names_stay_above_the_columns_and_hide_nothing_that_has_the_focus(view):
    tab = view(PAGES["two compared"], width=360, height=740)
    tab.evaluate("scrollTo(0, 2500)")
    name = tab.locator("thead th").first.bounding_box()
    assert 0 <= name["y"] < 5
    last = tab.locator(".compare summary").last
    last.focus()
    for _ in range(8):
        tab.keyboard.press("Shift+Tab")
        focused = tab.evaluate("document.activeElement.getBoundingClientRect().top")
        assert focused > name["height"] - 5


def test_the_last_tap_from_an_eyelid_to_two_conditions_side_by_side(chromium, server):
    context = chromium.new_context(
        base_url=server, viewport={"width": 360, "height": 740}, has_touch=True, java_script_enabled=False
    )
    tab = context.new_page()
    tab.goto(PAGES["symptom"])
    link = tab.get_by_role("link", name="Compare the 2 that can show it side by side")
    assert link.bounding_box()["height"] >= 44
    link.tap()
    tab.wait_for_url("**/compare/?*")
    assert tab.locator("thead th").all_inner_texts() == ["Eyelid myokymia", "Hemifacial spasm"]
    context.close()


def test_paper_has_the_table_and_nothing_to_press(view):
    tab = view(THREE, width=794)
    tab.emulate_media(media="print")
    assert (
        tab.evaluate("document.querySelector('.three').scrollWidth - document.querySelector('.three').clientWidth") <= 1
    )
    for gone in (".choose", ".sideways", ".only"):
        assert tab.locator(f"{gone} >> visible=true").count() == 0, gone
    assert tab.locator(".compare summary").first.is_visible()
    assert tab.locator("#sources").is_visible()
