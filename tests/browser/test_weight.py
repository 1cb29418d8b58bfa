"""A page arrives in the first flight of the network: 14,180 bytes, style sheet included."""

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.browser.content import PAGES

FIRST_FLIGHT = 14_180
QUALITY = 5
"""What a page is compressed with while a reader waits."""
MOST_QUERIES = 4
LARGEST_SHEET = 20_000


def style_sheet() -> bytes:
    with open(finders.find("conditions/site.css"), "rb") as file:
        return file.read()


@pytest.mark.parametrize("address", [PAGES["home"], PAGES["condition"]])
def test_page_and_style_sheet_come_in_the_first_flight(db, address):
    page = Client().get(address).content
    assert sum(len(brotli.compress(part, quality=QUALITY)) for part in (page, style_sheet())) < FIRST_FLIGHT


def test_style_sheet_is_small_enough_to_be_read():
    assert len(style_sheet()) < LARGEST_SHEET


def test_home_with_its_face_costs_no_more_queries(db, django_assert_max_num_queries):
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = Client().get("/")
    assert b'<svg class="face"' in answer.content
