"""Postings: word -> the pages that say it, with weights. `publishing.postings` writes them.

A posting holds the pages of one block of ids, as numbers of four bytes, in order: the place of the page in the block
times 1,024, plus the weight. So one page costs few bytes, a new one touches few rows, and a query reads few.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from conditions import db
from conditions.models.published import Posting

BLOCK = 4096
"""Ids of pages in one posting."""
_FIT = 1024
"""More than any weight."""
_NOWHERE = array("I")


def packed(weights: Mapping[int, int]) -> bytes:
    """Pages of one block and their weights -> the bytes that hold them."""
    return array("I", sorted([page % BLOCK * _FIT + weight for page, weight in weights.items()])).tobytes()


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

    def add_to(self, sums: defaultdict[int, float], times: float) -> None:
        """Add to the sum of every page that says it so many times the weight."""
        for block, numbers in self.blocks.items():
            start = block * BLOCK
            for number in numbers:
                sums[start + number // _FIT] += number % _FIT * times

    def weights(self, pages: Pages) -> list[int]:
        """What it weighs on each of some pages; 0 where a page does not say it."""
        found: list[int] = []
        for block, firsts in pages.items():
            numbers = self.blocks.get(block, _NOWHERE)
            end = len(numbers)
            found += [
                weight if (at := bisect_left(numbers, one)) < end and (weight := numbers[at] - one) < _FIT else 0
                for one in firsts
            ]
        return found


Pages = Mapping[int, list[int]]
"""Pages by block, each as the number that it has in a posting where it weighs nothing."""


def by_block(pages: Iterable[int]) -> Pages:
    """Pages as `Said.weights` takes them, and in whose order it answers if they are sorted."""
    found: dict[int, list[int]] = {}
    for page in pages:
        found.setdefault(page // BLOCK, []).append(page % BLOCK * _FIT)
    return found


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
    """The pages that say the most of some words of weight 1, at most so many; of equals those of smaller ids."""
    counts: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for said in (found[word] for word in words if word in found):
        for block, numbers in said.blocks.items():
            counts[block].update(numbers)
    times = {block * BLOCK + n // _FIT: of_n for block, counted in counts.items() for n, of_n in counted.items()}
    return highest(times, most)


def highest(of: Mapping[int, float], most: int) -> list[int]:
    """The pages of which most is said, at most so many; of equals those of smaller ids."""
    least = sorted(of.values())[-most] if len(of) > most else 0
    return sorted((page for page, value in of.items() if value >= least), key=lambda page: (-of[page], page))[:most]
