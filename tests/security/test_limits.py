"""Whatever a stranger sends: a page or a 4xx, never a 5xx, no stack trace, and nothing of it in the page as markup."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from django.test import Client

from tests.security.payloads import PAYLOADS
from tests.world import World

PUBLIC = (
    "/",
    "/conditions/",
    "/conditions/bells-palsy/",
    "/search/",
    "/a-z/",
    "/changes/",
    "/admin/login/",
    "/healthz",
)
MARK = "<script>alert(1)</script>"
TRACES = ("Traceback (most recent call last)", "django/core/handlers", "Exception Type", "conditions/views.py")
COUNTS: Counter[str] = Counter()


@pytest.fixture
def stranger(world: World) -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture(autouse=True)
def faults(caplog) -> Any:
    """What Django calls an error of the site's is none of a stranger's making."""
    caplog.set_level(logging.ERROR, logger="django.request")
    return caplog


def well(answer: Any, what: str) -> None:
    text = answer.content.decode("utf-8", "replace")
    assert answer.status_code < 500, (what[:200], answer.status_code)
    assert not any(trace in text for trace in TRACES), what[:200]
    if answer["Content-Type"].startswith("text/html"):
        assert MARK not in text, what[:200]
        assert "onerror=alert(1)>" not in text, what[:200]
    for name, value in answer.items():
        assert "\n" not in value, name
        assert "\r" not in value, name
    COUNTS[f"{answer.status_code // 100}xx"] += 1


HOSTS = (
    "evil.invalid",
    "testserver.evil.invalid",
    "localhost@evil.invalid",
    "evil.invalid:80",
    "localhost:evil",
    "localhost/../evil",
    "[::1]evil",
    "<script>alert(1)</script>",
    "local host",
    'localhost"><script>',
    "localhost\x00",
    "ＬＯＣＡＬＨＯＳＴ",
    "x" * 10_000,
    "",
)


@pytest.mark.parametrize(
    "path", ["/", "/conditions/bells-palsy/", "/robots.txt", "/sitemap.xml", "/admin/login/", "/no/"]
)
def test_a_host_that_is_not_ours(stranger, path):
    for host in HOSTS:
        answer = stranger.get(path, HTTP_HOST=host)
        well(answer, host)
        assert answer.status_code == 400, host[:50]
        answer = stranger.get(path, HTTP_X_FORWARDED_HOST=host)
        well(answer, host)
        assert not host or host.encode() not in answer.content, host[:50]


PIECES = (
    "x" * 10_000,
    "%00",
    "%01%1f%7f",
    "%0d%0aSet-Cookie:%20a=b",
    "%ff%fe%c0%bc",
    "%ed%a0%80",
    "%c0%ae%c0%ae/",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e%252f",
    "..\\..\\windows",
    "//evil.invalid/%2f..",
    "\\\\evil.invalid\\",
    "%E2%80%AE%EF%BB%BF",
    "😀" * 500,
    "%",
    "%zz",
    "{{7*7}}${7*7}",
    "'%20OR%201=1--",
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "٣",
)
PREFIXES = ("/", "/conditions/", "/conditions/bells-palsy/history/", "/changes/", "/static/", "/admin/", "/sitemap-")
QUERIES = ("q", "page", "part", "tag", "letter", "kind", "p", "next")


def raw(client: Client, path: str, query: str = "", **extra: Any) -> Any:
    """Ask for bytes as they are, as a server hands them on: neither checked nor quoted."""
    info = unquote_to_bytes(path.encode("utf-8", "surrogatepass")).decode("latin-1")
    return client.get("/", PATH_INFO=info, QUERY_STRING=query.encode().decode("latin-1"), **extra)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_paths(stranger, prefix):
    for piece in (*PIECES, *(quote(text.encode("utf-8", "replace")) for text in PAYLOADS.values())):
        answer = raw(stranger, f"{prefix}{piece}/")
        well(answer, prefix + piece)
        if answer.status_code in (301, 302):
            assert answer["Location"].startswith("/"), answer["Location"]
            assert not answer["Location"].startswith(("//", "/\\")), answer["Location"]


@pytest.mark.parametrize("path", PUBLIC)
def test_queries(stranger, path):
    for number, name in enumerate(QUERIES):
        for piece in PIECES if path in ("/search/", "/conditions/") else PIECES[number % 3 :: 3]:
            well(raw(stranger, path, f"{name}={piece}"), f"{path}?{name}={piece}")
    for text in list(PAYLOADS.values())[:: 1 if path == "/search/" else 6]:
        well(raw(stranger, path, f"q={quote(text.encode('utf-8', 'replace'))}&page=1"), text)
    well(raw(stranger, path, "&".join(f"a{number}={number}" for number in range(20_000))), "many names")
    well(raw(stranger, path, "q=" + "x" * 1_000_000), "a long query")
    well(raw(stranger, path, "&" * 10_000 + "=" * 10_000), "no names")


BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/x-www-form-urlencoded", b"a=1&" * 20_000),
    ("application/x-www-form-urlencoded", b"a=" + b"x" * 6_000_000),
    ("application/x-www-form-urlencoded", b"username=\xff\xfe\x00&password=%ff%00"),
    ("application/x-www-form-urlencoded; charset=no-such", b"a=1"),
    ("application/x-www-form-urlencoded; charset=utf-16", b"username=a"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb'),
    ("multipart/form-data; boundary=" + "x" * 5000, b"--x"),
    ("multipart/form-data; boundary=\xff", b"--\xff"),
    (
        "multipart/form-data; boundary=x",
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../a.html"\r\n\r\n<script>x</script>\r\n'
            for _ in range(300)
        )
        + b"--x--\r\n",
    ),
    ("application/json", b'{"a": ' * 5000),
    ("application/xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
    ("text/plain", b"\x00" * 10_000),
    ("", b"a=1"),
)


@pytest.mark.parametrize("checks", [False, True])
@pytest.mark.parametrize("path", ["/", "/search/", "/conditions/bells-palsy/", "/admin/login/", "/admin/logout/"])
def test_bodies(world, path, checks):
    client = Client(raise_request_exception=False, enforce_csrf_checks=checks)
    for kind, body in BODIES:
        for method in ("POST", "PATCH"):
            answer = client.generic(method, path, body, content_type=kind)
            well(answer, f"{method} {path} {kind} {body[:40]!r}")
    well(client.generic("POST", path, b"a=1", CONTENT_LENGTH="-5"), "a length below zero")
    well(client.generic("POST", path, b"a=1", CONTENT_LENGTH="many"), "a length that is none")


@pytest.mark.parametrize("path", ["add", "1/change", "1/withdraw", "1/delete", "1/restore/1", ""])
def test_bodies_from_an_editor(world, path):
    """A user who is logged in sends what no form of ours sends."""
    client = Client(raise_request_exception=False)
    client.force_login(world.publisher)
    pk = world.bell.pk
    address = f"/admin/conditions/condition/{path.replace('1', str(pk), 1)}".rstrip("/") + "/"
    for kind, body in BODIES:
        well(client.generic("POST", address, body, content_type=kind), f"{address} {kind} {body[:40]!r}")
    for total in ("-1", "x", "", "20"):
        rows = {f"{name}-{part}_FORMS": total for name in ("symptoms", "related") for part in ("TOTAL", "INITIAL")}
        well(client.post(address, rows | {"name": MARK, "base_version": "9" * 30, "resolved_version": "\0"}), total)


def test_rows_that_were_never_sent_are_not_made(world):
    """A short request makes no large answer, whatever number of rows it claims."""
    client = Client(raise_request_exception=False)
    client.force_login(world.author)
    rows = {f"symptoms-{part}_FORMS": "1000" for part in ("TOTAL", "INITIAL")}
    answer = client.post("/admin/conditions/condition/add/", rows | {"name": "Forged"})
    well(answer, "a thousand rows")
    assert len(answer.content) < 500_000


METHODS = ("OPTIONS", "TRACE", "CONNECT", "DELETE", "PROPFIND", "get", "GETT", "<SCRIPT>", "X" * 5000)
OVERRIDES = {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE", "HTTP_X_HTTP_METHOD": "PUT", "HTTP_X_METHOD_OVERRIDE": "POST"}


@pytest.mark.parametrize("path", PUBLIC[2::2])
def test_methods_and_headers(stranger, path):
    for method in METHODS:
        well(stranger.generic(method, path), f"{method[:20]} {path}")
    plain = stranger.get(path)
    well(plain, path)
    overridden = stranger.get(path, **OVERRIDES)
    assert overridden.status_code == plain.status_code
    well(stranger.post(path, {"_method": "DELETE"}, **OVERRIDES), path)
    for text in (MARK, "\x00", "\xff" * 100, "x" * 100_000, "() { :; }; echo"):
        for header in ("USER_AGENT", "REFERER", "COOKIE", "ACCEPT", "ACCEPT_LANGUAGE", "ACCEPT_ENCODING", "RANGE"):
            well(stranger.get(path, **{f"HTTP_{header}": text}), f"{header}: {text[:20]!r}")
        for header in ("IF_MODIFIED_SINCE", "IF_NONE_MATCH", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "AUTHORIZATION"):
            well(stranger.get(path, **{f"HTTP_{header}": text}), f"{header}: {text[:20]!r}")
    cookies = {"HTTP_COOKIE": f"sessionid={MARK}; csrftoken={'x' * 5000}; messages={MARK}"}
    well(stranger.get(path, **cookies), "cookies")
    well(stranger.post(path, {"username": MARK, "password": MARK, "next": "//evil.invalid/"}, **cookies), "cookies")


def test_nobody_is_sent_elsewhere_after_a_login(world):
    for text in (
        "//evil.invalid/",
        "https://evil.invalid/",
        "javascript:alert(1)",
        "/\\evil.invalid",
        "\t//evil.invalid",
    ):
        client = Client()
        client.force_login(world.author)
        answer = client.get("/admin/login/", {"next": text})
        assert answer.status_code == 302
        assert answer["Location"] == "/admin/", text


def test_what_came_of_it_all(capsys):
    with capsys.disabled():
        print(f"\n\nRequests that no browser of ours sends: {COUNTS.total()}")
        print(", ".join(f"{status} {count}" for status, count in sorted(COUNTS.items())) + "; 5xx 0")
    assert not COUNTS["5xx"]


@pytest.mark.parametrize(
    ("charset", "status"),
    [("idna", 415), ("base64", 415), ("rot13", 415), ("utf-16", 415), ("UTF8", 200), ("nosuch", 200)],
)
def test_a_body_in_another_encoding_is_refused(stranger, charset, status):
    body = '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nana\r\n--x--\r\n'
    content_type = f"multipart/form-data; boundary=x; charset={charset}"
    assert stranger.generic("POST", "/admin/login/", body.encode(), content_type).status_code == status
