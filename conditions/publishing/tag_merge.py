"""Two tags that mean one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils import timezone

from conditions import drafts, records
from conditions.models import desk
from conditions.models.published import (
    Kind,
    Page,
    Version,
)
from conditions.publishing.access import Refused, lock_pages, may, require, write_lock
from conditions.publishing.restoring import delete
from conditions.publishing.versions import Draft, create_versions, fresh_entry, newest_of, same_content, version_entry
from conditions.records import Record


@dataclass(frozen=True)
class MergedTags:
    """What merging two tags changed."""

    versions: tuple[Version, ...]
    publishable: tuple[Version, ...]
    """Those whose entries were live and unchanged before."""
    deleted: bool
    """Whether the tag is off the desk; not while it is live, or where `by` may delete none."""


def merge_tags(*, tag: desk.Tag, into: desk.Tag, by: Any) -> MergedTags:
    """Make every entry and relation that carries `tag` carry `into` instead, and delete `tag` if that may be.

    Each entry keeps a version, as a draft. Errors: NotAllowed; Refused where they are one tag.
    """
    require(by, "change_tag", "change a tag")
    if tag.pk == into.pk:
        raise Refused([f"{tag.name}: choose another tag than itself."])
    with write_lock():
        tag, into = fresh_entry(tag), fresh_entry(into)
        carriers = _carriers(tag)
        for kind in {one.kind for one in carriers}:
            require(by, f"change_{kind.value}", f"change a {kind.value}")
        held = lock_pages([one.page_id for one in (tag, *carriers) if one.page_id])
        unchanged = _live_and_unchanged(carriers, held)
        versions = _retag(carriers, held, tag, into, by)
        page = held.get(tag.page_id) if tag.page_id else None
        deleted = may(by, "delete_tag") and not (page and page.live_id)
        if deleted:
            delete(entry=tag, by=by)
        publishable = tuple(version for version in versions if version.page_id in unchanged)
        return MergedTags(tuple(versions), publishable, deleted)


def _carriers(tag: desk.Tag) -> list[Any]:
    """The entries that carry a tag, themselves or on a relation row."""
    found: list[Any] = []
    for shape in records.SHAPES.values():
        if "tags" in shape.marks:
            keys = Q(pk__in=_tagged(shape.model, tag))
            for rows in shape.rows:
                keys |= Q(pk__in=rows.model.objects.filter(pk__in=_tagged(rows.model, tag)).values(rows.owner))
            found += shape.model.objects.filter(keys)
    return found


def _tagged(model: Any, tag: desk.Tag) -> Any:
    return desk.Tagged.objects.filter(content_type=ContentType.objects.get_for_model(model), tag=tag).values(
        "object_id"
    )


def _live_and_unchanged(entries: Sequence[Any], held: Mapping[int, Page]) -> set[int]:
    """The pages of entries whose newest version is live. What stands on the desk without a version gets one."""
    standing = newest_of(one.page_id for one in entries if one.page_id)
    read = {kind: dict(_read(kind, {one.pk: one for one in entries if one.kind is kind})) for kind in Kind}
    same = set()
    for entry in entries:
        page, version = held.get(entry.page_id), standing.get(entry.page_id)
        if version is None or not same_content(version, read[entry.kind][entry.pk]):
            version_entry(entry, page, by=None, origin=Version.Origin.ADMIN, comment="Found on the desk.")
        elif page and page.live_id == version.pk:
            same.add(page.pk)
    return same


def _retag(entries: Sequence[Any], held: Mapping[int, Page], tag: desk.Tag, into: desk.Tag, by: Any) -> list[Version]:
    """Write entries, all of which have pages, with one tag for another, and keep them."""

    def today(kind: Kind, slug: str) -> str:
        return into.slug if (kind, slug) == (Kind.TAG, tag.slug) else slug

    items = []
    for kind in Kind:
        some = {one.pk: one for one in entries if one.kind is kind}
        items += [(some[pk], records.map_references(old, today)) for pk, old in _read(kind, some)]
    drafts.write_many(items)
    comment = f"Tag {tag.name!r} merged into {into.name!r}."
    pages = [held.get(entry.page_id) or entry.page for entry, _ in items]
    retagged = [
        Draft(record, page, Version.Origin.ADMIN, comment=comment)
        for (_, record), page in zip(items, pages, strict=True)
    ]
    return create_versions(retagged, by=by, at=timezone.now())


def _read(kind: Kind, entries: Mapping[int, Any]) -> Iterable[tuple[int, Record]]:
    return drafts.read_many(kind, entries.values()).items() if entries else ()
