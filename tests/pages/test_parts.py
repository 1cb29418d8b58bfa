"""Lists that are read by key: each part costs the same, and together they are the whole list."""

import re
from html import unescape

import pytest

from conditions import views

NAMES = [*(f"C {number:02}" for number in range(9)), *["Same"] * 7, "T", "ß", "Ü", "É twitch", "é twitch"]


def walk(reader, address, rel):
    """The names on a list and on all that follow it by its links, part by part."""
    parts = []
    while address:
        text = reader(address).text_all
        parts.append(re.findall(r'<p class="name"><a href="([^"]+)"', text))
        found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
        path = address.partition("?")[0]
        address = found and (unescape(found[1]) if found[1].startswith("/") else path + unescape(found[1]))
        assert len(parts) < 40
    return parts


@pytest.fixture
def whole(add, reader):
    add(
        *(
            {"kind": "cause", "slug": f"c{n}", "name": name, "tags": ["one-side"][: n % 2]}
            for n, name in enumerate(NAMES)
        )
    )
    return re.findall(r'<p class="name"><a href="([^"]+)"', reader("/causes/").text_all)


@pytest.mark.parametrize("per_page", [1, 2, 3, 4, 7, 8])
def test_parts_are_the_whole_list_once_and_in_order(whole, reader, monkeypatch, per_page):
    monkeypatch.setattr(views, "PER_PAGE", per_page)
    parts = walk(reader, "/causes/", "next")
    assert [one for part in parts for one in part] == whole
    assert all(parts)


@pytest.mark.parametrize("per_page", [1, 2, 3, 4, 7, 8])
def test_the_way_back_leads_to_the_first_part_past_all(whole, reader, monkeypatch, per_page):
    monkeypatch.setattr(views, "PER_PAGE", per_page)
    address = "/causes/?start=ue"
    seen = {one for part in walk(reader, address, "prev") for one in part}
    assert seen == set(whole)
    assert walk(reader, address, "prev")[-1] == walk(reader, "/causes/", "next")[0]


@pytest.mark.parametrize("per_page", [1, 3, 100])
def test_parts_of_what_has_a_tag_are_all_of_it(whole, reader, monkeypatch, per_page):
    """Whether few have it or many: the two are read in two ways."""
    monkeypatch.setattr(views, "PER_PAGE", per_page)
    parts = walk(reader, "/causes/?tag=one-side", "next")
    assert [one for part in parts for one in part] == [one for one in whole if one[-2] in "13579"]


def test_what_starts_inside_a_list_has_what_comes_after(whole, reader):
    text = reader("/causes/?start=same").text_all
    assert "/causes/c0/" not in text
    assert text.count(">Same</a>") == 7
