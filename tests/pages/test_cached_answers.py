"""Which requests the page cache answers, how it answers them, and what it takes to keep them."""

import sys
from threading import Barrier, Event, Thread
from time import sleep

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError

from conditions import page_content, publishing, unfound, views
from conditions.edition_check import CannotCheck, EditionCheck, Newest
from conditions.guards import EDITION, UndeclaredKey, public
from conditions.models import Edition
from conditions.page_cache import Kept, Key, PageCache, Store, _size
from tests.kept import BELL, PAGES, ask, cached, stale


def test_other_keys_of_the_query_and_their_order_change_nothing(cache):
    assert ask(cache, f"{BELL}?utm_source=letter").cache == "hit"
    one = ask(cache, "/search/?q=ear&kind=symptom")
    other = ask(cache, "/search/?fbclid=x&kind=symptom&q=ear")
    assert (one.cache, other.cache, one.body) == ("miss", "hit", other.body)
    assert "fbclid" not in other.text


def test_of_several_values_the_order_counts(cache):
    ask(cache, "/compare/?condition=bells-palsy&condition=stroke")
    assert ask(cache, "/compare/?condition=stroke&condition=bells-palsy").cache == "miss"


def test_a_view_that_reads_what_it_does_not_declare_fails(rf, world):
    @public("known")
    def view(request):
        return request.GET.get("known"), request.GET.getlist("known"), request.GET[request.GET.get("known")]

    with pytest.raises(UndeclaredKey, match="'other' is not among the keys that the view declares"):
        view(rf.get("/?known=other&other=1"))

    @public("known")
    def asks(request):
        return "other" in request.GET

    with pytest.raises(UndeclaredKey):
        asks(rf.get("/"))


def test_a_redirect_passes_the_whole_query_on(cache, publish):
    publish("earache", slug="ear-pain")
    for query in ("", "?utm_source=letter", "?utm_source=mail", "", "?part=1"):
        assert ask(cache, f"/symptoms/earache/{query}").headers["Location"] == f"/symptoms/ear-pain/{query}"


def test_what_is_not_found_for_one_query_is_for_another(cache):
    """An address in capitals is looked for in small letters, where other keys are read."""
    for wrong, right in (
        ("/CONDITIONS/bells-palsy/?part=99", "/CONDITIONS/bells-palsy/"),
        ("/Symptoms/?tag=nope", "/Symptoms/"),
    ):
        assert [ask(cache, wrong).status, ask(cache, right).status, ask(cache, wrong).status] == [404, 301, 404]
    assert stale(cache) == []


def test_a_404_is_kept_under_the_edition_that_it_is_of(cache, world, monkeypatch):
    """Another edition comes out before the page that says so is made."""
    one_edition, done = views.one_edition, []

    def late(request):
        if not done:
            done.append(publishing.publish(versions=[world.newest("stroke")], by=world.publisher))
            cache._follow()
        return one_edition(request)

    monkeypatch.setattr(views, "one_edition", late)
    cache.others.clear()
    assert ask(cache, "/conditions/stroke/").status == 404
    assert done
    assert ask(cache, "/conditions/stroke/").status == 200


def test_what_a_database_that_failed_left_out_is_not_kept(cache, monkeypatch):
    cache.others.clear()

    def fails(*args, **options):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(page_content, "live_page", fails)
        assert ask(cache, "/CONDITIONS/bells-palsy/").status == 404
    with monkeypatch.context() as patch:
        patch.setattr(views, "alert", fails)
        assert ask(cache, "/nowhere/").status == 404
    assert ask(cache, "/CONDITIONS/bells-palsy/").status == 301
    assert ask(cache, "/nowhere/").cache == "miss"
    assert stale(cache) == []


@pytest.mark.parametrize(
    ("method", "environ"),
    [
        ("POST", {}),
        ("GET", {"HTTP_COOKIE": "sessionid =abc"}),
        ("OPTIONS", {}),
        ("GET", {"HTTP_COOKIE": "sessionid=abc"}),
        ("GET", {"HTTP_COOKIE": "a=b; sessionid=abc; c=d"}),
        ("GET", {"CONTENT_TYPE": "text/plain; charset=utf-16"}),
        ("GET", {"CONTENT_LENGTH": "3"}),
        ("GET", {"SCRIPT_NAME": "/site"}),
        ("GET", {"HTTP_HOST": "evil.example"}),
        ("GET", {"HTTP_HOST": ""}),
    ],
)
def test_what_is_not_asked_by_readers_passes_by(cache, method, environ):
    answer = ask(cache, BELL, method, **environ)
    assert answer.cache == ""
    assert "ETag" not in answer.headers


def test_other_cookies_are_not_looked_at(cache):
    assert ask(cache, BELL, HTTP_COOKIE="theme=dark").cache == "hit"


def test_the_admin_and_the_health_check_pass_by(cache):
    for address in (
        "/admin/",
        "/admin/login/",
        "/healthz",
        "/robots.txt",
        "/opensearch.xml",
        "/static/conditions/site.css",
    ):
        assert [ask(cache, address).cache for _ in range(2)] == ["", ""], address


def test_each_name_of_the_site_has_its_own_pages(cache, settings):
    settings.ALLOWED_HOSTS = ["testserver", "www.example.org"]
    other = ask(cache, BELL, HTTP_HOST="www.example.org")
    assert other.cache == "miss"
    assert "http://www.example.org/conditions/bells-palsy/" in other.text
    assert "www.example.org" not in ask(cache, BELL).text


def test_on_https_only_the_word_of_our_proxy_counts(world, settings):
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    cache = cached()
    secure = {"HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "10.0.0.1"}
    assert [ask(cache, BELL, **secure).cache for _ in range(2)] == ["miss", "hit"]
    assert "https://testserver/conditions/bells-palsy/" in ask(cache, BELL, **secure).text
    for environ in ({}, secure | {"REMOTE_ADDR": "10.0.0.2"}, secure | {"HTTP_X_FORWARDED_PROTO": "http"}):
        plain = ask(cache, BELL, **environ)
        assert (plain.status, plain.cache) == (301, "")
        assert plain.headers["Location"].startswith("https://")


# How it is answered


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0.5, br;q=0.1", "br"),
        ("deflate", ""),
        ("", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("BR", "br"),
        ("br;q=nonsense", ""),
    ],
)
def test_pages_are_compressed_as_browsers_can(cache, accepted, encoding):
    for _ in range(2):
        answer = ask(cache, BELL, HTTP_ACCEPT_ENCODING=accepted)
        assert answer.headers.get("Content-Encoding", "") == encoding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Content-Length"] == str(len(answer.raw))
        assert answer.body == ask(WSGIHandler(), BELL).body


def test_a_browser_that_has_the_page_gets_no_body(cache, publish):
    etag = ask(cache, BELL).headers["ETag"]
    assert etag.startswith('W/"')
    for asked in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = ask(cache, BELL, HTTP_IF_NONE_MATCH=asked)
        assert (again.status, again.raw) == (304, b"")
        assert again.headers["ETag"] == etag
        assert again.headers["Cache-Control"] == "public, no-cache"
        assert again.headers["Vary"] == "Accept-Encoding"
    assert ask(cache, BELL, HTTP_ACCEPT_ENCODING="gzip").headers["ETag"] == etag, "of what is said, not of how"
    assert ask(cache, BELL, HTTP_IF_NONE_MATCH='"other"').status == 200
    publish("earache", slug="ear-pain")
    publish("earache", slug="earache")
    assert ask(cache, BELL, HTTP_IF_NONE_MATCH=etag).status == 304, "rendered again, to the same"
    publish("bell", summary="Half of the face is weak.")
    again = ask(cache, BELL, HTTP_IF_NONE_MATCH=etag)
    assert (again.status, again.headers["ETag"] != etag) == (200, True)


def test_head_answers_as_get_without_a_body(world):
    cache = cached()
    for outcome in ("miss", "hit"):
        head = ask(cache, BELL, "HEAD")
        assert (head.status, head.cache, head.raw) == (200, outcome, b"")
    get = ask(cache, BELL)
    own = ("X-Request-ID", "Server-Timing")
    assert {n: v for n, v in head.headers.items() if n not in own} == {
        n: v for n, v in get.headers.items() if n not in own
    }


def test_hits_have_ids_and_lines_of_their_own(cache, caplog):
    ids = {ask(cache, BELL).headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    assert ask(cache, BELL, HTTP_X_REQUEST_ID="from-the-proxy").headers["X-Request-ID"] == "from-the-proxy"
    assert ask(cache, BELL, HTTP_X_REQUEST_ID="bad id\r\n").headers["X-Request-ID"] != "bad id\r\n"
    with caplog.at_level("INFO", "facehealth.requests"):
        answer = ask(cache, f"{BELL}?utm=secret")
    [line] = [record.pairs for record in caplog.records]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["path"], line["status"], line["cache"]) == ("GET", BELL, 200, "hit")
    assert line["edition"] == Edition.objects.first().number
    assert "secret" not in str(line)


def test_a_hit_has_the_headers_that_protect_readers(cache):
    hit, fresh = ask(cache, BELL), ask(WSGIHandler(), BELL)
    assert hit.cache == "hit"
    changed = {"X-Request-ID", "Content-Length"}
    assert {n: v for n, v in fresh.headers.items() if n not in changed}.items() <= hit.headers.items()
    assert "Content-Security-Policy" in hit.headers


def test_a_cdn_is_told_how_long_only_where_that_is_wanted(world, settings):
    settings.CDN_SECONDS = 60
    assert ask(cached(), BELL).headers["Cache-Control"] == "public, max-age=0, s-maxage=60, stale-if-error=86400"


def test_long_headers_do_not_fill_the_memory(world, settings):
    settings.ALLOWED_HOSTS = ["*"]
    cache = cached()
    for environ in ({"HTTP_HOST": f"testserver:{'0' * 300}80"}, {"HTTP_ACCEPT_ENCODING": "br," + "x" * 300}):
        assert ask(cache, BELL, **environ).cache == ""
    ask(cache, BELL, HTTP_HOST="a" * 60)
    ask(cache, BELL, HTTP_HOST="a" * 20)
    sizes = sorted(_size(key, kept) - len(kept.body) for key, kept in cache.pages.entries.items())
    assert sizes[1] - sizes[0] == 40


def test_a_full_store_is_read_while_it_is_written(world):
    """Threads that look something up move it, and do not wait for those that keep something."""
    store = Store(20_000)
    kept = Kept("200 OK", [], b"x" * 500, "", 1, 7)
    keys = [Key("http://a", f"/{number}/", (), "br") for number in range(40)]
    going, failed = Event(), []

    def read():
        while not going.is_set():
            for key in keys:
                store.get(key)

    readers = [Thread(target=read) for _ in range(3)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.00001)
    try:
        for reader in readers:
            reader.start()
        for number in range(20_000):
            try:
                store.put(keys[number % len(keys)], kept)
            except RuntimeError as error:
                failed.append(error)
    finally:
        going.set()
        sys.setswitchinterval(before)
        for reader in readers:
            reader.join()
    assert failed == []
    assert store.bytes == sum(_size(key, kept) for key in store.entries) <= 20_000
    assert store.of_page == {7: set(store.entries)}


class FirstEdition(EditionCheck):
    def newest(self):
        return Newest(None, 1, "token")

    def rows(self, statement, values=()):
        return []


@pytest.mark.parametrize("is_kept", [True, False])
def test_many_readers_of_one_page_let_it_be_made_once(is_kept):
    """Where what was made is not kept, each of those that waited makes its own, all at a time."""
    made, answers, all_there = [], [], Barrier(8)

    def app(environ, start_response):
        made.append(environ)
        if len(made) == 1:
            sleep(0.3)  # until the others wait
        if is_kept:
            environ[EDITION] = (1, "token")
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"word " * 200]

    cache = PageCache(app, FirstEdition())

    def read():
        all_there.wait()
        answers.append(ask(cache, BELL))

    readers = [Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [answer.body for answer in answers] == [b"word " * 200] * 8
    assert len(made) == 1 if is_kept else 8
    assert cache._making == {}


def test_memory_has_an_end(world):
    cache = cached(most_bytes=200_000)
    for number in range(100):
        ask(cache, f"/search/?q=word{number}")
        ask(cache, f"/nowhere/{number}/")
        ask(cache, PAGES[number % len(PAGES)])
    for store in (cache.pages, cache.others):
        assert 0 < store.bytes <= store.most_bytes
        assert store.bytes == sum(_size(key, kept) for key, kept in store.entries.items())
    assert cache.pages.most_bytes + cache.others.most_bytes == 200_000
    assert stale(cache) == []


def test_what_is_asked_for_often_is_kept(world):
    cache = cached(most_bytes=200_000)
    ask(cache, "/")
    for number in range(100):
        ask(cache, f"/nowhere/{number}/")
        assert ask(cache, "/").cache == "hit"


def test_a_query_that_finds_nothing_is_counted_each_time(cache):
    ask(cache, "/search/?q=xyzzyxyzzy", "HEAD")
    for _ in range(3):
        answer = ask(cache, "/search/?q=xyzzyxyzzy")
        assert answer.headers["Cache-Control"] == "private, no-cache", "a CDN would not count"
    assert unfound._memory.counts == {"xyzzyxyzzy": 3}


def test_a_database_that_does_not_answer_is_not_hidden(cache, monkeypatch):
    """Nobody can say then whether what is kept still holds."""

    def refuse(*args):
        raise CannotCheck

    monkeypatch.setattr(type(cache.check), "rows", refuse)
    assert ask(cache, BELL).cache == ""
