"""By keyboard alone: the skip link, the order of stops, and that one sees where one is."""

import pytest

from conditions import face
from tests.browser.content import PAGES

pytestmark = pytest.mark.browser

STOPS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter(each => each.checkVisibility({visibilityProperty: true}))"""

FOCUSED = """() => {
    const at = document.activeElement;
    if (at === document.body) return null;
    const svg = Boolean(at.ownerSVGElement), shown = svg ? at.querySelector('use') : at;
    const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
    return {
        place: STOPS.indexOf(at),
        html: at.outerHTML.slice(0, 90),
        line: svg ? style.stroke : style.outlineStyle,
        width: parseFloat(svg ? style.strokeWidth : style.outlineWidth),
        color: svg ? style.stroke : style.outlineColor,
        inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0,
    };
}""".replace("STOPS", f"({STOPS})()")


def walk(tab):
    """What is focused at each press of Tab, from the top of the page until the focus leaves it."""
    seen = set()
    while (stop := (tab.keyboard.press("Tab"), tab.evaluate(FOCUSED))[1]) is not None:
        if stop["place"] in seen:  # once around: the browser did not stop outside the page
            return
        seen.add(stop["place"])
        yield stop


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["home", "face", "place", "condition"])
def test_every_stop_is_seen_and_comes_in_the_order_of_the_page(name, scheme, view):
    tab = view(PAGES[name], color_scheme=scheme)
    expected = tab.evaluate(f"({STOPS})().length")
    places = []
    for stop in walk(tab):
        assert stop["inView"], stop["html"]
        assert stop["line"] != "none", stop["html"]
        assert stop["width"] >= 3, stop["html"]
        assert "rgba(0, 0, 0, 0)" not in stop["color"], stop["html"]
        places.append(stop["place"])
    assert places == list(range(expected))
    assert expected > 20


@pytest.mark.parametrize("name", PAGES)
def test_skip_link_is_first_and_leads_past_the_header(name, view):
    tab = view(PAGES[name])
    before = tab.locator(".skip").bounding_box()
    assert before["y"] + before["height"] <= 0
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.locator(".skip").bounding_box()["y"] >= 0
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('main, footer') !== null")


def test_search_works_by_keyboard(view):
    tab = view("/")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/#content")
    tab.keyboard.press("Tab")
    tab.keyboard.type("eyelid")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search/?q=eyelid")
    assert "Eyelid twitching" in tab.inner_text(".found")


def test_region_of_the_face_leads_to_its_place(view):
    """Each region is one stop, named, and leads to a page that is there."""
    tab = view("/face/")
    regions = tab.locator(".face a")
    assert regions.count() == len(face.REGIONS)
    for place in range(regions.count()):
        region = regions.nth(place)
        name, address = region.get_attribute("aria-label"), region.get_attribute("href")
        assert region.locator("text").text_content() in name
        assert tab.request.get(address).status == 200
