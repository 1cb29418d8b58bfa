"""What an address answers over time: renamed, withdrawn, never published; and every link of every page."""

import html
import re
from itertools import pairwise, product
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from conditions import page_content, publishing, views
from conditions.schema import Kind

BELL = "/conditions/bells-palsy/"


@pytest.mark.parametrize("rest", ["", "history/", "history/1/"])
def test_renamed_page_redirects_with_its_query_string(reader, publish, rest):
    publish("bell", slug="facial-palsy")
    answer = reader(f"{BELL}{rest}?utm=1&b=a%20b")
    assert answer.status_code == 301
    assert answer["Location"] == f"/conditions/facial-palsy/{rest}?utm=1&b=a%20b"
    assert reader(f"/conditions/facial-palsy/{rest}").status_code == 200


def test_renamed_page_redirects_without_a_query_string(reader, publish):
    publish("bell", slug="facial-palsy")
    assert reader(BELL)["Location"] == "/conditions/facial-palsy/"


def test_slug_of_a_draft_does_not_exist_for_readers(world, reader):
    record = world.newest("bell").record | {"slug": "drafted"}
    publishing.save(record=record, entry=world.bell, by=world.author)
    for rest in ("", "history/", "history/1/"):
        assert reader(f"/conditions/drafted/{rest}").status_code == 404
    assert reader(BELL).status_code == 200


def test_withdrawn_page_says_why_and_what_to_read_instead(world, reader):
    publishing.withdraw(
        pages=[world.page("bell")], by=world.publisher, reason="It is <wrong>.", instead=world.page("droop")
    )
    answer = reader(BELL)
    assert answer.status_code == 410
    assert "It is &lt;wrong&gt;." in answer.text_all
    assert '<a href="/symptoms/facial-droop/">Facial droop</a>' in answer.text_all
    assert f'<a href="{BELL}history/">' in answer.text_all
    assert 'name="q"' in answer.text_all


def test_withdrawn_page_names_nothing_instead_that_is_withdrawn_too(world, reader):
    publishing.withdraw(
        pages=[world.page("eye_care")], by=world.publisher, reason="Old.", instead=world.page("earache")
    )
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old too.")
    assert "/symptoms/earache/" not in reader("/treatments/eye-care/").text_all


def test_renamed_and_withdrawn_page_redirects_and_is_gone(world, reader, publish):
    publish("bell", slug="facial-palsy")
    publishing.withdraw(pages=[world.page("bell")], by=world.publisher, reason="Old.")
    assert reader(BELL)["Location"] == "/conditions/facial-palsy/"
    assert reader("/conditions/facial-palsy/").status_code == 410


def static_file(address):
    """What stands in a static file."""
    return Path(finders.find(address.removeprefix("/static/"))).read_text("utf-8")


NOWHERE = (
    "/nothing/",
    "/conditions/nothing/",
    "/conditions/nothing/history/",
    "/conditions/nothing/history/1/",
    "/conditions/stroke/",
    "/conditions/stroke/history/",
    "/conditions/stroke/history/1/",
    "/conditions/bells-palsy/history/0/",
    "/conditions/bells-palsy/history/9/",
    "/conditions/bells-palsy/history/99999999999999999999999/",
    "/changes/0/",
    "/changes/9/",
    "/changes/99999999999999999999999/",
    "/symptoms/bells-palsy/",
    "/conditions/?tag=nothing",
    "/conditions/?tag=bells-palsy",
    "/conditions/?start=zzz",
    "/a-z/?letter=b&start=zzz",
    "/search/?q=palsy&page=x",
    "/changes/?page=x",
    "/changes/?page=0",
    "/changes/?page=2",
    "/a-z/?letter=ab",
    "/a-z/?letter=other",
)


def test_what_is_not_there_is_not_found(reader):
    wrong = []
    for address in NOWHERE:
        answer = reader(address)
        if answer.status_code != 404:
            wrong.append(f"{address}: {answer.status_code}")
        elif "There is no page here" not in answer.text_all or 'name="q"' not in answer.text_all:
            wrong.append(f"{address}: not our page for what is not found")
    assert wrong == []


def test_address_without_its_last_slash_redirects(reader):
    assert reader("/conditions/bells-palsy?a=b")["Location"] == "/conditions/bells-palsy/?a=b"


MOVED = {
    "/healthz/": "/healthz",
    "/HEALTHZ": "/healthz",
    "/robots.txt/": "/robots.txt",
    "/Sitemap.xml/": "/sitemap.xml",
    "/CONDITIONS/": "/conditions/",
    "/CONDITIONS": "/conditions/",
    "/A-Z/?letter=b": "/a-z/?letter=b",
    "/conditions/Bells-Palsy/?utm=1&b=a%20b": "/conditions/bells-palsy/?utm=1&b=a%20b",
    "/Conditions/Bells-Palsy/History/": "/conditions/bells-palsy/history/",
    "/conditions/BELLS-PALSY/history/1/": "/conditions/bells-palsy/history/1/",
}


def test_address_in_other_letters_leads_to_the_right_one(world):
    found = {address: Client().get(address) for address in MOVED}
    assert {address: answer.get("Location") for address, answer in found.items()} == MOVED
    assert {answer.status_code for answer in found.values()} == {301}
    for place in MOVED.values():
        assert Client().get(place).status_code == 200


def test_address_in_other_letters_of_what_was_renamed_or_withdrawn_leads_there(world, publish):
    publish("bell", slug="facial-palsy")
    assert Client().get("/conditions/BELLS-palsy/")["Location"] == "/conditions/bells-palsy/"
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    assert Client().get("/symptoms/Earache/")["Location"] == "/symptoms/earache/"


def test_address_of_what_is_not_there_never_redirects(world):
    """In small letters it is no page either, or nobody may know of it; nor does what is not read."""
    for address in (
        "/NOTHING/",
        "/conditions/Nothing/",
        "/conditions/Stroke/",
        "/CHANGES/9/",
        "/Conditions/?start=zzz",
    ):
        assert Client().get(address).status_code == 404
    for address in ("/ADMIN/", "/Admin/conditions/", "/conditions//", "/healthz//x"):
        assert Client().get(address).status_code == 404
    assert Client().post("/CONDITIONS/").status_code == 404
    assert Client().head("/CONDITIONS/").status_code == 301


def test_number_that_is_empty_is_the_first(reader):
    for address in (
        "/conditions/?start=",
        "/changes/?page=",
        f"{BELL}?part=",
        "/a-z/?letter=&start=",
        "/search/?q=&page=",
    ):
        assert reader(address).status_code == 200


PUBLIC = ["/", "/a-z/", "/search/?q=palsy", "/changes/", "/changes/1/", "/about/", "/robots.txt"]
PUBLIC += [
    "/sitemap.xml",
    "/healthz",
    "/conditions/",
    BELL,
    f"{BELL}history/",
    f"{BELL}history/1/",
    "/tags/one-side/",
]


def test_public_pages_answer_get_and_head_alone(world):
    found = {}
    for address, method in product(PUBLIC, ("post", "put", "patch", "delete", "options")):
        answer = getattr(Client(enforce_csrf_checks=True), method)(address)
        found[method, address] = (answer.status_code, answer.get("Allow"))
    assert {what: came for what, came in found.items() if came != (405, "GET, HEAD")} == {}


def test_head_answers_as_get_without_the_body(world):
    answers = {address: Client().head(address) for address in PUBLIC}
    found = {address: (answer.status_code, answer.content) for address, answer in answers.items()}
    assert {address: came for address, came in found.items() if came != (200, b"")} == {}


def links(text):
    """Every address on this site that a page leads to, and the anchors on the page itself."""
    found = {html.unescape(one) for one in re.findall(r'(?:href|action)="([^"]*)"', text)}
    own = {one.removeprefix("http://testserver") for one in found}
    return {one for one in own if one.startswith(("/", "#")) and not one.startswith("/static/")}


def crawl(get, start):
    """Every page that can be reached, with its text."""
    todo, seen = [start], {}
    while todo:
        address = todo.pop()
        if address not in seen:
            answer = get(address)
            assert answer.status_code == 200, address
            seen[address] = answer.text_all
            todo += [one.partition("#")[0] for one in links(answer.text_all) if one.startswith("/")]
    return seen


def test_every_link_on_every_page_answers(world, reader, publish):
    publish("bell", summary="One side of the face is weak.")
    seen = crawl(reader, "/")
    for name in ("bell", "droop", "eye_care", "virus", "warning", "sudden", "service"):
        assert world.page(name).url in seen
    for kind in Kind:
        assert f"/{kind.plural}/" in seen
    for address, text in seen.items():
        ids = re.findall(r'\sid="([^"]*)"', text)
        assert len(ids) == len(set(ids)), address
        anchors = {one[1:] for one in links(text) if one.startswith("#")}
        assert anchors <= set(ids), address
        named = re.findall(r'aria-labelledby="([^"]*)"', text)
        assert set(named) <= set(ids), address
        for other, anchor in re.findall(r'href="(/[^"#]*)#([^"]+)"', text):
            there = static_file(other) if other.startswith("/static/") else seen[other]
            assert f'id="{anchor}"' in there, address


def test_every_page_is_whole(reader, publish):
    publish("bell", summary="One side of the face is weak.")
    for address, text in crawl(reader, "/").items():
        if address.endswith((".ris", ".xml", ".atom")):
            continue
        assert text.startswith("<!doctype html>\n<html lang=")
        assert text.count("<h1") == text.count("<main") == text.count("<title>") == 1, address
        assert text.count('<meta name="description"') == 1, address
        shown = html.escape(f"http://testserver{address.removesuffix('&only=differences')}")
        assert f'<link rel="canonical" href="{shown}">\n<meta property="og:url" content="{shown}">' in text, address
        title = re.search("<title>(.*?)</title>", text)[1]
        assert f'<meta property="og:title" content="{title}">' in text, address
        assert text.count('<meta property="og:') == 4, address
        assert text.count('<meta name="description" property="og:description" content="') == 1, address
        levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
        assert levels[0] == 1, address
        assert all(after - before <= 1 for before, after in pairwise(levels)), address
        ours = re.compile('<script (type="application/ld[+]json"|src="/static/conditions/suggest[.]js" defer)>')
        assert "<script" not in ours.sub("", text), address
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text), address


CANONICAL = {
    "/conditions/?start=": "/conditions/",
    "/conditions/?page=1&utm=x&tag=one-side": "/conditions/?tag=one-side",
    "/changes/?page=01&tag=": "/changes/",
    "/a-z/?letter=B&start=": "/a-z/?letter=b",
    "/search/?kind=no&q=+bell+palsy+&x=y": "/search/?q=bell+palsy",
    "/search/?q=palsy&kind=condition&page=1": "/search/?kind=condition&q=palsy",
    "/search/?q=%22%3E%3Cb%3E%00": "/search/?q=%22%3E%3Cb%3E%00",
    "/about/?page=2": "/about/",
    f"{BELL}?part=1&x=y": BELL,
    f"{BELL}history/?page=1": f"{BELL}history/",
    f"{BELL}history/1/?part=7": f"{BELL}history/1/",
}


def canonical(answer):
    """The address that a page says is its own, on this site."""
    (found,) = re.findall('<link rel="canonical" href="http://testserver(.*?)">', answer.text_all)
    return html.unescape(found)


def test_a_page_says_its_one_address(reader):
    assert {address: canonical(reader(address)) for address in CANONICAL} == CANONICAL


def test_each_part_of_a_long_list_has_an_address_of_its_own(reader, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 1)
    monkeypatch.setattr(views, "NAMES_PER_PAGE", 1)
    monkeypatch.setattr(page_content, "BACKLINKS_PER_PAGE", 1)
    for address in (
        "/symptoms/?start=facial+droop",
        "/a-z/?letter=e&start=earache",
        "/changes/1/?page=3",
        f"{BELL}?part=2",
    ):
        assert canonical(reader(address)) == address


def test_every_question_is_two_clicks_from_home(world, reader):
    first = {one.partition("#")[0] for one in links(reader("/").text_all)} - {""}
    near = first.union(*(links(reader(one).text_all) for one in first))
    assert {world.page(name).url for name in ("warning", "early")} <= near
