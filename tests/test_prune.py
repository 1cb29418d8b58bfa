"""--prune withdraws what has left the files, and nothing that was merely not read."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from conditions.content_files import loading
from conditions.models import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_bulk(folder):
    """The folder, with two more tags in one file."""
    lines = [
        f'{{"model": "conditions.tag", "fields": {{"slug": "{slug}", "name": "{slug}", "group": "topic"}}}}'
        for slug in ("one", "two")
    ]
    (folder.root / "bulk.jsonl").write_text("\n".join(lines) + "\n")
    entry = (
        "- model: conditions.condition\n  fields:\n    slug: c\n    name: C\n    summary: S.\n    tags: [one, two]\n"
    )
    folder.write("conditions/c", entry)
    folder.load()
    assert live() == {"sudden", "early-signs", "earache", "bells-palsy", "c", "one", "two"}
    folder.change("conditions/c", "    tags: [one, two]\n", "")
    folder.load()
    return folder


def live():
    return set(Page.objects.live().values_list("slug", flat=True))


def prune(folder):
    planned = folder.load(str(folder.root), prune=True, dry_run=True)
    assert folder.load(str(folder.root), prune=True) == planned
    return planned


def test_an_entry_taken_out_of_a_file_of_many_is_withdrawn(with_bulk):
    bulk = with_bulk.root / "bulk.jsonl"
    bulk.write_text(bulk.read_text().splitlines()[0] + "\n")
    assert "tag 'two': no longer in the files: withdrawn" in prune(with_bulk)
    assert live() == {"sudden", "early-signs", "earache", "bells-palsy", "c", "one"}


def test_the_live_pages_that_lose_a_row_are_named(folder):
    folder.path("symptoms/earache").rename(folder.root.parent / "earache.yaml")
    said = prune(folder)
    assert "symptom 'earache': no longer in the files: withdrawn; these live pages lose it: “Bell’s palsy”" in said
    assert "earache" not in live()


def test_entries_of_a_file_that_is_not_there_are_withdrawn(with_bulk):
    (with_bulk.root / "bulk.jsonl").unlink()
    prune(with_bulk)
    assert not live() & {"one", "two"}


def prune_without(folder, name):
    """What a load says that prunes the folder and does not read one of its files."""
    paths = sorted(path for path in folder.root.rglob("*.*") if path.is_file() and path.name != name)
    plan, _ = loading.load(paths, whole=[folder.root])
    return "\n".join(plan.lines())


def test_a_file_that_is_there_and_not_read_keeps_its_entries(with_bulk):
    """Whatever the reason: hidden, or of a format that is not looked for."""
    said = prune_without(with_bulk, "bulk.jsonl")
    assert "tag 'one': conflict: not withdrawn: fixtures/bulk.jsonl is there and was not read" in said
    assert live() >= {"one", "two"}


def test_a_file_in_a_folder_that_cannot_be_entered_keeps_its_entries(with_bulk, monkeypatch):
    real = Path.lstat

    def lstat(path):
        if path.name == "bulk.jsonl":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "lstat", lstat)
    assert "was not read" in prune_without(with_bulk, "bulk.jsonl")
    assert live() >= {"one", "two"}


def test_a_link_that_leads_nowhere_keeps_its_entries(with_bulk, tmp_path):
    (with_bulk.root / "bulk.jsonl").unlink()
    (with_bulk.root / "bulk.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    assert "is there and was not read" in prune_without(with_bulk, "bulk.jsonl")
    assert live() >= {"one", "two"}


def test_a_file_that_came_empty_keeps_its_entries(with_bulk):
    path = (with_bulk.root / "bulk.jsonl").rename(with_bulk.root / "bulk.json")
    path.write_text("[" + ",".join(path.read_text().splitlines()) + "]")
    with_bulk.load()
    path.write_text("[]")
    with pytest.raises(CommandError, match=r"fixtures/bulk\.json: has no entries.*; if that is meant, remove the file"):
        prune(with_bulk)
    assert live() >= {"one", "two"}
    # The way out that it names.
    path.unlink()
    prune(with_bulk)
    assert not live() & {"one", "two"}
