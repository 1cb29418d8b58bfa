"""Fixture files <-> records: one page a file in YAML, or many in JSON, in the shape of Django's fixtures."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml
from django.apps import apps
from django.conf import settings

from conditions import records, validation
from conditions.content_files.parsing import Objects
from conditions.models import desk
from conditions.models.desk import RowTable
from conditions.records import Record, RecordLike, in_words
from conditions.schema import SCHEMAS, Field, FieldType, Kind

LABELS: dict[str, Kind] = {model._meta.label_lower: kind for kind, model in desk.MODELS.items()}
"""What a file calls the model of a kind."""
ROW_LABELS: dict[str, tuple[Kind, RowTable]] = {
    table.model._meta.label_lower: (kind, table) for kind in Kind for table in desk.row_tables(kind)
}
_MODELS = (*LABELS, *ROW_LABELS)
_TABLES = {model._meta.label_lower for model in apps.get_app_config("conditions").get_models()}
DUMP = (
    "is a dump of tables, as dumpdata writes it, and cannot be merged. To move content, run write_fixtures there and "
    "loaddata here; to move a whole site, backup and restore_backup, or copy_database"
)


class InvalidFiles(Exception):
    """Fixture files that cannot be loaded. `problems` names file, object, field and fix of each mistake."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass
class FileEntry:
    """One entry of a file: its record, and the objects (counted from 1) that said it; said: a digest of those."""

    record: Record
    file: str
    number: int
    row_numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    said: bytes = b""

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


# Names of files


def standard_path(kind: Kind, slug: str) -> Path:
    """The file that holds one entry alone."""
    return Path(settings.FIXTURES) / kind.plural / f"{slug}.yaml"


def shown(path: Path) -> str:
    """A file's name in messages and versions: from the project's folder where it is below it."""
    # Below it, a link has the name that it has there: what it leads to may move.
    fixtures = Path(settings.FIXTURES)
    for folder, name in ((fixtures, fixtures.name), (fixtures.parent, "")):
        for full in (os.path.abspath, os.path.realpath):
            place = Path(full(path))
            if place.is_relative_to(full(folder)):
                return (name / place.relative_to(full(folder))).as_posix()
    return place.as_posix()


def kind_of_folder(folder: Path) -> Kind | None:
    """The kind whose entries have their files in a folder, if there is one."""
    name = shown(folder)
    return next((kind for kind in Kind if shown(standard_path(kind, "x").parent) == name), None)


def digest(data: bytes) -> str:
    """What identifies the content of a file, to this format of records."""
    found = hashlib.sha256(b"%d:" % records.FORMAT)
    found.update(data)
    return found.hexdigest()


# Reading


def is_ours(objects: Objects) -> bool:
    """Whether the objects are FaceHealth's: those of a file whose first object is another app's are not."""
    first = objects[0] if objects else None
    return is_entry(first) or not (isinstance(first, dict) and isinstance(first.get("model"), str))


def is_entry(thing: object) -> bool:
    """Whether an object says that it is of this app."""
    return _model_of(thing).startswith("conditions.")


def is_dump(objects: Objects) -> bool:
    """Whether they are rows of whole tables, as `dumpdata` writes them, with keys of their own."""
    ours = [thing for thing in objects if is_entry(thing)]
    tables = _TABLES.intersection(map(_model_of, ours)).difference(_MODELS)
    columns = any(isinstance(fields := thing.get("fields"), dict) and "page" in fields for thing in ours)
    return bool(tables) or columns or (len(ours) > 1 and all("pk" in thing for thing in ours))


def _model_of(thing: object) -> str:
    model = thing.get("model") if isinstance(thing, dict) else None
    return model if isinstance(model, str) else ""


def entries_of(
    objects: Objects, file: str, *, ignore_unknown: bool = False, only: Collection[int] | None = None
) -> tuple[list[FileEntry], list[str]]:
    """The entries that objects say, canonical, and all that is wrong with them, in words.

    If anything is wrong, the entries are good for being referred to and for nothing else.
    ignore_unknown: models and fields that do not exist are passed over. only: the numbers of the objects that count.
    """
    found: dict[tuple[Kind, str], FileEntry] = {}
    wrong: list[str] = []
    rows: list[tuple[int, Record]] = []
    for number, thing in enumerate(objects, 1):
        if only is not None and number not in only:
            continue
        where = f"{file}: object {number}"
        if ignore_unknown and is_entry(thing) and thing["model"] not in _MODELS:
            continue
        if message := _misshapen(thing):
            wrong.append(f"{where}: {message}")
            continue
        unknown = _take_unknown_fields_out(thing)
        wrong += [] if ignore_unknown else [f"{where}: {message}" for message in unknown]
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
    model, extra = thing.get("model"), [name for name in thing if name not in ("model", "fields")]
    if not isinstance(model, str) or model not in _MODELS:
        return f"{in_words(model)} is not a model of entries; use one of: {', '.join(_MODELS)}"
    if not isinstance(thing.get("fields"), dict):
        return f"{model}: has no mapping of fields; write `fields:` and the fields below it"
    if extra:
        return f"{model}: does not take {in_words(extra[0])}; remove it: entries are identified by slug alone"
    return ""


def _take_unknown_fields_out(thing: Record) -> list[str]:
    """The words of what is wrong with the names of fields; the rest of the object can be checked further."""
    model = thing["model"]
    allowed = _row_fields(ROW_LABELS[model][1]) if model in ROW_LABELS else _entry_fields(LABELS[model])
    unknown = [name for name in thing["fields"] if name not in allowed]
    thing["fields"] = {name: value for name, value in thing["fields"].items() if name in allowed}
    return [f"{model}: has no field {in_words(name)}; its fields are {', '.join(allowed)}" for name in unknown]


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
        wrong.append(
            f"{file}: object {number}: {thing['model']}: {in_words(slug)} appears twice in this file; merge the two"
        )
    found[kind, slug] = FileEntry(record, file, number)


def _add_row(found: dict[tuple[Kind, str], FileEntry], number: int, thing: Record) -> str:
    """Give a relation row to its owner's record; the words of what is wrong, if something is."""
    kind, table = ROW_LABELS[thing["model"]]
    fields = dict(thing["fields"])
    keys = {}
    for name in (table.owner, table.target):
        key = fields.pop(name, None)
        if not (isinstance(key, list) and len(key) == 1 and isinstance(key[0], str)):
            return f"{name}: expected a slug in brackets, [facial-droop], found {in_words(key)}"
        keys[name] = key[0]
    entry = found.get((kind, keys[table.owner]))
    if entry is None:
        return (
            f"{table.owner}: {kind.label} {in_words(keys[table.owner])} is not in this file; move the row to its file"
        )
    place = (table.relation.name, keys[table.target])
    if place in entry.row_numbers:
        return (
            f"{table.target}: {in_words(place[1])} is listed twice (object {entry.row_numbers[place]}); merge the two"
        )
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
