"""Carrying a plan out in one short transaction, after making sure that the desk has not changed in the meantime."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from conditions import db, drafts, publishing
from conditions.content_files.formats import InvalidFiles
from conditions.content_files.plan import Plan, Step, counted
from conditions.content_files.planning import plan
from conditions.content_files.reading import ReadingOptions
from conditions.models import desk
from conditions.models.desk import VersionedEntry
from conditions.models.published import Address, Edition, LoadedFile, Version
from conditions.records import InvalidRecord
from conditions.schema import Kind

TRIES = 5
"""How often a reload is planned again because someone saved in the meantime, before it gives up."""

MANY = 100
"""So many new versions change how the database should look things up, and are worth not looking through again."""


class Moved(Exception):
    """The desk changed between the plan and its carrying out."""


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


def load(
    paths: Sequence[Path],
    *,
    overwrite: bool = False,
    whole: Sequence[Path] = (),
    options: ReadingOptions | None = None,
    load_others: Callable[[Sequence[Path]], None] | None = None,
) -> tuple[Plan, Edition | None]:
    """Plan and carry out, again if that fails, as it does where the desk has changed since.

    The plan that was carried out, and its edition. load_others: loads the files of other apps, in the same transaction.
    Errors: InvalidFiles; publishing.Refused, InvalidRecord; Moved.
    """

    def once() -> tuple[Plan, Edition | None]:
        made = plan(paths, overwrite=overwrite, whole=whole, options=options)
        with transaction.atomic() if made.foreign else nullcontext():
            edition = carry_out(made)
            if load_others and made.foreign:
                load_others(made.foreign)
        return made, edition

    with _nothing_collected():
        for _ in range(TRIES - 1):
            with suppress(Moved, publishing.Refused, InvalidRecord, IntegrityError):
                return once()
        try:
            return once()
        except Moved as error:
            raise Moved(
                f"The drafts changed {TRIES} times while the files were being loaded: {error}. Try again."
            ) from error
        except IntegrityError as error:
            raise InvalidFiles([f"the database refuses what the files say: {error}"]) from error


def carry_out(made: Plan) -> Edition | None:
    """Write a plan: all of it or nothing. The edition it made, if readers see anything new.

    Errors: Moved; publishing.Refused, InvalidRecord and IntegrityError where what others did since gets in the way.
    """
    if not made.fingerprints and not made.withdraw:
        _move_marks_on(made)
        return None
    with publishing.write_lock(timeout=60):
        _refuse_if_moved(made)
        writes = [step for step in made.steps if step.desk is not None]
        try:
            written = drafts.write_many([(step.entry, step.desk) for step in writes if step.desk is not None])
        except KeyError as error:
            kind, slug = error.args[0]
            raise Moved(f"{kind.label} {slug!r} is no longer there") from error
        versions = _keep(made, dict(zip(map(id, writes), written, strict=True)))
        edition = None
        if versions or made.withdraw:
            moved = len(versions) + len(made.withdraw)
            said = f"Reload of files: {counted(moved, 'page', 'pages')}."
            reason = "It is no longer part of the site’s content files."
            edition = publishing.publish(
                versions=versions, by=publishing.SYSTEM, note=said, withdrawing=made.withdraw, reason=reason
            ).edition
        _remember_files(made)
        _move_marks_on(made)
        if len(versions) >= MANY:
            db.count_anew(apps.get_app_config("conditions").get_models())
        return edition


def _refuse_if_moved(made: Plan) -> None:
    """Moved if a page, or what is on the desk at a place that is to be written, is no longer as the plan found it."""
    if made.passed_over and Version.objects.filter(pk__gt=made.mark).exists():
        raise Moved("an entry was saved")
    steps = [(step.page, step.newest) for step in made.steps if step.page]
    pages = {page.pk: page for page, _ in steps}
    locked = publishing.lock_pages(pages)
    versions = Version.objects.on_desk().filter(page__in=db.in_values(pages))
    tops = dict(versions.values_list("page").annotate(top=Max("pk")).order_by())
    for page, newest in steps:
        if tops.get(page.pk) != newest or locked[page.pk].live_id != page.live_id:
            raise Moved(f"{page.kind} {page.slug!r} was saved, published or withdrawn")
    wanted: dict[Kind, list[Step]] = defaultdict(list)
    for step in made.steps:
        if step.drafts:
            wanted[Kind(step.drafts[0].record["kind"])].append(step)
    for kind, some in wanted.items():
        _refuse_if_moved_on_desk(kind, some)


def _refuse_if_moved_on_desk(kind: Kind, steps: Sequence[Step]) -> None:
    slugs = [step.drafts[-1].record["slug"] for step in steps]
    on_desk = {
        slug: found
        for slug, *found in desk.entries(kind).filter(slug__in=db.in_values(slugs)).values_list("slug", "pk", "page_id")
    }
    owners = dict(Address.objects.filter(kind=kind, slug__in=db.in_values(slugs)).values_list("slug", "page_id"))
    for slug, step in zip(slugs, steps, strict=True):
        planned = [step.entry.pk, step.entry.page_id] if step.entry else None
        if on_desk.get(slug) != planned or owners.get(slug) != (step.page.pk if step.page else None):
            raise Moved(f"{step.place} was added, renamed or deleted")


def _keep(made: Plan, written: Mapping[int, VersionedEntry]) -> list[Version]:
    """Make versions of all drafts of the plan, and note which are in files. The versions to publish."""
    pairs = [(step, draft) for step in made.steps for draft in step.drafts]
    versions = publishing.create_versions([draft for _, draft in pairs], by=publishing.SYSTEM, at=timezone.now())
    last: dict[int, Version] = {}
    for (step, draft), version in zip(pairs, versions, strict=True):
        if draft.proposal is None:
            last[id(step)] = version
    publishing.link_pages(
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


def _remember_files(made: Plan) -> None:
    mark = Version.objects.aggregate(top=Max("pk"))["top"] or 0
    LoadedFile.objects.bulk_create(
        [
            LoadedFile(path=path, digest=digest, mark=mark, compared=mark, entries=b"".join(made.settled.get(path, ())))
            for path, digest in made.fingerprints.items()
        ],
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["digest", "mark", "entries", "compared"],
    )


def _move_marks_on(made: Plan) -> None:
    """Let the next load ask only about later versions of the files that were skipped, where many lie in between."""
    behind = LoadedFile.objects.filter(path__in=db.in_values(made.skipped), mark__lte=made.mark - MANY)
    if behind.exists():
        behind.update(mark=made.mark)
