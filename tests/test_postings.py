"""Postings as bytes: what goes in comes out, and one page is found without reading the others."""

from array import array
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from conditions.search.postings import BLOCK, Said, State, by_block, highest, packed, said_by_most, unpacked

WEIGHTS = st.dictionaries(st.integers(0, BLOCK - 1), st.integers(1, 1000), max_size=30)


@given(st.integers(0, 50), WEIGHTS)
def test_what_is_packed_comes_out(block, weights):
    pages = {block * BLOCK + place: weight for place, weight in weights.items()}
    assert unpacked(block, packed(pages)) == pages
    assert len(packed(pages)) == 4 * len(pages)


@given(st.dictionaries(st.integers(0, 3), WEIGHTS))
def test_the_weight_on_one_page_is_that_among_all(blocks):
    pages = {block * BLOCK + place: weight for block, some in blocks.items() for place, weight in some.items()}
    said = Said({block: array("I", packed(some)) for block, some in blocks.items()})
    assert dict(said.pages()) == pages
    assert len(said) == len(pages)
    asked = sorted({*pages, 0, 1, BLOCK, 5 * BLOCK})
    assert said.weights(by_block(asked)) == [pages.get(page, 0) for page in asked]
    sums = defaultdict(float)
    said.add_to(sums, 2.0)
    assert sums == {page: 2.0 * weight for page, weight in pages.items()}


def test_pages_that_say_most_come_first_and_then_by_id():
    said = {
        word: Said({0: array("I", packed(dict.fromkeys(pages, 1)))}) for word, pages in (("a", [3, 5]), ("b", [5, 2]))
    }
    assert said_by_most(said, ["a", "b", "c"], 10) == [5, 2, 3]
    assert said_by_most(said, ["a", "b", "c"], 2) == [5, 2]


@given(st.dictionaries(st.integers(0, 50), st.integers(0, 5)), st.integers(1, 60))
def test_the_highest_are_those_of_which_most_is_said_and_then_by_id(of, most):
    assert highest(of, most) == sorted(of, key=lambda page: (-of[page], page))[:most]


def test_a_state_is_read_as_it_was_written():
    assert State.read(State(7, 2).row()) == State(7, 2)
