"""What our conditions' pages show, as data that a peer's database is filled with: python content.py FILE.

Texts are lists of pieces, each a statement as HTML with the quotes that stand beside it. The site is that of DATA_DIR
and DATABASE_URL.
"""

import json
import os
import re
import sys
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CARE = ("help_now", "help_today", "help_soon", "help_routine")
TEXTS = ("outlook", "self_care", "who_gets_it", "tests", "body", "at_the_doctor")
LISTS = ("symptoms", "causes", "treatments", "related")
MARK = re.compile(r'</?a\b[^>]*class="term"[^>]*>([^<]*)</a>')

Data = dict[str, Any]


def quotes(words: Iterable[Any]) -> list[Data]:
    """What a statement rests on: sentences as HTML with what carries it underlined, and whose they are."""
    from django.utils.html import escape

    return [
        {
            "document": f"{one.note.page.kind}/{one.note.page.slug}",
            "sentences": [
                "".join(f"<u>{escape(text)}</u>" if carries else escape(text) for carries, text in quoted.parts)
                for quoted in one.sentences
            ],
        }
        for one in words
    ]


def pieces(blocks: Iterable[Any]) -> list[Data]:
    """The statements of a text, without the marks of explained words. tag: "p", "ul", "ol", or none for other HTML."""
    return [
        {
            "tag": block.tag,
            "html": MARK.sub(r"\1", str(piece.html)),
            "quotes": quotes(getattr(piece, "words", ()) if block.tag else ()),
        }
        for block in blocks
        for piece in block.pieces
    ]


def care(content: Any, name: str) -> Data:
    """A card that says when to get help. Its quotes stand below all of it."""
    from conditions import prose

    card, text = content.prose[name], content.record[name]
    said = [(block.tag, piece.html) for block in prose.blocks(text, 4) for piece in block.pieces]
    plain = [{"tag": tag, "html": html, "quotes": []} for tag, html in said]
    return {"name": name, "title": card.title, "pieces": plain, "quotes": quotes(card.words)}


def condition(content: Any) -> Data:
    """All of a condition's page that peers show."""
    record, documents = content.record, [*content.documents, *content.sources]
    codes = [unescape(re.sub(r"<[^>]*>|\[\w+\]", "", code)).strip() for code in content.codes.get("codes", ())]
    answer = [(MARK.sub(r"\1", one.html), one.words) for one in content.answer]
    return {
        "slug": content.page.slug,
        "name": content.name,
        "also_called": record.get("also_called", []),
        "codes": ", ".join(codes),
        "summary": [{"tag": "p", "html": html, "quotes": quotes(rests_on)} for html, rests_on in answer],
        "where": content.where,
        "care": [care(content, name) for name in CARE if name in content.prose],
        "texts": {
            name: {"title": content.prose[name].title, "pieces": pieces(content.prose[name].blocks)}
            for name in TEXTS
            if name in content.prose
        },
        "lists": {
            name: {
                "title": content.relations[name].title,
                "rows": [
                    {
                        "target": row.page.slug,
                        "group": group,
                        "role": "" if content.relations[name].by_role else row.role,
                        "note": row.note if "<" not in row.note else re.sub(r"<[^>]*>", "", row.note),
                        "quotes": quotes(row.words),
                    }
                    for group, rows in content.relations[name].groups
                    for row in rows
                ],
            }
            for name in LISTS
        },
        "tags": [page.slug for page in content.references["tags"]],
        "questions": [page.slug for page in content.questions],
        "words": [{"slug": one.slug, "name": one.name, "summary": one.summary} for one in content.words_explained],
        "rests_on": [
            {"document": f"{one.note.page.kind}/{one.note.page.slug}", "words": [words for words, _ in one.uses]}
            for one in documents
        ],
    }


def everything() -> Data:
    """All conditions, and the entries that they name, by kind."""
    from conditions import page_content
    from conditions.models.published import Page
    from conditions.schema import Kind

    pages = Page.objects.live().select_related("live").order_by("kind", "slug")
    found: Data = {kind.value: [] for kind in Kind}
    for page in pages:
        if page.kind == Kind.CONDITION:
            found[page.kind].append(condition(page_content.live_page(Kind.CONDITION, page.slug)))
        else:
            said = page.live.record
            kept = {name: said.get(name) or "" for name in ("author", "publisher", "licence", "url", "printed")}
            found[page.kind].append({"slug": page.slug, "name": page.name, "summary": page.summary, **kept})
    return found


def main(file: Path) -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "facehealth.settings"
    import django

    django.setup()
    file.write_text(json.dumps(everything()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
