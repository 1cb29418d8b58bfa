"""Finished pages, kept around Django: an answer is found, and not made again, while nothing that it shows has changed.

After every edition, every kept body equals a fresh render, and a body that is sent is never older than the last commit
that the check sees. An edition drops what it touched and all that is no live page at its own address; anything but a
step forward drops all. What is not asked for by GET or HEAD, by readers, under a name of the site, passes by.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Event, Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

import brotli
from django.conf import settings
from django.urls import Resolver404, resolve

from conditions.edition_check import CHECKED, CannotCheck, EditionCheck, Newest
from conditions.guards import COUNTED, EDITION, PAGE
from facehealth.logs import EDITION_HEADER, id_of
from facehealth.proxies import is_trusted

MOST_BYTES = 64 * 1024 * 1024
"""Memory for what is kept, by its size as it is sent. An eighth of it is for what is no page at its own address."""
SHARE_OF_OTHERS = 8
OVERHEAD = 2000
"""Bytes that an entry takes besides its body and its address: headers, keys."""
LONGEST = 2000
"""Bytes of an address with its query, that may be kept."""
LONGEST_HEADER = 200
"""Bytes of a host, and of the encodings that a browser accepts."""
LONGEST_WAIT = 10
"""Seconds that a request waits for the same answer to another one, before it makes its own."""
MOST_PATHS = 2000
"""Paths whose view is known without looking for it."""
MOST_EDITIONS = 100
"""Editions whose touched pages are looked up, one by one; after more, all is rendered again."""
LEAST_COMPRESSED = 400
"""Bytes below which compressing saves nothing."""
BROTLI, GZIP = 5, 6
"""How hard to compress: a millisecond at most of the reader's time."""
KEPT = {200, 301, 404, 410}
HIT, MISS = ("Server-Timing", "cache;desc=hit"), ("Server-Timing", "cache;desc=miss")
_OF_ONE_REQUEST = {"x-request-id", EDITION_HEADER.lower()}
_OF_ONE_ANSWER = {*_OF_ONE_REQUEST, "content-length", "vary", "cache-control", "etag", "server-timing"}
"""Headers that are not kept as they come."""
_COMPRESSED = ("text/", "application/json", "application/xml", "application/atom+xml", "application/opensearch")

logger = logging.getLogger("facehealth.requests")

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class Key(NamedTuple):
    """What an answer depends on besides the edition. query: what the view declares of it, sorted by keys."""

    site: str
    path: str
    query: tuple[tuple[str, str], ...]
    encoding: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is sent.

    place: of the database whose editions it was kept under. page: the live page that it is at its own address, if it is
    one.
    """

    status: str
    headers: Headers
    body: bytes
    etag: str
    place: object
    page: int | None

    @property
    def passes_query_on(self) -> bool:
        """Whether it depends on all of a query, whatever its view declares: a redirect has it in its address, and a 404
        may be one for what it says.
        """
        return self.status.startswith(("301", "404"))

    @property
    def not_modified(self) -> Headers:
        """The headers of the answer that says it is what the browser has."""
        return [(name, value) for name, value in self.headers if name in ("ETag", "Vary", "Cache-Control")]


class Store:
    """Entries up to a number of bytes; of more, those go that were asked for longest ago. Change it in a lock."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.bytes = most_bytes, 0
        self.entries: OrderedDict[Key, Kept] = OrderedDict()
        self.of_page: dict[int, set[Key]] = {}

    def get(self, key: Key) -> Kept | None:
        """An entry, which is kept longer from now on. It needs no lock."""
        found = self.entries.get(key)
        if found is not None:
            with suppress(KeyError):  # dropped by another thread since
                self.entries.move_to_end(key)
        return found

    def put(self, key: Key, kept: Kept) -> None:
        self.drop(key)
        self.entries[key] = kept
        self.bytes += _size(key, kept)
        if kept.page is not None:
            self.of_page.setdefault(kept.page, set()).add(key)
        while self.bytes > self.most_bytes:
            # In one step: `get` moves entries meanwhile.
            self._dropped(*self.entries.popitem(last=False))

    def drop(self, key: Key) -> None:
        if (kept := self.entries.pop(key, None)) is not None:
            self._dropped(key, kept)

    def _dropped(self, key: Key, kept: Kept) -> None:
        self.bytes -= _size(key, kept)
        if kept.page is not None:
            self.of_page[kept.page].discard(key)
            if not self.of_page[kept.page]:
                del self.of_page[kept.page]

    def drop_pages(self, pages: Iterable[int]) -> None:
        """Drop all parts of pages."""
        for page in pages:
            for key in list(self.of_page.get(page, ())):
                self.drop(key)

    def clear(self) -> None:
        # A new one: a thread that looks something up may still have the old one.
        self.entries, self.of_page, self.bytes = OrderedDict(), {}, 0


def _size(key: Key, kept: Kept) -> int:
    query = sum(len(name) + len(value) for name, value in key.query)
    return len(kept.body) + len(key.site) + len(key.path) + query + OVERHEAD


class PageCache:
    """A WSGI application that answers from what another one has answered, while that still holds.

    check: asks which edition is the newest.
    """

    def __init__(self, app: App, check: EditionCheck, most_bytes: int = MOST_BYTES) -> None:
        self.app, self.check = app, check
        self.pages = Store(most_bytes - most_bytes // SHARE_OF_OTHERS)
        self.others = Store(most_bytes // SHARE_OF_OTHERS)
        self._edition: Newest | None = None
        self._making: dict[Key, Event] = {}
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        key = key_of(environ)
        if key is None:
            return self.app(environ, start_response)
        try:
            newest = self.check.newest()
            if newest != self._edition:
                newest = self._follow()
        except CannotCheck:
            return self.app(environ, start_response)
        environ[CHECKED] = newest
        kept = self._found(key, environ) or self._awaited(key, environ)
        if kept is None:
            return self._made_for_all(key, environ, start_response)
        request_id = id_of(environ)
        own = [HIT, ("X-Request-ID", request_id), (EDITION_HEADER, str(newest.number))]
        status, headers, body = _answer(kept, environ, own)
        if logger.isEnabledFor(logging.INFO):
            path = quote(environ["PATH_INFO"], safe="/~")
            pairs = {"request_id": request_id, "method": environ["REQUEST_METHOD"], "path": path}
            pairs |= {"status": int(status[:3]), "edition": newest.number, "cache": "hit"}
            pairs["duration_ms"] = round((time.perf_counter() - began) * 1000, 1)
            logger.info("%s", path, extra={"pairs": pairs})
        start_response(status, headers)
        return body

    def _found(self, key: Key, environ: Environ) -> Kept | None:
        kept = self.pages.get(key) or self.others.get(key)
        if kept is None or (environ.get("QUERY_STRING") and kept.passes_query_on):
            return None
        # Of another database it may be older than what was just asked for, whatever another thread followed since.
        return kept if kept.place == environ[CHECKED].place else None

    def _awaited(self, key: Key, environ: Environ) -> Kept | None:
        """What another thread is making, when it is made and kept: an edition must not set all threads to one page."""
        made = self._making.get(key)
        return self._found(key, environ) if made and made.wait(LONGEST_WAIT) else None

    def _made_for_all(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        made = Event()
        is_first = self._making.setdefault(key, made) is made
        try:
            return self._made(key, environ, start_response)
        finally:
            if is_first:
                del self._making[key]
                made.set()

    def _follow(self) -> Newest:
        """Bring what is kept to the newest edition, asked again where no other thread does the same; which it is."""
        with self._lock:
            newest, known = self.check.newest(), self._edition
            if newest == known:
                return newest
            touched = self._touched(known, newest) if known else None
            self.others.clear()
            if touched is None:
                self.pages.clear()
            else:
                self.pages.drop_pages(touched)
            self._edition = newest
            return newest

    def _touched(self, known: Newest, newest: Newest) -> set[int] | None:
        """The pages that editions touched since one; None where it may be any, or where that one was never here."""
        if newest.place != known.place or not 0 < newest.number - known.number <= MOST_EDITIONS:
            return None
        rows = self.check.since(known.number)
        # Both, because a replica may fail between the two questions, and the second one go to the primary.
        if not {known[1:], newest[1:]} <= {(number, token) for number, token, _ in rows}:
            return None
        later = [(number, page) for number, _, page in rows if known.number < number <= newest.number]
        if any(page is None for _, page in later):
            return None
        return {page for _, page in later}

    def _made(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The answer of the application, which is kept if it may be."""
        said: list[tuple[str, Headers]] = []

        def started(status: str, headers: Headers, error: object = None) -> Callable[[bytes], None]:
            said[:] = [(status, headers)]
            return lambda data: None

        answer = self.app(environ, started)
        try:
            status, headers = said[0]
            edition = environ.get(EDITION)
            if edition is None or not _may_be_kept(status, headers):
                start_response(status, headers)
                return list(answer)
            body = b"".join(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()
        kept = _kept(status, headers, body, key.encoding, environ)
        if not environ.get(COUNTED) and not (environ.get("QUERY_STRING") and kept.passes_query_on):
            self._keep(key, kept, edition)
        own = [MISS, *(one for one in headers if one[0].lower() in _OF_ONE_REQUEST)]
        status, headers, parts = _answer(kept, environ, own)
        start_response(status, headers)
        return parts

    def _keep(self, key: Key, kept: Kept, edition: tuple[int, str]) -> None:
        with self._lock:
            if self._edition is None or (self._edition.number, self._edition.token) != edition:
                return  # another came out meanwhile, which this answer may not know, or the cache does not
            kept = replace(kept, place=self._edition.place)
            store = self.others if kept.page is None else self.pages
            if len(kept.body) <= store.most_bytes // SHARE_OF_OTHERS:
                store.put(key, kept)


def key_of(environ: Environ) -> Key | None:
    """What the answer to a request depends on; None if it is not one for a public page, by a reader."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("SCRIPT_NAME") or environ.get("CONTENT_TYPE"):
        return None
    if environ.get("CONTENT_LENGTH") not in (None, "", "0"):
        return None
    host, path, query = environ.get("HTTP_HOST"), environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    accepted, cookies = environ.get("HTTP_ACCEPT_ENCODING", ""), environ.get("HTTP_COOKIE", "")
    # What is not ASCII is read in more than one way.
    if not host or not path.isascii() or not query.isascii() or settings.SESSION_COOKIE_NAME in cookies:
        return None
    if len(host) > LONGEST_HEADER or len(accepted) > LONGEST_HEADER or len(path) + len(query) > LONGEST:
        return None
    scheme = environ.get("wsgi.url_scheme", "http")
    if settings.HTTPS:
        if environ.get("HTTP_X_FORWARDED_PROTO") != "https" or not is_trusted(environ.get("REMOTE_ADDR", "")):
            return None
        scheme = "https"
    keys = keys_of(path)
    if keys is None:
        return None
    asked: tuple[tuple[str, str], ...] = ()
    if query and keys:
        pairs = parse_qsl(query, keep_blank_values=True)
        # By keys alone: of several values under one, the order may matter.
        asked = tuple(sorted((pair for pair in pairs if pair[0] in keys), key=lambda pair: pair[0]))
    return Key(f"{scheme}://{host}", path, asked, encoding_of(accepted))


def keys_of(path: str) -> frozenset[str] | None:
    """The keys of the query that the view of a path declares; none where no view is; None where it is not public."""
    if path.startswith(settings.STATIC_URL):
        return None
    try:
        return _keys_of_view(path)
    except Resolver404:
        return frozenset()


@lru_cache(maxsize=MOST_PATHS)
def _keys_of_view(path: str) -> frozenset[str] | None:
    return getattr(resolve(path).func, "keys", None)


@lru_cache(maxsize=1000)
def encoding_of(accepted: str) -> str:
    """The best encoding that a browser accepts, as a header says it: br, gzip, or none."""
    weights: dict[str, float] = {}
    for each in accepted.lower().split(","):
        name, _, parameter = each.partition(";")
        weights[name.strip()] = _weight(parameter.strip())
    return next((one for one in ("br", "gzip") if weights.get(one, weights.get("*", 0)) > 0), "")


def _weight(parameter: str) -> float:
    """The weight that a parameter such as "q=0.5" gives; 1 without one."""
    try:
        return float(parameter.removeprefix("q=")) if parameter else 1.0
    except ValueError:
        return 0.0


def _may_be_kept(status: str, headers: Headers) -> bool:
    if int(status[:3]) not in KEPT:
        return False
    said = {name.lower(): value.lower() for name, value in headers}
    is_own = any(word in said.get("cache-control", "") for word in ("no-store", "private"))
    return not is_own and "set-cookie" not in said and said.get("vary", "accept-encoding") == "accept-encoding"


def _kept(status: str, headers: Headers, body: bytes, encoding: str, environ: Environ) -> Kept:
    """An answer, compressed, with the headers that it has whenever it is sent. environ: with what the view left."""
    is_page = status.startswith("200")
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"' if is_page else ""
    types = next((value for name, value in headers if name.lower() == "content-type"), "")
    if len(body) < LEAST_COMPRESSED or not types.startswith(_COMPRESSED):
        encoding = ""
    if encoding == "br":
        body = brotli.compress(body, quality=BROTLI)
    elif encoding == "gzip":
        body = gzip.compress(body, GZIP, mtime=0)
    kept = [(name, value) for name, value in headers if name.lower() not in _OF_ONE_ANSWER]
    kept += [("Content-Length", str(len(body))), ("Vary", "Accept-Encoding"), ("Cache-Control", cache_control(environ))]
    kept += [("Content-Encoding", encoding)] if encoding else []
    kept += [("ETag", etag)] if etag else []
    return Kept(status, kept, body, etag, None, environ.get(PAGE) if is_page else None)


def cache_control(environ: Environ) -> str:
    """How long others may keep an answer: browsers ask each time, a CDN after the seconds that it is given.

    What is counted, no CDN may send.
    """
    if environ.get(COUNTED):
        return "private, no-cache"
    if not settings.CDN_SECONDS:
        return "public, no-cache"
    return f"public, max-age=0, s-maxage={settings.CDN_SECONDS}, stale-if-error=86400"


def _answer(kept: Kept, environ: Environ, said: Headers) -> tuple[str, Headers, list[bytes]]:
    """What is sent to one who asks: all of it, its headers alone, or that it is what the browser has."""
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked and kept.etag and _matches(asked, kept.etag):
        return "304 Not Modified", kept.not_modified + said, []
    return kept.status, kept.headers + said, [] if environ["REQUEST_METHOD"] == "HEAD" else [kept.body]


def _matches(asked: str, etag: str) -> bool:
    """Whether one of the tags that a browser has is that of an answer, weak or not."""
    tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
