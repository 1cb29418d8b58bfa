"""The search field and what it suggests, as they look."""

import pytest

pytestmark = pytest.mark.browser


def suggest(tab, typed: str):
    """The suggestion that is chosen first, after the list came for what was typed."""
    tab.locator("#q").press_sequentially(typed)
    tab.locator(".suggestions li").first.wait_for()
    tab.keyboard.press("ArrowDown")
    return tab.locator('.suggestions [aria-selected="true"]')


@pytest.mark.parametrize("forced", ["none", "active"])
def test_a_chosen_suggestion_has_a_line_around_it(view, forced):
    chosen = suggest(view("/", forced_colors=forced), "eyelid")
    style = chosen.evaluate("each => [getComputedStyle(each).outlineStyle, getComputedStyle(each).outlineColor]")
    other = chosen.evaluate("each => getComputedStyle(each.nextElementSibling).outlineStyle")
    assert (style[0], other) == ("solid", "none")
    if forced == "active":
        highlight = chosen.evaluate("each => { each.style.color = 'Highlight'; return getComputedStyle(each).color }")
        assert style[1] == highlight


def test_a_suggestion_says_its_kind_in_small(view):
    chosen = suggest(view("/"), "eyelid")
    assert chosen.inner_text().split("\u2003") == ["Eyelid myokymia", "condition"]
    assert chosen.locator("span").evaluate("each => parseFloat(getComputedStyle(each).fontSize)") < 17


def test_the_line_around_the_field_lies_within_it(view):
    field = view("/search/?q=eyelid", width=360).locator("#q")
    field.focus()
    assert field.evaluate("each => parseFloat(getComputedStyle(each).outlineWidth)") == 3
    assert field.evaluate("each => parseFloat(getComputedStyle(each).outlineOffset)") == -3


def test_print_of_results_has_no_filters_and_no_buttons(view):
    tab = view("/search/?q=eyelid+twitching", media="print")
    for gone in (".filters", ".actions"):
        assert tab.locator(gone).count() == 1
        assert not tab.locator(gone).is_visible()


def test_the_next_page_is_on_one_line(view):
    link = view("/search/?q=eyelid", width=320).locator(".pager [rel=next]")
    assert link.evaluate("each => each.getClientRects().length") == 1
    assert link.evaluate("each => getComputedStyle(each).whiteSpace") == "nowrap"
