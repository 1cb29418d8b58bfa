"""Run as a program, with a folder of content files of a test's own. Words: the folder, then what to do.

edit WORD   every entry gets a name that ends with the word; two get another slug, with the word in it
torn        write one entry's file, and after the nth query save that entry elsewhere; print what came of it
else        a command of manage.py with its words
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command, execute_from_command_line  # noqa: E402
from django.db import connection  # noqa: E402

from conditions import drafts, publishing  # noqa: E402
from conditions.content_files import formats, parsing  # noqa: E402
from conditions.models import Condition, Tag, Version, desk  # noqa: E402
from conditions.publishing import SYSTEM  # noqa: E402
from conditions.schema import Kind  # noqa: E402

RENAMED = ("twitching", "tumor")
MOST_QUERIES = 30


def edit(word: str) -> None:
    """Change every entry as an editor does."""
    for kind in Kind:
        for entry in desk.entries(kind).order_by("slug"):
            record = drafts.read(entry)
            record["name"] = f"{record['name'].split(' ~')[0]} ~{word}"
            if any(entry.slug.startswith(slug) for slug in RENAMED):
                record["slug"] = f"{entry.slug.split('--')[0]}--{word}"
            publishing.save(record=record, entry=entry, by=SYSTEM)


def save(number: int) -> None:
    """Save a sentence and a tag that belong together, on a connection of its own."""

    def do() -> None:
        entry = Condition.objects.get(slug="bells-palsy")
        tags = list(Tag.objects.order_by("slug").values_list("slug", flat=True))
        changes = {"summary": f"Sentence {number}.", "tags": [tags[number % len(tags)]]}
        publishing.save(record=drafts.read(entry) | changes, entry=entry, by=SYSTEM)
        connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    thread.join()


def torn() -> None:
    """For each n, whether the file says what a version says."""
    path = formats.standard_path(Kind.CONDITION, "bells-palsy")
    for number in range(1, MOST_QUERIES):
        asked = 0

        def after(execute: Any, sql: str, params: Any, many: bool, context: Any, number: int = number) -> Any:
            nonlocal asked
            found = execute(sql, params, many, context)
            asked += 1
            if asked == number:
                save(number)
            return found

        with connection.execute_wrapper(after):
            call_command("write_fixtures", "conditions/bells-palsy", verbosity=0)
        if asked < number:
            return
        record = formats.entries_of(parsing.parse(path, path.read_bytes()), path.name)[0][0].record
        kept = Version.objects.filter(page__kind="condition", page__slug="bells-palsy")
        print("whole" if any(version.record == record for version in kept) else f"torn: {json.dumps(record)}")


def main() -> None:
    """Do what the words say."""
    settings.FIXTURES = Path(sys.argv[1])
    if sys.argv[2] == "edit":
        edit(sys.argv[3])
    elif sys.argv[2] == "torn":
        torn()
    else:
        execute_from_command_line(["manage.py", *sys.argv[2:]])


if __name__ == "__main__":
    main()
