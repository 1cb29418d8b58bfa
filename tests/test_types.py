"""Types say what is passed on: `Any` is rare, mypy is strict, and Django's private API is in one module."""

import ast
import importlib
import inspect
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    path
    for package in ("conditions", "facehealth")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
LINES_TO_AN_ANY = 80
DOOR = "conditions/db.py"
"""The module that calls what Django keeps to itself."""
PUBLIC = {"_meta", "_base_manager", "_default_manager"}
"""What begins with an underscore and is documented all the same."""
EXCEPTIONS = {
    # Without it, Django's check answers by itself; the form that was typed would be lost.
    ("conditions/admin/expired_forms.py", "_reject"),
    # Django's loaddata wants a label, and argparse has no other way to reach an argument that is there.
    ("conditions/management/commands/loaddata.py", "_actions"),
    # A log line must not ask who the user is: that costs two queries.
    ("facehealth/logs.py", "_cached_user"),
    # granian takes a worker that stops before its parent was asked to for one that failed: there is no other way in.
    ("facehealth/parent.py", "_spawn_worker"),
    ("facehealth/parent.py", "_watcher"),
    # Who is asked to try again is no error of the site's; Django would log one for each.
    ("facehealth/passwords.py", "_has_been_logged"),
}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_private(name: str) -> bool:
    return bool(re.fullmatch(r"_[a-zA-Z]\w*(?<!_)", name)) and name not in PUBLIC


def _own(tree: ast.AST) -> set[str]:
    """The names that a file gives to methods, to variables of its classes and to attributes of `self`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found |= {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
            found |= {name.id for one in node.body for name in ast.walk(one) if _is_stored(name, ast.Name)}
        elif _is_stored(node, ast.Attribute) and ast.unparse(node.value) == "self":
            found.add(node.attr)
    return found


def _is_stored(node: ast.AST, kind: type) -> bool:
    return isinstance(node, kind) and isinstance(node.ctx, ast.Store)


def _used(tree: ast.AST) -> set[str]:
    """The private attributes that a file reads or sets, those named by a text for `getattr` included."""
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr", "hasattr"):
            found |= {one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {name for name in found if _is_private(name)}


def _overridden() -> set[tuple[str, str]]:
    """The private methods of other people's classes that ours put something in the place of."""
    found = set()
    for path in FILES:
        if path.name in ("wsgi.py", "__init__.py"):
            continue
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == module.__name__:
                theirs = {
                    name
                    for base in cls.__mro__
                    if not base.__module__.startswith(("conditions", "facehealth"))
                    for name in vars(base)
                }
                mine = {name for name, value in vars(cls).items() if inspect.isroutine(value)}
                found |= {(_name(path), name) for name in mine & theirs if _is_private(name)}
    return found


def test_any_is_rare():
    texts = [path.read_text() for path in FILES]
    words = sum(len(re.findall(r"\bAny\b", text)) for text in texts)
    lines = sum(text.count("\n") for text in texts)
    assert words * LINES_TO_AN_ANY <= lines, f"{words} times Any in {lines} lines; say what it is"


def test_mypy_is_strict_everywhere():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert settings["strict"] is True
    assert {"conditions", "facehealth"} <= set(settings["files"])
    weaker = [one for one in settings["overrides"] if set(one) - {"module", "follow_untyped_imports"}]
    assert weaker == []


def test_every_ignored_error_is_named():
    pattern = re.compile(r"#\s*type:\s*ignore(?!\[[a-z-]+\])")
    assert [_name(path) for path in FILES if pattern.search(path.read_text())] == []


def test_private_api_of_others_stands_in_one_module():
    trees = {_name(path): ast.parse(path.read_text()) for path in FILES}
    own = set().union(*map(_own, trees.values()))
    used = {(name, attribute) for name, tree in trees.items() for attribute in _used(tree) - own}
    found = {one for one in used | _overridden() if one[0] != DOOR}
    assert found == EXCEPTIONS
