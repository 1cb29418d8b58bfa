"""What a reference to nothing may have meant: suggested for the first ones only, each from a bounded number."""

import difflib
import json

import pytest
from django.core.management import CommandError

from conditions import drafts, publishing, validation
from conditions.models import Condition, Tag
from conditions.records import InvalidRecord
from conditions.schema import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def compared(monkeypatch):
    """How many slugs each suggestion was chosen from."""
    sizes = []
    match = difflib.get_close_matches

    def counting(word, possibilities, **options):
        sizes.append(len(possibilities))
        return match(word, possibilities, **options)

    monkeypatch.setattr(difflib, "get_close_matches", counting)
    return sizes


def many_tags(count):
    Tag.objects.bulk_create(Tag(slug=f"tag-{number:05}", name=f"Tag {number}") for number in range(count))


def wrong_tags(count):
    return [f"tagg-{number:05}" for number in range(count)]


@pytest.mark.parametrize("entries", [1, 200])
def test_a_load_with_many_unknown_references_compares_few(folder, compared, django_assert_max_num_queries, entries):
    many_tags(1000)
    each = 200 // entries
    lines = [
        {"model": "conditions.symptom", "fields": {"slug": f"s{number}", "name": "S", "tags": wrong_tags(each)}}
        for number in range(entries)
    ]
    (folder.root / "bad.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with django_assert_max_num_queries(20), pytest.raises(CommandError) as caught:
        folder.load()
    assert "there is no tag 'tagg-00000'; did you mean 'tag-00000'?" in str(caught.value)
    assert "and 180 more" in str(caught.value)
    assert len(compared) == validation.Suggestions.MOST
    assert max(compared) <= 4 * validation.Suggestions.NEIGHBORS


def test_a_form_with_many_unknown_references_compares_few(folder, compared, django_assert_max_num_queries):
    many_tags(1000)
    entry = Condition.objects.get()
    record = drafts.read(entry) | {"tags": wrong_tags(200)}
    with django_assert_max_num_queries(20), pytest.raises(InvalidRecord) as caught:
        publishing.prepare(publishing.Edit(record, entry))
    assert len(caught.value.problems) == 200
    assert len(compared) == validation.Suggestions.MOST


@pytest.mark.parametrize("slug", ["sudenn", "suden", "suddenn", "sudden-"])
def test_a_suggestion_is_found_among_many(folder, slug):
    many_tags(2000)
    assert validation.Suggestions().remedy(Kind.TAG, slug) == "did you mean 'sudden'?"


def test_a_suggestion_may_be_on_its_way(folder):
    coming = {Kind.TAG: {"gradual"}}
    assert validation.Suggestions(coming).remedy(Kind.TAG, "gradul") == "did you mean 'gradual'?"
    assert validation.Suggestions().remedy(Kind.TAG, "gradul") == "add it first, or remove it"
