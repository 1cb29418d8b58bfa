"""What readers may know of the past: records without what is hidden, and what editions did to pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from conditions import prose, records
from conditions.differences import Names
from conditions.models.published import Change, Edition, Page, Version
from conditions.page_content import live_targets
from conditions.schema import Kind


def without_hidden(record_list: Sequence[records.RecordLike]) -> tuple[list[records.Record], Names]:
    """Records without what readers cannot see now: what they refer to, rows with all that they say, hidden fields.

    What was renamed since has its slug of today in all of them.
    And the names of what they refer to.
    """
    pages = live_targets([reference for record in record_list for reference in records.references(record)])
    seen = [_without_hidden(record, pages) for record in record_list]
    return seen, {(place[0], page.slug): page.name for place, page in pages.items()}


def _without_hidden(record: records.RecordLike, pages: Mapping[tuple[Kind, str], Page]) -> records.Record:
    out = records.map_references(record, lambda kind, slug: pages[kind, slug].slug if (kind, slug) in pages else None)
    hidden = records.cited_in(out) - records.listed(out)
    out |= records.rename_citations(out, dict.fromkeys(hidden)) if hidden else {}
    # Of what entries of the kind no longer have, texts can be shown; rows and lists may name what is hidden.
    schema = records.schema_of(record)
    known = {"kind", "slug", *(part.name for part in (*schema.parts, *schema.relations))}
    past = {name: value for name, value in record.items() if name not in known and isinstance(value, str)}
    texts = {name: prose.map_citations(text, dict.fromkeys(prose.citations(text))) for name, text in past.items()}
    unseen: records.Record = {field.name: [] for field in schema.fields if field.hidden}
    return {name: value for name, value in out.items() if name in known} | texts | unseen


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
