"""robots.txt, the sitemap, and the headers of pages."""

from xml.etree import ElementTree

from conditions import publishing
from conditions.sitemaps import PageSitemap

SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def locations(answer):
    return [one.text for one in ElementTree.fromstring(answer.content).iterfind(".//s:loc", SPACE)]


def test_robots_names_the_sitemap(reader):
    answer = reader("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert "Sitemap: http://testserver/sitemap.xml" in answer.text_all


def test_sitemap_lists_live_pages_with_their_edition(world, reader):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    answer = reader("/sitemap.xml")
    assert len(locations(answer)) == 9
    assert "http://testserver/conditions/bells-palsy/" in locations(answer)
    assert f"<lastmod>{world.page('bell').edition.at:%Y-%m-%d}</lastmod>" in answer.text_all
    for missing in ("stroke", "earache"):
        assert missing not in answer.text_all


def test_sitemap_of_many_pages_is_an_index(reader, monkeypatch):
    monkeypatch.setattr(PageSitemap, "limit", 4)
    parts = locations(reader("/sitemap.xml"))
    assert parts == [f"http://testserver/sitemap-pages.xml{rest}" for rest in ("", "?p=2", "?p=3")]
    found = [page for part in parts for page in locations(reader(part.removeprefix("http://testserver")))]
    assert len(found) == len(set(found)) == 10
    assert reader("/sitemap-other.xml").status_code == 404
    assert reader("/sitemap-pages.xml?p=4").status_code == 404


def test_pages_have_a_strict_policy(reader):
    answer = reader("/")
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_session_changes_nothing_for_readers(world, client, django_assert_num_queries):
    plain = client.get("/conditions/bells-palsy/").content
    client.force_login(world.publisher)
    with django_assert_num_queries(4):
        answer = client.get("/conditions/bells-palsy/")
    assert answer.content == plain
    assert "Cookie" not in answer.get("Vary", "")
