"""Unsaved work is not lost: what was typed comes back after a session expired, and when the database fails.

It is preserved in the page that the browser holds, nowhere else: not on the server, not in an address. Each form
says, signed, for whom it was made; no one else is shown what was typed on it, and no other site can fill it in.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import AnonymousUser, User
from django.core.signing import BadSignature, Signer
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse
from django.urls import resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure
from django.views.decorators.csrf import csrf_exempt

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]
FAILURES = (DatabaseError, InterfaceError)
"""What a database that is locked, full or unavailable raises."""

LOGGED_OUT = "You were logged out, so nothing was saved. What you typed is still here: review it, then save."
EXPIRED = (
    "Your form has expired because you logged in again after opening it, so nothing was saved. "
    "What you typed is still here: review it, then save."
)
KEPT = "This is what you typed and did not save. It is not saved yet: review it, then save."
NOT_YOURS = "Someone else filled in that form. What they typed is not shown, and nothing was saved."
DELETED = "This entry was deleted while you were typing. What you typed is below: save it to add the entry again."
BUSY = "The database is not responding right now. What you typed is still here: try again in a minute."

MOST_FORMS = 5
"""The ids that the form of an entry sends along at most: its own, and those that it was sent under before."""
DAYS_KEPT = 30

_signer = Signer(salt="conditions.admin.keeping")
_NOT_PRESERVED = ("csrfmiddlewaretoken", "preserved")


def owner_token(user: User | AnonymousUser) -> str:
    """The signed name of the user for whom a form is made."""
    return _signer.sign(str(user.pk))


def _owner(typed: QueryDict) -> str | None:
    """The key of the user for whom the posted form was made; None if it names none, or the signature is wrong."""
    try:
        return _signer.unsign(typed.get("typed_by", ""))
    except BadSignature:
        return None


def why_not_saved(request: HttpRequest) -> str:
    """Why what was posted must be shown and not saved; empty if it may be saved."""
    return getattr(request, "not_saved", "")


def or_try_again(view: View) -> View:
    """A view that answers what was posted while the database fails with all of it, to be sent again."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        try:
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
        except FAILURES as error:
            log.error("A form was posted and the database failed: %s", error)
            return _ask_to_try_again(request)
        return response

    return answer


def preserve_post(site: AdminSite, view: View) -> View:
    """An admin view of a form that takes long to fill in: what was typed is never lost."""
    inner = site.admin_view(csrf_exempt(view))

    @csrf_exempt  # because the check is below, where a failure can be answered with what was typed
    @or_try_again
    @wraps(view)
    def preserved(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        refused = _refused(site, request) if request.method == "POST" else None
        return refused or inner(request, *args, **kwargs)

    preserved.preserves_post = True  # type: ignore[attr-defined]
    return preserved


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check, which says why it refuses and leaves the answer to others."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def why_forged(request: HttpRequest) -> str:
    """Why a form may come from elsewhere, by Django's check of its token; empty if all is well."""
    # The view that is named is one that the check is not waived for.
    return str(_CsrfCheck(lambda _: HttpResponse()).process_view(request, csrf_failure, (), {}) or "")


def _refused(site: AdminSite, request: HttpRequest) -> HttpResponse | None:
    """The answer to a post that must not be saved; None if the view may handle it, if only to show it again."""
    if why_not_saved(request):
        return None
    if not site.has_permission(request):
        return _ask_to_log_in(site, request, request.path, _packed(request.POST)) if _owner(request.POST) else None
    reason = why_forged(request)
    if not reason:
        return None
    if _owner(request.POST) != str(request.user.pk):
        return csrf_failure(request, reason=reason)
    request.not_saved = EXPIRED  # type: ignore[attr-defined]
    return None


# After logging in again


def _ask_to_log_in(site: AdminSite, request: HttpRequest, target: str, preserved: str) -> HttpResponse:
    """The login page, with all that was typed in hidden fields. target: where the form was."""
    context = {"app_path": reverse("admin:login"), "next": target, "preserved": preserved}
    request.method = "GET"
    return site.login(request, context)


def login_expired(site: AdminSite, request: HttpRequest, preserved: str) -> HttpResponse:
    """The answer to a login form that carries what was typed, and whose token has expired by a login elsewhere.

    Users who have logged in since get the form back; nothing is saved. Others get the login page again, nothing lost.
    """
    target = request.POST.get("next", "")
    if request.user.is_authenticated and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return bring_back(request, HttpResponseRedirect(target), preserved)
    return _ask_to_log_in(site, request, target, preserved)


def _packed(typed: QueryDict) -> str:
    return json.dumps({name: typed.getlist(name) for name in typed if name not in _NOT_PRESERVED}, ensure_ascii=False)


def _unpacked(preserved: str) -> QueryDict:
    """What was typed, from the login page; empty if it is malformed."""
    typed = QueryDict(mutable=True)
    try:
        for name, values in dict(json.loads(preserved)).items():
            typed.setlist(str(name), [str(value) for value in values])
    except (ValueError, TypeError):
        return QueryDict(mutable=True)
    return typed


def bring_back(request: HttpRequest, response: HttpResponse, preserved: str) -> HttpResponse:
    """After a login: the form that was being typed, as it was, to the one who typed it."""
    if not isinstance(response, HttpResponseRedirect):
        return response
    typed = _unpacked(preserved)
    if _owner(typed) != str(request.user.pk):
        messages.warning(request, NOT_YOURS)
        return response
    try:
        found = resolve(response.url)
    except Http404:
        return response
    if not getattr(found.func, "preserves_post", False):
        return response
    request.POST = typed  # type: ignore[assignment]  # as if it had come now
    request.path = request.path_info = response.url
    request.resolver_match = found
    request.not_saved = LOGGED_OUT  # type: ignore[attr-defined]
    answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return answer


# What the browser keeps by itself


def say_saved(request: HttpRequest, response: HttpResponse) -> None:
    """Tell the browser, in cookies, that what it keeps of the form that was sent is saved. It then forgets that.

    A cookie waits for the next page that runs the script, whichever that is, and until then for thirty days: as long
    as what was typed is kept.
    """
    for one in request.POST.get("kept", "").split()[:MOST_FORMS]:
        if re.fullmatch(r"[a-z0-9]{1,40}", one):
            response.set_cookie(
                f"saved-{one}",
                "1",
                max_age=DAYS_KEPT * 24 * 60 * 60,
                path=reverse("admin:index"),
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Strict",
            )


# Where the database fails


def _ask_to_try_again(request: HttpRequest) -> HttpResponse:
    """All that was typed, to be read and sent again; made without the database."""
    names = [name for name in request.POST if name not in _NOT_PRESERVED]
    fields = [(name, value) for name in names for value in request.POST.getlist(name)]
    readable = [
        (name, value)
        for name, value in fields
        if value and name not in ("typed_by", "kept", "clash", "base_version", "resolved_version")
    ]
    readable = [(name, value) for name, value in readable if not name.endswith(("_FORMS", "-open")) and name[0] != "_"]
    context = {"fields": fields, "readable": readable, "path": request.path, "said": BUSY}
    context["csrf_token"] = get_token(request)
    text = render_to_string("admin/conditions/try_again.html", context)
    return HttpResponse(text, status=503, headers={"Cache-Control": "no-store", "Retry-After": "60"})
