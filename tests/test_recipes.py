"""The recipes of CONTRIBUTING.md work: followed in a copy of the project, what they add is known everywhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recipes.changes import MIGRATION, NEW_FILES, RECIPES

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("conditions", "facehealth", "templates", "tests", "manage.py", "pyproject.toml")


def named_in_contributing(what: str) -> list[str]:
    """The files that the recipe for adding something names, each at the head of a line of its list."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = re.search(rf"^### Add a {what}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"CONTRIBUTING.md has no recipe “Add a {what}”"
    return re.findall(r"^\d+\. `([^`]+)`", section[1], re.MULTILINE)


@pytest.mark.parametrize("what", RECIPES)
def test_contributing_names_the_files_that_an_addition_touches(what):
    assert named_in_contributing(what) == list(RECIPES[what])


@pytest.mark.parametrize(("what", "most"), [("field", 4), ("relation", 4), ("kind", 6)])
def test_an_addition_touches_few_files(what, most):
    assert len(RECIPES[what]) <= most


@pytest.mark.process
@pytest.mark.parametrize("what", RECIPES)
def test_what_a_recipe_adds_is_known_everywhere(what, tmp_path):
    copy = copy_of_the_project(tmp_path / "copy")
    for name, replacements in RECIPES[what].items():
        if name in NEW_FILES:
            (copy / name).write_text(NEW_FILES[name])
        for old, new in replacements:
            text = (copy / name).read_text()
            assert text.count(old) == 1, f"{name} has changed; the recipe adds beside {old!r}"
            (copy / name).write_text(text.replace(old, new))
    if MIGRATION in RECIPES[what]:
        run(copy, tmp_path, "manage.py", "makemigrations", "conditions", "--no-header", "--verbosity", "0")
    run(
        copy,
        tmp_path,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"tests/recipes/{what}.py",
        "tests/test_schema.py",
    )


def copy_of_the_project(folder: Path) -> Path:
    folder.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        else:
            shutil.copy(source, folder / name)
    (folder / "fixtures").mkdir()
    return folder


def run(copy: Path, data: Path, *args: str) -> None:
    """Run Python in the copy, on a database of its own; what it printed, where it fails."""
    environment = {"PATH": "/usr/bin:/bin", "DATA_DIR": str(data / "var"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *args], cwd=copy, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
