"""Passwords are hashed one at a time, in a short line: who stands behind it is told to try again."""

import re
import threading
from contextlib import contextmanager
from html import unescape
from io import BytesIO

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.contrib.auth.models import User
from django.test import Client

from facehealth import passwords

PASSWORD = "a long quiet sentence"
NEW = "another quiet sentence"


@pytest.fixture(autouse=True)
def real_hasher(settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["facehealth.passwords.OneAtATimeHasher"]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1)
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)


@pytest.fixture
def hashed(monkeypatch):
    """Each password that was hashed."""
    plain, done = PBKDF2PasswordHasher.encode, []

    def encode(self, password, salt, iterations=None):
        done.append(password)
        return plain(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    return done


@contextmanager
def hashing_elsewhere(address="198.51.100.1"):
    """Another thread has the turn."""
    has_turn, over = threading.Event(), threading.Event()

    def hold():
        with passwords.turn(address):
            has_turn.set()
            over.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert has_turn.wait(60)
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def ana(db):
    return User.objects.create_superuser("ana", password=PASSWORD)


def forms(ana):
    """Every form that takes a password, as it is sent: who sends it, where to, and what."""
    boss = logged_in(User.objects.create_superuser("boss"))
    twice = {"password1": NEW, "password2": NEW}
    own = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    return [
        (Client(), "/admin/login/", {"username": "ana", "password": PASSWORD}),
        (Client(), "/admin/login/", {"username": "nobody", "password": "x"}),
        (boss, "/admin/auth/user/add/", {"username": "ben"} | twice),
        (logged_in(ana), "/admin/password_change/", own),
        (boss, f"/admin/auth/user/{ana.pk}/password/", twice),
    ]


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_one_thread_hashes_at_a_time(monkeypatch):
    monkeypatch.setattr(passwords, "PATIENCE", 60)
    plain, inside, most = PBKDF2PasswordHasher.encode, [], []

    def encode(self, password, salt, iterations=None):
        inside.append(1)
        most.append(len(inside))
        result = plain(self, password, salt, iterations)
        inside.pop()
        return result

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 20_000)
    threads = [threading.Thread(target=make_password, args=["x"]) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 12
    assert check_password("x", make_password("x"))


def test_every_form_with_a_password_waits_its_turn_before_anything_is_done(ana, hashed, caplog):
    for client, path, fields in forms(ana):
        hashed.clear()
        with hashing_elsewhere():
            answer = client.post(path, fields)
        assert (path, answer.status_code, answer["Retry-After"], hashed) == (path, 503, "0", [])
        assert answer["Cache-Control"] == "no-store"
        assert "try again in a moment" in answer.content.decode()
        assert "'self'" in answer["Content-Security-Policy"]
        assert client.post(path, fields).status_code in (200, 302)
        assert hashed, path
    assert User.objects.filter(username="ben").exists()
    assert not caplog.records, "it is no error of the site"


def test_another_view_that_hashes_gets_the_same_answer_and_saves_nothing(ana, monkeypatch):
    monkeypatch.setattr(passwords, "VIEWS", set())
    for client, path, fields in forms(ana):
        with hashing_elsewhere():
            assert client.post(path, fields).status_code == 503, path
    assert User.objects.get(username="ana").password == ana.password
    assert not User.objects.filter(username="ben").exists()


def test_readers_and_other_forms_do_not_wait(ana):
    client = logged_in(ana)
    with hashing_elsewhere():
        assert Client().get("/admin/login/").status_code == 200
        assert client.post("/admin/logout/").status_code == 200
        assert client.post("/no/such/form/").status_code == 404


def test_more_than_the_places_are_refused_at_once(ana, monkeypatch):
    monkeypatch.setattr(passwords, "PATIENCE", 60)
    monkeypatch.setattr(passwords, "PLACES", 1)
    with hashing_elsewhere():
        answer = Client().post("/admin/login/", {"username": "ana", "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert not passwords._places


def test_one_address_never_has_all_places(ana, monkeypatch):
    monkeypatch.setattr(passwords, "SHARE", 1)
    monkeypatch.setattr(passwords, "PATIENCE", 60)
    login, others = {"username": "ana", "password": PASSWORD}, []

    def wait_elsewhere():
        with passwords.turn("203.0.113.5"):
            others.append("had a turn")

    waiting = threading.Thread(target=wait_elsewhere)
    with hashing_elsewhere("2001:db8::"):
        neighbor = Client(REMOTE_ADDR="2001:db8::9").post("/admin/login/", login)
        waiting.start()
    waiting.join()
    assert (neighbor.status_code, others) == (503, ["had a turn"])


def test_what_an_expired_form_carries_is_not_lost(ana):
    typed = '{"name": ["Half a <sentence>"]}'
    fields = {"username": "ana", "password": PASSWORD, "next": "/admin/conditions/cause/add/", "preserved": typed}
    with hashing_elsewhere():
        page = Client().post("/admin/login/", fields).content.decode()
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert "<" not in kept["preserved"]
    assert unescape(kept["preserved"]) == typed
    assert (kept["username"], kept["next"]) == ("ana", "/admin/conditions/cause/add/")
    assert PASSWORD not in page
    assert 'type="password"' in page


def test_form_that_stops_in_the_middle_holds_no_place(ana):
    class Broken(BytesIO):
        def read(self, *size):
            raise OSError("the client went away")

    body = {"wsgi.input": Broken(), "CONTENT_LENGTH": "100", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    answer = Client().generic("POST", "/admin/login/", **body)
    assert answer.status_code == 400
    assert not passwords._places
