"""Postings: word -> the pages that say it, with weights. `publishing.postings` writes them.

A posting holds the pages of one block of ids, as numbers of four bytes, in order: the place of the page in the block
times 1,024, plus the weight. So one page costs few bytes, a new one touches few rows, and a query reads few.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from conditions import db
from conditions.models.published import Posting

BLOCK = 4096
"""Ids of pages in one posting."""
_FIT = 1024
"""More than any weight."""


def packed(weights: Mapping[int, int]) -> bytes:
    """Pages of one block and their weights -> the bytes that hold them."""
    return array("I", sorted(page % BLOCK * _FIT + weight for page, weight in weights.items())).tobytes()


def unpacked(block: int, pages: bytes) -> dict[int, int]:
    """What `packed` made bytes of: page -> weight."""
    start = block * BLOCK
    return {start + number // _FIT: number % _FIT for number in array("I", pages)}


@dataclass(frozen=True)
class State:
    """How many pages postings name, and in which format they are."""

    pages: int
    format: int

    @classmethod
    def read(cls, row: bytes) -> State:
        return cls(**json.loads(row))

    def row(self) -> bytes:
        return json.dumps({"pages": self.pages, "format": self.format}).encode()


@dataclass
class Said:
    """Where one word is said: per block of ids, its numbers in order."""

    blocks: dict[int, array[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        """By how many pages."""
        return sum(map(len, self.blocks.values()))

    def pages(self) -> Iterator[tuple[int, int]]:
        """Every page that says it, with the weight."""
        for block, numbers in self.blocks.items():
            start = block * BLOCK
            for number in numbers:
                yield start + number // _FIT, number % _FIT

    def weight(self, page: int) -> int:
        """What it weighs on a page; 0 where the page does not say it."""
        numbers = self.blocks.get(page // BLOCK)
        if numbers is None:
            return 0
        place = page % BLOCK
        at = bisect_left(numbers, place * _FIT)
        return numbers[at] % _FIT if at < len(numbers) and numbers[at] // _FIT == place else 0


def read(words: Iterable[str]) -> tuple[dict[str, Said], int]:
    """The words that some page says, with where, and how many pages there are. One query."""
    found: dict[str, Said] = {}
    count = 0
    wanted = db.in_values(["", *words])
    for word, block, pages in Posting.objects.filter(word__in=wanted).values_list("word", "block", "pages"):
        if word:
            found.setdefault(word, Said()).blocks[block] = array("I", bytes(pages))
        else:
            count = State.read(bytes(pages)).pages
    return found, count


def said_by_most(found: Mapping[str, Said], words: Collection[str], most: int) -> list[int]:
    """The pages that say the most of some words, at most so many; of equals those of smaller ids."""
    times: dict[int, int] = {}
    for word in words:
        for page, _ in found[word].pages() if word in found else ():
            times[page] = times.get(page, 0) + 1
    return sorted(times, key=lambda page: (-times[page], page))[:most]
