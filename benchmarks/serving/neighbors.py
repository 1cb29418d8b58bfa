"""A reader of a kept page while the same server does slow things for others, beside a bare application meanwhile.

Neighbors run in processes of their own: python neighbors.py searches|sitemaps|logins PORT SECONDS.
"""

import http.client
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

import client
from rounds import Ratio
from servers import HERE, ROOT, Database, Server, environment

sys.path.insert(0, str(HERE.parent))

import loading  # beside this folder

PAUSE = 0.002
"""Seconds between two requests of the reader: one who reads, not one who fills the server."""
SLICES = 5
"""Parts of a measuring, of which the least and the most are told."""
PARALLEL = {"searches": 2, "sitemaps": 1, "logins": 4}
"""How many of each neighbor ask at a time, as fast as answers come."""

Waits = dict[str, list[float]]
"""Milliseconds that each answer took, by server."""


@contextmanager
def beside(port: int, kinds: Sequence[str], seconds: float) -> Iterator[None]:
    """Neighbors of a server for some seconds."""
    command = [sys.executable, str(Path(__file__).resolve())]
    running = [
        subprocess.Popen([*command, kind, str(port), str(seconds)], env=environment({}), cwd=ROOT) for kind in kinds
    ]
    try:
        yield
    finally:
        for one in running:
            one.wait()


@contextmanager
def reload_of(entries: int, place: Database) -> Iterator[subprocess.Popen[bytes]]:
    """A load of so many made-up questions into our site, while it runs."""
    bulk, chance = place.folder / "bulk.jsonl", random.Random(25)
    loading.write_ours(bulk, [loading.document(number, chance) for number in range(entries)])
    command = [sys.executable, str(ROOT / "manage.py"), "loaddata", "--verbosity", "0", str(bulk)]
    running = subprocess.Popen(command, env=environment(place.ours), cwd=ROOT)
    try:
        yield running
    finally:
        running.wait()
        if running.returncode:
            raise RuntimeError(f"the load ended with {running.returncode}")


def waits(servers: Sequence[Server], path: str, goes_on: Callable[[], bool]) -> Waits:
    """Ask servers for a page in turn as long as it goes on, each over a connection that stays open."""
    found: Waits = {server.name: [] for server in servers}
    with client.Kept(servers[0].port, path) as first, client.Kept(servers[1].port, path) as second:
        while goes_on():
            for server, kept in zip(servers, (first, second), strict=True):
                began = time.perf_counter()
                kept.ask()
                found[server.name].append((time.perf_counter() - began) * 1000)
                time.sleep(PAUSE)
    return found


def slowest_of_100(some: Sequence[float]) -> float:
    """Within what 99 of 100 were answered."""
    return quantiles(some, n=100)[98]


def ratio(found: Waits, one: str, other: str) -> Ratio:
    """How long 99 of 100 answers of one server took at most beside those of another: of all, and of parts."""
    each = []
    for number in range(SLICES):
        parts = [some[number * len(some) // SLICES : (number + 1) * len(some) // SLICES] for some in found.values()]
        some = dict(zip(found, parts, strict=True))
        each.append(slowest_of_100(some[one]) / slowest_of_100(some[other]))
    return Ratio(slowest_of_100(found[one]) / slowest_of_100(found[other]), min(each), max(each))


def show(found: Waits) -> None:
    """Print what each server took."""
    for name, some in found.items():
        cuts = quantiles(some, n=100)
        print(
            f"  {name:58} half within {cuts[49]:.2f} ms, 99 of 100 within {cuts[98]:.2f} ms ({len(some)})", flush=True
        )


def be_neighbor(kind: str, port: int, ends: float) -> None:
    """Ask a server again and again, until a time of the monotonic clock."""
    chance = random.Random(f"{kind} {threading.get_ident()}")
    words = sorted({word for line in loading.WORDS for word in line})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=client.TIMEOUT)
    headers, token = {"Content-Type": "application/x-www-form-urlencoded"}, ""
    if kind == "logins":
        answer, text = _answer(connection, "GET", "/admin/login/")
        token = re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', text)[0]
        headers["Cookie"] = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    while time.monotonic() < ends:
        if kind == "searches":
            _answer(connection, "GET", f"/search/?{urlencode({'q': ' '.join(chance.sample(words, 3))})}")
        elif kind == "sitemaps":
            _answer(connection, "GET", "/sitemap-1.xml")
        else:
            fields = {"username": f"u{chance.random()}", "password": "wrong", "csrfmiddlewaretoken": token}
            _answer(connection, "POST", "/admin/login/", urlencode(fields), headers)


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, *said: object
) -> tuple[http.client.HTTPResponse, str]:
    connection.request(method, path, *said)  # type: ignore[arg-type]
    answer = connection.getresponse()
    return answer, answer.read().decode()


if __name__ == "__main__":
    kind, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    until = time.monotonic() + seconds
    for _ in range(PARALLEL[kind]):
        threading.Thread(target=be_neighbor, args=[kind, port, until]).start()
