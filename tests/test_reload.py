"""Fixture files and the desk by the commands that people use: loaddata and write_fixtures."""

import json
import re
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conditions import drafts, publishing
from conditions.content_files import exporting, labels, loading, merging, planning
from conditions.models import Condition, Decision, Edition, LoadedFile, Page, Question, Symptom, Tag, Version, desk
from conditions.publishing import SYSTEM
from tests.content_folder import CONDITION, QUESTION, SYMPTOM

pytestmark = pytest.mark.django_db


def edit(kind, at, **changes):
    """What an editor saves in the admin, as a draft."""
    entry = desk.entries(kind).get(slug=at)
    return publishing.save(record=drafts.read(entry) | changes, entry=entry, by=SYSTEM)


def edit_symptom(**changes):
    return edit("symptom", "earache", **changes)


def live(slug="earache"):
    return Page.objects.get(slug=slug).live.record


def counts():
    models = (Version, Edition, Page, Condition, Symptom, Question, Tag, Decision, LoadedFile)
    return [model.objects.count() for model in models]


def test_load_publishes_new_entries_in_one_edition(folder):
    assert Edition.objects.count() == 2
    assert live("bells-palsy")["symptoms"][0]["note"] == "At the start."
    assert live("early-signs")["answer"] == "Pain behind the ear , at first (Fig."


def test_load_again_changes_nothing(folder):
    before = counts()
    said = folder.load()
    assert counts() == before
    assert "No new edition." in said


def test_load_of_touched_but_equal_files_changes_nothing(folder):
    before = counts()
    folder.change("tags/sudden", "slug: sudden", 'slug: "sudden"')
    folder.load()
    assert counts() == before


def test_load_publishes_a_changed_file_and_leaves_the_rest(folder):
    edit("condition", "bells-palsy", summary="A draft of an editor.")
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    said = folder.load()
    assert "symptom 'earache': changed: summary; published" in said
    assert live()["summary"] == "Pain in or behind the ear."
    assert live("bells-palsy")["summary"] == "One side of the face grows weak."
    assert Condition.objects.get().summary == "A draft of an editor."


def test_load_merges_sentences_of_both_sides_and_leaves_publishing_to_the_editor(folder):
    body = Symptom.objects.get().body
    edit_symptom(body=body.replace("First sentence.", "First, by an editor."))
    folder.change("symptoms/earache", "Third sentence.", "Third, by a file.")
    said = folder.load()
    assert "merged: body; draft" in said
    assert "First, by an editor. Second sentence. Third, by a file." in Symptom.objects.get().body
    assert live()["body"] == body


def test_load_merges_into_a_published_edit_and_publishes(folder):
    saved = edit_symptom(also_called=["sore ear"])
    publishing.publish(versions=[saved.version], by=SYSTEM)
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    folder.load()
    assert live()["also_called"] == ["sore ear"]
    assert live()["summary"] == "Pain in or behind the ear."
    folder.change("symptoms/earache", "behind the ear.", "behind one ear.")
    assert "conflict" not in folder.load()
    assert live()["summary"] == "Pain in or behind one ear."


def conflict_in(folder):
    edit_symptom(summary="An editor’s words.")
    folder.change("symptoms/earache", "Pain in the ear.", "The file’s words.")
    return folder.load()


def test_load_keeps_the_desk_in_a_conflict_and_proposes_the_file(folder):
    assert "conflict: summary" in conflict_in(folder)
    assert Symptom.objects.get().summary == "An editor’s words."
    proposal = Version.objects.proposed().get()
    assert proposal.record["summary"] == "The file’s words."
    assert live()["summary"] == "Pain in the ear."


def test_load_does_not_raise_a_conflict_again_until_a_side_changes(folder):
    conflict_in(folder)
    before = counts()
    folder.load()
    folder.path("symptoms/earache").touch()
    edit_symptom(also_called=["sore ear"])
    assert "still waiting" in folder.load()
    assert Version.objects.proposed().count() == 1
    assert counts()[0] == before[0] + 1
    edit_symptom(summary="Other words of an editor.")
    assert "conflict: summary" in folder.load()


def test_load_with_strict_fails_on_a_conflict_after_doing_the_rest(folder):
    edit_symptom(summary="An editor’s words.")
    folder.change("symptoms/earache", "Pain in the ear.", "The file’s words.")
    folder.change("tags/sudden", "Sudden", "All at once")
    with pytest.raises(CommandError, match="1 conflict;"):
        folder.load(strict=True)
    assert live("sudden")["name"] == "All at once"


def test_proposal_can_be_accepted_or_rejected(folder):
    conflict_in(folder)
    proposal = Version.objects.proposed().get()
    edit_symptom(summary="An editor’s words.", also_called=["sore ear"])
    merging.accept_proposal(version=proposal, by=SYSTEM)
    assert Symptom.objects.get().summary == "The file’s words."
    assert Symptom.objects.get().also_called == ["sore ear"]
    assert not Version.objects.proposed().exists()
    assert "conflict" not in folder.load()


def test_rejected_proposal_is_not_raised_again(folder):
    conflict_in(folder)
    publishing.reject_proposal(version=Version.objects.proposed().get(), by=SYSTEM)
    folder.path("tags/sudden").touch()
    assert "conflict" not in folder.load()
    with pytest.raises(publishing.Refused):
        publishing.reject_proposal(version=Version.objects.order_by("pk").last(), by=SYSTEM)


def test_load_overwrite_takes_the_file_and_keeps_the_desk_in_history(folder):
    edit_symptom(summary="An editor’s words.")
    folder.load(overwrite=True)
    assert Symptom.objects.get().summary == "Pain in the ear."
    assert any(version.record.get("summary") == "An editor’s words." for version in Version.objects.all())


def test_load_of_an_old_file_reports_it_as_behind(folder):
    edit_symptom(summary="An editor’s words.")
    folder.change("symptoms/earache", "slug: earache", 'slug: "earache"')
    assert "older than the draft" in folder.load()
    assert Symptom.objects.get().summary == "An editor’s words."


def test_load_never_brings_a_withdrawn_page_back(folder):
    page = Page.objects.get(slug="earache")
    publishing.withdraw(pages=[page], by=SYSTEM, reason="Wrong.")
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    assert "; draft" in folder.load()
    assert not Page.objects.live().filter(slug="earache").exists()
    assert Symptom.objects.get().summary == "Pain in or behind the ear."


def test_load_leaves_an_entry_deleted_on_the_desk_deleted(folder):
    publishing.withdraw(pages=[Page.objects.get(slug="bells-palsy")], by=SYSTEM, reason="Wrong.")
    publishing.delete(entry=Condition.objects.get(), by=SYSTEM)
    assert "deleted in the admin" in folder.load(overwrite=False, prune=True)
    folder.change("conditions/bells-palsy", "grows weak", "grows very weak")
    assert "restored from the file, as a draft" in folder.load()
    assert Condition.objects.get().summary == "One side of the face grows very weak."
    assert Page.objects.get(slug="bells-palsy").live is None


def test_load_keeps_what_stands_on_the_desk_without_a_version(folder):
    Symptom.objects.update(summary="Typed in a shell.")
    folder.change("symptoms/earache", "Third sentence.", "Third, by a file.")
    folder.load()
    assert any(version.record.get("summary") == "Typed in a shell." for version in Version.objects.all())
    assert Symptom.objects.get().summary == "Typed in a shell."


def test_load_prune_withdraws_what_left_a_whole_folder(folder):
    folder.path("conditions/bells-palsy").unlink()
    assert live("bells-palsy")
    folder.load()
    assert Page.objects.get(slug="bells-palsy").live
    said = folder.load(str(folder.root), prune=True)
    assert "condition 'bells-palsy': no longer in the files: withdrawn" in said
    assert Page.objects.get(slug="bells-palsy").live is None


def test_load_prune_leaves_what_was_edited_since(folder):
    edit("condition", "bells-palsy", summary="An editor’s words.")
    folder.path("conditions/bells-palsy").unlink()
    assert "conflict: no longer in the files, but edited since" in folder.load(str(folder.root), prune=True)
    assert Page.objects.get(slug="bells-palsy").live


def test_load_does_not_publish_what_rests_on_nothing(folder):
    folder.write("conditions/stroke", CONDITION.replace("bells-palsy", "stroke").replace("Bell’s palsy", "Stroke"))
    folder.change("conditions/stroke", "    evidence:\n    - early-signs\n", "")
    said = folder.load()
    assert "condition 'stroke': new: not published: symptoms, earache: this symptom has no evidence" in said
    assert Page.objects.get(slug="stroke").live is None
    folder.change("conditions/stroke", "note: At the start.", "note: At the start.\n    evidence: [early-signs]")
    assert "published" in folder.load()
    assert live("stroke")


def test_load_does_not_publish_what_rests_on_a_hidden_document(folder):
    edit("question", "early-signs", editor_note="A note.")
    publishing.withdraw(pages=[Page.objects.get(slug="bells-palsy")], by=SYSTEM, reason="Wrong.")
    publishing.withdraw(pages=[Page.objects.get(slug="early-signs")], by=SYSTEM, reason="Wrong.")
    folder.write("conditions/stroke", CONDITION.replace("bells-palsy", "stroke").replace("Bell’s palsy", "Stroke"))
    assert "the document that states this is not published" in folder.load()


MISTAKES = {
    "symptoms/earache": ("- sudden", "- suden"),
    "conditions/bells-palsy": ("symptom: [earache]", "symptom: [earake]"),
    "questions/early-signs": ("    name: What are the early signs?\n", ""),
}


@pytest.mark.parametrize("option", ["dry_run", "overwrite", "verbosity"])
def test_load_gathers_every_mistake_of_every_file_and_writes_nothing(folder, option):
    for name, (old, new) in MISTAKES.items():
        folder.change(name, old, new)
    folder.change("tags/sudden", "name: Sudden", "name: A good change")
    before = counts()
    with pytest.raises(CommandError) as caught:
        folder.load(**{option: True})
    said = str(caught.value)
    assert (
        "conditions/bells-palsy.yaml: object 2: conditions.conditionsymptom: symptom: there is no symptom 'earake'"
        in said
    )
    assert "did you mean 'earache'?" in said
    assert (
        "symptoms/earache.yaml: object 1: conditions.symptom: tags: there is no tag 'suden'; did you mean 'sudden'?"
        in said
    )
    assert "questions/early-signs.yaml: object 1: conditions.question: name: is missing" in said
    assert counts() == before
    assert live("sudden")["name"] == "Sudden"


def test_load_refuses_an_entry_in_two_files(folder):
    shutil.copy(folder.path("symptoms/earache"), folder.root / "again.yaml")
    with pytest.raises(CommandError, match=r"is also in .*; keep one of the two"):
        folder.load()


def test_load_refuses_an_unreadable_file(folder):
    folder.path("tags/sudden").write_bytes(b"\xfa\xfa")
    with pytest.raises(CommandError, match="is not UTF-8"):
        folder.load()


def test_dry_run_says_what_the_real_run_does_and_writes_nothing(folder, django_assert_max_num_queries):
    edit_symptom(summary="An editor’s words.")
    folder.change("symptoms/earache", "Pain in the ear.", "The file’s words.")
    folder.change("tags/sudden", "Sudden", "All at once")
    before = counts()
    planned = folder.load(dry_run=True)
    assert counts() == before
    assert folder.load() == planned
    assert "Edition 2." in planned


def test_load_takes_one_entry_by_its_label(folder):
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    folder.change("tags/sudden", "Sudden", "All at once")
    folder.load("symptoms/earache")
    assert live()["summary"] == "Pain in or behind the ear."
    assert live("sudden")["name"] == "Sudden"


def test_load_still_loads_fixtures_of_other_apps(folder, tmp_path, django_user_model):
    path = tmp_path / "users.json"
    path.write_text('[{"model": "auth.user", "fields": {"username": "someone", "password": "x"}}]')
    folder.load(str(path))
    assert django_user_model.objects.get().username == "someone"
    with pytest.raises(CommandError, match="No fixture named"):
        folder.load("nowhere")


def test_load_refuses_entries_through_the_back_door(folder, tmp_path):
    path = tmp_path / "tag.xml"
    fields = '<field name="name" type="CharField">X</field><field name="slug" type="SlugField">x</field>'
    path.write_text(
        '<?xml version="1.0"?><django-objects version="1.0">'
        f'<object model="conditions.tag">{fields}</object></django-objects>'
    )
    with pytest.raises(CommandError):
        folder.load(str(path))
    assert not Tag.objects.filter(slug="x").exists()


def test_load_follows_a_rename(folder):
    edit_symptom(slug="ear-pain")
    assert "No new edition." in folder.load()
    folder.change("conditions/bells-palsy", "At the start.", "Early.")
    folder.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    folder.load()
    assert Symptom.objects.get().slug == "ear-pain"
    assert Symptom.objects.get().summary == "Pain in or behind the ear."
    assert drafts.read(Condition.objects.get())["symptoms"][0]["target"] == "ear-pain"


def test_carry_out_refuses_a_plan_that_the_desk_has_overtaken(folder):
    folder.change("symptoms/earache", "Pain in the ear.", "The file’s words.")
    plan = planning.plan(labels.find(str(folder.root)).files)
    edit_symptom(summary="An editor’s words.")
    before = counts()
    with pytest.raises(loading.Moved):
        loading.carry_out(plan)
    assert counts() == before


def test_load_is_all_or_nothing(folder, monkeypatch):
    folder.change("symptoms/earache", "Pain in the ear.", "The file’s words.")
    before = counts()

    def fail(fingerprints):
        raise OSError("The disk is full.")

    monkeypatch.setattr(loading, "_remember_files", fail)
    with pytest.raises(OSError, match="disk is full"):
        folder.load()
    assert counts() == before
    assert Symptom.objects.get().summary == "Pain in the ear."


def test_write_fixtures_after_load_changes_no_file(folder):
    before = {path: path.read_bytes() for path in folder.root.rglob("*.yaml")}
    folder.write_back(check=True)
    assert "0 files written." in folder.write_back()
    assert {path: path.read_bytes() for path in folder.root.rglob("*.yaml")} == before


def test_write_fixtures_writes_the_editors_change_and_nothing_else(folder):
    before = folder.path("symptoms/earache").read_text("utf-8")
    edit_symptom(summary="An editor’s words.")
    with pytest.raises(CommandError, match=re.escape("symptoms/earache.yaml")):
        folder.write_back(check=True)
    assert folder.path("symptoms/earache").read_text("utf-8") == before
    folder.write_back()
    assert folder.path("symptoms/earache").read_text("utf-8") == before.replace(
        "Pain in the ear.", "An editor’s words."
    )
    assert "No new edition" in folder.load()


def test_file_that_continues_from_what_was_written_does_not_conflict(folder):
    edit_symptom(summary="An editor’s words.")
    folder.write_back()
    folder.change("symptoms/earache", "An editor’s words.", "An editor’s words, fixed in the file.")
    assert "conflict" not in folder.load()
    assert Symptom.objects.get().summary == "An editor’s words, fixed in the file."


def test_write_fixtures_refuses_a_file_with_changes_that_are_not_loaded(folder):
    edit_symptom(summary="An editor’s words.")
    folder.change("symptoms/earache", "Second sentence.", "A sentence that only the file has.")
    with pytest.raises(CommandError, match="has changes that have not been loaded"):
        folder.write_back()
    assert "A sentence that only the file has." in folder.path("symptoms/earache").read_text("utf-8")


def test_write_fixtures_moves_the_file_of_a_renamed_entry(folder):
    edit_symptom(slug="ear-pain")
    folder.write_back()
    assert not folder.path("symptoms/earache").exists()
    assert "slug: ear-pain" in folder.path("symptoms/ear-pain").read_text("utf-8")
    assert "symptom: [ear-pain]" in folder.path("conditions/bells-palsy").read_text("utf-8")
    assert "No new edition" in folder.load()


def test_write_fixtures_writes_entries_of_bulk_files_only_when_named(folder, tmp_path):
    bulk = tmp_path / "bulk.jsonl"
    bulk.write_text('{"model": "conditions.symptom", "fields": {"slug": "cough", "name": "Cough", "summary": "x"}}\n')
    folder.load(str(bulk))
    assert "0 files written." in folder.write_back()
    assert "1 file written." in folder.write_back("symptoms/cough")
    assert folder.path("symptoms/cough").exists()
    with pytest.raises(CommandError, match="there is no such entry"):
        folder.write_back("symptoms/nothing")


def test_founding_content_loads_and_writes_back_the_same():
    out = StringIO()
    call_command("loaddata", stdout=out)
    call_command("write_fixtures", check=True, stdout=out)
    call_command("loaddata", stdout=out)
    assert "No new edition." in out.getvalue()
    assert Edition.objects.count() == 2


def test_load_takes_the_same_queries_however_many_entries(folder, django_assert_max_num_queries, tmp_path):
    lines = [
        json.dumps({"model": "conditions.symptom", "fields": {"slug": f"s{number}", "name": "S", "tags": ["sudden"]}})
        for number in range(500)
    ]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    with django_assert_max_num_queries(100):
        folder.load(str(tmp_path / "many.jsonl"))
    assert Symptom.objects.count() == 501


def test_load_publishes_nothing_that_was_typed_in_a_shell(folder):
    Symptom.objects.update(summary="From a shell.")
    folder.change("symptoms/earache", "Third sentence.", "Third, by a file.")
    assert "; draft" in folder.load()
    assert live()["summary"] == "Pain in the ear."
    assert "Third, by a file." in Symptom.objects.get().body


def test_load_keeps_an_entry_made_in_a_shell(folder):
    Symptom.objects.create(slug="cough", name="Cough", summary="From a shell.", body="Only here.\n")
    folder.write("symptoms/cough", SYMPTOM.replace("earache", "cough").replace("Earache", "Cough"))
    assert "conflict" in folder.load()
    assert Symptom.objects.get(slug="cough").summary == "From a shell."
    assert Symptom.objects.get(slug="cough").page == Page.objects.get(slug="cough")
    assert "written" in folder.write_back("conditions/bells-palsy")


def test_load_stands_a_deletion_of_what_a_file_still_names(folder):
    record = drafts.read(Condition.objects.get())
    saved = edit("condition", "bells-palsy", symptoms=[])
    publishing.publish(versions=[saved.version], by=SYSTEM)
    publishing.withdraw(pages=[Page.objects.get(slug="earache")], by=SYSTEM, reason="Wrong.")
    publishing.delete(entry=Symptom.objects.get(), by=SYSTEM)
    assert "No new edition." in folder.load()
    folder.change("conditions/bells-palsy", "grows weak", "grows very weak")
    assert "; published" in folder.load()
    assert live("bells-palsy")["symptoms"] == []
    folder.write("conditions/stroke", CONDITION.replace("bells-palsy", "stroke").replace("Bell’s palsy", "Stroke"))
    with pytest.raises(CommandError, match="symptom 'earache' was deleted in the admin; restore it there"):
        folder.load()
    with pytest.raises(CommandError, match="was deleted in the admin"):
        folder.load(dry_run=True)
    assert record["symptoms"]


def test_load_asks_where_a_file_may_only_be_older(folder):
    added = "Rest for an hour. But never while you drive.\n"
    saved = edit_symptom(body=added)
    publishing.publish(versions=[saved.version], by=SYSTEM)
    folder.write_back()
    older = SYMPTOM.replace("First sentence. Second sentence. Third sentence.", "Rest for an hour.")
    folder.write("symptoms/earache", older.replace("\n      Another paragraph.\n", ""))
    assert "conflict: body" in folder.load()
    assert live()["body"] == added


def test_load_proposes_what_would_be_wrong_once_merged(folder):
    edit_symptom(evidence=["early-signs"])
    folder.write_back()
    edit_symptom(evidence=[])
    folder.change("symptoms/earache", "Third sentence.", "Third sentence. [@early-signs]")
    assert "the merged entry would be invalid" in folder.load()
    assert "[@early-signs]" not in Symptom.objects.get().body
    assert Version.objects.proposed().count() == 1


def test_load_prune_and_publish_make_one_edition(folder):
    folder.path("conditions/bells-palsy").unlink()
    folder.change("tags/sudden", "name: Sudden", "name: All at once")
    planned = folder.load(str(folder.root), prune=True, dry_run=True)
    assert folder.load(str(folder.root), prune=True) == planned
    assert Edition.objects.count() == 3


def test_load_prune_spares_what_a_live_relation_rests_on(folder):
    folder.write("questions/other", QUESTION.replace("early-signs", "other"))
    folder.load()
    folder.change("conditions/bells-palsy", "- early-signs", "- other")
    folder.path("questions/early-signs").unlink()
    edit("condition", "bells-palsy", summary="A draft, so that the file is not published.")
    planned = folder.load(str(folder.root), prune=True, dry_run=True)
    assert "no longer in the files, but What are the early signs?: it is the only evidence for" in planned
    assert folder.load(str(folder.root), prune=True) == planned
    assert live("early-signs")


def test_load_prune_of_an_empty_folder_withdraws_nothing(folder, tmp_path):
    (tmp_path / "fixtures" / "empty").mkdir()
    with pytest.raises(CommandError, match="has no fixture files"):
        folder.load(str(tmp_path / "fixtures" / "empty"), prune=True)


def test_load_with_an_unknown_label_loads_nothing(folder):
    folder.change("tags/sudden", "name: Sudden", "name: All at once")
    with pytest.raises(CommandError, match="No fixture named"):
        folder.load(str(folder.root), "nowhere")
    assert live("sudden")["name"] == "Sudden"


def test_load_refuses_a_file_that_mixes_apps(folder, tmp_path):
    path = tmp_path / "mixed.json"
    user = {"model": "auth.user", "fields": {"username": "someone", "password": "x"}}
    tag = {"model": "conditions.tag", "fields": {"slug": "x", "name": "X", "group": "topic"}}
    path.write_text(json.dumps([user, tag]))
    with pytest.raises(CommandError, match="mixes entries with objects of other apps"):
        folder.load(str(path))


def test_load_raises_a_conflict_once_for_each_text(folder):
    conflict_in(folder)
    folder.change("symptoms/earache", "The file’s words.", "The file’s other words.")
    assert "conflict: summary" in folder.load()
    assert Version.objects.proposed().count() == 2
    folder.change("symptoms/earache", "slug: earache", 'slug: "earache"')
    assert "still waiting" in folder.load()


def test_load_overwrite_sees_what_was_typed_in_a_shell(folder):
    Symptom.objects.update(summary="From a shell.")
    folder.load(overwrite=True)
    assert Symptom.objects.get().summary == "Pain in the ear."
    assert any(version.record.get("summary") == "From a shell." for version in Version.objects.all())


def test_load_names_a_target_that_stands_twice_after_a_rename(folder):
    edit_symptom(slug="ear-pain")
    row = CONDITION[CONDITION.index("- model: conditions.conditionsymptom") :]
    folder.write("conditions/bells-palsy", CONDITION + row.replace("[earache]", "[ear-pain]"))
    with pytest.raises(CommandError, match="is listed twice; merge the two into one"):
        folder.load()


def test_write_fixtures_never_writes_over_an_unloaded_file_at_a_new_address(folder):
    edit_symptom(slug="ear-pain")
    folder.write("symptoms/ear-pain", SYMPTOM.replace("earache", "ear-pain").replace("Pain in", "Unloaded pain in"))
    with pytest.raises(CommandError, match=r"ear-pain\.yaml: has changes that have not been loaded"):
        folder.write_back()
    assert "Unloaded" in folder.path("symptoms/ear-pain").read_text("utf-8")


def test_write_fixtures_marks_only_the_version_that_it_wrote(folder):
    edit_symptom(summary="Written.")
    export = exporting.compare()
    edit_symptom(summary="Saved meanwhile.")
    exporting.write_back(export)
    assert set(Version.objects.in_files().filter(page__slug="earache").values_list("number", flat=True)) == {1, 2}


def test_write_fixtures_brings_no_withdrawn_entry_back(folder):
    publishing.withdraw(pages=[Page.objects.get(slug="bells-palsy")], by=SYSTEM, reason="Wrong.")
    folder.path("conditions/bells-palsy").unlink()
    assert "0 files written." in folder.write_back()
    assert not folder.path("conditions/bells-palsy").exists()


def test_write_fixtures_writes_a_withdrawn_entry_that_a_file_refers_to(folder):
    publishing.withdraw(pages=[Page.objects.get(slug="earache")], by=SYSTEM, reason="Wrong.")
    folder.path("symptoms/earache").unlink()
    assert "fixtures/symptoms/earache.yaml: written" in folder.write_back()


def test_load_gives_an_entry_made_in_a_shell_its_page_in_a_conflict_too(folder):
    Symptom.objects.create(slug="cough", name="Cough", summary="From a shell.")
    text = "- model: conditions.symptom\n  fields:\n    slug: cough\n    name: Cough\n    summary: From a file.\n"
    folder.write("symptoms/cough", text)
    assert "conflict: summary" in folder.load()
    assert Symptom.objects.get(slug="cough").page == Page.objects.get(slug="cough")
