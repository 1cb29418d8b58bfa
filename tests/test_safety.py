"""Signs that need help at once, today or soon: each page that has to do with one says so, at its level or above.

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
