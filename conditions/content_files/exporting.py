"""The desk -> fixture files, so that git shows what editors did. Unloaded changes of a file are never written over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from conditions import db, drafts, publishing, records, usage
from conditions.content_files import comments, formats, merging, parsing, writing
from conditions.content_files import labels as labels_of_files
from conditions.content_files.formats import FileEntry, InvalidFiles
from conditions.drafts import SlugResolver
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Address, Page, Version
from conditions.records import InvalidRecord, Record
from conditions.schema import Kind

LOAD_FIRST = "run `manage.py loaddata` first"
MOST_OF_A_COMMENT = 60
"""Most characters of a comment that are shown in a message."""


@dataclass
class ExistingFile:
    """A file as it is, and the one entry in it."""

    path: Path
    data: bytes
    entry: FileEntry

    @property
    def name(self) -> str:
        return formats.shown(self.path)

    @property
    def text(self) -> str:
        return self.data.decode("utf-8-sig")


@dataclass
class Rewrite:
    """One file that differs from the desk: what it is to hold, and what it held when that was decided.

    text: empty where the file is to be removed. replaces: files of the entry under other names.
    """

    path: Path
    text: str
    seen: bytes | None
    entry: VersionedEntry | None = None
    record: Record | None = None
    replaces: Sequence[ExistingFile] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return formats.shown(self.path)

    @property
    def reasons(self) -> list[str]:
        """What there is to say of it besides that it differs."""
        moved = [f"in the place of {old.name}" for old in self.replaces]
        gone = [] if self.text else ["its entry was deleted in the admin"]
        return [*moved, *gone, *self.notes]

    def told(self, verb: str = "") -> str:
        """The file in words, what was done to it first."""
        words = "; ".join([verb, *self.reasons] if verb else self.reasons)
        return f"{self.name}: {words}" if words else self.name


@dataclass
class Export:
    """What the desk makes of its files.

    left: files that a person has to see to, and why. unmarked: versions that a file holds unknown to the desk, by file.
    """

    changes: list[Rewrite] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unmarked: dict[str, list[int]] = field(default_factory=dict)


# What differs


def compare(labels: Sequence[str] = ()) -> Export:
    """How files differ from the desk, as it is at one moment. InvalidFiles where one holds what was never loaded.

    labels: entries such as `conditions/bells-palsy`; without any, all but those of bulk files, and
    those withdrawn that have no file and that nothing refers to: a file would publish them in a new database.
    """
    with db.snapshot():
        comparison = _Comparison(is_whole=not labels)
        for kind, entries in _wanted(labels).items():
            comparison.compare(kind, entries)
        for kind in () if labels else Kind:
            comparison.compare_deleted(kind)
    if comparison.wrong:
        raise InvalidFiles(comparison.wrong)
    return comparison.out


def _wanted(labels: Sequence[str]) -> dict[Kind, list[VersionedEntry]]:
    """Desk entries by kind; InvalidFiles where a label names none."""
    if not labels:
        files = _that_are_there(Version.objects.in_files().order_by().values_list("file", flat=True).distinct())
        return {kind: list(_outside_bulk_files(kind, files).order_by("slug")) for kind in Kind}
    out: dict[Kind, dict[int, VersionedEntry]] = defaultdict(dict)
    wrong = []
    for label in labels:
        kind, slug = labels_of_files.entry_named(label) or (None, "")
        if kind and (entry := desk.entries(kind).filter(slug=_current_slug(kind, slug)).first()):
            out[kind][entry.pk] = entry
        elif kind and Address.objects.filter(kind=kind, slug=slug).exists():
            wrong.append(f"{label}: was deleted in the admin; write_fixtures without a name removes its file")
        else:
            wrong.append(f"{label}: there is no such entry; write it as conditions/bells-palsy")
    if wrong:
        raise InvalidFiles(wrong)
    return {kind: list(found.values()) for kind, found in out.items()}


def _outside_bulk_files(kind: Kind, files: Collection[str]) -> QuerySet[VersionedEntry]:
    """The desk entries of a kind whose home is no file of many entries among those: nothing else of these is read."""
    entries, folder = desk.entries(kind), _folder(kind)
    bulk = [file for file in files if not _is_in(folder, file)]
    if not bulk:
        return entries
    last = Version.objects.in_files().filter(page=OuterRef("page")).order_by("-number").values("file")[:1]
    homes = entries.annotate(home=Coalesce(Subquery(last), Value("")))
    return homes.exclude(home__in=db.in_values(bulk))


def _current_slug(kind: Kind, slug: str) -> str:
    return SlugResolver([(kind, slug)]).current(kind, slug)


class _Comparison:
    """Compares entries with their files, and gathers what is wrong with those."""

    def __init__(self, *, is_whole: bool) -> None:
        self.is_whole = is_whole
        self.out = Export()
        self.wrong: list[str] = []
        self.withdrawn = set(Page.objects.withdrawn().values_list("pk", flat=True))

    def compare(self, kind: Kind, entries: Sequence[VersionedEntry]) -> None:
        """Compare entries of one kind with their files."""
        pages = [entry.page_id for entry in entries if entry.page_id]
        said, homes, newest = drafts.read_many(kind, entries), _homes(kind, pages), publishing.newest_of(pages)
        for entry in entries:
            home = homes.get(entry.page_id or 0, Home())
            try:
                self._compare(entry, said[entry.pk], home, newest.get(entry.page_id or 0))
            except InvalidFiles as error:
                self.wrong += error.problems

    def _compare(self, entry: VersionedEntry, record: Record, home: Home, newest: Version | None) -> None:
        path, text = formats.standard_path(entry.kind, entry.slug), formats.text_of(record)
        olds = [old for old in home.files(but=path) if _place(old) == (entry.kind, entry.slug)]
        # Names that differ in case alone can be one file.
        seen = None if any(writing.is_one_file(path, old.path) for old in olds) else _read(path)
        if olds or not _reads(seen, text):
            files = [*filter(None, [_existing(path, seen)]), *olds]
            if not files and self.is_whole and entry.page_id in self.withdrawn and not usage.uses_of(entry):
                return
            current = SlugResolver.of(each.entry.record for each in files).current
            carried = comments.carry([each.text for each in files], text, current)
            if olds or not _reads(seen, carried.text):
                notes = [note for each in files for note in self._notes(each, entry, record, newest)]
                notes += [*_moved(carried.moved), *_in_bulk(home)]
                self.out.changes.append(Rewrite(path, carried.text, seen, entry, record, olds, notes))
                return
        if newest and not newest.file and publishing.same_content(newest, record):
            self.out.unmarked.setdefault(formats.shown(path), []).append(newest.pk)

    def _notes(
        self, file: ExistingFile, entry: VersionedEntry, record: Record, newest: Version | None
    ) -> Iterator[str]:
        """What to say of a file that holds an older text than before.

        InvalidFiles where it holds another entry, what no version and not the desk says, or an older text on purpose.
        """
        kind, slug = _place(file)
        if (kind, slug) != (entry.kind, entry.slug):
            wanted = formats.shown(formats.standard_path(kind, slug))
            raise InvalidFiles([f"{file.name}: holds the {kind.label} {slug!r}; move it to {wanted}"])
        versions, equal, theirs = _versions_like(file, entry.page_id, entry.slug)
        if theirs == record:
            return
        if not equal:
            raise InvalidFiles([f"{file.name}: has changes that have not been loaded; {LOAD_FIRST}"])
        held = max(equal, key=lambda version: version.number)
        loaded = merging.loaded_at([file.name])
        if newest and publishing.same_content(newest, record) and merging.goes_back(held, newest, file.name, loaded):
            words = f"goes back to version {held.number}, and that has not been loaded; {LOAD_FIRST}"
            raise InvalidFiles([f"{file.name}: {words}"])
        last = max((each.number for each in versions if each.file == file.name), default=0)
        if last > held.number:
            yield f"over the older text of version {held.number}: version {last} had been in it"
            yield f"to take version {held.number} again, restore it in the admin"

    def compare_deleted(self, kind: Kind) -> None:
        """Look for the files of entries that were deleted on the desk."""
        pages = Page.objects.filter(kind=kind, **{f"{kind}__isnull": True}).values_list("pk", flat=True)
        for page, home in _homes(kind, list(pages)).items():
            try:
                for file in home.files():
                    self._compare_deleted(file, page)
            except InvalidFiles as error:
                self.wrong += error.problems

    def _compare_deleted(self, file: ExistingFile, page: int) -> None:
        kind, slug = _place(file)
        if not Address.objects.filter(kind=kind, slug=slug, page=page).exists():
            return
        if not _versions_like(file, page, slug)[1]:
            words = f"has changes that have not been loaded, of an entry that was deleted in the admin; {LOAD_FIRST}"
            self.wrong.append(f"{file.name}: {words}")
        elif comments.comments_of(file.text, lambda _, slug: slug):
            words = "its entry was deleted in the admin; there are comments in it, so remove it yourself"
            self.out.left.append(f"{file.name}: {words}")
        else:
            self.out.changes.append(Rewrite(file.path, "", file.data))


@dataclass(frozen=True)
class Home:
    """Which files a page may be in: one of many entries, if it was there last; files of its own, by all its slugs."""

    bulk: str = ""
    own: tuple[Path, ...] = ()

    def files(self, but: Path | None = None) -> list[ExistingFile]:
        """Those of its own that are there, but one. InvalidFiles where one cannot be read."""
        others = [path for path in self.own if not (but and (path.name == but.name or _leads_to(path, but)))]
        there = [path for path in others if path.is_file()]
        return [*filter(None, (_existing(path, _read(path)) for path in there))]


def _leads_to(link: Path, path: Path) -> bool:
    """Whether a link is only another name of a file. Moved to its place, it would lead to itself."""
    return link.is_symlink() and writing.is_one_file(path, link)


def _homes(kind: Kind, pages: Sequence[int]) -> dict[int, Home]:
    """Where pages of a kind may be, by all that is known."""
    folder = formats.standard_path(kind, "x").parent
    shown, names = _folder(kind), defaultdict[int, list[str]](list)
    versions = Version.objects.in_files().filter(page__in=db.in_values(pages)).order_by("number")
    for page, file in versions.values_list("page_id", "file"):
        names[page].append(file)
    own: dict[int, dict[Path, None]] = defaultdict(dict)
    for page, slug in Address.objects.filter(page__in=db.in_values(pages)).values_list("page_id", "slug"):
        own[page][folder / f"{slug}.yaml"] = None
    for page, files in names.items():
        own[page] |= {folder / Path(file).name: None for file in files if _is_in(shown, file)}
    last = {page: files[-1] for page, files in names.items()}
    there = _that_are_there(set(last.values()))
    bulk = {page: file for page, file in last.items() if file in there and not _is_in(shown, file)}
    return {page: Home(bulk.get(page, ""), tuple(own[page])) for page in own}


def _that_are_there(files: Iterable[str]) -> set[str]:
    """Those of the files that are: what came through a pipe, or from a file that is gone, is in no file."""
    return {file for file in files if (Path(settings.FIXTURES).parent / file).is_file()}


def _folder(kind: Kind) -> str:
    """The name of the folder of a kind's files with one entry each."""
    return formats.shown(formats.standard_path(kind, "x").parent)


def _is_in(folder: str, file: str) -> bool:
    """Whether a file is one of a kind's folder, with one entry."""
    return Path(file).parent.as_posix() == folder and file.endswith(".yaml")


def _read(path: Path) -> bytes | None:
    try:
        return writing.content(path)
    except OSError as error:
        raise InvalidFiles([f"{formats.shown(path)}: cannot be read: {error.strerror}"]) from error


def _reads(data: bytes | None, text: str) -> bool:
    """Whether a file says a text already, also where a checkout on Windows gave its lines other ends."""
    return data is not None and data.replace(b"\r\n", b"\n") == text.encode()


def _existing(path: Path, data: bytes | None) -> ExistingFile | None:
    """A file with what is in it. InvalidFiles where that is not one entry that can be read."""
    if data is None:
        return None
    name = formats.shown(path)
    try:
        found, wrong = formats.entries_of(parsing.parse(path, data), name)
    except parsing.Unreadable as error:
        raise InvalidFiles([f"{name}: {error}"]) from error
    if wrong or len(found) != 1:
        count = f"{name}: contains {len(found)} entries; keep one per file" if found else f"{name}: is empty; remove it"
        raise InvalidFiles(wrong[:1] or [count])
    return ExistingFile(path, data, found[0])


def _place(file: ExistingFile) -> tuple[Kind, str]:
    """Kind and slug of the entry in a file, as it is called now."""
    return file.entry.kind, _current_slug(file.entry.kind, file.entry.record["slug"])


def _versions_like(file: ExistingFile, page: int | None, slug: str) -> tuple[list[Version], list[Version], Record]:
    """All versions of a page, those that say what a file says, and that at the current slugs."""
    own = {"slug": slug}
    versions = list(Version.objects.filter(page=page)) if page else []
    theirs = records.map_references(file.entry.record, SlugResolver.of([file.entry.record]).current) | own
    pairs = zip(versions, drafts.current_records(versions), strict=True)
    return versions, [version for version, said in pairs if said | own == theirs], theirs


def _moved(moved: Sequence[comments.Comment]) -> Iterator[str]:
    for comment in moved:
        words = str(comment).strip()
        words = words if len(words) <= MOST_OF_A_COMMENT else f"{words[:MOST_OF_A_COMMENT]}…"
        yield f"the comment “{words}” goes to its end, because what it was about is gone"


def _in_bulk(home: Home) -> Iterator[str]:
    """What to say of an entry that gets a file of its own, and still has a place in another."""
    if home.bulk:
        yield f"remove it from {home.bulk}, or loading refuses both"


# Writing


def write_back(export: Export) -> tuple[list[Rewrite], list[str]]:
    """Write the files, and note which version is in which. What was done; which files were left alone, and why."""
    publishing.mark_in_files(export.unmarked)
    done, left = [], list(export.left)
    for change in export.changes:
        try:
            _carry_out(change)
        except writing.ChangedMeanwhile:
            words = (
                "changed while files were written, and was left alone; run `manage.py loaddata`, then write_fixtures"
            )
            left.append(f"{change.name}: {words}")
        except OSError as error:
            left.append(f"{change.name}: cannot be written: {error.strerror}")
        else:
            done.append(change)
            _mark(change)
    return done, left


def _carry_out(change: Rewrite) -> None:
    """Write, move or remove a file. Whenever this is stopped, what is there can be loaded."""
    seen = change.seen
    for old in change.replaces:
        if seen is None:
            writing.move(old.path, change.path, seen=old.data)
            seen = old.data
        else:
            writing.remove(old.path, seen=old.data)
    if change.text:
        writing.write(change.path, change.text.encode(), seen=seen)
    elif seen is not None:
        writing.remove(change.path, seen=seen)


def _mark(change: Rewrite) -> None:
    """Note which version is in a file that was written. What has none yet gets one."""
    if not change.entry or not change.record:
        return
    try:
        version = _version_of(change.entry, change.record) or publishing.save_version(
            entry=change.entry, by=publishing.SYSTEM, comment="Found without a version."
        )
    except InvalidRecord:  # it has been deleted since
        return
    if version and publishing.same_content(version, change.record):
        publishing.mark_in_files({change.name: [version.pk]})


def _version_of(entry: VersionedEntry, record: Record) -> Version | None:
    """The newest version that says what was written: a later save may have come since."""
    page = entry.page
    if page is None:
        return None
    same = Version.objects.filter(page=page, digest=records.digest(record)).order_by("-number").first()
    newest = publishing.newest(page)
    return same or (newest if newest and publishing.same_content(newest, record) else None)
