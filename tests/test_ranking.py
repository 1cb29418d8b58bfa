"""Which pages may answer a query, from postings and names alone."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.search import postings, ranking, weights
from conditions.search.postings import BLOCK, Said, packed
from conditions.search.ranking import Query

PAGES = st.dictionaries(st.integers(1, 3 * BLOCK), st.integers(1, 1000), min_size=1, max_size=40)


def as_said(by_page):
    blocks = sorted({page // BLOCK for page in by_page})
    by_block = {block: {page: by_page[page] for page in by_page if page // BLOCK == block} for block in blocks}
    return Said({block: packed(pages) for block, pages in by_block.items()})


def test_candidates_keep_what_is_found_otherwise_beside_many_that_say_more():
    words = {"face": as_said(dict.fromkeys(range(1, 1201), 500) | {2000: 1})}
    query = Query.of("face", ["face"], words, 4000)
    found = ranking.candidates(query, 4000, [2000, 3000])
    assert len(found) == ranking.MOST_PAGES + 2
    assert found[2000] == (query.carries["face"], 1)
    assert found[3000] == (0, 0)


@pytest.mark.parametrize(("text", "times"), [("face pain", 1), ("face pain faces", 2), ("face pain" + " face" * 90, 3)])
def test_a_word_that_is_typed_again_weighs_more_up_to_a_limit(text, times):
    query = Query.of(text, ["face", "pain"], {"face": as_said({1: 500}), "pain": as_said({2: 500})}, 100)
    assert query.weighs == {"face": times * query.carries["face"], "pain": query.carries["pain"]}
    assert {page: one.share for page, one in ranking.candidates(query, 100).items()} == {1: 0.5, 2: 0.5}


@given(st.lists(PAGES, max_size=4), st.integers(1, 5))
def test_said_by_most_counts_words(said_of, most):
    words = {str(number): as_said(dict.fromkeys(pages, 1)) for number, pages in enumerate(said_of)}
    times = Counter(page for pages in said_of for page in pages)
    wanted = sorted(times, key=lambda page: (-times[page], page))[:most]
    assert postings.said_by_most(words, ["no such word", *words], most) == wanted


@given(st.lists(st.text("abc ", min_size=1).map(str.strip).filter(bool), max_size=5))
def test_names_are_kept_with_their_stems(names):
    kept, stems = weights.names_of(weights.name_lines(names))
    assert len(kept) == len(stems)
    assert kept == (names or [""])


def test_stems_of_names_leave_out_what_says_no_name():
    kept = weights.names_of(weights.name_lines(["isaacs syndrome", "disorder"]))
    assert kept == (["isaacs syndrome", "disorder"], [["isaac"], []])
