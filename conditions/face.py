"""The face as regions to point at. The curves are FaceHealth's own; templates/parts/face.html draws the rest.

Each region belongs to the tag of a place. A region whose tag is not live is not offered, so that no
link of the drawing leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

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


class Point(NamedTuple):
    x: int
    y: int


@dataclass(frozen=True)
class Region:
    """One place on the face: its tag, its outline in the drawing's units, and where its label goes.

    `both` says that the outline is that of one side, and is drawn a second time, mirrored.
    """

    tag: str
    outline: str
    both: bool
    dot: Point
    label: Point

    @property
    def lead(self) -> str:
        """The line from the dot to the label: slanted first, then level."""
        side = 1 if self.label.x > 0 else -1
        return f"M{self.dot.x} {self.dot.y}L{178 * side} {self.label.y - 5}H{MARGIN * side}"

    @property
    def anchor(self) -> str:
        return "start" if self.label.x > 0 else "end"


class HasSlug(Protocol):
    slug: str


T = TypeVar("T", bound=HasSlug)


def regions(tags: Iterable[T]) -> list[tuple[Region, T]]:
    """The regions whose tag is among these live pages of tags, each with its page, from top to bottom."""
    by_slug = {tag.slug: tag for tag in tags}
    return [(region, by_slug[region.tag]) for region in REGIONS if region.tag in by_slug]


REGIONS = (
    Region(
        "forehead",
        "M0 100C34 97 66 103 86 119C95 140 100 168 101 192C84 180 50 182 20 198C18 204 14 210 11 214L0 "
        "214L-11 214C-14 210-18 204-20 198C-50 182-84 180-101 192C-100 168-95 140-86 119C-66 103-34 97-0 "
        "100Z",
        both=False,
        dot=Point(44, 146),
        label=Point(198, 117),
    ),
    Region(
        "temple",
        "M86 119 C98 130 104 148 108 168 C112 186 122 196 132 206 C133 216 132 226 131 234 L104 228 C106 "
        "218 104 206 101 192 C100 168 95 140 86 119Z",
        both=True,
        dot=Point(-113, 204),
        label=Point(-198, 177),
    ),
    Region(
        "brow",
        "M20 198 C50 182 84 180 101 192 C103 198 104 204 105 212 C84 198 50 198 20 217Z",
        both=True,
        dot=Point(90, 193),
        label=Point(198, 177),
    ),
    Region(
        "eyelids",
        "M20 217 C50 198 84 198 105 212 C106 220 105 226 103 232 C98 252 78 264 58 264 C38 264 24 258 19 "
        "252 C17 240 18 228 20 217Z",
        both=True,
        dot=Point(96, 240),
        label=Point(198, 237),
    ),
    Region(
        "ear",
        "M132 214 C138 203 153 202 157 216 C162 234 158 258 152 280 C148 298 141 315 130 313 C127 311 127 "
        "304 128 296 C131 268 132 240 132 214Z",
        both=True,
        dot=Point(-149, 240),
        label=Point(-198, 237),
    ),
    Region(
        "nose",
        "M0 214L11 214C16 210 18 214 18 226C17 246 20 268 30 290C38 296 42 306 41 318C34 326 14 328 0 "
        "328C-14 328-34 326-41 318C-42 306-38 296-30 290C-20 268-17 246-18 226C-18 214-16 210-11 214L-0 "
        "214Z",
        both=False,
        dot=Point(18, 296),
        label=Point(198, 297),
    ),
    Region(
        "cheek",
        "M19 252 C24 258 38 264 58 264 C80 264 100 250 104 228 L131 234 C131 260 127 290 131 313 C129 325 "
        "124 336 119 346 C100 352 82 353 66 350 C60 338 50 326 41 318 C42 306 38 296 30 290 C24 278 20 "
        "264 19 252Z",
        both=True,
        dot=Point(-86, 300),
        label=Point(-198, 297),
    ),
    Region(
        "mouth",
        "M0 328C14 328 34 326 41 318C50 326 60 338 66 350C68 362 62 378 44 394C30 390 14 389 0 389C-14 "
        "389-30 390-44 394C-62 378-68 362-66 350C-60 338-50 326-41 318C-34 326-14 328-0 328Z",
        both=False,
        dot=Point(40, 362),
        label=Point(198, 357),
    ),
    Region(
        "chin",
        "M0 389C14 389 30 390 44 394C50 402 52 412 50 425C34 433 16 436 0 436C-16 436-34 433-50 425C-52 "
        "412-50 402-44 394C-30 390-14 389-0 389Z",
        both=False,
        dot=Point(14, 414),
        label=Point(198, 417),
    ),
    Region(
        "jaw",
        "M119 346 C115 355 110 366 103 376 C90 394 70 415 50 425 C52 412 50 402 44 394 C54 386 64 374 67 "
        "362 C67 357 67 354 66 350 C82 353 100 352 119 346Z",
        both=True,
        dot=Point(-90, 378),
        label=Point(-198, 357),
    ),
    Region(
        "throat",
        "M0 436C16 436 36 432 50 425C64 418 77 408 87 397C87 420 86 440 88 456C93 476 122 486 152 494C140 "
        "502 126 506 112 506C84 500 44 498 16 504L0 506L-16 504C-44 498-84 500-112 506C-126 506-140 "
        "502-152 494C-122 486-93 476-88 456C-86 440-87 420-87 397C-77 408-64 418-50 425C-36 432-16 436-0 "
        "436Z",
        both=False,
        dot=Point(-70, 452),
        label=Point(-198, 417),
    ),
)
ONE_SIDE = "one-side"
"""The tag that says that something is on one side only."""
TAGS = tuple(region.tag for region in REGIONS)
