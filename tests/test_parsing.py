"""The bytes of fixture files: what is nothing, what is refused in which words, and that nothing costs too much."""

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pytest
import yaml

from conditions import records, validation
from conditions.content_files import formats, parsing
from conditions.models import desk
from conditions.schema import SCHEMAS, FieldType, Kind

PACKERS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
NOTHING = ["null", "~", "Null", "NULL", ""]


def said(name: str, text: str | bytes):
    """The records that a file holds, and what is wrong with it."""
    data = text.encode() if isinstance(text, str) else text
    found, wrong = formats.entries_of(parsing.parse(Path(name), data), "x")
    return [entry.record for entry in found], wrong


def refused(name: str, data: bytes) -> str:
    with pytest.raises(parsing.Unreadable) as caught:
        parsing.parse(Path(name), data)
    return str(caught.value)


# Nothing


def objects_with(kind: Kind, place: tuple[str, ...], value: object) -> list[dict[str, object]]:
    """A whole entry of a kind, with a row of each relation, in which one field or one item has the value."""
    schema = SCHEMAS[kind]
    values = {FieldType.LINES: ["a"], FieldType.CODES: ["ICD-10-CM G51.3"], FieldType.DATE: "2026-05-31"}
    values |= {FieldType.URL: "https://example.org/", FieldType.PASSAGES: ["heading: a"], FieldType.FLAG: True}
    values |= {FieldType.QUOTES: []}

    def filled(fields):
        return {
            field.name: field.choices[0].value if field.choices else values.get(field.type, "Text.") for field in fields
        }

    entry = {"slug": "one", **filled(schema.fields)}
    rows = {
        table.relation.name: {table.owner: ["one"], table.target: ["two"], **filled(table.relation.fields)}
        for table in desk.row_tables(kind)
    }
    (entry if len(place) == 1 else rows[place[0]])[place[-1]] = value
    labels = {table.relation.name: table.model._meta.label_lower for table in desk.row_tables(kind)}
    out = [{"model": desk.MODELS[kind]._meta.label_lower, "fields": entry}]
    return out + [{"model": labels[name], "fields": row} for name, row in rows.items()]


PLACES = [
    (kind, place)
    for kind in Kind
    for place in [
        ("slug",),
        *((part.name,) for part in SCHEMAS[kind].parts),
        *((relation.name, part.name) for relation in SCHEMAS[kind].relations for part in relation.parts),
    ]
]


def test_null_is_the_same_nothing_in_every_format_and_field():
    assert len(PLACES) > 50
    different = {}
    for kind, place in PLACES:
        for value in (None, [None], ["a", None]):
            objects = objects_with(kind, place, value)
            lines = "".join(json.dumps(each) + "\n" for each in objects)
            expected = said("x.json", json.dumps(objects))
            answers = {"jsonl": said("x.jsonl", lines), "safe_dump": said("x.yaml", yaml.safe_dump(objects))}
            for word in NOTHING:
                text = yaml.safe_dump(objects).replace("null\n", f"{word}\n")
                answers[word] = said("x.yaml", text)
            different |= {(kind, place, how): answer for how, answer in answers.items() if answer != expected}
    assert different == {}


def test_null_leaves_a_field_empty_and_a_required_one_missing():
    for kind, place in PLACES:
        found, wrong = said("x.yaml", yaml.safe_dump(objects_with(kind, place, None)))
        owner = SCHEMAS[kind] if len(place) == 1 else SCHEMAS[kind].relation(place[0])
        field = next((each for each in owner.fields if each.name == place[-1]), None)
        if place == ("slug",) or (field and field.required):
            assert any(": is missing; " in message for message in wrong), (kind, place, wrong)
        else:
            assert wrong == []
            value = found[0][place[0]] if len(place) == 1 else found[0][place[0]][0][place[1]]
            assert not value


@pytest.mark.parametrize("word", [*NOTHING, "no", "1e3", "2026-05-31"])
def test_a_text_that_is_a_word_for_nothing_is_written_and_read_as_text(word):
    record = records.canonical(
        {
            "kind": "condition",
            "slug": "x",
            "name": word or "x",
            "summary": word,
            "body": word,
            "also_called": [word],
            "related": [{"target": "y", "role": "part-of", "note": word}],
        }
    )
    assert said("x.yaml", formats.text_of(record)) == ([record], [])


@pytest.mark.parametrize("tagged", ["!!null Words", "!!null 'Words'"])
def test_words_are_never_taken_for_nothing(tagged):
    text = f"- model: conditions.tag\n  fields:\n    slug: x\n    name: {tagged}\n"
    assert "`!!null` is followed by a text" in refused("x.yaml", text.encode())


# What is no fixture


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("form", parsing.FORMATS)
@pytest.mark.parametrize("text", ["", "\n", " \n\n\t\n", "\ufeff", "\ufeff\n"])
def test_an_empty_file_is_refused_in_every_format(form, packer, text):
    data = PACKERS[packer](text.encode())
    assert refused(f"x{form}{packer}", data) == "is empty; put back what it held, or remove it"


@pytest.mark.parametrize(
    ("name", "text"), [("x.yaml", "# only a comment\n"), ("x.yaml", "---\n"), ("x.yaml", "~\n"), ("x.json", "null")]
)
def test_a_file_that_says_nothing_is_refused(name, text):
    assert refused(name, text.encode()).startswith("is empty")


@pytest.mark.parametrize("name", ["x.yaml", "x.json"])
def test_an_empty_list_is_a_statement(name):
    assert said(name, "[]\n") == ([], [])


GOOD = "- model: conditions.tag\n  fields:\n    slug: x\n    name: X\n    group: topic\n    summary: '{}'\n"
LINE = json.dumps({"model": "conditions.tag", "fields": {"slug": "x", "name": "X", "group": "topic"}})


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(newline):
    text = "- model: conditions.tag\n  fields:\n    slug: x\n    name: X\n    group: topic\n"
    expected = said("x.yaml", text)
    assert expected[1] == []
    assert said("x.yaml", text.replace("\n", newline)) == expected
    assert said("x.jsonl", f"{LINE}\n\n".replace("\n", newline)) == expected
    two = LINE.replace('"x"', '"y"')
    assert len(said("x.jsonl", f"{LINE}{newline}{two}{newline}")[0]) == 2


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.yaml", GOOD.encode("utf-16"), "is UTF-16, as PowerShell writes it; save it as UTF-8"),
        ("x.json", "[]".encode("utf-16-be"), "is UTF-16"),
        ("x.json", "[]".encode("utf-16-le"), "is UTF-16"),
        ("x.json", b"\xfe\xff" + "[]".encode("utf-16-be"), "is UTF-16"),
        ("x.yaml", GOOD.encode() + "# Café".encode("latin-1"), "is not UTF-8 (byte 98, in line 7); save it as UTF-8"),
        ("x.yaml", b"PK\x03\x04rest", "is a zip archive; unpack it"),
        ("x.yaml", gzip.compress(GOOD.encode()), "is packed with gzip; end its name with .gz"),
        ("x.json", bz2.compress(b"[]"), "is packed with bzip2; end its name with .bz2"),
        ("x.json", lzma.compress(b"[]"), "is packed with xz; end its name with .xz"),
        ("x.json.gz", gzip.compress(gzip.compress(b"[]")), "is packed with gzip"),
        ("x.json.gz", lzma.compress(b"[]"), "cannot be decompressed (Not a gzipped file"),
        ("x.yaml", b"SQLite format 3\0rest", "is a SQLite database"),
        ("x.yaml", GOOD.replace("X", "X\x07").encode(), "line 4: a control character, U+0007; remove it"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_no_fixture_is_called_what_it_is(name, data, message):
    assert message in refused(name, data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\u0007b", "summary: contains the control character U+0007, after 'a'; remove it"),
        ("one\n\ntwo\x08", "summary: contains the control character U+0008 in line 3, after 'one two'; remove it"),
        ("one\r\n\x01", "summary: contains the control character U+0001 in line 2, after 'one'; remove it"),
    ],
)
def test_a_control_character_is_named_with_its_line(text, message):
    objects = objects_with(Kind.CONDITION, ("summary",), text)
    assert said("x.json", json.dumps(objects))[1] == [f"x: object 1: conditions.condition: {message}"]


@pytest.mark.parametrize(
    ("data", "may_be_foreign"),
    [
        (b"- !!set {}\n", True),
        (b"- model: auth.group", True),
        (b"- model: conditions.tag", False),
        ("- model: conditions.tag".encode("utf-16"), False),
        ("- model: auth.group\n".encode("utf-16"), True),
        (b"", False),
        (b"PK\x03\x04", False),
    ],
)
def test_only_a_file_without_entries_may_be_another_apps(data, may_be_foreign):
    with pytest.raises(parsing.Unreadable) as caught:
        parsing.parse(Path("x.yaml"), data)
    assert caught.value.may_be_foreign is may_be_foreign


# What would cost too much


def alias_bomb(levels: int, field: str = "also_called") -> str:
    entry = "- model: conditions.condition\n  fields:\n    slug: s{0}\n    name: N\n    {1}: &a{0} [{2}]\n"
    texts = [entry.format(0, field, ", ".join(["x"] * 9))]
    texts += [entry.format(n, field, ", ".join([f"*a{n - 1}"] * 9)) for n in range(1, levels + 1)]
    return "".join(texts)


@pytest.mark.parametrize("levels", [7, 8, 30, 2000])
def test_an_alias_bomb_is_refused_at_once(levels):
    assert "repeats itself by aliases" in refused("x.yaml", alias_bomb(levels).encode())


def test_aliases_that_repeat_little_are_read():
    rows = "".join(
        f"- model: conditions.tag\n  fields:\n    slug: s{n}\n    name: N\n    group: topic\n    summary: *a\n"
        for n in range(1, 50)
    )
    first = "- model: conditions.tag\n  fields:\n    slug: s0\n    name: N\n    group: topic\n    summary: &a Words.\n"
    found, wrong = said("x.yaml", first + rows)
    assert wrong == []
    assert {record["summary"] for record in found} == {"Words."}


class Untold(list):
    """A value that says when it is written out."""

    def __repr__(self) -> str:
        pytest.fail("An untrusted value is written out for a message.")

    __str__ = __repr__


class UntoldMapping(dict):
    __repr__ = __str__ = Untold.__repr__


@pytest.mark.parametrize("value", [Untold(["x"]), UntoldMapping(a="b"), Untold([Untold()]), Untold([UntoldMapping()])])
def test_no_message_writes_a_wrong_value_out(value):
    for kind, place in PLACES:
        formats.entries_of(objects_with(kind, place, value), "x")
    table = desk.row_tables(Kind.CONDITION)[0]
    for row in ({table.owner: value}, {table.owner: ["one"], table.target: value}, {"wrong": value}):
        objects = [{"model": table.model._meta.label_lower, "fields": row}]
        assert formats.entries_of(objects, "x")[1]
    for thing in (value, {"model": value}, {"model": "conditions.tag", "fields": value}, {"model": "x", "more": value}):
        assert formats.entries_of([thing], "x")[1]
        formats.is_ours([thing])
        formats.is_dump([thing])


@pytest.mark.parametrize("value", ["x" * 100_000, 9**4000, 1e300, None, True, [], {}, object()], ids=lambda _: "")
def test_a_value_in_a_message_is_short(value):
    assert len(validation.in_words(value)) < 70


LONG = "s" * 1000


@pytest.mark.parametrize(
    "text",
    [
        f"- model: {LONG}\n  fields: {{}}\n",
        f"- model: conditions.tag\n  {LONG}: x\n  fields: {{}}\n",
        f"- model: conditions.tag\n  fields:\n    {LONG}: x\n",
        f"- model: conditions.tag\n  fields:\n    slug: {LONG}\n" * 2,
        f"- model: conditions.conditionsymptom\n  fields:\n    condition: [{LONG}]\n    symptom: [x]\n",
        f"- model: conditions.condition\n  fields: {{slug: x, name: X}}\n- model: conditions.conditionsymptom\n"
        f"  fields: {{condition: [x], symptom: [{LONG}]}}\n" * 2,
        f"- model: conditions.condition\n  fields: {{slug: x, name: X, tags: [{LONG}], sources: [{LONG}]}}\n",
        f"- model: conditions.question\n  fields: {{slug: x, name: X, about: [causes/{LONG}]}}\n",
    ],
    ids=lambda _: "",
)
def test_messages_about_huge_values_are_short(text):
    _, wrong = said("x.yaml", text)
    assert wrong
    assert max(map(len, wrong)) < 600


@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
def test_looking_for_a_key_that_appears_twice_looks_at_each_key_once(name, monkeypatch):
    looked = []
    find = parsing._first_twin
    monkeypatch.setattr(parsing, "_first_twin", lambda names: find(looked.append(name) or name for name in names))
    keys = [f"k{number}" for number in range(500)]
    text = json.dumps([dict.fromkeys(keys, "x")])
    parsing.parse(Path(name), f"{text}\n".encode())
    assert len(looked) in (0, 500), "JSON without twins is not looked at at all"
    twin = text.replace("}]", ', "k499": "y"}]')
    assert "'k499' appears twice" in refused(name, f"{twin}\n".encode())


@pytest.mark.parametrize("packer", [".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("form", parsing.FORMATS)
def test_a_packed_bomb_is_refused_without_being_unpacked(packer, form, monkeypatch):
    monkeypatch.setattr(parsing, "LARGEST", 10_000)
    assert parsing.parse(Path(f"x.json{packer}"), PACKERS[packer](b"[]" + b" " * 9_998)) == []
    opener, read = parsing.OPENERS[packer], []

    def watched(data):
        file = opener(data)
        take = file.read
        file.read = lambda size=-1: read.append(size) or take(size)
        return file

    monkeypatch.setitem(parsing.OPENERS, packer, watched)
    message = refused(f"x{form}{packer}", PACKERS[packer](b" " * 1_000_000))
    assert message == f"unpacked, it {parsing.TOO_LARGE}"
    assert read == [10_001]


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(parsing, "LARGEST", 10)
    path = tmp_path / "x.json"
    path.write_bytes(b" " * 11)
    with pytest.raises(parsing.Unreadable, match="is larger than 200 MB; split it"):
        parsing.read(path)
    with pytest.raises(parsing.Unreadable, match="is larger than"):
        parsing.read(Path("/dev/zero"))
