"""What a load costs as the database grows, counted in queries, steps of SQLite and entries read, and not in time."""

import json
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import drafts, statements
from conditions.models import LoadedFile, Tag, Version
from tests.steps import steps_counted

pytestmark = pytest.mark.django_db


@dataclass
class Work:
    """What was asked of the database: queries, and on SQLite the steps that they took, a few at a time."""

    queries: int = 0
    steps: int = 0


@contextmanager
def counted():
    work = Work()
    with CaptureQueriesContext(connection) as queries, steps_counted() as steps:
        yield work
    work.queries, work.steps = len(queries), steps[0]


def tags(start, end):
    fields = [{"slug": f"tag-{number}", "name": f"Tag {number}", "group": "topic"} for number in range(start, end)]
    return "".join(json.dumps({"model": "conditions.tag", "fields": each}) + "\n" for each in fields)


def questions(start, end):
    fields = [{"slug": f"q{number}", "name": f"Q {number}?", "answer": f"A {number}."} for number in range(start, end)]
    return "".join(json.dumps({"model": "conditions.question", "fields": each}) + "\n" for each in fields)


def unchanged(folder):
    """What a load costs that has nothing to do."""
    with counted() as work:
        assert "No new edition." in folder.load()
    return work


def test_an_unchanged_load_does_not_grow_with_the_versions_beside(folder):
    works = []
    for start, end in ((0, 1000), (1000, 5000)):
        (folder.root / f"bulk{start}.jsonl").write_text(tags(start, end))
        folder.load()
        folder.load()  # looks through what the one before made, once
        works.append(unchanged(folder))
    assert Tag.objects.count() == 5001
    few, many = works
    assert many.queries == few.queries
    assert many.steps <= 2 * few.steps


def test_looking_through_many_new_versions_once_does_not_grow_with_the_files(folder):
    """The first load after one of many entries, of another folder, has to look at them."""
    works = []
    for start, end in ((0, 4), (4, 80)):
        for number in range(start, end):
            folder.write(f"tags/{number}", tags(10_000 + number, 10_001 + number).strip().join(("- ", "\n")))
        folder.load()
        bulk = folder.root.parent / f"bulk{start}.jsonl"
        bulk.write_text(tags(start * 1000, start * 1000 + 1000))
        folder.load(str(bulk))
        with counted() as work:
            assert "unchanged" in folder.load(str(folder.root))
        works.append(work)
    few, many = works
    assert many.steps <= 2 * few.steps


def test_an_unchanged_load_moves_on_what_it_need_not_look_at_again_and_a_dry_run_does_not(folder):
    (folder.root.parent / "bulk.jsonl").write_text(tags(0, 200))
    folder.load(str(folder.root.parent / "bulk.jsonl"))
    newest = Version.objects.latest("pk").pk
    own = LoadedFile.objects.filter(path__startswith="fixtures/")
    folder.load(dry_run=True)
    assert not own.filter(mark=newest).exists()
    folder.load()
    assert own.filter(mark=newest).count() == 4
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    assert "symptom 'earache': changed: summary" in folder.load()


def test_entries_of_bulk_files_are_not_read_to_be_passed_over(folder, monkeypatch):
    (folder.root / "bulk.jsonl").write_text(tags(0, 50))
    folder.load()
    read = []
    real = drafts.read_many

    def read_many(kind, entries):
        read.extend(entry.slug for entry in entries)
        return real(kind, entries)

    monkeypatch.setattr(drafts, "read_many", read_many)
    folder.write_back(check=True)
    assert sorted(read) == ["bells-palsy", "earache", "early-signs", "sudden"]
    # Those of a file that is gone are in none.
    (folder.root / "bulk.jsonl").unlink()
    with pytest.raises(CommandError, match=r"fixtures/tags/tag-0\.yaml"):
        folder.write_back(check=True)


def test_documents_that_nothing_quotes_are_not_read_for_quotes(folder, monkeypatch):
    read = []
    real = statements.quotable

    def quotable(record):
        read.append(record["slug"])
        return real(record)

    monkeypatch.setattr(statements, "quotable", quotable)
    (folder.root / "bulk.jsonl").write_text(questions(0, 50))
    assert "50 entries new" in folder.load()
    assert not read
