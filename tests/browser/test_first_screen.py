"""On the first screen of a phone: of the first card its title, its numbers and its first sign, on every page."""

import pytest

from tests.browser.content import live_addresses

pytestmark = pytest.mark.browser
WIDTH, HEIGHT = 360, 740

LOWEST = """() => {
    const card = document.querySelector(".care");
    const first = card?.querySelector(":scope > p, :scope > ul:not(.calls) > li");
    const parts = card ? [card.querySelector("h3"), ...card.querySelectorAll(".calls a"), first] : [];
    return Math.max(0, ...parts.map((each) => each.getBoundingClientRect().bottom));
}"""
"""Where the last of what must be seen of the first card ends; 0 where there is no card."""


def test_the_first_card_begins_on_the_first_screen(view):
    found = {address: view(address, width=WIDTH, height=HEIGHT).evaluate(LOWEST) for address in live_addresses()}
    assert sum(bottom > 0 for bottom in found.values()) >= 40
    assert {address: bottom for address, bottom in found.items() if bottom > HEIGHT} == {}


@pytest.mark.parametrize("address", ["/conditions/stroke/", "/conditions/bells-palsy/"])
def test_a_link_to_the_first_card_shows_its_heading(view, address):
    tab = view(f"{address}#help", width=WIDTH, height=HEIGHT)
    assert 0 <= tab.locator(".care h3").first.bounding_box()["y"] < HEIGHT / 2


@pytest.mark.parametrize("query", ["q=eyelid", "q=eyelid&kind=condition", "q=eyelid&page=2"])
def test_the_first_result_is_on_the_first_screen(view, query):
    tab = view(f"/search/?{query}", width=WIDTH, height=HEIGHT)
    assert tab.locator(".filters").count() == 1
    box = tab.locator(".found h3").first.bounding_box()
    assert box["y"] + box["height"] < HEIGHT
