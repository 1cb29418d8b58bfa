"""What upgrades write for pages that were live before: the same that publishing writes from then on."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import QuerySet

from conditions.models import Name, Page

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
