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


def test_robots_keeps_nobody_from_reading_that_the_search_is_not_to_be_listed(reader):
    assert "Disallow: /search/" not in reader("/robots.txt").text_all
    assert '<meta name="robots" content="noindex">' in reader("/search/?q=bell").text_all


def test_sitemap_is_sent_again_only_after_an_edition(world, reader, monkeypatch):
    for many in (False, True):
        if many:
            monkeypatch.setattr(PageSitemap, "limit", 4)
        for address in ("/sitemap.xml", "/sitemap-pages.xml", "/sitemap-pages.xml?p="):
            first = reader(address)
            assert first.status_code == 200
            for asked in ({"If-Modified-Since": first["Last-Modified"]}, {"If-None-Match": first["ETag"]}):
                again = reader(address, headers=asked)
                assert (again.status_code, again.content) == (304, b"")
                assert again["ETag"] == first["ETag"]
            old = {"If-Modified-Since": "Wed, 21 Oct 2015 07:28:00 GMT"}
            assert reader(address, headers=old).status_code == 200
    # It takes down the page that was the last to change: no page that is left is newer.
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    assert reader(address, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert reader(address)["ETag"] != first["ETag"]


def test_sitemap_lists_live_pages_with_their_edition(world, reader):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    answer = reader("/sitemap.xml")
    assert len(locations(answer)) == 10
    assert "http://testserver/conditions/bells-palsy/" in locations(answer)
    assert f"<lastmod>{world.page('bell').edition.at:%Y-%m-%d}</lastmod>" in answer.text_all
    for missing in ("stroke", "earache"):
        assert missing not in answer.text_all


def test_sitemap_of_many_pages_is_an_index(reader, monkeypatch):
    monkeypatch.setattr(PageSitemap, "limit", 4)
    parts = locations(reader("/sitemap.xml"))
    assert parts == [f"http://testserver/sitemap-pages.xml{rest}" for rest in ("", "?p=2", "?p=3")]
    found = [page for part in parts for page in locations(reader(part.removeprefix("http://testserver")))]
    assert len(found) == len(set(found)) == 11
    assert reader("/sitemap-other.xml").status_code == 404
    assert reader("/sitemap-pages.xml?p=4").status_code == 404


def test_pages_have_a_strict_policy(reader):
    answer = reader("/")
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_session_changes_nothing_for_readers(world, client, django_assert_num_queries):
    plain = client.get("/conditions/bells-palsy/").content
    client.force_login(world.publisher)
    with django_assert_num_queries(6):
        answer = client.get("/conditions/bells-palsy/")
    assert answer.content == plain
    assert "Cookie" not in answer.get("Vary", "")
