"""How fast Lighthouse finds pages of our site on a phone: `make bench`, or python benchmarks/lighthouse.py.

The site is started as the README says. Phone and connection are Lighthouse's own, simulated; docs/performance.md says
what that means. Printed are the median of some runs, the least and the most, of 100.
"""

import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.browser.lighthouse import MISSING, ask
from tests.browser.served import served

PATHS = ("/", "/conditions/bells-palsy/")
RUNS = 5


def performance(address: str) -> int:
    """The performance of a page, of 100, in one run. ValueError if an audit of it failed."""
    score = ask(address, "performance")["categories"]["performance"]["score"]
    if score is None:
        raise ValueError(f"Lighthouse could not measure {address}")
    return round(100 * score)


def main() -> None:
    if MISSING:
        print(f"Lighthouse is left out: {MISSING}")
        return
    print(f"Lighthouse's performance, of 100, medians of {RUNS} runs, their least and their most", flush=True)
    with served() as site:
        for path in PATHS:
            found = [performance(f"{site}{path}") for _ in range(RUNS)]
            print(f"  {path:58} {median(found):3} ({min(found)} to {max(found)})", flush=True)


if __name__ == "__main__":
    main()
