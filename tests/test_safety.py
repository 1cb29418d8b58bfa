"""Signs that need help at once, today or soon: each page that has to do with one says so, at its level or above.

And what text of about 2016 may carry, since medicine has moved on.

tests/safety.yaml is the table: the sign, the lowest level allowed, its pages, and the words of the source that say so.
"""

from pathlib import Path

import pytest
import yaml

from conditions import quotes, statements
from tests.shipped import fixtures

TABLE = yaml.safe_load((Path(__file__).parent / "safety.yaml").read_text("utf-8"))
LEVELS = ("help_now", "help_today", "help_soon", "at_the_doctor")


def levels_that_quote(record, source, words):
    """The levels of care of a record that quote these words of a source."""
    return {
        one.path[0]
        for one in statements.of_record(record)
        if one.path[0] in LEVELS
        for quote in one.quotes
        if quote.slug == source and (words in quote.words or quote.words in words)
    }


@pytest.mark.parametrize("row", TABLE, ids=[row["sign"] for row in TABLE])
def test_each_sign_stands_high_enough_on_its_pages(row):
    assert not quotes.flaw(statements.quotable(fixtures()[f"sources/{row['source']}"]), row["words"])
    enough = set(LEVELS[: LEVELS.index(row["lowest"]) + 1])
    words = quotes.one_line(row["words"])
    found = {page: levels_that_quote(fixtures()[page], row["source"], words) for page in row["pages"]}
    assert {page: levels for page, levels in found.items() if not levels & enough} == {}


OLD = "about 2016"
DATED = ("outlook", "tests", "how_it_works", "benefits", "risks", "without_it", "not_for")
"""What changes with the years: it is not said from old text without a word of that."""


def of_about_2016():
    """The slugs of sources that were seen only as NIH published them in about 2016."""
    return {
        record["slug"]
        for entry, record in fixtures().items()
        if entry.startswith("sources/") and (OLD in record["name"] or "MedQuAD" in record.get("found", ""))
    }


def test_no_card_for_now_or_today_rests_on_old_text_alone():
    cards = {
        (entry, level): {
            quote.slug for one in statements.of_record(record) if one.path[0] == level for quote in one.quotes
        }
        for entry, record in fixtures().items()
        for level in LEVELS[:2]
        if record.get(level)
    }
    assert len(cards) > 50
    assert [place for place, slugs in cards.items() if slugs <= of_about_2016()] == []


def test_treatments_tests_and_outlooks_from_old_text_say_so():
    lines = [
        (entry, field, line)
        for entry, record in fixtures().items()
        for field in DATED
        for line in record.get(field, "").splitlines()
    ]
    lines += [
        (entry, row["target"], " ".join([row["note"], *row["quotes"]]))
        for entry, record in fixtures().items()
        for row in record.get("treatments", ())
    ]
    old = [
        each
        for each in lines
        if (cited := {quote.slug for quote in quotes.quotes_in(each[2])}) and cited <= of_about_2016()
    ]
    assert len(old) > 50
    assert [(entry, place, line) for entry, place, line in old if OLD not in line] == []
