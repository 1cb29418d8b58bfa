"""At 320 px, which is 400 % zoom of a window of 1280, nothing is lost and nothing scrolls sideways."""

import pytest

from tests.browser.content import PAGES, live_addresses

pytestmark = pytest.mark.browser

TOO_WIDE = """() => [...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1
        && !each.ownerSVGElement && !each.classList.contains('skip') && !each.closest('[role=region] > *'))
    .map(each => each.outerHTML.slice(0, 90))"""


def assert_it_fits(tab) -> None:
    overflow = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0, (tab.url, tab.evaluate(TOO_WIDE))


@pytest.mark.parametrize("name", PAGES)
def test_page_type_fits_320_pixels(name, view):
    tab = view(PAGES[name], width=320)
    assert_it_fits(tab)
    assert tab.evaluate(TOO_WIDE) == []


def test_every_page_fits_320_pixels(view):
    for address in live_addresses():
        assert_it_fits(view(address, width=320))


BULLETS = """() => [...document.querySelectorAll('.para > li.said')].map(item =>
    [item, item.firstElementChild].filter(each => getComputedStyle(each).display === 'list-item').length)"""
PLACES = """() => [...document.querySelectorAll('.para > li.said > .words > summary')]
    .map(each => getComputedStyle(each).position)"""


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_an_item_that_cites_has_one_bullet_and_its_mark_in_its_line(view, width):
    page = view("/conditions/anxiety/", width=width)
    bullets = page.evaluate(BULLETS)
    assert len(bullets) >= 3
    assert set(bullets) == {1}
    assert set(page.evaluate(PLACES)) == {"static"}


@pytest.mark.parametrize("name", ["home", "condition", "filtered list", "search with results", "A to Z"])
def test_400_percent_zoom_loses_nothing(name, chromium, server, view):
    """A window of 1280 by 1024 at 400 % shows 320 by 256 CSS pixels, each four pixels wide."""
    page = view(PAGES[name])
    # What a statement rests on is behind its mark there.
    page.evaluate("document.querySelectorAll('.words, .used').forEach(each => each.remove())")
    wide = page.locator("main").inner_text()
    context = chromium.new_context(base_url=server, viewport={"width": 320, "height": 256}, device_scale_factor=4)
    tab = context.new_page()
    tab.goto(PAGES[name])
    assert_it_fits(tab)
    heading = tab.locator("h1")
    assert heading.bounding_box()["height"] < 256
    assert set(tab.locator("main").inner_text().split()) >= set(wide.split()) - contents_words(view, name)
    assert tab.locator("header.site a").count() == tab.locator("header.site a:visible").count()
    context.close()


def contents_words(view, name: str) -> set[str]:
    """The words of the list "On this page", which only wide windows show."""
    return set(view(PAGES[name]).locator("nav.contents").all_inner_texts()[0].split()) if name == "condition" else set()


def test_larger_text_spacing_hides_nothing(view):
    """WCAG 1.4.12: lines, letters, words and paragraphs further apart, as a reader may set them."""
    for name in ("home", "condition", "search with results"):
        tab = view(PAGES[name], width=360)
        tab.evaluate("""() => { for (const each of document.querySelectorAll('body *')) {
            each.style.lineHeight = '1.5'; each.style.letterSpacing = '.12em'; each.style.wordSpacing = '.16em' } }""")
        assert_it_fits(tab)
        cut = tab.evaluate("""() => [...document.querySelectorAll('main a, main button, main dd, main p')]
            .filter(each => getComputedStyle(each).display !== 'inline' && !each.ownerSVGElement
                && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 4))
            .map(each => each.outerHTML.slice(0, 90))""")
        assert cut == []
