"""Random files, addresses, headers and forms: always an answer or a message, never a stack trace."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from conditions.content_files import parsing
from tests.admin.client import FormParser, address
from tests.resilience import table
from tests.resilience.processes import ROOT

pytest.importorskip("hypothesis", reason="hypothesis is not installed")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FILES = sorted((ROOT / "fixtures").rglob("*.yaml"))


def bounded(examples: int) -> Any:
    """So many examples, the same ones each time; half of them where a developer waits for it."""
    ignored = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    tried = examples if os.environ.get("CI") else examples // 2
    return settings(
        derandomize=True, max_examples=tried, deadline=None, suppress_health_check=ignored, print_blob=False
    )


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written meanwhile."""
    with transaction.atomic():
        point = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(point)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Without a log line for each refused request."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


ODD = st.sampled_from(
    [
        *(
            "\x00",
            "\ud800",
            "\u2028",
            "\x85",
            "\ufeff",
            "\u202e",
            "'",
            '"',
            "\\",
            "%",
            "_",
            "<script>",
            "{{",
            "[@",
            "](",
        ),
        *("9" * 30, "-1", "0", "1e400", "nan", "null", "~", "true", "é" * 300, "x" * 5000, "\r\n", "\t", "İ", "ﬁ", "٣"),
    ]
)
WORDS = st.one_of(st.text(max_size=20), ODD, st.lists(ODD, max_size=4).map("".join))
PLAIN = WORDS.map(lambda text: text.encode("utf-8", "replace").decode())


# Files

TOKENS = [
    b"- ",
    b": ",
    b"[",
    b"]",
    b"{",
    b"}",
    b"&a ",
    b"*a",
    b"!!python/object:os.system ",
    b"!!set ",
    b"|",
    b">",
    b"#",
]
TOKENS += [b"'", b'"', b"\x00", b"\xff", b"\t", b"\n", b"    ", b"  fields:", b"- model: conditions.tag\n", b"---\n"]
TOKENS += [
    b"...\n",
    b"<<: ",
    b"? ",
    b"- model: auth.user\n",
    b"%YAML 9\n",
    b"\xef\xbb\xbf",
    b"slug: x\n",
    b"[[[[[[[[[[[[",
]


@st.composite
def mutated_bytes(draw: Any) -> bytes:
    """A real fixture file with a few cuts, repeats and odd bytes."""
    data = draw(st.sampled_from(FILES)).read_bytes()
    for _ in range(draw(st.integers(1, 5))):
        here, there = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
        how = draw(st.sampled_from(["cut", "repeat", "token", "byte", "end"]))
        if how == "cut":
            data = data[:here] + data[here + (there - here) % 80 :]
        elif how == "repeat":
            data = data[:there] + data[here:there] + data[there:]
        elif how == "token":
            data = data[:here] + draw(st.sampled_from(TOKENS)) + data[here:]
        elif how == "byte":
            data = data[:here] + draw(st.binary(min_size=1, max_size=2)) + data[here + 1 :]
        else:
            data = data[:here]
    return data


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), PLAIN),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(PLAIN, inner, max_size=3)),
    max_leaves=4,
)


@st.composite
def mutated_objects(draw: Any) -> bytes:
    """A real fixture file, as JSON, with values, fields and objects replaced, taken out, doubled or moved."""
    objects = yaml.safe_load(draw(st.sampled_from(FILES)).read_bytes())
    for _ in range(draw(st.integers(1, 4))):
        one = draw(st.sampled_from(objects))
        fields = one.get("fields") if isinstance(one.get("fields"), dict) else one
        name = draw(st.sampled_from([*sorted(map(str, fields)), "slug", "name", "model", "fields", "tags", "codes"]))
        how = draw(st.sampled_from(["value", "value", "word", "out", "object", "double"]))
        if how == "value":
            fields[name] = draw(VALUES)
        elif how == "word":
            fields[name] = draw(PLAIN)
        elif how == "out":
            fields.pop(name, None)
        elif how == "object":
            one[draw(st.sampled_from(["model", "fields", "pk"]))] = draw(VALUES)
        else:
            objects.append(one)
    return json.dumps(objects, default=str).encode()


@pytest.fixture
def content(db: None) -> None:
    """The real content on the test database."""
    call_command("loaddata", verbosity=0)


def load(path: Path, data: bytes) -> None:
    """Load a file of these bytes and take it back; only a CommandError may come."""
    path.write_bytes(data)
    row = table.row("random fixture files")
    assert "refused without a message" not in row.came
    with undone():
        try:
            call_command("loaddata", str(path), verbosity=0)
            row.trial("loaded")
        except CommandError as error:
            row.trial("refused with a message" if str(error).strip() else "refused without a message")


@bounded(200)
@given(data=mutated_bytes())
def test_mutated_files_load_or_are_refused_with_a_message(content, tmp_path, data):
    load(tmp_path / "mutated.yaml", data)


@bounded(200)
@given(data=mutated_objects())
def test_mutated_objects_load_or_are_refused_with_a_message(content, tmp_path, data):
    load(tmp_path / "mutated.json", data)


@bounded(150)
@given(ending=st.sampled_from([".gz", ".bz2", ".xz", "l"]), data=st.one_of(mutated_bytes(), st.binary(max_size=200)))
def test_any_bytes_parse_or_are_unreadable(ending, data):
    with suppress(parsing.Unreadable):
        parsing.parse(Path(f"x.json{ending}"), data)
    table.row("random bytes parsed").trial("read or refused")


@dataclass(frozen=True)
class Publisher:
    """A publisher in the small named world. (Hypothesis looks into arguments, which the world itself resents.)"""

    user: Any
    entries: dict[str, Any]


@pytest.fixture
def publisher(world) -> Publisher:
    return Publisher(world.publisher, world.entries)


# Public addresses

PLACES = ["", "a-z/", "search/", "changes/", "changes/1/", "about/", "robots.txt", "sitemap.xml", "healthz", "admin/"]
PLACES += ["sitemap-1.xml", "conditions/", "symptoms/", "tags/", "sources/", "questions/", "causes/"]
PLACES += [
    "changes/feed.atom",
    "conditions/bells-palsy/",
    "conditions/bells-palsy/history/",
    "conditions/bells-palsy/history/1/",
]
PLACES += ["conditions/stroke/", "symptoms/facial-droop/", "tags/one-side/", "opensearch.xml", "static/x.css"]
SEGMENTS = st.one_of(st.sampled_from([place.strip("/") for place in PLACES]), PLAIN, st.integers().map(str))
PATHS = st.one_of(
    st.sampled_from(PLACES),
    st.tuples(st.sampled_from(PLACES), PLAIN).map("".join),
    st.lists(SEGMENTS, max_size=4).map(lambda parts: "/".join(parts) + "/"),
)
KEYS = st.one_of(st.sampled_from(["q", "tag", "kind", "page", "part", "letter", "symptom", "condition"]), PLAIN)
QUERIES = st.one_of(
    st.lists(st.tuples(KEYS, PLAIN), max_size=4).map(urlencode),
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=30),
)
HEADER_NAMES = ["ACCEPT_ENCODING", "COOKIE", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "RANGE", "HOST", "ACCEPT"]
HEADER_NAMES += ["ACCEPT_LANGUAGE", "REFERER", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_FORWARDED_HOST", "ORIGIN"]
HEADER_TEXT = st.one_of(
    st.sampled_from(['"x', "sessionid=x; csrftoken=", "bytes=9-1", "*/*;q=x", "::1", "[", "gzip;q=2"]),
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
)
HEADERS = st.dictionaries(st.sampled_from(HEADER_NAMES).map("HTTP_{}".format), HEADER_TEXT, max_size=3)
METHODS = st.sampled_from(["GET"] * 6 + ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
TYPES = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain; charset=x",
    ]
)


@bounded(400)
@given(method=METHODS, path=PATHS, query=QUERIES, headers=HEADERS, body=st.binary(max_size=60), kind=TYPES)
def test_random_requests_are_never_an_error_of_ours(publisher, method, path, query, headers, body, kind):
    client = Client(raise_request_exception=False)
    with undone():
        answer = client.generic(method, f"/{quote(path)}", body, kind, QUERY_STRING=query, **headers)
    table.row("random requests").trial(f"{answer.status_code // 100}xx")
    assert answer.status_code < 500
    assert b"Traceback" not in answer.getvalue()


# The admin

NAMES = ["earache", "bell", "droop", "one_side", "service", "early", "eye_care", "stroke"]
MOVES = ["change", "change", "change", "withdraw", "targets", "delete"]
EXTRA = [
    "_publish",
    "_savedraft",
    "base_version",
    "resolved_version",
    "symptoms-TOTAL_FORMS",
    "symptoms-0-target",
    "slug",
    "url",
]
EXTRA += ["symptoms-7-tags", "tags", "codes", "also_called", "reason", "instead", "published", "about", "evidence"]


@bounded(80)
@given(
    name=st.sampled_from(NAMES),
    move=st.sampled_from(MOVES),
    choices=st.lists(st.tuples(st.integers(0, 200), st.one_of(PLAIN, st.just(None))), max_size=4),
    extra=st.dictionaries(
        st.one_of(st.sampled_from(EXTRA), PLAIN), st.lists(PLAIN, min_size=1, max_size=2), max_size=3
    ),
)
def test_random_forms_of_a_publisher_are_never_an_error_of_ours(publisher, name, move, choices, extra):
    client = Client(raise_request_exception=False)
    client.force_login(publisher.user)
    place = address(publisher.entries[name], move)
    with undone():
        fields: dict[str, Any] = FormParser(client.get(place).content.decode()).fields
        for number, text in choices:
            if fields:
                chosen = sorted(fields)[number % len(fields)]
                fields[chosen] = [] if text is None else [text]
        answer = client.post(place, fields | extra)
    table.row("random forms of a publisher").trial(f"{answer.status_code // 100}xx")
    assert answer.status_code < 500


@bounded(150)
@given(
    place=st.sampled_from(["", "conditions/", "conditions/condition/", "conditions/tag/add/", "auth/user/"]),
    tail=st.one_of(st.just(""), PLAIN),
    query=QUERIES,
)
def test_random_admin_addresses_are_never_an_error_of_ours(publisher, place, tail, query):
    client = Client(raise_request_exception=False)
    client.force_login(publisher.user)
    with undone():
        answer = client.get(f"/admin/{place}{quote(tail)}", QUERY_STRING=query)
    table.row("random addresses of the admin").trial(f"{answer.status_code // 100}xx")
    assert answer.status_code < 500
