"""By what the work of the database grows with the site: of pages, and of publishing one entry.

Work is counted, not timed: steps of SQLite's virtual machine, or blocks that PostgreSQL looks at.
"""

import json
from collections import Counter
from contextlib import contextmanager

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions import db, publishing, records
from conditions.models import Address, Change, Edition, Link, Name, Page, Version
from conditions.publishing import SYSTEM, totals
from tests.steps import EVERY, steps_counted

SMALL, LARGE = 1_000, 20_000
MOST_GROWTH = 2
LETTERS = "mno"
"""What names begin with: enough of them with each letter for a whole page of A to Z, at both sizes."""
ADDRESSES = (
    "/",
    "/causes/",
    "/causes/?start=m+0000100",
    "/causes/?tag=one-side",
    "/causes/?tag=one-side&start=m+0000100",
    "/causes/c1/",
    "/causes/c1/history/",
    "/tags/",
    "/a-z/",
    "/a-z/?letter=m",
    "/a-z/?letter=m&start=m+0000100",
    "/changes/",
    "/changes/{edition}/",
    "/changes/{edition}/?page=9",
    "/changes/feed.atom",
    "/sitemap.xml",
    "/find/",
    "/find/?symptom=facial-droop",
    "/compare/",
    "/compare/?condition=bells-palsy",
    "/about/",
    "/nothing/",
)


def grow(world, start, end):
    """Make up live causes, each with a name and a tag, which one edition shows, as an edition would write them."""
    now = timezone.now()
    edition = Edition.objects.first().number + 1
    ids, versions, addresses, names = (db.take_ids(one, end - start) for one in (Page, Version, Address, Name))
    tag = world.page("one_side").pk
    called = [f"{LETTERS[number % 3]} {number:07}" for number in range(start, end)]
    with transaction.atomic(), totals.kept(ids):
        db.insert_one(Edition, number=edition, at=now, note="", moved=end - start)
        pages = [
            (pk, "cause", f"c{start + n}", name, "In short.", name, edition)
            for n, (pk, name) in enumerate(zip(ids, called, strict=True))
        ]
        db.insert(Page, ["id", "kind", "slug", "name", "summary", "sort_key", "edition_id"], pages)
        said = [
            records.canonical({"kind": "cause", "slug": slug, "name": name, "summary": "In short."})
            for _, _, slug, name, *_ in pages
        ]
        columns = ["id", "page_id", "number", "format", "record", "digest", "origin", "file", "at", "comment"]
        rows = zip(versions, ids, said, strict=True)
        db.insert(
            Version,
            columns,
            [(pk, page, 1, records.FORMAT, record, str(pk), "file", "", now, "") for pk, page, record in rows],
        )
        db.update(Page, ["live_id"], list(zip(versions, ids, strict=True)))
        opened = [(pk, "cause", row[2], row[0], edition) for pk, row in zip(addresses, pages, strict=True)]
        db.insert(Address, ["id", "kind", "slug", "page_id", "edition_id"], opened)
        listed = [(pk, row[0], row[3], row[3], row[3][0].upper()) for pk, row in zip(names, pages, strict=True)]
        db.insert(Name, ["id", "page_id", "text", "key", "letter"], listed)
        tagged = [(pk, "tags", tag, "x", 1, "", "") for pk in ids]
        db.insert(Link, ["owner_id", "relation", "target_id", "slug", "order", "role", "note"], tagged)
        moved = [(edition, pk, version, n, "") for n, (pk, version) in enumerate(zip(ids, versions, strict=True), 1)]
        db.insert(Change, ["edition_id", "page_id", "after_id", "place", "reason"], moved)
    db.count_anew([Page, Version, Address, Name, Link, Change])
    return edition


@contextmanager
def work():
    """How much the database does meanwhile, in the one item of the list."""
    if connection.vendor == "postgresql":
        done = [0]
        with CaptureQueriesContext(connection) as asked:
            yield done
        with connection.cursor() as cursor:
            for one in asked.captured_queries:
                if one["sql"].startswith(("SELECT", "WITH")) and "FOR UPDATE" not in one["sql"]:
                    cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + one["sql"].replace("%", "%%"), [])
                    plan = cursor.fetchone()[0]
                    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
                    done[0] += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
        return
    with steps_counted() as steps:
        yield steps


def worked(what):
    """The work of something done again: the first time something may be read once and kept."""
    what()
    with work() as done:
        what()
    return done[0]


def publish_one(world):
    publishing.publish(
        versions=[
            publishing.save(
                record=publishing.newest(world.bell.page).record | {"summary": f"In short, {Version.objects.count()}."},
                entry=world.bell,
                by=world.author,
            ).version
        ],
        by=SYSTEM,
    )


def measured(world, edition):
    client, editor = Client(), Client()
    editor.force_login(world.publisher)
    found = Counter()
    for name in ADDRESSES:
        address = name.format(edition=edition)
        assert client.get(address).status_code == (404 if address == "/nothing/" else 200), address
        found[name] = worked(lambda address=address: client.get(address))
    for address in ("/admin/", "/admin/conditions/cause/"):
        assert editor.get(address).status_code == 200, address
        found[address] = worked(lambda address=address: editor.get(address))
    found["publishing one entry"] = worked(lambda: publish_one(world))
    return found


def test_work_does_not_grow_with_the_site(world):
    small = measured(world, grow(world, 0, SMALL))
    large = measured(world, grow(world, SMALL, LARGE))
    spare = 1_500 if connection.vendor == "postgresql" else 2_000 / EVERY
    grown = {what: (small[what], large[what]) for what in small if large[what] > MOST_GROWTH * small[what] + spare}
    assert grown == {}
