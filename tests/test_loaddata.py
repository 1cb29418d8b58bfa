"""Each option of Django's loaddata, files of other apps, streams, whole tables: they work, or are refused by name."""

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import threading
import zipfile
from itertools import product

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.core.management.commands.loaddata import Command as DjangosLoaddata

from conditions.content_files import parsing
from conditions.management.commands.loaddata import Command
from conditions.models import Edition, LoadedFile, Symptom, Tag, Version

pytestmark = pytest.mark.django_db

SLOW = {"model": "conditions.tag", "fields": {"slug": "slow", "name": "Slow", "group": "course"}}
COUGH = {"model": "conditions.symptom", "fields": {"slug": "cough", "name": "Cough", "summary": "x", "tags": ["slow"]}}


def test_every_option_of_djangos_command_is_known():
    """A new one must work for entries, or be refused by name: then add it here."""

    def options(command: BaseCommand) -> set[str]:
        return {action.dest for action in command.create_parser("manage.py", "loaddata")._actions}

    known = {"args", "database", "app_label", "ignore", "exclude", "format"}
    assert options(DjangosLoaddata()) - options(BaseCommand()) == known
    assert options(Command()) - options(DjangosLoaddata()) == {"dry_run", "overwrite", "prune", "strict"}


# --exclude


@pytest.fixture
def two(folder):
    """A file with a tag and a symptom that carries it, not yet loaded."""
    (folder.root / "two.json").write_text(json.dumps([SLOW, COUGH]))
    return folder


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("exclude", "tags", "symptoms"),
    [
        (["conditions"], 0, 0),
        (["conditions.symptom"], 1, 0),
        (["conditions.Symptom", "conditions.tag"], 0, 0),
        (["auth"], 1, 1),
        (["auth.user", "sessions"], 1, 1),
    ],
)
def test_exclude_leaves_out_an_app_or_a_kind(two, exclude, tags, symptoms, dry_run):
    said = two.load("two.json", exclude=exclude, dry_run=dry_run)
    assert said.count("tag 'slow': new") == tags
    assert said.count("symptom 'cough': new") == symptoms
    assert Tag.objects.filter(slug="slow").count() == (0 if dry_run else tags)
    assert Symptom.objects.filter(slug="cough").count() == (0 if dry_run else symptoms)


def test_what_was_excluded_is_loaded_by_the_next_load(two):
    two.load("two.json", exclude=["conditions.symptom"])
    assert "symptom 'cough': new" in two.load("two.json")
    assert "1 file, unchanged since the last load" in two.load("two.json")


def test_a_reference_to_what_is_excluded_is_refused(two):
    with pytest.raises(CommandError, match="there is no tag 'slow'"):
        two.load("two.json", exclude=["conditions.tag"])


@pytest.mark.parametrize(
    ("exclude", "message"),
    [
        ("nosuch", "No installed app with label 'nosuch'"),
        ("conditions.nosuch", "Unknown model: conditions.nosuch"),
        ("conditions.conditionsymptom", "--exclude conditions.conditionsymptom: files hold whole entries; exclude"),
        ("conditions.page", "--exclude conditions.page: files hold whole entries; exclude conditions, or one of"),
    ],
)
def test_exclude_refuses_other_names(two, exclude, message):
    with pytest.raises(CommandError) as caught:
        two.load("two.json", exclude=[exclude])
    assert message in str(caught.value)
    assert not Tag.objects.filter(slug="slow").exists()


@pytest.mark.parametrize("options", [{"exclude": ["conditions.tag"]}, {"ignore": True}], ids=str)
def test_prune_refuses_to_leave_something_out(folder, options):
    with pytest.raises(CommandError, match="--prune needs files that are read whole; leave out --exclude and"):
        folder.load("fixtures", prune=True, **options)


# --ignorenonexistent, --app, --database, --verbosity


def test_ignorenonexistent_passes_over_what_does_not_exist(folder):
    objects = [
        {"model": "conditions.tag", "fields": SLOW["fields"] | {"color": "red"}},
        {"model": "conditions.gone", "fields": {"slug": "x"}},
    ]
    (folder.root / "old.json").write_text(json.dumps(objects))
    with pytest.raises(CommandError, match="has no field 'color'"):
        folder.load("old.json")
    assert "tag 'slow': new" in folder.load("old.json", ignore=True)
    with pytest.raises(CommandError, match=r"'conditions.gone' is not a model of entries"):
        folder.load("old.json")


def test_app_looks_only_in_the_folder_of_that_app(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path.parent)
    assert "unchanged" in folder.load("tags", app_label="conditions")
    assert "unchanged" in folder.load(app_label="conditions")
    assert "unchanged" in folder.load(str(folder.root), app_label="auth"), "a path says where it is"
    for given, message in (
        (["tags"], "No fixture named 'tags' found"),
        ([], "--app auth: name the fixtures to load"),
    ):
        with pytest.raises(CommandError, match=message):
            folder.load(*given, app_label="auth")
    with pytest.raises(CommandError, match="--app nosuch: there is no such app"):
        folder.load("tags", app_label="nosuch")


def test_verbosity_0_says_nothing(two):
    assert two.load("two.json", verbosity=0) == ""
    assert "Processed" not in two.load("two.json", verbosity=3)


# Streams


def as_lines(*objects):
    return "".join(json.dumps(each) + "\n" for each in objects)


@pytest.fixture
def typed(monkeypatch):
    """What comes by standard input."""

    def type_in(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return type_in


@pytest.fixture
def pipes(tmp_path):
    """A named pipe for each text, as the shell makes them for <(...)."""
    writers = []

    def pipe(text: str) -> str:
        path = tmp_path / f"pipe{len(writers)}"
        os.mkfifo(path)
        writers.append(threading.Thread(target=path.write_text, args=[text], daemon=True))
        writers[-1].start()
        return str(path)

    yield pipe
    for number, writer in enumerate(writers):
        # A pipe that nobody has read keeps its writer waiting.
        reading = os.open(tmp_path / f"pipe{number}", os.O_RDONLY | os.O_NONBLOCK)
        writer.join(timeout=10)
        os.close(reading)


@pytest.mark.parametrize(
    ("form", "text"),
    [("jsonl", as_lines(SLOW)), ("json", json.dumps([SLOW])), ("yaml", f"[{json.dumps(SLOW)}]\n")],
)
def test_entries_come_by_standard_input(folder, typed, form, text):
    typed(text)
    planned = folder.load("-", format=form, dry_run=True)
    typed(text)
    assert folder.load("-", format=form) == planned
    assert Tag.objects.filter(slug="slow").exists()
    typed(text)
    assert "1 file, unchanged since the last load" in folder.load("-", format=form)


def test_entries_of_a_stream_are_merged_like_those_of_a_file(folder, typed):
    typed(as_lines(SLOW))
    folder.load("-", format="jsonl")
    assert Version.objects.get(page__slug="slow").file == "stdin"
    typed(as_lines({**SLOW, "fields": SLOW["fields"] | {"summary": "Over weeks."}}))
    assert "stdin: tag 'slow': changed: summary" in folder.load("-", format="jsonl")
    assert not LoadedFile.objects.exclude(path__startswith="fixtures/").exclude(path="stdin").exists()


def test_a_pipe_is_read_once_and_loaded(folder, pipes):
    said = folder.load(pipes(as_lines(SLOW)), pipes(as_lines(COUGH)), format="jsonl")
    assert "tag 'slow': new" in said
    assert "symptom 'cough': new" in said


def test_a_pipe_is_loaded_by_its_number(folder):
    reading, writing = os.pipe()
    os.write(writing, as_lines(SLOW).encode())
    os.close(writing)
    assert f"/dev/fd/{reading}: tag 'slow': new" in folder.load(f"/dev/fd/{reading}", format="jsonl")
    os.close(reading)


def test_a_file_on_standard_input_is_that_file(folder):
    with folder.path("tags/sudden").open() as file:
        assert "1 file, unchanged" in folder.load(f"/dev/fd/{file.fileno()}")


@pytest.mark.parametrize(
    ("options", "text", "message"),
    [
        ({}, "[]", "--format must be specified when reading from"),
        ({"format": "toml"}, "[]", "--format toml: is not a known serialization format"),
        ({"format": "json"}, "", "is empty; put back what it held"),
        ({"format": "json"}, "[{", "is not valid JSON"),
        ({"format": "jsonl"}, as_lines(COUGH), "object 1: conditions.symptom: tags: there is no tag 'slow'"),
        ({"format": "json", "prune": True}, json.dumps([SLOW]), "--prune needs folders"),
    ],
)
def test_a_stream_that_cannot_be_loaded_says_why(folder, typed, pipes, options, text, message):
    for label in ("-", pipes(text)):
        typed(text)
        with pytest.raises(CommandError, match=message):
            folder.load(label, **options)


def test_an_endless_stream_is_refused(folder, monkeypatch):
    monkeypatch.setattr(parsing, "LARGEST", 1000)
    with pytest.raises(CommandError, match="/dev/zero: is larger than 200 MB"):
        folder.load("/dev/zero", format="yaml")


# Files of other apps

XML = '<?xml version="1.0" encoding="utf-8"?><django-objects version="1.0">{}</django-objects>'
XML_GROUP = XML.format('<object model="auth.group" pk="7"><field name="name" type="CharField">Readers</field></object>')
JSON_GROUP = json.dumps([{"model": "auth.group", "pk": 7, "fields": {"name": "Readers", "permissions": []}}])
YAML_GROUP = "- model: auth.group\n  pk: 7\n  fields:\n    name: Readers\n    permissions: !!set {}"


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("groups.json", data)
    return out.getvalue()


OTHERS = {
    "groups.xml": XML_GROUP.encode(),
    "groups.xml.gz": gzip.compress(XML_GROUP.encode()),
    "groups.json": JSON_GROUP.encode(),
    "groups.json.gz": gzip.compress(JSON_GROUP.encode()),
    "groups.json.bz2": bz2.compress(JSON_GROUP.encode()),
    "groups.json.xz": lzma.compress(JSON_GROUP.encode()),
    "groups.json.zip": zipped(JSON_GROUP.encode()),
    "groups.json.lzma": lzma.compress(JSON_GROUP.encode()),
    "groups.jsonl": (JSON_GROUP[1:-1] + "\n").encode(),
    "groups.yaml": YAML_GROUP.encode(),
    "twice.yaml": YAML_GROUP.replace("    name", "    name: Writers\n    name").encode(),
    "utf16.yaml": YAML_GROUP.encode("utf-16"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_app_is_loaded_by_django(folder, tmp_path, monkeypatch, name):
    (tmp_path / name).write_bytes(OTHERS[name])
    monkeypatch.chdir(tmp_path)
    for label in (name, str(tmp_path / name), name.partition(".")[0]):
        for dry_run in (True, False):
            Group.objects.filter(name="Readers").delete()
            assert folder.load(label, dry_run=dry_run) == "Installed 1 object(s) from 1 fixture(s)\n"
            assert Group.objects.filter(name="Readers").exists() is not dry_run


@pytest.mark.parametrize(("form", "text"), [("xml", XML_GROUP), ("json", JSON_GROUP), ("yaml", YAML_GROUP)])
def test_a_stream_of_another_app_is_loaded_by_django(folder, typed, form, text):
    typed(text)
    assert folder.load("-", format=form) == "Installed 1 object(s) from 1 fixture(s)\n"


def test_files_of_other_apps_in_a_folder_are_loaded_too(folder):
    for name in ("groups.json", "other.yaml"):
        (folder.root / name).write_bytes(OTHERS[name.replace("other", "groups")])
    (folder.root / "other.yaml").write_text(YAML_GROUP.replace("Readers", "Writers").replace("7", "8"))
    assert "Installed 2 object(s) from 2 fixture(s)" in folder.load()
    assert Group.objects.filter(name__in=["Readers", "Writers"]).count() == 2


@pytest.mark.parametrize(
    "data",
    [
        b'[{"model": "auth.group", "pk": 7, "fields": {"nom": "x"}}]',
        b'[{"model": "auth.group", "pk": 7, "fields": {"name": "x", "permissions": [99999]}}]',
        b'[{"model": "auth.group", "pk": 7, "fields": {}}, {"model": "auth.group", "pk": 8, "fields": {}}]',
        b'{"name": "a package", "version": 1}',
        b"{",
        b"\xff\xfa",
        b'[{"model": "nosuch.model", "fields": {}}]',
    ],
)
def test_of_entries_and_other_files_either_all_are_loaded_or_nothing(folder, data):
    folder.change("tags/sudden", "name: Sudden", "name: All at once")
    (folder.root / "bad.json").write_bytes(data)
    before = Edition.objects.count()
    for dry_run in (True, False):
        with pytest.raises(CommandError, match="Nothing was loaded"):
            folder.load(dry_run=dry_run)
    assert Edition.objects.count() == before
    assert Tag.objects.get(slug="sudden").name == "Sudden"


@pytest.mark.parametrize("name", ["tags.xml", "tags.json.zip", "tags.json.lzma"])
def test_entries_in_a_format_that_is_not_theirs_are_refused(folder, tmp_path, name):
    fields = '<field name="name" type="CharField">Slow</field><field name="slug" type="SlugField">slow</field>'
    xml = XML.format(f'<object model="conditions.tag">{fields}</object>').encode()
    packed = {
        "xml": xml,
        "zip": zipped(json.dumps([SLOW]).encode()),
        "lzma": lzma.compress(json.dumps([SLOW]).encode()),
    }
    path = tmp_path / name
    path.write_bytes(packed[name.rpartition(".")[2]])
    with pytest.raises(CommandError, match=rf"{name}: entries load only from files that end in \.yaml, \.yml, \.json"):
        folder.load(str(path))
    assert not Tag.objects.filter(slug="slow").exists()


# Whole tables


@pytest.mark.parametrize("form", ["json", "yaml", "xml", "jsonl"])
def test_a_dump_of_tables_gets_one_message_that_names_what_works(folder, tmp_path, form):
    path = tmp_path / f"dump.{form}"
    before = Version.objects.count()
    tables: list[list[str]] = [["conditions"], [], ["conditions.condition", "conditions.tag"], ["conditions.version"]]
    for what, natural in product(tables, (False, True)):
        options = {"use_natural_foreign_keys": natural, "use_natural_primary_keys": natural}
        call_command("dumpdata", *what, format=form, output=str(path), verbosity=0, **options)
        with pytest.raises(CommandError) as caught:
            folder.load(str(path))
        lines = str(caught.value).splitlines()
        assert len(lines) <= 2
        for command in ("write_fixtures", "loaddata", "backup", "restore_backup", "copy_database"):
            assert command in lines[-1]
    assert Version.objects.count() == before


def test_a_dump_without_this_app_loads(folder, tmp_path):
    call_command("dumpdata", "auth", "contenttypes", output=str(tmp_path / "dump.json"), verbosity=0)
    assert "Installed" in folder.load(str(tmp_path / "dump.json"))


def test_a_whole_dump_loads_without_this_app(folder, tmp_path):
    call_command("dumpdata", output=str(tmp_path / "dump.json"), verbosity=0)
    before = Version.objects.count()
    assert "Installed" in folder.load(str(tmp_path / "dump.json"), exclude=["conditions"])
    assert Version.objects.count() == before


def test_one_object_with_a_key_is_told_to_do_without(folder):
    folder.change("tags/sudden", "  fields:", "  pk: 7\n  fields:")
    with pytest.raises(CommandError, match="does not take 'pk'; remove it: entries are identified by slug alone"):
        folder.load()


# Long lists


def test_loaddata_shows_the_first_problems_and_how_many_more(folder):
    lines = [f'{{"model": "conditions.tag", "fields": {{"slug": "s{number}"}}}}' for number in range(3000)]
    (folder.root / "bad.jsonl").write_text("\n".join(lines))
    with pytest.raises(CommandError) as caught:
        folder.load()
    said = str(caught.value).splitlines()
    assert len(said) == 22
    assert said[1] == "fixtures/bad.jsonl: object 1: conditions.tag: name: is missing; write it"
    assert said[-1] == "and 5980 more"


@pytest.mark.parametrize("check", [False, True])
def test_write_fixtures_shows_the_first_problems_and_how_many_more(folder, check):
    for number in range(30):
        slug = f"t{number:02}"
        folder.write(f"tags/{slug}", f"- model: conditions.tag\n  fields: {{slug: {slug}, name: S, group: topic}}\n")
    folder.load()
    Tag.objects.filter(slug__startswith="t").update(name="Another")
    if not check:
        for path in (folder.root / "tags").glob("t??.yaml"):
            path.write_text("- model: [")
    with pytest.raises(CommandError) as caught:
        folder.write_back(check=check)
    said = str(caught.value).splitlines()
    assert len(said) == 22
    assert said[-1] == "and 10 more"


def test_yaml_that_holds_itself_is_refused_by_name(folder):
    text = "&a\n- model: conditions.tag\n  fields: {slug: zz, name: *a, group: course}\n"
    folder.write("tags/zz", text)
    folder.write("tags/zy", "- model: conditions.tag\n  fields: {slug: zy, name: [], group: course}\n")
    with pytest.raises(CommandError) as error:
        folder.load()
    for file in ("zy", "zz"):
        said = f"fixtures/tags/{file}.yaml: object 1: conditions.tag: name: expected text, found a list"
        assert said in str(error.value)
