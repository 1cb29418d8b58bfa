"""Files -> entries: every mistake of every file at once, slugs brought to those of the desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from django.db.models import Exists, OuterRef
from tqdm import tqdm

from conditions import db, publishing, records, validation
from conditions.content_files import formats
from conditions.content_files.formats import FileEntry, InvalidFiles
from conditions.content_files.plan import Plan
from conditions.drafts import SlugResolver
from conditions.models.published import Address, LoadedFile, Version
from conditions.schema import Kind


def read_files(paths: Sequence[Path], out: Plan, *, every: bool) -> list[FileEntry]:
    """The entries of the files that changed since they were loaded last, or of `every` file."""
    known = {} if every else _unmoved_files()
    entries: list[FileEntry] = []
    wrong: list[str] = []
    skipped: list[str] = []
    for path in tqdm(paths, desc="Reading files", delay=2, disable=None, leave=False):
        name = formats.shown(path)
        try:
            data = path.read_bytes()
            digest = formats.digest(data)
            if known.get(name) == digest:
                skipped.append(name)
                continue
            objects = formats.parse(path, data)
        except OSError as error:
            wrong.append(f"{name}: cannot be read: {error.strerror}")
            continue
        except formats.Unreadable as error:
            wrong.append(f"{name}: {error}")
            continue
        if not formats.is_ours(objects):
            if any(map(formats.is_entry, objects)):
                wrong.append(f"{name}: mixes entries with objects of other apps; put them into separate files")
            out.foreign.append(path)
            continue
        good, mistakes = formats.entries_of(objects, name)
        entries += good
        wrong += mistakes
        out.fingerprints[name] = digest
    out.skipped = len(skipped)
    wrong += _twins(entries, skipped)
    wrong += _ambiguous_citations(entries)
    wrong += _unknown_references(entries)
    wrong += _new_slugs(entries)
    if wrong:
        raise InvalidFiles(wrong)
    return entries


def _unmoved_files() -> dict[str, str]:
    """Digest by path of the loaded files none of whose pages has got a version since."""
    mine = Version.objects.filter(page=OuterRef("page"), file=OuterRef("file_path"))
    newer = Version.objects.annotate(file_path=OuterRef("path"))
    newer = newer.filter(pk__gt=OuterRef("mark")).filter(Exists(mine))
    return dict(LoadedFile.objects.exclude(Exists(newer)).values_list("path", "digest"))


def _twins(entries: Sequence[FileEntry], skipped: Sequence[str]) -> list[str]:
    """Entries that are in two files at once."""
    first: dict[str, FileEntry] = {}
    wrong = []
    for entry in entries:
        other = first.setdefault(entry.place, entry)
        if other is not entry:
            message = f"{entry.place} is also in {other.file}; keep one of the two"
            wrong.append(f"{entry.file}: object {entry.number}: {message}")
    return wrong + _twins_in_skipped(entries, set(skipped))


def _twins_in_skipped(entries: Sequence[FileEntry], skipped: set[str]) -> list[str]:
    wrong = []
    by_slug = {(entry.kind.value, entry.record["slug"]): entry for entry in entries if skipped}
    slugs = db.in_values({slug for _, slug in by_slug})
    versions = Version.objects.in_files().filter(page__addresses__slug__in=slugs)
    last = versions.order_by("pk").values_list("page__addresses__kind", "page__addresses__slug", "file")
    for (kind, slug), file in {(kind, slug): file for kind, slug, file in last}.items():
        entry = by_slug.get((kind, slug))
        if entry and file in skipped and file != entry.file:
            message = f"{entry.place} is also in {file}; keep one of the two"
            wrong.append(f"{entry.file}: object {entry.number}: {message}")
    return wrong


def _ambiguous_citations(entries: Sequence[FileEntry]) -> list[str]:
    """Documents and sources with the slug of one of the other kind."""
    found = publishing.ambiguous_citations((entry.kind, entry.record["slug"]) for entry in entries)
    places = [(entry, found.get((entry.kind, entry.record["slug"]))) for entry in entries]
    return [entry.say(problem) for entry, problem in places if problem]


def _unknown_references(entries: Sequence[FileEntry]) -> list[str]:
    coming: dict[Kind, set[str]] = defaultdict(set)
    for entry in entries:
        coming[entry.kind].add(entry.record["slug"])
    for kind, slugs in _deleted(entries).items():
        # Whether what will be written still refers to them is seen once everything is merged.
        coming[kind] |= slugs
    resolver = SlugResolver.of(entry.record for entry in entries)
    suggestions = validation.Suggestions(coming)
    return [
        entry.say(problem)
        for entry in entries
        for problem in validation.reference_problems(entry.record, resolver, suggestions)
    ]


def _new_slugs(entries: Sequence[FileEntry]) -> list[str]:
    """What is wrong with slugs that are new, as file names."""
    by_kind: dict[Kind, set[str]] = defaultdict(set)
    for entry in entries:
        by_kind[entry.kind].add(entry.record["slug"])
    wrong = {kind: validation.new_slug_problems(kind, slugs) for kind, slugs in by_kind.items()}
    return [
        entry.say(records.Problem(("slug",), wrong[entry.kind][entry.record["slug"]]))
        for entry in entries
        if entry.record["slug"] in wrong[entry.kind]
    ]


def _deleted(entries: Sequence[FileEntry]) -> dict[Kind, set[str]]:
    """Slugs that the entries refer to and that were once on the desk, deleted since or not."""
    wanted: dict[Kind, set[str]] = defaultdict(set)
    for entry in entries:
        for one in records.references(entry.record):
            wanted[one.kind].add(one.slug)
    return {
        kind: set(Address.objects.filter(kind=kind, slug__in=db.in_values(slugs)).values_list("slug", flat=True))
        for kind, slugs in wanted.items()
    }


def use_current_slugs(entries: Sequence[FileEntry], out: Plan) -> None:
    """Resolve old slugs, an entry's own and those it refers to, to those that the desk uses now."""
    own = SlugResolver((entry.kind, entry.record["slug"]) for entry in entries)
    refs = SlugResolver.of(entry.record for entry in entries)
    seen: dict[tuple[Kind, str], FileEntry] = {}
    for entry in entries:
        slug = own.current(entry.kind, entry.record["slug"])
        mapped = records.map_references(entry.record | {"slug": slug}, refs.current)
        if mapped != entry.record and (problems := validation.problems(mapped)):
            raise InvalidFiles(map(entry.say, problems))
        entry.record = mapped
        other = seen.setdefault((entry.kind, slug), entry)
        if other is not entry:
            message = f"{entry.place} was renamed and is also in {other.file}; keep one of the two"
            raise InvalidFiles([f"{entry.file}: object {entry.number}: {message}"])
