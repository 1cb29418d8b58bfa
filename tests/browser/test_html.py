"""The Nu HTML checker finds no error, nor anything to warn of, on any public page."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.browser.content import PAGES, STATUS, live_addresses

JAR = Path(__file__).parent / "node_modules/vnu-jar/build/dist/vnu.jar"
JAVA = shutil.which("java")
ERROR_PAGES = ("400.html", "403.html", "403_csrf.html", "404.html", "500.html")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(JAVA is None, reason="Java is not installed"),
    pytest.mark.skipif(not JAR.exists(), reason="No vnu.jar: npm ci --ignore-scripts --prefix tests/browser"),
]


def check(folder: Path, pages: dict[str, str]) -> list[str]:
    """What the checker says about pages, each by its address."""
    files = {}
    for place, (address, text) in enumerate(pages.items()):
        file = folder / f"{place}.html"
        file.write_text(text)
        files[str(file)] = address
    command = [JAVA, "-jar", str(JAR), "--format", "json", "--exit-zero-always", *files]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stderr)["messages"]
    return [
        f"{files.get(each['url'].removeprefix('file:'))}: {each['message']}: {each.get('extract')}" for each in said
    ]


def read(address: str, status: int = 200) -> str:
    answer = Client().get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def test_no_public_page_has_an_error(db, tmp_path):
    pages = {address: read(address, STATUS.get(name, 200)) for name, address in PAGES.items()}
    pages |= {address: read(address) for address in live_addresses()}
    pages |= {name: render_to_string(name) for name in ERROR_PAGES}
    assert len(pages) > 150
    assert check(tmp_path, pages) == []


def test_the_checker_would_find_an_error(tmp_path):
    said = check(tmp_path, {"bad": "<!doctype html><html lang=en><title>Bad</title><p id=a><p id=a><b></p>"})
    assert len(said) >= 2
    assert all(each.startswith("bad: ") for each in said)
