from conditions import publishing, views


def test_changes_shows_editions_newest_first_with_what_each_moved(world, reader, publish):
    publish("bell", summary="Half of the face is weak.")
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="It is wrong.")
    text = reader("/changes/").text_all
    assert text.index("edition 3") < text.index("edition 2") < text.index("edition 1")
    assert "A change." in text
    what = '<a href="/conditions/bells-palsy/history/#edition-2">version 1 to 2'
    assert f"condition, changed, {what}" in text
    assert ' id="edition-2">' in reader("/conditions/bells-palsy/history/").text_all
    assert "symptom, withdrawn" in text
    assert '<a href="/symptoms/earache/history/">' in text
    assert "edition 0" not in text


def test_changes_shows_the_first_of_a_large_edition(reader, monkeypatch):
    monkeypatch.setattr(views, "MOST_CHANGES", 3)
    text = reader("/changes/").text_all
    assert text.count("published, version ") == 3
    assert '<a href="/changes/1/">All 11 changes</a>' in text


def test_edition_shows_all_that_it_moved(reader, monkeypatch):
    text = reader("/changes/1/").text_all
    assert "The small world." in text
    assert text.count("published, version ") == 11
    monkeypatch.setattr(views, "PER_PAGE", 4)
    assert "Page 3 of 3" in reader("/changes/1/?page=3").text_all


def test_changes_is_paged(reader, publish, monkeypatch):
    monkeypatch.setattr(views, "EDITIONS_PER_PAGE", 1)
    publish("bell", summary="Half of the face is weak.")
    assert "edition 2" in reader("/changes/").text_all
    assert "edition 1" in reader("/changes/?page=2").text_all
