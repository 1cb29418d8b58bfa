"""Files -> entries: every mistake of every file at once, slugs brought to those of the desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from django.db.models import F, Max, Min, OuterRef, Subquery
from tqdm import tqdm

from conditions import db, drafts, publishing, records, statements, validation
from conditions.content_files import formats, parsing
from conditions.content_files.formats import FileEntry, InvalidFiles
from conditions.content_files.known import Known, Place, Said, said_by
from conditions.content_files.plan import Plan
from conditions.drafts import SlugResolver
from conditions.models.published import Address, LoadedFile, Version
from conditions.schema import CITED, Kind


@dataclass(frozen=True)
class ReadingOptions:
    """How files are read.

    excluded: kinds that are left out. ignore_unknown: models and fields that do not exist are passed over.
    names: what files are called that hold what came from elsewhere, such as a pipe.
    """

    excluded: frozenset[Kind] = frozenset()
    ignore_unknown: bool = False
    names: Mapping[Path, str] = field(default_factory=dict)

    @property
    def reads_all(self) -> bool:
        """Whether nothing that a file says is left out, so that it counts as loaded."""
        return not self.excluded and not self.ignore_unknown


def read_files(
    paths: Sequence[Path], out: Plan, *, every: bool, whole: bool = False, options: ReadingOptions | None = None
) -> list[FileEntry]:
    """The entries of the files that changed since they were loaded last, or of `every` file.

    whole: what is not in the files is to be withdrawn, so that one that has come empty is refused.
    """
    options = options or ReadingOptions()
    names = {path: options.names.get(path) or formats.shown(path) for path in paths}
    out.mark = Version.objects.aggregate(top=Max("pk"))["top"] or 0
    known = None if every or not options.reads_all else Known()
    reader = _Reader(out, {} if every else _unmoved_files(names.values()), known, whole, options)
    for path, name in tqdm(names.items(), desc="Reading files", delay=2, disable=None, leave=False):
        reader.read(path, name)
    reader.read_what_is_in_doubt()
    entries = reader.entries
    wrong = [*reader.wrong, *_twins(entries, out.skipped), *_ambiguous_citations(entries)]
    passed_over = known.places() if known else ()
    wrong += [*_unknown_references(entries, passed_over), *_new_slugs(entries), *_wrong_quotes(entries)]
    if wrong:
        raise InvalidFiles(wrong)
    return reader.entries


class _Reader:
    """Gathers what files say, file by file, and all that is wrong with them."""

    def __init__(
        self, out: Plan, unmoved: Mapping[str, str], known: Known | None, whole: bool, options: ReadingOptions
    ) -> None:
        self.out = out
        self.unmoved = unmoved
        self.known = known
        self.said: dict[str, tuple[parsing.Objects, Mapping[Place, Said]]] = {}
        self.whole = whole
        self.options = options
        self.entries: list[FileEntry] = []
        self.wrong: list[str] = []

    def read(self, path: Path, name: str) -> None:
        if not parsing.ending(path.name):
            self.out.foreign.append(path)
            return
        try:
            _refuse_name(name)
            data = parsing.read(path)
            digest = formats.digest(data)
            if self.unmoved.get(name) == digest:
                self.out.skipped.append(name)
            else:
                self._take(path, name, digest, parsing.parse(path, data))
        except OSError as error:
            self.wrong.append(f"{name}: cannot be read: {error.strerror}")
        except parsing.Unreadable as error:
            if error.may_be_foreign and not formats.kind_of_folder(path.parent):
                self.out.foreign.append(path)
            else:
                self.wrong.append(f"{name}: {error}")

    def _take(self, path: Path, name: str, digest: str, objects: parsing.Objects) -> None:
        if self.options.excluded == set(Kind):
            if not all(map(formats.is_entry, objects)):
                self.out.foreign.append(path)
        elif formats.is_dump(objects):
            self.wrong.append(f"{name}: {formats.DUMP}")
        elif not formats.is_ours(objects):
            if any(map(formats.is_entry, objects)):
                self.wrong.append(f"{name}: mixes entries with objects of other apps; put them into separate files")
            self.out.foreign.append(path)
        elif self.whole and not objects:
            words = "has no entries, and --prune would withdraw those it had; if that is meant, remove the file"
            self.wrong.append(f"{name}: {words}")
        else:
            self._take_entries(name, digest, objects)

    def _take_entries(self, name: str, digest: str, objects: parsing.Objects) -> None:
        said = said_by(objects)
        passed = self.known.pass_over(name, said) if self.known else set()
        if passed:
            self.said[name] = objects, said
        self._read(name, objects, said, {*range(1, len(objects) + 1)} - passed)
        # Where something was left out, the file does not count as loaded: the next load is to read it.
        self.out.fingerprints[name] = digest if self.options.reads_all else ""

    def _read(self, name: str, objects: parsing.Objects, said: Mapping[Place, Said], numbers: set[int]) -> None:
        good, mistakes = formats.entries_of(objects, name, ignore_unknown=self.options.ignore_unknown, only=numbers)
        for entry in good:
            if entry.kind not in self.options.excluded:
                entry.said = said[entry.kind, entry.record["slug"]].digest
                self.entries.append(entry)
        self.wrong += mistakes

    def read_what_is_in_doubt(self) -> None:
        """Read what was passed over, and is not to be, beside what was read; all in the order of the files."""
        if self.known:
            for name, numbers in self.known.take_back(tuple(self.entries)):
                self._read(name, *self.said[name], numbers)
            order = {name: place for place, name in enumerate(self.out.fingerprints)}
            self.entries.sort(key=lambda entry: (order[entry.file], entry.number))
            self.out.passed_over = self.known.count
            self.out.settled |= self.known.digests()


def _refuse_name(name: str) -> None:
    """Unreadable where a file's name cannot be kept with the versions that come from it."""
    longest = LoadedFile._meta.get_field("path").max_length
    if longest and len(name) > longest:
        raise parsing.Unreadable(f"its path is longer than {longest} characters; move it")
    if not name.isprintable():
        raise parsing.Unreadable("its name is not valid text; rename it")


def _unmoved_files(names: Iterable[str]) -> dict[str, str]:
    """Digest by name of those files that were loaded and none of whose pages has got a version since."""
    loaded = LoadedFile.objects.filter(path__in=db.in_values(filter(str.isprintable, names)))
    oldest = loaded.aggregate(oldest=Min("mark"))["oldest"]
    if oldest is None:
        return {}
    # From the newer versions to the files of their pages: the other way it would be files times newer versions.
    newer = Version.objects.filter(pk__gt=oldest).order_by().values("page")
    mark = Subquery(LoadedFile.objects.filter(path=OuterRef("file")).values("mark"))
    of_moved = Version.objects.in_files().filter(page__in=newer).annotate(mark=mark)
    moved = set(of_moved.filter(page__versions__pk__gt=F("mark")).order_by().values_list("file", flat=True).distinct())
    return {path: digest for path, digest in loaded.values_list("path", "digest") if path not in moved}


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


def _unknown_references(entries: Sequence[FileEntry], passed_over: Iterable[Place]) -> list[str]:
    coming: dict[Kind, set[str]] = defaultdict(set)
    for kind, slug in chain(((entry.kind, entry.record["slug"]) for entry in entries), passed_over):
        coming[kind].add(slug)
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


def _wrong_quotes(entries: Sequence[FileEntry]) -> list[str]:
    """Words that what they are quoted from does not say; what is in the files counts before what is on the desk."""
    wanted = statements.quoted(entry.record for entry in entries)
    coming = (entry.record for entry in entries if entry.kind in CITED and entry.record["slug"] in wanted)
    texts = drafts.texts_of(wanted) | {record["slug"]: statements.quotable(record) for record in coming}
    return [entry.say(problem) for entry in entries for problem in statements.problems(entry.record, texts)]


def refuse_wrong_quotes(entries: Sequence[FileEntry]) -> None:
    """InvalidFiles where words are quoted under an old slug that what has it now does not say."""
    if wrong := _wrong_quotes(entries):
        raise InvalidFiles(wrong)


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
    for entry in entries:
        slug = own.current(entry.kind, entry.record["slug"])
        mapped = records.map_references(entry.record | {"slug": slug}, refs.current)
        if mapped != entry.record and (problems := validation.problems(mapped)):
            raise InvalidFiles(map(entry.say, problems))
        entry.record = mapped
