"""What editors do between the plan of a load and its carrying out: it is planned again, and nothing ends in a trace."""

import pytest
from django.core.management import CommandError

from conditions import drafts, publishing
from conditions.content_files import loading
from conditions.models import Condition, Edition, Page, Question, Symptom, Tag, Version, desk
from conditions.publishing import SYSTEM

pytestmark = pytest.mark.django_db

NEW = """- model: conditions.condition
  fields:
    slug: stroke
    name: Stroke
    summary: The blood supply to the brain fails.
    tags:
    - loose
- model: conditions.conditionsymptom
  fields:
    condition: [stroke]
    symptom: [cough]
    evidence:
    - early-signs
"""


def new(kind, slug, **fields):
    record = {"kind": kind, "slug": slug, "name": slug.title(), **fields}
    return publishing.save(record=record, entry=None, by=SYSTEM)


def save(kind, at, **changes):
    entry = desk.entries(kind).get(slug=at)
    return publishing.save(record=drafts.read(entry) | changes, entry=entry, by=SYSTEM)


def delete(kind, slug):
    page = Page.objects.filter(kind=kind, addresses__slug=slug).first()
    if page and page.live_id:
        publishing.withdraw(pages=[page], by=SYSTEM, reason="Wrong.")
    publishing.delete(entry=desk.entries(kind).get(slug=slug), by=SYSTEM)


def withdraw(kind, slug):
    publishing.withdraw(pages=[Page.objects.get(kind=kind, slug=slug)], by=SYSTEM, reason="Wrong.")


@pytest.fixture
def ready(folder):
    """The folder, with a new file that refers to a symptom and a tag that are drafts, and a document that is live."""
    new("tag", "loose", group="topic")
    new("symptom", "cough", summary="S.")
    folder.write("conditions/stroke", NEW)
    return folder


@pytest.fixture
def after_the_plan(monkeypatch):
    """Let something happen after a plan was made: once, or after every plan. How many plans were made is kept."""
    made = []

    def arrange(deed, *, always=False):
        real = loading.plan

        def plan(*args, **options):
            planned = real(*args, **options)
            made.append(planned)
            if always or len(made) == 1:
                deed()
            return planned

        monkeypatch.setattr(loading, "plan", plan)
        return made

    return arrange


def nothing_torn():
    """No row of a relation, tag or citation belongs to an entry that is not there; every version is of one that was."""
    for model in (desk.Tagged, desk.Citation):
        for row in model.objects.all():
            assert row.content_type.model_class().objects.filter(pk=row.object_id).exists()
    for kind in desk.MODELS:
        for entry in desk.entries(kind):
            assert publishing.same_content(publishing.newest(entry.page), drafts.read(entry))


REFERENCES = {
    "tag deleted": (lambda: delete("tag", "loose"), "there is no tag 'loose'|tag 'loose' was deleted"),
    "symptom deleted": (lambda: delete("symptom", "cough"), "symptom 'cough' was deleted"),
    "tag merged": (
        lambda: publishing.merge_tags(
            tag=Tag.objects.get(slug="loose"), into=Tag.objects.get(slug="sudden"), by=SYSTEM
        ),
        "tag 'loose' was deleted",
    ),
}


@pytest.mark.parametrize("what", REFERENCES)
def test_what_a_new_file_refers_to_goes(ready, after_the_plan, what):
    deed, said = REFERENCES[what]
    made = after_the_plan(deed)
    before = Edition.objects.count()
    with pytest.raises(CommandError, match=said):
        ready.load()
    assert len(made) == 1
    assert Edition.objects.count() == before
    assert not Condition.objects.filter(slug="stroke").exists()
    nothing_torn()


RENAMED = {
    "tag": lambda: save("tag", "loose", slug="slack"),
    "symptom": lambda: save("symptom", "cough", slug="coughing"),
    "document": lambda: save("question", "early-signs", slug="first-signs"),
}


@pytest.mark.parametrize("what", RENAMED)
def test_what_a_new_file_refers_to_is_renamed(ready, after_the_plan, what):
    made = after_the_plan(RENAMED[what])
    assert "condition 'stroke': new: published" in ready.load()
    assert len(made) == 2
    record = drafts.read(Condition.objects.get(slug="stroke"))
    assert {record["tags"][0], record["symptoms"][0]["target"], record["symptoms"][0]["evidence"][0]} & {
        "slack",
        "coughing",
        "first-signs",
    }
    nothing_torn()


def test_the_document_that_a_new_file_rests_on_is_withdrawn(ready, after_the_plan):
    withdraw("condition", "bells-palsy")
    made = after_the_plan(lambda: withdraw("question", "early-signs"))
    assert "not published: symptoms, cough: the document that states this is not published" in ready.load()
    assert len(made) == 2
    assert Page.objects.get(slug="stroke").live is None


def test_the_document_that_a_new_file_rests_on_is_deleted(ready, after_the_plan):
    delete("condition", "bells-palsy")
    after_the_plan(lambda: delete("question", "early-signs"))
    with pytest.raises(CommandError, match="question 'early-signs' was deleted"):
        ready.load()
    assert not Question.objects.exists()


def test_the_entry_itself_is_deleted(folder, after_the_plan):
    withdraw("condition", "bells-palsy")
    folder.change("conditions/bells-palsy", "grows weak", "grows very weak")
    made = after_the_plan(lambda: delete("condition", "bells-palsy"))
    assert "condition 'bells-palsy': restored from the file, as a draft" in folder.load()
    assert len(made) == 2
    assert Condition.objects.get().summary == "One side of the face grows very weak."
    nothing_torn()


def test_the_entry_itself_without_rows_is_deleted(folder, after_the_plan):
    """Nothing that the database keeps whole would notice: its tags belong to any entry."""
    folder.write(
        "causes/cold", "- model: conditions.cause\n  fields:\n    slug: cold\n    name: Cold\n    tags: [sudden]\n"
    )
    folder.load()
    withdraw("cause", "cold") if Page.objects.get(slug="cold").live_id else None
    folder.change("causes/cold", "name: Cold", "name: A cold")
    made = after_the_plan(lambda: delete("cause", "cold"))
    assert "cause 'cold': restored from the file, as a draft" in folder.load()
    assert len(made) == 2
    assert desk.entries("cause").get().name == "A cold"
    nothing_torn()


def test_a_deleted_entry_is_restored(folder, after_the_plan):
    delete("condition", "bells-palsy")
    folder.change("conditions/bells-palsy", "grows weak", "grows very weak")
    page = Page.objects.get(slug="bells-palsy")
    made = after_the_plan(lambda: publishing.restore(version=publishing.newest(page), by=SYSTEM))
    assert "condition 'bells-palsy': changed: summary; draft" in folder.load()
    assert len(made) == 2
    nothing_torn()


def test_a_new_entry_is_added_and_deleted_in_the_admin(ready, after_the_plan):
    """What was new to the plan has a history by now: it is not published unseen."""

    def deed():
        new("condition", "stroke", summary="An editor’s words.")
        delete("condition", "stroke")

    made = after_the_plan(deed)
    assert "condition 'stroke': restored from the file, as a draft" in ready.load()
    assert len(made) == 2
    assert Page.objects.get(slug="stroke").live is None
    nothing_torn()


def test_a_new_entry_is_added_in_the_admin(ready, after_the_plan):
    made = after_the_plan(lambda: new("condition", "stroke", summary="An editor’s words."))
    assert "condition 'stroke': conflict" in ready.load()
    assert len(made) == 2
    assert Condition.objects.get(slug="stroke").summary == "An editor’s words."
    nothing_torn()


def test_the_slug_of_a_new_entry_becomes_an_old_one_of_another(ready, after_the_plan):
    def deed():
        new("condition", "stroke", summary="An editor’s words.")
        save("condition", "stroke", slug="brain-attack")

    made = after_the_plan(deed)
    assert "condition 'brain-attack': conflict" in ready.load()
    assert len(made) == 2
    nothing_torn()


def test_what_a_prune_is_to_withdraw_is_needed_by_now(folder, after_the_plan):
    folder.write(
        "questions/other", "- model: conditions.question\n  fields:\n    slug: other\n    name: O?\n    answer: A.\n"
    )
    folder.load()
    folder.path("questions/other").unlink()
    rows = [{"target": "earache", "evidence": ["other"]}]

    def deed():
        publishing.publish(versions=[save("condition", "bells-palsy", symptoms=rows).version], by=SYSTEM)

    made = after_the_plan(deed)
    said = folder.load(str(folder.root), prune=True)
    assert "no longer in the files, but O?: it is the only evidence for" in said
    assert len(made) == 2
    assert Page.objects.get(slug="other").live


def test_editors_that_never_stop_are_named_after_some_tries(ready, after_the_plan):
    ready.change("symptoms/earache", "Pain in the ear.", "Pain in or behind the ear.")
    count = []

    def deed():
        count.append(1)
        save("symptom", "earache", also_called=[f"name {len(count)}"])

    made = after_the_plan(deed, always=True)
    before = Version.objects.filter(origin="file").count()
    said = (
        f"The drafts changed {loading.TRIES} times .* symptom 'earache' was saved, published or withdrawn. Try again."
    )
    with pytest.raises(CommandError, match=said):
        ready.load()
    assert len(made) == loading.TRIES
    assert Version.objects.filter(origin="file").count() == before


def test_what_is_refused_each_time_is_said(ready, monkeypatch):
    def refuse(**options):
        raise publishing.Refused(["Stroke: it is refused."])

    monkeypatch.setattr(loading.publishing, "publish", refuse)
    with pytest.raises(CommandError, match=r"Nothing was loaded\.\nStroke: it is refused\."):
        ready.load()
    assert not Condition.objects.filter(slug="stroke").exists()
    assert Symptom.objects.count() == 2


def test_a_user_who_wrote_what_is_loaded_into_is_deactivated(folder, after_the_plan, django_user_model):
    user = django_user_model.objects.create_superuser("someone")
    entry = desk.entries("symptom").get(slug="earache")
    publishing.save(record=drafts.read(entry) | {"also_called": ["sore ear"]}, entry=entry, by=user)
    folder.change("symptoms/earache", "Third sentence.", "Third, by a file.")
    after_the_plan(lambda: django_user_model.objects.update(is_active=False))
    assert "merged: body; draft" in folder.load()
