"""The log: lines of key=value pairs on stderr, one for each request, all with the id of their request.

The words that a reader searches for are never written: a line has the path without its query.
"""

import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

logger = logging.getLogger("facehealth.requests")
EDITION_HEADER = "X-Edition"
"""Says which edition an answer for readers is of."""
_request_id: ContextVar[str] = ContextVar("request_id", default="")


class LogMiddleware:
    """Gives each request an id, sends it back as X-Request-ID, and logs one line when the answer is made.

    X-Edition says which edition an answer is of, if the view noted it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = id_of(request.META)
        request.request_id = request_id  # type: ignore[attr-defined]
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id
            if (edition := getattr(request, "edition", None)) is not None:
                response.headers[EDITION_HEADER] = str(edition)
            if not is_quiet(request, response):
                pairs = about(request, response) | {"duration_ms": round((time.perf_counter() - began) * 1000, 1)}
                logger.info("%s", request.path, extra={"pairs": pairs})
        finally:
            _request_id.reset(token)
        return response


def id_of(meta: Mapping[str, Any]) -> str:
    """The id that a proxy gave to a request, if it is one, or a new one."""
    given: str = meta.get("HTTP_X_REQUEST_ID", "")
    return given if given and re.fullmatch(r"[A-Za-z0-9._-]{8,64}", given) else secrets.token_hex(8)


def is_quiet(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a request goes without a line: a health check that finds all well, every few seconds."""
    return request.path == "/healthz" and response.status_code == HTTPStatus.OK


def about(request: HttpRequest, response: HttpResponse) -> dict[str, object]:
    """What a line says of a request: the edition if the view noted it, the user if anything asked who it is.

    A view whose address is a secret leaves what is written in its place.
    """
    path = quote(getattr(request, "logged_path", request.path), safe="/~*")
    pairs: dict[str, object] = {"method": request.method, "path": path}
    pairs["status"] = response.status_code
    if (edition := getattr(request, "edition", None)) is not None:
        pairs["edition"] = edition
    # Kept by AuthenticationMiddleware once the user was looked up; asking for request.user would cost queries.
    user = getattr(request, "_cached_user", None)
    if user is not None and user.is_authenticated:
        pairs["user"] = user.get_username()
    return pairs


class KeyValueFormatter(logging.Formatter):
    """A record as one line of key=value pairs; a stack trace follows on lines of its own, indented."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        pairs = {"time": moment.replace("+00:00", "Z"), "level": record.levelname}
        if request_id := _request_id.get() or getattr(getattr(record, "request", None), "request_id", ""):
            pairs["request_id"] = request_id
        said = getattr(record, "pairs", None)
        pairs |= said or {"logger": record.name, "message": record.getMessage()}
        line = " ".join(f"{key}={in_line(value)}" for key, value in pairs.items())
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line.replace("\n", "\n    ")


def in_line(value: object) -> str:
    """A value as written in a line: in double quotes, escaped, unless it is one plain word."""
    text = str(value)
    return text if re.fullmatch(r"[^\s\"'=\\\x00-\x1f\x7f]+", text) and text.isprintable() else json.dumps(text)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an error of ours: plain, without the database, with the id that finds the error in the log."""
    context = {"request_id": getattr(request, "request_id", "")}
    return HttpResponseServerError(render_to_string("fault.html", context))
