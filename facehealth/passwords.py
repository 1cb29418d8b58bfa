"""Passwords, hashed one at a time: a hash takes a processor for a third of a second, and anyone may ask for one.

A few wait for their turn, and the rest get 503 at once. So logins take one processor at most, and leave threads free.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from facehealth.limits import refuse
from facehealth.proxies import network_of

PLACES, SHARE = 20, 16
"""How many requests may wait for their turn or have it, and how many of them from one address.

Each waits in a thread of the server, and the other threads are the readers'. Fewer places would not be safer: who is
refused at once asks again at once, and an answer costs more than waiting.
"""
PATIENCE = 3.0
"""Seconds to wait for a turn."""
VIEWS = {f"admin:{name}" for name in ("login", "password_change", "auth_user_add", "auth_user_password_change")}
"""The views that hash what is posted to them."""

_line = threading.Lock()
_places: Counter[str] = Counter()
"""How many are in line from each address. Read and written under `_line`."""
_first = [threading.Lock() for _ in range(64)]
"""Only the first of an address waits for `_hashing`, so that a flood from one address is one among the others."""
_hashing = threading.Lock()
_thread = threading.local()


class Busy(Exception):
    """Too many passwords are being checked already."""


@contextmanager
def turn(address: str = "") -> Iterator[None]:
    """Hash inside this: one thread of the process at a time. A thread that has its turn needs no second one.

    Raises Busy if too many are in line already, or if the turn does not come.
    """
    if getattr(_thread, "has_turn", False):
        yield
        return
    with _place(address), _locked(_first[hash(address) % len(_first)]), _locked(_hashing):
        _thread.has_turn = True
        try:
            yield
        finally:
            _thread.has_turn = False


@contextmanager
def _place(address: str) -> Iterator[None]:
    with _line:
        if _places.total() >= PLACES or _places[address] >= SHARE:
            raise Busy
        _places[address] += 1
    try:
        yield
    finally:
        with _line:
            _places[address] -= 1
            if not _places[address]:
                del _places[address]


@contextmanager
def _locked(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        lock.release()


class OneAtATimeHasher(PBKDF2PasswordHasher):
    """Django's own way to hash a password. All of its ways come through `encode`."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """The password hashed. Raises Busy."""
        with turn():
            return super().encode(password, salt, iterations)


class PasswordsMiddleware:
    """Gives a form with a password its turn before anything is done for it, or answers 503.

    The turn comes first because a view that saves a user holds the database's write lock while it hashes: it must
    not wait for a login then.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not takes_password(request.path_info):
            return self.get_response(request)
        try:
            request.POST  # noqa: B018  # all of it is here before the turn: who sends slowly holds up no one
            with turn(network_of(request)):
                return self.get_response(request)
        except UnreadablePostError:
            return refuse(request, HTTPStatus.BAD_REQUEST)
        except Busy:
            return too_busy(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The same answer where another view hashes."""
        return too_busy(request) if isinstance(exception, Busy) else None


def takes_password(path: str) -> bool:
    """Whether the view at this path hashes what is posted to it."""
    try:
        return resolve(path).view_name in VIEWS
    except Resolver404:
        return False


def too_busy(request: HttpRequest) -> HttpResponse:
    """The page that asks to try again. What an expired form carries through the login is on it, and not lost."""
    context = {name: request.POST.get(name, "") for name in ("csrfmiddlewaretoken", "username", "next", "preserved")}
    text = render_to_string("too_busy.html", context) if context["preserved"] else plain_page()
    headers = {"Retry-After": str(round(PATIENCE)), "Cache-Control": "no-store"}
    response = HttpResponse(text, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    # Django logs a 5xx as an error of the site; the request's own line says enough.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


@cache
def plain_page() -> str:
    """The page for all others, made once: it must cost less than what it refuses."""
    return render_to_string("too_busy.html")
