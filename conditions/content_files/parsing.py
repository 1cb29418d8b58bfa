"""The bytes of a fixture file -> the objects that it holds, whatever those say. Nothing costs more than its size."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import zlib
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import IO, Any

import yaml

Objects = list[Any]
"""What a fixture file holds, whatever that is."""
OPENERS: dict[str, Callable[[io.BytesIO], Any]] = {
    ".gz": lambda data: gzip.GzipFile(fileobj=data),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
FORMATS = (".yaml", ".yml", ".json", ".jsonl")
LARGEST = 200_000_000
"""Most bytes of a file, also once it is unpacked."""
TOO_LARGE = f"is larger than {LARGEST // 1_000_000} MB; split it"
DEEPEST = 10
"""Most levels of lists and mappings in YAML: a fixture has five."""
TOO_DEEP = "is nested too deeply for a fixture"
MOST_REPEATED = 10
"""How many times its own length YAML may come to once its aliases are written out."""
EMPTY = "is empty; put back what it held, or remove it"
_OTHER_THINGS = {
    b"PK\x03\x04": "is a zip archive; unpack it, or pack it as .gz, .bz2 or .xz",
    b"\x1f\x8b": "is packed with gzip; end its name with .gz, or unpack it",
    b"BZh": "is packed with bzip2; end its name with .bz2, or unpack it",
    b"\xfd7zXZ\0": "is packed with xz; end its name with .xz, or unpack it",
    b"SQLite format 3\0": "is a SQLite database; `manage.py restore_backup` takes backups",
    b"PGDMP": "is a dump of a PostgreSQL database; `manage.py restore_backup` takes backups",
    b"%PDF": "is a PDF; write its text as YAML",
    b"\0\x05\x16\x07": "is what a Mac keeps beside a file; remove it",
}
"""What files are that begin so, and what to do about it."""
_UTF_16 = "is UTF-16, as PowerShell writes it; save it as UTF-8 (in PowerShell: Out-File -Encoding utf8)"


class Unreadable(ValueError):
    """A file that is not a fixture at all, with the reason in words.

    may_be_foreign: it does not mention an entry, so that it may be another app's, which Django can perhaps read.
    """

    def __init__(self, message: str, *, may_be_foreign: bool = False) -> None:
        self.may_be_foreign = may_be_foreign
        super().__init__(message)


def ending(name: str) -> str:
    """What a file's name says of its format; empty if it is none of ours."""
    for packed in OPENERS:
        name = name.removesuffix(packed)
    return next((each for each in FORMATS if name.endswith(each)), "")


def read(path: Path) -> bytes:
    """The bytes of a file. OSError; Unreadable where it is too large."""
    with path.open("rb") as file:
        return read_from(file)


def read_from(file: IO[bytes]) -> bytes:
    """The rest of a file or stream. Unreadable where it is too large: it is never read further."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable(TOO_LARGE)
    return data


def parse(path: Path, data: bytes) -> Objects:
    """The objects of a fixture file. Unreadable says why it is none."""
    data = _unpacked(path.name, data)
    try:
        return _objects(ending(path.name), _text(data))
    except Unreadable as error:
        # Django reads some YAML that we do not, and keys that appear twice.
        lenient = ending(path.name) in (".yaml", ".yml") or isinstance(error.__cause__, _Twin)
        known = str(error) == EMPTY or data.startswith(tuple(_OTHER_THINGS))
        # A text of two bytes a letter mentions it too.
        error.may_be_foreign = lenient and not known and b"conditions." not in data.replace(b"\0", b"")
        raise


def _unpacked(name: str, data: bytes) -> bytes:
    try:
        for packed, opener in OPENERS.items():
            if name.endswith(packed):
                name = name.removesuffix(packed)
                with opener(io.BytesIO(data)) as file:
                    data = read_from(file)
    except Unreadable as error:
        raise Unreadable(f"unpacked, it {error}") from error
    except (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError) as error:
        raise Unreadable(f"cannot be decompressed ({error}); compress it again") from error
    return data


def _text(data: bytes) -> str:
    for beginning, what in _OTHER_THINGS.items():
        if data.startswith(beginning):
            raise Unreadable(what)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2]:
        raise Unreadable(_UTF_16)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"is not UTF-8 (byte {error.start}, in line {line}); save it as UTF-8") from error
    if not text.strip():
        raise Unreadable(EMPTY)
    return text


def _objects(form: str, text: str) -> Objects:
    if form == ".jsonl":
        # One by one: a list of all lines would be the file once more.
        lines = re.finditer(r"[^\n]*\n?", text.replace("\r\n", "\n").replace("\r", "\n"))
        return [_json(line[0], f"line {number}: ") for number, line in enumerate(lines, 1) if line[0].strip()]
    objects = _json(text, "") if form == ".json" else _yaml(text)
    if objects is None:
        raise Unreadable(EMPTY)
    if not isinstance(objects, list):
        raise Unreadable("is not a list of objects; begin each with `- model:`")
    if form != ".json" and not text.endswith(("\n", "\r")):
        raise Unreadable("does not end with a newline, so part of it may be missing; end the last line with one")
    return objects


# JSON


def _json(text: str, where: str) -> object:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not valid JSON: {where}{error}") from error
    except RecursionError as error:
        raise Unreadable(TOO_DEEP) from error
    except (_Twin, ValueError) as error:
        raise Unreadable(f"{where}{error}") from error


class _Twin(ValueError):
    """A key that appears twice in one mapping: one of the two texts would be lost."""


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twin(f"{_first_twin(name for name, _ in pairs)!r:.60} appears twice in one object; merge the two")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_no_twins)
"""Made once: `json.loads` makes one for each line."""


def _first_twin(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


# YAML


def _yaml(text: str) -> object:
    try:
        _refuse_bombs(text)
        return yaml.load(text, Loader=_TextLoader)
    except yaml.YAMLError as error:
        raise Unreadable(f"is not valid YAML: {_yaml_words(error, text)}") from error


def _refuse_bombs(text: str) -> None:
    """Unreadable where YAML is nested so deeply that the parser's own recursion would end the process.

    And where its aliases, written out, come to many times its length.
    """
    depth = length = 0
    most = MOST_REPEATED * len(text) + 1000
    lengths: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=_TextLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append((event.anchor, length))
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            depth -= 1
            if anchor:
                lengths[anchor] = length - before
        elif isinstance(event, yaml.ScalarEvent):
            length += len(event.value) + 1
            if event.anchor:
                lengths[event.anchor] = len(event.value) + 1
        elif isinstance(event, yaml.AliasEvent):
            length += lengths.get(event.anchor or "", 1)
        if depth > DEEPEST:
            raise Unreadable(TOO_DEEP)
        if length > most:
            raise Unreadable("repeats itself by aliases (*) many times over; write out what you mean")


class _TextLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # in C where it was built
    """Reads every plain value as text (`no`, `1e3` and `2024-01-01` too), but null as nothing, as JSON does.

    It refuses a key that appears twice.
    """

    yaml_implicit_resolvers: dict[str, object] = {}


_NULL = "tag:yaml.org,2002:null"
_TextLoader.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])


def _nothing(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> None:
    if node.value not in ("", "~", "null", "Null", "NULL"):
        raise yaml.constructor.ConstructorError(None, None, "`!!null` is followed by a text", node.start_mark)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Hashable, object]:
    twin = _first_twin(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
    if twin is not None:
        problem = f"{twin!r:.60} appears twice; merge the two"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    return dict(loader.construct_mapping(node, deep=True))


_TextLoader.yaml_constructors = {
    _NULL: _nothing,
    "tag:yaml.org,2002:str": _TextLoader.construct_yaml_str,
    "tag:yaml.org,2002:seq": _TextLoader.construct_yaml_seq,
    "tag:yaml.org,2002:map": _mapping,
    None: _TextLoader.construct_undefined,
}


def _yaml_words(error: yaml.YAMLError, text: str) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, text.index(chr(error.character))) + 1
        return f"line {line}: a control character, U+{error.character:04X}; remove it"
    mark = getattr(error, "problem_mark", None)
    what = f"{getattr(error, 'problem', None) or error!s:.200}"
    return f"line {mark.line + 1}, column {mark.column + 1}: {what}" if mark else what
