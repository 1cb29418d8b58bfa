"""Fixture files <-> records: one page a file in YAML, or many in JSON, in the shape of Django's fixtures."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import os
import re
import reprlib
import tempfile
import zlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from conditions import records, validation
from conditions.models import desk
from conditions.models.desk import RowTable
from conditions.records import Record, RecordLike
from conditions.schema import SCHEMAS, Field, FieldType, Kind

OPENERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}
Objects = list[Any]
"""What a fixture file holds, whatever that is."""
FORMATS = (".yaml", ".yml", ".json", ".jsonl")
DEEPEST = 10
"""Most levels of lists and mappings in YAML: a fixture has five."""
TOO_DEEP = "is nested too deeply for a fixture"
LABELS: dict[str, Kind] = {model._meta.label_lower: kind for kind, model in desk.MODELS.items()}
"""What a file calls the model of a kind."""
ROW_LABELS: dict[str, tuple[Kind, RowTable]] = {
    table.model._meta.label_lower: (kind, table) for kind in Kind for table in desk.row_tables(kind)
}


class InvalidFiles(Exception):
    """Fixture files that cannot be loaded. `problems` names file, object, field and fix of each mistake."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Unreadable(ValueError):
    """A file that is not a fixture at all, with the reason in words."""


@dataclass
class FileEntry:
    """One entry of a file: its record, and the objects (counted from 1) that said it."""

    record: Record
    file: str
    number: int
    row_numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    @cached_property
    def kind(self) -> Kind:
        return Kind(self.record["kind"])

    @property
    def place(self) -> str:
        return f"{self.kind.label} {self.record['slug']!r}"

    def say(self, problem: records.Problem) -> str:
        """A problem of this entry, with the file, the object and the model that it is about."""
        number, label, path = self.number, desk.MODELS[self.kind]._meta.label_lower, problem.path
        row = (path[0], path[1]) if len(path) > 1 else ("", "")
        if row in self.row_numbers:
            number = self.row_numbers[row]
            table = next(table for table in desk.row_tables(self.kind) if table.relation.name == path[0])
            label, path = table.model._meta.label_lower, path[2:] or (table.target,)
        return f"{self.file}: object {number}: {label}: {', '.join(path)}: {problem.message}"


# Finding and reading


def standard_path(kind: Kind, slug: str) -> Path:
    """The file that holds one entry alone."""
    return Path(settings.FIXTURES) / kind.plural / f"{slug}.yaml"


def shown(path: Path) -> str:
    """A file's name in messages and versions: from the project's folder where it is below it."""
    path = path.resolve()
    base = Path(settings.FIXTURES).resolve().parent
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


def is_fixture(path: Path) -> bool:
    name = path.name
    for ending in OPENERS:
        name = name.removesuffix(ending)
    return name.endswith(FORMATS)


def find(label: str) -> list[Path]:
    """The files that a label names: a file, a folder whole, or an entry such as `conditions/bells-palsy`."""
    for root in (Path(), Path(settings.BASE_DIR), Path(settings.FIXTURES)):
        path = root / label
        if path.is_dir():
            return sorted(each for each in path.rglob("*") if each.is_file() and is_fixture(each))
        if path.is_file():
            return [path]
    entry = Path(settings.FIXTURES) / f"{label}.yaml"
    return [entry] if entry.is_file() else []


def digest(data: bytes) -> str:
    """What identifies the content of a file, to this format of records."""
    return hashlib.sha256(b"%d:" % records.FORMAT + data).hexdigest()


def parse(path: Path, data: bytes) -> Objects:
    """The objects of a fixture file. Unreadable says why it is none."""
    name, text = _unpacked(path.name, data)
    if name.endswith((".yaml", ".yml")):
        objects = _yaml(text)
    elif name.endswith(".jsonl"):
        lines = enumerate(text.split("\n"), 1)
        objects = [_json(line, f"line {number}: ") for number, line in lines if line.strip()]
    else:
        objects = _json(text, "")
    if not isinstance(objects, list):
        raise Unreadable("is not a list of objects; begin each with `- model:`")
    if name.endswith((".yaml", ".yml")) and text and not text.endswith("\n"):
        raise Unreadable("does not end with a newline, so part of it may be missing; end the last line with one")
    return objects


def _unpacked(name: str, data: bytes) -> tuple[str, str]:
    """The name without the ending of a packer, and the text."""
    try:
        for ending, opener in OPENERS.items():
            if name.endswith(ending):
                name, data = name.removesuffix(ending), opener(data)
        return name, data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError) as error:
        raise Unreadable(f"cannot be decompressed ({error}); compress it again") from error


def _yaml(text: str) -> object:
    try:
        _refuse_depth(text)
        return yaml.load(text, Loader=_TextLoader)
    except yaml.YAMLError as error:
        raise Unreadable(f"is not valid YAML: {_yaml_words(error)}") from error


def _refuse_depth(text: str) -> None:
    """Unreadable where YAML is nested so deeply that the parser's own recursion would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_TextLoader):
        opens = isinstance(event, yaml.CollectionStartEvent)
        depth += opens - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Unreadable(TOO_DEEP)


def _json(text: str, where: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_no_twins)
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
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise _Twin(f"{twin!r} appears twice in one object; merge the two")
    return found


class _TextLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # in C where it was built
    """Reads every plain value as text (`no`, `1e3` and `2024-01-01` too) and refuses a key that appears twice."""

    yaml_implicit_resolvers: dict[str, object] = {}


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Hashable, object]:
    names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    for twin in {name for name in names if names.count(name) > 1}:
        raise yaml.constructor.ConstructorError(None, None, f"{twin!r} appears twice; merge the two", node.start_mark)
    return dict(loader.construct_mapping(node, deep=True))


_TextLoader.yaml_constructors = {
    "tag:yaml.org,2002:str": _TextLoader.construct_yaml_str,
    "tag:yaml.org,2002:seq": _TextLoader.construct_yaml_seq,
    "tag:yaml.org,2002:map": _mapping,
    None: _TextLoader.construct_undefined,
}


def _yaml_words(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}, column {mark.column + 1}: {what}" if mark else what


def is_ours(objects: Objects) -> bool:
    """Whether the objects are FaceHealth's: those of a file whose first object is another app's are not."""
    first = objects[0] if objects else None
    return is_entry(first) or not (isinstance(first, dict) and isinstance(first.get("model"), str))


def is_entry(thing: object) -> bool:
    """Whether an object says that it is of this app."""
    return isinstance(thing, dict) and str(thing.get("model")).startswith("conditions.")


def entries_of(objects: Objects, file: str) -> tuple[list[FileEntry], list[str]]:
    """The entries that objects say, canonical, and all that is wrong with them, in words.

    If anything is wrong, the entries are good for being referred to and for nothing else.
    """
    found: dict[tuple[Kind, str], FileEntry] = {}
    wrong: list[str] = []
    rows: list[tuple[int, Record]] = []
    for number, thing in enumerate(objects, 1):
        where = f"{file}: object {number}"
        if message := _misshapen(thing):
            wrong.append(f"{where}: {message}")
            continue
        wrong += [f"{where}: {message}" for message in _take_unknown_fields_out(thing)]
        if thing["model"] in ROW_LABELS:
            rows.append((number, thing))
        else:
            _add_entry(found, wrong, thing, file, number)
    for number, thing in rows:
        if message := _add_row(found, number, thing):
            wrong.append(f"{file}: object {number}: {thing['model']}: {message}")
    readable = []
    for entry in found.values():
        problems = validation.problems(entry.record)
        wrong += map(entry.say, problems)
        # What is wrong is left out, so that the rest can be checked too, in one go.
        bad = {problem.path[0] for problem in problems}
        if "slug" not in bad:
            sound = {name: value for name, value in entry.record.items() if name not in bad}
            entry.record = records.canonical(sound)
            readable.append(entry)
    return readable, wrong


def _misshapen(thing: object) -> str:
    if not isinstance(thing, dict):
        return "is not a mapping; write `model:` and `fields:`"
    model, extra = thing.get("model"), sorted(map(str, thing.keys() - {"model", "fields"}))
    if not isinstance(model, str) or model not in LABELS.keys() | ROW_LABELS.keys():
        known = ", ".join([*LABELS, *ROW_LABELS])
        return f"{reprlib.repr(model)} is not a model of entries; use one of: {known}"
    if not isinstance(thing.get("fields"), dict):
        return f"{model}: has no mapping of fields; write `fields:` and the fields below it"
    if extra:
        return f"{model}: does not take {', '.join(extra)}; remove it: entries are identified by slug alone"
    return ""


def _take_unknown_fields_out(thing: Record) -> list[str]:
    """The words of what is wrong with the names of fields; the rest of the object can be checked further."""
    model = thing["model"]
    allowed = _row_fields(ROW_LABELS[model][1]) if model in ROW_LABELS else _entry_fields(LABELS[model])
    unknown = [name for name in thing["fields"] if name not in allowed]
    thing["fields"] = {name: value for name, value in thing["fields"].items() if name in allowed}
    return [f"{model}: has no field {reprlib.repr(name)}; its fields are {', '.join(allowed)}" for name in unknown]


def _entry_fields(kind: Kind) -> list[str]:
    return ["slug", *(part.name for part in SCHEMAS[kind].parts)]


def _row_fields(table: RowTable) -> list[str]:
    return [table.owner, table.target, *(part.name for part in table.relation.parts)]


def _add_entry(
    found: dict[tuple[Kind, str], FileEntry], wrong: list[str], thing: Record, file: str, number: int
) -> None:
    kind = LABELS[thing["model"]]
    record = {"kind": kind.value, **thing["fields"], **{relation.name: [] for relation in SCHEMAS[kind].relations}}
    record.setdefault("slug", None)
    slug = record["slug"] if isinstance(record["slug"], str) else f"object {number}"
    if (kind, slug) in found:
        wrong.append(f"{file}: object {number}: {thing['model']}: {slug!r} appears twice in this file; merge the two")
    found[kind, slug] = FileEntry(record, file, number)


def _add_row(found: dict[tuple[Kind, str], FileEntry], number: int, thing: Record) -> str:
    """Give a relation row to its owner's record; the words of what is wrong, if something is."""
    kind, table = ROW_LABELS[thing["model"]]
    fields = dict(thing["fields"])
    keys = {}
    for name in (table.owner, table.target):
        key = fields.pop(name, None)
        if not (isinstance(key, list) and len(key) == 1 and isinstance(key[0], str)):
            return f"{name}: expected a slug in brackets, [facial-droop], found {reprlib.repr(key)}"
        keys[name] = key[0]
    entry = found.get((kind, keys[table.owner]))
    if entry is None:
        return f"{table.owner}: {kind.label} {keys[table.owner]!r} is not in this file; move the row to its file"
    place = (table.relation.name, keys[table.target])
    if place in entry.row_numbers:
        return f"{table.target}: {place[1]!r} is listed twice (object {entry.row_numbers[place]}); merge the two"
    entry.row_numbers[place] = number
    entry.record[table.relation.name].append({"target": keys[table.target], **fields})
    return ""


# Writing


class _Literal(str):
    """Text for a literal block."""


class _Key(list[str]):
    """A natural key, written in brackets."""


class _Dumper(yaml.SafeDumper):
    """One line to a text, so that a diff reads as an edit."""


_Dumper.add_representer(
    _Literal, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)
_Dumper.add_representer(
    _Key, lambda dumper, key: dumper.represent_sequence("tag:yaml.org,2002:seq", key, flow_style=True)
)
_NO_LITERAL = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]| \n| $")


def text_of(record: Record) -> str:
    """The fixture file of one canonical record: the same bytes whenever it says the same."""
    kind = Kind(record["kind"])
    fields = {"slug": record["slug"]}
    fields |= {each.name: _shown_value(each, record[each.name]) for each in SCHEMAS[kind].fields}
    fields |= {each.name: record[each.name] for each in SCHEMAS[kind].references}
    objects = [{"model": desk.MODELS[kind]._meta.label_lower, "fields": _filled(fields)}]
    for table in desk.row_tables(kind):
        objects += [_row_object(table, record["slug"], row) for row in record[table.relation.name]]
    return yaml.dump(
        objects, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=10**9
    )


def _row_object(table: RowTable, owner: str, row: RecordLike) -> Record:
    keys = {table.owner: _Key([owner]), table.target: _Key([row["target"]])}
    rest = {name: value for name, value in row.items() if name != "target"}
    return {"model": table.model._meta.label_lower, "fields": keys | _filled(rest)}


def _shown_value(field: Field, value: object) -> object:
    if (
        field.type in (FieldType.MARKDOWN, FieldType.VERBATIM)
        and isinstance(value, str)
        and value
        and not _NO_LITERAL.search(value)
    ):
        return _Literal(value)
    return value


def _filled(fields: RecordLike) -> Record:
    return {name: value for name, value in fields.items() if value}


def write(path: Path, text: str) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
