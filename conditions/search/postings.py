"""Postings: word -> the pages that say it, with weights. `publishing.postings` writes them.

A posting holds the pages of one block of ids, as numbers of four bytes, in order: the place of the page in the block
times 1,024, plus the weight. So one page costs few bytes, a new one touches few rows, and a query reads few.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conditions import db

BLOCK = 4096
"""Ids of pages in one posting."""
_FIT = 1024
"""More than any weight."""

Pages = NDArray[np.int64]
"""Ids of pages."""
Weights = NDArray[np.float64]
"""What each of some pages says."""


def packed(weights: Mapping[int, int]) -> bytes:
    """Pages of one block and their weights -> the bytes that hold them."""
    return np.sort(np.array([page % BLOCK * _FIT + weight for page, weight in weights.items()], np.uint32)).tobytes()


def unpacked(block: int, pages: bytes) -> dict[int, int]:
    """What `packed` made bytes of: page -> weight."""
    start = block * BLOCK
    return {start + number // _FIT: number % _FIT for number in np.frombuffer(pages, np.uint32).tolist()}


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


class Said:
    """Where one word is said: the pages, in the order of their ids, and what it weighs on each."""

    def __init__(self, blocks: Mapping[int, bytes]) -> None:
        """blocks: what its postings hold, one page or more, by block, in the order of blocks."""
        self._numbers = np.frombuffer(b"".join(blocks.values()), dtype=np.uint32)
        starts = np.array([block * BLOCK for block in blocks], np.int64)
        self.pages: Pages = starts.repeat([len(held) // 4 for held in blocks.values()])
        self.pages += self._numbers // _FIT

    @cached_property
    def weights(self) -> Weights:
        return (self._numbers % _FIT).astype(np.float64)

    def __len__(self) -> int:
        """By how many pages."""
        return len(self.pages)

    def on(self, pages: Pages) -> Weights:
        """What it weighs on each of some pages; 0 where a page does not say it."""
        at = self.pages.searchsorted(pages)
        at[at == len(self.pages)] = 0
        return np.where(self.pages[at] == pages, self.weights[at], 0.0)


_READ = "SELECT word, block, pages FROM conditions_posting WHERE word IN ({}) ORDER BY block"


def read(words: Iterable[str]) -> tuple[dict[str, Said], int]:
    """The words that some page says, with where, and how many pages there are. One query."""
    found: dict[str, dict[int, bytes]] = {}
    for word, block, pages in db.rows(_READ, ["", *words]):
        found.setdefault(word, {})[block] = bytes(pages)
    state = found.pop("", {})
    return {word: Said(blocks) for word, blocks in found.items()}, State.read(state[0]).pages if state else 0


def sums(said: Iterable[tuple[Said, float]]) -> Weights:
    """What pages say of some words, each as many times as it counts: by the id of the page, from 0 on.

    They are added in the order of the words: the sums are the same on every database.
    """
    words = list(said)
    if not words:
        return np.zeros(0)
    pages = np.concatenate([one.pages for one, _ in words])
    said = np.concatenate([one.weights * times for one, times in words])
    return np.bincount(pages, weights=said).astype(np.float64)


def highest(values: Weights, most: int, pages: Pages | None = None) -> Pages:
    """Those of some pages with the highest values above 0, at most so many; of equals those of smaller ids.

    pages: whose the values are, in the order of their ids; without them those from 0 on.
    """
    above = np.flatnonzero(values)
    if len(above) > most:
        least = np.partition(values[above], -most)[-most]
        above = above[values[above] >= least]
    best = above[np.argsort(-values[above], kind="stable")][:most]
    return best if pages is None else pages[best]


def said_by_most(found: Mapping[str, Said], words: Iterable[str], most: int) -> list[int]:
    """The pages that say the most of some words of weight 1, at most so many; of equals those of smaller ids."""
    pages: list[int] = highest(sums((found[word], 1.0) for word in words if word in found), most).tolist()
    return pages
