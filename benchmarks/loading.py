"""How fast loaddata is beside Django's own, on the same desk rows: `make bench`, or python benchmarks/loading.py 20000.

Ours loads beside the founding files, keeps versions, publishes and indexes. Then the same files are loaded unchanged
and with one changed entry, and write_fixtures looks for differences. Each runs in a process of its own, Django's on an
empty database; what is compared is processor time. The documents are made up.
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
import json, resource, sys, time
sys.path.insert(0, sys.argv[1])
import django
django.setup()
from django.core.management import call_command
from django.core.management.commands import loaddata as stock
call_command("migrate", verbosity=0, skip_checks=True)
for name, *labels in json.loads(sys.argv[2]):
    options = {"check": True} if name == "write_fixtures" else {"verbosity": 0}
    started = time.process_time()
    call_command(stock.Command() if name == "stock" else name, *labels, skip_checks=True, **options)
    print(time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
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


def timed(data: Path, *commands: list[str]) -> tuple[list[float], int]:
    """Seconds of processor time of commands in turn, in one process on the database in a folder; its peak in MiB."""
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    env |= {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "facehealth.settings"}
    command = [sys.executable, "-c", TIMED, str(ROOT), json.dumps(commands)]
    out = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in out.splitlines()]
    return [float(seconds) for seconds, _ in lines], int(lines[-1][1])


def main(count: int) -> None:
    chance = random.Random(25)
    documents = [document(number, chance) for number in range(count)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, theirs, data = folder / "ours.jsonl", folder / "stock.jsonl", folder / "data"
        write_stock(theirs, documents)
        (stock,), stock_peak = timed(folder / "stock", ["stock", str(theirs)])
        write_ours(ours, documents)
        (_, first), peak = timed(data, ["loaddata"], ["loaddata", str(ours)])
        all_files = ["loaddata", str(ROOT / "fixtures"), str(ours)]
        (unchanged,), _ = timed(data, all_files)
        documents[count // 2]["answer"] = f"{documents[count // 2]['answer']} And more."
        write_ours(ours, documents)
        (changed,), _ = timed(data, all_files)
        (check,), _ = timed(data, ["write_fixtures"])
    print(f"{count} questions: Django's loaddata {stock:.1f} s, {stock_peak} MiB; ours {first:.1f} s, {peak} MiB")
    print(f"unchanged {unchanged:.2f} s, one changed {changed:.2f} s, write_fixtures --check {check:.2f} s")
    rates = f"first load {stock / first:.2f}, unchanged {stock / unchanged:.0f}, one changed {stock / changed:.0f}"
    print(f"rate beside Django's: {rates}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
