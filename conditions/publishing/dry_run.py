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
    """The pages that readers could then go to, by kind and slug; those that stay hidden; what keeps it from going out.

    With `problems` nothing would be published; the rest says what would be if they were fixed.
    """

    visible: Mapping[tuple[Kind, str], Page]
    hidden: tuple[Page, ...]
    problems: tuple[str, ...]


def dry_run(*, record: Record, new_tags: Mapping[str, str]) -> DryRun:
    """What publishing a record would do. new_tags: tags that would come with it, their names by slug."""
    known = targets(records.references(record))
    fresh = {version.page_id: version.record for version in first_used([record])}
    visible = {place: page for place, page in known.items() if page.live_id}
    for place, page in known.items():
        if page.pk in fresh:
            visible[place] = _as_published(page, fresh[page.pk])
    for slug, name in new_tags.items():
        visible[Kind.TAG, slug] = Page(kind=Kind.TAG, slug=slug, name=name)
    hidden = {page.pk: page for place, page in known.items() if place not in visible}
    problems = (*blocked(record), *without_live_evidence(record, known, visible))
    return DryRun(visible, tuple(sorted(hidden.values(), key=lambda page: page.name)), problems)


def _as_published(page: Page, record: Record) -> Page:
    """A page that was never published, as its newest version would show it."""
    names = {"slug": record["slug"], "name": record["name"], "summary": excerpt_of(record)}
    return db.built(Page, pk=page.pk, kind=page.kind, **names)
