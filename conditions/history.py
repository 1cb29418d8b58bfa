"""What changed: the differences of two records in words, and what editions did to a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from django.db.models import QuerySet

from conditions import prose, quotes, records
from conditions.merge import Value
from conditions.models.published import Change, Edition, Page, Version
from conditions.page_content import live_targets
from conditions.schema import CITATIONS, REFERENCES, Field, FieldType, Kind, ReferenceField, Relation, Schema

Names = Mapping[tuple[Kind, str], str]
"""What pages are called, by kind and slug."""


def without_hidden(record_list: Sequence[records.RecordLike]) -> tuple[list[records.Record], Names]:
    """Records without what readers cannot see now: what they refer to, rows with all that they say, hidden fields.

    And the names of what they refer to.
    """
    pages = live_targets([reference for record in record_list for reference in records.references(record)])
    seen = [_without_hidden(record, pages) for record in record_list]
    return seen, {place: page.name for place, page in pages.items()}


def _without_hidden(record: records.RecordLike, pages: Mapping[tuple[Kind, str], Page]) -> records.Record:
    out = records.map_references(record, lambda kind, slug: slug if (kind, slug) in pages else None)
    hidden = records.cited_in(out) - records.listed(out)
    out |= records.rename_citations(out, dict.fromkeys(hidden)) if hidden else {}
    # Of what entries of the kind no longer have, texts can be shown; rows and lists may name what is hidden.
    schema = records.schema_of(record)
    known = {"kind", "slug", *(part.name for part in (*schema.parts, *schema.relations))}
    past = {name: value for name, value in record.items() if name not in known and isinstance(value, str)}
    texts = {name: prose.map_citations(text, dict.fromkeys(prose.citations(text))) for name, text in past.items()}
    unseen: records.Record = {field.name: [] for field in schema.fields if field.hidden}
    return {name: value for name, value in out.items() if name in known} | texts | unseen


@dataclass(frozen=True)
class Difference:
    """What differs in one place between two records, in words: empty where it was not there."""

    label: str
    was: str
    now: str

    @property
    def marked(self) -> list[tuple[str, str]]:
        """The text with what was taken out ("del") and put in ("ins") marked in it, in pieces."""
        before, after = self.was.split(), self.now.split()
        if not before or not after or len(before) + len(after) > MOST_WORDS:
            return [piece for piece in (("del", self.was), ("ins", self.now)) if piece[1]]
        found: list[tuple[str, str]] = []
        for _, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            gone, come = " ".join(before[start:end]), " ".join(after[first:last])
            found += [("", gone)] if gone == come else [piece for piece in (("del", gone), ("ins", come)) if piece[1]]
        return found


MOST_WORDS = 4000
"""Texts of more words are shown one after the other: comparing them word by word takes too long."""
RESTS = "What it rests on changed."
BARE = "rests on nothing"
BARE_TO_READERS = "what it rested on has been withdrawn"
"""What is published rests on something: where readers see nothing of that, it was taken down later."""


def differences(
    before: records.RecordLike | None,
    after: records.RecordLike,
    names: Names,
    *,
    bare: str = BARE,
    as_read: bool = False,
) -> list[Difference]:
    """What changed between two records, place by place; everything, where there was none before.

    names: what to call that which they refer to; by its slug where it has none. bare: what to say of a row that cites
    nothing. as_read: texts without markup and citations. Of records from before there was one form of text, only what
    is said otherwise is a difference.
    """
    before, after = (dict(record) | records.canonical(record) if record else {} for record in (before, after))
    schema = records.schema_of(after)
    fields = {field.name: field for field in schema.fields}
    out: list[Difference] = []
    for name, value in after.items():
        old = before.get(name)
        if name == "kind" or old == value or (not old and not value):
            continue
        if relation := schema.relation(name):
            out += _row_differences(relation, old or [], value, names, bare)
        else:
            part = fields.get(name) or schema.reference(name)
            out.append(Difference(schema.label_of(name), _words(part, old, names), _words(part, value, names)))
    return [_as_read(fields, schema, one) for one in out] if as_read else out


def _as_read(fields: Mapping[str, Field], schema: Schema, one: Difference) -> Difference:
    """A difference without markup and citations."""
    label = {schema.label_of(name): field for name, field in fields.items()}
    field = label.get(one.label)
    if not field or not field.cites:
        return Difference(one.label, quotes.as_read(one.was), quotes.as_read(one.now))
    text = prose.uncited if field.type is not FieldType.MARKDOWN else prose.plain
    was, now = text(one.was), text(one.now)
    return Difference(one.label, "", RESTS) if was == now else Difference(one.label, was, now)


def _row_differences(
    relation: Relation, old: Sequence[records.RecordLike], new: Sequence[records.RecordLike], names: Names, bare: str
) -> Iterator[Difference]:
    was = {row["target"]: row for row in old}
    now = {row["target"]: row for row in new}
    called = {target: names.get((relation.target, target), target) for target in [*was, *now]}
    for target, name in called.items():
        if was.get(target) != now.get(target):
            before, after = (_row_words(relation, rows.get(target), names, bare) for rows in (was, now))
            yield Difference(f"{relation.label}: {name}", before, after)
    kept = ([target for target in was if target in now], [target for target in now if target in was])
    if kept[0] != kept[1]:
        orders = (", ".join(called[target] for target in rows) for rows in kept)
        yield Difference(f"{relation.label}: order", *orders)


def _row_words(relation: Relation, row: records.RecordLike | None, names: Names, bare: str) -> str:
    if row is None:
        return ""
    fields = {field.name: field for field in relation.fields}
    parts = {name: fields.get(name) or REFERENCES.get(name) for name in row}
    said = [f"{part.label}: {_words(part, row[name], names)}" for name, part in parts.items() if part and row[name]]
    return "; ".join(said if any(row.get(field.name) for field in CITATIONS) else [*said, bare])


def _words(part: Field | ReferenceField | None, value: Value, names: Names) -> str:
    """The value of a field, in words. part: None for a slug, and for what entries no longer have."""
    if isinstance(part, ReferenceField):
        value = [names.get(part.target(said), said) for said in value or ()]
    elif isinstance(part, Field) and isinstance(value, str):
        value = {choice.value: choice.label for choice in part.choices}.get(value, value)
    if isinstance(value, bool):
        return "yes" if value else ""
    if not isinstance(value, list):
        return str(value or "")
    return ", ".join(str(each.get("target")) if isinstance(each, dict) else each for each in value)


def page_changes(page: Page) -> QuerySet[Change]:
    """What editions did to a page, newest first, with who and which versions."""
    changes = Change.objects.filter(page=page).order_by("-edition_id")
    return changes.select_related("edition", "before", "after", "instead")


def by_kind(changes: QuerySet[Change]) -> QuerySet[Change]:
    """Changes in the order of lists: by the kind and name of their pages."""
    changes = changes.select_related("page", "before", "after").defer("before__record", "after__record")
    return changes.order_by("edition_id", "place")


def moved_in(editions: Sequence[Edition], most: int) -> list[tuple[Edition, list[Change]]]:
    """Editions, each with the first of what it moved, at most so many."""
    by_edition: dict[int, list[Change]] = {}
    for change in by_kind(Change.objects.filter(edition__in=editions, place__lte=most)):
        by_edition.setdefault(change.edition_id, []).append(change)
    return [(edition, by_edition.get(edition.pk, [])) for edition in editions]


def ris_of(version: Version, at: datetime, address: str) -> str:
    """A version as reference managers read it: RIS, of the type "electronic". at: when it was published first."""
    lines = {
        "TY": "ELEC",
        "TI": version.record["name"],
        "AU": "FaceHealth",
        "PB": "FaceHealth",
        "ET": f"Version {version.number}",
        "PY": f"{at:%Y}",
        "DA": f"{at:%Y/%m/%d}",
        "UR": address,
        "ER": "",
    }
    return "".join(f"{tag}  - {said}\r\n" for tag, said in lines.items())
