"""What publishing a record would show, hide and refuse, without writing anything or waiting for a lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conditions import db, records
from conditions.models.published import Page
from conditions.page_content import targets
from conditions.publishing.editions import blocked, first_used
from conditions.publishing.index import excerpt_of, without_live_evidence
from conditions.records import Record
from conditions.schema import Kind


@dataclass(frozen=True)
class DryRun:
    """The page; those that readers could go to from it, by kind and slug; those that stay hidden; what blocks it.

    With `problems` nothing would be published; the rest says what would be if they were fixed.
    """

    page: Page
    visible: Mapping[tuple[Kind, str], Page]
    hidden: tuple[Page, ...]
    problems: tuple[str, ...]


def dry_run(*, record: Record, page: Page, new_tags: Mapping[str, str]) -> DryRun:
    """What publishing a record would do. page: that of its entry, or a new one that nothing has kept yet.

    new_tags: tags that would come with it, their names by slug.
    """
    known = targets(records.references(record))
    fresh = {version.page_id: version.record for version in first_used([record])}
    visible = {place: target for place, target in known.items() if target.live_id}
    visible |= {place: _as_published(target, fresh[target.pk]) for place, target in known.items() if target.pk in fresh}
    visible |= {(Kind.TAG, slug): Page(kind=Kind.TAG, slug=slug, name=name) for slug, name in new_tags.items()}
    hidden = {target.pk: target for place, target in known.items() if place not in visible}
    in_order = tuple(sorted(hidden.values(), key=lambda target: target.name))
    problems = blocked(record) or without_live_evidence(record, known, visible)
    return DryRun(_as_published(page, record), visible, in_order, tuple(problems))


def _as_published(page: Page, record: Record) -> Page:
    """A page as it would be with that record."""
    names = {"slug": record["slug"], "name": record["name"], "summary": excerpt_of(record)}
    return db.built(Page, pk=page.pk, kind=page.kind, live_id=page.live_id, edition_id=page.edition_id, **names)
