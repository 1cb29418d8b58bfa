"""The state of a walk: what was typed, what was acknowledged, what was done, and what did not hold."""

from __future__ import annotations

import io
import json
import random
import re
import traceback
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from conditions import drafts, publishing
from conditions.content_files import formats, parsing
from conditions.edition_check import check_of
from conditions.models import Address, Change, Decision, Edition, Link, LoadedFile, Name, Page, Version, desk
from conditions.models.desk import VersionedEntry
from conditions.page_cache import PageCache
from conditions.records import Record
from conditions.schema import Kind

WORD = re.compile(r"(?:main|rival)\d+x")
"""A word that occurs once in a walk: where it is seen later, its text came from where it was typed."""
REMARK = re.compile(r"# Remark (\w+)")
KEPT = (Page, Version, Edition, Change, Link, Name, Address, Decision, LoadedFile, desk.Tagged, desk.Citation)
"""What a load or a save writes, besides the desk."""


def words_in(text: object) -> set[str]:
    """The walk's own words in a text or a record."""
    return set(WORD.findall(text if isinstance(text, str) else json.dumps(text)))


@dataclass
class Opened:
    """A form that someone has open: the entry, what it said, and the version that it was opened on."""

    kind: Kind
    pk: int
    record: Record
    number: int


@dataclass
class Walk:
    """One process of a walk. name: how its words begin. alone: whether nobody else writes at this moment."""

    name: str
    seed: int
    slugs: int
    alone: bool = True
    typed: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    reasons: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    refused_loads: int = 0
    """How many loads have been refused, one after the other."""
    counts: Counter[str] = field(default_factory=Counter)
    trail: deque[str] = field(default_factory=lambda: deque(maxlen=15))
    forms: deque[Opened] = field(default_factory=lambda: deque(maxlen=6))
    checkouts: deque[dict[Path, bytes]] = field(default_factory=lambda: deque(maxlen=4))
    in_files: set[str] = field(default_factory=set)
    footnotes: dict[tuple[int, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.seed} {self.name}")
        self.folder = Path(settings.FIXTURES)
        self.editor = User.objects.get(username=self.name)
        self.public = Client(raise_request_exception=False)

    @cached_property
    def admin(self) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(self.editor)
        return client

    @cached_property
    def cache(self) -> PageCache:
        """What keeps pages from one look to the next, on connections of its own."""
        return PageCache(WSGIHandler(), check_of(connection))

    def word(self) -> str:
        """A new word."""
        self.typed += 1
        return f"{self.name}{self.typed}x"

    def slug(self, kind: Kind) -> str:
        """One of a few slugs. Sources mostly have others than documents, which may not share one."""
        letter = "t" if kind is Kind.SOURCE and self.random.random() < 0.9 else "s"
        return f"{letter}{self.random.randrange(self.slugs)}"

    def acknowledge(self, words: Iterable[str], how: str) -> None:
        """Note words that the program has said are kept."""
        for word in words:
            self.acknowledged.setdefault(word, how)

    def violated(self, what: str) -> None:
        """Note something that did not hold, with what was done before."""
        self.violations.append(what)
        trail = "\n    ".join(self.trail)
        print(f"VIOLATION by {self.name}, seed {self.seed}: {what[:3000]}\n  after\n    {trail}", flush=True)

    # What is there

    def entries(self, *kinds: Kind) -> list[VersionedEntry]:
        return [entry for kind in kinds or Kind for entry in desk.entries(kind).order_by("pk")]

    def entry(self, *kinds: Kind) -> VersionedEntry | None:
        """Any entry on the desk."""
        found = self.entries(*kinds)
        return self.random.choice(found) if found else None

    def some(self, kind: Kind, most: int = 2) -> list[str]:
        """A few slugs of a kind, none perhaps."""
        slugs = list(desk.entries(kind).order_by("slug").values_list("slug", flat=True))
        return self.random.sample(slugs, min(len(slugs), self.random.randint(0, most)))

    def files(self) -> list[Path]:
        return sorted(self.folder.rglob("*.yaml"))

    def words_in_files(self) -> set[str]:
        return {word for path in self.files() for word in words_in(self.text(path))}

    def remarks(self) -> set[str]:
        """The words of comments that `at_files.comment` put into files."""
        return {word for path in self.files() for word in REMARK.findall(self.text(path))}

    def text(self, path: Path) -> str:
        """What a file says; nothing if it has just gone."""
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            return ""

    def record_in(self, path: Path) -> Record | None:
        """The record of a file that holds one entry, and nothing wrong."""
        try:
            found, wrong = formats.entries_of(parsing.parse(path, self.text(path).encode()), str(path))
        except parsing.Unreadable:
            return None
        return found[0].record if len(found) == 1 and not wrong else None

    def words_kept(self) -> set[str]:
        """The words of all versions."""
        records = Version.objects.values_list("record", flat=True)
        return {word for record in records.iterator() for word in words_in(record)}

    def tables(self) -> tuple[int, ...]:
        """How many rows each table has."""
        models: list[Any] = [*KEPT, *desk.MODELS.values()]
        return tuple(model.objects.count() for model in models)

    # What it does

    def run(self, command: str, *labels: str, **options: Any) -> tuple[bool, str]:
        """Run a command in this process: whether it succeeded, and all that it said."""
        out = io.StringIO()
        try:
            call_command(command, *labels, stdout=out, stderr=out, **options)
        except CommandError as error:
            return False, f"{out.getvalue()}{error}"
        except Exception:
            self.violated(f"{command} {options} ended with a stack trace\n{traceback.format_exc()}")
            return False, out.getvalue()
        return True, out.getvalue()

    @contextmanager
    def writes_nothing(self, what: str) -> Iterator[None]:
        """Hold that no table grows or shrinks."""
        before = self.tables() if self.alone else ()
        yield
        if self.alone and self.tables() != before:
            self.violated(f"{what} wrote something: {before} became {self.tables()}")


def newest_number(entry: VersionedEntry) -> int:
    """The number of the newest version of an entry."""
    page = Page.objects.get(pk=entry.page_id)
    version = publishing.newest(page)
    return version.number if version else 0


def opened(entry: VersionedEntry) -> Opened:
    return Opened(entry.kind, entry.pk, drafts.read(entry), newest_number(entry))


def shown(entries: Collection[VersionedEntry]) -> str:
    return ", ".join(f"{entry.kind.plural}/{entry.slug}" for entry in entries)
