"""By what the cost of each page grows with the site: python benchmarks/growth.py [SIZE ...], 1,000 to 100,000 entries.

Each size is a site of its own, with the founding content beside made-up questions, and is asked in a process of its
own, without the page cache: processor time in ms, the median of seven. On SQLite, or beside the database that
DATABASE_URL names, if that is one of PostgreSQL (whose own time is not in it).
"""

import gc
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import loading
from emptysite import ROOT, empty_site

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 7
PUBLIC = (
    *("/", "/questions/", "/questions/?start=what+of+5", "/questions/?tag=tag-7", "/tags/tag-7/", "/a-z/", "/changes/"),
    *("/changes/2/", "/changes/feed.atom", "/sitemap.xml", "/sitemap-1.xml", "/face/", "/face/mouth/"),
    *("/face/whole-face/", "/find/", "/compare/?condition=bells-palsy", "/questions/question-7/"),
    *("/conditions/bells-palsy/", "/symptoms/facial-twitching/", "/words/", "/nowhere/"),
)
ADMIN = ("/admin/", "/admin/conditions/question/", "/admin/conditions/question/?p=9", "/admin/entries/")


def measured(size: int) -> dict[str, float]:
    """What each page costs on a site of a size, and publishing one entry."""
    with empty_site() as folder:
        from django.conf import settings
        from django.contrib.auth.models import User
        from django.core.management import call_command
        from django.test import Client

        from conditions import publishing
        from conditions.models import Condition
        from conditions.publishing import SYSTEM

        settings.ALLOWED_HOSTS = ["*"]
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
        chance = random.Random(25)
        bulk = folder / "bulk.jsonl"
        loading.write_ours(bulk, [loading.document(number, chance) for number in range(size)])
        call_command("loaddata", verbosity=0)
        call_command("loaddata", str(bulk), verbosity=0)
        reader, editor = Client(), Client()
        editor.force_login(User.objects.create(username="editor", is_staff=True, is_superuser=True))
        entry = Condition.objects.get(slug="bells-palsy")
        counted = [0]

        def publish() -> None:
            counted[0] += 1
            record = publishing.newest(entry.page).record | {"summary": f"In short, {counted[0]}."}
            saved = publishing.save(record=record, entry=entry, by=SYSTEM)
            publishing.publish(versions=[saved.version], by=SYSTEM)

        gc.collect()
        gc.freeze()
        found = {}
        for client, addresses in ((reader, PUBLIC), (editor, ADMIN)):
            for address in addresses:
                status = client.get(address).status_code
                if status in (200, 404):  # of a small site there are no parts of the sitemap
                    found[address] = taken(lambda client=client, address=address: client.get(address))  # type: ignore[misc]
        return found | {"saving and publishing": taken(publish)}


def taken(what: Callable[[], object]) -> float:
    """Milliseconds of this process, in the median."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        what()
        times.append((time.process_time() - began) * 1000)
    return median(times)


def main(sizes: tuple[int, ...]) -> None:
    found = {}
    for size in sizes:
        command = [sys.executable, __file__, "--one", str(size)]
        out = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=os.environ).stdout
        found[size] = json.loads(out)
    print(f"{'ms of the processor at entries:':46}", *(f"{size:>9,}" for size in sizes), "  most / least")
    for what in found[sizes[0]]:
        row = [found[size].get(what) for size in sizes]
        known = [one for one in row if one is not None]
        cells = (f"{one:>9.1f}" if one is not None else f"{'-':>9}" for one in row)
        print(f"{what:46}", *cells, f"{known[-1] / known[0]:>8.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(int(sys.argv[2]))))
    else:
        main(tuple(map(int, sys.argv[1:])) or SIZES)
