"""A page arrives whole in the first flight of the network, 14,180 bytes; style sheets are kept by browsers for ever."""

from itertools import combinations
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.utils.http import http_date, urlencode

from conditions import face
from conditions.comparing import address_of
from conditions.models.published import Page
from conditions.page_cache import BROTLI, PageCache
from conditions.schema import Kind
from tests.browser.content import PAGES
from tests.kept import OwnCheck, ask

FIRST_FLIGHT = 14_180
CACHE = PageCache(WSGIHandler(), OwnCheck())
MOST_QUERIES = 4
LARGEST_SHEETS = 29_500


def style_sheets() -> list[bytes]:
    return [Path(finders.find(f"conditions/{name}.css")).read_bytes() for name in ("tokens", "site")]


def weight(page: bytes) -> int:
    return len(brotli.compress(page, quality=BROTLI))


def test_home_comes_with_its_style_sheets_and_its_drawing_in_the_first_flight(db):
    page = Client().get(PAGES["home"]).content
    assert page.count(b'<link rel="stylesheet"') == len(style_sheets())
    drawing = Path(finders.find("conditions/face.svg")).read_bytes()
    assert sum(map(weight, (page, *style_sheets(), drawing))) < FIRST_FLIGHT


def sent(address: str) -> int:
    """The bytes of an answer as a browser gets it, with its headers."""
    answer = ask(CACHE, address, HTTP_HOST="www.facehealth.example.org")
    said = f"HTTP/1.1 {answer.status} OK\r\nDate: {http_date()}\r\nServer: granian\r\n\r\n"
    return len(said) + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items()) + len(answer.raw)


@pytest.fixture
def any_host(settings):
    settings.ALLOWED_HOSTS = ["*"]


def test_every_page_comes_in_the_first_flight(db, any_host):
    """At its longest content. Conditions are the longest: they hold the words that each statement rests on."""
    pages = [page.url for page in Page.objects.live()]
    places = [f"/{kind.plural}/" for kind in Kind] + [f"/face/{region.slug}/" for region in face.REGIONS]
    old = [f"{url}history/" for url in pages] + [f"{url}history/1/" for url in pages]
    words = [f"/search/?{urlencode({'q': words})}" for words in ("face", "twitch", "pain", "xyzzy", "I want to die")]
    chosen = [page.slug for page in Page.objects.live().filter(kind=Kind.SYMPTOM)][:5]
    found = [f"/find/?{urlencode([('symptom', slug) for slug in chosen[:number]])}" for number in range(1, 6)]
    weights = {url: sent(url) for url in (*PAGES.values(), *pages, *places, *old, *words, *found)}
    assert len(weights) > 500
    assert {url: size for url, size in weights.items() if size > FIRST_FLIGHT} == {}


def test_the_heaviest_conditions_side_by_side_come_in_the_first_flight(db, any_host):
    pages = Page.objects.filter(kind=Kind.CONDITION, live__isnull=False)
    heaviest = sorted(pages, key=lambda page: sent(page.url))[-5:]
    for three in combinations(heaviest, 3):
        assert sent(address_of(three)) <= FIRST_FLIGHT, three


def test_style_sheets_are_small_enough_to_be_read():
    assert sum(map(len, style_sheets())) < LARGEST_SHEETS


def test_home_with_its_face_costs_no_more_queries(db, django_assert_max_num_queries):
    # Around them is a transaction, which PostgreSQL is told the mode of.
    with django_assert_max_num_queries(MOST_QUERIES + 3):
        answer = Client().get("/")
    assert b'<svg class="face"' in answer.content
