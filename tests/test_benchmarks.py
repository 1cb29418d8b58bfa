"""Benchmarks and what draws the pictures of docs/ run in no test, and call the site: what they call is there."""

import ast
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("conditions", "facehealth", "tests", "docs")
STARTS = "facehealth.wsgi"
"""What starts the site where it is imported: what it holds is not looked at."""
PROGRAMS = sorted([*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "docs").glob("*.py")])


def taken(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What a program imports from our modules: the name that it gives to that, and its whole name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in OURS:
            yield from ((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)


def missing(tree: ast.AST) -> Iterator[str]:
    """The names that a program takes from our modules, or asks one of them for, and that are not there."""
    modules: dict[str, ModuleType] = {}
    for name, whole in taken(tree):
        if whole.startswith(STARTS):
            continue
        try:
            found = resolve_name(whole)
        except (ImportError, AttributeError):
            yield whole
        else:
            modules |= {name: found} if isinstance(found, ModuleType) else {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            module = modules[node.value.id]
            if not hasattr(module, node.attr):
                yield f"{module.__name__}.{node.attr}"


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_programs_beside_the_site_call_is_there(path: Path):
    assert list(missing(ast.parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "text",
    [
        "from conditions import nothing_here",
        "def f():\n    from conditions import publishing\n    publishing.nothing()",
    ],
)
def test_a_name_that_is_gone_is_found(text: str):
    assert len(list(missing(ast.parse(text)))) == 1
