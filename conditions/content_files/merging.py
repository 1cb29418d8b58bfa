"""An entry of a file and the same entry on the desk -> a step of the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tqdm import tqdm

from conditions import db, drafts, merge, prose, publishing, records, validation
from conditions.content_files.formats import FileEntry
from conditions.content_files.plan import Outcome, Step
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Address, LoadedFile, Page, Version
from conditions.publishing import Draft, Proposal
from conditions.records import Record
from conditions.schema import Kind


class Merger:
    """Decides, entry by entry, from a few queries over all of them."""

    def __init__(self, entries: Sequence[FileEntry], overwrite: bool) -> None:
        self.entries = entries
        self.overwrite = overwrite
        self.existing: dict[tuple[Kind, str], VersionedEntry] = {}
        self.pages: dict[tuple[Kind, str], Page] = {}
        by_kind: dict[Kind, list[str]] = defaultdict(list)
        for entry in entries:
            by_kind[entry.kind].append(entry.record["slug"])
        for kind, slugs in by_kind.items():
            for found in desk.entries(kind).filter(slug__in=db.in_values(slugs)):
                self.existing[kind, found.slug] = found
            at = Address.objects.filter(kind=kind, slug__in=db.in_values(slugs)).select_related("page")
            self.pages |= {(kind, address.slug): address.page for address in at}
        self.newest = publishing.newest_of(page.pk for page in self.pages.values())

    def steps(self) -> list[Step]:
        changed = [entry for entry in self.entries if not self._is_quickly_equal(entry)]
        self._read_changed(changed)
        moved = {id(entry) for entry in changed}
        bar = tqdm(self.entries, desc="Comparing", delay=2, disable=None, leave=False)
        return [self._step(entry) if id(entry) in moved else self._same(entry) for entry in bar]

    def _place(self, entry: FileEntry) -> tuple[VersionedEntry | None, Page | None, Version | None]:
        key = (entry.kind, entry.record["slug"])
        page = self.pages.get(key)
        return self.existing.get(key), page, self.newest.get(page.pk) if page else None

    def _is_quickly_equal(self, entry: FileEntry) -> bool:
        existing, _, newest = self._place(entry)
        if self.overwrite or not (existing and newest):
            return False
        return newest.digest == records.digest(entry.record)

    def _same(self, entry: FileEntry) -> Step:
        existing, page, newest = self._place(entry)
        step = Step(entry.place, entry.file, Outcome.UNCHANGED, entry=existing, page=page)
        step.newest = newest.pk if newest else None
        step.mark = newest if newest and newest.file != entry.file else None
        return step

    def _read_changed(self, changed: Sequence[FileEntry]) -> None:
        """The desk's records of the changed entries, and the versions of them known to be in files."""
        self.ours: dict[tuple[Kind, str], Record] = {}
        by_kind: dict[Kind, list[VersionedEntry]] = defaultdict(list)
        for entry in changed:
            if existing := self._place(entry)[0]:
                by_kind[entry.kind].append(existing)
        for kind, some in by_kind.items():
            found = drafts.read_many(kind, some)
            self.ours |= {(kind, one.slug): found[one.pk] for one in some}
        pages = [page.pk for entry in changed if (page := self._place(entry)[1])]
        self.known: dict[int, list[Version]] = defaultdict(list)
        versions = Version.objects.filter(page__in=db.in_values(pages))
        for version in versions.in_files().order_by("number"):
            self.known[version.page_id].append(version)
        self.open = set(versions.proposed().values_list("pk", flat=True))
        listed = [one for found in self.known.values() for one in found]
        self.said = {one.pk: said for one, said in zip(listed, drafts.current_records(listed), strict=True)}
        self.live_digests = dict(
            Version.objects.filter(live_on__in=db.in_values(pages)).values_list("live_on", "digest")
        )
        self.loaded = loaded_at({entry.file for entry in changed})

    def _step(self, entry: FileEntry) -> Step:
        existing, page, newest = self._place(entry)
        step = Step(entry.place, entry.file, Outcome.NEW, entry=existing, page=page)
        step.newest = newest.pk if newest else None
        known = self._known(entry, page)
        if existing is None:
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
        if equal is not None and newest and not step.found and goes_back(equal, newest, entry.file, self.loaded):
            comment = f"Goes back to version {equal.number}."
            step.drafts = [Draft(entry.record, page, Version.Origin.FILE, entry.file, comment)]
            step.details = f"version {equal.number} said this; publish it in the admin"
            return self._write(step, entry.record, Outcome.REVERTED)
        if equal is not None:
            return self._of_known(step, entry, ours, known, equal)
        return self._merge(step, entry, ours, known, newest)

    def _known(self, entry: FileEntry, page: Page | None) -> list[tuple[Version, Record]]:
        """The versions of a page known to be in files, with what they say at the current slugs, oldest first."""
        versions = self.known.get(page.pk, []) if page else []
        own = {"slug": entry.record["slug"]}
        return [(version, self.said[version.pk] | own) for version in versions]

    def _keep_found(self, step: Step, ours: Record, newest: Version | None) -> None:
        """What is on the desk without a version gets one before it is overwritten."""
        if newest is None or not publishing.same_content(newest, ours):
            found = Draft(ours, step.page, Version.Origin.ADMIN, comment="Found without a version.")
            step.drafts.append(found)
            step.found = True

    def _without_desk(self, step: Step, entry: FileEntry, known: list[tuple[Version, Record]]) -> Step:
        if step.page and not self.overwrite and any(said == entry.record for _, said in known):
            step.outcome, step.details = Outcome.DELETED, "to restore it, load this file with --overwrite"
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
        step.details = f"version {equal.number} said this; to take it again, load this file with --overwrite"
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
        return drafts.current_record(found) | {"slug": slug}

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
            return self._propose(step, entry, f"the merged entry would be invalid: {wrong[0]}")
        step.publish = not outcome.conflicts and merged != ours and self._may_publish(step, newest)
        of_file = Draft(entry.record, step.page, Version.Origin.FILE, entry.file)
        of_merge = Draft(merged, step.page, Version.Origin.MERGE, comment=f"Merged with {entry.file}.")
        if merged == entry.record:
            step.drafts.append(of_file)
            step.details = self._changed_fields(ours, merged)
            return self._write(step, merged, Outcome.CHANGED)
        of_file.proposal = Proposal.OPEN if outcome.conflicts else Proposal.SETTLED
        on_desk = [of_merge] if merged != ours else []
        step.drafts += [*on_desk, of_file] if outcome.conflicts else [of_file, *on_desk]
        step.details = _said(outcome.conflicts) or self._changed_fields(ours, merged)
        kind = Outcome.CONFLICT if outcome.conflicts else Outcome.MERGED
        return self._write(step, merged if merged != ours else None, kind)

    def _propose(self, step: Step, entry: FileEntry, why: str) -> Step:
        """Leave the desk as it is, and keep the file's record for an editor to look at."""
        step.outcome, step.details = Outcome.CONFLICT, why
        step.drafts.append(Draft(entry.record, step.page, Version.Origin.FILE, entry.file, why, Proposal.OPEN))
        return step

    def _write(self, step: Step, record: Record | None, outcome: Outcome) -> Step:
        step.outcome, step.desk = outcome, record
        return step

    def _may_publish(self, step: Step, newest: Version | None) -> bool:
        """Live, with nothing else on the desk than what is live, or never published and never touched but by files."""
        page = step.page
        if step.found or newest is None:
            return False
        if page is None or page.live_id:
            return page is None or newest.digest == self.live_digests[page.pk]
        return page.edition_id is None and newest.origin == Version.Origin.FILE

    def _changed_fields(self, ours: Record, theirs: Record) -> str:
        return ", ".join(name for name in theirs if ours.get(name) != theirs[name])


def loaded_at(files: Iterable[str]) -> dict[str, int]:
    """The newest version that there was when each file was loaded last."""
    return dict(LoadedFile.objects.filter(path__in=db.in_values(files)).values_list("path", "mark"))


def goes_back(older: Version, newest: Version, file: str, loaded: Mapping[str, int]) -> bool:
    """Whether a file that says what an older version said was taken back on purpose.

    Only where the newest version was loaded from that very file. Had it been written to it from the desk, the file
    may as well be one that was never brought up to date.
    """
    was_loaded = newest.origin == Version.Origin.FILE and newest.file == file and newest.pk <= loaded.get(file, 0)
    return was_loaded and older.number < newest.number


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


def accept_proposal(*, version: Version, by: publishing.By) -> publishing.Saved:
    """Put a file's side of each conflict on the desk, and settle its proposal. The rest of the desk is kept.

    Errors: publishing.NotAllowed; publishing.Refused if it is not an open proposal; records.InvalidRecord.
    """
    with publishing.write_lock():
        page = publishing.lock_pages([version.page_id])[version.page_id]
        entry = desk.entries(Kind(page.kind)).filter(page=page).first()
        publishing.reject_proposal(version=version, by=by, note="Accepted.")
        if entry is None:
            return publishing.restore(version=version, by=by)
        ours = drafts.read(entry)
        own = {"slug": entry.slug}
        versions = [*page.versions.in_files().exclude(pk=version.pk).order_by("number"), version]
        *known, theirs = [record | own for record in drafts.current_records(versions)]
        base = _base(zip(versions, known, strict=False), theirs)
        # The file's side first: where both changed the same words, that side is kept.
        wanted = merge.merge(base, theirs, ours).record
        number = publishing.newest_of([page.pk])[page.pk].number
        comment = f"Accepted from {version.file}."
        return publishing.save(record=wanted, entry=entry, by=by, base_version=number, comment=comment)
