"""Fixture files: what is read, what is refused, and the same bytes whenever the same is said."""

import bz2
import gzip
import json
import lzma
from difflib import unified_diff
from pathlib import Path

import pytest

from conditions import records
from conditions.content_files import formats, parsing
from conditions.schema import Kind

GOOD = """- model: conditions.symptom
  fields:
    slug: earache
    name: Earache
    summary: Pain in the ear.
"""


def entries(text, name="x.yaml"):
    return formats.entries_of(parsing.parse(Path(name), (text + "\n").encode()), name)


def test_parse_reads_every_plain_value_as_text():
    found, wrong = entries(GOOD.replace("Earache", "no").replace("Pain in the ear.", "2024-01-01"))
    assert wrong == []
    assert (found[0].record["name"], found[0].record["summary"]) == ("no", "2024-01-01")


@pytest.mark.parametrize(
    ("ending", "pack"), [("", bytes), (".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
@pytest.mark.parametrize("form", ["yaml", "json", "jsonl"])
def test_parse_reads_every_format_packed_or_not(form, ending, pack):
    objects = [{"model": "conditions.symptom", "fields": {"slug": "earache", "name": "Earache"}}]
    text = {"yaml": GOOD, "json": json.dumps(objects), "jsonl": json.dumps(objects[0]) + "\n\n"}[form]
    found = parsing.parse(Path(f"x.{form}{ending}"), pack(text.encode()))
    assert formats.entries_of(found, "x")[0][0].record["slug"] == "earache"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.yaml", b"\xff\xfa\x00", "is not UTF-8"),
        ("x.yaml", b"- model: [", "is not valid YAML: line 2"),
        ("x.yaml", b"- model: a\n  model: b\n", "'model' appears twice"),
        ("x.yaml", b"model: conditions.symptom", "is not a list of objects"),
        ("x.yaml", b"- !!python/object/apply:os.system [ls]", "is not valid YAML"),
        ("x.yaml", b"[" * 100_000, "is nested too deeply"),
        ("x.yaml", b"- " * 100_000 + b"a", "is nested too deeply"),
        ("x.yaml", GOOD[:60].encode(), "does not end with a newline"),
        ("x.yaml", b"- model: !!int abc", "is not valid YAML"),
        ("x.yaml", b"- model: !!bool x", "is not valid YAML"),
        ("x.json", b"[" + b"9" * 5000 + b"]", "is not valid JSON|appears twice|limit|xceeds"),
        ("x.json.gz", gzip.compress(b"[]", mtime=0)[:12] + b"garbage!", "cannot be decompressed"),
        ("x.json", b"[{", "is not valid JSON"),
        ("x.json", b'[{"a": 1, "a": 2}]', "'a' appears twice"),
        ("x.json", b"[" * 100_000, "is nested too deeply"),
        ("x.jsonl", b'{"a": 1}\n{"a"', "is not valid JSON: line 2"),
        ("x.yaml.gz", b"no gzip", "cannot be decompressed"),
        ("x.json.xz", b"no xz", "cannot be decompressed"),
        ("x.json.bz2", b"no bz2", "cannot be decompressed"),
        ("x.json.gz", gzip.compress(b"[]" * 99, mtime=0)[:-9], "cannot be decompressed"),
    ],
)
def test_parse_refuses_what_is_no_fixture(name, data, message):
    with pytest.raises(parsing.Unreadable, match=message.replace("(", r"\(")):
        parsing.parse(Path(name), data)


ROW = """- model: conditions.symptomcause
  fields:
    symptom: [{owner}]
    cause: {target}
    {field}: {value}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 5", "object 1: is not a mapping"),
        ("- model: auth.user\n  fields: {}", "object 1: 'auth.user' is not a model of entries"),
        ("- model: conditions.version\n  fields: {}", "'conditions.version' is not a model of entries"),
        ("- model: conditions.symptom", "conditions.symptom: has no mapping of fields"),
        (GOOD.replace("  fields", "  pk: 7\n  fields"), "does not take 'pk'"),
        (GOOD.replace("summary", "sumary"), "has no field 'sumary'; its fields are slug, name"),
        (GOOD.replace("name: Earache", "name: [a]"), "name: expected text, found a list"),
        (GOOD.replace("name: Earache", "name: {a: b}"), "name: expected text, found a mapping"),
        (GOOD.replace("    name: Earache\n", ""), "object 1: conditions.symptom: name: is missing; write it"),
        (GOOD.replace("slug: earache", "slug: ear ache"), "slug: 'ear ache' is not a valid slug"),
        (GOOD.replace("slug: earache", "slug: [x]"), "slug: a list is not a valid slug"),
        (GOOD + "    tags: sudden\n", "tags: expected a list of slugs, found 'sudden'"),
        (GOOD + "    tags: [sudden, [x]]\n", "tags: expected a list of slugs, found a list in it"),
        (GOOD + "    tags: [sudden, ~]\n", "tags: contains an empty item; remove it"),
        (GOOD + "    also_called: [a, null]\n", "also_called: contains an empty item; remove it"),
        (GOOD + "    also_called: [a, [b]]\n", "also_called: expected text, found a list"),
        (GOOD + '    body: "a\\0b"\n', "body: contains the control character U+0000"),
        (GOOD + "    body: 'x [@nowhere]'\n", "body: [@nowhere] is not among this entry's documents"),
        (GOOD + GOOD, "object 2: conditions.symptom: 'earache' appears twice in this file"),
        (ROW.format(owner="x", target="[y]", field="note", value="n"), "symptom 'x' is not in this file"),
        (
            GOOD + ROW.format(owner="earache", target="y", field="note", value="n"),
            "cause: expected a slug in brackets",
        ),
        (
            GOOD + ROW.format(owner="earache", target="[y]", field="tags", value="t"),
            "object 2: conditions.symptomcause: tags: expected a list of slugs",
        ),
        (
            GOOD + ROW.format(owner="earache", target="[y]", field="note", value="n") * 2,
            "object 3: conditions.symptomcause: cause: 'y' is listed twice (object 2)",
        ),
        ("- &a [*a]", "is not a mapping"),
    ],
)
def test_entries_of_names_file_object_field_and_fix(text, message):
    _, wrong = entries(text)
    assert len(wrong) == 1
    assert wrong[0].startswith("x.yaml: object ")
    assert message in wrong[0]


def test_entries_of_gathers_every_mistake():
    _, wrong = entries(GOOD.replace("name: Earache", "name: ''").replace("slug: earache", "slug: ''") + "- 5\n")
    assert len(wrong) == 3


FIXTURES = sorted((Path(__file__).parent.parent / "fixtures").rglob("*.yaml"))


def difference(path):
    """What is other than it should be once a fixture file is read and written; empty if nothing is."""
    try:
        found, wrong = formats.entries_of(parsing.parse(path, path.read_bytes()), path.name)
    except parsing.Unreadable as error:
        return str(error)
    if wrong or len(found) != 1:
        return wrong or f"{len(found)} entries"
    if path != Path(path.parent.parent, Kind(found[0].kind).plural, f"{found[0].record['slug']}.yaml"):
        return "its name is not that of its entry"
    written, read = formats.text_of(found[0].record), path.read_text("utf-8")
    return "" if written == read else "\n".join(unified_diff(read.splitlines(), written.splitlines(), lineterm=""))


def test_every_fixture_file_round_trips_byte_for_byte():
    assert len(FIXTURES) > 150
    assert {str(path): wrong for path in FIXTURES if (wrong := difference(path))} == {}


def test_any_text_survives_writing_and_reading():
    hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is in requirements-dev.txt")
    st = hypothesis.strategies
    text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t\r "), max_size=80)

    @hypothesis.given(text, text, text, st.lists(text, max_size=3))
    @hypothesis.settings(deadline=None)
    def survives(name, prose, verbatim, names):
        record = records.canonical(
            {
                "kind": "condition",
                "slug": "x",
                "name": name,
                "summary": verbatim,
                "body": prose,
                "also_called": names,
            }
        )
        question = records.canonical({"kind": "question", "slug": "x", "name": name, "answer": verbatim})
        for each in (record, question):
            text = formats.text_of(each)
            read = parsing.parse(Path("x.yaml"), text.encode())[0]["fields"]
            again = records.canonical({"kind": each["kind"], **read})
            assert again == each
            assert formats.text_of(again) == text

    survives()
