import pytest

from conditions import search, search_views


def test_search_shows_results_with_marked_words(reader):
    text = reader("/search/?q=bell").text_all
    assert '<h3><a href="/conditions/bells-palsy/">Bell’s palsy</a></h3>' in text
    assert "Condition, also called Bell palsy" in text
    assert 'value="bell"' in text
    text = reader("/search/?q=droop+breaks").text_all
    assert "<mark>breaks</mark>" in text


def test_search_is_filtered_by_kind(reader):
    text = reader("/search/?q=bell").text_all
    assert '<a href="?q=bell&amp;kind=condition">Conditions 1</a>' in text
    chosen = reader("/search/?q=bell&kind=condition").text_all
    assert 'kind=condition" aria-current="true">' in chosen
    assert "/sources/health-service/" not in chosen.partition("<footer")[0]
    assert "1 result<" in chosen


def test_search_without_words_says_what_to_do(reader):
    text = reader("/search/").text_all
    assert "Type what you notice" in text


def test_search_that_finds_nothing_says_what_to_do(reader):
    text = reader("/search/?q=zebra").text_all
    assert "Nothing found" in text
    assert '<a href="/a-z/">A to Z</a>' in text
    text = reader("/search/?q=bell&kind=treatment").text_all
    assert "No treatment contains all of these words." in text


def test_search_is_paged(reader, monkeypatch):
    monkeypatch.setattr(search_views, "RESULTS_PER_PAGE", 1)
    text = reader("/search/?q=bell").text_all
    assert 'href="?q=bell&amp;page=2"' in text
    assert reader("/search/?q=bell&page=2").status_code == 200
    assert reader("/search/?q=bell&page=99").status_code == 404


ODD = ["'", '"', "%", "_", "\\", "\0", "\x1b\ud7ff", "😀", "AND OR NOT", "(*", "<b>", "ﬁ", "İ"]
LONG = ["a" * 10_000, "a " * 5_000]


@pytest.mark.parametrize("query", ODD + LONG)
def test_search_never_fails(reader, query):
    answer = reader("/search/", query_params={"q": query, "kind": query})
    assert answer.status_code == 200


def test_search_leaves_out_what_is_not_live(reader):
    assert "/conditions/stroke/" not in reader("/search/?q=stroke").text_all


def test_find_has_what_is_coded_so_before_what_says_it(add, publish):
    add({"kind": "cause", "slug": "a", "name": "Also G51.0 of old", "summary": "So."})
    publish("droop", body="Some write G51.0 for it.")
    assert [page.slug for page in search.find_pages("g51.0")] == ["bells-palsy", "a", "facial-droop"]
    assert [page.slug for page in search.find_pages("G51")] == ["bells-palsy", "a", "facial-droop"]


@pytest.mark.parametrize("query", ["G51.0", "G510", "ICD-10-CM+G51.0", "icd+10+cm+g510"])
def test_search_finds_a_condition_by_its_code(reader, query):
    text = reader(f"/search/?q={query}").text_all
    assert text.index('<h3><a href="/conditions/bells-palsy/">') == text.index("<h3>")
