"""Lighthouse gives 100 for accessibility and best practices, and for SEO where search engines are to list a page."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.content import PAGES
from tests.browser.lighthouse import MISSING, ask, flaws
from tests.browser.served import served

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(MISSING), reason=MISSING)]

CATEGORIES = ("accessibility", "best-practices", "seo")
LISTED = (
    "home",
    "condition",
    "symptom",
    "treatment",
    "question",
    "tag",
    "A to Z",
    "face",
    "history",
    "changes",
)
"""Pages that search engines are to list, by name: together they have the markup of all templates."""
UNLISTED = ("search with results", "search without results", "found", "two compared")
"""Pages that say `noindex`: in SEO they lose by that, and by nothing else."""
AT_ONCE = 2
"""Pages that are asked about side by side: most of the time Lighthouse waits for a page to be quiet."""


def complaints(address: str) -> dict[str, str]:
    """What Lighthouse has to say against a page, by audit."""
    report = ask(address, *CATEGORIES)
    return {audit: said for category in CATEGORIES for audit, said in flaws(report, category).items()}


def test_lighthouse_gives_pages_of_all_templates_100():
    names = (*LISTED, *UNLISTED)
    with served() as site, ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(names, pool.map(complaints, [f"{site}{PAGES[name]}" for name in names]), strict=True))
    assert [name for name in names if found[name].pop("is-crawlable", None)] == list(UNLISTED)
    said = [f"{name}: {audit}: {text}" for name, audits in found.items() for audit, text in audits.items()]
    assert not said, "\n".join(said)


@pytest.fixture
def bad_page(tmp_path) -> Iterator[str]:
    """The address of a page with a flaw in each category."""
    page = "<!doctype html><html lang=en><title>Bad</title><h1>Bad</h1><button></button><img src=none.png>"
    (tmp_path / "index.html").write_text(page)
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_lighthouse_would_find_something(bad_page):
    found = complaints(bad_page)
    assert found.keys() >= {"image-alt", "button-name", "errors-in-console", "meta-description"}
    assert "<button>" in found["button-name"]


def test_lighthouse_has_no_report_on_a_page_that_is_not_there(bad_page):
    with pytest.raises(RuntimeError, match="404"):
        ask(f"{bad_page}missing", *CATEGORIES)
