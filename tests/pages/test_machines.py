"""robots.txt, the sitemap, the feed, the description of the search, and the headers of pages."""

from datetime import datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import machines, publishing, sitemaps
from conditions.models import Edition
from tests.kept import ask, cached

SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def locations(answer):
    return [one.text for one in ElementTree.fromstring(answer.content).iterfind(".//s:loc", SPACE)]


def parts_of(index):
    """The parts that an index names, as paths on the site."""
    return [one.removeprefix("http://testserver") for one in locations(index)]


def test_robots_names_the_sitemap(reader):
    answer = reader("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert "Sitemap: http://testserver/sitemap.xml" in answer.text_all


def test_robots_keeps_nobody_from_reading_that_the_search_is_not_to_be_listed(reader):
    assert "Disallow: /search/" not in reader("/robots.txt").text_all
    assert '<meta name="robots" content="noindex">' in reader("/search/?q=bell").text_all


def test_nothing_that_is_to_be_listed_is_kept_from_being_read(reader):
    robots = RobotFileParser()
    robots.parse(reader("/robots.txt").text_all.splitlines())
    for address in (*locations(reader("/sitemap.xml")), "http://testserver/", "http://testserver/conditions/"):
        assert robots.can_fetch("*", address), address
        assert "noindex" not in reader(address.removeprefix("http://testserver")).text_all, address
    for address in ("/search/?q=bell", "/conditions/bells-palsy/history/1/"):
        assert robots.can_fetch("*", address), "who is kept out never reads noindex"
        assert "noindex" in reader(address).text_all, address
    for address in ("/admin/", "/find/?symptom=earache", "/compare/?condition=stroke"):
        assert not robots.can_fetch("*", address), address


def test_sitemap_and_feed_are_sent_again_only_where_an_edition_changed_them(world, reader, monkeypatch):
    cache = cached()
    monkeypatch.setattr(sitemaps, "PART", 4)
    parts = parts_of(reader("/sitemap.xml"))
    tags = {one: ask(cache, one).headers["ETag"] for one in ("/sitemap.xml", "/changes/feed.atom", *parts)}
    assert [ask(cache, one, HTTP_IF_NONE_MATCH=tag).status for one, tag in tags.items()] == [304] * len(tags)
    # It takes down the page that was the last to change: no page that is left is newer.
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    again = {one for one, tag in tags.items() if ask(cache, one, HTTP_IF_NONE_MATCH=tag).status == 200}
    assert len(again) == 3, "the index, the feed, and the part that had the page"


def test_sitemap_lists_live_pages_with_their_edition(world, reader):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    answer = reader("/sitemap.xml")
    assert len(locations(answer)) == 10
    assert "http://testserver/conditions/bells-palsy/" in locations(answer)
    assert f"<lastmod>{world.page('bell').edition.at:%Y-%m-%dT%H:%M:%S}+00:00</lastmod>" in answer.text_all
    for missing in ("stroke", "earache"):
        assert missing not in answer.text_all


def test_sitemap_of_many_pages_is_an_index(reader, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 4)
    parts = parts_of(reader("/sitemap.xml"))
    listed = [locations(reader(part)) for part in parts]
    assert len(parts) >= 3
    assert all(1 <= len(pages) <= 4 for pages in listed)
    found = [page for pages in listed for page in pages]
    assert len(found) == len(set(found)) == 11
    last = int(parts[-1].removeprefix("/sitemap-").removesuffix(".xml"))
    for missing in (f"/sitemap-{last + 1}.xml", "/sitemap-0.xml", f"/sitemap-{'9' * 30}.xml", "/sitemap-other.xml"):
        assert reader(missing).status_code == 404, missing


def times(answer):
    """When what a sitemap or an index names last changed, by its path."""
    entries = list(ElementTree.fromstring(answer.content))
    said = [(entry.find("s:loc", SPACE).text, entry.find("s:lastmod", SPACE).text) for entry in entries]
    return {place.removeprefix("http://testserver"): datetime.fromisoformat(at) for place, at in said}


def test_a_part_says_when_one_of_its_pages_last_came_changed_or_went(world, reader, publish, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 4)
    before = times(reader("/sitemap.xml"))
    homes = {page: part for part in before for page in times(reader(part))}
    publish("bell", summary="Half of the face is weak.")
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    after = times(reader("/sitemap.xml"))
    moved = {homes["/conditions/bells-palsy/"], homes["/symptoms/earache/"]}
    assert {part for part in before if after.get(part) != before[part]} == moved
    assert {page: part for part in after for page in times(reader(part))} == {
        page: part for page, part in homes.items() if page != "/symptoms/earache/"
    }, "a page stays in its part"


def test_sitemap_reads_no_more_for_more_pages(reader, add, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 4)
    counts = []
    for number in (1, 20):
        add(
            *(
                {"kind": "tag", "slug": f"t-{number}-{n}", "name": f"T {number} {n}", "group": "topic"}
                for n in range(number)
            )
        )
        parts = parts_of(reader("/sitemap.xml"))
        with CaptureQueriesContext(connection) as caught:
            reader("/sitemap.xml")
            reader(parts[0])
        counts.append(len(caught))
        assert not any('"record"' in query["sql"] or '"name"' in query["sql"] for query in caught)
    assert counts[0] == counts[1]


ATOM = {"a": "http://www.w3.org/2005/Atom", "h": "http://www.w3.org/1999/xhtml"}


def feed_of(answer):
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def test_feed_tells_of_editions_newest_first(world, reader, publish):
    publish("bell", name="<Bell> & “palsy”")
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="It is wrong.")
    feed = feed_of(reader("/changes/feed.atom"))
    entries = feed.findall("a:entry", ATOM)
    assert [entry.findtext("a:title", "", ATOM) for entry in entries] == [
        "Edition 3: It is wrong.",
        "Edition 2: A change.",
        "Edition 1: The small world.",
    ]
    for number, entry in zip((3, 2, 1), entries, strict=True):
        address = f"http://testserver/changes/{number}/"
        assert entry.findtext("a:id", "", ATOM) == entry.find("a:link", ATOM).get("href") == address
        assert datetime.fromisoformat(entry.findtext("a:updated", "", ATOM)) == Edition.objects.get(number=number).at
    assert feed.findtext("a:updated", "", ATOM) == entries[0].findtext("a:updated", "", ATOM)
    lines = [["".join(line.itertext()) for line in entry.iterfind(".//h:li", ATOM)] for entry in entries]
    assert lines[:2] == [["Earache, symptom: withdrawn"], ["<Bell> & “palsy”, condition: changed"]]
    assert "Viral illness, cause: published" in lines[2]
    for link in feed.iterfind(".//*[@href]"):
        path = link.get("href").removeprefix("http://testserver")
        assert path.startswith("/")
        assert reader(path).status_code == (410 if path == "/symptoms/earache/" else 200), path


def test_feed_is_short_and_its_identities_stay(reader, publish, monkeypatch):
    monkeypatch.setattr(machines, "MOST_MOVED", 3)
    first = feed_of(reader("/changes/feed.atom"))
    assert len(first.findall(".//h:li", ATOM)) == 3
    assert first.find(".//h:p/h:a", ATOM).text == "All 11 changes"
    monkeypatch.setattr(machines, "EDITIONS", 2)
    for degree in ("weak", "very weak"):
        publish("bell", summary=f"Half of the face is {degree}.")
    again = feed_of(reader("/changes/feed.atom"))
    assert again.findtext("a:id", "", ATOM) == first.findtext("a:id", "", ATOM)
    names = [entry.findtext("a:id", "", ATOM) for entry in again.findall("a:entry", ATOM)]
    assert names == ["http://testserver/changes/3/", "http://testserver/changes/2/"]


def test_feed_holds_whatever_a_note_says(world, reader):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="]]> <b>\x0b\x1b & \ufffe“late”")
    entry = feed_of(reader("/changes/feed.atom")).find("a:entry", ATOM)
    assert entry.findtext("a:title", "", ATOM) == "Edition 2: ]]> <b> & “late”"


def test_feed_of_an_empty_site_is_one(db, client):
    feed = feed_of(client.get("/changes/feed.atom"))
    assert feed.findall("a:entry", ATOM) == []
    assert datetime.fromisoformat(feed.findtext("a:updated", "", ATOM))


def test_the_feed_is_found_from_home_and_changes(reader):
    link = 'type="application/atom+xml" title="Changes on FaceHealth" href="/changes/feed.atom">'
    assert all(link in reader(address).text_all for address in ("/", "/changes/"))


def test_browsers_are_told_how_to_search(reader):
    assert (
        'type="application/opensearchdescription+xml" title="FaceHealth" href="/opensearch.xml">'
        in reader("/").text_all
    )
    answer = reader("/opensearch.xml")
    assert answer["Content-Type"] == "application/opensearchdescription+xml; charset=utf-8"
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    said = ElementTree.fromstring(answer.content)
    assert len(said.findtext(f"{space}ShortName")) <= 16
    template = said.find(f"{space}Url[@type='text/html']").get("template")
    address = template.replace("{searchTerms}", "Bell%E2%80%99s%20palsy").removeprefix("http://testserver")
    assert '<a href="/conditions/bells-palsy/">' in reader(address).text_all


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
