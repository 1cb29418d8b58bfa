"""What a request may be, and what every answer says to browsers besides what Django's own middleware says."""

import codecs
import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from facehealth.proxies import network_of

logger = logging.getLogger("facehealth.logins")

FEATURES = (
    "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment serial usb "
    "xr-spatial-tracking"
)
"""What a browser can do for a page and this site never asks for."""
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in FEATURES.split())


class HeadersMiddleware:
    """Sets, where nothing inside did, the headers that every answer has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # Also on what SecurityMiddleware refuses by raising: a wrong host, asked for by plain http.
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        return response


class LimitsMiddleware:
    """Answers 414 to an address, and 413 or 415 to a body, that no page and no form of the site can need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        status = refusal(request)
        return refuse(request, status) if status else self.get_response(request)


def refusal(request: HttpRequest) -> HTTPStatus | None:
    """The status that refuses a request, or None."""
    path_length = len(request.path_info.encode(errors="replace"))
    if path_length > settings.MAX_PATH_LENGTH or len(request.META.get("QUERY_STRING", "")) > settings.MAX_QUERY_LENGTH:
        return HTTPStatus.REQUEST_URI_TOO_LONG
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        return HTTPStatus.BAD_REQUEST
    if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    # Some that Python knows are no encodings of text, and Django fails on them; others would garble what was typed.
    if request.encoding and codecs.lookup(request.encoding).name not in ("utf-8", "ascii"):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return None


def refuse(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """The plain page for a request that is not as expected."""
    return render(request, "400.html", status=status)


class NoUploads(FileUploadHandler):
    """Refuses every file: no form of the site takes one."""

    def new_file(self, *args: object, **kwargs: object) -> None:
        raise SuspiciousOperation("A file was sent, and no form takes files.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Never reached."""
        return None

    def file_complete(self, file_size: int) -> None:
        """Never reached."""


def too_many_attempts(
    request: HttpRequest, answer: HttpResponse | None = None, credentials: dict[str, str] | None = None
) -> HttpResponse:
    """The page for a name that was tried too often from one address, for django-axes. Logs where a lock begins."""
    wait = settings.AXES_COOLOFF_TIME
    # Of attempts against a lock that is there already, axes counts none.
    if getattr(request, "axes_failures_since_start", None):
        pairs = {"event": "locked_out", "username": (credentials or {}).get("username", "")}
        pairs |= {"address": network_of(request), "minutes": str(wait.seconds // 60)}
        logger.warning("locked out", extra={"pairs": pairs})
    context = {"minutes": wait.seconds // 60, "attempts": settings.AXES_FAILURE_LIMIT}
    response = render(request, "too_many_attempts.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(wait.seconds)
    response.headers["Cache-Control"] = "no-store"
    return response
