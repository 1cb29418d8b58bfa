"""A page arrives whole in the first flight of the network, 14,180 bytes; style sheets are kept by browsers for ever."""

from itertools import combinations
from pathlib import Path

import brotli
from django.contrib.staticfiles import finders
from django.test import Client

from conditions.comparing import address_of
from conditions.models.published import Page
from conditions.schema import Kind
from tests.browser.content import PAGES

FIRST_FLIGHT = 14_180
QUALITY = 5
"""What a page is compressed with while a reader waits."""
MOST_QUERIES = 4
LARGEST_SHEETS = 29_500


def style_sheets() -> list[bytes]:
    return [Path(finders.find(f"conditions/{name}.css")).read_bytes() for name in ("tokens", "site")]


def weight(page: bytes) -> int:
    return len(brotli.compress(page, quality=QUALITY))


def test_home_comes_with_its_style_sheets_and_its_drawing_in_the_first_flight(db):
    page = Client().get(PAGES["home"]).content
    assert page.count(b'<link rel="stylesheet"') == len(style_sheets())
    drawing = Path(finders.find("conditions/face.svg")).read_bytes()
    assert sum(map(weight, (page, *style_sheets(), drawing))) < FIRST_FLIGHT


def test_every_condition_comes_in_the_first_flight(db):
    """They are the longest pages, since they hold the words that each of their statements rests on."""
    pages = Page.objects.filter(kind=Kind.CONDITION, live__isnull=False)
    weights = {page.slug: weight(Client().get(page.url).content) for page in pages}
    assert len(weights) > 10
    assert {slug: size for slug, size in weights.items() if size >= FIRST_FLIGHT} == {}


def test_the_heaviest_conditions_side_by_side_come_in_the_first_flight(db):
    pages = Page.objects.filter(kind=Kind.CONDITION, live__isnull=False)
    heaviest = sorted(pages, key=lambda page: weight(Client().get(page.url).content))[-5:]
    for three in combinations(heaviest, 3):
        assert weight(Client().get(address_of(three)).content) < FIRST_FLIGHT, three


def test_style_sheets_are_small_enough_to_be_read():
    assert sum(map(len, style_sheets())) < LARGEST_SHEETS


def test_home_with_its_face_costs_no_more_queries(db, django_assert_max_num_queries):
    with django_assert_max_num_queries(MOST_QUERIES + 2):  # and a transaction around them
        answer = Client().get("/")
    assert b'<svg class="face"' in answer.content
