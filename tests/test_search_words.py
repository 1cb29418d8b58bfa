"""Words of queries and texts as search compares them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.search import words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("twitching", "twitches"),
        ("swollen", "swelling"),
        ("felt", "feels"),
        ("teeth", "tooth"),
        ("choking", "choked"),
        ("breath", "breathing"),
        ("Bell’s", "bells"),
        ("spasmé", "SPASM"),
        ("stuck", "sticks"),
        ("drooping", "droops"),
        ("lost", "loses"),
    ],
)
def test_forms_of_a_word_are_one(one, other):
    assert words.stems(one) == words.stems(other)


@pytest.mark.parametrize(("one", "other"), [("botulism", "botulinum"), ("lip", "lisp"), ("migrant", "migraine")])
def test_other_words_stay_apart(one, other):
    assert words.stems(one) != words.stems(other)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("Why does my eye keep twitching?", ["eye", "keep", "twitch"]),
        ("what is it", ["what", "is", "it"]),
        ("twitch twitching", ["twitch"]),
        ("", []),
        ("?!", []),
    ],
)
def test_what_is_looked_for_are_the_words_that_carry_something(query, kept):
    assert words.telling(query) == kept


@given(st.text(max_size=80))
def test_telling_words_are_words_of_the_text_each_once(text):
    found = words.telling(text)
    assert len(set(found)) == len(found)
    assert set(found) <= set(words.stems(text))


def test_threads_have_a_stemmer_each():
    with ThreadPoolExecutor(8) as pool:
        assert set(map(tuple, pool.map(words.stems, ["swollen lips twitching"] * 200))) == {("swell", "lip", "twitch")}
