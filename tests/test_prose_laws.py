"""The laws of prose, tried on any text at all."""

import re
from collections import Counter

import pytest

from conditions import characters, markdown, markdown_lines, prose
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
        "  \n",
        "\\\n",
        " \n",
        "\t\n",
        ":\n",
        "`",
        "\x0b",
        "\x85",
    ],
    *["\u00ad", "\u200b", "\u200d", "\u200c", "\u202e", "\ufeff", "\u3164", "\ufe0f", "☎", "👩", "\u06cc", "\u094d"],
]
BULLETS = ["•\t", "• ", "•", "·  ", "o\t", "–\t", "▪ ", "-\u00a0", "1)\u00a0", "Ø\t", "\n", "\n\n", "\n  ", "\n    "]
pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
anything = st.one_of(st.text(), st.text(st.characters()), pieces)
lists = st.lists(st.sampled_from([*PIECES, *BULLETS, *BULLETS]), max_size=30).map("".join)


@patient
@given(st.one_of(anything, lists))
def test_canonical_forms_stay_as_they_are(text):
    for form in (prose.canonical, prose.canonical_line, prose.fold, characters.cleaned):
        assert form(form(text)) == form(text)
    assert not re.search(r"[\r\x0b\x0c\x85\u2028\u00ad\u200b\u202e\ufeff]|\A\n|\n\n\Z|[^\n]\Z", prose.canonical(text))


def as_shown(html):
    """HTML without the white space that browsers leave out."""
    parts = re.split("(<pre>.*?</pre>)", html, flags=re.DOTALL)
    parts[::2] = [re.sub(r"[ \t\n]+", " ", part) for part in parts[::2]]
    parts[1::2] = [re.sub(r"\s+</code>", "</code>", part) for part in parts[1::2]]
    beside = r" ?(&nbsp;|<br>|</?(?:p|li|h\d|t\w+|ul|ol|blockquote|code|hr)[^>]*>|\Z) ?"
    return re.sub(beside, r"\1", "".join(parts)).strip()


@patient
@given(pieces)
def test_canonical_markdown_reads_the_same(text):
    text = re.sub(r"\t[ \t]*(?=[\r\n])", "", text)  # a tab is not what a citation is glued over
    hypothesis.assume(not markdown_lines.MAY_HOLD_LIST.search(characters.cleaned(text)))
    assert as_shown(prose.render(prose.canonical(text), cite)) == as_shown(prose.render(characters.cleaned(text), cite))


def letters_of(text):
    """How often each letter is in the words of Markdown, whatever they stand in."""
    blocks = (markdown.words_of(token.children) if token.children else token.content for token in markdown.parse(text))
    return Counter("".join(prose.fold(" ".join(blocks)).split()))


@patient
@given(lists)
def test_canonical_lists_keep_every_word(text):
    lost = letters_of(characters.cleaned(text)) - letters_of(prose.canonical(text))
    assert {letter for letter in lost if letter not in "oø" and not letter.isdigit()} == set()


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
