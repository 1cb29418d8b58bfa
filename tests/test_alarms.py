"""Queries that sound like an emergency, on the shipped content: what is caught, and what is left alone."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from conditions.schema import Kind
from conditions.search import alarms
from conditions.search.weights import indexed
from tests.shipped import fixtures

ASKED = yaml.safe_load((Path(__file__).parent / "asked" / "emergencies.yaml").read_text("utf-8"))


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
    return [entries[page] for page in alarms.sounding(query, found.values())]


def is_caught(query):
    return alarms.is_crisis(query) or bool(sounding(query))


def test_emergencies_are_caught_and_little_else_is():
    share = {name: sum(map(is_caught, queries)) / len(queries) for name, queries in ASKED.items()}
    assert share["emergency"] >= 0.85
    assert share["off_topic"] == 0
    assert share["ordinary"] <= 0.1


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
    ],
)
def test_the_card_that_is_shown_is_about_it(query, first):
    assert sounding(query)[0] == first


@pytest.mark.parametrize(
    "query", ["how long does Bell’s palsy last", "face", "eyelid twitch", "breathing exercises", ""]
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
        ("ear hurts", False),
        ("I cut my lip", False),
        ("live with Bell’s palsy", False),
        ("", False),
    ],
)
def test_a_crisis_is_known_by_its_words(query, is_one):
    assert alarms.is_crisis(query) == is_one


def test_every_card_and_alarm_word_of_the_content_is_heard():
    found, entries = cards()
    for number, card in found.items():
        for words in fixtures()[entries[number]].get("alarm_words") or ():
            assert number in alarms.sounding(words, [card]), f"{entries[number]}: {words}"
