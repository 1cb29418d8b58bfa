"""A bare WSGI application that sends one answer: that which the file BENCH_ANSWER holds, as JSON, and BENCH_BODY."""

import json
import os
from collections.abc import Callable
from pathlib import Path

_headers = [(name, value) for name, value in json.loads(Path(os.environ["BENCH_ANSWER"]).read_text())]
_body = Path(os.environ["BENCH_BODY"]).read_bytes()


def application(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
    start_response("200 OK", list(_headers))
    return [_body]
