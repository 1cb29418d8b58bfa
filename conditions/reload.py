"""Fixture files <-> desk, by a three-way merge: neither overwrites the other.

`plan` reads, checks and merges without writing anything; `carry_out` writes the plan in one short
transaction, after making sure that the desk has not moved meanwhile. A dry run is a plan alone.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from tqdm import tqdm

from conditions import db, drafts, fixture_files, merge, prose, publishing, records, usage, validation
from conditions.drafts import Directory
from conditions.fixture_files import BadFiles, FileEntry
from conditions.models.published import (
    TARGET_KINDS,
    Address,
    Edition,
    Kind,
    LoadedFile,
    Page,
    Version,
)
from conditions.publishing import Draft
from conditions.records import SHAPES, Record

TRIES = 5
"""How often a reload is planned anew because somebody saved meanwhile, before it gives up."""


class Moved(Exception):
    """The desk changed between the plan and its carrying out."""


class Outcome(Enum):
    """What a reload does with one entry."""

    NEW = "new"
    CHANGED = "changed"
    MERGED = "merged"
    OVERWRITTEN = "overwritten by the file"
    UNCHANGED = "unchanged"
    BEHIND = "behind the desk"
    CONFLICT = "conflict"
    WAITING = "conflict, still waiting for an editor"
    DELETED = "deleted on the desk, left so"
    BACK = "back from the file, as a draft"
    PRUNED = "no longer in the files"


@dataclass
class Step:
    """What a reload does with one entry: the words for it, and what it keeps, writes and publishes."""

    place: str
    file: str
    outcome: Outcome
    details: str = ""
    entry: Any = None
    page: Any = None
    drafts: list[Draft] = field(default_factory=list)
    desk: Record | None = None
    publish: bool = False
    mark: Version | None = None
    newest: int | None = None
    found: bool = False
    """Whether something stood on the desk that no version had kept: an editor has to look at it first."""

    def __str__(self) -> str:
        said = self.outcome.value + (f": {self.details}" if self.details else "")
        return f"{self.file}: {self.place}: {said}"


@dataclass
class Plan:
    """Everything that a reload would do."""

    steps: list[Step] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    skipped: int = 0
    withdraw: list[Page] = field(default_factory=list)
    foreign: list[Path] = field(default_factory=list)

    @property
    def conflicts(self) -> int:
        return sum(step.outcome is Outcome.CONFLICT for step in self.steps)

    @property
    def moves_the_edition(self) -> bool:
        return bool(self.withdraw) or any(step.publish for step in self.steps)

    def lines(self) -> list[str]:
        """The plan in words, an entry a line, what stays as it is left out; the counts last."""
        silent = (Outcome.UNCHANGED,)
        out = [str(step) for step in self.steps if step.outcome not in silent]
        counts = Counter(step.outcome for step in self.steps)
        said = [f"{_many(count, 'entry', 'entries')} {outcome.value}" for outcome, count in counts.items()]
        if self.skipped:
            said.append(f"{_many(self.skipped, 'file', 'files')} as loaded last")
        return [*out, f"{'; '.join(said) or 'Nothing to load'}."]


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


# Planning


def plan(paths: Sequence[Path], *, overwrite: bool = False, whole: Sequence[Path] = ()) -> Plan:
    """What loading the files would do. BadFiles gathers every mistake of every file.

    overwrite: take the file's side everywhere. whole: folders whose missing entries are to be withdrawn.
    """
    out = Plan()
    entries = _read(paths, out, every=overwrite or bool(whole))
    _at_todays_slugs(entries, out)
    out.steps += _Planner(entries, overwrite).steps()
    _refuse_references_to_deleted(out, entries)
    if whole:
        _prune(out, whole)
    _say_what_is_published(out)
    _spare_what_others_rest_on(out)
    return out


def _read(paths: Sequence[Path], out: Plan, *, every: bool) -> list[FileEntry]:
    """The entries of the files that changed since they were loaded last, or of `every` file."""
    known = {} if every else _unmoved_files()
    entries: list[FileEntry] = []
    wrong: list[str] = []
    skipped: list[str] = []
    for path in tqdm(paths, desc="Reading files", delay=2, disable=None, leave=False):
        name = fixture_files.shown(path)
        try:
            data = path.read_bytes()
            digest = fixture_files.digest(data)
            if known.get(name) == digest:
                skipped.append(name)
                continue
            objects = fixture_files.parse(path, data)
        except OSError as error:
            wrong.append(f"{name}: cannot be read: {error.strerror}")
            continue
        except fixture_files.Unreadable as error:
            wrong.append(f"{name}: {error}")
            continue
        if not fixture_files.is_ours(objects):
            if any(map(fixture_files.is_entry, objects)):
                wrong.append(f"{name}: mixes entries with objects of other apps; put them into files of their own")
            out.foreign.append(path)
            continue
        good, mistakes = fixture_files.entries_of(objects, name)
        entries += good
        wrong += mistakes
        out.fingerprints[name] = digest
    out.skipped = len(skipped)
    wrong += _twins(entries, skipped)
    wrong += _unknown_references(entries)
    if wrong:
        raise BadFiles(wrong)
    return entries


def _unmoved_files() -> dict[str, str]:
    """Digest by path of the loaded files none of whose pages has got a version since."""
    mine = Version.objects.filter(page=OuterRef("page"), file=OuterRef("file_path"))
    newer = Version.objects.annotate(file_path=OuterRef("path"))
    newer = newer.filter(pk__gt=OuterRef("mark")).filter(Exists(mine))
    return dict(LoadedFile.objects.exclude(Exists(newer)).values_list("path", "digest"))


def _twins(entries: Sequence[FileEntry], skipped: Sequence[str]) -> list[str]:
    """Entries that stand in two files at once."""
    first: dict[str, FileEntry] = {}
    wrong = []
    for entry in entries:
        other = first.setdefault(entry.place, entry)
        if other is not entry:
            message = f"{entry.place} stands in {other.file} too; keep one of the two"
            wrong.append(f"{entry.file}: object {entry.number}: {message}")
    return wrong + _twins_in_skipped(entries, set(skipped))


def _twins_in_skipped(entries: Sequence[FileEntry], skipped: set[str]) -> list[str]:
    wrong = []
    by_slug = {(entry.kind.value, entry.record["slug"]): entry for entry in entries if skipped}
    slugs = db.among({slug for _, slug in by_slug})
    versions = Version.objects.in_files().filter(page__addresses__slug__in=slugs)
    last = versions.order_by("pk").values_list("page__addresses__kind", "page__addresses__slug", "file")
    for (kind, slug), file in {(kind, slug): file for kind, slug, file in last}.items():
        entry = by_slug.get((kind, slug))
        if entry and file in skipped and file != entry.file:
            message = f"{entry.place} stands in {file} too; keep one of the two"
            wrong.append(f"{entry.file}: object {entry.number}: {message}")
    return wrong


def _unknown_references(entries: Sequence[FileEntry]) -> list[str]:
    coming: dict[Kind, set[str]] = defaultdict(set)
    for entry in entries:
        coming[entry.kind].add(entry.record["slug"])
    for kind, slugs in _deleted(entries).items():
        # Whether what will be written still refers to them is seen once everything is merged.
        coming[kind] |= slugs
    directory = Directory.of(entry.record for entry in entries)
    return [
        entry.say(problem)
        for entry in entries
        for problem in validation.reference_problems(entry.record, directory, coming)
    ]


def _deleted(entries: Sequence[FileEntry]) -> dict[Kind, set[str]]:
    """Slugs that the entries refer to and that were once on the desk, deleted since or not."""
    wanted: dict[Kind, set[str]] = defaultdict(set)
    for entry in entries:
        for _, kind, slug in records.references(entry.record):
            wanted[kind].add(slug)
    return {
        kind: set(Address.objects.filter(kind=kind, slug__in=db.among(slugs)).values_list("slug", flat=True))
        for kind, slugs in wanted.items()
    }


def _at_todays_slugs(entries: Sequence[FileEntry], out: Plan) -> None:
    """Resolve old slugs, an entry's own and those it refers to, to those that the desk uses now."""
    own = Directory((entry.kind, entry.record["slug"]) for entry in entries)
    refs = Directory.of(entry.record for entry in entries)
    seen: dict[tuple[Kind, str], FileEntry] = {}
    for entry in entries:
        slug = own.today(entry.kind, entry.record["slug"])
        mapped = records.map_references(entry.record | {"slug": slug}, refs.today)
        if mapped != entry.record and (problems := validation.problems(mapped)):
            raise BadFiles(map(entry.say, problems))
        entry.record = mapped
        other = seen.setdefault((entry.kind, slug), entry)
        if other is not entry:
            message = f"{entry.place} was renamed and stands in {other.file} too; keep one of the two"
            raise BadFiles([f"{entry.file}: object {entry.number}: {message}"])


def _refuse_references_to_deleted(out: Plan, entries: Sequence[FileEntry]) -> None:
    """BadFiles where what is to be written refers to an entry that was deleted on the desk and stays so."""
    written = {(Kind(step.desk["kind"]), step.desk["slug"]) for step in out.steps if step.desk is not None}
    by_place = {(entry.kind, entry.record["slug"]): entry for entry in entries}
    directory = Directory.of(step.desk for step in out.steps if step.desk is not None)
    wrong = []
    for step in out.steps:
        if step.desk is None:
            continue
        for path, kind, slug in records.references(step.desk):
            if (kind, slug) not in written and not directory.knows(kind, slug):
                entry = by_place[Kind(step.desk["kind"]), step.desk["slug"]]
                message = f"{kind.value} {slug!r} was deleted on the desk; restore it there, or take it out here"
                wrong.append(entry.say(records.Problem(path, message)))
    if wrong:
        raise BadFiles(wrong)


class _Planner:
    """Decides, entry by entry, from a few queries over all of them."""

    def __init__(self, entries: Sequence[FileEntry], overwrite: bool) -> None:
        self.entries = entries
        self.overwrite = overwrite
        self.desk: dict[tuple[Kind, str], Any] = {}
        self.pages: dict[tuple[Kind, str], Page] = {}
        by_kind: dict[Kind, list[str]] = defaultdict(list)
        for entry in entries:
            by_kind[entry.kind].append(entry.record["slug"])
        for kind, slugs in by_kind.items():
            for found in SHAPES[kind].model.objects.filter(slug__in=db.among(slugs)):
                self.desk[kind, found.slug] = found
            at = Address.objects.filter(kind=kind, slug__in=db.among(slugs)).select_related("page")
            self.pages |= {(kind, address.slug): address.page for address in at}
        self.newest = publishing.newest_of(page.pk for page in self.pages.values())

    def steps(self) -> list[Step]:
        changed = [entry for entry in self.entries if not self._is_quickly_equal(entry)]
        self._read_changed(changed)
        moved = {id(entry) for entry in changed}
        bar = tqdm(self.entries, desc="Comparing", delay=2, disable=None, leave=False)
        return [self._step(entry) if id(entry) in moved else self._same(entry) for entry in bar]

    def _place(self, entry: FileEntry) -> tuple[Any, Page | None, Version | None]:
        key = (entry.kind, entry.record["slug"])
        page = self.pages.get(key)
        return self.desk.get(key), page, self.newest.get(page.pk) if page else None

    def _is_quickly_equal(self, entry: FileEntry) -> bool:
        standing, _, newest = self._place(entry)
        if self.overwrite or not (standing and newest):
            return False
        return newest.digest == records.digest(entry.record)

    def _same(self, entry: FileEntry) -> Step:
        standing, page, newest = self._place(entry)
        step = Step(entry.place, entry.file, Outcome.UNCHANGED, entry=standing, page=page)
        step.newest = newest.pk if newest else None
        step.mark = newest if newest and newest.file != entry.file else None
        return step

    def _read_changed(self, changed: Sequence[FileEntry]) -> None:
        """The desk's records of the changed entries, and the versions of them known to be in files."""
        self.ours: dict[tuple[Kind, str], Record] = {}
        by_kind: dict[Kind, list[Any]] = defaultdict(list)
        for entry in changed:
            if standing := self._place(entry)[0]:
                by_kind[entry.kind].append(standing)
        for kind, standing in by_kind.items():
            found = drafts.read_many(kind, standing)
            self.ours |= {(kind, one.slug): found[one.pk] for one in standing}
        pages = [page.pk for entry in changed if (page := self._place(entry)[1])]
        self.known: dict[int, list[Version]] = defaultdict(list)
        versions = Version.objects.filter(page__in=db.among(pages))
        for version in versions.in_files().order_by("number"):
            self.known[version.page_id].append(version)
        self.open = set(versions.proposed().values_list("pk", flat=True))
        self._bring_forward([one for found in self.known.values() for one in found])

    def _bring_forward(self, versions: Sequence[Version]) -> None:
        old = {one.pk: records.upgrade(one.record, one.format) for one in versions}
        directory = Directory.of(old.values())
        self.said = {pk: records.map_references(record, directory.today) for pk, record in old.items()}

    def _step(self, entry: FileEntry) -> Step:
        standing, page, newest = self._place(entry)
        step = Step(entry.place, entry.file, Outcome.NEW, entry=standing, page=page)
        step.newest = newest.pk if newest else None
        known = self._known(entry, page)
        if standing is None:
            return self._without_desk(step, entry, known)
        ours = self.ours[entry.kind, entry.record["slug"]]
        self._keep_found(step, ours, newest)
        if ours == entry.record and newest:
            step.outcome = Outcome.UNCHANGED
            step.mark = newest if newest.file != entry.file and not step.drafts else None
            return step
        if newest is None and ours == entry.record:
            step.drafts = [Draft(entry.record, page, Version.Origin.FILE, entry.file)]
            step.publish = page is None
            return self._write(step, entry.record, Outcome.NEW)
        if self.overwrite:
            step.drafts.append(Draft(entry.record, page, Version.Origin.FILE, entry.file))
            step.details = self._changed_fields(ours, entry.record)
            step.publish = self._may_publish(step, newest)
            return self._write(step, entry.record, Outcome.OVERWRITTEN)
        said_already = [one for one, said in known if said == entry.record]
        equal = next((one for one in said_already if one.pk in self.open), said_already[-1] if said_already else None)
        if equal is not None:
            return self._of_known(step, entry, ours, known, equal)
        return self._merge(step, entry, ours, known, newest)

    def _known(self, entry: FileEntry, page: Page | None) -> list[tuple[Version, Record]]:
        """The versions of a page known to be in files, with what they say at today's slugs, oldest first."""
        versions = self.known.get(page.pk, []) if page else []
        own = {"slug": entry.record["slug"]}
        return [(version, self.said[version.pk] | own) for version in versions]

    def _keep_found(self, step: Step, ours: Record, newest: Version | None) -> None:
        """What got onto the desk without a version is kept before anything is written over it."""
        if newest is None or not publishing.says_the_same(newest, ours):
            found = Draft(ours, step.page, Version.Origin.ADMIN, comment="Found on the desk.")
            step.drafts.append(found)
            step.found = True

    def _without_desk(self, step: Step, entry: FileEntry, known: list[tuple[Version, Record]]) -> Step:
        if step.page and not self.overwrite and any(said == entry.record for _, said in known):
            step.outcome = Outcome.DELETED
            return step
        step.drafts = [Draft(entry.record, step.page, Version.Origin.FILE, entry.file)]
        step.publish = step.page is None
        return self._write(step, entry.record, Outcome.BACK if step.page else Outcome.NEW)

    def _of_known(
        self,
        step: Step,
        entry: FileEntry,
        ours: Record,
        known: list[tuple[Version, Record]],
        equal: Version,
    ) -> Step:
        """A file that says what was known to be in it: nothing, unless a conflict over it has changed since."""
        step.outcome = Outcome.BEHIND
        if equal.pk not in self.open:
            return step
        base = _base([(one, said) for one, said in known if one.pk != equal.pk], entry.record)
        now = merge.merge(base, ours, entry.record).conflicts
        then_said = self._desk_before(equal, entry.record["slug"])
        then = merge.merge(base, then_said, entry.record).conflicts if then_said else ()
        if not now:
            return step
        if set(map(repr, now)) <= set(map(repr, then)):
            step.outcome, step.details = Outcome.WAITING, _said(now)
            return step
        return self._propose(step, entry, _said(now))

    def _desk_before(self, version: Version, slug: str) -> Record | None:
        older = Version.objects.on_desk().filter(page=version.page_id, number__lt=version.number)
        found = older.order_by("-number").first()
        if found is None:
            return None
        return publishing.said_today(found) | {"slug": slug}

    def _merge(
        self,
        step: Step,
        entry: FileEntry,
        ours: Record,
        known: list[tuple[Version, Record]],
        newest: Version | None,
    ) -> Step:
        outcome = merge.merge(_base(known, entry.record), ours, entry.record)
        merged = records.canonical(outcome.record)
        if wrong := validation.problems(merged):
            return self._propose(step, entry, f"merged, it would be wrong: {wrong[0]}")
        step.publish = not outcome.conflicts and merged != ours and self._may_publish(step, newest)
        of_file = Draft(entry.record, step.page, Version.Origin.FILE, entry.file)
        of_merge = Draft(merged, step.page, Version.Origin.MERGE, comment=f"Merged with {entry.file}.")
        if merged == entry.record:
            step.drafts.append(of_file)
            step.details = self._changed_fields(ours, merged)
            return self._write(step, merged, Outcome.CHANGED)
        of_file.beside = "open" if outcome.conflicts else "settled"
        on_desk = [of_merge] if merged != ours else []
        step.drafts += [*on_desk, of_file] if outcome.conflicts else [of_file, *on_desk]
        step.details = _said(outcome.conflicts) or self._changed_fields(ours, merged)
        kind = Outcome.CONFLICT if outcome.conflicts else Outcome.MERGED
        return self._write(step, merged if merged != ours else None, kind)

    def _propose(self, step: Step, entry: FileEntry, why: str) -> Step:
        """Leave the desk as it is, and keep the file's record for an editor to look at."""
        step.outcome, step.details = Outcome.CONFLICT, why
        step.drafts.append(Draft(entry.record, step.page, Version.Origin.FILE, entry.file, why, "open"))
        return step

    def _write(self, step: Step, record: Record | None, outcome: Outcome) -> Step:
        step.outcome, step.desk = outcome, record
        return step

    def _may_publish(self, step: Step, newest: Version | None) -> bool:
        """Live with no newer version on the desk, or never published and never touched but by files."""
        page = step.page
        if step.found or newest is None:
            return False
        if page is None or page.live_id:
            return page is None or page.live_id == newest.pk
        return page.edition_id is None and newest.origin == Version.Origin.FILE

    def _changed_fields(self, ours: Record, theirs: Record) -> str:
        return ", ".join(name for name in theirs if ours.get(name) != theirs[name])


def _base(known: Iterable[tuple[Version, Record]], theirs: Record) -> Record | None:
    """The record that a file started from: of those known, the one it differs from least, of equals the oldest.

    But where the file only lacks sentences that an older one did not have yet, it may as well have
    started from that: a needless question is better than a lost sentence. None if none is known.
    """
    found = list(known)
    if not found:
        return None
    nearest, said = min(found, key=lambda one: (merge.distance(one[1], theirs), one[0].number))
    older = [each for version, each in found if version.number < nearest.number]
    return next((each for each in older if _only_lacks(theirs, said, each)), said)


def _only_lacks(theirs: Record, nearest: Record, older: Record) -> bool:
    """Whether some text of theirs is the nearest one's without sentences that the older one lacks too."""
    for name in merge.PROSE.intersection(theirs):
        now, near, then = (set(prose.sentences(record[name])) for record in (theirs, nearest, older))
        if not now - near and (near - now) - then:
            return True
    return False


def _said(conflicts: Sequence[merge.Conflict]) -> str:
    return "; ".join(dict.fromkeys(map(str, conflicts)))


def _prune(out: Plan, whole: Sequence[Path]) -> None:
    """Withdraw live pages once loaded from the folders and in none of their files now, unless changed since."""
    here = {step.page.pk for step in out.steps if step.page}
    for folder in whole:
        prefix = fixture_files.shown(folder).rstrip("/") + "/"
        once = Version.objects.filter(page=OuterRef("pk"), file__startswith=prefix)
        gone = Page.objects.live().filter(Exists(once)).exclude(pk__in=here)
        newest = publishing.newest_of(gone.values_list("pk", flat=True))
        for page in gone:
            version = newest[page.pk]
            place = f"{page.kind} {page.slug!r}"
            step = Step(place, prefix, Outcome.PRUNED, "withdrawn", page=page, newest=version.pk)
            if version.pk != page.live_id or not version.file:
                step.outcome, step.details = Outcome.CONFLICT, "no longer in the files, but edited since"
            else:
                out.withdraw.append(page)
            out.steps.append(step)


def _spare_what_others_rest_on(out: Plan) -> None:
    """Leave pages live that left the files while a live relation or statement elsewhere rests on them."""
    gone = {page.pk for page in out.withdraw}
    rewritten = {step.page.pk for step in out.steps if step.publish and step.page}
    needed = {}
    for pk in gone:
        if found := usage.left_unfounded({pk}, among=rewritten | gone):
            needed[pk] = found[0]
    if not needed and (found := usage.left_unfounded(gone, among=rewritten)):
        needed = dict.fromkeys(gone, found[0])
    out.withdraw = [page for page in out.withdraw if page.pk not in needed]
    for step in out.steps:
        if step.outcome is Outcome.PRUNED and step.page.pk in needed:
            step.outcome = Outcome.CONFLICT
            step.details = f"no longer in the files, but {needed[step.page.pk]}"


def _say_what_is_published(out: Plan) -> None:
    """Take publishing back where something blocks it, and say of each changed entry whether readers see it."""
    for step in out.steps:
        blocks = validation.blocks(step.desk) if step.publish and step.desk else []
        if blocks:
            step.publish = False
            step.details = f"not published: {blocks[0]}"
    visible = _visible(out)
    for step in out.steps:
        if step.publish and step.desk and (missing := _rests_on_hidden(step.desk, visible)):
            step.publish = False
            step.details = f"not published: {missing}: the document that states this is not published"
    for step in out.steps:
        if step.desk is not None and "not published" not in step.details:
            seen = "published" if step.publish else "draft"
            step.details = f"{step.details}; {seen}" if step.details else seen


def _visible(out: Plan) -> set[tuple[Kind, str]]:
    """The documents and sources, cited by what is to be published, that readers can then see."""
    cited: dict[Kind, set[str]] = defaultdict(set)
    coming = set()
    for step in out.steps:
        if step.desk is None:
            continue
        kind = Kind(step.desk["kind"])
        if step.publish or (kind is Kind.SOURCE and (step.page is None or step.page.edition_id is None)):
            coming.add((kind, step.desk["slug"]))
        for _, each, slug in records.references(step.desk) if step.publish else ():
            cited[each].add(slug)
    withdrawn = {page.pk for page in out.withdraw}
    seen = set(coming)
    for kind in (Kind.QUESTION, Kind.SOURCE):
        found = Address.objects.filter(kind=kind, slug__in=db.among(cited[kind])).select_related("page")
        for address in found:
            page = address.page
            fresh = kind is Kind.SOURCE and page.edition_id is None
            if page.pk not in withdrawn and (page.live_id or fresh):
                seen.add((kind, address.slug))
    return seen


def _rests_on_hidden(record: Record, visible: set[tuple[Kind, str]]) -> str:
    """The first relation of a record none of whose citations readers can see; empty if there is none."""
    for relation in ("symptoms", "treatments", "causes", "related"):
        for row in record.get(relation, ()):
            cited = [(TARGET_KINDS[mark], slug) for mark in ("evidence", "sources") for slug in row[mark]]
            if not visible.intersection(cited):
                return f"{relation}, {row['target']}"
    return ""


# Settling a conflict


def take_over(*, version: Version, by: Any) -> publishing.Saved:
    """Put a file's side of what clashes on the desk, and settle its proposal. The rest of the desk stays.

    Errors: publishing.NotAllowed; publishing.NotReady if it is no open proposal; records.BadRecord.
    """
    with publishing.writing():
        page = publishing.hold([version.page_id])[version.page_id]
        entry = SHAPES[Kind(page.kind)].model.objects.filter(page=page).first()
        publishing.decline(version=version, by=by, note="Taken over.")
        if entry is None:
            return publishing.restore(version=version, by=by)
        ours = drafts.read(entry)
        own = {"slug": entry.slug}
        versions = [*page.versions.in_files().exclude(pk=version.pk).order_by("number"), version]
        old = [records.upgrade(one.record, one.format) for one in versions]
        today = Directory.of(old).today
        *known, theirs = [records.map_references(record, today) | own for record in old]
        base = _base(zip(versions, known, strict=False), theirs)
        # The file's side first: where both changed the same words, that side stays.
        wanted = merge.merge(base, theirs, ours).record
        number = publishing.newest_of([page.pk])[page.pk].number
        comment = f"Taken over from {version.file}."
        return publishing.save(record=wanted, entry=entry, by=by, opened_on=number, comment=comment)


# Carrying out


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without Python's search for garbage, a third of a large load: what a reload makes stays until its end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def load(paths: Sequence[Path], *, overwrite: bool = False, whole: Sequence[Path] = ()) -> tuple[Plan, Edition | None]:
    """Plan and carry out, anew where the desk moved meanwhile. The plan that was carried out, and its edition.

    Errors: BadFiles, publishing.NotReady, Moved after several tries.
    """
    with _nothing_collected():
        for _ in range(TRIES):
            made = plan(paths, overwrite=overwrite, whole=whole)
            try:
                return made, carry_out(made)
            except (Moved, IntegrityError):
                continue
    raise Moved(f"The desk changed {TRIES} times while the files were being loaded. Try again.")


def carry_out(made: Plan) -> Edition | None:
    """Write a plan: all of it or nothing. The edition it made, if readers see anything new."""
    if not made.fingerprints and not made.withdraw:
        return None
    with publishing.writing(patience=60):
        _refuse_if_moved(made)
        writes = [step for step in made.steps if step.desk is not None]
        written = drafts.write_many([(step.entry, step.desk) for step in writes if step.desk is not None])
        versions = _keep(made, dict(zip(map(id, writes), written, strict=True)))
        edition = None
        if versions or made.withdraw:
            moved = len(versions) + len(made.withdraw)
            said = f"Reload of files: {_many(moved, 'page', 'pages')}."
            reason = "It is no longer part of the site’s content files."
            edition = publishing.publish(
                versions=versions, by=None, note=said, withdrawing=made.withdraw, reason=reason
            ).edition
        _remember_files(made.fingerprints)
        return edition


def _refuse_if_moved(made: Plan) -> None:
    pages = {step.page.pk: step for step in made.steps if step.page}
    held = publishing.hold(pages)
    versions = Version.objects.on_desk().filter(page__in=db.among(pages))
    tops = dict(versions.values_list("page").annotate(top=Max("pk")).order_by())
    if any(tops.get(pk) != step.newest for pk, step in pages.items()):
        raise Moved
    if any(held[pk].live_id != pages[pk].page.live_id for pk in pages):
        raise Moved


def _keep(made: Plan, written: Mapping[int, Any]) -> list[Version]:
    """Keep all drafts of the plan and note which versions stand in files. The versions to publish."""
    pairs = [(step, draft) for step in made.steps for draft in step.drafts]
    versions = publishing.keep_many([draft for _, draft in pairs], by=None, at=timezone.now())
    last: dict[int, Version] = {}
    for (step, draft), version in zip(pairs, versions, strict=True):
        if not draft.beside:
            last[id(step)] = version
    publishing.attach(
        (entry, last[id(step)].page)
        for step in made.steps
        if id(step) in last and (entry := written.get(id(step)) or step.entry)
    )
    by_file: dict[str, list[int]] = defaultdict(list)
    for step in made.steps:
        if step.mark:
            by_file[step.file].append(step.mark.pk)
    publishing.mark_in_files(by_file)
    return [last[id(step)] for step in made.steps if step.publish]


def _remember_files(fingerprints: Mapping[str, str]) -> None:
    mark = Version.objects.aggregate(top=Max("pk"))["top"] or 0
    LoadedFile.objects.bulk_create(
        [LoadedFile(path=path, digest=digest, mark=mark) for path, digest in fingerprints.items()],
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["digest", "mark"],
    )
