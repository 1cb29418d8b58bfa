"""What a changed file says as before is not read again, and a load says the same as if it were."""

import json
import re

import pytest
from django.core.management import CommandError

from conditions import drafts, publishing, records, validation
from conditions.content_files import known, loading
from conditions.models import LoadedFile, Page, Version, desk
from conditions.publishing import SYSTEM

pytestmark = pytest.mark.django_db

WORDS = "One side droops"
ENTRIES = [
    ("tag", {"slug": "mild", "name": "Mild", "group": "course"}),
    ("question", {"slug": "what-droops", "name": "What droops?", "answer": f"{WORDS}. The other does not."}),
    ("question", {"slug": "what-else", "name": "What else?", "answer": "The eye stays open."}),
    ("symptom", {"slug": "droop", "name": "Droop", "summary": "It hangs.", "tags": ["mild"]}),
    ("symptom", {"slug": "dry-eye", "name": "Dry eye", "summary": "It is dry."}),
    ("condition", {"slug": "palsy", "name": "Palsy", "summary": "It is weak."}),
]
ROW = {
    "condition": ["palsy"],
    "symptom": ["droop"],
    "quotes": [f'[@what-droops "{WORDS}"]'],
    "evidence": ["what-droops"],
}


class Bulk:
    """One file of several entries beside the small ones, and what happens to it and to the drafts."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder.root / "bulk.jsonl"
        self.objects = [{"model": f"conditions.{kind}", "fields": dict(fields)} for kind, fields in ENTRIES]
        self.objects.append({"model": "conditions.conditionsymptom", "fields": dict(ROW)})
        self.write()
        folder.load()

    def write(self):
        self.path.write_text("".join(json.dumps(each) + "\n" for each in self.objects))

    def fields(self, slug):
        return next(each["fields"] for each in self.objects if each["fields"].get("slug") == slug)

    def change(self, slug, **changes):
        self.fields(slug).update(changes)
        self.write()

    def change_row(self, **changes):
        self.objects[-1]["fields"].update(changes)
        self.write()

    def remove(self, slug):
        self.objects = [each for each in self.objects if each["fields"].get("slug") != slug]
        self.write()

    def add(self, kind, **fields):
        self.objects.insert(0, {"model": f"conditions.{kind}", "fields": fields})
        self.write()


@pytest.fixture
def bulk(folder):
    return Bulk(folder)


def edit(kind, at, *, publish=False, **changes):
    entry = desk.entries(kind).get(slug=at)
    saved = publishing.save(record=drafts.read(entry) | changes, entry=entry, by=SYSTEM)
    if publish:
        publishing.publish(versions=[saved.version], by=SYSTEM)


def withdraw(kind, slug):
    publishing.withdraw(pages=[Page.objects.get(kind=kind, slug=slug)], by=SYSTEM, reason="Wrong.")


def delete(kind, slug):
    withdraw(kind, slug)
    publishing.delete(entry=desk.entries(kind).get(slug=slug), by=SYSTEM)


def said(folder, **options):
    """What a dry run says, its counts in any order."""
    try:
        *lines, counts, edition = folder.load(dry_run=True, verbosity=2, **options).strip().split("\n")
    except CommandError as error:
        return sorted(str(error).split("\n"))
    return [*lines, *sorted(counts.rstrip(".").split("; ")), edition]


def both(monkeypatch, folder, **options):
    """What a load says, which is what one says that knows nothing; how many entries it passed over."""
    passed = []
    real = known.Known.take_back

    def take_back(self, entries):
        yield from real(self, entries)
        passed.append(self.count)

    with monkeypatch.context() as patch:
        patch.setattr(known.Known, "take_back", take_back)
        here = said(folder, **options)
    with monkeypatch.context() as patch:
        patch.setattr(known.Known, "pass_over", lambda self, name, said: set())
        there = said(folder, **options)
    assert here == there
    return "\n".join(here), (passed or [0])[0]


def nothing(bulk):
    pass


CHANGES = {
    "an answer": lambda bulk: bulk.change("what-else", answer="The eye closes."),
    "a new entry": lambda bulk: bulk.add("tag", slug="new", name="New", group="course"),
    "a row": lambda bulk: bulk.change_row(note="At first."),
    "a name that others refer to": lambda bulk: bulk.change("mild", name="Mildly"),
    "words that others quote": lambda bulk: bulk.change("what-droops", answer="Nothing droops."),
    "a wrong reference": lambda bulk: bulk.change("dry-eye", tags=["mil"]),
    "a wrong field": lambda bulk: bulk.change("what-else", color="red"),
    "another file": lambda bulk: bulk.folder.change("symptoms/earache", "Pain in", "An ache in"),
    "an entry that went": lambda bulk: bulk.remove("dry-eye"),
    "an entry that went and is referred to": lambda bulk: bulk.remove("mild"),
    "an entry twice": lambda bulk: bulk.add("symptom", slug="droop", name="Droop again", summary="S."),
    "an entry of another file": lambda bulk: bulk.add("tag", slug="sudden", name="Sudden", group="course"),
    "an entry in another file": lambda bulk: bulk.folder.write(
        "tags/mild", "- model: conditions.tag\n  fields: {slug: mild, name: Mild, group: course}\n"
    ),
    "an old slug": lambda bulk: bulk.add("symptom", slug="hanging", name="Droop", summary="It hangs."),
    "a source with the slug of a document": lambda bulk: bulk.add("source", slug="what-else", name="What else?"),
}
EVENTS = {
    "nothing": nothing,
    "edited": lambda bulk: edit("symptom", "dry-eye", summary="An editor’s words."),
    "edited and published": lambda bulk: edit("symptom", "dry-eye", publish=True, also_called=["dry eyes"]),
    "renamed": lambda bulk: edit("symptom", "droop", slug="hanging"),
    "a tag renamed": lambda bulk: edit("tag", "mild", slug="slight"),
    "a document renamed": lambda bulk: edit("question", "what-droops", slug="what-hangs"),
    "a document edited": lambda bulk: edit("question", "what-else", editor_note="A note."),
    "withdrawn": lambda bulk: withdraw("symptom", "dry-eye"),
    "deleted": lambda bulk: delete("symptom", "dry-eye"),
    "a tag merged": lambda bulk: publishing.merge_tags(
        tag=desk.entries("tag").get(slug="mild"), into=desk.entries("tag").get(slug="sudden"), by=SYSTEM
    ),
}


@pytest.mark.parametrize("event", EVENTS)
def test_a_load_says_the_same_whatever_it_passes_over(bulk, monkeypatch, event):
    """After every event, every change to the file; and some again when the event is no news any longer."""
    objects = json.dumps(bulk.objects)
    files = {path: path.read_bytes() for path in bulk.folder.root.rglob("*.*")}
    EVENTS[event](bulk)
    for news in (True, False):
        for change in [*CHANGES.values()][:: 1 if news else 3]:
            change(bulk)
            both(monkeypatch, bulk.folder)
            bulk.objects = json.loads(objects)
            for path in bulk.folder.root.rglob("*.*"):
                path.write_bytes(files[path]) if path in files else path.unlink()
        if news:
            bulk.folder.load()


PASSED = {"an answer": 5, "a new entry": 6, "a row": 3, "a name that others refer to": 4, "another file": 0}


@pytest.mark.parametrize("change", PASSED)
def test_only_what_changed_and_what_names_it_is_read(bulk, monkeypatch, change):
    CHANGES[change](bulk)
    assert both(monkeypatch, bulk.folder)[1] == PASSED[change]


def test_what_is_passed_over_counts_as_unchanged_and_is_not_checked(bulk, monkeypatch):
    checked = []
    real = validation.problems

    def problems(record):
        checked.append(record["slug"])
        return real(record)

    monkeypatch.setattr(validation, "problems", problems)
    bulk.change("what-else", answer="The eye closes.")
    assert re.search("1 entry changed; 5 entries unchanged", bulk.folder.load())
    assert set(checked) == {"what-else"}
    assert "5 files, unchanged since the last load" in bulk.folder.load()


def test_what_moved_or_says_otherwise_is_read_until_it_is_settled(bulk, monkeypatch):
    edit("symptom", "dry-eye", summary="An editor’s words.")
    for _ in range(2):
        bulk.change("what-else", answer=bulk.fields("what-else")["answer"] + " So it is.")
        text, passed = both(monkeypatch, bulk.folder)
        assert "symptom 'dry-eye': older than the draft" in text
        assert passed == 4
        bulk.folder.load()
    edit("symptom", "dry-eye", summary="It is dry.")
    bulk.folder.load()
    bulk.change("what-else", answer="The eye closes.")
    assert both(monkeypatch, bulk.folder)[1] == 5


def test_a_conflict_that_waits_is_said_again(bulk, monkeypatch):
    edit("symptom", "dry-eye", summary="An editor’s words.")
    bulk.change("dry-eye", summary="The file’s words.")
    with pytest.raises(CommandError, match="1 conflict"):
        bulk.folder.load(strict=True)
    bulk.change("what-else", answer="The eye closes.")
    assert "still waiting" in both(monkeypatch, bulk.folder)[0]


@pytest.mark.parametrize("event", [*EVENTS][1:])
def test_an_event_is_not_forgotten_by_a_load_that_skips_the_file(bulk, monkeypatch, event):
    """A load of nothing but unchanged files moves its marks on, but not when it was compared."""
    monkeypatch.setattr(loading, "MANY", 1)
    edit("question", "early-signs", editor_note="A note.")
    bulk.folder.load("bulk.jsonl")
    EVENTS[event](bulk)
    bulk.folder.load("tags")
    bulk.change("palsy", summary="It is weaker.")
    both(monkeypatch, bulk.folder)


@pytest.mark.parametrize(
    "options", [{"overwrite": True}, {"exclude": ["conditions.tag"]}, {"ignore": True}, {"prune": True}], ids=str
)
def test_with_options_that_take_all_everything_is_read(bulk, monkeypatch, options):
    bulk.remove("dry-eye")
    labels = {"args": ()} if "prune" not in options else {"args": (str(bulk.folder.root),)}
    read = []
    real = known.Known.pass_over
    monkeypatch.setattr(known.Known, "pass_over", lambda *given: read.append(given) or real(*given))
    out = bulk.folder.load(*labels["args"], **options)
    assert not read
    assert ("withdrawn" in out) is ("prune" in options)


def test_a_file_that_was_not_loaded_whole_is_read_whole(bulk, monkeypatch):
    bulk.change("what-else", answer="The eye closes.")
    bulk.folder.load(ignore=True)
    bulk.change("what-else", answer="The eye opens.")
    assert both(monkeypatch, bulk.folder)[1] == 0


def test_a_new_format_of_records_and_an_unseen_character_are_read(bulk, monkeypatch):
    bulk.change("dry-eye", summary="It is dr\u00ady.")
    bulk.folder.load()
    bulk.change("what-else", answer="The eye closes.")
    assert both(monkeypatch, bulk.folder)[1] == 4
    monkeypatch.setattr(records, "FORMAT", records.FORMAT + 1)
    assert both(monkeypatch, bulk.folder)[1] == 0


def test_when_much_moved_everything_is_read(bulk, monkeypatch):
    monkeypatch.setattr(known, "MOST", 1)
    edit("symptom", "dry-eye", summary="Other words.")
    edit("symptom", "earache", summary="Other words.")
    bulk.change("what-else", answer="The eye closes.")
    assert both(monkeypatch, bulk.folder)[1] == 0


def test_what_is_passed_over_is_saved_meanwhile(bulk, monkeypatch):
    """The load plans again, and the next one still sees it."""
    made = []
    real = loading.plan

    def plan(*args, **options):
        made.append(real(*args, **options))
        if len(made) == 1:
            edit("symptom", "dry-eye", summary="An editor’s words.")
        return made[-1]

    monkeypatch.setattr(loading, "plan", plan)
    bulk.change("what-else", answer="The eye closes.")
    assert "symptom 'dry-eye': older than the draft" in bulk.folder.load()
    assert len(made) == 2


def test_entries_kept_are_those_of_the_file(bulk):
    kept = dict(LoadedFile.objects.values_list("path", "entries"))
    assert len(bytes(kept["fixtures/bulk.jsonl"])) == 6 * known.SIZE
    assert len(bytes(kept["fixtures/tags/sudden.yaml"])) == known.SIZE
    assert Version.objects.filter(file="fixtures/bulk.jsonl").count() == 6
