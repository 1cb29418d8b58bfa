"""The answer where an entry was saved by a newer FaceHealth: servers are being upgraded, or an old one was put back."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conditions.records import NewerRecord

log = logging.getLogger(__name__)


class NewerRecordMiddleware:
    """Answers 503, and says what to do, where a view meets a record of a newer format."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, NewerRecord):
            return None
        log.error("%s: %s", request.path, error)
        response = render(request, "newer_record.html", {"error": error}, status=HTTPStatus.SERVICE_UNAVAILABLE)
        response.headers["Cache-Control"] = "no-store"
        return response
