"""Laws of quotes, for any text."""

from itertools import pairwise

import pytest

pytest.importorskip("hypothesis")
from hypothesis import given
from hypothesis import strategies as st

from conditions import prose, quotes
from conditions.proof import Carried, stretches
from conditions.quotes import Quote

WORD = st.sampled_from(["may", "not", "the", "face", "twitches", "can", "MS", "e.g", "“so”"])
SENTENCE = st.builds(
    lambda words, end: " ".join(words).capitalize() + end, st.lists(WORD, min_size=1), st.sampled_from(".!?")
)
TEXT = st.builds(
    lambda parts: "".join(parts), st.lists(st.one_of(SENTENCE, st.sampled_from([" ", "\n", "\n\n", "  • "])))
)
anything = st.one_of(TEXT, st.text())


@given(anything)
def test_sentences_are_whole_and_in_order(text):
    spans = list(quotes.sentences(text))
    assert all(first < last for first, last in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    done = 0
    for first, last in [*spans, (len(text), len(text))]:
        assert not text[done:first].strip(), "what is between sentences is white space"
        done = last


@given(anything, st.integers(0, 50), st.integers(1, 30))
def test_what_is_cut_out_of_a_text_stands_in_it(text, start, length):
    words = quotes.one_line(text[start : start + length])
    for first, last in quotes.spans(text, words):
        assert quotes.one_line(text[first:last]) == words
    if sentence := quotes.sentence_of(text, words):
        assert quotes.one_line(sentence.words) == words
        assert "".join(sentence) in text
        assert quotes.flaw(text, words) == ""
    else:
        assert quotes.flaw(text, words)


@given(anything, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=5))
def test_passages_are_the_text(text, cuts):
    pairs = [(text[start : start + length], Carried(None, "", str(start))) for start, length in cuts]
    found = stretches(text, pairs)
    assert "".join(one.text for one in found) == text
    for one in found:
        assert bool(one.letter) == bool(one.carried)


@given(st.from_regex(r"[-a-z0-9]{1,10}", fullmatch=True), anything)
def test_a_citation_with_words_is_read_back(slug, text):
    words = quotes.one_line(text).replace('"]', "").strip('"')
    quote = Quote(slug, quotes.one_line(words))
    if "\x00" not in words and not words.startswith('"'):
        assert quotes.quotes_in(quotes.written(quote)) == [quote]


@given(st.lists(st.tuples(st.from_regex(r"[A-Z][a-z ]{0,20}[a-z]", fullmatch=True), st.booleans()), min_size=1))
def test_pieces_of_a_statement_are_its_words(parts):
    text = " ".join(f"{words} [@a]." if cited else f"{words}." for words, cited in parts)
    pieces = prose.statement_pieces(text)
    assert " ".join(one.words for one in pieces) == prose.uncited(text)
    assert sum(bool(one.quotes) for one in pieces) == sum(cited for _, cited in parts)
    [block] = prose.blocks(text)
    if any(cited for _, cited in parts):
        assert [(one.words, one.quotes) for one in block.pieces] == [(one.words, one.quotes) for one in pieces]
