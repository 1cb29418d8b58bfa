"""In print and in forced colors: what was said by fill is said by the weight of a line."""

import pytest

from tests.browser.content import PAGES

pytestmark = pytest.mark.browser

DROOPING = "/symptoms/facial-drooping/"
CARE = {"now": DROOPING, "today": DROOPING, "soon": PAGES["condition"]}


def border(tab, level: str) -> float:
    return tab.locator(f".care.{level}").first.evaluate("each => parseFloat(getComputedStyle(each).borderTopWidth)")


@pytest.mark.parametrize("name", PAGES)
def test_print_has_no_navigation_and_no_form(name, view):
    tab = view(PAGES[name], media="print")
    for gone in ("header.site ul", ".skip", ".crumbs", ".contents", "form", "footer nav", ".pager", ".letters"):
        assert tab.locator(f"{gone} >> visible=true").count() == 0, gone
    assert tab.locator("h1").is_visible()
    assert tab.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert len(tab.pdf(format="A4")) > 5000


def test_print_of_a_dark_page_is_ink_on_white(view):
    tab = view(PAGES["condition"], media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.documentElement).color") == "rgb(0, 0, 0)"


@pytest.mark.parametrize(("level", "width"), [("now", 4), ("today", 6), ("soon", 2)])
def test_care_in_print(level, width, view):
    assert border(view(CARE[level], media="print"), level) == width


@pytest.mark.parametrize(("level", "width"), [("now", 6), ("today", 8), ("soon", 3)])
def test_care_in_forced_colors(level, width, view):
    tab = view(CARE[level], forced_colors="active")
    assert tab.evaluate("matchMedia('(forced-colors: active)').matches")
    assert border(tab, level) == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_face_in_forced_colors_is_drawn_in_the_reader_s_own(scheme, view):
    tab = view("/", forced_colors="active", color_scheme=scheme)
    text = tab.evaluate("getComputedStyle(document.body).color")
    tab.evaluate("document.querySelector('.face').style.color = 'var(--ink)'")
    assert tab.locator(".face").evaluate("each => getComputedStyle(each).color") == text


def test_chosen_filter_is_marked_in_forced_colors(view):
    tab = view(PAGES["filtered list"], forced_colors="active")
    chosen = tab.locator(".chips [aria-current]")
    assert chosen.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"


def test_no_motion(view):
    """Nothing moves by itself, so there is nothing to stop for those whom motion makes ill."""
    for name in ("home", "condition"):
        assert view(PAGES[name]).evaluate("document.getAnimations().length") == 0


def test_the_address_of_a_page_is_written_out_on_paper_alone(view):
    assert not view(PAGES["condition"]).locator(".paper").is_visible()


def test_paper_has_the_words_at_the_end_and_the_addresses_of_sources(view, server):
    tab = view(PAGES["condition"], width=794)
    tab.emulate_media(media="print")
    assert tab.locator("details.words summary").first.is_visible(), "the marks stay in the text"
    assert not tab.locator("details.words figure").first.is_visible()
    used = tab.locator(".known .used li").first
    assert used.is_visible()
    assert not used.locator("a").first.is_visible(), "arrows lead nowhere on paper"
    assert tab.locator("h1 + .paper").inner_text().startswith(f"{server}/conditions/hemifacial-spasm/history/")
    outward = tab.locator(".known .outward").first
    shown = outward.evaluate("(link) => getComputedStyle(link, '::after').content")
    assert outward.get_attribute("href") in shown
    assert tab.pdf().startswith(b"%PDF")
