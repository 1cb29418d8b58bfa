"""What upgrades write for pages that were live before: the same that publishing writes from then on."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.loader import MigrationLoader
from django.db.models import QuerySet
from django.test import Client

from conditions import db, publishing
from conditions.models import ConditionSymptom, Edition, Link, Name, Page, Tag, Tagged, Version
from conditions.publishing import SYSTEM

pytestmark = pytest.mark.django_db


def run(migration, function):
    module = import_module(f"conditions.migrations.{migration}")
    getattr(module, function)(MigrationLoader(connection).project_state().apps, None)


def test_pages_know_whether_they_say_when_to_call(world):
    kept = dict(Page.objects.values_list("pk", "is_urgent"))
    assert set(kept.values()) == {True, False}
    QuerySet.update(Page.objects.all(), is_urgent=False)
    run("0008_urgent_pages", "fill")
    assert dict(Page.objects.values_list("pk", "is_urgent")) == kept


def test_a_to_z_lists_no_documents_sources_and_tags(world):
    kept = dict(Name.objects.values_list("pk", "letter"))
    assert {bool(letter) for letter in kept.values()} == {True, False}
    QuerySet.update(Name.objects.filter(letter=""), letter="X")
    run("0009_found_by", "unlist")
    assert dict(Name.objects.values_list("pk", "letter")) == kept


def test_rows_say_by_a_field_how_often_where_they_said_it_by_tags(world, publish_row):
    row, mark = publish_row(["may", "rarely", "one-side"])
    run("0013_certainty", "say")
    row.refresh_from_db()
    assert row.certainty == "rarely", "the more careful one"
    assert set(row.tags.slugs()) == {"one-side"}
    link = Link.objects.get(pk=mark)
    assert link.certainty == "rarely"
    assert [one.slug for one in Link.objects.filter(via=link, relation="tags")] == ["one-side"]


@pytest.fixture
def publish_row(world):
    """A published row with tags of old, as a site of before has it: the row of the desk, and the key of its link."""

    def make(slugs):
        for slug in slugs:
            if slug != "one-side":
                record = {"kind": "tag", "slug": slug, "name": slug, "group": "certainty"}
                publishing.save(record=record, entry=None, by=SYSTEM)
        row = ConditionSymptom.objects.get(symptom__slug="facial-droop")
        link = Link.objects.get(relation="symptoms", target__slug="facial-droop")
        db.delete(Tagged.objects.filter(content_type__model="conditionsymptom", object_id=row.pk))
        db.delete(Link.objects.filter(via=link, relation="tags"))
        kept = ContentType.objects.get_for_model(ConditionSymptom)
        for number, slug in enumerate(slugs):
            tag = Tag.objects.get(slug=slug)
            Tagged.objects.create(content_type=kept, object_id=row.pk, tag=tag)
            said = {"owner_id": link.owner_id, "target_id": tag.page_id, "via_id": link.pk, "slug": slug}
            more = {"role": "", "note": "", "order": 90 + number, "relation": "tags", "quotes": []}
            db.insert_one(Link, id=db.take_ids(Link, 1)[0], **said, **more)
        return row, link.pk

    return make


def test_medical_words_are_not_given_up_for_an_older_version(world):
    with pytest.raises(IrreversibleError, match="Restore a backup of before"):
        run("0015_terms", "refuse")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_migrations_that_stop_before_search_had_postings_end_well(world):
    call_command("migrate", "conditions", "0015", verbosity=0)
    try:
        assert "conditions_posting" not in connection.introspection.table_names()
    finally:
        call_command("migrate", verbosity=0)
    assert b"Facial droop" in Client().get("/search/?q=droop").content, "made again"


def test_editions_of_before_get_tokens_and_names(world):
    migration = import_module("conditions.migrations.0021_touched")
    world.publisher.first_name, world.publisher.last_name = "Ada", "Byron"
    world.publisher.save()
    QuerySet.update(Edition.objects.all(), token="", by_name="")
    migration.give_tokens(None, SimpleNamespace(connection=connection))
    tokens = list(Edition.objects.values_list("token", flat=True))
    assert len(set(tokens)) == len(tokens) > 1
    assert all(len(token) == 16 for token in tokens)
    with connection.cursor() as cursor:
        cursor.execute(migration.NAMES.format(table="conditions_edition"))
        cursor.execute(migration.NAMES.format(table="conditions_version"))
    assert dict(Edition.objects.values_list("number", "by_name")) == {0: "", 1: "Ada Byron"}
    assert set(Version.objects.values_list("by_name", flat=True)) == {""}, "the author has no name"
