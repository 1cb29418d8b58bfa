"""axe finds nothing wrong: every type of page, light and dark, narrow and wide."""

from itertools import product

import pytest

from conditions import prose
from tests.browser.content import PAGES, STATUS

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
}
LOOKS = list(product(("light", "dark"), (360, 1280)))


def complaints(tab) -> list[str]:
    """What axe has to say about the page as it is now shown."""
    found = tab.evaluate("options => axe.run(options)", OPTIONS)["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name, view):
    tab = view(PAGES[name])
    assert tab.answer.status == STATUS.get(name, 200)
    tab.evaluate(axe.Axe().axe_script)
    for scheme, width in LOOKS:
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=scheme)
        assert complaints(tab) == [], f"{scheme}, {width} px"


def test_axe_would_find_something(view):
    tab = view(PAGES["about"])
    tab.evaluate(axe.Axe().axe_script)
    tab.evaluate("document.querySelector('h1').innerHTML = '<img src=data:,>'")
    tab.evaluate("document.querySelector('.answer').style.color = '#ddd'")
    assert {said.partition(":")[0] for said in complaints(tab)} >= {"image-alt", "color-contrast"}


MARKDOWN = """###### Deep first

# Then high

##### And deep

Call [999](tel:999) or <sms:555>, see [here](/about/). [![an eye](eye.png)](/a-z/) ![](no.png)

| | Left | |
|---|:-:|---|
| Eye | twitches | `code` |

- one
-
- > # Said in a list

5. five

    A very long line of code, which is wider than any telephone that somebody could hold in a hand and read from.

***
"""


def test_axe_finds_nothing_in_markdown_that_may_be_published(view):
    assert prose.flaws(MARKDOWN) == []
    tab = view(PAGES["about"])
    tab.evaluate(axe.Axe().axe_script)
    care = f'<div class="care now"><h3>Now</h3>{prose.render(MARKDOWN, top=4)}</div>'
    html = f"<section><h2>Help</h2>{care}</section><section><h2>More</h2>{prose.render(MARKDOWN)}</section>"
    tab.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)
    for scheme, width in LOOKS:
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=scheme)
        assert complaints(tab) == [], f"{scheme}, {width} px"
