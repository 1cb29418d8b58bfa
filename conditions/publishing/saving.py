"""Saving what was typed: merged with what was saved since, refused if it is invalid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError
from django.db.models import Exists, OuterRef
from django.utils import timezone

from conditions import drafts, merge, prose, records, statements, validation
from conditions.drafts import SlugResolver, current_record
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Address, Decision, Page, Version
from conditions.publishing.access import By, Refused, require, write_lock
from conditions.publishing.versions import (
    add_decision,
    fresh_entry,
    lock_page_of,
    newest,
    newest_of_entry,
    page_for,
    same_content,
    version_entry,
    version_unversioned,
)
from conditions.records import InvalidRecord, Problem, Record
from conditions.schema import CITED, Kind

Coming = Mapping[Kind, set[str]]
"""Slugs of entries that will be there once a record is saved, by kind."""


class EditConflict(Exception):
    """Someone else has changed the same words since the form was opened."""

    def __init__(self, conflicts: Sequence[merge.Conflict], newest: Version) -> None:
        self.conflicts = tuple(conflicts)
        self.newest = newest
        super().__init__(f"{len(conflicts)} conflicts with version {newest.number}")


@dataclass(frozen=True)
class Saved:
    """What a save did: the entry, and its newest version.

    typed: what was typed, where another version was merged with it. base_version: that on which it was typed.
    """

    entry: VersionedEntry
    version: Version
    is_new: bool
    typed: Record | None = None
    base_version: int = 0

    @property
    def merged(self) -> bool:
        """Whether another version was merged in."""
        return self.typed is not None


@dataclass(frozen=True)
class Edit:
    """What was typed, and based on what. entry: None for a new one.

    base_version: number of the version that the form was opened on; if another has come since, the two are merged.
    resolved_version: number of the version whose conflicts the editor has seen: what was typed wins over it.
    """

    record: Record
    entry: VersionedEntry | None
    base_version: int | None = None
    resolved_version: int | None = None


def save(
    *,
    record: Record,
    entry: VersionedEntry | None,
    by: By,
    base_version: int | None = None,
    resolved_version: int | None = None,
    comment: str = "",
) -> Saved:
    """Write what was typed to the desk, and make a version. `Edit` says what the arguments mean.

    Errors: InvalidRecord, EditConflict, NotAllowed.
    """
    kind, verb = Kind(record["kind"]), "change" if entry else "add"
    require(by, f"{verb}_{kind.value}", f"{verb} a {kind.label}")
    try:
        with write_lock():
            return _save(Edit(record, entry, base_version, resolved_version), by=by, comment=comment)
    except (IntegrityError, KeyError) as error:
        message = "something that this entry refers to was saved at the same moment; save again"
        raise InvalidRecord([Problem(("name",), message)]) from error


def _save(edit: Edit, *, by: By, comment: str) -> Saved:
    page = lock_page_of(edit.entry)
    entry = fresh_entry(edit.entry) if edit.entry else None
    if entry and page:
        version_unversioned(entry, page)
    prepared = prepare(Edit(edit.record, entry, edit.base_version, edit.resolved_version))
    entry = drafts.write(entry, prepared.record)
    origin = Version.Origin.MERGE if prepared.is_merged else Version.Origin.ADMIN
    version = version_entry(entry, page, by=by, origin=origin, comment=comment)
    typed = prepared.typed if prepared.is_merged else None
    base = edit.base_version or 0
    return Saved(entry, version or newest_of_entry(entry), version is not None, typed, base)


@dataclass(frozen=True)
class Prepared:
    """What saving makes of an edit: the record, the page that it is kept on, None if that is a new one.

    typed: what was typed, before another version was merged with it.
    """

    record: Record
    page: Page | None
    typed: Record

    @property
    def is_merged(self) -> bool:
        """Whether another version was merged in."""
        return self.record != self.typed


def prepare(edit: Edit, coming: Coming | None = None) -> Prepared:
    """What saving makes of what was typed. It only reads.

    coming: what will be there once it is saved. Errors: InvalidRecord, EditConflict.
    """
    entry = edit.entry
    record = drafts.cite_by_current_slugs([edit.record])[0]
    refuse_invalid(record, entry, coming)
    canonical = records.canonical(record)
    # A form may have been opened before something that it refers to was renamed.
    typed = records.map_references(canonical, SlugResolver.of([canonical]).current)
    if typed != canonical:
        refuse_invalid(typed, entry, coming)
    page = entry.page if entry else None
    wanted = _merged(edit, typed, page)
    if wanted != typed:
        refuse_invalid(wanted, entry, coming)
    return Prepared(wanted, page_for(wanted, entry, page), typed)


def refuse_invalid(record: Record, entry: VersionedEntry | None, coming: Coming | None = None) -> None:
    """InvalidRecord, with all that is wrong, where a record cannot be that of the entry."""
    found = validation.problems(record)
    if not found:
        found = validation.reference_problems(record, SlugResolver.of([record]), validation.Suggestions(coming))
        said = records.canonical(record)
        found += statements.problems(said, drafts.texts_of(statements.quoted([said])))
        found += _new_slug_problems(record, entry)
        others = desk.entries(Kind(record["kind"])).exclude(pk=entry.pk if entry else None)
        if other := others.filter(slug=record["slug"]).first():
            message = f"{record['slug']!r} is the slug of {other.name!r}; choose another"
            found.append(Problem(("slug",), message))
        if entry and entry.slug != record["slug"]:
            found += _moved_footnotes(entry)
    if found:
        raise InvalidRecord(found)


def _moved_footnotes(entry: VersionedEntry) -> list[Problem]:
    """Why an entry has to keep its slug: where another entry lists it beside one of the same slug and the other kind
    that can be cited, as was once possible, `[@slug]` would come to name that one.
    """
    types = [one.pk for one in ContentType.objects.get_for_models(*desk.MODELS.values()).values()]
    citations = desk.Citation.objects.filter(content_type__in=types)
    found = []
    for other in [kind for kind in CITED if kind != entry.kind] if entry.kind in CITED else []:
        beside = citations.filter(**{f"{other.value}__slug": entry.slug}).values("content_type", "object_id")
        beside = beside.filter(content_type=OuterRef("content_type"), object_id=OuterRef("object_id"))
        for citation in citations.filter(Exists(beside), **{entry.kind.value: entry}):
            words = f"{str(citation.owner)!r} lists the {other.label} {entry.slug!r} too; remove one of the two there"
            found.append(Problem(("slug",), f"{words} first, or [@{entry.slug}] would move to the other"))
    return found


def _new_slug_problems(record: Record, entry: VersionedEntry | None) -> list[Problem]:
    if entry and entry.slug == record["slug"]:
        return []
    wrong = validation.new_slug_problems(Kind(record["kind"]), [record["slug"]], entry)
    return [Problem(("slug",), words) for words in wrong.values()]


def _merged(edit: Edit, typed: Record, page: Page | None) -> Record:
    """What was typed, with what another version has changed since the form was opened."""
    latest, base = _latest(edit.entry, page), edit.base_version
    if not page or not latest or base is None or base == latest.number:
        return typed
    opened = page.versions.filter(number=base).first()
    outcome = merge.merge(current_record(opened) if opened else None, typed, current_record(latest))
    if outcome.conflicts and edit.resolved_version != latest.number:
        raise EditConflict(outcome.conflicts, latest)
    return records.canonical(outcome.record)


def _latest(entry: VersionedEntry | None, page: Page | None) -> Version | None:
    """The newest version of an entry; should its draft say something else, the one that a save would keep first."""
    version = newest(page) if page else None
    if not entry or not version:
        return version
    record = drafts.read(entry)
    if same_content(version, record):
        return version
    number, now = version.number + 1, timezone.now()
    return Version(page=version.page, number=number, record=record, format=records.FORMAT, at=now)


NO_LATIN = "an address is made from Latin letters and digits, and this name has none"


def follows_name(entry: VersionedEntry) -> bool:
    """Whether the address of an entry changes with its name.

    It does while it is what the name makes, until it is published or a content file is called so.
    """
    versions = Version.objects.filter(page=entry.page_id)
    is_known = versions.exclude(page__edition=None).exists() or versions.in_files().exists()
    return not is_known and entry.slug == prose.slug_of(entry.name)


def slug_for(typed: Record, entry: VersionedEntry | None) -> str:
    """The slug that a form gives an entry, None for a new one: the one that was typed, or what the name makes.

    Empty where there is neither. A name that makes an address of another page leaves the entry the one that it has.
    """
    slug, name = typed.get("slug") or "", typed.get("name") or ""
    if entry is None:
        return slug or prose.slug_of(name)
    if slug != entry.slug or name == entry.name or not follows_name(entry):
        return slug
    made = prose.slug_of(name)
    taken = Address.objects.filter(kind=entry.kind, slug=made).exclude(page=entry.page_id)
    return slug if not made or taken.exists() else made


def reject_proposal(*, version: Version, by: By, note: str = "") -> None:
    """Settle a file's proposal for the desk's text. Errors: NotAllowed; Refused if it is not an open proposal."""
    kind = Kind(version.record["kind"])
    require(by, f"change_{kind.value}", f"change a {kind.label}")
    with write_lock():
        if not Version.objects.proposed().filter(pk=version.pk).exists():
            raise Refused([f"Version {version.number} is not an open proposal."])
        add_decision(version, Decision.Verb.SEND_BACK, by=by, at=timezone.now(), note=note)


def tag_slugs(names: Iterable[str]) -> dict[str, str]:
    """What tags typed by name or slug are called, by the slugs that they have or would get. It only reads.

    InvalidRecord where one can be no tag, or would silently become one that says something else.
    """
    slugs: dict[str, str] = {}
    for name in names:
        if not (slug := prose.slug_of(name)):
            raise InvalidRecord([Problem(("tags",), _no_slug(name))])
        _refuse_other_signs(name, slugs.setdefault(slug, prose.canonical_line(name)))
        if problems := validation.problems(_new_tag(slug, slugs[slug])):
            raise InvalidRecord(problems)
    for tag in desk.Tag.objects.filter(slug__in=slugs):
        _refuse_other_signs(slugs[tag.slug], tag.name)
    return slugs


def _no_slug(name: str) -> str:
    if any(char.isalnum() for char in name):
        return f"{name!r} cannot be added here: {NO_LATIN}; add it on a form of its own, and write its address there"
    return f"{name!r} has no letters or digits; use a name that has some"


def _new_tag(slug: str, name: str) -> Record:
    return {"kind": "tag", "slug": slug, "name": name, "group": desk.Tag().group}


def tags_named(names: Iterable[str], *, by: By) -> list[str]:
    """The slugs of tags typed by name or slug, sorted; tags that did not exist are kept as new ones."""
    with write_lock():
        slugs = tag_slugs(names)
        resolver = SlugResolver((Kind.TAG, slug) for slug in slugs)
        for slug, name in slugs.items():
            if not resolver.knows(Kind.TAG, slug):
                save(record=_new_tag(slug, name), entry=None, by=by)
        return sorted({resolver.current(Kind.TAG, slug) for slug in slugs})


def _refuse_other_signs(typed: str, name: str) -> None:
    """InvalidRecord where what was typed would silently become a tag that says something else."""
    if prose.signs(typed) != prose.signs(name):
        words = "would be the same tag, because only letters and digits count; write the sign as a word"
        raise InvalidRecord([Problem(("tags",), f"{typed!r} and {name!r} {words}")])
