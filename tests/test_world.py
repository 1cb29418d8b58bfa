"""The named world: every test gets its own copy of what the verbs build."""

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from conditions import drafts, publishing
from conditions.models import Page
from conditions.publishing import SYSTEM
from tests.world import build_with_verbs, build_world

pytestmark = pytest.mark.django_db

MODELS = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
OWN = (models.AutoField, models.BinaryField, models.DateTimeField, models.ForeignKey, models.OneToOneField)
"""Columns that differ from one build to the next: numbers given by the database, what is packed of them, and times."""


def contents():
    """What is in each table, without what differs from one build to the next."""
    found = {}
    for model in MODELS:
        fields = [field for field in model._meta.concrete_fields if not isinstance(field, OWN)]
        names = [field.name for field in fields if field.name not in ("password", "object_id", "target_id", "token")]
        rows = model._default_manager.order_by("pk").values_list(*names) if names else model._default_manager.all()
        found[model._meta.db_table] = [str(row) for row in rows] if names else rows.count()
    return found


def test_copy_is_what_the_verbs_build():
    with transaction.atomic():
        build_with_verbs()
        built = contents()
        transaction.set_rollback(True)
    world = build_world()
    copied = contents()
    assert {table for table in built if built[table] != copied[table]} == set()
    connection.check_constraints()
    assert [name for name in world.entries if drafts.read(getattr(world, name)) != world.newest(name).record] == []


def test_row_that_is_added_gets_a_number_of_its_own(world):
    before = {model: set(model._default_manager.values_list("pk", flat=True)) for model in MODELS}
    record = publishing.newest(world.bell.page).record | {"slug": "another", "name": "Another", "codes": []}
    saved = publishing.save(record=record, entry=None, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    for model, numbers in before.items():
        now = set(model._default_manager.values_list("pk", flat=True))
        assert numbers <= now, model
        added = [one for one in now - numbers if isinstance(one, int)]
        assert not added or min(added) > max(filter(None, numbers), default=0), model
    connection.check_constraints()


@pytest.mark.parametrize("run", ["first", "second"])
def test_nothing_of_one_test_is_seen_by_the_next(world, run):
    assert Page.objects.count() == len(world.entries)
    assert world.author.first_name == ""
    assert world.entries["bell"].name == "Bell’s palsy"
    world.author.first_name = world.entries["bell"].name = "Changed"
    record = drafts.read(world.entries.pop("droop"))
    publishing.save(record=record | {"slug": "added"}, entry=None, by=SYSTEM)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_copy_is_the_same_outside_a_transaction(transactional_db):
    world = build_world()
    assert world.page("bell").live == world.newest("bell")
    assert {group.name for group in world.publisher.groups.all()} == {"Publisher"}
    saved = publishing.save(record=drafts.read(world.bell) | {"summary": "New."}, entry=world.bell, by=world.author)
    assert saved.version.number == 2
