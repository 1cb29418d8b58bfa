"""Which conditions and causes name most of what somebody feels. Plain rows go in, ranked answers come out.

The order is what pages say, and nothing is weighed: answers that name more of it come first; of those, everyday ones;
then those that share something fewer answers name; then those that name more of it by its own name and not by a kind
of it; then those with fewer other symptoms; then by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from conditions.row_fields import ABSENT

Row: TypeAlias = tuple[int, int, str, bool, int, bool]
"""What a page says: that an answer, a condition or a cause, goes with a symptom; how often; whether in everyday life.

Answers and symptoms are numbers of pages. Last come which row it is, which no order knows, and whether it is the
condition's own. Plain tuples, as the database gives them, because there are thousands.
"""


@dataclass(frozen=True)
class Tie:
    """Answers that nothing but their other symptoms and their names tells apart, each with how many it shares."""

    count: int
    """How many of the things somebody feels their pages name."""
    shared: Mapping[int, int]


@dataclass(frozen=True)
class Ranked:
    """An answer in its place."""

    answer: int
    count: int


@dataclass(frozen=True)
class _Thing:
    """Chosen symptoms that count together: bits of what they and their kinds are, and how often they can count."""

    bits: int
    most: int


class Feelings:
    """What somebody chose. `kinds`: by a chosen symptom all that are kinds of it, and kinds of these."""

    def __init__(self, chosen: Collection[int], kinds: Mapping[int, Collection[int]]) -> None:
        self._reach = {one: {one, *kinds.get(one, ())} for one in sorted(chosen)}
        self._bits = {one: 1 << place for place, one in enumerate(sorted(set().union(*self._reach.values())))}
        self._chosen = sum(self._bits[one] for one in self._reach)
        self._things = _things(self._reach, self._bits)

    @property
    def symptoms(self) -> Collection[int]:
        """The chosen symptoms and the kinds of them."""
        return self._bits.keys()

    @property
    def count(self) -> int:
        """How many things they are: a symptom and a kind of it are one."""
        return sum(thing.most for thing in self._things)

    def matching(self, rows: Sequence[Row]) -> list[Row]:
        """The rows by which answers match. What is absent does not, and what a condition's page says itself wins.

        So a symptom that it calls absent is not matched by way of a cause that is the same condition either, nor is a
        chosen one by kinds of it.
        """
        absent = {(answer, symptom) for answer, symptom, certainty, _, _, own in rows if own and certainty == ABSENT}
        denying = {answer for answer, _ in absent}

        def matches(answer: int, symptom: int) -> bool:
            reaching = (one for one, reached in self._reach.items() if symptom in reached)
            return (answer, symptom) not in absent and any((answer, one) not in absent for one in reaching)

        return [row for row in rows if row[2] != ABSENT and (row[0] not in denying or matches(row[0], row[1]))]

    def ties(self, rows: Iterable[Row]) -> list[Tie]:
        """The answers that name something of it, the best first, as far as rows that match tell them apart."""
        named: dict[int, int] = {}
        everyday = set()
        for answer, symptom, _, is_everyday, _, _ in rows:
            if symptom in self._bits:
                named[answer] = named.get(answer, 0) | self._bits[symptom]
                if is_everyday:
                    everyday.add(answer)
        alike = Counter(named.values())
        sharing = [sum(many for bits, many in alike.items() if bits & thing.bits) for thing in self._things]
        keys = {bits: self._key(bits, sharing) for bits in alike}
        found: dict[tuple[int, bool, tuple[int, ...], int], dict[int, int]] = {}
        for answer, bits in named.items():
            count, rarity = keys[bits]
            direct = (bits & self._chosen).bit_count()
            found.setdefault((-count, answer not in everyday, rarity, -direct), {})[answer] = bits.bit_count()
        return [Tie(-key[0], found[key]) for key in sorted(found)]

    def _key(self, bits: int, sharing: Sequence[int]) -> tuple[int, tuple[int, ...]]:
        """How many things an answer names that names these symptoms, and how many answers share each, fewest first."""
        counts = [min(thing.most, (bits & thing.bits).bit_count()) for thing in self._things]
        return sum(counts), tuple(sorted(of for of, count in zip(sharing, counts, strict=True) if count))


def _things(reach: Mapping[int, set[int]], bits: Mapping[int, int]) -> list[_Thing]:
    """Chosen symptoms together that have a kind in common, or are kinds of each other: what is named counts once.

    Such count as often as there are chosen ones among them of which no kind is chosen.
    """
    groups: list[tuple[set[int], set[int]]] = []
    for one, reached in reach.items():
        apart = [group for group in groups if group[1].isdisjoint(reached)]
        joined = [group for group in groups if group not in apart]
        members = {one}.union(*(group[0] for group in joined))
        groups = [*apart, (members, reached.union(*(group[1] for group in joined)))]
    found = []
    for members, reached in groups:
        narrow = [one for one in members if members & reach[one] == {one}]
        found.append(_Thing(sum(bits[one] for one in reached), max(1, len(narrow))))
    return found


def foremost(ties: Iterable[Tie], most: int, besides: int) -> list[Tie]:
    """As many ties, from the first on, as hold the first answers; and the next ones while so many are not exceeded."""
    found: list[Tie] = []
    count = 0
    for tie in ties:
        if count >= most and count + len(tie.shared) > besides:
            break
        found.append(tie)
        count += len(tie.shared)
    return found


def ranked(ties: Iterable[Tie], totals: Mapping[int, int], names: Mapping[int, str]) -> list[Ranked]:
    """The answers of ties in order. totals: how many symptoms each goes with; names: what they are sorted by."""
    found = []
    for tie in ties:
        others = {answer: totals.get(answer, 0) - shared for answer, shared in tie.shared.items()}
        in_order = sorted(tie.shared, key=lambda answer: (others[answer], names.get(answer, ""), answer))
        found += [Ranked(answer, tie.count) for answer in in_order]
    return found


def telling_apart(answers: Sequence[Collection[int]], known: Collection[int], names: Mapping[int, str]) -> list[int]:
    """The symptoms that split answers, each given by the symptoms that it goes with; those that do so evenly first.

    Not those that are known already, nor what all of the answers go with. names: what equal ones are sorted by.
    """
    counts = Counter(one for symptoms in answers for one in set(symptoms) - set(known))
    telling = [one for one, count in counts.items() if count < len(answers)]
    return sorted(telling, key=lambda one: (abs(2 * counts[one] - len(answers)), names.get(one, ""), one))
