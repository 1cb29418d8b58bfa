"""What must hold whenever nobody writes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from conditions import drafts, publishing, records
from conditions.models import Address, Change, Link, Page, Version, desk
from conditions.models.published import page_address
from conditions.records import RecordLike
from conditions.schema import CITATIONS, SCHEMAS, Kind
from tests import kept
from tests.resilience.databases import Database
from tests.resilience.processes import LONGEST, ROOT, environment
from tests.walker.at_files import start_again
from tests.walker.walk import Walk, words_in

IN_ANY_CASE = ("/", "/changes/", "/a-z/", "/search/?q=Sentence", "/search/?q=name", "/sitemap.xml", "/about/")


def nothing_is_lost(walk: Walk) -> None:
    """Every word that was acknowledged is in a version."""
    kept = walk.words_kept()
    if lost := {word: how for word, how in walk.acknowledged.items() if word not in kept}:
        walk.violated(f"acknowledged, and in no version: {lost}")
        for word in lost:
            del walk.acknowledged[word]


def desk_is_kept(walk: Walk) -> None:
    """Every desk entry says what its newest version says, and no version was made because one was missing."""
    for kind in Kind:
        entries = list(desk.entries(kind))
        said = drafts.read_many(kind, entries)
        newest = publishing.newest_of(entry.page_id for entry in entries if entry.page_id)
        for entry in entries:
            version = newest.get(entry.page_id or 0)
            if version is None or not publishing.same_content(version, said[entry.pk]):
                walk.violated(f"the desk's {kind} {entry.slug!r} is not what its newest version, {version}, says")
    if stray := Version.objects.filter(comment="Found without a version."):
        walk.violated(f"versions by nobody: {[(str(one.page), one.number) for one in stray]}")


def footnotes_stay(walk: Walk) -> None:
    """A citation of a published version leads for ever to the page that it led to at first."""
    names = [field.name for field in CITATIONS]
    links = Link.objects.filter(via=None, relation__in=names, owner__live__isnull=False)
    for version, slug, target in links.values_list("owner__live", "slug", "target"):
        if walk.footnotes.setdefault((version, slug), target) != target:
            walk.violated(f"[@{slug}] of version {version} leads to another page than it did")


def pages_are_right(walk: Walk) -> None:
    """Readers see published words alone, all those of live versions, and never an error of ours."""
    published = Change.objects.exclude(after=None).select_related("after")
    may_be_seen = {word for change in published for word in words_in(_shown(change.after.record))} | walk.reasons
    for url in _urls():
        answer = walk.public.get(url)
        walk.counts["pages read"] += 1
        if answer.status_code >= 500:
            walk.violated(f"{url} answered {answer.status_code}")
        elif unseen := words_in(answer.content.decode()) - may_be_seen:
            walk.violated(f"{url} shows what was never published: {sorted(unseen)[:4]}")
    for page in Page.objects.listed().select_related("live"):
        answer = walk.public.get(page.url)
        texts = [field.name for field in SCHEMAS[Kind(page.kind)].fields if field.searched and not field.hidden]
        wanted = {word for name in texts for word in words_in(page.live.record[name])}
        if answer.status_code != 200 or (missing := wanted - words_in(answer.content.decode())):
            walk.violated(f"{page.url}, live, answered {answer.status_code} without {missing}")


def kept_pages_are_fresh(walk: Walk) -> None:
    """What the page cache has kept through all that happened since is what would be rendered now."""
    if wrong := kept.stale(walk.cache):
        walk.violated(f"kept, and no longer what is rendered: {sorted(wrong)[:4]} of {len(wrong)}")
    for url in _urls():
        walk.counts["pages kept"] += kept.ask(walk.cache, url).cache == "hit"


def _shown(record: RecordLike) -> RecordLike:
    """What readers may see of a record: not what a page is only found by."""
    hidden = {field.name for field in records.schema_of(record).fields if field.hidden}
    return {name: value for name, value in record.items() if name not in hidden}


def _urls() -> list[str]:
    urls = {*IN_ANY_CASE, *(f"/{kind.plural}/" for kind in Kind)}
    for address in Address.objects.all():
        url = page_address(address.kind, address.slug)
        urls |= {url, f"{url}history/"}
    urls |= {f"{version.page.url}history/{version.number}/" for version in Version.objects.select_related("page")}
    return sorted(urls)


def files_stand_alone(walk: Walk, empty: Database) -> None:
    """What write_fixtures wrote loads into an empty database, which then writes the same files.

    Files that are refused here have to be seen to by a person: a file that was never loaded is not written over, and
    may have taken the slug of an entry, or name what has been renamed or merged since.
    """
    commands = (("write_fixtures",), ("loaddata", str(walk.folder)), ("write_fixtures",))
    if not walk.files() or not all(walk.run(*command)[0] for command in commands):
        start_again(walk)
    database = empty.copy()
    data = walk.folder.parent / "elsewhere"
    data.mkdir(exist_ok=True)
    env = environment(database.url, data, **WALKERS_OWN)
    try:
        for command in (("loaddata", str(walk.folder)), ("write_fixtures", "--check")):
            words = [sys.executable, ROOT / "manage.py", *command]
            done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=10 * LONGEST)
            if done.returncode:
                walk.violated(f"{command[0]} in an empty database: {(done.stdout + done.stderr)[-800:]}")
                break
    finally:
        database.drop()
        shutil.rmtree(data)
    walk.counts["loaded elsewhere"] += 1


WALKERS_OWN = {
    "DJANGO_SETTINGS_MODULE": "tests.walker.settings",
    "WALKER_FIXTURES": os.environ.get("WALKER_FIXTURES", ""),
}


def nothing_was_logged(walk: Walk, log: str) -> None:
    """No stack trace, lock or deadlock in what the program said."""
    if wrong := re.search("Traceback|database is locked|deadlock", log):
        walk.violated(f"logged: {log[max(0, wrong.start() - 300) : wrong.start() + 1500]}")
