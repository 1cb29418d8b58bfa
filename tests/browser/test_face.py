"""The drawn face: it offers the places that have a page, and no others."""

from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string

from conditions import face


def tag(slug: str) -> SimpleNamespace:
    return SimpleNamespace(slug=slug, name=slug.capitalize(), url=f"/tags/{slug}/")


def drawn(*slugs: str) -> str:
    return render_to_string("parts/face.html", {"face": face.regions(map(tag, slugs))})


def test_only_live_places_are_offered():
    assert [region.tag for region, _ in face.regions(map(tag, ["jaw", "one-side", "eyelids"]))] == ["eyelids", "jaw"]
    text = drawn("jaw", "eyelids")
    assert text.count("<a href=") == 2
    assert '<a href="/tags/eyelids/" aria-label="Eyelids">' in text
    assert "2 places on it, each a link" in text


def test_without_places_it_is_a_picture():
    text = drawn()
    assert "<a " not in text
    assert 'role="img" aria-label="A drawing of a face, seen from the front."' in text


def test_pair_is_one_link_drawn_twice():
    text = drawn("cheek", "mouth")
    assert text.count("<a ") == 2
    assert '<use href="#at-cheek" transform="scale(-1 1)"/>' in text
    assert "#at-mouth" not in text


def test_labels_stand_apart():
    """Two labels on one side are at least as far apart as a line is high."""
    for anchor in ("start", "end"):
        heights = sorted(region.label.y for region in face.REGIONS if region.anchor == anchor)
        assert all(below - above >= 45 for above, below in pairwise(heights))


@pytest.mark.browser
@pytest.mark.parametrize("media", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_place_pointed_at_stays_pointed_at(media, view):
    """The region keeps taking the pointer while it is lit: else it would flicker."""
    tab = view("/", **media)
    for place in range(tab.locator(".face a").count()):
        region = tab.locator(".face a").nth(place)
        before = region.evaluate("each => getComputedStyle(each).stroke")
        circle = region.locator("circle").bounding_box()
        tab.mouse.move(circle["x"] - 4, circle["y"] + 8)
        for _ in range(2):
            tab.mouse.move(circle["x"] + circle["width"] / 2, circle["y"] + circle["height"] / 2)
            assert region.evaluate("each => each.matches(':hover')")
        assert region.evaluate("each => getComputedStyle(each).stroke") != before
