"""The shipped content, as its files say it."""

from functools import cache
from pathlib import Path

from conditions import records
from conditions.content_files import formats, parsing
from conditions.schema import Kind

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


def write_part(folder: Path, *conditions: str) -> None:
    """Write the files of some conditions, of what they name, and of what these cite; none names another entry."""
    kept = {f"conditions/{slug}" for slug in conditions}
    kept |= {name for entry in kept for name in _named_by(entry) if not name.startswith("conditions/")}
    cited = ("questions/", "sources/", "tags/")
    kept |= {name for entry in kept for name in _named_by(entry) if name.startswith(cited)}
    for entry in kept:
        record = records.map_references(fixtures()[entry], lambda kind, slug: _if_in(kept, kind, slug))
        path = folder / f"{entry}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(formats.text_of(record), "utf-8")


def _named_by(entry: str) -> set[str]:
    return {f"{one.kind.plural}/{one.slug}" for one in records.references(fixtures()[entry])}


def _if_in(kept: set[str], kind: Kind, slug: str) -> str | None:
    return slug if f"{kind.plural}/{slug}" in kept else None
