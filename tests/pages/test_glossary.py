"""Medical words: the first use on a page is marked, and explained below its text."""

import re

import pytest

MARKED = re.compile(r'<a class="term" id="use-([-\w]+)" href="#word-([-\w]+)">(.*?)</a>', re.DOTALL)
EXPLAINED = re.compile(r'<dt id="word-([-\w]+)"><a href="([^"]+)">(.*?)</a></dt><dd>(.*?) <a href="#use-([-\w]+)"')


def marked(text):
    """Slug and words of each mark on a page."""
    found = MARKED.findall(text)
    assert all(use == word for use, word, _ in found)
    return [(slug, words) for slug, _, words in found]


def test_the_first_use_is_marked_and_explained(reader, publish):
    publish("bell", body="Nerves heal. The nerve may swell.")
    text = reader("/conditions/bells-palsy/").text_all
    assert marked(text) == [("nerve", "Nerves")]
    assert EXPLAINED.findall(text) == [
        ("nerve", "/words/nerve/", "nerve", "It carries signals from the brain.", "nerve")
    ]
    assert '<a href="#words-explained">Words explained</a>' in text
    assert "Words explained" not in reader("/symptoms/earache/").text_all


def test_what_stands_first_on_the_page_is_marked(reader, publish):
    publish("bell", body="The nerve swells.", summary="A nerve fails.", outlook="The nerve heals.")
    text = reader("/conditions/bells-palsy/").text_all
    assert marked(text) == [("nerve", "nerve")]
    assert 'href="#word-nerve">nerve</a> fails.' in text


def test_notes_of_rows_are_marked(world, reader, publish):
    record = world.newest("bell").record
    row = record["symptoms"][0] | {"note": "A <nerve> & more, the nerve."}
    publish("bell", symptoms=[row])
    text = reader("/conditions/bells-palsy/").text_all
    assert 'A &lt;<a class="term" id="use-nerve" href="#word-nerve">nerve</a>&gt; &amp; more, the nerve.' in text


def test_the_first_row_that_readers_meet_is_marked(reader, publish, add):
    add({"kind": "cause", "slug": "cold", "name": "Cold"})
    rows = [
        {"target": "viral-illness", "certainty": "rarely", "note": "A nerve, rarely.", "evidence": ["early-signs"]},
        {"target": "cold", "certainty": "usually", "note": "The nerve, usually.", "evidence": ["early-signs"]},
    ]
    publish("bell", causes=rows, summary="A face that is weak.", symptoms=[])
    assert 'The <a class="term"' in reader("/conditions/bells-palsy/").text_all


def test_rows_of_other_pages_are_marked_where_they_are_shown(reader, publish):
    row = {"target": "viral-illness", "note": "A nerve swells. Bell's nerve.", "evidence": ["early-signs"]}
    publish("bell", causes=[row])
    assert ("nerve", "nerve") in marked(reader("/causes/viral-illness/").text_all)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[The nerve](/about/) swells. A nerve.", ["nerve"]),
        ("# The nerve\n\nThe NERVE swells.", ["NERVE"]),
        ("`nerve` and **nerve**", ["nerve"]),
        ("A nervé, a nerve-like, unnerves, nerve_x", []),
        ("A cold.", []),
        ("Nerveſ and NERVES", ["NERVES"]),
    ],
)
def test_what_is_marked_in_text(reader, publish, body, words):
    publish("bell", body=body)
    assert [each for _, each in marked(reader("/conditions/bells-palsy/").text_all)] == words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("The facial\nnerve, a facial nerve", ["facial\nnerve"]),
        ("The facial&nbsp;nerve", ["facial&nbsp;nerve"]),
        ("Bell's sign", ["Bell's sign"]),
        ("Bell’s sign", ["Bell’s sign"]),
        ("R&D", ["R&amp;D"]),
    ],
)
def test_forms_are_found_however_they_are_typed(reader, publish, body, words):
    publish("nerve", forms=["facial nerve", "Bell's sign", "R&D"])
    publish("bell", body=body)
    assert [each for _, each in marked(reader("/conditions/bells-palsy/").text_all)] == words


def test_a_card_that_says_whom_to_call_has_no_marks(reader, publish):
    publish("bell", help_now="Call if a nerve fails.", help_today="If a nerve hurts.")
    text = reader("/conditions/bells-palsy/").text_all
    assert marked(text) == [("nerve", "nerve")]
    assert text.index("use-nerve") > text.index("Call if a nerve fails.")


def test_capitals_are_a_word_of_their_own(reader, publish):
    publish("nerve", name="MS", forms=[])
    publish("bell", body="It takes 5 ms. MS is something else.")
    assert marked(reader("/conditions/bells-palsy/").text_all) == [("nerve", "MS")]


def test_the_longest_form_is_marked(reader, publish):
    publish("nerve", name="nerve", forms=["nerve block", "nerves"])
    publish("bell", body="A nerve block helps.")
    assert marked(reader("/conditions/bells-palsy/").text_all) == [("nerve", "nerve block")]


def test_what_the_page_is_called_is_not_explained_there(reader, publish):
    publish("bell", also_called=["Nerve"], body="The nerve swells.")
    assert marked(reader("/conditions/bells-palsy/").text_all) == []
    publish("nerve", summary="A nerve is a cord.")
    assert marked(reader("/words/nerve/").text_all) == []


def test_a_document_is_shown_as_it_is(reader, publish):
    publish("nerve", name="viral")
    assert marked(reader("/questions/early-signs/").text_all) == []


def test_words_have_a_list_and_pages(world, reader, publish):
    text = reader("/words/").text_all
    assert '<a href="/words/nerve/">nerve</a>' in text
    assert "It carries signals from the brain." in text
    publish("nerve", summary="It carries signals [@health-service].", sources=["health-service"])
    text = reader("/words/nerve/").text_all
    assert "Other forms: nerves." in text
    assert '<a href="/sources/health-service/">' in text
    assert '<a href="/words/">Words</a>' in reader("/").text_all
    assert "/words/nerve/" in reader("/search/?q=nerves").text_all
