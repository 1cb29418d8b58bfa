"""Our content in the forms that peers keep it in, and their tables."""

import json
import re
import sys
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command


def make_tables(app: str) -> None:
    """Make the tables of all apps; the peer's own has no migrations but those that are made here."""
    with TemporaryDirectory() as folder:
        package = Path(folder, "made_migrations")
        package.mkdir()
        (package / "__init__.py").touch()
        sys.path.insert(0, folder)
        call_command("makemigrations", app, verbosity=0)
        call_command("migrate", verbosity=0)


def read(file: str) -> dict[str, list[dict[str, Any]]]:
    """Our content, by kind, as benchmarks/serving/content.py wrote it."""
    found: dict[str, list[dict[str, Any]]] = json.loads(Path(file).read_text())
    return found


def documents(content: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, str]]:
    """What quotes are from, by kind and slug: name, address, and who says it."""
    return {
        f"{kind}/{each['slug']}": {
            "name": each["name"],
            "url": f"/{kind}s/{each['slug']}/",
            "by": each["author"] or each["publisher"] or "author not known",
        }
        for kind in ("question", "source")
        for each in content[kind]
    }


INLINE = [
    (re.compile(r"</?(?:strong|b)>"), "**"),
    (re.compile(r"</?(?:em|i)>"), "*"),
    (re.compile(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>'), r"[\2](\1)"),
    (re.compile(r"<h(\d)>(.*?)</h\d>"), lambda found: "#" * int(found[1]) + " " + found[2]),
    (re.compile(r"</?p>|<br ?/?>"), "\n"),
    (re.compile(r"<(?!/?u>)[^>]*>"), ""),
]


def markdown_of(html: str) -> str:
    """HTML of our statements as somebody types it in Markdown; words that are underlined stay so."""
    for pattern, instead in INLINE:
        html = pattern.sub(instead, html)
    return unescape(html).strip()


def markdown_text(pieces: Iterable[dict[str, Any]], known: dict[str, dict[str, str]]) -> str:
    """A text as Markdown: each statement, and its quotes in a block of their own, which opens."""
    parts = []
    for piece in pieces:
        said = markdown_of(piece["html"])
        for quote in piece["quotes"]:
            document = known[quote["document"]]
            lines = [f"> “{markdown_of(sentence)}”\n>" for sentence in quote["sentences"]]
            lines.append(f"> [{document['name']}]({document['url']}), {document['by']}")
            said += "\n\n<details><summary>The words</summary>\n\n" + "\n".join(lines) + "\n\n</details>"
        if piece["tag"] in ("ul", "ol"):
            said = "- " + said.replace("\n", "\n  ").replace("\n  \n", "\n\n")
        parts.append(said)
    return "\n\n".join(parts) + "\n"


def rich_text(pieces: Iterable[dict[str, Any]], links: dict[str, str], known: dict[str, dict[str, str]]) -> str:
    """A text as HTML of an editor of rich text. links: the opening tag that leads to a document."""
    parts = []
    for piece in pieces:
        html = piece["html"]
        if piece["tag"] in ("ul", "ol"):
            html = f"<{piece['tag']}><li>{html}</li></{piece['tag']}>"
        elif piece["tag"] == "p":
            html = f"<p>{html}</p>"
        parts.append(html + rich_quotes(piece["quotes"], links, known))
    return "".join(parts)


def rich_quotes(quotes: Iterable[dict[str, Any]], links: dict[str, str], known: dict[str, dict[str, str]]) -> str:
    """Quotes as HTML of an editor of rich text."""
    found = []
    for quote in quotes:
        document = quote["document"]
        found += [f"<blockquote>“{sentence}”</blockquote>" for sentence in quote["sentences"]]
        found.append(f"<p>The words: {links[document]}{known[document]['name']}</a>, {known[document]['by']}</p>")
    return "".join(found)
