"""What a screen reader goes by: one h1, headings in steps of one, landmarks, and an order that is the visible one."""

from itertools import pairwise

import pytest

from tests.browser.content import PAGES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", PAGES)
def test_headings_and_landmarks(name, view):
    tab = view(PAGES[name])
    levels = tab.evaluate("[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(each => +each.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for landmark in ("body > header", "body > main", "body > footer", "header nav"):
        assert tab.locator(landmark).count() == 1, landmark
    names = tab.evaluate("""[...document.querySelectorAll('nav')].map(each => each.getAttribute('aria-label')
        || document.getElementById(each.getAttribute('aria-labelledby'))?.textContent)""")
    assert all(names)
    assert len(set(names)) == len(names)
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("name", ["home", "condition", "question", "search with results"])
def test_visible_order_is_the_order_of_the_text(name, width, view):
    """Of two headings in one column, the one that is read first is higher."""
    tab = view(PAGES[name], width=width)
    boxes = tab.evaluate("""[...document.querySelectorAll('main :is(h1, h2, h3)')]
        .map(each => each.getBoundingClientRect())
        .filter(box => box.width > 1).map(box => [Math.round(box.left / 100), box.top])""")
    for column in {left for left, _ in boxes}:
        tops = [top for left, top in boxes if left == column]
        assert tops == sorted(tops)


def test_condition_is_told_in_the_order_that_readers_need(view):
    headings = view(PAGES["condition"]).locator("main h2").all_inner_texts()
    wanted = [
        "When to get help",
        "Symptoms",
        "Causes",
        "Treatments",
        "Questions people ask",
        "How we know",
        "Tags",
    ]
    assert [each for each in headings if each in wanted] == wanted


def test_footnotes_say_what_they_lead_to(view):
    tab = view(PAGES["condition"])
    notes = tab.locator("a.note")
    assert notes.count() > 5
    for place in range(notes.count()):
        note = notes.nth(place)
        target = tab.locator(note.get_attribute("href"))
        assert target.locator("a").first.inner_text() in note.get_attribute("aria-label")
