"""Every module is on a floor and imports only from lower ones. A file without a floor is refused.

Test modules do not import from test modules.
"""

import ast
import re
from pathlib import Path

import pytest

from conditions.models.published import PublishedTable

ROOT = Path(__file__).resolve().parent.parent / "conditions"
FLOORS = {
    name: number
    for number, names in enumerate(
        (
            ("characters", "field_types", "markdown_lines", "quotes"),
            ("markdown", "row_fields"),
            ("schema",),
            ("face", "matching", "merge", "prose", "site_time", "templating"),
            ("models.people", "models.published", "models.unfound", "records"),
            ("edition_check", "models.index", "statements"),
            ("db", "footnotes", "replica"),
            ("find_rows", "proof"),
            ("page_parts",),
            ("comparing", "corrections", "differences", "glossary", "link_rows"),
            ("coverage", "linked_data", "page_content", "search"),
            ("find", "history", "unfound"),
            ("models.mixins",),
            ("models.desk",),
            ("models",),
            ("drafts",),
            ("validation",),
            ("checks", "usage"),
            ("publishing.access",),
            (
                "publishing.postings",
                "publishing.reviews",
                "publishing.totals",
                "publishing.touched",
                "publishing.versions",
            ),
            ("publishing.approval", "publishing.index", "publishing.quoting", "publishing.saving"),
            ("publishing.editions", "publishing.restoring"),
            (
                "publishing.correcting",
                "publishing.dry_run",
                "publishing.many",
                "publishing.reviewing",
                "publishing.sharing",
                "publishing.tag_merge",
                "publishing.undo",
            ),
            ("publishing.scheduling",),
            ("publishing",),
            ("content_files.parsing", "content_files.plan", "content_files.writing"),
            ("content_files.formats",),
            ("content_files.known",),
            ("content_files.labels", "content_files.reading", "content_files.merging", "content_files.comments"),
            ("content_files.planning", "content_files.exporting"),
            ("content_files.loading",),
            ("content_files",),
            ("guards",),
            (
                *("views", "face_views", "find_views", "search_views", "compare_views"),
                *("machines", "sitemaps", "newer_records"),
            ),
            ("admin.conflicts", "admin.problems"),
            ("admin.autocomplete", "admin.decisions", "admin.expired_forms", "admin.mail", "admin.outcomes"),
            ("admin.preview", "admin.queries", "admin.review_places", "admin.status"),
            ("admin.users", "admin.widgets", "admin.changelists"),
            ("admin.entry_views", "admin.relation_forms"),
            (
                "admin.all_entries",
                "admin.editions",
                "admin.entry_form",
                "admin.history_views",
                "admin.log",
                "admin.scheduling",
            ),
            (
                *("admin.clashes", "admin.publish_many", "admin.review", "admin.sharing"),
                *("admin.tag_merge", "admin.unfound", "admin.work_list"),
            ),
            ("admin.site", "admin.submission"),
            ("admin.entry_admin",),
            ("admin",),
            ("shared_previews",),
            ("urls", "page_cache", "clock", "management"),
        )
    )
    for name in names
}
PUBLIC_VIEWS = (
    *("guards", "views", "face_views", "find_views", "search_views", "compare_views"),
    *("machines", "sitemaps", "newer_records"),
)
PUBLIC_MODULES = {
    "link_rows",
    "db",
    "schema",
    "records",
    "models.published",
    "models.index",
    "history",
    "differences",
    "footnotes",
    "proof",
    "page_parts",
    "statements",
    "field_types",
    "row_fields",
    "quotes",
    "linked_data",
    "page_content",
    "comparing",
    "search",
    "find",
    "find_rows",
    "prose",
    "face",
    "guards",
    "unfound",
    "edition_check",
    "replica",
}
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


def test_contributing_lists_the_floors():
    text = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## Floors\n")[2]
    listed = re.findall(r"^(\d+)\. ((?:`[\w.]+`,? ?)+):", text.partition("\n## ")[0], re.MULTILINE)
    assert {name: int(number) - 1 for number, names in listed for name in re.findall(r"`([\w.]+)`", names)} == FLOORS


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


def tables_written_in(source: str) -> set[str]:
    """The published tables to which a piece of code writes, whichever way: past the ORM, by the ORM, or in SQL."""
    found = set()
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        verb = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if verb in PAST_THE_ORM and call.args:
            written = ast.unparse(call.args[0])
        elif verb in BY_THE_ORM and isinstance(call.func, ast.Attribute):
            written = ast.unparse(call.func.value)
        elif verb in ("execute", "executemany") and call.args:
            written = ast.unparse(call.args[0])
            written = written if re.search(r"\b(INSERT|UPDATE|DELETE)\b", written) else ""
        else:
            continue
        found |= {table for table in PUBLISHED if re.search(rf"\b(?:conditions_)?{table}\b", written, re.IGNORECASE)}
    return found


PUBLISHED = {model.__name__ for model in PublishedTable.__subclasses__()}
PAST_THE_ORM = ("insert", "insert_one", "insert_raw", "update", "delete")
"""What writes in conditions/db.py: a table comes first."""
BY_THE_ORM = (
    *("create", "get_or_create", "update_or_create", "bulk_create"),
    *("bulk_update", "update", "delete", "save", "_raw_delete", "mark_in_file"),
)


def test_only_publishing_writes_the_published_tables():
    writers = {name_of(path): tables_written_in(path.read_text()) for path in MODULES}
    others = {name: tables for name, tables in writers.items() if tables and not name.startswith("publishing")}
    assert others == {}
    assert set().union(*writers.values()) == PUBLISHED, "the ways in which publishing writes are all looked for"


@pytest.mark.parametrize(
    "code",
    [
        "db.insert(Page, columns, rows)",
        "insert_one(Version, number=1)",
        "db.delete(Link.objects.filter(owner=1))",
        "Page.objects.filter(pk=1).update(name='')",
        "Edition.objects.create(number=2)",
        "published.Name.objects.all()._raw_delete('default')",
        "Version.objects.all().mark_in_file('x')",
        "cursor.execute('UPDATE conditions_page SET name = 1')",
    ],
)
def test_a_write_to_a_published_table_is_seen(code):
    assert tables_written_in(code)


def test_db_writes_in_the_ways_that_are_looked_for():
    tree = ast.parse((ROOT / "db.py").read_text())
    public = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    others = {"built", "count_anew", "in_values", "instance", "lock_table", "rows", "snapshot", "take_ids"}
    assert public == {*PAST_THE_ORM, *others}


MOST_LINES, MOST_LINES_OF_A_FUNCTION = 450, 40


def test_modules_and_functions_are_short():
    too_long = []
    for path in (*MODULES, *ROOT.parent.joinpath("facehealth").rglob("*.py")):
        text = path.read_text()
        if len(text.splitlines()) > MOST_LINES:
            too_long.append(f"{path.name} has more than {MOST_LINES} lines")
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.FunctionDef)
                and (lines := node.end_lineno - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
            ):
                too_long.append(f"{path.name}: {node.name} has {lines} lines")
    assert too_long == []


def test_test_modules_import_only_from_modules_without_tests():
    importing = re.compile(r"^\s*(?:from|import) tests\b.*\btest_", re.MULTILINE)
    modules = list(Path(__file__).parent.rglob("test_*.py"))
    assert [str(path) for path in modules if importing.search(path.read_text())] == []
