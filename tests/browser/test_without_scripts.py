"""Without JavaScript all works: search, filters, links, footnotes. No page needs a script, nor asks another site."""

import pytest

from tests.browser.content import PAGES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plain(chromium, server):
    """A browser that runs no scripts, and what it asked for."""
    context = chromium.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    context.close()


def test_search_filter_and_links_work(plain):
    plain.goto("/")
    plain.fill("#q", "eyelid twitching")
    plain.click("form.search button")
    plain.click(".filters summary")
    plain.click("nav[aria-label='Narrow the results down'] a:has-text('Symptoms')")
    assert "kind=symptom" in plain.url
    plain.click(".found h3 a:text-is('Eyelid twitching')")
    assert plain.inner_text("h1") == "Eyelid twitching"
    plain.click("header.site a:text-is('Symptoms')")
    plain.click("nav[aria-label='Filter by tag'] a:has-text('Eyelids')")
    assert "?tag=eyelids" in plain.url
    assert "with the tag “Eyelids”" in plain.inner_text("#found")


def test_the_words_lead_to_where_they_stand_and_back(plain):
    plain.goto(PAGES["condition"])
    row = plain.locator("#symptoms-eyelid-twitching")
    if not row.locator("figcaption a").first.is_visible():
        row.locator("summary").click()
    row.locator("figcaption a").first.click()
    passage = plain.url.partition("#")[2]
    link = plain.locator(f"a#{passage}, a:has(#{passage})")
    assert "usually beginning with the eyelid" in link.inner_text()
    link.click()
    legend = plain.locator(f"#{plain.url.partition('#')[2]}")
    legend.locator("a", has_text="Hemifacial spasm").first.click()
    assert plain.locator(f"#{plain.url.partition('#')[2]}").is_visible()


def test_reader_is_two_steps_from_an_answer(plain):
    """A reader whose eyelid twitches types this, and reads when to get help."""
    plain.goto("/")
    plain.fill("#q", "my eyelid twitches")
    plain.press("#q", "Enter")
    plain.locator(".found a").first.click()
    assert plain.locator("#help").is_visible()


def test_what_to_cite_opens_from_the_contents(plain):
    plain.goto(PAGES["condition"])
    assert not plain.locator(".cite").is_visible()
    plain.click(".contents a:text-is('Cite this page')")
    assert plain.locator(".cite").is_visible()


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_script_in_it_and_asks_this_site_alone(name, plain, server):
    plain.asked.clear()
    plain.goto(PAGES[name])
    assert plain.locator('script:not([type="application/ld+json"], [src]), [style], style').count() == 0
    assert plain.locator("link[rel=stylesheet]").count() == 2
    assert all(address.startswith((server, "data:")) for address in plain.asked)
    assert plain.context.cookies() == []
