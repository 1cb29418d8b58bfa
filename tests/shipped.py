"""The shipped content, as its files say it."""

from functools import cache
from pathlib import Path

from conditions import records
from conditions.content_files import formats, parsing

ROOT = Path(__file__).parent.parent


@cache
def fixtures() -> dict[str, records.Record]:
    """Entry, such as `conditions/bells-palsy` -> its record."""
    found = {}
    for path in sorted((ROOT / "fixtures").rglob("*.yaml")):
        entries, wrong = formats.entries_of(parsing.parse(path, path.read_bytes()), path.name)
        assert wrong == []
        found |= {f"{entry.kind.plural}/{entry.record['slug']}": records.canonical(entry.record) for entry in entries}
    return found
