"""How fast /find/ answers beside one plain query that counts: python benchmarks/find_speed.py [conditions] [choices].

The pages are made up: symptoms that many conditions name and symptoms that few do, as in catalogs of diseases; a third
of them kinds of others; causes of symptoms; every row cites a document. Choices are of one to five symptoms, those
that many name more often. The database is an empty one of its own: of SQLite, or beside that of PostgreSQL which
DATABASE_URL names.
"""

import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from emptysite import empty_site

os.environ.setdefault("ALLOWED_HOSTS", "testserver")
SITE = ExitStack()
SITE.enter_context(empty_site())  # what follows can be imported only now

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.utils import timezone  # noqa: E402

from conditions import db, find, find_rows, find_views, records  # noqa: E402
from conditions.models.published import Address, Edition, Link, Page, Version  # noqa: E402

SYMPTOMS, CAUSES, DOCUMENTS = 2500, 600, 400
PER_CONDITION, PER_SYMPTOM = 14, 5
SENTENCE = "It may begin on one side of the face."


def write(conditions: int, chance: random.Random) -> list[float]:
    """Write made-up pages and links. How often each symptom is chosen."""
    weights = [1 / (rank + 8) ** 0.8 for rank in range(SYMPTOMS)]
    kinds = ["symptom"] * SYMPTOMS + ["cause"] * CAUSES + ["question"] * DOCUMENTS + ["condition"] * conditions
    db.insert_one(Edition, number=1, at=timezone.now(), by_id=None, note="")
    ids, versions, addresses = (db.take_ids(model, len(kinds)) for model in (Page, Version, Address))
    filler = " ".join(f"This is sentence {number}." for number in range(10))
    pages, made, opened = [], [], []
    for pk, version, address, kind in zip(ids, versions, addresses, kinds, strict=True):
        slug, name = f"{kind}-{pk}", f"{kind.capitalize()} {pk}"
        record = {"kind": kind, "slug": slug, "name": name, "summary": SENTENCE}
        record |= {"answer": f"{name}. {filler} {SENTENCE} {filler}"} if kind == "question" else {}
        pages.append((pk, kind, slug, name, SENTENCE, name.lower(), version, 1, chance.random() < 0.3))
        made.append((version, pk, 1, records.FORMAT, record, "", "file", "", timezone.now(), ""))
        opened.append((address, kind, slug, pk, 1))
    db.insert(
        Page,
        ["id", "kind", "slug", "name", "summary", "sort_key", "edition_id", "is_urgent"],
        [(*row[:6], *row[7:]) for row in pages],
    )
    db.insert(
        Version, ["id", "page_id", "number", "format", "record", "digest", "origin", "file", "at", "comment"], made
    )
    db.update(Page, ["live_id"], [(row[6], row[0]) for row in pages])
    db.insert(Address, ["id", "kind", "slug", "page_id", "edition_id"], opened)
    write_links(ids, weights, conditions, chance)
    return weights


def write_links(ids: list[int], weights: list[float], conditions: int, chance: random.Random) -> None:
    """Rows of conditions and of symptoms, what each cites, and what symptoms are kinds of."""
    symptoms, causes = ids[:SYMPTOMS], ids[SYMPTOMS : SYMPTOMS + CAUSES]
    documents, owners = ids[SYMPTOMS + CAUSES : -conditions], ids[-conditions:]
    rows = []
    for owner in owners:
        named = dict.fromkeys(chance.choices(symptoms, weights, k=PER_CONDITION + chance.randrange(6)))
        rows += [(owner, "symptoms", target, False) for target in named]
    for owner in symptoms:
        rows += [(owner, "causes", target, chance.random() < 0.2) for target in chance.sample(causes, PER_SYMPTOM)]
    broader = [(kind, "kinds_of", chance.choice(symptoms[:200]), False) for kind in symptoms[200::3]]
    keys = iter(db.take_ids(Link, 2 * len(rows) + len(broader)))
    links: list[tuple[object, ...]] = []
    for owner, relation, target, everyday in rows:
        certainty = chance.choice(("", "usually", "sometimes", "rarely"))
        links.append((row := next(keys), owner, relation, target, None, "x", certainty, everyday, [], 1, "", ""))
        quotes = [["", "", SENTENCE]]
        links.append((next(keys), owner, "evidence", chance.choice(documents), row, "x", "", False, quotes, 2, "", ""))
    links += [
        (next(keys), owner, relation, target, None, "x", "", False, [], 3, "", "")
        for owner, relation, target, _ in broader
    ]
    columns = ["id", "owner_id", "relation", "target_id", "via_id", "slug", "certainty", "everyday", "quotes", "order"]
    columns += ["role", "note"]
    db.insert(Link, columns, links)
    print(f"{len(owners)} conditions, {len(rows)} rows of conditions and symptoms, {len(links)} links")


def timed(choices: list[list[int]], ask: Callable[[list[int]], object]) -> tuple[list[float], list[float]]:
    """Milliseconds for each choice, sorted: as a reader waits, and of this process's time. The quickest of three."""
    waited, worked = [], []
    for choice in choices:
        each = []
        for _ in range(3):
            started, began = time.perf_counter(), time.process_time()
            ask(choice)
            each.append(((time.perf_counter() - started) * 1000, (time.process_time() - began) * 1000))
        waited.append(min(one for one, _ in each))
        worked.append(min(one for _, one in each))
    return sorted(waited), sorted(worked)


def at(share: float, times: list[float]) -> float:
    return times[int(share * len(times))]


def count(choice: list[int]) -> object:
    """The plain query: which conditions have most of the rows."""
    places = ", ".join(["%s"] * len(choice))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT owner_id, COUNT(*) FROM conditions_link WHERE relation = 'symptoms' AND target_id IN ({places}) "
            "GROUP BY owner_id ORDER BY 2 DESC, 1 LIMIT 10",
            choice,
        )
        return cursor.fetchall()


def answer(choice: list[int]) -> object:
    """Everything but the HTML."""
    return find.find(find_rows.chosen([f"symptom-{pk}" for pk in choice], "facial-drooping").pages)


def page(choice: list[int]) -> object:
    """The whole page, as the view renders it."""
    query = "&".join(f"symptom=symptom-{pk}" for pk in choice)
    response = find_views.find(RequestFactory().get(f"/find/?{query}"))
    assert response.status_code == 200
    return response


def main(conditions: int = 8000, number: int = 300) -> None:
    plain_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain_files}
    chance = random.Random(12)
    with transaction.atomic():
        weights = write(conditions, chance)
    db.count_anew([Page, Version, Address, Link])
    symptoms = sorted(Page.objects.filter(kind="symptom").values_list("pk", flat=True))
    choices = [list(dict.fromkeys(chance.choices(symptoms, weights, k=1 + n % 5))) for n in range(number)]
    common = [symptoms[n : n + 1 + n % 5] for n in range(20)]
    for title, asked in (("as chosen", choices), ("the commonest", common)):
        plain, _ = timed(asked, count)
        for what, ask in (("COUNT alone", count), ("rows to answers", answer), ("whole page", page)):
            waited, worked = timed(asked, ask)
            p50, p95 = at(0.5, waited), at(0.95, waited)
            ratios = f"{p50 / at(0.5, plain):.1f} and {p95 / at(0.95, plain):.1f} times the COUNT"
            own = f"of our own time {at(0.5, worked):.1f} and {at(0.95, worked):.1f} ms"
            print(f"{connection.vendor}, {title}: {what}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {ratios}, {own}")


if __name__ == "__main__":
    with SITE:
        main(*map(int, sys.argv[1:]))
