"""A reader who asks as fast as answers come, while nothing is published and while pages are published all the time."""

import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

import client
from servers import HERE, ROOT, Database, Server, environment

RATE = 20
"""Publishes in a second."""


class Asked(NamedTuple):
    """How a server answered for some seconds."""

    answered: int
    made: int
    """Answers that were made and not kept ones."""
    microseconds: float
    """Of the processor, for each request."""


def read(server: Server, paths: Sequence[str], seconds: float) -> Asked:
    """Ask a server for paths in turn."""
    before = server.time()
    found = client.ask(server.port, paths, readers=1, seconds=seconds)
    return Asked(found.answered, found.made, server.spent(before) / found.answered / 1000)


def read_while_publishing(
    server: Server, place: Database, paths: Sequence[str], seconds: float, slug: str
) -> tuple[Asked, float]:
    """The same while another process publishes conditions; and how many a second it did publish. slug: one of them."""
    command = [sys.executable, str(HERE / "publish.py"), str(RATE), str(seconds), slug]
    with subprocess.Popen(
        command, env=environment(place.ours), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as publisher:
        assert publisher.stdin
        assert publisher.stdout
        publisher.stdout.readline()
        publisher.stdin.write("\n")
        publisher.stdin.flush()
        found = read(server, paths, seconds)
        count, took = publisher.stdout.readline().split()
    return found, int(count) / float(took)


def show(what: str, found: Asked) -> None:
    """Print how a server answered."""
    made = f"{found.answered} answers, {found.made / found.answered:.1%} of them made"
    print(f"  {what:58} {found.microseconds:9.0f} us ({made})", flush=True)
