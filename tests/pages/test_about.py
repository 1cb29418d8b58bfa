def test_about_tells_how_what_not_and_privacy(reader):
    text = reader("/about/").text_all
    told = ("word for word", "No page has been reviewed yet", "not a diagnosis", "no cookies", "WCAG 2.2")
    for words in told:
        assert words in text


def test_about_asks_the_database_nothing(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/about/").status_code == 200
