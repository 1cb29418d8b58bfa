"""The style sheets: colors stand in one place, and every rule is for something that there is."""

from __future__ import annotations

import re
from pathlib import Path

import django.contrib.admin
import pytest
from django.conf import settings

STATIC = settings.BASE_DIR / "conditions" / "static" / "conditions"
SHEETS = sorted(STATIC.glob("*.css"))
OF_DJANGO = {"errorlist", "field-last_saved_at", "id_password", "id_username"}
"""Names that Django makes of others."""


def rules(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def test_what_is_dark_by_choice_is_what_is_dark_by_the_system():
    text = rules(STATIC / "tokens.css")
    whole = [
        re.findall(r"(--[a-z0-9-]+): ([^;]+);", part)
        for part in re.findall(r"\{([^{}]*)\}", text)
        if "--blush: 20%" in part
    ]
    assert len(whole) == 2
    assert whole[0] == whole[1]


@pytest.mark.parametrize("path", [path for path in SHEETS if path.name != "tokens.css"], ids=lambda path: path.name)
def test_colors_are_named_in_tokens_alone(path: Path):
    values = " ".join(re.findall(r":([^:;{}]+);", rules(path)))
    assert re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsl\(", values) == []


def test_each_token_is_used():
    text = "".join(map(rules, SHEETS))
    tokens = set(re.findall(r"(--[a-z0-9-]+):", rules(STATIC / "tokens.css")))
    assert {token for token in tokens if f"var({token})" not in text} == set()


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_each_class_and_id_is_one_that_there_is(path: Path):
    ours = settings.BASE_DIR
    stock = Path(django.contrib.admin.__file__).parent
    files = [*ours.glob("templates/**/*.html"), *ours.glob("conditions/**/*.py"), *STATIC.glob("*.js")]
    files += [*stock.glob("templates/**/*.html"), *stock.glob("**/*.py")]
    known = set(re.findall(r"[\w-]+", " ".join(file.read_text() for file in files))) | OF_DJANGO
    selectors = " ".join(re.findall(r"([^{};]+)\{", rules(path)))
    assert set(re.findall(r"[.#]([a-zA-Z][\w-]*)", selectors)) - known == set()
