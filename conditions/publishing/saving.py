"""Saving what somebody typed: merged with what came since, refused where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from conditions import drafts, merge, prose, records, validation
from conditions.drafts import SlugResolver
from conditions.models import desk
from conditions.models.published import (
    Decision,
    Kind,
    Page,
    Version,
)
from conditions.publishing.access import Refused, require, write_lock
from conditions.publishing.versions import (
    add_decision,
    current_record,
    fresh_entry,
    lock_page_of,
    newest,
    newest_of_entry,
    version_entry,
    version_unversioned,
)
from conditions.records import InvalidRecord, Problem, Record


class EditConflict(Exception):
    """Somebody else changed the same words since the form was opened."""

    def __init__(self, conflicts: Sequence[merge.Conflict], newest: Version) -> None:
        self.conflicts = tuple(conflicts)
        self.newest = newest
        super().__init__(f"{len(conflicts)} clashes with version {newest.number}")


@dataclass(frozen=True)
class Saved:
    """What a save did: the entry, its newest version, and whether another editor's version was merged in."""

    entry: desk.VersionedEntry
    version: Version
    is_new: bool
    merged: bool = False


def save(
    *,
    record: Record,
    entry: desk.VersionedEntry | None,
    by: Any,
    base_version: int | None = None,
    resolved_version: int | None = None,
    comment: str = "",
) -> Saved:
    """Make the desk say what somebody typed, and keep it.

    record: as typed. entry: None for a new one. base_version: number of the version that the form
    was opened on; if another has come since, the two are merged. resolved_version: number of the version
    whose clashes the editor has seen: what was typed wins over it.
    Errors: InvalidRecord, EditConflict, NotAllowed.
    """
    kind = Kind(record["kind"])
    require(by, f"{'change' if entry else 'add'}_{kind.value}", f"{'change' if entry else 'add'} a {kind.value}")
    try:
        with write_lock():
            return _save(
                record, entry, by=by, base_version=base_version, resolved_version=resolved_version, comment=comment
            )
    except (IntegrityError, KeyError) as error:
        message = "somebody saved something that this rests on at the same moment; save again"
        raise InvalidRecord([Problem(("name",), message)]) from error


def _save(
    record: Record,
    entry: desk.VersionedEntry | None,
    *,
    by: Any,
    base_version: int | None,
    resolved_version: int | None,
    comment: str,
) -> Saved:
    page = lock_page_of(entry)
    entry = fresh_entry(entry) if entry else None
    record = drafts.cite_by_current_slugs([record])[0]
    refuse_invalid(record, entry)
    canonical = records.canonical(record)
    # A form may have been opened before something that it refers to was renamed.
    typed = records.map_references(canonical, SlugResolver.of([canonical]).current)
    if typed != canonical:
        refuse_invalid(typed, entry)
    if entry and page:
        version_unversioned(entry, page)
    standing = newest(page) if page else None
    wanted = _merged(typed, page, standing, base_version, resolved_version)
    if wanted != typed:
        refuse_invalid(wanted, entry)
    entry = drafts.write(entry, wanted)
    version = version_entry(entry, page, by=by, origin=_origin(wanted, typed), comment=comment)
    return Saved(entry, version or newest_of_entry(entry), is_new=version is not None, merged=wanted != typed)


def _origin(wanted: Record, typed: Record) -> Version.Origin:
    return Version.Origin.ADMIN if wanted == typed else Version.Origin.MERGE


def refuse_invalid(record: Record, entry: desk.VersionedEntry | None) -> None:
    found = validation.problems(record)
    if not found:
        found = validation.reference_problems(record, SlugResolver.of([record]))
        kind = Kind(record["kind"])
        others = records.SHAPES[kind].model.objects.exclude(pk=entry.pk if entry else None)
        if other := others.filter(slug=record["slug"]).first():
            message = f"{record['slug']!r} is the slug of {other.name!r}; choose another"
            found.append(Problem(("slug",), message))
    if found:
        raise InvalidRecord(found)


def _merged(
    typed: Record, page: Page | None, standing: Version | None, base_version: int | None, resolved_version: int | None
) -> Record:
    if not page or not standing or base_version is None or base_version == standing.number:
        return typed
    opened = page.versions.filter(number=base_version).first()
    outcome = merge.merge(current_record(opened) if opened else None, typed, current_record(standing))
    if outcome.conflicts and resolved_version != standing.number:
        raise EditConflict(outcome.conflicts, standing)
    return records.canonical(outcome.record)


def reject_proposal(*, version: Version, by: Any, note: str = "") -> None:
    """Settle a file's proposal for the desk's text. Errors: NotAllowed; Refused if it is no open proposal."""
    kind = version.record["kind"]
    require(by, f"change_{kind}", f"change a {kind}")
    with write_lock():
        if not Version.objects.proposed().filter(pk=version.pk).exists():
            raise Refused([f"Version {version.number} is no open proposal."])
        add_decision(version, Decision.Verb.SEND_BACK, by=by, at=timezone.now(), note=note)


def tags_named(names: Iterable[str], *, by: Any) -> list[str]:
    """The slugs of tags typed by name or slug, sorted; tags that did not exist are kept as new ones."""
    slugs: dict[str, str] = {}
    for name in names:
        if not (slug := records.slug_of(name)):
            raise InvalidRecord([Problem(("tags",), f"{name!r} has no letters or digits; write a name that has")])
        _refuse_other_signs(name, slugs.setdefault(slug, prose.canonical_line(name)))
    with write_lock():
        directory = SlugResolver((Kind.TAG, slug) for slug in slugs)
        for tag in desk.Tag.objects.filter(slug__in=slugs):
            _refuse_other_signs(slugs[tag.slug], tag.name)
        for slug, name in slugs.items():
            if not directory.knows(Kind.TAG, slug):
                group = desk.Tag.Group.TOPIC.value
                save(record={"kind": "tag", "slug": slug, "name": name, "group": group}, entry=None, by=by)
        return sorted({directory.current(Kind.TAG, slug) for slug in slugs})


def _refuse_other_signs(typed: str, name: str) -> None:
    """InvalidRecord where what was typed would silently become a tag that says something else."""
    if prose.signs(typed) != prose.signs(name):
        message = (
            f"{typed!r} and {name!r} would be one tag, for a tag is its letters and digits; write the sign as a word"
        )
        raise InvalidRecord([Problem(("tags",), message)])
