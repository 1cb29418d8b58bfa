"""What publishing a record would show, hide and refuse, without writing anything or waiting for a lock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conditions import db, records
from conditions.drafts import names_of
from conditions.models.published import Page
from conditions.page_content import targets
from conditions.publishing.editions import blocked, first_used
from conditions.publishing.index import excerpt_of, without_live_evidence
from conditions.records import Blocker, Record, Reference
from conditions.schema import Kind


@dataclass(frozen=True)
class Hidden:
    """A reference of a record that readers do not see, because what it leads to is not live."""

    path: tuple[str, ...]
    name: str
    is_withdrawn: bool

    @property
    def why(self) -> str:
        return "withdrawn" if self.is_withdrawn else "a draft"


@dataclass(frozen=True)
class DryRun:
    """The page; those that readers could go to from it, by kind and slug; what stays hidden; what blocks it.

    With `problems` nothing would be published; the rest says what would be if they were fixed.
    """

    page: Page
    visible: Mapping[tuple[Kind, str], Page]
    hidden: tuple[Hidden, ...]
    problems: tuple[Blocker, ...]


def dry_run(*, record: Record, page: Page, new_tags: Mapping[str, str]) -> DryRun:
    """What publishing a record would do. page: that of its entry, or a new one that nothing has kept yet.

    new_tags: tags that would come with it, their names by slug.
    """
    wanted = records.references(record)
    known = targets(wanted)
    fresh = {version.page_id: version.record for version in first_used([record])}
    visible = {place: target for place, target in known.items() if target.live_id}
    visible |= {place: as_published(target, fresh[target.pk]) for place, target in known.items() if target.pk in fresh}
    visible |= {(Kind.TAG, slug): Page(kind=Kind.TAG, slug=slug, name=name) for slug, name in new_tags.items()}
    problems = blocked([(record, page.pk)])[0]
    said = {problem.path for problem in problems}
    bare = without_live_evidence([(record, page.pk)], known, visible)[0]
    problems += [problem for problem in bare if problem.path not in said]
    return DryRun(as_published(page, record), visible, tuple(_hidden(wanted, known, visible)), tuple(problems))


def _hidden(
    wanted: Sequence[Reference], known: Mapping[tuple[Kind, str], Page], visible: Collection[tuple[Kind, str]]
) -> Iterator[Hidden]:
    """Those of the references that lead to nothing visible, what qualifies a row that is hidden itself left out."""
    places = [(one.kind, one.slug) for one in wanted]
    names = names_of(target for place, target in known.items() if place not in visible)
    for one, place in zip(wanted, places, strict=True):
        if place not in visible and (one.via is None or places[one.via] in visible):
            target = known.get(place)
            name = names[target.pk] if target else one.slug
            yield Hidden(one.path, name, target is not None and target.edition_id is not None)


def as_published(page: Page, record: Record) -> Page:
    """A page as it would be with that record."""
    names = {"slug": record["slug"], "name": record["name"], "summary": excerpt_of(record), "review": page.review}
    return db.built(Page, pk=page.pk, kind=page.kind, live_id=page.live_id, edition_id=page.edition_id, **names)
