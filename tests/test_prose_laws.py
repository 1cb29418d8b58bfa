"""The laws of prose, tried on any text at all."""

import re

import pytest

from conditions import prose
from tests.safe_html import Reader, assert_safe, cite

hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is in requirements-dev.txt")
given, st = hypothesis.given, hypothesis.strategies
patient = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])

# Any text at all

PIECES = [
    *"[]()!<>*_`#-+|\\&;:/\"'=~. \n\t\r\0",
    *[
        "[@nerve]",
        "[@x]",
        "](",
        "<script>",
        "<img ",
        "javascript:",
        "http://x",
        " onclick=",
        "&#106;",
        "1. ",
        "    ",
        "---",
    ],
    *[
        "\ud800",
        "\u0301",
        "ŉ",
        "İ",
        "ß",
        "’",
        "…",
        "é",
        "a",
        "Dr. ",
        "A",
        "\u00a0",
        "\x1c",
        "\u2028",
        "```\n",
        "![",
        "\u0345",
    ],
]
markdown = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
anything = st.one_of(st.text(), st.text(st.characters()), markdown)


@patient
@given(anything)
def test_canonical_forms_stay_as_they_are(text):
    for form in (prose.canonical, prose.canonical_line, prose.fold):
        assert form(form(text)) == form(text)
    assert not re.search(r"\r|[ \t]\n|\A\n|\n\n\Z|[^\n]\Z", prose.canonical(text))


@patient
@given(anything)
def test_render_is_safe_whatever_the_text(text):
    assert_safe(prose.render(text))
    assert_safe(prose.render(text, cite))


@patient
@given(anything, anything, anything)
def test_render_is_safe_whatever_the_footnote(marker, href, label):
    html = prose.render("A [@x]", lambda slug: (marker, href, label))
    assert_safe(html)
    assert [tag for tag, _ in Reader.read(html)] == ["p", "a"]


@patient
@given(anything)
def test_citations_are_those_that_render_asks_for(text):
    asked = []
    prose.render(text, asked.append)
    assert prose.citations(text) == list(dict.fromkeys(asked))


@patient
@given(anything)
def test_plain_and_measures_fail_on_no_text(text):
    words = prose.plain(text)
    assert words == prose.canonical_line(words)
    words.encode()
    assert " ".join(prose.sentences(text)) == words
    assert prose.grade(text) > -4
    assert prose.has_control_characters(text) in (True, False)


@patient
@given(anything)
def test_plain_takes_the_short_way_only_where_it_leads_to_the_same_words(text):
    if not prose._MARKUP.search(prose.canonical(text)):
        assert prose.sentences(f"{text}\n\n`x`") == [*prose.sentences(text), "x"]


@patient
@given(anything, st.lists(anything, max_size=3), st.integers(-5, 200))
def test_excerpt_is_safe_and_short_whatever_the_text(text, words, length):
    html = prose.excerpt(text, words, length)
    html.encode()
    assert {tag for tag, _ in Reader.read(html)} <= {"mark"}
    assert "<" not in html.replace("<mark>", "").replace("</mark>", "")


@patient
@given(anything)
def test_keys_hold_words_and_single_spaces(text):
    assert re.fullmatch(r"(?:[^\W_]+(?: [^\W_]+)*)?", prose.fold(text))
    assert prose.letter(prose.sort_key(text)) in "#ABCDEFGHIJKLMNOPQRSTUVWXYZ"
