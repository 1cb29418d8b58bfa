"""Every module stands on a floor and imports only from lower ones. A file without a floor is refused.

Test modules do not import from test modules.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "conditions"
FLOORS = {
    "face": 0,
    "merge": 0,
    "prose": 0,
    "models.published": 1,
    "bulk": 1,
    "reading": 2,
    "search": 2,
    "models.desk": 3,
    "models": 3.5,
    "records": 4,
    "checking": 5,
    "quality": 5,
    "fixture_files": 6,
    "publishing": 6,
    "reload": 7,
    "writeback": 7,
    "views": 8,
    "sitemaps": 8,
    "admin": 8,
    "urls": 9,
    "management": 9,
}
PUBLIC_DOORS = ("views", "sitemaps")
PUBLIC_ROOMS = {"models.published", "reading", "search", "prose", "face"}
NO_FLOOR = ("apps.py", "migrations", "__init__.py")
MODULES = sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in NO_FLOOR)


def room(dotted: str) -> str:
    """The longest name on a floor that a dotted name below `conditions` begins with."""
    parts = dotted.removesuffix(".__init__").split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in FLOORS), dotted)


def imported(path: Path) -> set[str]:
    """The rooms that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "conditions":
            base = node.module.removeprefix("conditions").lstrip(".")
            names = [f"{base}.{alias.name}".lstrip(".") for alias in node.names]
            found |= {room(name) if room(name) in FLOORS else room(base) for name in names}
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("conditions.")]
            found |= {room(name.removeprefix("conditions.")) for name in names}
    return found


def name_of(path: Path) -> str:
    return room(".".join(path.relative_to(ROOT).with_suffix("").parts))


def test_every_module_has_a_floor():
    assert len(MODULES) > 30
    without = [str(path.relative_to(ROOT)) for path in MODULES if name_of(path) not in FLOORS]
    assert without == [], "give them a floor in FLOORS"


def test_modules_import_only_from_lower_floors():
    pairs = {(name_of(path), other) for path in MODULES for other in imported(path)}
    floors = {name: FLOORS.get(name) for pair in pairs for name in pair}
    wrong = [
        f"{here} (floor {floors[here]}) imports {other} (floor {floors[other]})"
        for here, other in sorted(pairs)
        if here != other and (floors[here] is None or floors[other] is None or floors[other] >= floors[here])
    ]
    assert wrong == []


@pytest.mark.parametrize("door", PUBLIC_DOORS)
def test_public_doors_know_nothing_of_the_desk(door):
    assert imported(ROOT / f"{door}.py") <= PUBLIC_ROOMS


def test_only_publishing_writes_the_published_tables():
    tables = ("Edition", "Page", "Address", "Version", "Change", "Decision", "Link", "Name", "SearchText")
    verbs = (".create(", ".get_or_create(", ".update_or_create(", ".bulk_create(", ".bulk_update(")
    for path in MODULES:
        text = path.read_text()
        if name_of(path) in ("publishing", "models.published"):
            continue
        for table in tables:
            for verb in verbs:
                assert f"{table}.objects{verb}" not in text, f"{path.name} writes {table}"


def test_test_modules_import_only_from_modules_without_tests():
    importing = re.compile(r"^\s*(?:from|import) tests\b.*\btest_", re.MULTILINE)
    modules = list(Path(__file__).parent.rglob("test_*.py"))
    assert [str(path) for path in modules if importing.search(path.read_text())] == []
