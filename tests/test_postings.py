"""Postings as bytes: what goes in comes out, and one page is found without reading the others."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conditions.search.postings import BLOCK, Said, State, highest, packed, said_by_most, sums, unpacked

WEIGHTS = st.dictionaries(st.integers(0, BLOCK - 1), st.integers(1, 1000), max_size=30)


@given(st.integers(0, 50), WEIGHTS)
def test_what_is_packed_comes_out(block, weights):
    pages = {block * BLOCK + place: weight for place, weight in weights.items()}
    assert unpacked(block, packed(pages)) == pages
    assert len(packed(pages)) == 4 * len(pages)


@given(st.dictionaries(st.integers(0, 3), WEIGHTS.filter(bool), min_size=1))
def test_the_weight_on_one_page_is_that_among_all(blocks):
    pages = {block * BLOCK + place: weight for block, some in blocks.items() for place, weight in some.items()}
    said = Said({block: packed(some) for block, some in sorted(blocks.items())})
    assert dict(zip(said.pages.tolist(), said.weights.tolist(), strict=True)) == pages
    assert list(said.pages) == sorted(pages)
    assert len(said) == len(pages)
    asked = sorted({*pages, 0, 1, BLOCK, 5 * BLOCK})
    assert said.on(np.array(asked)).tolist() == [pages.get(page, 0) for page in asked]
    of_both = sums([(said, 2.0), (said, 0.5)])
    assert {page: of_both[page] for page in np.flatnonzero(of_both)} == {page: 2.5 * pages[page] for page in pages}


def test_no_word_sums_up_to_nothing():
    assert list(highest(sums([]), 5)) == []


def test_pages_that_say_most_come_first_and_then_by_id():
    said = {word: Said({0: packed(dict.fromkeys(pages, 1))}) for word, pages in (("a", [3, 5]), ("b", [5, 2]))}
    assert said_by_most(said, ["a", "b", "c"], 10) == [5, 2, 3]
    assert said_by_most(said, ["a", "b", "c"], 2) == [5, 2]


@given(st.dictionaries(st.integers(0, 50), st.integers(0, 5), min_size=1), st.integers(1, 60))
def test_the_highest_are_those_of_which_most_is_said_and_then_by_id(of, most):
    pages = sorted(of)
    expected = sorted((page for page in pages if of[page]), key=lambda page: (-of[page], page))[:most]
    assert highest(np.array([float(of[page]) for page in pages]), most, np.array(pages)).tolist() == expected


def test_a_state_is_read_as_it_was_written():
    assert State.read(State(7, 2).row()) == State(7, 2)
