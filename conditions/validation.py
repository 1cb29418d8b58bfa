"""What is wrong with a record, whatever is in it, what keeps it from being published, and what readers would miss."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections.abc import Collection, Mapping
from datetime import date
from typing import TypeGuard
from urllib.parse import urlsplit

from django.db.models.functions import Lower

from conditions import characters, db, prose, quotes
from conditions.drafts import SlugResolver
from conditions.models import desk
from conditions.models.published import Address
from conditions.records import (
    Problem,
    Record,
    RecordLike,
    canonical_text,
    citations_of,
    citing_fields,
    citing_texts,
    in_words,
    listed,
    references,
    rows_without_evidence,
    schema_of,
)
from conditions.schema import (
    ABSENT,
    CITATIONS,
    ITSELF,
    NOW,
    ROW_REFERENCES,
    SLUG_LENGTH,
    Field,
    FieldType,
    Heading,
    Kind,
    ReferenceField,
    Relation,
)

SLUG = re.compile(r"[-a-zA-Z0-9_]+")
"""What a slug can be, with those that were made before they had to be file names on every system."""
RESERVED = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]")
"""What Windows does not let a file be called, whatever its ending."""
CODE = re.compile(r"[^\s\[]\S* [^\s\[]\S*( \[@[-a-zA-Z0-9_]+\])?")


def problems(record: RecordLike) -> list[Problem]:
    """All that is wrong with a record, whatever the types in it. References are checked by who knows them."""
    schema = schema_of(record)
    found = _slug_problems(record.get("slug"))
    for field in schema.fields:
        found += _field_problems((field.name,), field, record.get(field.name))
    for reference in schema.references:
        found += _reference_field_problems((reference.name,), reference, record.get(reference.name))
    for relation in schema.relations:
        found += _relation_problems(relation, record)
    return found or [*_citation_problems(record), *_near_citations(record), *_named_itself(record)]


_NEAR = re.compile(r"\[@[-a-zA-Z0-9_]+\s*[\"“”][^\]]{0,60}")


def _near_citations(record: RecordLike) -> list[Problem]:
    """What was meant to cite words and does not: readers would see it as it was typed."""
    found = []
    for field in citing_fields(record):
        for text in citing_texts(record.get(field.name)):
            if near := _NEAR.search(quotes.CITATION.sub("", text)):
                words = 'is no citation; write [@slug "words"], with straight quotes and no blank before the bracket'
                found.append(Problem((field.name,), f"{in_words(near[0])} {words}"))
    return found


def _named_itself(record: RecordLike) -> list[Problem]:
    """References of an entry to itself."""
    own = (Kind(record["kind"]), record["slug"])
    return [
        Problem((field.name,), "names the entry itself; choose another")
        for field in schema_of(record).references
        if any(field.target(said) == own for said in record.get(field.name) or ())
    ]


def _slug_problems(slug: object) -> list[Problem]:
    if not slug:
        return [Problem(("slug",), "is missing; use lower-case letters, digits and hyphens")]
    if is_slug(slug):
        return []
    words = f"is not a valid slug; use up to {SLUG_LENGTH} lower-case letters, digits and hyphens"
    return [Problem(("slug",), f"{in_words(slug)} {words}")]


def is_slug(value: object) -> TypeGuard[str]:
    """Whether a value can be the slug of an entry."""
    return isinstance(value, str) and len(value) <= SLUG_LENGTH and SLUG.fullmatch(value) is not None


def _field_problems(path: tuple[str, ...], field: Field, value: object) -> list[Problem]:
    if field.type is FieldType.FLAG:
        is_word = isinstance(value, str) and value.strip().lower() in ("", "true", "false")
        is_flag = is_word or value is None or isinstance(value, bool)
        return [] if is_flag else [Problem(path, f"{in_words(value)} is neither true nor false; write one of the two")]
    if field.is_list:
        return _list_problems(path, field, value)
    if found := _text_problems(path, field, value):
        return found
    text = canonical_text(field, value).strip() if isinstance(value, str) else ""
    message = ""
    if not text:
        message = f"is missing; write {_words_of(field)}" if field.required else ""
    elif field.type is FieldType.CHOICE and text not in [choice.value for choice in field.choices]:
        message = f"{in_words(text)} is not {_words_of(field)}"
    elif field.type is FieldType.DATE and not _is_date(text):
        message = f"{in_words(text)} is not a valid date; write it as 2026-05-31"
    elif field.type is FieldType.URL and not _is_web_address(text):
        message = f"{in_words(text)} is not a valid web address; start it with https:// or http://"
    return [Problem(path, message)] if message else []


def _words_of(field: Field) -> str:
    """What can be written in a field."""
    return f"one of: {', '.join(choice.value for choice in field.choices)}" if field.choices else "it"


def _text_problems(path: tuple[str, ...], field: Field, value: object) -> list[Problem]:
    if value is None:
        return []
    if not isinstance(value, str):
        return [Problem(path, f"expected text, found {in_words(value)}; put it in quotes")]
    if found := characters.not_kept(value, verbatim=field.type is FieldType.VERBATIM):
        return [Problem(path, f"contains the control character {_place_of(found)}; remove it")]
    length = _length(field, value)
    if length > field.type.longest:
        return [Problem(path, f"is {length} characters long; shorten it to at most {field.type.longest}")]
    return []


def _place_of(found: re.Match[str]) -> str:
    """What a character is and where, for people who cannot see it."""
    line = found.string.count("\n", 0, found.start()) + 1
    where = f" in line {line}" if "\n" in found.string else ""
    before = prose.canonical_line(found.string[max(0, found.start() - 40) : found.start()])
    return f"U+{ord(found[0]):04X}{where}, " + (f"after {before!r}" if before else "at the beginning")


def _length(field: Field, value: str) -> int:
    """How long a text is as it will be kept, the line end at its end not counted."""
    # What is far too long is not worth reading.
    kept = canonical_text(field, value) if len(value) < 4 * field.type.longest else value
    return len(kept.replace("\r\n", "\n").strip())


def _list_problems(path: tuple[str, ...], field: Field, value: object) -> list[Problem]:
    if value is not None and not isinstance(value, list):
        return [Problem(path, f"expected a list of texts, found {in_words(value)}")]
    found = [problem for item in value or () for problem in _text_problems(path, field, item)]
    if None in (value or ()):
        found.append(Problem(path, "contains an empty item; remove it"))
    if field.type is FieldType.CODES and not found:
        words = "is not a valid code; write the system, a space, then the code: ICD-10-CM G51.3 (and [@slug] to cite)"
        wrong = [code for code in value or () if not CODE.fullmatch(prose.canonical_line(code))]
        found = [Problem(path, f"{in_words(code)} {words}") for code in wrong]
    if field.type is FieldType.QUOTES and not found:
        words = 'is no citation with words; write [@slug "words"], with the words exactly as the document has them'
        lines = [prose.canonical_line(line) for line in value or ()]
        found = [Problem(path, f"{in_words(line)} {words}") for line in lines if line and not _is_quote(line)]
    return found


def _is_quote(line: str) -> bool:
    found = quotes.CITATION.fullmatch(line)
    return bool(found and found[2] and found[2].strip())


def _reference_field_problems(path: tuple[str, ...], field: ReferenceField, value: object) -> list[Problem]:
    if value is None:
        return []
    if not isinstance(value, list):
        return [Problem(path, f"expected a list of slugs, found {in_words(value)}")]
    others = [said for said in value if not isinstance(said, str)]
    if None in others:
        return [Problem(path, "contains an empty item; remove it")]
    if others:
        return [Problem(path, f"expected a list of slugs, found {in_words(others[0])} in it")]
    if field.is_single and len(set(value)) > 1:
        return [Problem(path, f"names {len(set(value))}; keep one")]
    return [Problem(path, message) for said in value if (message := _bad_reference(field, said))]


def _bad_reference(field: ReferenceField, said: str) -> str:
    try:
        kind, slug = field.target(said)
    except ValueError:
        kind, slug = None, ""
    if kind in field.kinds and is_slug(slug):
        return ""
    if len(field.kinds) == 1:
        return f"{in_words(said)} is not a valid slug"
    return f"{in_words(said)} does not name an entry; write it as conditions/bells-palsy"


def _relation_problems(relation: Relation, record: RecordLike) -> list[Problem]:
    value, name = record.get(relation.name), relation.name
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return [Problem((name,), f"expected a list of rows, found {in_words(value)}")]
    found: list[Problem] = []
    seen: set[str] = set()
    for row in value:
        target = row.get("target")
        if not is_slug(target):
            found.append(Problem((name,), f"{in_words(target)} is not the slug of a {relation.target.label}"))
            continue
        if target in seen:
            found.append(Problem((name, target), "is listed twice; merge the two into one"))
        if relation.target == record["kind"] and target == record.get("slug"):
            found.append(Problem((name, target), "is the entry itself; choose another"))
        seen.add(target)
        found += _row_problems(relation, (name, target), row)
    return found


def _row_problems(relation: Relation, path: tuple[str, ...], row: RecordLike) -> list[Problem]:
    found: list[Problem] = []
    for field in relation.fields:
        found += _field_problems((*path, field.name), field, row.get(field.name))
    for reference in ROW_REFERENCES:
        found += _reference_field_problems((*path, reference.name), reference, row.get(reference.name))
    if not found:
        words = "is not among this row's documents (evidence) or sources; add it there"
        cited = [slug for field in relation.fields if field.cites for slug in citations_of(field, row.get(field.name))]
        found = [Problem((*path, "quotes"), f"[@{slug}] {words}") for slug in cited if slug not in listed(row)]
    return found


def _citation_problems(record: RecordLike) -> list[Problem]:
    """Citations of what the entry does not list, and of a slug that both a document and a source of it have."""
    own = listed(record)
    twice = set.intersection(*(set(record.get(field.name) or ()) for field in CITATIONS))
    found = []
    for field in citing_fields(record):
        for slug in citations_of(field, record.get(field.name)):
            if slug not in own:
                words = "is not among this entry's documents (evidence) or sources; add it there"
                if record["kind"] == Kind.QUESTION:
                    words = f'is no source of this question; its own answer is cited as [@{ITSELF} "words"]'
                elif not schema_of(record).reference(CITATIONS[0].name):
                    words = f"is a citation, and a {record['kind']} cites nothing; remove it"
                found.append(Problem((field.name,), f"[@{slug}] {words}"))
            elif slug in twice:
                words = "could be the document or the source of that name; list only one of the two in this entry"
                found.append(Problem((field.name,), f"[@{slug}] {words}"))
    return found


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


def new_slug_problems(kind: Kind, slugs: Collection[str], entry: desk.VersionedEntry | None = None) -> dict[str, str]:
    """What is wrong with slugs as file names, on every system, by slug. Those on the desk may stay as they are.

    So may old addresses, unless another entry is there in other letters. entry: whose slug it is to be, if it has one.
    """
    others = desk.entries(kind).exclude(pk=entry.pk if entry else None)
    alike = others.annotate(lower=Lower("slug")).filter(lower__in=db.in_values({slug.lower() for slug in slugs}))
    on_desk = set(alike.values_list("slug", flat=True))
    addresses = Address.objects.filter(kind=kind, slug__in=db.in_values(slugs))
    known = set(addresses.values_list("slug", flat=True))
    twins = {slug.lower(): slug for slug in on_desk}
    new = [slug for slug in slugs if slug not in on_desk]
    return {slug: words for slug in new if (words := _as_file_name(slug, twins.get(slug.lower()), slug in known))}


def _as_file_name(slug: str, twin: str | None, is_known: bool) -> str:
    """What is wrong with a slug as a file name. twin: that of another entry, in other letters."""
    if slug != slug.lower() and (twin or not is_known):
        return f"{slug!r} is {slug.lower()!r} in other letters; write it so: some systems cannot tell the two apart"
    if twin:
        return f"{slug!r} is {twin!r} in other letters, which some systems cannot tell apart; choose another"
    if is_known:
        return ""
    if RESERVED.fullmatch(slug):
        return f"{slug!r} cannot be the name of a file on Windows; choose another, such as {slug + '-1'!r}"
    if slug != slug.strip("-_"):
        return f"{slug!r} begins or ends with a hyphen; write {slug.strip('-_')!r}"
    return ""


class Suggestions:
    """What slugs that name no entry may have meant. Only the first few are looked for, each among a bounded number.

    coming: slugs of entries that will be there too, by kind.
    """

    MOST = 20
    """Messages show no more, and comparing slugs takes time."""
    NEIGHBORS = 150
    """So many are compared on each side of a slug in the alphabet, and as many where both are read from their end."""

    def __init__(self, coming: Mapping[Kind, set[str]] | None = None) -> None:
        self.coming = coming or {}
        self._left = self.MOST
        self._known: dict[Kind, tuple[list[str], list[str]]] = {}

    def remedy(self, kind: Kind, slug: str) -> str:
        """What to do about a slug that names no entry."""
        if self._left:
            self._left -= 1
            if close := difflib.get_close_matches(slug.lower(), self._near(kind, slug.lower()), n=1):
                return f"did you mean {close[0]!r}?"
        return "add it first, or remove it"

    def _near(self, kind: Kind, slug: str) -> list[str]:
        """Slugs that begin or end as this one does."""
        if kind not in self._known:
            known = set(desk.entries(kind).values_list("slug", flat=True)).union(self.coming.get(kind, ()))
            self._known[kind] = sorted(known), sorted(each[::-1] for each in known)
        forward, backward = self._known[kind]
        return [*self._around(forward, slug), *(each[::-1] for each in self._around(backward, slug[::-1]))]

    def _around(self, ordered: list[str], slug: str) -> list[str]:
        place = bisect_left(ordered, slug)
        return ordered[max(0, place - self.NEIGHBORS) : place + self.NEIGHBORS]


def reference_problems(
    record: RecordLike, resolver: SlugResolver, suggestions: Suggestions | None = None
) -> list[Problem]:
    """References to entries that are neither on the desk nor among those that are coming with this one."""
    suggestions = suggestions or Suggestions()
    return [
        Problem(one.path, f"there is no {one.kind.label} {one.slug!r}; {suggestions.remedy(one.kind, one.slug)}")
        for one in references(record)
        if one.slug not in suggestions.coming.get(one.kind, ()) and not resolver.knows(one.kind, one.slug)
    ]


# What keeps it from being published


def publish_blockers(record: Record) -> list[Problem]:
    """What must be fixed before the record can be published: what readers need, and what each relation rests on."""
    schema = schema_of(record)
    found = []
    for field in schema.fields:
        if field.needed and not prose.uncited(record.get(field.name) or ""):
            found.append(Problem((field.name,), field.needed))
        elif field.type is FieldType.MARKDOWN:
            flaws = prose.flaws(record.get(field.name) or "", only_calls=field.name == NOW)
            found += [Problem((field.name,), words) for words in flaws]
    for relation, row in rows_without_evidence(record):
        words = f"this {relation.target.label} has no evidence; add the document or source that states it"
        found.append(Problem((relation.name, row["target"]), words))
    return found


# What readers would miss


_OFTEN = re.compile(r"\b(?:(?<!not )(?<!less )(?<!un)common|most people|many people)\b", re.IGNORECASE)
_OPENINGS = {NOW: "Call", "help_today": "If", "help_soon": "If"}
"""How the text of a card begins: with what to do, or with for whom what its title says to do is."""


def advice(record: RecordLike) -> list[Problem]:
    """What readers would miss in a record that can be published: each at its place, with what to do."""
    found = [*_advice_on_care(record), *_advice_on_causes(record)]
    schema = schema_of(record)
    parts: tuple[Field | Relation, ...] = (*schema.fields, *schema.relations)
    return found + [Problem((part.name,), part.wanted) for part in parts if part.wanted and not record.get(part.name)]


def _advice_on_care(record: RecordLike) -> list[Problem]:
    found = []
    for field in schema_of(record).fields:
        text = prose.plain(record.get(field.name) or "") if field.heading is Heading.CARE and not field.hidden else ""
        if text and field.retired:
            words = f"its title, “{field.title}”, says nothing to do; move each sentence to another card, and empty it"
            found.append(Problem((field.name,), words))
        elif text and field.name in _OPENINGS and not text.startswith(_OPENINGS[field.name]):
            flaw = "says nothing to do" if field.name == NOW else "does not say for whom it is"
            found.append(Problem((field.name,), f"{flaw}; begin with “{_OPENINGS[field.name]} …”"))
    return found


def _advice_on_causes(record: RecordLike) -> list[Problem]:
    """Where something is common and only what is not everyday stands as its cause."""
    rows = [row for row in record.get("causes") or () if row.get("certainty") != ABSENT]
    is_common = _OFTEN.search(prose.uncited(record.get("summary") or ""))
    if not rows or not is_common or any(row.get("everyday") for row in rows):
        return []
    words = "it is said to be common, and no cause is marked as everyday; mark those that most people know, or add one"
    return [Problem(("causes",), words)]
