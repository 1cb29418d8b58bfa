"""Files -> a plan, without writing anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db.models import OuterRef, Subquery

from conditions import db, drafts, publishing, records, usage, validation
from conditions.content_files import formats
from conditions.content_files.formats import FileEntry, InvalidFiles
from conditions.content_files.merging import Merger
from conditions.content_files.plan import SETTLED, Outcome, Plan, Step
from conditions.content_files.reading import ReadingOptions, read_files, refuse_wrong_quotes, use_current_slugs
from conditions.drafts import SlugResolver
from conditions.models.published import Address, Page, Version
from conditions.schema import CITED, SCHEMAS, Kind


@db.snapshot()
def plan(
    paths: Sequence[Path],
    *,
    overwrite: bool = False,
    whole: Sequence[Path] = (),
    options: ReadingOptions | None = None,
) -> Plan:
    """What loading the files would do. InvalidFiles gathers every mistake of every file.

    overwrite: take the file's side everywhere. whole: folders whose missing entries are to be withdrawn.
    """
    out = Plan()
    entries = read_files(paths, out, every=overwrite or bool(whole), whole=bool(whole), options=options)
    use_current_slugs(entries, out)
    refuse_wrong_quotes(entries)
    merger = Merger(entries, overwrite)
    _refuse_two_for_one_page(merger)
    out.steps += merger.steps()
    _note_settled(out, merger.entries)
    _refuse_references_to_deleted(out, entries)
    if whole:
        _prune(out, whole)
    _say_what_is_published(out)
    _spare_what_others_rest_on(out)
    _say_who_loses_a_row(out)
    return out


def _refuse_two_for_one_page(merger: Merger) -> None:
    """InvalidFiles where two entries are one, under slugs old or new, on the desk or deleted."""
    first: dict[object, FileEntry] = {}
    wrong = []
    for entry in merger.entries:
        place = (entry.kind, entry.record["slug"])
        page = merger.pages.get(place)
        other = first.setdefault(page.pk if page else place, entry)
        if other is not entry:
            there = f"{other.file}, object {other.number}, as {other.record['slug']!r}"
            message = f"{entry.place} is also in {there}; keep one of the two"
            wrong.append(f"{entry.file}: object {entry.number}: {message}")
    if wrong:
        raise InvalidFiles(wrong)


def _note_settled(out: Plan, entries: Sequence[FileEntry]) -> None:
    """Note what the drafts will say as the files do, so that the next load need not look at it again."""
    for entry, step in zip(entries, out.steps, strict=True):
        is_kept = step.outcome is not Outcome.UNCHANGED or not step.drafts
        if entry.said and step.outcome in SETTLED and is_kept:
            out.settled.setdefault(entry.file, []).append(entry.said)


def _refuse_references_to_deleted(out: Plan, entries: Sequence[FileEntry]) -> None:
    """InvalidFiles where what is to be written refers to an entry that was deleted on the desk and stays so."""
    written = {(Kind(step.desk["kind"]), step.desk["slug"]) for step in out.steps if step.desk is not None}
    by_place = {(entry.kind, entry.record["slug"]): entry for entry in entries}
    resolver = SlugResolver.of(step.desk for step in out.steps if step.desk is not None)
    wrong = []
    for step in out.steps:
        if step.desk is None:
            continue
        for one in records.references(step.desk):
            if (one.kind, one.slug) not in written and not resolver.knows(one.kind, one.slug):
                entry = by_place[Kind(step.desk["kind"]), step.desk["slug"]]
                words = f"{one.kind.label} {one.slug!r} was deleted in the admin; restore it there, or remove it here"
                wrong.append(entry.say(records.Problem(one.path, words)))
    if wrong:
        raise InvalidFiles(wrong)


def _prune(out: Plan, whole: Sequence[Path]) -> None:
    """Withdraw live pages once loaded from the folders and in none of their files now, unless changed since."""
    here = {step.page.pk for step in out.steps if step.page}
    for folder in whole:
        prefix = formats.shown(folder).rstrip("/") + "/"
        # What was there once and is in another file now was merely not read.
        last = Version.objects.in_files().filter(page=OuterRef("pk")).order_by("-number").values("file")[:1]
        gone = Page.objects.live().annotate(home=Subquery(last)).filter(home__startswith=prefix).exclude(pk__in=here)
        homes = dict(gone.values_list("pk", "home"))
        newest = publishing.newest_of(homes)
        for page in gone:
            version = newest[page.pk]
            place = f"{page.kind} {page.slug!r}"
            step = Step(place, prefix, Outcome.PRUNED, "withdrawn", page=page, newest=version.pk)
            if why := _not_read(out, homes[page.pk]):
                step.outcome, step.details = Outcome.CONFLICT, f"not withdrawn: {why}"
            elif version.pk != page.live_id or not version.file:
                step.outcome, step.details = Outcome.CONFLICT, "no longer in the files, but edited since"
            else:
                out.withdraw.append(page)
            out.steps.append(step)


def _not_read(out: Plan, file: str) -> str:
    """Why it cannot be told that an entry has left the file that it was in; nothing if that was read, or is gone."""
    if file in out.fingerprints:
        return ""
    try:
        is_there = (Path(settings.FIXTURES).parent / file).lstat() is not None
    except FileNotFoundError:
        is_there = False
    except OSError:
        is_there = True
    return f"{file} is there and was not read" if is_there else ""


def _spare_what_others_rest_on(out: Plan) -> None:
    """Leave pages live that left the files while a live relation or statement elsewhere rests on them."""
    gone = {page.pk for page in out.withdraw}
    rewritten = {step.page.pk for step in out.steps if step.publish and step.page}
    needed = {}
    for pk in gone:
        if found := usage.claims_left_without_evidence({pk}, rewritten=rewritten | gone):
            needed[pk] = found[0]
    if not needed and (found := usage.claims_left_without_evidence(gone, rewritten=rewritten)):
        needed = dict.fromkeys(gone, found[0])
    out.withdraw = [page for page in out.withdraw if page.pk not in needed]
    for step in out.steps:
        if step.outcome is Outcome.PRUNED and step.page and step.page.pk in needed:
            step.outcome = Outcome.CONFLICT
            step.details = f"no longer in the files, but {needed[step.page.pk]}"


def _say_who_loses_a_row(out: Plan) -> None:
    """Name the live pages that show readers something of what is to be withdrawn, if they stay and stay as they are."""
    gone = {page.pk for page in out.withdraw}
    rewritten = {(step.entry.kind, step.entry.pk) for step in out.steps if step.publish and step.entry}
    leaving = {(kind, pk) for kind, pk, _ in drafts.entries_of(gone).values()}
    for step in out.steps:
        uses = usage.seen_on([step.page.pk]) if step.page and step.page.pk in gone else []
        if names := [f"“{use.name}”" for use in uses if (use.kind, use.pk) not in rewritten | leaving]:
            step.details += f"; these live pages lose it: {', '.join(records.capped(names))}"


def _say_what_is_published(out: Plan) -> None:
    """Take publishing back where something blocks it, and say of each changed entry whether readers see it."""
    for step in out.steps:
        blocks = validation.publish_blockers(step.desk) if step.publish and step.desk else []
        if blocks:
            step.publish = False
            step.details = f"not published: {blocks[0]}"
    _hold_back_wrong_quotes(out)
    visible = _visible(out)
    for step in out.steps:
        bare = records.rows_without_evidence(step.desk, visible) if step.publish and step.desk else iter(())
        if found := next(bare, None):
            relation, row = found
            step.publish = False
            place = f"{relation.name}, {row['target']}"
            step.details = f"not published: {place}: the document that states this is not published"
    for step in out.steps:
        if step.desk is not None and "not published" not in step.details:
            seen = "published" if step.publish else "draft"
            step.details = f"{step.details}; {seen}" if step.details else seen


def _hold_back_wrong_quotes(out: Plan) -> None:
    """Take publishing back where words would be quoted that readers do not find, until what is left can go out."""
    while True:
        steps = [step for step in out.steps if step.publish and step.desk is not None]
        items = [(step.desk, step.page.pk if step.page else None) for step in steps if step.desk is not None]
        found = publishing.quote_blockers(items)
        wrong = [(step, blocks[0]) for step, blocks in zip(steps, found, strict=True) if blocks]
        for step, block in wrong:
            step.publish = False
            step.details = f"not published: {block}"
        if not wrong:
            return


def _visible(out: Plan) -> set[tuple[Kind, str]]:
    """The documents and sources, cited by what is to be published, that readers can then see."""
    cited: dict[Kind, set[str]] = defaultdict(set)
    coming = set()
    for step in out.steps:
        if step.desk is None:
            continue
        kind = Kind(step.desk["kind"])
        if step.publish or (SCHEMAS[kind].follows_its_user and (step.page is None or step.page.edition_id is None)):
            coming.add((kind, step.desk["slug"]))
        for one in records.references(step.desk) if step.publish else ():
            cited[one.kind].add(one.slug)
    withdrawn = {page.pk for page in out.withdraw}
    seen = set(coming)
    for kind in CITED:
        found = Address.objects.filter(kind=kind, slug__in=db.in_values(cited[kind])).select_related("page")
        for address in found:
            page = address.page
            fresh = SCHEMAS[kind].follows_its_user and page.edition_id is None
            if page.pk not in withdrawn and (page.live_id or fresh):
                seen.add((kind, address.slug))
    return seen
