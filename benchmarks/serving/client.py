"""A client that keeps its connections open. It runs in the benchmark's own process, whose time does not count."""

import http.client
import selectors
import socket
import time
from collections.abc import Sequence
from itertools import cycle, islice
from typing import NamedTuple, Self

ENCODINGS = "br, gzip"
TIMEOUT = 60

MADE = b"server-timing: cache;desc=miss"
"""What our site says of an answer that it made, and had not kept."""

Answer = tuple[list[tuple[str, str]], bytes]
"""Headers and body."""


class Asked(NamedTuple):
    """How many requests were answered, and how many of the answers our site had to make."""

    answered: int
    made: int


class WrongAnswer(Exception):
    """An answer is not 200, or cannot be read."""


def fetch(port: int, path: str, encodings: str = ENCODINGS) -> Answer:
    """The headers and the body of one answer. Errors: WrongAnswer, OSError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": encodings})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise WrongAnswer(f"{path}: {answer.status}")
        return answer.getheaders(), body
    except http.client.HTTPException as error:
        raise WrongAnswer(f"{path}: {error!r}") from error
    finally:
        connection.close()


def ask(port: int, paths: Sequence[str], *, readers: int, count: int = 10**9, seconds: float = TIMEOUT) -> Asked:
    """Ask for paths in turn, a number of times or for some seconds, over a connection of each reader.

    Each connection asks again as soon as it is answered. Errors: WrongAnswer, OSError.
    """
    requests = islice(cycle([_request(port, path) for path in paths]), count)
    end = time.monotonic() + seconds
    answered = made = 0
    with selectors.DefaultSelector() as waiting:
        for _ in range(readers):
            if request := next(requests, None):
                opened = socket.create_connection(("127.0.0.1", port), TIMEOUT)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                waiting.register(opened, selectors.EVENT_READ)
                opened.sendall(request)
        while waiting.get_map():
            ready = waiting.select(TIMEOUT)
            if not ready:
                raise WrongAnswer(f"no answer in {TIMEOUT} s")
            for key, _ in ready:
                opened = key.fileobj  # type: ignore[assignment]  # the sockets of above
                made += MADE in _read(opened)
                answered += 1
                if time.monotonic() < end and (request := next(requests, None)):
                    opened.sendall(request)
                else:
                    waiting.unregister(opened)
                    opened.close()
    return Asked(answered, made)


class Kept:
    """A connection that stays open, over which one page is asked for again and again."""

    def __init__(self, port: int, path: str) -> None:
        self.request = _request(port, path)
        self.opened = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.opened.close()

    def ask(self) -> None:
        """Ask, and read the answer. Errors: WrongAnswer, OSError."""
        self.opened.sendall(self.request)
        _read(self.opened)


def _request(port: int, path: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Accept-Encoding: {ENCODINGS}", "Accept: text/html"]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def _read(opened: socket.socket) -> list[bytes]:
    """Read one answer to its end; its headers, in small letters."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += _more(opened)
    head, _, rest = head.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    if not lines[0].startswith(b"http/1.1 200"):
        raise WrongAnswer(lines[0].decode("latin-1"))
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
    if length is None:
        raise WrongAnswer("an answer does not say how long it is")
    length -= len(rest)
    while length > 0:
        length -= len(_more(opened))
    return lines


def _more(opened: socket.socket) -> bytes:
    received = opened.recv(1 << 18)
    if not received:
        raise WrongAnswer("the server closed a connection")
    return received
