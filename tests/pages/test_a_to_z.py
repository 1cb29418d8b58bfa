import re
from html import unescape

from conditions import views


def test_a_to_z_shows_every_name_and_other_name(reader):
    text = reader("/a-z/").text_all
    assert '<a href="/conditions/bells-palsy/">Bell palsy</a>' in text
    assert "condition, see Bell’s palsy" in text
    assert '<a href="/symptoms/facial-droop/">drooping face</a>' in text
    assert "Stroke" not in text


def test_a_to_z_lists_what_readers_look_up_and_nothing_else(reader, publish):
    publish("droop", found_by=["droppy face"])
    text = reader("/a-z/").text_all
    listed = set(re.findall('<a href="/([a-z]+)/[^"?]+/">', text.split("<main")[1]))
    assert listed == {"conditions", "symptoms", "treatments", "causes"}
    assert "droppy" not in text
    assert "droppy" not in reader("/a-z/?letter=d").text_all


def test_a_to_z_has_letters_with_counts(reader):
    text = reader("/a-z/").text_all
    assert '<a href="/a-z/?letter=b" aria-label="B, 2 names">B</a>' in text
    assert "<span>Z</span>" in text


def test_a_to_z_shows_one_letter(reader):
    text = reader("/a-z/?letter=B").text_all
    assert 'letter=b" aria-current="true"' in text
    assert "Bell palsy" in text
    assert "drooping face" not in text


def test_a_to_z_letter_without_names_says_what_to_do(reader):
    text = reader("/a-z/?letter=z").text_all
    assert "No name begins with it." in text
    assert '<a href="/search/">Search</a>' in text


def test_a_to_z_of_many_names_shows_a_letter_at_a_time(reader, monkeypatch):
    monkeypatch.setattr(views, "MOST_NAMES", 5)
    text = reader("/a-z/").text_all
    assert "Choose a letter." in text
    assert "Bell palsy" not in text
    assert "Bell palsy" in reader("/a-z/?letter=b").text_all


def test_a_to_z_letter_is_paged(reader, monkeypatch):
    monkeypatch.setattr(views, "NAMES_PER_PAGE", 1)
    text = reader("/a-z/?letter=b").text_all
    following = re.search(r'rel="next" href="(\?letter=b&amp;start=[^"]+)"', text)[1]
    assert 'rel="prev" href="?letter=b"' in reader(f"/a-z/{unescape(following)}").text_all


def test_a_to_z_shows_names_that_begin_with_no_letter(reader, add):
    add({"kind": "cause", "slug": "five", "name": "5 things"})
    assert '<a href="/causes/five/">5 things</a>' in reader("/a-z/?letter=other").text_all
