"""What plain search finds, in which order, and what it shows of it."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import QuerySet

from conditions import search
from conditions.models import SearchText
from conditions.schema import Kind

CASES = [
    ("the name that is the query first", "bells palsy", ["condition", "source"]),
    ("other names", "drooping face", ["symptom"]),
    ("the beginning of a word", "dro", ["symptom", "condition", "question"]),
    ("without regard to case and accents", "BÉLL", ["condition", "source"]),
    ("another ending of a word", "drooping", ["symptom", "question"]),
    ("every word", "facial breaks", ["question"]),
    ("words that carry nothing left out", "what is an earache", ["symptom"]),
    ("words that carry nothing, where there are no others", "what", ["question", "question"]),
    ("no middle of a word", "ache", []),
    ("no drafts", "stroke brain", []),
    ("a code", "G51.0", ["condition"]),
    ("a code without its dot", "g510", ["condition"]),
    ("a code after its system", "ICD-10-CM G51.0", ["condition"]),
    ("a code after part of its system", "icd-10 G510", ["condition"]),
    ("the beginning of a code", "G51", ["condition"]),
    ("no code by the name of what is beside it", "health G51.0", []),
    ("no other code", "G51.3", []),
    ("no code for its word", "code", []),
    ("nothing for nothing", "", []),
    ("nothing for signs", "?!", []),
]


@pytest.mark.parametrize(("query", "kinds"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_find_finds(world, query, kinds):
    assert [page.kind for page in search.find_pages(query)] == kinds


def test_codes_of_pages_that_are_live_already_are_found_after_an_upgrade(world):
    kept = {page: set(words.split()) for page, words in SearchText.objects.values_list("page", "words")}
    bell = SearchText.objects.filter(page=world.page("bell"))
    without = " one side of the face grows weak bells palsy "
    QuerySet.update(bell, words=without)
    assert list(search.find_pages("G51.0")) == []
    migration = import_module("conditions.migrations.0006_search_codes")
    migration.fill(MigrationLoader(connection).project_state().apps, None)
    assert [page.slug for page in search.find_pages("ICD-10-CM G51.0")] == ["bells-palsy"]
    assert [page.slug for page in search.find_pages("g510")] == ["bells-palsy"]
    added = set(bell.get().words.split()) - set(without.split())
    assert added <= kept[world.bell.page_id]
    assert not any("health" in word for word in added)


def test_find_keeps_to_kinds(world):
    assert [page.kind for page in search.find_pages("bell", [Kind.SOURCE])] == ["source"]


@pytest.mark.parametrize("query", [case[1] for case in CASES])
def test_counts_says_how_many_find_finds(world, query):
    found = [Kind(page.kind) for page in search.find_pages(query)]
    assert search.count_results(query) == {kind: found.count(kind) for kind in Kind if kind in found}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("my eyelid twitches", ["eyelid", "twitch"]),
        ("twitching twitched", ["twitch"]),
        ("MS", ["ms"]),
        ("what is it", ["what", "is", "it"]),
        ("Bell’s", ["bell"]),
    ],
)
def test_query_words_are_those_that_carry_something(query, words):
    assert search.query_words(query) == words


def test_query_words_are_few():
    assert len(search.query_words(" ".join(f"w{n}" for n in range(1000)))) == search.MOST_WORDS


def test_result_marks_the_summary_where_it_has_the_words(world):
    result = search.result_of(world.page("bell"), "weak")
    assert result.excerpt == "One side of the face grows <mark>weak</mark>."
    assert result.also_called == "Bell palsy"


def test_result_marks_the_text_where_more_of_the_words_stand(world):
    result = search.result_of(world.page("droop"), "stroke")
    assert result.excerpt == "It can be a <mark>stroke</mark>."


def test_result_marks_whole_words_that_begin_as_wanted(world):
    assert "<mark>drops</mark>" in search.result_of(world.page("bell"), "dro").excerpt


def test_result_shows_the_summary_where_the_words_stand_in_names_alone(world):
    assert search.result_of(world.page("bell"), "bell").excerpt == "One side of the face grows weak."
