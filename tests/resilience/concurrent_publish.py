"""Run as a program: render a page, and after its nth query publish another version of it elsewhere.

Prints, for each n, how many of the page's places show the old words and how many the new.
"""

import threading
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from conditions import drafts, publishing  # noqa: E402
from conditions.models import Condition  # noqa: E402
from conditions.publishing import SYSTEM  # noqa: E402

PLACE = "/conditions/bells-palsy/"
MOST_QUERIES = 12


def publish(words: str) -> None:
    """Publish the condition with its sentence and all notes replaced, on a connection of its own."""

    def do() -> None:
        entry = Condition.objects.get(slug="bells-palsy")
        record = drafts.read(entry) | {"summary": words}
        for relation in ("symptoms", "causes", "treatments", "related"):
            for row in record[relation]:
                row |= {"note": words, "quotes": []}
        saved = publishing.save(record=record, entry=entry, by=SYSTEM)
        publishing.publish(versions=[saved.version], by=SYSTEM)
        connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    thread.join()


class Between:
    """Publishes once, as soon as so many queries that read tables have been made."""

    def __init__(self, after: int, words: str) -> None:
        self.left, self.words = after, words

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if "SELECT" in sql:
            self.left -= 1
            if self.left == 0:
                publish(self.words)
        return done


def main() -> None:
    """Do it after each of the page's queries in turn."""
    publish("Words 0.")
    client = Client(headers={"host": "localhost"})
    for after in range(1, MOST_QUERIES):
        between = Between(after, f"Words {after}.")
        with connection.execute_wrapper(between):
            text = client.get(PLACE).content.decode()
        if between.left > 0:
            break
        old, new = text.count(f"Words {after - 1}."), text.count(f"Words {after}.")
        print(after, old, new, flush=True)


if __name__ == "__main__":
    main()
