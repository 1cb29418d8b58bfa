"""How often the page that answers comes first, and which queries sound like an emergency, on the site's own content.

python benchmarks/asked.py [FILE ...]: beside the ways of asking of tests/asked/, those of JSON files, either
[[query, [names of pages]], ...] or {"emergency": [query, ...], "crisis": [...], "off_topic": [...], "ordinary": [...]}.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import yaml
from emptysite import ROOT, empty_site

ASKED = ROOT / "tests/asked"
MOST = 3


class Asked(NamedTuple):
    """A way of asking: how it is put, what is typed, and the pages that answer, by name or by address."""

    how: str
    query: str
    pages: list[str]


def read(file: Path) -> list[Asked] | dict[str, list[str]]:
    """The ways of asking of a file; or its emergencies and others, by kind."""
    content = yaml.safe_load(file.read_text("utf-8"))
    if isinstance(content, dict):
        return content
    return [Asked(**each) if isinstance(each, dict) else Asked("all", *each) for each in content]


def print_answered(asked: list[Asked]) -> None:
    """Print how many of the ways of asking are answered by the first page, and by one of three; by how they are put."""
    from conditions.models.published import Page
    from conditions.search import find

    places: dict[str, list[int]] = {}
    for how, query, right in asked:
        ids = list(find(query).pages)[:MOST]
        pages = Page.objects.in_bulk(ids)
        found = [pages[pk] for pk in ids]
        at = next((place for place, page in enumerate(found) if {page.name, page.url.strip("/")} & {*right}), MOST)
        places.setdefault(how, []).append(at)
        if at:
            print(f"  not first: {query!r}: {', '.join(page.name for page in found) or 'nothing'}")
    print(f"  {'':18} {'first':>9} {'in three':>9}")
    for how, its in [*places.items(), ("together", [place for each in places.values() for place in each])]:
        print(f"  {how:18} {its.count(0):>4} of {len(its):<3} {sum(place < MOST for place in its):>3} of {len(its)}")


def print_alarmed(queries: Mapping[str, list[str]]) -> None:
    """Print how many queries of each kind sound like an emergency, and which are answered other than they should."""
    from conditions.search import find

    for kind, asked in queries.items():
        sounding = [query for query in asked if (found := find(query)).is_crisis or (found.cards and kind != "crisis")]
        print(f"  {kind:18} {len(sounding):>4} of {len(asked):<3} sound like an emergency")
        for query in asked:
            if (query in sounding) != (is_one := kind in ("emergency", "crisis")):
                print(f"    {'missed' if is_one else 'alarmed'}: {query!r}")


def main(files: list[Path]) -> None:
    with empty_site():
        from django.core.management import call_command
        from django.db import connection

        call_command("loaddata", verbosity=0)
        print(f"on {connection.vendor}")
        for file in [ASKED / "asked.yaml", ASKED / "emergencies.yaml", *files]:
            print(file.name)
            content = read(file)
            if isinstance(content, dict):
                print_alarmed(content)
            else:
                print_answered(content)


if __name__ == "__main__":
    main([Path(file) for file in sys.argv[1:]])
