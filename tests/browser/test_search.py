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
