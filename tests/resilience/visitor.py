"""A reader or editor who asks a real server over HTTP, as a browser would."""

from __future__ import annotations

import http.client
import re
from contextlib import closing
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.admin.client import FormParser
from tests.world import PASSWORD


class Answer:
    """What came: status, headers, text."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.headers = answer.status, answer.headers
        self.text = answer.read().decode()

    @property
    def fields(self) -> dict[str, Any]:
        """The controls of the change form on the page, as a browser would send them."""
        found = FormParser(self.text).fields
        return {name: value for name, value in found.items() if "__prefix__" not in name}


class Visitor:
    """One browser: its cookies. Each request takes a connection of its own."""

    def __init__(self, port: int, session: str = "") -> None:
        self.port = port
        self.cookies = {"sessionid": session} if session else {}

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, Any]) -> Answer:
        return self._ask("POST", path, urlencode(fields, doseq=True))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, headers)
            answer = Answer(connection.getresponse())
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def log_in(self, name: str) -> None:
        """Log in through the form."""
        page = self.get("/admin/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page[:500]
        fields = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token[1], "next": "/admin/"}
        assert self.post("/admin/login/", fields).status == 302
