"""How fast loaddata is beside Django's own, on the same desk rows: `make bench`, or python benchmarks/loading.py 20000.

Ours also keeps versions, publishes and indexes. Each runs in a process and an empty database of its own; what is
compared is processor time. The documents are made up.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = [line.split() for line in (ROOT / "tests/founding/questions.txt").read_text("utf-8").splitlines() if line]
TIMED = """
import sys, time
sys.path.insert(0, sys.argv[1])
import django
django.setup()
from django.core.management import call_command
from django.core.management.commands import loaddata as stock
which, *files = sys.argv[2:]
call_command("migrate", verbosity=0, skip_checks=True)
for file in files:
    started = time.process_time()
    call_command(stock.Command() if which == "stock" else "loaddata", file, verbosity=0, skip_checks=True)
    print(time.process_time() - started)
"""


def document(number: int, chance: random.Random) -> dict[str, object]:
    """One made-up question of about 200 words, with two tags."""
    words = [word for _ in range(12) for word in chance.choice(WORDS)]
    tags = sorted({f"tag-{chance.randrange(40)}" for _ in range(2)})
    return {"slug": f"question-{number}", "name": f"What of {number}?", "answer": " ".join(words), "tags": tags}


def write_ours(path: Path, documents: list[dict[str, object]]) -> None:
    """Our fixture: tags are slugs in the entry."""
    tags = [{"slug": f"tag-{number}", "name": f"Tag {number}", "group": "topic"} for number in range(40)]
    objects = [{"model": "conditions.tag", "fields": fields} for fields in tags]
    objects += [{"model": "conditions.question", "fields": fields} for fields in documents]
    path.write_text("".join(json.dumps(each) + "\n" for each in objects))


def write_stock(path: Path, documents: list[dict[str, object]]) -> None:
    """Django's fixture of the same desk rows: every tag on a question is a row with primary keys."""
    objects = [
        {"model": "conditions.tag", "pk": n + 1, "fields": {"slug": f"tag-{n}", "name": f"Tag {n}", "group": "topic"}}
        for n in range(40)
    ]
    for number, each in enumerate(documents, 1):
        fields = {name: value for name, value in each.items() if name != "tags"}
        objects.append({"model": "conditions.question", "pk": number, "fields": fields})
        for tag in each["tags"]:  # type: ignore[attr-defined]
            fields = {"tag": int(tag[4:]) + 1, "content_type": ["conditions", "question"], "object_id": number}
            objects.append({"model": "conditions.tagged", "fields": fields})
    path.write_text("".join(json.dumps(each) + "\n" for each in objects))


def timed(folder: Path, which: str, *files: Path) -> list[float]:
    """Seconds of processor time of each load, in turn, in one process on one new database."""
    data = folder / which
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    env |= {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "facehealth.settings"}
    command = [sys.executable, "-c", TIMED, str(ROOT), which, *map(str, files)]
    out = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    return [float(line) for line in out.split()]


def main(count: int) -> None:
    chance = random.Random(25)
    documents = [document(number, chance) for number in range(count)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_ours(folder / "ours.jsonl", documents)
        write_stock(folder / "stock.jsonl", documents)
        stock = timed(folder, "stock", folder / "stock.jsonl")[0]
        first, again = timed(folder, "ours", folder / "ours.jsonl", folder / "ours.jsonl")
    print(f"{count} questions: Django's loaddata {stock:.1f} s, ours {first:.1f} s, unchanged again {again:.2f} s")
    print(f"rate beside Django's: first load {stock / first:.2f}, unchanged reload {stock / again:.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
