"""Every module stands on a floor and imports only from lower ones. A file without a floor is refused."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "conditions"
FLOORS = {
    name: number
    for number, names in enumerate(
        (
            ("schema",),
            ("face", "merge", "prose", "templatetags"),
            ("models.published", "records"),
            ("db",),
            ("page_content", "search"),
            ("history",),
            ("models.desk",),
            ("models",),
            ("drafts",),
            ("validation",),
            ("usage",),
            ("publishing.access",),
            ("publishing.versions",),
            ("publishing.index", "publishing.saving"),
            ("publishing.editions", "publishing.restoring"),
            ("publishing.dry_run", "publishing.tag_merge"),
            ("publishing",),
            ("content_files.formats", "content_files.plan"),
            ("content_files.reading", "content_files.merging"),
            ("content_files.planning", "content_files.exporting"),
            ("content_files.loading",),
            ("content_files",),
            ("views", "sitemaps"),
            ("admin.autocomplete", "admin.conflicts", "admin.expired_forms", "admin.preview", "admin.status"),
            ("admin.users", "admin.widgets", "admin.changelists"),
            ("admin.entry_views", "admin.relation_forms"),
            ("admin.all_entries", "admin.entry_form", "admin.tag_merge"),
            ("admin.site", "admin.submission"),
            ("admin.entry_admin",),
            ("admin",),
            ("urls", "management"),
        )
    )
    for name in names
}
PUBLIC_VIEWS = ("views", "sitemaps")
PUBLIC_MODULES = {"schema", "records", "models.published", "history", "page_content", "search", "prose", "face"}
NO_FLOOR = ("apps.py", "migrations", "__init__.py")
MODULES = sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in NO_FLOOR)


def module(dotted: str) -> str:
    """The longest name on a floor that a dotted name below `conditions` begins with."""
    parts = dotted.removesuffix(".__init__").split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in FLOORS), dotted)


def imported(path: Path) -> set[str]:
    """The modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "conditions":
            base = node.module.removeprefix("conditions").lstrip(".")
            names = [f"{base}.{alias.name}".lstrip(".") for alias in node.names]
            found |= {module(name) if module(name) in FLOORS else module(base) for name in names}
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("conditions.")]
            found |= {module(name.removeprefix("conditions.")) for name in names}
    return found


def name_of(path: Path) -> str:
    return module(".".join(path.relative_to(ROOT).with_suffix("").parts))


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


@pytest.mark.parametrize("view", PUBLIC_VIEWS)
def test_public_views_know_nothing_of_the_desk(view):
    assert imported(ROOT / f"{view}.py") <= PUBLIC_MODULES


def test_only_publishing_writes_the_published_tables():
    tables = ("Edition", "Page", "Address", "Version", "Change", "Decision", "Link", "Name", "SearchText")
    verbs = (".create(", ".get_or_create(", ".update_or_create(", ".bulk_create(", ".bulk_update(")
    for path in MODULES:
        text = path.read_text()
        if name_of(path).split(".")[0] == "publishing" or name_of(path) == "models.published":
            continue
        for table in tables:
            for verb in verbs:
                assert f"{table}.objects{verb}" not in text, f"{path.name} writes {table}"
