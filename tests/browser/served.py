"""The site as the README starts it, for what reads it from outside: hashed static files, the page cache, no DEBUG."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def served() -> Iterator[str]:
    """The address of the site on a free port, freshly loaded from fixtures/ into a database of its own.

    RuntimeError with what it said if it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="facehealth-served-") as data, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEBUG", "HOST")}
        command = [sys.executable, "manage.py", "serve"]
        environment = kept | {"DATA_DIR": data, "PORT": port}
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, cwd=ROOT, env=environment, **options) as site:
            try:
                wait_until_ready(site)
                yield f"http://127.0.0.1:{port}"
            finally:
                site.send_signal(signal.SIGINT)
                site.communicate(timeout=20)


def wait_until_ready(site: subprocess.Popen[str]) -> None:
    said = []
    for line in site.stdout or ():
        said.append(line)
        if "is ready at" in line:
            return
    raise RuntimeError(f"The site did not start:\n{''.join(said)}")
