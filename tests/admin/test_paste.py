"""What is pasted into a box for Markdown comes in as Markdown; everything else comes in as it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin.browser import log_in, save, shows
from tests.admin.client import address
from tests.browser.chromium import NEEDED
from tests.world import build_world

pytestmark = NEEDED

PASTE = """([id, text, html]) => {
    const box = document.getElementById(id), data = new DataTransfer();
    data.setData("text/plain", text);
    html && data.setData("text/html", html);
    box.focus();
    box.select();
    const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
    return box.dispatchEvent(event) ? null : box.value;
}"""
"""What is in a box after something was pasted; nothing where the browser pastes it as ever."""

WORD = """<html><head><style>p {margin: 0}</style></head><body><!--StartFragment-->
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>Twitching
of an eyelid</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Pain</p>
<!--EndFragment--></body></html>"""

CASES: list[tuple[str, str, str | None]] = [
    # What is on the clipboard as text and as HTML, and what is then in the box.
    ("Plain text.", "", None),
    ("Two\nlines.", "<p>Two<br>lines.</p>", None),
    ("•\tTwitching\n•\tPain", "", "- Twitching\n- Pain"),
    ("▪ Twitching\r\n  ○ Pain", "", "- Twitching\n- Pain"),
    ("One\u000btwo\u2028three", "", "One\ntwo\nthree"),
    ("soft\u00adhyphen \u200bzero\ufeff \u202edir", "", "softhyphen zero dir"),
    ("x", WORD, "- Twitching of an eyelid\n- Pain"),
    ("x", "<ul><li>One</li><li>Two<ul><li>Deep</li></ul></li></ul>", "- One\n- Two\n  - Deep"),
    ("x", "<ol><li>One</li><li>Two</li></ol>", "1. One\n1. Two"),
    (
        "x",
        "<ul><li>A<ul> <li>B<ul><li>C</li> <li>D</li></ul></li> <li>E</li></ul></li></ul>",
        "- A\n  - B\n    - C\n    - D\n  - E",
    ),
    (
        "x",
        "<p>Signs:</p><ul><li>A</li>\n<li>B</li></ul><ol><li>C</li></ol><p>End.</p>",
        "Signs:\n\n- A\n- B\n\n1. C\n\nEnd.",
    ),
    ("x", "<h3>Signs</h3><p>A <b>bold </b>word.</p>", "### Signs\n\nA **bold** word."),
    ("x", '<p>See <a href="https://health.example/a">this page</a>.</p>', "See [this page](https://health.example/a)."),
    ("x", '<p>See <a href="javascript:alert(1)">this <b>x</b></a></p>', "See this **x**"),
    ("x", '<b style="font-weight:normal"><p>Google <strong>Docs</strong></p></b>', "Google **Docs**"),
    ("x", "<li><script>alert(1)</script><img src=x onerror=alert(1)>A</li>", "- A"),
    ("x", "<b>a $& $1 b</b>", "**a $& $1 b**"),
]


@pytest.fixture
def form(transactional_db: None, live_server: Any, chromium: Any) -> Any:
    world = build_world()
    page = chromium.new_page()
    page.set_default_timeout(10_000)
    log_in(page, live_server, "author")
    page.goto(f"{live_server}{address(world.droop, 'change')}")
    page.world = world
    return page


def test_what_is_pasted_comes_in_as_markdown(form):
    wrong, said = [], []
    form.on("console", lambda one: said.append(one.text))
    for text, html, wanted in CASES:
        if (found := form.evaluate(PASTE, ["id_body", text, html])) != wanted:
            wrong.append((text, html, wanted, found))
    assert wrong == []
    assert said == [], "styles of what is pasted are only read"


def test_a_paste_can_be_undone_and_is_saved(form):
    form.fill("#id_body", "Before.")
    form.evaluate(PASTE, ["id_body", "•\tTwitching", ""])
    form.keyboard.press("Control+z")
    assert form.input_value("#id_body") == "Before."
    form.evaluate(PASTE, ["id_body", "•\tTwitching", ""])
    assert save(form)["body"] == "- Twitching\n"


@pytest.mark.parametrize("control", ["id_summary", "id_also_called", "id_name"])
def test_other_boxes_take_what_is_pasted_as_it_is(form, control: str):
    assert form.evaluate(PASTE, [control, "•\tTwitching", "<li>x</li>"]) is None


def test_an_answer_takes_it_word_for_word(form):
    form.goto(form.url.partition("/admin/")[0] + "/admin/conditions/question/add/")
    assert form.evaluate(PASTE, ["id_answer", "•\tTwitching\u00ad", "<li>x</li>"]) is None


@pytest.mark.parametrize("text", ["alpha\nbeta, gamma\n", "alpha\r\nbeta\r\ngamma", "alpha;beta\tgamma;"])
def test_each_line_that_is_pasted_is_a_tag(form, text: str):
    form.evaluate(PASTE, ["id_tags", text, ""])
    shows(form, "id_tags", "alpha", "beta", "gamma")
    assert save(form)["tags"] == ["alpha", "beta", "gamma"]


def test_one_line_is_pasted_as_ever(form):
    assert form.evaluate(PASTE, ["id_tags", "comes and goes", ""]) is None
    assert form.evaluate(PASTE, ["id_evidence", "one\ntwo", ""]) is None
