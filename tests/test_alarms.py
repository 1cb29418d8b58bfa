"""Queries that sound like an emergency, on the shipped content: what is caught, and what is left alone."""

from functools import cache

import pytest

from conditions.schema import Kind
from conditions.search import alarms, crisis
from conditions.search.weights import indexed, nearly
from tests.shipped import fixtures


@cache
def cards():
    """Each shipped page with a card that says when to call, as `find` reads it."""
    entries = sorted(fixtures())
    found = {}
    for number, entry in enumerate(entries):
        kept = indexed(fixtures()[entry])
        lines = ("\n".join(map(" ".join, some)) for some in (kept.alarms, kept.card))
        if kept.card:
            found[number] = alarms.Card.of(number, Kind(fixtures()[entry]["kind"]), *lines)
    return found, entries


def sounding(query):
    """The entries whose card would be shown, the best first."""
    found, entries = cards()
    return [entries[page] for page in alarms.sounding(alarms.Heard(query), found.values())]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("face suddenly drooping one side", "conditions/stroke"),
        ("mum can’t speak, her mouth is hanging", "conditions/stroke"),
        ("stroke", "conditions/stroke"),
        ("TIA", "conditions/stroke"),
        ("choking on a sweet", "symptoms/trouble-swallowing"),
        ("swollen tongue after nuts", "symptoms/swelling"),
        ("jaw pain and chest pain", "symptoms/jaw-pain"),
        ("worst headache of my life", "symptoms/headache"),
        ("gone blind in one eye", "symptoms/loss-of-sight"),
        ("lockjaw", "symptoms/muscle-stiffness"),
        ("a fit that won’t stop", "conditions/seizure"),
        ("he does not answer me", "symptoms/loss-of-awareness"),
        ("hard to breathe after Botox", "symptoms/trouble-swallowing"),
        ("can not breathe", "symptoms/swelling"),
        ("the jaw won’t open after I stepped on a nail", "symptoms/muscle-stiffness"),
        ("lock jaw", "symptoms/muscle-stiffness"),
        ("he had a fit", "conditions/seizure"),
        ("transient ischaemic attack", "conditions/stroke"),
    ],
)
def test_the_card_that_is_shown_is_about_it(query, first):
    assert sounding(query)[0] == first


@pytest.mark.parametrize(
    "query",
    [
        *("how long does Bell’s palsy last", "face", "eyelid twitch", "breathing exercises", ""),
        *("is it passed down in families", "out of school, passed every exam", "black tea", "get fit", "fit for work"),
        *("can eyelid twitching kill you", "kill bill", "collapsed vein", "weak muscles", "drooping eyelid surgery"),
    ],
)
def test_ordinary_words_show_no_card(query):
    assert sounding(query) == []


@pytest.mark.parametrize(
    ("query", "is_one"),
    [
        ("i want to kill myself", True),
        ("SUICIDAL", True),
        ("I don't want to live any more", True),
        ("self-harm", True),
        ("my friend says she will end her life", True),
        ("pain so bad I want to die", True),
        ("i feel sucidal", True),
        ("suicidle thoughts", True),
        ("kill my self", True),
        ("I can not go on living", True),
        ("i wanna end it", True),
        ("I want 2 die", True),
        ("took all my pills", True),
        ("they harm themselves", True),
        ("my daughter cuts herself", True),
        ("I cut myself shaving", True),  # in doubt it is one
        ("sulfide", False),
        ("when does it all end", False),
        ("will it take over my life", False),
        ("does botox hurt and will it harm my self esteem", False),
        ("this headache is killing me", False),
        ("my jaw hurts when I wash myself", False),
        ("can eyelid twitching kill you", False),
        ("I can't go on holiday", False),
        ("ear hurts", False),
        ("I cut my lip", False),
        ("live with Bell’s palsy", False),
        ("", False),
    ],
)
def test_a_crisis_is_known_by_its_words(query, is_one):
    assert crisis.is_one(query) == is_one


def test_every_card_and_alarm_word_of_the_content_is_heard():
    found, entries = cards()
    for number, card in found.items():
        for words in fixtures()[entries[number]].get("alarm_words") or ():
            assert number in alarms.sounding(alarms.Heard(words), [card]), f"{entries[number]}: {words}"


def test_an_alarm_word_is_looked_for_however_it_is_typed_wrongly():
    found, _ = cards()
    for word in {word for card in found.values() for word in card.spelled.split()}:
        for at in range(1, len(word)):
            wrong = (word[:at] + word[at + 1 :], word[:at] + "z" + word[at:], word[:at] + "z" + word[at + 1 :])
            swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
            for typed in (*wrong, swapped):
                assert not nearly(typed).isdisjoint(nearly(word)), f"{word}: {typed}"
