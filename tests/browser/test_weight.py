"""A page arrives in the first flight of the network: 14,180 bytes, style sheets included."""

from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.browser.content import PAGES

FIRST_FLIGHT = 14_180
QUALITY = 5
"""What a page is compressed with while a reader waits."""
MOST_QUERIES = 4
LARGEST_SHEETS = 26_000


def style_sheets() -> list[bytes]:
    return [Path(finders.find(f"conditions/{name}.css")).read_bytes() for name in ("tokens", "site")]


@pytest.mark.parametrize("address", [PAGES["home"], PAGES["condition"]])
def test_page_and_style_sheets_come_in_the_first_flight(db, address):
    page = Client().get(address).content
    assert page.count(b'<link rel="stylesheet"') == len(style_sheets())
    assert sum(len(brotli.compress(part, quality=QUALITY)) for part in (page, *style_sheets())) < FIRST_FLIGHT


def test_style_sheets_are_small_enough_to_be_read():
    assert sum(map(len, style_sheets())) < LARGEST_SHEETS


def test_home_with_its_face_costs_no_more_queries(db, django_assert_max_num_queries):
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = Client().get("/")
    assert b'<svg class="face"' in answer.content
