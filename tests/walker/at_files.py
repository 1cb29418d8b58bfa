"""What people do with files, and with the commands that bring files and desk together."""

from __future__ import annotations

import shutil
from pathlib import Path

from conditions import records
from conditions.content_files import formats
from conditions.models import Change, Edition, Version
from conditions.records import Record
from conditions.schema import Kind
from tests.walker.making import changed, new_record
from tests.walker.walk import Walk


def write(path: Path, record: Record) -> None:
    """A file saved by a person: another one in its place, so that no one reads half of it."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_name(f".{path.name}.typed")
    new.write_text(formats.text_of(records.canonical(record)), "utf-8")
    new.replace(path)


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def edit(walk: Walk) -> str | None:
    if not (files := walk.files()) or not (record := walk.record_in(path := walk.random.choice(files))):
        return None
    write(path, changed(walk, record))
    return f"edited file {name_of(path)}"


def type_words(walk: Walk) -> str | None:
    """Add a sentence to a text of a file, and nothing else: whatever happens meanwhile, it may not be lost."""
    if not (files := walk.files()) or not (record := walk.record_in(path := walk.random.choice(files))):
        return None
    name = walk.random.choice([name for name in ("name", "summary", "body", "editor_note") if name in record])
    word = walk.word()
    write(path, record | {name: f"{record[name].strip()} Typed {word}.".strip()})
    walk.in_files.add(word)
    return f"typed {word} into file {name_of(path)}"


def comment(walk: Walk) -> str | None:
    """A remark that somebody puts between the lines of a file."""
    if not (files := walk.files()) or not walk.record_in(path := walk.random.choice(files)):
        return None
    lines, word = walk.text(path).splitlines(keepends=True), walk.word()
    place = walk.random.choice([0, *(n for n, line in enumerate(lines) if line.startswith(("- model", "    slug:")))])
    lines.insert(place, f"# Remark {word}\n")
    path.write_text("".join(lines), "utf-8")
    return f"commented in file {name_of(path)}: {word}"


def add(walk: Walk) -> str | None:
    kind = walk.random.choice(list(Kind))
    slug = walk.slug(kind)
    if (path := formats.standard_path(kind, slug)).exists():
        return None
    write(path, new_record(walk, kind, slug))
    return f"added file {name_of(path)}"


def delete(walk: Walk) -> str | None:
    if not (files := walk.files()) or walk.random.random() < 0.5:
        return None
    (path := walk.random.choice(files)).unlink()
    return f"deleted file {name_of(path)}"


def rename(walk: Walk) -> str | None:
    """Move a file, and the slug in it."""
    if not (files := walk.files()) or not (record := walk.record_in(path := walk.random.choice(files))):
        return None
    new = path.with_name(f"{walk.slug(Kind(record['kind']))}.yaml")
    if new.exists():
        return None
    write(new, record | {"slug": new.stem})
    path.unlink()
    return f"renamed file {name_of(path)} to {new.stem}"


def swap(walk: Walk) -> str | None:
    """Exchange the slugs, and so the addresses, of two entries of one kind."""
    files = walk.files()
    pairs = [(one, other) for one in files for other in files if one.parent == other.parent and one < other]
    if not pairs:
        return None
    one, other = walk.random.choice(pairs)
    first, second = walk.record_in(one), walk.record_in(other)
    if not first or not second:
        return None
    write(one, second | {"slug": first["slug"]})
    write(other, first | {"slug": second["slug"]})
    return f"swapped files {name_of(one)} and {other.stem}"


def check_out(walk: Walk) -> str:
    """Remember all files as they are, as an older clone does."""
    walk.checkouts.append({path: path.read_bytes() for path in walk.files()})
    return "made a checkout"


def come_from_checkout(walk: Walk) -> str | None:
    """A few files of an older clone come back, some of them edited there."""
    if not walk.checkouts or not (old := walk.random.choice(walk.checkouts)):
        return None
    for path in walk.random.sample(sorted(old), walk.random.randint(1, min(3, len(old)))):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(old[path])
        if walk.random.random() < 0.4 and (record := walk.record_in(path)):
            write(path, changed(walk, record))
    return "files of an older checkout"


def switch_checkout(walk: Walk) -> str | None:
    """Load one path from two checkouts: an older one, then the newer one again."""
    if not walk.checkouts or walk.random.random() < 0.5:
        return None
    now = {path: path.read_bytes() for path in walk.files()}
    for files in (walk.random.choice(walk.checkouts), now):
        replace_all(walk, files)
        load(walk)
    return "loaded an older checkout, then the newer one"


def replace_all(walk: Walk, files: dict[Path, bytes]) -> None:
    shutil.rmtree(walk.folder)
    walk.folder.mkdir()
    for path, data in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


def load(walk: Walk, **options: bool) -> str | None:
    """Load the folder: after a dry run that says the same, and once more, which writes nothing."""
    if not walk.files():
        return None
    if not walk.alone:
        return _load_in_a_race(walk)
    with walk.writes_nothing("a dry run"):
        planned = walk.run("loaddata", str(walk.folder), dry_run=True, **options)
    words, before = walk.words_in_files(), walk.tables()
    last = Edition.objects.order_by("number").last()
    done, said = walk.run("loaddata", str(walk.folder), **options)
    if planned[1] != said:
        walk.violated(f"the dry run said\n{planned[1][:1400]}\nand the load\n{said[:1400]}")
    walk.counts["loads" if done else "loads refused"] += 1
    walk.refused_loads = 0 if done else walk.refused_loads + 1
    if not done:
        if walk.tables() != before:
            walk.violated("a refused load wrote something")
        return f"load refused: {said[:200]}"
    walk.acknowledge(words - walk.remarks(), "loaded")
    if not options.get("overwrite"):
        _went_forward(walk, last.number if last else 0)
        again = {name: value for name, value in options.items() if name != "overwrite"}
        with walk.writes_nothing(f"a second load, after\n{said[:900]}\n"):
            walk.run("loaddata", str(walk.folder), **again)
    return f"loaded {options or ''}: {' '.join(said.splitlines()[-2:])}"


def _load_in_a_race(walk: Walk) -> str:
    done, said = walk.run("loaddata", str(walk.folder))
    walk.counts["loads" if done else "loads refused"] += 1
    return f"loaded: {' '.join(said.splitlines()[-2:])[-300:]}"


def _went_forward(walk: Walk, before: int) -> None:
    """Hold that a load does not publish unseen what an earlier edition had replaced."""
    for change in Change.objects.filter(edition__number__gt=before, before__isnull=False, after__isnull=False):
        older = Version.objects.filter(page=change.page_id, pk__in=Change.objects.values("after"))
        if older.filter(number__lt=change.before.number, digest=change.after.digest).exists():
            walk.violated(f"a load published an older text of {change.page.url} again")


def load_and_overwrite(walk: Walk) -> str | None:
    return load(walk, overwrite=True) if walk.alone and walk.random.random() < 0.3 else None


def load_and_prune(walk: Walk) -> str | None:
    return load(walk, prune=True) if walk.alone and walk.random.random() < 0.3 else None


def write_fixtures(walk: Walk) -> str:
    """Write the desk back: no word of a file is lost, and loading what was written writes nothing."""
    is_loaded = walk.alone and walk.random.random() < 0.7 and "refused" not in (load(walk) or "refused")
    words, remarks = walk.words_in_files(), walk.remarks()
    done, said = walk.run("write_fixtures")
    walk.counts["writes" if done else "writes refused"] += 1
    if walk.alone:
        _lost_nothing(walk, words, remarks)
    if not done or not walk.alone:
        return f"wrote files: {said[-200:]}"
    if not walk.run("write_fixtures", check=True)[0]:
        walk.violated("files differ from the desk right after they were written")
    before = walk.tables()
    if walk.files() and walk.run("loaddata", str(walk.folder))[0]:
        walk.acknowledge(walk.words_in_files() - walk.remarks(), "loaded")
        versions_and_editions = slice(1, 3)
        if is_loaded and walk.tables()[versions_and_editions] != before[versions_and_editions]:
            walk.violated(f"a load after writing wrote something: {before} became {walk.tables()}")
    return "wrote files"


def _lost_nothing(walk: Walk, words: set[str], remarks: set[str]) -> None:
    left = walk.words_in_files()
    if lost := words - left - remarks - walk.words_kept():
        walk.violated(f"write_fixtures took words out of files that no version has: {lost}")
    if lost := remarks - left:
        walk.violated(f"write_fixtures took comments out of files: {lost}")


def start_again(walk: Walk) -> None:
    """What a person does whose files are refused again and again: take those of the desk."""
    replace_all(walk, {})
    walk.run("write_fixtures")
    walk.refused_loads = 0
    walk.counts["started again"] += 1
