"""Where on the face something is: regions to point at, and three places beside them, each with the tags that say so.

static/conditions/face.svg has their curves, each under the slug of its region.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

MARGIN = 192
"""How far from the middle the lines to the labels end."""


FEELINGS = (
    ("Twitching", "facial-twitching"),
    ("Drooping or weak", "facial-drooping"),
    ("Pain", "facial-pain"),
    ("Swelling", "swelling"),
    ("Trouble swallowing", "trouble-swallowing"),
    ("Trouble closing an eye", "trouble-closing-an-eye"),
)
"""What people feel, in a word, and the symptom whose page says more. One whose page is not live is left out."""
DROOPING = "weakness-and-drooping"
"""The tag of what can be a stroke where it comes suddenly."""
SORTS = (
    ("twitching-and-spasms", "Twitching and spasms"),
    ("pain", "Pain"),
    ("swelling", "Swelling"),
    (DROOPING, "Weakness and drooping"),
)
"""Tags by which a long list of what people feel is grouped, the first that fits, and what a group is called."""


class Point(NamedTuple):
    x: int
    y: int


class Mark(NamedTuple):
    """A curve to fill: of one half, which may be drawn a second time, mirrored; or of both, which may be cut in two."""

    curve: str
    mirrored: bool
    is_cut: bool = False


@dataclass(frozen=True)
class Place:
    """Where something can be felt. It exists, and has an address, whether or not readers see any of its tags.

    tags: of places; whatever carries one of them is here. topics: other tags that say the same.
    hint: what the place takes in, in a sentence, where its name does not say. near: the regions that touch it.
    """

    slug: str
    name: str
    tags: tuple[str, ...]
    topics: tuple[str, ...] = ()
    hint: str = ""
    near: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Region(Place):
    """A place that can be pointed at, and where its label goes.

    both: whether the curve is that of one side, and is drawn a second time, mirrored.
    short: its label on the drawing, where its name is too long for that. It stands in the name.
    """

    near: tuple[str, ...]
    dot: Point
    label: Point
    both: bool = False
    short: str = ""

    @property
    def lead(self) -> str:
        """The line from the dot to the label: slanted first, then level."""
        side = 1 if self.label.x > 0 else -1
        return f"M{self.dot.x} {self.dot.y}L{178 * side} {self.label.y - 5}H{MARGIN * side}"

    @property
    def anchor(self) -> str:
        return "start" if self.label.x > 0 else "end"


REGIONS = (
    Region(
        "forehead",
        "Forehead",
        ("forehead", "scalp"),
        near=("temple", "brow"),
        dot=Point(44, 146),
        label=Point(198, 117),
    ),
    Region(
        "temple",
        "Temple",
        ("temple",),
        near=("forehead", "brow", "eyelids", "ear", "cheek"),
        both=True,
        dot=Point(-113, 204),
        label=Point(-198, 177),
    ),
    Region(
        "brow",
        "Eyebrow",
        ("brow", "eyebrow"),
        near=("forehead", "temple", "eyelids", "nose"),
        both=True,
        dot=Point(90, 193),
        label=Point(198, 177),
    ),
    Region(
        "eyelids",
        "Eyelids and eyes",
        ("eyelids", "eyes"),
        near=("temple", "brow", "nose", "cheek"),
        both=True,
        dot=Point(96, 240),
        label=Point(198, 237),
        short="Eyelids",
    ),
    Region(
        "ear",
        "Ear",
        ("ear",),
        near=("temple", "cheek", "jaw"),
        both=True,
        dot=Point(-149, 240),
        label=Point(-198, 237),
    ),
    Region(
        "nose",
        "Nose",
        ("nose",),
        near=("brow", "eyelids", "cheek", "mouth"),
        dot=Point(18, 296),
        label=Point(198, 297),
    ),
    Region(
        "cheek",
        "Cheek",
        ("cheek",),
        near=("temple", "eyelids", "ear", "nose", "mouth", "jaw"),
        both=True,
        dot=Point(-86, 300),
        label=Point(-198, 297),
    ),
    Region(
        "mouth",
        "Mouth",
        ("mouth", "lips", "tongue"),
        near=("nose", "cheek", "chin", "jaw"),
        dot=Point(40, 362),
        label=Point(198, 357),
        hint="The lips and the tongue too.",
    ),
    Region(
        "chin",
        "Chin",
        ("chin",),
        near=("mouth", "jaw", "throat"),
        dot=Point(14, 414),
        label=Point(198, 417),
    ),
    Region(
        "jaw",
        "Jaw",
        ("jaw", "jaw-joint"),
        near=("ear", "cheek", "mouth", "chin", "throat"),
        both=True,
        dot=Point(-90, 378),
        label=Point(-198, 357),
        hint="The joint in front of the ear too.",
    ),
    Region(
        "throat",
        "Throat",
        ("throat",),
        topics=("swallowing",),
        near=("chin", "jaw"),
        dot=Point(-70, 452),
        label=Point(-198, 417),
        hint="Swallowing too.",
    ),
)
ONE_SIDE = Place("one-side", "One whole side", ("one-side",), hint="The left or the right half of the face.")
WHOLE = Place(
    "whole-face",
    "The whole face or no one place",
    ("whole-face", "any-part-of-the-body"),
    hint="All over, or hard to say where.",
)
"""Whatever says no place at all is here too."""
ELSEWHERE = Place(
    "elsewhere",
    "Somewhere else on the body",
    ("any-part-of-the-body",),
    hint="Such as the head as a whole, the arms or the legs.",
)
"""Whatever is at a place that is none of the others is here too."""
OTHERS = (ONE_SIDE, WHOLE, ELSEWHERE)
PLACES: Mapping[str, Place] = {place.slug: place for place in (*REGIONS, *OTHERS)}
TAGS = tuple(dict.fromkeys(tag for place in PLACES.values() for tag in (*place.tags, *place.topics)))
"""The tags that say a place of these."""
ON_FACE = (WHOLE.tags[0], *(tag for region in REGIONS for tag in region.tags))
"""The tags that a small drawing of the face shows."""


_SIDES = {"one-side": "on one side", "both-sides": "on both sides", "one-eye-at-a-time": "in one eye at a time"}
"""How the tags that say a side are said of a place."""


def side(tag: str) -> str:
    """What a tag says of a side, after a place; empty where it says none."""
    return _SIDES.get(tag, "")


def phrase(tag: str, name: str) -> str:
    """A tag that says a place, as it stands in a sentence; empty where it says none."""
    if tag == ELSEWHERE.tags[0]:
        return name.lower()
    return f"the {name.lower()}" if tag in ON_FACE else ""


def only_place(places: Collection[str], are_others: bool) -> Place:
    """The place that a symptom stands under in a list that names it once, by the tags of places that it carries.

    are_others: whether it carries others too, which are of no place here. Of regions that touch, the first.
    """
    regions = [region for region in REGIONS if not set(region.tags).isdisjoint(places)]
    if WHOLE.tags[0] in places or not all(one.slug in (regions[0].slug, *regions[0].near) for one in regions):
        return WHOLE
    return regions[0] if regions else ELSEWHERE if are_others or not set(ELSEWHERE.tags).isdisjoint(places) else WHOLE


def near(region: Region, filled: Collection[str]) -> list[Region]:
    """The nearest other regions among those of these slugs: that touch it, or else that touch those, and so on."""
    seen = ring = {region.slug}
    while ring:
        ring = {slug for one in REGIONS if one.slug in ring for slug in one.near} - seen
        if found := [one for one in REGIONS if one.slug in ring and one.slug in filled]:
            return found
        seen = seen | ring
    return []


def marked(stated: Mapping[str, bool]) -> list[Mark]:
    """The marks of what tags name, from top to bottom.

    stated: the tags, each with whether it is said of one side only. Both sides count where two of a region differ.
    """
    if (whole := ON_FACE[0]) in stated:
        return [_whole(stated[whole])]
    found = ((region, [stated[tag] for tag in region.tags if tag in stated]) for region in REGIONS)
    return [_mark(region, all(sides)) for region, sides in found if sides]


def drawn(place: Place) -> list[Mark]:
    """The marks of a place; none where it is not on the face."""
    if isinstance(place, Region):
        return [_mark(place, one_side=False)]
    return [] if place is ELSEWHERE else [_whole(place is ONE_SIDE)]


def _mark(region: Region, one_side: bool) -> Mark:
    return Mark(region.slug, mirrored=region.both and not one_side, is_cut=one_side and not region.both)


def _whole(one_side: bool) -> Mark:
    return Mark("face", mirrored=not one_side)
