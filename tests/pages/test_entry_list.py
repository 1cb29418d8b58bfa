import re

import pytest

from conditions import views
from conditions.schema import Kind
from conditions.views import PER_PAGE


@pytest.mark.parametrize("kind", Kind)
def test_entry_list_shows_the_live_pages_of_its_kind(world, reader, kind):
    text = reader(f"/{kind.plural}/").text_all
    main = text.partition("<main")[2].partition("</main>")[0]
    for name in ("one_side", "service", "droop", "eye_care", "virus", "bell", "warning"):
        page = world.page(name)
        assert (f'<a href="{page.url}">' in main) == (page.kind == kind)
    assert "/conditions/stroke/" not in text


def test_entry_list_is_filtered_by_the_tags_of_entries(reader, publish):
    text = reader("/conditions/").text_all
    assert "?tag=" not in text, "what one entry alone carries is no filter, nor is a tag of a statement"
    publish("stroke", tags=["one-side"])
    text = reader("/conditions/").text_all
    assert '<a href="/conditions/?tag=one-side">One side 2</a>' in text
    assert re.findall("<h2>(.*?)</h2>", text) == ["Side"]
    publish("stroke", tags=[])
    chosen = reader("/conditions/?tag=one-side").text_all
    assert '<a href="/conditions/?tag=one-side" aria-current="true">' in chosen
    assert "1 condition with the tag “One side”" in chosen
    assert "/conditions/bells-palsy/" in chosen


def test_entry_list_that_a_tag_leaves_empty_says_what_to_do(reader):
    text = reader("/symptoms/?tag=one-side").text_all
    assert "0 symptoms with the tag" in text
    assert '<a href="/symptoms/">Show all symptoms</a>' in text


def test_entry_list_is_paged(reader, add):
    cause = {"kind": "cause", "tags": ["one-side"]}
    add(*(cause | {"slug": f"c{n:03}", "name": f"C {n:03}"} for n in range(PER_PAGE)))
    first, second = reader("/causes/").text_all, reader("/causes/?start=viral+illness").text_all
    assert "/causes/c099/" in first
    assert 'rel="next" href="?start=viral+illness"' in first
    assert 'rel="prev"' not in first
    assert "/causes/viral-illness/" in second
    assert 'rel="prev" href="/causes/"' in second
    assert 'rel="next"' not in second
    tagged = reader("/causes/?tag=one-side").text_all
    assert "100 causes with the tag" in tagged
    assert 'aria-label="Pages"' not in tagged


def test_the_chosen_filter_is_never_left_out(reader, publish, monkeypatch):
    publish("stroke", tags=["one-side"])
    publish("bell", tags=["one-side", "sudden"])
    monkeypatch.setattr(views, "MOST_TAGS", 1)
    assert '?tag=sudden" aria-current="true">' in reader("/conditions/?tag=sudden").text_all
    assert "?tag=one-side" in reader("/conditions/").text_all
