"""What is wrong with a record, whatever is in it, and what keeps it from being published: each at its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from conditions import prose
from conditions.drafts import SlugResolver
from conditions.models import desk
from conditions.models.published import ABOUT_KINDS, ROW_RELATIONS, TARGET_KINDS, Kind, Link
from conditions.records import (
    MARKS,
    SHAPES,
    Field,
    Problem,
    Record,
    Rows,
    Text,
    citing_fields,
    citing_texts,
    listed,
    references,
)

SLUG = re.compile(r"[-a-zA-Z0-9_]+")
CODE = re.compile(r"[^\s\[]\S* [^\s\[]\S*( \[@[-a-zA-Z0-9_]+\])?")


def problems(record: Mapping[str, Any]) -> list[Problem]:
    """All that is wrong with a record, whatever the types in it. References are checked by who knows them."""
    shape = SHAPES[Kind(record["kind"])]
    found = _slug_problems(record.get("slug"))
    for field in shape.fields:
        found += _field_problems(field, record.get(field.name))
    for mark in shape.marks:
        found += _mark_problems((mark,), mark, record.get(mark))
    for rows in shape.rows:
        found += _rows_problems(rows, record)
    return found or _citation_problems(record)


def _slug_problems(slug: Any) -> list[Problem]:
    if not slug:
        return [Problem(("slug",), "is missing; write letters, digits and hyphens")]
    if isinstance(slug, str) and SLUG.fullmatch(slug) and len(slug) <= desk.SLUG_LENGTH:
        return []
    return [Problem(("slug",), f"{_shown(slug)} is no slug; write letters, digits and hyphens, at most 200 of them")]


def _field_problems(field: Field, value: Any) -> list[Problem]:
    if field.text is Text.SET:
        return _set_problems(field, value)
    found = _text_problems((field.name,), value, field.longest)
    if found:
        return found
    text = (value or "").strip()
    message = ""
    if not text:
        message = "is missing; write it" if field.required else ""
    elif field.text is Text.CHOICE and text not in field.choices:
        message = f"{_shown(text)} is none of: {', '.join(field.choices)}"
    elif field.text is Text.DATE and not _is_date(text):
        message = f"{_shown(text)} is no date; write it as 2026-05-31"
    elif field.text is Text.URL and not _is_web_address(text):
        message = f"{_shown(text)} is no web address; it begins with https:// or http://"
    return [Problem((field.name,), message)] if message else []


def _text_problems(path: tuple[str, ...], value: Any, longest: int) -> list[Problem]:
    if value is not None and not isinstance(value, str):
        return [Problem(path, f"expected text, found {_shown(value)}; put it in quotes")]
    if value and prose.has_control_characters(value):
        return [Problem(path, "holds a control character; take it out")]
    # As it will be kept: forms send two characters for a line end, and the last one is added.
    length = len((value or "").replace("\r\n", "\n").strip())
    if length > longest:
        return [Problem(path, f"is {length} characters long; at most {longest} fit")]
    return []


def _set_problems(field: Field, value: Any) -> list[Problem]:
    path = (field.name,)
    if value is not None and not isinstance(value, list):
        return [Problem(path, f"expected a list of texts, found {_shown(value)}")]
    found = [problem for item in value or () for problem in _text_problems(path, item, desk.NAME_LENGTH)]
    if None in (value or ()):
        found.append(Problem(path, "holds an empty item; take it out"))
    if field.name == "codes" and not found:
        found = [
            Problem(
                path, f"{_shown(code)} is no code; write system, space, code: ICD-10-CM G51.3 (and [@slug] to cite)"
            )
            for code in value or ()
            if not CODE.fullmatch(prose.canonical_line(code))
        ]
    return found


def _mark_problems(path: tuple[str, ...], mark: str, value: Any) -> list[Problem]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(slug, str) for slug in value):
        return [Problem(path, f"expected a list of slugs, found {_shown(value)}")]
    return [Problem(path, _bad_reference(mark, slug)) for slug in value if _bad_reference(mark, slug)]


def _bad_reference(mark: str, slug: str) -> str:
    if mark != "about":
        return "" if SLUG.fullmatch(slug) else f"{_shown(slug)} is no slug"
    plural, _, rest = slug.partition("/")
    if plural in {kind.plural for kind in ABOUT_KINDS} and SLUG.fullmatch(rest):
        return ""
    return f"{_shown(slug)} names no entry; write it as conditions/bells-palsy"


def _rows_problems(rows: Rows, record: Mapping[str, Any]) -> list[Problem]:
    value = record.get(rows.relation)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return [Problem((rows.relation,), f"expected a list of rows, found {_shown(value)}")]
    found: list[Problem] = []
    seen: set[str] = set()
    for row in value:
        target = row.get("target")
        if not isinstance(target, str) or not SLUG.fullmatch(target):
            found.append(Problem((rows.relation,), f"{_shown(target)} is no slug of a {rows.kind.value}"))
            continue
        if target in seen:
            found.append(Problem((rows.relation, target), "stands here twice; join the two rows"))
        if rows.kind == record["kind"] and target == record.get("slug"):
            found.append(Problem((rows.relation, target), "is the entry itself; name another"))
        seen.add(target)
        found += _row_problems(rows, target, row)
    return found


def _row_problems(rows: Rows, target: str, row: Mapping[str, Any]) -> list[Problem]:
    path = (rows.relation, target)
    found = _text_problems((*path, "note"), row.get("note"), 1000)
    if rows.has_role and row.get("role") not in Link.Role.values:
        message = f"{_shown(row.get('role'))} is none of: {', '.join(Link.Role.values)}"
        found.append(Problem((*path, "role"), message))
    for mark in MARKS:
        found += _mark_problems((*path, mark), mark, row.get(mark))
    return found


def _citation_problems(record: Mapping[str, Any]) -> list[Problem]:
    own = listed(record)
    return [
        Problem((field.name,), f"[@{slug}] is not among this entry's documents (evidence) or sources; add it there")
        for field in citing_fields(record)
        for text in citing_texts(record.get(field.name))
        for slug in prose.citations(text)
        if slug not in own
    ]


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    return {dict: "a mapping", list: "a list", type(None): "nothing", bool: "yes or no"}.get(
        type(value), f"{value!r:.60}"
    )


def reference_problems(
    record: Mapping[str, Any], directory: SlugResolver, coming: Mapping[Kind, set[str]] | None = None
) -> list[Problem]:
    """References to entries that are neither on the desk nor among those that are `coming` with this one."""
    coming = coming or {}
    return [
        Problem(path, f"no {kind.value} {slug!r}{_suggestion(kind, slug, coming.get(kind, set()))}")
        for path, kind, slug in references(record)
        if slug not in coming.get(kind, ()) and not directory.knows(kind, slug)
    ]


def _suggestion(kind: Kind, slug: str, coming: set[str]) -> str:
    known = coming.union(SHAPES[kind].model.objects.values_list("slug", flat=True))
    close = difflib.get_close_matches(slug, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else "; add it first, or take it out"


# What keeps it from being published


def publish_blockers(record: Record) -> list[Problem]:
    """What must be mended before the record can be published: a summary, and what each relation rests on."""
    found = []
    if "body" in record and not record["summary"]:
        found.append(Problem(("summary",), "write one plain sentence"))
    if "answer" in record and not record["answer"].strip():
        found.append(Problem(("answer",), "write what the document says, word for word"))
    for relation in ROW_RELATIONS:
        for row in record.get(relation, ()):
            if not row["evidence"] and not row["sources"]:
                message = (
                    f"this {TARGET_KINDS[relation].value} rests on nothing; add the document or source that states it"
                )
                found.append(Problem((relation, row["target"]), message))
    return found
