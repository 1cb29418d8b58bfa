"""Servers side by side: rounds in which each answers in turn, and what comes out."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

import client
from servers import Server

SLICE = 0.25
"""Seconds of the processor that a server takes in a round, about."""
FEWEST, MOST = 8, 10_000
"""Requests of a server in a round."""

Times = Mapping[str, list[float]]
"""Microseconds of the processor for each request, by server, one for each round."""


class Ratio(NamedTuple):
    """How much one server takes beside another, in the same round: the median of all rounds, the least and the most."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.most:.2f})"


def cost(server: Server, paths: Sequence[str], *, readers: int, count: int) -> float:
    """Microseconds of the processor for each of some requests."""
    before = server.time()
    found = client.ask(server.port, paths, readers=readers, count=count)
    return server.spent(before) / found.answered / 1000


def interleaved(servers: Sequence[Server], paths: Sequence[str], rounds: int, readers: int) -> Times:
    """Ask servers in turn, by some readers at a time.

    A round before that warms them up, and says how many requests fill a slice.
    """
    counts = {}
    for server in servers:
        client.ask(server.port, paths, readers=readers, count=2 * FEWEST)
        each = cost(server, paths, readers=readers, count=2 * FEWEST)
        counts[server.name] = max(FEWEST, min(MOST, round(SLICE * 1_000_000 / each)))
    times: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(rounds):
        turn = number % len(servers)
        for server in [*servers[turn:], *servers[:turn]]:
            times[server.name].append(cost(server, paths, readers=readers, count=counts[server.name]))
    return times


def ratio(times: Times, one: str, other: str) -> Ratio:
    """What one server takes beside another."""
    found = [a / b for a, b in zip(times[one], times[other], strict=True)]
    return Ratio(median(found), min(found), max(found))


def show(times: Times) -> None:
    """Print what each server takes."""
    for name, each in times.items():
        print(f"  {name:58} {median(each):9.0f} us ({min(each):.0f} to {max(each):.0f})", flush=True)


def judge(what: str, found: Ratio, target: float, *, at_most: bool) -> None:
    """Print a ratio beside its target."""
    is_met = found.median <= target if at_most else found.median >= target
    wanted = f"{'at most' if at_most else 'at least'} {target:g}"
    print(f"  {what}: {found}; wanted: {wanted}: {'yes' if is_met else 'NO'}", flush=True)
