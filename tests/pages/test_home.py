from conditions import publishing
from conditions.schema import Kind
from conditions.views import MOST_QUESTIONS


def test_home_offers_search_questions_conditions_and_letters(reader):
    text = reader("/").text_all
    assert 'action="/search/"' in text
    assert "What are the warning signs?" in text
    assert "All 2 questions" not in text, "they are all there"
    assert '<a href="/conditions/bells-palsy/">Bell’s palsy</a>' in text
    assert '<a href="/a-z/?letter=b"' in text
    assert "<span>Z</span>" in text


def test_the_alert_stands_wherever_readers_may_be_lost_while_its_page_is_live(world, reader, add):
    assert "suddenly dropped" not in reader("/").text_all
    add({"kind": "symptom", "slug": "facial-drooping", "name": "Drooping", "help_now": "Call."})
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    for address in ("/", "/search/", "/search/?q=xylophone", "/search/?q=pain", "/no-such-page/", "/symptoms/earache/"):
        text = reader(address).text_all
        assert "suddenly dropped" in text, address
        assert 'href="/symptoms/facial-drooping/#help"' in text
    assert 'id="help"' in reader("/symptoms/facial-drooping/").text_all


def test_the_alert_leads_to_nothing_that_does_not_say_when_to_call(reader, add):
    add({"kind": "symptom", "slug": "facial-drooping", "name": "Drooping", "help_soon": "If it stays."})
    for address in ("/", "/search/", "/no-such-page/"):
        assert "suddenly dropped" not in reader(address).text_all, address


def test_home_shows_the_first_of_many(reader, add):
    add(*({"kind": "question", "slug": f"q{n}", "name": f"Q {n}?", "answer": "Yes."} for n in range(20)))
    text = reader("/").text_all
    assert text.count('<a href="/questions/q') == MOST_QUESTIONS
    assert "All 22 questions" in text


def test_home_of_an_empty_site_works(db, client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert b"No questions yet." in answer.content
    for kind in Kind:
        assert client.get(f"/{kind.plural}/").status_code == 200
    for address in ("/a-z/", "/changes/", "/sitemap.xml", "/search/?q=x"):
        assert client.get(address).status_code == 200
