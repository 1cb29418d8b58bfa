"""Places on the face: the regions that touch, what tags mark, and the curves that are drawn."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.contrib.staticfiles import finders

from conditions import face
from conditions.face import ELSEWHERE, ONE_SIDE, PLACES, REGIONS, WHOLE, Mark

SLUGS = {region.slug for region in REGIONS}


def curves() -> dict[str, str]:
    """What the drawing holds: the name of a part -> its element."""
    parts = ElementTree.parse(finders.find("conditions/face.svg")).getroot()
    return {part.get("id"): part.tag.partition("}")[2] for part in parts}


def test_every_region_has_a_curve_and_every_curve_is_drawn():
    assert set(curves()) == SLUGS | {"half", "middle", "face"}


def test_no_part_of_the_drawing_names_a_color():
    """They are those of the page around it, in the light, in the dark, and the reader's own."""
    text = Path(finders.find("conditions/face.svg")).read_text()
    assert set(re.findall(r'(?:fill|stroke)="(.*?)"', text)) == {
        "none",
        "var(--ink)",
        "var(--edge)",
        "var(--iris)",
        "var(--brow)",
        "var(--pupil)",
    }


def test_labels_stand_apart_and_in_the_names():
    """Two labels on one side are at least as far apart as a line is high."""
    for anchor in ("start", "end"):
        heights = sorted(region.label.y for region in REGIONS if region.anchor == anchor)
        assert all(below - above >= 45 for above, below in pairwise(heights))
    assert all(region.short in region.name for region in REGIONS)


def test_regions_touch_each_other():
    by_slug = {region.slug: region for region in REGIONS}
    assert [one.slug for one in REGIONS for other in one.near if one.slug not in by_slug[other].near] == []
    assert all(region.near for region in REGIONS)


@pytest.mark.parametrize(
    ("slug", "filled", "nearest"),
    [
        ("nose", SLUGS, ["brow", "eyelids", "cheek", "mouth"]),
        ("nose", {"cheek", "jaw", "nose"}, ["cheek"]),
        ("forehead", {"mouth", "ear", "throat"}, ["ear"]),
        ("forehead", {"throat"}, ["throat"]),
        ("throat", {"throat"}, []),
        ("throat", (), []),
    ],
)
def test_what_is_near_is_the_nearest_where_there_is_something(slug, filled, nearest):
    assert [region.slug for region in face.near(PLACES[slug], filled)] == nearest


@pytest.mark.parametrize(
    ("stated", "marks"),
    [
        ({}, []),
        ({"swallowing": False, "head": False, "one-side": True}, []),
        ({"lips": False, "tongue": False}, [Mark("mouth", False)]),
        ({"lips": True}, [Mark("mouth", False, is_cut=True)]),
        ({"eyes": True, "eyelids": False}, [Mark("eyelids", True)]),
        ({"jaw-joint": True, "cheek": True}, [Mark("cheek", False), Mark("jaw", False)]),
        ({"cheek": False, "whole-face": False}, [Mark("face", True)]),
        ({"whole-face": True}, [Mark("face", False)]),
    ],
)
def test_tags_mark_regions(stated, marks):
    assert face.marked(stated) == marks


@pytest.mark.parametrize(
    ("place", "marks"),
    [
        (PLACES["nose"], [Mark("nose", False)]),
        (PLACES["ear"], [Mark("ear", True)]),
        (ONE_SIDE, [Mark("face", False)]),
        (WHOLE, [Mark("face", True)]),
        (ELSEWHERE, []),
    ],
)
def test_a_place_is_marked_where_it_is_on_the_face(place, marks):
    assert face.drawn(place) == marks
