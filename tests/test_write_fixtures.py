"""write_fixtures: what it does to files that others change, rename, delete or take back at the same time."""

import os
import stat

import pytest
from django.core.management import CommandError
from django.db import OperationalError

from conditions import drafts, publishing
from conditions.content_files import exporting, writing
from conditions.models import Condition, Page, Symptom, Tag, Version, desk
from conditions.publishing import SYSTEM
from tests.content_folder import SYMPTOM, TAG

pytestmark = pytest.mark.django_db

NAMES = ("conditions/bells-palsy", "questions/early-signs", "symptoms/earache", "tags/sudden")


def edit(kind, at, **changes):
    """What an editor saves in the admin, as a draft."""
    entry = desk.entries(kind).get(slug=at)
    return publishing.save(record=drafts.read(entry) | changes, entry=entry, by=SYSTEM)


def edit_all(word):
    for name in NAMES:
        plural, slug = name.split("/")
        edit(plural.removesuffix("s"), slug, name=f"Named {word}")


def delete(kind, slug):
    """Take an entry down and off the desk."""
    page = Page.objects.get(kind=kind, slug=slug)
    if page.live_id:
        publishing.withdraw(pages=[page], by=SYSTEM, reason="Wrong.")
    publishing.delete(entry=desk.entries(kind).get(slug=slug), by=SYSTEM)


def bytes_of(folder):
    return {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}


def said_and_failed(folder, *labels, **options):
    """What write_fixtures says when it exits with status 1."""
    with pytest.raises(CommandError) as caught:
        folder.write_back(*labels, **options)
    return str(caught.value)


# What is typed into a file while it runs


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_somebody_writes_meanwhile_is_left_alone(folder, monkeypatch, name):
    edit_all("by an editor")
    real = os.fsync

    def fsync(handle):
        monkeypatch.setattr(os, "fsync", real)
        folder.path(name).write_text("# typed by hand\n" + folder.path(name).read_text("utf-8"), "utf-8")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    said = said_and_failed(folder)
    assert f"fixtures/{name}.yaml: changed while files were written, and was left alone" in said
    assert folder.path(name).read_text("utf-8").startswith("# typed by hand\n")
    for other in set(NAMES) - {name}:
        assert "Named by an editor" in folder.path(other).read_text("utf-8")
    assert not [path for path in bytes_of(folder) if path.name.startswith(".")]
    # The way out that it names.
    folder.load()
    folder.write_back()
    text = folder.path(name).read_text("utf-8")
    assert "# typed by hand" in text
    assert "Named by an editor" in text


def meanwhile(monkeypatch, deed):
    """Let something happen after all files were compared and before any is written."""
    real = exporting.write_back

    def write_back(export):
        monkeypatch.setattr(exporting, "write_back", real)
        deed()
        return real(export)

    monkeypatch.setattr(exporting, "write_back", write_back)


def test_a_file_that_appears_meanwhile_is_left_alone(folder, monkeypatch):
    publishing.save(record={"kind": "tag", "slug": "new", "name": "New", "group": "topic"}, entry=None, by=SYSTEM)
    meanwhile(monkeypatch, lambda: folder.write("tags/new", "typed by hand\n"))
    assert "tags/new.yaml: changed while files were written" in said_and_failed(folder)
    assert folder.path("tags/new").read_text() == "typed by hand\n"


def test_a_file_that_is_removed_meanwhile_stays_removed(folder, monkeypatch):
    edit("tag", "sudden", name="All at once")
    meanwhile(monkeypatch, folder.path("tags/sudden").unlink)
    assert "tags/sudden.yaml: changed while files were written" in said_and_failed(folder)
    assert not folder.path("tags/sudden").exists()
    assert "1 file written." in folder.write_back()


@pytest.mark.parametrize("at", ["symptoms/earache", "symptoms/ear-pain"])
def test_a_renamed_entrys_files_are_left_alone_where_somebody_writes_them_meanwhile(folder, monkeypatch, at):
    edit("symptom", "earache", slug="ear-pain")
    meanwhile(monkeypatch, lambda: folder.write(at, SYMPTOM.replace("Pain in", "Typed pain in")))
    assert "symptoms/ear-pain.yaml: changed while files were written" in said_and_failed(folder)
    assert "Typed pain in" in folder.path(at).read_text("utf-8")
    assert "symptom: [ear-pain]" in folder.path("conditions/bells-palsy").read_text("utf-8")


def test_a_renamed_entrys_old_file_may_vanish_while_files_are_compared(folder, monkeypatch):
    edit("symptom", "earache", slug="ear-pain")
    folder.write("symptoms/ear-pain", SYMPTOM.replace("slug: earache", "slug: ear-pain"))
    real = exporting._place

    def place(file):
        found = real(file)
        file.path.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(exporting, "_place", place)
    assert "changed while files were written, and was left alone" in said_and_failed(folder)
    monkeypatch.undo()
    folder.write_back()
    assert folder.path("symptoms/ear-pain").exists()
    assert not folder.path("symptoms/earache").exists()


def test_a_deleted_entrys_file_is_left_alone_where_somebody_writes_it_meanwhile(folder, monkeypatch):
    delete("condition", "bells-palsy")
    meanwhile(monkeypatch, lambda: folder.change("conditions/bells-palsy", "grows weak", "grows very weak"))
    assert "conditions/bells-palsy.yaml: changed while files were written" in said_and_failed(folder)
    folder.load()
    assert Condition.objects.get().summary == "One side of the face grows very weak."


def test_what_cannot_be_written_is_named_and_the_rest_is_written(folder, monkeypatch):
    edit_all("by an editor")
    real = os.replace

    def replace(draft, path):
        if path.name == "sudden.yaml":
            raise PermissionError(13, "Permission denied")
        real(draft, path)

    monkeypatch.setattr(os, "replace", replace)
    assert "tags/sudden.yaml: cannot be written: Permission denied" in said_and_failed(folder)
    monkeypatch.undo()
    assert [path for path, data in bytes_of(folder).items() if b"by an editor" not in data] == [
        folder.path("tags/sudden")
    ]


def test_what_cannot_be_read_is_named(folder, monkeypatch):
    real = writing.content

    def content(path):
        if path.name == "sudden.yaml":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(writing, "content", content)
    assert "tags/sudden.yaml: cannot be read: Permission denied" in said_and_failed(folder)


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(folder, tmp_path):
    elsewhere = folder.path("tags/sudden").rename(tmp_path / "elsewhere.yaml")
    folder.path("tags/sudden").symlink_to(elsewhere)
    elsewhere.chmod(0o664)
    edit("tag", "sudden", name="All at once")
    folder.write_back()
    assert folder.path("tags/sudden").is_symlink()
    assert "All at once" in elsewhere.read_text()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o664


def test_an_entry_deleted_meanwhile_is_no_error(folder, monkeypatch):
    Tag.objects.create(slug="lone", name="Lone", group="topic")  # in a shell: it has no version
    meanwhile(monkeypatch, Tag.objects.get(slug="lone").delete)
    assert "tags/lone.yaml: written" in folder.write_back()


def test_a_database_that_fails_while_files_are_written_is_named_and_the_next_run_goes_on(folder, monkeypatch):
    edit_all("by an editor")

    def fail(change):
        raise OperationalError("database is locked.")

    monkeypatch.setattr(exporting, "_mark", fail)
    assert said_and_failed(folder) == "Not all files were written. database is locked. Run write_fixtures again."
    monkeypatch.undo()
    assert "3 files written." in folder.write_back()
    folder.write_back(check=True)


# Renames, and kills


def stops(folder, monkeypatch):
    """The states of the folder in which write_fixtures is stopped: before each step that changes a file."""
    steps = ("replace", "rename", "unlink")
    real = {name: getattr(os, name) for name in steps}
    for stop in range(20):
        left = [stop]

        def step(name, left=left):
            def call(*args, **options):
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
                return real[name](*args, **options)

            return call

        with monkeypatch.context() as patched:
            for name in steps:
                patched.setattr(os, name, step(name))
            try:
                folder.write_back()
            except KeyboardInterrupt:
                pass
            else:
                return
        yield stop


def test_write_fixtures_stopped_anywhere_leaves_files_that_load(folder, monkeypatch):
    publishing.save(record={"kind": "tag", "slug": "new", "name": "New", "group": "topic"}, entry=None, by=SYSTEM)
    edit("tag", "sudden", slug="at-once")
    edit("symptom", "earache", slug="ear-pain", summary="An editor’s words.")
    record = drafts.read(Symptom.objects.get())
    versions = Version.objects.count()
    before = bytes_of(folder)
    stopped = []
    for stop in stops(folder, monkeypatch):
        stopped.append(stop)
        said = folder.load()
        assert "No new edition." in said
        assert "conflict" not in said
        assert Version.objects.count() == versions
        assert drafts.read(Symptom.objects.get()) == record
        for path in bytes_of(folder).keys() - before.keys():
            path.unlink()
        for path, data in before.items():
            path.write_bytes(data)
    assert len(stopped) > 4
    assert sorted(path.stem for path in bytes_of(folder)) == [
        "at-once",
        "bells-palsy",
        "ear-pain",
        "early-signs",
        "new",
    ]


def test_a_stopped_rename_is_completed_by_the_next_run(folder, monkeypatch):
    edit("symptom", "earache", slug="ear-pain", summary="An editor’s words.")
    stop = stops(folder, monkeypatch)
    for _ in stop:
        pass
    assert "An editor’s words." in folder.path("symptoms/ear-pain").read_text("utf-8")
    assert not folder.path("symptoms/earache").exists()
    assert "0 files written." in folder.write_back()


def test_a_file_that_was_written_before_a_stop_is_known_to_hold_it(folder, monkeypatch):
    edit("symptom", "earache", summary="An editor’s words.")
    monkeypatch.setattr(exporting, "_mark", lambda change: None)
    folder.write_back()
    monkeypatch.undo()
    assert "0 files written." in folder.write_back()
    folder.change("symptoms/earache", "An editor’s words.", "An editor’s words, corrected in the file.")
    assert "conflict" not in folder.load()
    assert Symptom.objects.get().summary == "An editor’s words, corrected in the file."


def test_a_rename_is_written_where_both_files_are_there(folder):
    edit("symptom", "earache", slug="ear-pain", summary="An editor’s words.")
    text = folder.path("symptoms/earache").read_text("utf-8").replace("earache", "ear-pain")
    folder.write("symptoms/ear-pain", text)
    said = folder.write_back()
    assert "symptoms/ear-pain.yaml: written; in the place of fixtures/symptoms/earache.yaml" in said
    assert not folder.path("symptoms/earache").exists()
    assert "No new edition." in folder.load()


def test_labels_may_be_old_and_named_twice(folder):
    edit("symptom", "earache", slug="ear-pain")
    said = folder.write_back("symptoms/earache", "symptoms/ear-pain", "fixtures/symptoms/ear-pain.yaml")
    assert "1 file written." in said


# Files that hold something else


def test_a_file_that_holds_another_entry_is_named_with_its_place(folder):
    folder.path("symptoms/earache").unlink()
    folder.write("symptoms/earache", SYMPTOM.replace("slug: earache", "slug: cough"))
    said = said_and_failed(folder)
    assert "symptoms/earache.yaml: holds the symptom 'cough'; move it to fixtures/symptoms/cough.yaml" in said
    folder.path("symptoms/earache").rename(folder.path("symptoms/cough"))
    assert "symptoms/earache.yaml: written" in folder.write_back()
    assert "symptom 'cough': new" in folder.load()


def test_a_file_with_several_entries_is_refused(folder):
    edit("tag", "sudden", name="All at once")
    text = folder.path("tags/sudden").read_text()
    folder.write("tags/sudden", text + text.replace("sudden", "other"))
    assert "tags/sudden.yaml: contains 2 entries; keep one per file" in said_and_failed(folder)


def test_an_empty_file_is_refused_and_written_once_it_is_removed(folder):
    folder.write("tags/sudden", "[]\n")
    assert "tags/sudden.yaml: is empty; remove it" in said_and_failed(folder)
    folder.path("tags/sudden").unlink()
    assert "tags/sudden.yaml: written" in folder.write_back()


def test_line_ends_of_windows_are_no_difference(folder):
    path = folder.path("symptoms/earache")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "0 files written." in folder.write_back()
    folder.write_back(check=True)
    assert b"\r\n" in path.read_bytes()


def test_messages_are_capped(folder):
    for number in range(30):
        publishing.save(
            record={"kind": "tag", "slug": f"t{number}", "name": "T", "group": "topic"}, entry=None, by=SYSTEM
        )
    said = said_and_failed(folder, check=True)
    assert said.count("fixtures/tags/") == 20
    assert "and 10 more" in said
    assert folder.write_back().count("fixtures/tags/") == 20
    Tag.objects.update(summary="Changed.")
    assert folder.write_back(verbosity=2).count("fixtures/tags/") == 31


def test_an_entry_of_a_bulk_file_that_gets_its_own_file_is_to_be_removed_there(folder, tmp_path):
    bulk = folder.root / "bulk.jsonl"
    lines = [
        f'{{"model": "conditions.tag", "fields": {{"slug": "{slug}", "name": "T", "group": "topic"}}}}' for slug in "ab"
    ]
    bulk.write_text("\n".join(lines) + "\n")
    folder.load()
    assert "tags/a.yaml: written; remove it from fixtures/bulk.jsonl" in folder.write_back("tags/a")
    bulk.write_text(lines[1] + "\n")
    assert "No new edition." in folder.load()


# Entries that were deleted in the admin


def test_a_deleted_entrys_file_is_named_and_removed(folder):
    delete("condition", "bells-palsy")
    said = said_and_failed(folder, check=True)
    assert "fixtures/conditions/bells-palsy.yaml: its entry was deleted in the admin" in said
    said = folder.write_back()
    assert "fixtures/conditions/bells-palsy.yaml: removed; its entry was deleted in the admin" in said
    assert "0 files written, 1 removed." in said
    assert not folder.path("conditions/bells-palsy").exists()
    folder.write_back(check=True)
    assert "No new edition." in folder.load()


def test_a_deleted_entry_that_is_restored_gets_its_file_again(folder):
    before = folder.path("conditions/bells-palsy").read_bytes()
    delete("condition", "bells-palsy")
    folder.write_back()
    publishing.restore(version=publishing.newest(Page.objects.get(slug="bells-palsy")), by=SYSTEM)
    publishing.publish(versions=[publishing.newest(Page.objects.get(slug="bells-palsy"))], by=SYSTEM)
    folder.write_back()
    assert folder.path("conditions/bells-palsy").read_bytes() == before


def test_a_deleted_entrys_file_with_changes_is_not_removed(folder):
    delete("condition", "bells-palsy")
    folder.change("conditions/bells-palsy", "grows weak", "grows very weak")
    said = said_and_failed(folder)
    assert "has changes that have not been loaded, of an entry that was deleted in the admin; run" in said
    assert "restored from the file, as a draft" in folder.load()
    assert "0 files written." in folder.write_back()


def test_a_deleted_entrys_file_with_comments_is_left_to_a_person(folder):
    delete("condition", "bells-palsy")
    folder.write("conditions/bells-palsy", "# Ask Ana.\n" + folder.path("conditions/bells-palsy").read_text("utf-8"))
    assert "there are comments in it, so remove it yourself" in said_and_failed(folder, check=True)
    assert "there are comments in it, so remove it yourself" in said_and_failed(folder)
    folder.path("conditions/bells-palsy").unlink()
    folder.write_back(check=True)


def test_a_deleted_entrys_file_that_holds_another_by_now_is_not_touched(folder):
    delete("condition", "bells-palsy")
    text = folder.path("conditions/bells-palsy").read_text("utf-8")
    folder.write("conditions/bells-palsy", text.replace("bells-palsy", "stroke"))
    before = bytes_of(folder)
    folder.write_back()
    assert bytes_of(folder) == before


def test_a_deleted_entry_that_is_named_is_said_to_be_deleted(folder):
    delete("condition", "bells-palsy")
    assert "was deleted in the admin; write_fixtures without a name removes its file" in said_and_failed(
        folder, "conditions/bells-palsy"
    )


def test_a_deleted_entry_under_an_old_slug_is_found(folder):
    edit("condition", "bells-palsy", slug="palsy")
    publishing.withdraw(pages=[Page.objects.get(condition__slug="palsy")], by=SYSTEM, reason="Wrong.")
    publishing.delete(entry=Condition.objects.get(), by=SYSTEM)
    assert "fixtures/conditions/bells-palsy.yaml: removed" in folder.write_back()


def test_entries_are_removed_after_all_that_named_them_was_written(folder, monkeypatch):
    saved = edit("condition", "bells-palsy", symptoms=[])
    publishing.publish(versions=[saved.version], by=SYSTEM)
    delete("symptom", "earache")
    done = []
    monkeypatch.setattr(exporting, "_mark", lambda change: done.append(change.name))
    folder.write_back()
    assert done == ["fixtures/conditions/bells-palsy.yaml", "fixtures/symptoms/earache.yaml"]


def test_an_entry_of_a_file_that_is_gone_gets_one_of_its_own(folder):
    bulk = folder.root / "bulk.yaml"
    folder.path("tags/sudden").rename(bulk)
    folder.load()
    assert folder.write_back() == "0 files written.\n"
    bulk.unlink()
    with pytest.raises(CommandError, match=r"fixtures/tags/sudden\.yaml"):
        folder.write_back(check=True)
    folder.write_back()
    assert folder.path("tags/sudden").read_text() == TAG
