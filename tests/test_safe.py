"""What keeps the site safe in production: headers, cookies, limits, proxies, passwords and login attempts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from facehealth import proxies

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "HTTPS": "1",
    "TRUSTED_PROXIES": "127.0.0.1",
    "ALLOWED_HOSTS": "www.example.org",
    "CONTACT": "editors@example.org",
}
PASSWORD = "a long quiet sentence"
HEADERS = {
    "Content-Security-Policy": "script-src 'self'",
    "Permissions-Policy": "camera=()",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
}


@pytest.fixture
def production(settings):
    """The settings that HTTPS=1 turns on; tests/test_settings.py holds that it does."""
    settings.ALLOWED_HOSTS, settings.TRUSTED_PROXIES = ["www.example.org"], ["127.0.0.0/8"]
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    return settings


@pytest.fixture
def reader(production):
    """A reader behind the proxy that speaks https."""
    forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Host": "www.example.org"}
    return Client(headers=forwarded, raise_request_exception=False)


@pytest.mark.process
@pytest.mark.parametrize("more", [{}, {"HSTS_SUBDOMAINS": "1"}])
def test_check_deploy_finds_nothing_with_the_documented_settings(tmp_path, more):
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ran = subprocess.run(
        [sys.executable, ROOT / "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=environ | PRODUCTION | {"DATA_DIR": str(tmp_path)} | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"no issues ({0 if more else 2} silenced)" in ran.stdout


# Headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/about/", 200),
        ("/robots.txt", 200),
        ("/healthz", 200),
        ("/no/such/page/", 404),
        ("/changes/?page=x", 404),
        ("/admin", 301),
        ("/admin/", 302),
        ("/admin/login/", 200),
        ("/" + "x" * 2000, 414),
        ("/fault", 500),
    ],
)
def test_answer_has_every_header(reader, db, monkeypatch, path, status):
    def fail(query, **options):
        raise ValueError

    if path == "/fault":
        monkeypatch.setattr("conditions.search_views.find", fail)
        path = "/search/?q=x"
    answer = reader.get(path)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert value in answer.headers[name], name
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert len(answer.headers["X-Request-ID"]) == 16


def test_wrong_host_and_method_have_every_header_too(reader, db):
    wrong_host = reader.get("/", headers={"Host": "evil.example"})
    plain = Client().get("/", headers={"Host": "evil.example"})
    wrong_method = reader.post("/about/")
    assert [wrong_host.status_code, plain.status_code, wrong_method.status_code] == [400, 400, 405]
    for answer in (wrong_host, plain, wrong_method):
        missing = set(HEADERS) - set(answer.headers) - {"Strict-Transport-Security"}
        assert not missing


def test_plain_http_is_sent_to_https_but_for_the_health_check(production, db):
    plain = Client(headers={"Host": "www.example.org"})
    answer = plain.get("/about/?x=1")
    assert (answer.status_code, answer["Location"]) == (301, "https://www.example.org/about/?x=1")
    assert plain.get("/healthz").status_code == 200


def test_cookies_are_for_https_and_this_site_alone_and_end(reader, db):
    User.objects.create_superuser("ana", password=PASSWORD)
    reader.get("/admin/login/")
    answer = reader.post("/admin/login/?next=/admin/", {"username": "ana", "password": PASSWORD})
    assert answer.status_code == 302
    assert set(reader.cookies) == {"csrftoken", "sessionid"}
    for cookie in reader.cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert reader.cookies["sessionid"]["expires"] == ""
    assert 11.9 * 3600 < reader.session.get_expiry_age() <= 12 * 3600


def test_public_page_sets_no_cookie_and_asks_for_none(reader, world, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        answer = reader.get("/conditions/bells-palsy/")
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


# Limits


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/" + "a" * 998 + "/", 404),
        ("/" + "a" * 1000, 414),
        ("/" + "é" * 600, 414),
        ("/search/?q=" + "a" * 60_000, 200),
        ("/search/?q=" + "a" * 65_000, 414),
        ("/admin/?" + "a" * 150_001, 414),
    ],
)
def test_address_has_a_limit(client, db, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    if status == 414:
        assert "We could not read that" in answer.content.decode()
        assert not answer.cookies


@pytest.mark.parametrize(("length", "status"), [("2500001", 413), ("9" * 30, 413), ("-1", 400), ("x", 400)])
def test_body_has_a_limit(client, db, length, status):
    answer = client.post("/admin/login/", {"username": "ana"}, CONTENT_LENGTH=length)
    assert answer.status_code == status
    assert "We could not read that" in answer.content.decode()


def test_body_that_a_large_form_sends_is_taken(client, db):
    answer = client.post("/admin/login/", {"username": "ana", "password": "x" * 2_000_000})
    assert answer.status_code == 200


def test_too_many_fields_are_a_bad_request(client, db):
    assert client.post("/admin/login/", {f"field{n}": "" for n in range(10_001)}).status_code == 400


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/conditions/condition/add/", "/admin/auth/user/add/"])
def test_file_is_refused_wherever_it_is_sent(db, path):
    client = Client()
    client.force_login(User.objects.create_superuser("ana", password=PASSWORD))
    file = SimpleUploadedFile("a.png", b"\x89PNG")
    answer = client.post(path, {"name": "x", "picture": file})
    assert answer.status_code == 400
    assert "We could not read that" in answer.content.decode()


# Proxies


@pytest.mark.parametrize(
    ("remote", "forwarded", "believed"),
    [
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),  # a stranger who claims to be a proxy
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),  # a reader who wrote the header himself
        ("10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),  # two of our proxies
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::"),  # of IPv6, anyone has a whole /64
        ("10.0.0.1", "2001:db8:0:1:ffff::1", "2001:db8:0:1::"),
        ("10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("", "203.0.113.7", ""),
    ],
)
def test_address_of_the_reader(settings, rf, remote, forwarded, believed):
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]
    request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=remote)
    proxies.ProxyMiddleware(lambda request: request)(request)
    assert (proxies.client_address(request) or "") == believed


def test_stranger_cannot_claim_https(production, db):
    stranger = Client(headers={"X-Forwarded-Proto": "https", "Host": "www.example.org"}, REMOTE_ADDR="198.51.100.1")
    assert stranger.get("/about/").status_code == 301


# Logging in


@pytest.mark.parametrize("password", ["quiet-lark7", "123456789012345", "password1234", "zoe-lundgren-1"])
def test_weak_password_is_refused(db, password):
    with pytest.raises(ValidationError):
        validate_password(password, User(username="zoe-lundgren"))


@pytest.fixture
def throttled(settings):
    settings.AXES_ENABLED = True
    settings.TRUSTED_PROXIES = ["10.0.0.1"]


def attempt(username="ana", password="wrong", **extra):
    return Client().post("/admin/login/?next=/admin/", {"username": username, "password": password}, **extra)


@pytest.fixture
def ana(db):
    return User.objects.create_superuser("ana", password=PASSWORD)


def lock_out(**extra) -> None:
    statuses = [attempt(**extra).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]


def test_fifth_wrong_password_locks_the_name_out_in_plain_words(throttled, ana):
    lock_out()
    answer = attempt(password=PASSWORD)
    page = answer.content.decode()
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "Wait 15 minutes, then try again." in page
    assert "<nav" in page


def test_others_and_other_places_are_not_locked_out(throttled, ana):
    User.objects.create_superuser("ben", password=PASSWORD)
    lock_out()
    assert attempt("ben", PASSWORD).status_code == 302
    assert attempt(password=PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_attempts_through_the_proxy_count_for_the_reader_behind_it(throttled, ana):
    lock_out(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.7"})
    other = attempt(password=PASSWORD, REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.8"})
    assert other.status_code == 302


def test_a_lock_is_for_a_whole_network_of_ipv6(throttled, ana):
    statuses = [attempt(REMOTE_ADDR=f"2001:db8:0:1:{n}::{n}").status_code for n in range(1, 6)]
    assert statuses == [200, 200, 200, 200, 429]
    assert attempt(password=PASSWORD, REMOTE_ADDR="2001:db8:0:2::1").status_code == 302


@pytest.mark.parametrize("given", ["", "//evil.example/", "https://evil.example/admin/", "javascript:alert(1)"])
def test_login_that_names_nowhere_of_ours_leads_to_the_admin(ana, given):
    login = {"username": "ana", "password": PASSWORD}
    assert Client().post("/admin/login/", login | {"next": given})["Location"] == "/admin/"
    assert Client().post(f"/admin/login/?next={given}", login)["Location"] == "/admin/"
    assert Client().post("/admin/login/", login)["Location"] == "/admin/"


def test_login_leads_where_it_was_asked_to(ana):
    asked = "/admin/conditions/condition/?q=a"
    login = {"username": "ana", "password": PASSWORD, "next": asked}
    assert Client().post("/admin/login/", login)["Location"] == asked


def test_stranger_cannot_escape_by_claiming_other_addresses(throttled, ana):
    statuses = [
        attempt(REMOTE_ADDR="198.51.100.1", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(6)
    ]
    assert statuses == [200, 200, 200, 200, 429, 429]


def test_lock_ends_after_a_quarter_of_an_hour(throttled, ana, settings, monkeypatch):
    lock_out()
    settings.AXES_COOLOFF_TIME = settings.AXES_COOLOFF_TIME * 0
    assert attempt(password=PASSWORD).status_code == 302


@pytest.mark.parametrize("command", [["axes_reset"], ["axes_reset_username", "ana"], ["axes_reset_ip", "127.0.0.1"]])
def test_lock_is_lifted_by_the_documented_commands(throttled, ana, command, capsys):
    lock_out()
    call_command(*command)
    assert attempt(password=PASSWORD).status_code == 302


def test_right_password_forgets_the_wrong_ones(throttled, ana):
    for _ in range(2):
        assert [attempt().status_code for _ in range(4)] == [200] * 4
        assert attempt(password=PASSWORD).status_code == 302
