"""Asking through the page cache, and comparing what it keeps with what would be rendered now."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import brotli
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection

from conditions.edition_check import EditionCheck, Newest, Rows
from conditions.models.published import NEWEST_EDITION
from conditions.page_cache import App, Key, PageCache

HOST = "testserver"
BELL = "/conditions/bells-palsy/"
DROOP = "/symptoms/facial-droop/"
PAGES = [
    BELL,
    DROOP,
    "/symptoms/earache/",
    "/treatments/eye-care/",
    "/causes/viral-illness/",
    "/questions/warning-signs/",
    "/questions/early-signs/",
    "/tags/one-side/",
    "/tags/sudden/",
    "/sources/health-service/",
    "/words/nerve/",
]
OTHERS = [
    "/",
    "/a-z/",
    "/changes/",
    "/changes/1/",
    "/changes/feed.atom",
    "/conditions/",
    "/symptoms/?tag=one-side",
    "/conditions/stroke/",
    "/nowhere/",
    "/search/?q=bell",
    "/search/suggest/?q=bell",
    "/find/?symptom=facial-droop",
    "/compare/?condition=bells-palsy",
    "/face/",
    "/face/mouth/",
    f"{BELL}history/",
    f"{BELL}history/1/",
    "/sitemap.xml",
    "/about/",
]
ENCODINGS = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


class OwnCheck(EditionCheck):
    """Asks on the connection of a test, whose transaction others do not see. where: the place of its database."""

    where: object = "here"

    def newest(self) -> Newest:
        return Newest(self.where, *(self.rows(NEWEST_EDITION) or [(0, "")])[0])

    def rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()


@dataclass
class Answer:
    """What a browser gets."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> bytes:
        return ENCODINGS[self.headers.get("Content-Encoding", "")](self.raw)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def cache(self) -> str:
        """Whether it was a hit or a miss; empty where it passed the cache by."""
        return self.headers.get("Server-Timing", "").partition("desc=")[2]


@contextmanager
def connection_kept() -> Iterator[None]:
    """Requests that do not close the connection, which would end the transaction of a test. They may be nested."""
    taken = [one for one in (request_started, request_finished) if one.disconnect(close_old_connections)]
    try:
        yield
    finally:
        for signal in taken:
            signal.connect(close_old_connections)


def ask(app: App, address: str, method: str = "GET", **environ: Any) -> Answer:
    """Ask a WSGI application as a server does. environ: more of what the server says."""
    parts = urlsplit(address)
    asked = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "HTTP_HOST": HOST,
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    said: list[tuple[str, list[tuple[str, str]]]] = []
    with connection_kept():
        answer = app(asked | environ, lambda status, headers, error=None: said.append((status, headers)))
        raw = b"".join(answer)
        if close := getattr(answer, "close", None):
            close()
    [(status, headers)] = said
    names = [name for name, _ in headers]
    assert len(names) == len(set(names)), f"a header comes twice: {names}"
    return Answer(int(status[:3]), dict(headers), raw)


def cached(**options: Any) -> PageCache:
    """A page cache around the site, on the connection of a test."""
    return PageCache(WSGIHandler(), OwnCheck(), **options)


def kept_keys(cache: PageCache) -> list[Key]:
    """What it keeps, once it has seen the newest edition."""
    ask(cache, "/about/")
    return [*cache.pages.entries, *cache.others.entries]


def kept_pages(cache: PageCache) -> set[str]:
    """The addresses of live pages that it keeps."""
    kept_keys(cache)
    return {key.path for key in cache.pages.entries}


def stale(cache: PageCache) -> list[str]:
    """The addresses of which it would send something else than is rendered now. Empty: it is exact."""
    wrong = []
    for key in kept_keys(cache):
        address = f"{key.path}?{urlencode(key.query)}" if key.query else key.path
        site = {"wsgi.url_scheme": key.site.partition(":")[0], "HTTP_HOST": key.site.rpartition("/")[2]}
        sent = ask(cache, address, HTTP_ACCEPT_ENCODING=key.encoding, **site)
        fresh = ask(WSGIHandler(), address, **site)
        said = [(one.status, one.body, one.headers.get("Location")) for one in (sent, fresh)]
        if sent.cache != "hit" or said[0] != said[1]:
            wrong.append(address)
    return wrong


def fill(cache: PageCache) -> None:
    """Ask for all of the small world."""
    for address in (*PAGES, *OTHERS):
        ask(cache, address)
