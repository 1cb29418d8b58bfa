"""What serving a page costs, beside others: `make bench`, or python benchmarks/serving [--rounds 15] [--seconds 15].

All servers run on this machine, with databases of their own: of SQLite, or beside that of PostgreSQL which DATABASE_URL
names. What counts is the processor time of a server and all its processes and threads for each request, so that only
ratios of one run say something. docs/performance.md says what is measured and what it means.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import client
import neighbors
import rounds
import servers
import storm
import words

PATH = "/conditions/bells-palsy/"
HIT, BARE = "our page, kept", "bare WSGI with the same bytes"
MISS, SENT = "our page, made", "our page, made and compressed"
PLAIN, PLAIN_CACHE = "plain Django", "plain Django, per-site cache"
PLAIN_HTML = "plain Django, HTML of texts kept"
WAGTAIL, WAGTAIL_CACHE = "Wagtail", "Wagtail, per-site cache"
READERS = (1, 8)
"""How many ask at a time: what is kept costs less where the server finds several requests at once."""
FEWEST_WORDS = 0.9
LISTS = ["/", "/conditions/", "/symptoms/", "/treatments/", "/causes/", "/questions/", "/a-z/", "/changes/", "/face/"]
"""Pages that every edition drops."""


class Benchmark:
    """Our site and its peers, with their databases, for as long as a stack is open."""

    def __init__(self, stack: ExitStack, folder: Path, number: int) -> None:
        self.stack, self.folder, self.number = stack, folder, number
        self.is_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
        self.place = stack.enter_context(servers.database("ours", folder))
        self.ours = stack.enter_context(servers.our_site(HIT, self.place, folder, PATH))
        self.content = folder / "content.json"
        servers.export(self.place, self.content)
        self.peers = {PLAIN: self.filled("plain")}
        try:
            servers.install_peers()
            self.peers[WAGTAIL] = self.filled("wagtailsite")
        except servers.NotInstalled as error:
            print(f"Wagtail cannot be installed, and is left out: {error}")

    def filled(self, site: str) -> tuple[str, servers.Database]:
        """A peer's name and its database, filled with our content."""
        place = self.stack.enter_context(servers.database(site, self.folder))
        servers.fill(site, place, self.content)
        return site, place

    def peer(self, stack: ExitStack, name: str, of: str, **said: str) -> servers.Server:
        """A peer while a stack is open."""
        site, place = self.peers[of]
        return stack.enter_context(servers.peer(name, site, place, self.folder, PATH, said))

    def hits(self) -> None:
        """Our kept page beside a bare WSGI application, and beside Django's per-site cache."""
        answer = client.fetch(self.ours.port, PATH)
        cached = [(name, of) for name, of in ((PLAIN_CACHE, PLAIN), (WAGTAIL_CACHE, WAGTAIL)) if of in self.peers]
        most, least = (2, 5) if self.is_postgres else (1.4, 7)
        with ExitStack() as stack:
            asked = [self.ours, stack.enter_context(servers.bare(BARE, answer, self.folder, PATH))]
            asked += [self.peer(stack, name, of, PEER_CACHE="1") for name, of in cached]
            for readers in READERS:
                print(f"A page that is kept, {readers} at a time:")
                times = rounds.interleaved(asked, [PATH], self.number, readers)
                rounds.show(times)
                rounds.judge("our page, kept / bare WSGI", rounds.ratio(times, HIT, BARE), most, at_most=True)
                for name, _ in cached:
                    rounds.judge(f"{name} / our page, kept", rounds.ratio(times, name, HIT), least, at_most=False)

    def misses(self) -> None:
        """Our page where none is kept beside peers without a cache."""
        print("A page that is made:")
        with ExitStack() as stack:
            asked = [
                stack.enter_context(servers.our_site(name, self.place, self.folder, PATH, f"uncached_site:{app}"))
                for name, app in ((MISS, "application"), (SENT, "sent"))
            ]
            asked += [self.peer(stack, PLAIN, PLAIN), self.peer(stack, PLAIN_HTML, PLAIN, PEER_KEEP_HTML="1")]
            asked += [self.peer(stack, WAGTAIL, WAGTAIL)] if WAGTAIL in self.peers else []
            self.compare(asked[0], [server for server in asked[2:] if server.name != PLAIN_HTML])
            times = rounds.interleaved(asked, [PATH], self.number, READERS[0])
        rounds.show(times)
        rounds.judge("our page, made / plain Django", rounds.ratio(times, MISS, PLAIN), 0.6, at_most=True)
        print(f"  our page, made / {PLAIN_HTML}: {rounds.ratio(times, MISS, PLAIN_HTML)}")
        if WAGTAIL in self.peers:
            rounds.judge("Wagtail / our page, made", rounds.ratio(times, WAGTAIL, MISS), 8, at_most=False)

    def storms(self, seconds: float) -> None:
        """Our kept pages while pages are published all the time, beside a quiet site."""
        print(f"Kept pages, while {storm.RATE} conditions a second are published:")
        conditions = [f"/conditions/{one['slug']}/" for one in json.loads(self.content.read_text())["condition"]]
        self.storm("conditions", conditions, seconds, most=2)
        self.storm("conditions, one is published", conditions, seconds, slug=PATH.split("/")[2])
        self.storm("home, lists, conditions", [*LISTS, *conditions], seconds)

    def storm(self, what: str, paths: list[str], seconds: float, slug: str = "", most: float = 0) -> None:
        """Pages before, in and after a storm. slug: the one that is published, if not all are. most: the target."""
        client.ask(self.ours.port, paths, readers=1, count=2 * len(paths))
        quiet = [storm.read(self.ours, paths, seconds / 3)]
        stormy, rate = storm.read_while_publishing(self.ours, self.place, paths, seconds, slug)
        client.ask(self.ours.port, paths, readers=1, count=2 * len(paths))
        quiet.append(storm.read(self.ours, paths, seconds / 3))
        for name, asked in (("before", quiet[0]), (f"at {rate:.1f} a second", stormy), ("after", quiet[1])):
            storm.show(f"{what}, {name}", asked)
        if rate < 0.9 * storm.RATE:
            print(f"  The machine was too busy to publish {storm.RATE} a second, so that this storm was a small one.")
        low, high = sorted(stormy.microseconds / one.microseconds for one in quiet)
        found = rounds.Ratio((low + high) / 2, low, high)
        if most:
            rounds.judge(f"{what}, storm / quiet", found, most, at_most=True)
        else:
            print(f"  {what}, storm / quiet: {found}")

    def slow_neighbors(self, seconds: float, entries: int) -> None:
        """How long a kept page takes while others ask for what is slow, beside the bare application meanwhile."""
        print("A page that is kept, while the same server is asked for what is slow, and its database loaded:")
        with ExitStack() as stack:
            both = [
                self.ours,
                stack.enter_context(servers.bare(BARE, client.fetch(self.ours.port, PATH), self.folder, PATH)),
            ]
            with neighbors.reload_of(entries, self.place) as load:
                self.wait(f"a load of {entries}", neighbors.waits(both, PATH, lambda: load.poll() is None))
            for kinds in (("searches",), ("sitemaps",), ("logins",), ("searches", "sitemaps", "logins")):
                with neighbors.beside(self.ours.port, kinds, seconds):
                    ends = time.monotonic() + seconds
                    self.wait(", ".join(kinds), neighbors.waits(both, PATH, lambda: time.monotonic() < ends))  # noqa: B023

    def wait(self, what: str, found: neighbors.Waits) -> None:
        """Print how long answers took beside some neighbors."""
        print(f"  beside {what}:")
        neighbors.show(found)
        rounds.judge(f"99 of 100 beside {what}, kept / bare", neighbors.ratio(found, HIT, BARE), 3, at_most=True)

    def compare(self, ours: servers.Server, others: list[servers.Server]) -> None:
        """Print how many words of our page's main text the pages of peers show."""
        page = client.fetch(ours.port, PATH, "identity")[1].decode()
        for other in others:
            shown, of = words.shown(page, client.fetch(other.port, PATH, "identity")[1].decode())
            too_few = "" if shown >= FEWEST_WORDS * of else ", TOO FEW: it does not show the same"
            print(f"  {other.name} shows {shown} of the {of} words of our page ({shown / of:.0%}){too_few}")


def busy() -> str:
    """How busy the machine is: its processes that run or wait for a processor, on average, and its processors."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"load of this machine {load}, on {os.cpu_count()} processors"


def main(number: int, seconds: float, entries: int) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the servers are stopped too
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="facehealth-bench-")))
        print(f"serving, {busy()}", flush=True)
        benchmark = Benchmark(stack, folder, number)
        vendor = "postgresql" if benchmark.is_postgres else "sqlite"
        print(f"on {vendor}, {PATH}, medians of {number} rounds, their least and their most", flush=True)
        benchmark.hits()
        benchmark.misses()
        benchmark.storms(seconds)
        benchmark.slow_neighbors(seconds, entries)
        print(f"serving, {busy()}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=15, help="how long each storm and each neighbor lasts")
    parser.add_argument("--entries", type=int, default=47_000, help="how many are loaded beside a reader")
    given = parser.parse_args()
    main(given.rounds, given.seconds, given.entries)
