"""A citation names one page for ever: documents and sources share one space of slugs."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from conditions import drafts, publishing
from conditions.content_files import loading, planning
from conditions.models import Question, Source
from conditions.publishing import versions
from conditions.records import InvalidRecord
from tests.admin.client import Editor, keep

pytestmark = pytest.mark.django_db

TAKEN = "would name the {} too; choose another slug"


def test_a_source_does_not_get_the_slug_of_a_document(world):
    form = Editor(world.author).add("source").send(name="Leaflet", publisher="P", slug="early-signs")
    assert form.errors["slug"] == ["[@early-signs] " + TAKEN.format("question 'early-signs'")]
    assert not Source.objects.filter(name="Leaflet").exists()


def test_a_document_does_not_get_the_slug_of_a_source(world):
    with pytest.raises(InvalidRecord, match="name the source 'health-service' too"):
        keep("question", "health-service", "What now?", answer="This.")


def test_a_rename_does_not_take_the_slug_of_the_other_kind(world):
    form = Editor(world.author).open(world.service).send(slug="early-signs")
    assert form.errors["slug"] == ["[@early-signs] " + TAKEN.format("question 'early-signs'")]
    assert world.service.slug == "health-service"


def test_an_old_slug_and_that_of_a_deleted_document_stay_taken(world):
    Editor(world.author).open(world.early).send(slug="first-signs")
    lone = keep("question", "lone", "Lone?", answer="Yes.")
    publishing.delete(entry=lone, by=world.publisher)
    for slug in ("early-signs", "first-signs", "lone"):
        with pytest.raises(InvalidRecord, match=f"question '{slug}' too"):
            keep("source", slug, "A source", publisher="P")


def written(path, *objects):
    path.write_text(json.dumps([{"model": f"conditions.{kind}", "fields": fields} for kind, fields in objects]))
    return str(path)


QUESTION = ("question", {"slug": "twin", "name": "What?", "answer": "That."})
SOURCE = ("source", {"slug": "twin", "name": "Leaflet", "publisher": "P"})


@pytest.mark.parametrize("dry_run", [True, False])
def test_files_with_a_document_and_a_source_of_one_slug_are_refused(world, tmp_path, dry_run):
    files = [written(tmp_path / "a.json", QUESTION), written(tmp_path / "b.json", SOURCE)]
    with pytest.raises(CommandError) as refused:
        call_command("loaddata", *files, dry_run=dry_run)
    assert "a.json: object 1: conditions.question: slug: [@twin] " + TAKEN.format("source 'twin'") in str(refused.value)
    assert "b.json: object 1: conditions.source: slug: [@twin] " + TAKEN.format("question 'twin'") in str(refused.value)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_file_with_a_source_of_the_slug_of_a_document_is_refused(world, tmp_path, dry_run):
    file = written(tmp_path / "b.json", ("source", SOURCE[1] | {"slug": "early-signs"}))
    with pytest.raises(CommandError, match="name the question 'early-signs' too"):
        call_command("loaddata", file, dry_run=dry_run)


def test_a_document_that_came_after_the_plan_of_a_load_is_seen(world, tmp_path):
    plan = planning.plan([Path(written(tmp_path / "b.json", SOURCE))])
    keep("question", "twin", "What?", answer="That.")
    with pytest.raises(InvalidRecord, match="name the question 'twin' too"):
        loading.carry_out(plan)
    assert not Source.objects.filter(slug="twin").exists()


@pytest.fixture
def twins(world, monkeypatch):
    """A source that got the slug of a document before that was refused."""
    with monkeypatch.context() as before:
        before.setattr(versions, "ambiguous_citations", lambda places: {})
        keep("source", "early-signs", "Leaflet", publisher="P")


def listing_both(world):
    record = drafts.read(world.virus) | {"evidence": ["early-signs"], "sources": ["early-signs"]}
    return publishing.save(record=record, entry=world.virus, by=world.author)


def test_a_citation_of_two_pages_of_one_slug_is_refused(world, twins):
    listing_both(world)
    form = Editor(world.author).open(world.virus).send(body="It is so. [@early-signs]")
    assert "could be the document or the source of that name" in form.errors["body"][0]


@pytest.mark.parametrize("which", [Question, Source])
def test_a_rename_that_would_move_a_footnote_to_the_other_is_refused(world, twins, which):
    listing_both(world)
    form = Editor(world.author).open(which.objects.get(slug="early-signs")).send(slug="renamed")
    assert "'Viral illness' lists the" in form.errors["slug"][0]
    record = drafts.read(world.virus) | {"sources": []}
    publishing.save(record=record, entry=world.virus, by=world.author)
    Editor(world.author).open(which.objects.get(slug="early-signs")).send(slug="renamed")
    assert which.objects.filter(slug="renamed").exists()
