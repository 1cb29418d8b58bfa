"""Publish conditions' pages, one after the other, at a steady rate: python publish.py RATE SECONDS [SLUG].

All of them in turn, or the one that is named. Each gets another sentence, and an edition of its own. What is published
is kept as versions first; then it says that it is ready, and waits for a line. It says at the end how many came out, in
how many seconds. The site is that of DATA_DIR and DATABASE_URL.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conditions.models import Version

ROOT = Path(__file__).resolve().parents[2]


def main(rate: float, seconds: float, slug: str = "") -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "facehealth.settings"
    import django

    django.setup()
    from conditions import publishing
    from conditions.publishing import SYSTEM

    versions = kept_versions(int(rate * seconds), slug)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    count = 0
    for version in versions:
        if (wait := began + count / rate - time.monotonic()) > 0:
            time.sleep(wait)
        if time.monotonic() - began >= seconds:
            break
        publishing.publish(versions=[version], by=SYSTEM)
        count += 1
    print(count, max(seconds, time.monotonic() - began))


def kept_versions(count: int, slug: str) -> list[Version]:
    """Versions of conditions, kept and not published; each has another sentence at its end. slug: empty for all."""
    from django.utils import timezone

    from conditions import publishing
    from conditions.drafts import current_record
    from conditions.models import Page
    from conditions.publishing import SYSTEM, Draft
    from conditions.schema import Kind

    conditions = Page.objects.live().filter(kind=Kind.CONDITION).select_related("live")
    pages = list(conditions.filter(slug=slug) if slug else conditions)
    drafts = []
    for number, page in zip(range(count), cycle(pages), strict=False):
        record = current_record(page.live)
        text = f"{record.get('body') or ''}\nThis was published by a benchmark, as number {number}.\n"
        drafts.append(Draft(record | {"body": text}, page, page.live.origin))
    with publishing.write_lock():
        publishing.lock_pages(page.pk for page in pages)
        return publishing.create_versions(drafts, by=SYSTEM, at=timezone.now())


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
