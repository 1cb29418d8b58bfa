"""The desk -> fixture files, so that git shows what editors did. Unloaded changes of a file are never written over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from conditions import db, drafts, publishing, records
from conditions.content_files import formats, parsing
from conditions.content_files import labels as labels_of_files
from conditions.content_files.formats import InvalidFiles
from conditions.drafts import SlugResolver
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Page, Version
from conditions.records import Record
from conditions.schema import Kind


@dataclass
class Rewrite:
    """One file that differs from the desk: its path, its new text, and the entry and record that it will hold."""

    path: Path
    text: str
    entry: VersionedEntry
    record: Record
    replaces: Path | None = None


def rewrites(labels: Sequence[str] = ()) -> list[Rewrite]:
    """The files that say something else than the desk. InvalidFiles where one holds what was never loaded.

    labels: entries such as `conditions/bells-palsy`; without any, all but those of bulk files, and
    those withdrawn that have no file: it would restore them wherever it is loaded into a new database.
    """
    out: list[Rewrite] = []
    wrong: list[str] = []
    withdrawn = set(Page.objects.withdrawn().values_list("pk", flat=True))
    for kind, entries in _wanted(labels).items():
        said = drafts.read_many(kind, entries)
        homes = _homes(entry.page_id for entry in entries)
        for entry in entries:
            home = homes.get(entry.page_id, "")
            if not labels and home and not _is_standard(home, kind):
                continue
            rewrite = _rewrite(kind, entry, said[entry.pk], home)
            if not labels and entry.page_id in withdrawn and not (rewrite.path.is_file() or rewrite.replaces):
                continue
            if found := _unloaded(rewrite):
                wrong += found
            elif rewrite.replaces or not rewrite.path.is_file() or rewrite.path.read_text("utf-8") != rewrite.text:
                out.append(rewrite)
    if wrong:
        raise InvalidFiles(wrong)
    return out


def _rewrite(kind: Kind, entry: VersionedEntry, record: Record, home: str) -> Rewrite:
    path = formats.standard_path(kind, entry.slug)
    old = Path(settings.FIXTURES).parent / home if home and _is_standard(home, kind) else None
    replaces = old if old and old.name != path.name and old.is_file() else None
    return Rewrite(path, formats.text_of(record), entry, record, replaces)


def _wanted(labels: Sequence[str]) -> dict[Kind, list[VersionedEntry]]:
    """Desk entries by kind; InvalidFiles where a label names none."""
    if not labels:
        return {kind: list(desk.entries(kind).order_by("slug")) for kind in Kind}
    out: dict[Kind, list[VersionedEntry]] = defaultdict(list)
    wrong = []
    for label in labels:
        kind, slug = labels_of_files.entry_named(label) or (None, "")
        entry = desk.entries(kind).filter(slug=slug).first() if kind else None
        if kind and entry:
            out[kind].append(entry)
        else:
            wrong.append(f"{label}: there is no such entry; write it as conditions/bells-palsy")
    if wrong:
        raise InvalidFiles(wrong)
    return out


def _homes(pages: Iterable[int | None]) -> dict[int | None, str]:
    """The file that each page was last known to be in."""
    ids = [page for page in pages if page]
    rows = Version.objects.in_files().filter(page__in=db.in_values(ids)).order_by("number")
    return dict(rows.values_list("page_id", "file"))


def _is_standard(home: str, kind: Kind) -> bool:
    folder = formats.shown(formats.standard_path(kind, "x").parent)
    return Path(home).parent.as_posix() == folder and home.endswith(".yaml")


def _unloaded(rewrite: Rewrite) -> list[str]:
    """Why the files must not be written over or removed: they hold what no version and no desk entry says."""
    paths = [path for path in (rewrite.path, rewrite.replaces) if path and path.is_file()]
    return [message for path in paths if (message := _unloaded_in(path, rewrite))]


def _unloaded_in(path: Path, rewrite: Rewrite) -> str:
    name = formats.shown(path)
    data = path.read_bytes()
    if data == rewrite.text.encode():
        return ""
    try:
        found, wrong = formats.entries_of(parsing.parse(path, data), name)
    except parsing.Unreadable as error:
        return f"{name}: {error}"
    if wrong or len(found) != 1:
        return wrong[0] if wrong else f"{name}: contains {len(found)} entries; keep one per file"
    own = {"slug": rewrite.entry.slug}
    theirs = records.map_references(found[0].record, SlugResolver.of([found[0].record]).current) | own
    versions = Version.objects.filter(page=rewrite.entry.page_id) if rewrite.entry.page_id else Version.objects.none()
    if theirs == rewrite.record or any(publishing.current_record(version) | own == theirs for version in versions):
        return ""
    return f"{name}: has changes that have not been loaded; run `manage.py loaddata` first"


def write_back(changes: Sequence[Rewrite]) -> None:
    """Write the files, and note which version is in which file."""
    by_file: dict[str, list[int]] = defaultdict(list)
    for change in changes:
        formats.write(change.path, change.text)
        if change.replaces:
            change.replaces.unlink()
        version = _version_of(change) or publishing.save_version(
            entry=change.entry, by=publishing.SYSTEM, comment="Found without a version."
        )
        if version and publishing.same_content(version, change.record):
            by_file[formats.shown(change.path)].append(version.pk)
    publishing.mark_in_files(by_file)


def _version_of(change: Rewrite) -> Version | None:
    """The newest version that says what was written: a later save may have come since."""
    page = change.entry.page
    if page is None:
        return None
    versions = Version.objects.filter(page=page)
    same = versions.filter(digest=records.digest(change.record)).order_by("-number").first()
    newest = publishing.newest(page)
    return same or (newest if newest and publishing.same_content(newest, change.record) else None)
