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
@pytest.mark.parametrize("name", ["home", "face", "place", "condition", "question", "search with results"])
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
        "What it feels like",
        "Why it happens",
        "What helps",
        "Related conditions",
        "More about it",
        "At the doctor’s",
        "Questions people ask",
        "How we know",
        "Tags",
    ]
    assert [each for each in headings if each in wanted] == wanted


def test_the_words_of_every_statement_are_beside_it_where_there_is_room(view):
    """No click at 1280 px: every quote is shown, right of its statement and level with it, and none covers another."""
    tab = view(PAGES["condition"], width=1280)
    boxes = tab.evaluate("""[...document.querySelectorAll('details.words')].map(each => {
        const box = each.querySelector('figure').getBoundingClientRect();
        const said = each.previousElementSibling.getBoundingClientRect();
        return [box.left, box.top, box.bottom, box.height, said.right, said.top];
    })""")
    assert len(boxes) > 30
    for left, top, _, height, right, level in boxes:
        assert height > 20
        assert left > right
        assert abs(top - level) < 40
    rows = sorted((top, bottom) for _, top, bottom, *_ in boxes)
    assert all(bottom <= top for (_, bottom), (top, _) in pairwise(rows))


def test_one_tap_on_a_phone_opens_the_words_in_place(view):
    tab = view(PAGES["condition"], width=360)
    row = tab.locator("#symptoms-eyelid-twitching")
    assert not row.locator("blockquote").first.is_visible()
    mark = row.locator("summary")
    assert mark.bounding_box()["width"] >= 24
    assert mark.bounding_box()["height"] >= 24
    mark.click()
    assert "usually beginning with the eyelid" in row.locator("u").first.inner_text()
    assert row.locator("blockquote").first.is_visible()
