"""How fixture files are named on the command line: one way, from every folder, for loading and for writing."""

import os
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError

from conditions.content_files import labels
from conditions.models import Page, Version
from tests.content_folder import CONDITION, SYMPTOM, TAG

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """The working directory: another one, with what only looks like content files."""
    root = tmp_path / "elsewhere"
    for package, file in (("conditions", "package.yaml"), ("tests", "browser/package.json"), ("empty", "notes.txt")):
        (root / package / file).parent.mkdir(parents=True)
        (root / package / file).write_text("{}\n")
    (root / "conditions/__init__.py").touch()
    (root / "tests/__init__.py").touch()
    monkeypatch.chdir(root)
    return root


def names(label: str) -> list[str]:
    target = labels.find(label)
    return [path.name for path in target.files] if target else []


OPTIONS: list[dict[str, bool]] = [{"dry_run": True}, {"prune": True}, {}]
ALL = ["bells-palsy.yaml", "early-signs.yaml", "earache.yaml", "sudden.yaml"]
WAYS = {
    "conditions": ["bells-palsy.yaml"],
    "conditions/": ["bells-palsy.yaml"],
    "conditions/bells-palsy": ["bells-palsy.yaml"],
    "conditions/bells-palsy.yaml": ["bells-palsy.yaml"],
    "fixtures": ALL,
    "fixtures/": ALL,
    "./fixtures": ALL,
    "fixtures/conditions": ["bells-palsy.yaml"],
    "./fixtures/conditions/": ["bells-palsy.yaml"],
    "fixtures/conditions/bells-palsy": ["bells-palsy.yaml"],
    "./fixtures/conditions/bells-palsy.yaml": ["bells-palsy.yaml"],
    "{root}": ALL,
    "{root}/conditions": ["bells-palsy.yaml"],
    "{root}/conditions/bells-palsy": ["bells-palsy.yaml"],
    "{root}/conditions/../conditions/bells-palsy.yaml": ["bells-palsy.yaml"],
    "tests": [],
    "tests/": [],
    "empty": [],
    "nowhere": [],
    "conditions/nothing": [],
    "": [],
    "x" * 5000: None,
}


@pytest.mark.parametrize("where", ["elsewhere", "fixtures/..", "fixtures", "fixtures/conditions"])
def test_a_label_means_the_same_from_every_folder(folder, elsewhere, monkeypatch, where):
    monkeypatch.chdir(folder.root.parent / where)
    for label, expected in WAYS.items():
        if expected is None:
            with pytest.raises(labels.InvalidFiles, match="cannot be read: File name too long"):
                labels.find(label)
        else:
            assert names(label.format(root=folder.root)) == expected, label


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"overwrite": True}], ids=str)
def test_loaddata_takes_every_way_to_write_a_label(folder, elsewhere, options):
    words = "grows weak"
    for number, label in enumerate(label for label, found in WAYS.items() if found):
        folder.change("conditions/bells-palsy", words, words := f"grows weak {number}")
        assert "condition 'bells-palsy'" in folder.load(label.format(root=folder.root), **options), label


def test_write_fixtures_takes_every_way_to_write_an_entry(folder, elsewhere):
    for label in (label for label, found in WAYS.items() if found and "bells" in label):
        folder.path("conditions/bells-palsy").unlink()
        assert "fixtures/conditions/bells-palsy.yaml: written" in folder.write_back(label.format(root=folder.root))


def test_write_fixtures_says_that_a_label_names_no_entry(folder, elsewhere):
    for label in ("nowhere", "conditions/nothing", "conditions", "elsewhere/bells-palsy", "-", ""):
        with pytest.raises(CommandError, match="there is no such entry; write it as conditions/bells-palsy"):
            folder.write_back(label)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("nowhere", "No fixture named 'nowhere' found. Name a folder, such as conditions, an entry, such as"),
        ("conditions/nothing", "No fixture named 'nothing' found. Name a folder"),
        ("tests", "tests has no fixture files (.yaml, .yml, .json and .jsonl, plain or packed"),
        ("./empty/", "./empty/ has no fixture files"),
        ("notes.txt", "txt is not a known serialization format. Name a folder"),
    ],
)
def test_loaddata_says_that_a_label_names_nothing(folder, elsewhere, label, message):
    folder.change("tags/sudden", "name: Sudden", "name: All at once")
    for dry_run in (True, False):
        with pytest.raises(CommandError) as caught:
            folder.load("tags", label, dry_run=dry_run)
        assert message in str(caught.value)
    assert Page.objects.get(slug="sudden").live.record["name"] == "Sudden"


def test_a_file_of_the_working_directory_is_read(folder, elsewhere):
    (elsewhere / "more.yaml").write_text(TAG.replace("sudden", "slow"))
    (elsewhere / "folder").mkdir()
    (elsewhere / "folder/again.yaml").write_text(TAG.replace("sudden", "again"))
    for label in ("more.yaml", "more", "./more", "folder", "folder/again", "../elsewhere/folder"):
        assert names(label) in (["more.yaml"], ["again.yaml"]), label
    assert "tag 'slow': new" in folder.load("more")


def test_a_file_that_two_labels_name_is_read_once(folder, elsewhere):
    folder.change("conditions/bells-palsy", "grows weak", "grows very weak")
    said = folder.load("conditions", "fixtures", str(folder.path("conditions/bells-palsy")))
    assert said.count("condition 'bells-palsy'") == 1


def test_a_fixtures_folder_that_is_a_package_too_is_read(folder):
    (folder.root / "__init__.py").touch()
    (folder.root / "conditions/__init__.py").touch()
    assert names("fixtures") == ALL
    assert names("conditions") == ["bells-palsy.yaml"]


# What is in a folder


@pytest.mark.parametrize(
    "name", ["conditions/._bells-palsy.yaml", ".ipynb_checkpoints/sudden-checkpoint.yaml", ".hidden.yaml"]
)
def test_what_begins_with_a_dot_is_passed_over(folder, name):
    path = folder.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\0\x05\x16\x07 not a fixture \xff")
    assert "No new edition." in folder.load()
    assert "No new edition." in folder.load("fixtures", prune=True)
    with pytest.raises(CommandError):
        folder.load(str(path))


def test_a_folder_below_one_that_begins_with_a_dot_is_read(folder):
    folder.root.rename(hidden := folder.root.parent / ".fixtures")
    assert names(str(hidden)) == ALL


def moved_away(folder, kind: str) -> Path:
    """A folder of one kind's files, elsewhere, with a link to it in its place."""
    away = folder.root.parent / "away" / kind
    shutil.copytree(folder.root / kind, away)
    shutil.rmtree(folder.root / kind)
    (folder.root / kind).symlink_to(away)
    return away


def test_a_folder_that_is_a_link_is_read(folder):
    away = moved_away(folder, "symptoms")
    assert "4 files, unchanged since the last load" in folder.load()
    (away / "earache.yaml").write_text(SYMPTOM.replace("Pain in the ear.", "Pain in or behind the ear."))
    assert "fixtures/symptoms/earache.yaml: symptom 'earache': changed" in folder.load()
    assert "0 files written." in folder.write_back()
    assert "withdrawn" not in folder.load("fixtures", prune=True)
    assert Page.objects.get(slug="earache").live.record["summary"] == "Pain in or behind the ear."


def test_the_folder_of_all_files_may_be_a_link(folder, monkeypatch):
    away = folder.root.parent / "away"
    folder.root.rename(away)
    folder.root.symlink_to(away)
    monkeypatch.chdir(away)
    for label in ("fixtures", "./", str(away), str(folder.root), "conditions"):
        assert "unchanged since the last load" in folder.load(label), label
    assert "withdrawn" not in folder.load(".", prune=True)


def test_a_file_that_is_a_link_is_read_under_its_own_name(folder):
    away = folder.root.parent / "away.yaml"
    folder.path("tags/sudden").rename(away)
    folder.path("tags/sudden").symlink_to(away)
    assert "4 files, unchanged" in folder.load()
    assert "withdrawn" not in folder.load("tags", prune=True, dry_run=True)
    away.write_text(TAG.replace("name: Sudden", "name: All at once"))
    assert "fixtures/tags/sudden.yaml: tag 'sudden': changed" in folder.load()


def test_links_in_a_circle_are_followed_once(folder):
    (folder.root / "conditions/up").symlink_to(folder.root)
    (folder.root / "also").symlink_to(folder.root / "tags")
    assert names("fixtures") == ALL
    assert "4 files, unchanged since the last load" in folder.load("fixtures")
    assert "No new edition." in folder.load()


@pytest.mark.parametrize("name", ["conditions/gone.yaml", "gone"])
def test_a_link_that_leads_nowhere_is_named(folder, name):
    (folder.root / name).symlink_to(folder.root / "nothing")
    for options in OPTIONS:
        with pytest.raises(CommandError, match=f"fixtures/{name}: is a link that leads nowhere; fix or remove it"):
            folder.load("fixtures", **options)
    (folder.root / name).unlink()
    (folder.root / "README.md").symlink_to(folder.root / "nothing")
    assert "No new edition." in folder.load("fixtures")


def test_a_link_to_itself_is_named(folder):
    (folder.root / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(CommandError, match=r"fixtures/loop.yaml: is a link that leads nowhere"):
        folder.load()


def test_a_pipe_in_a_folder_is_named(folder):
    os.mkfifo(folder.root / "pipe.yaml")
    with pytest.raises(CommandError, match=r"fixtures/pipe.yaml: is neither a file nor a folder; remove it"):
        folder.load()


def test_a_folder_that_may_not_be_read_is_named(folder, monkeypatch):
    scan = os.scandir

    def refusing(path):
        if str(path).endswith("/symptoms"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    for options in OPTIONS:
        with pytest.raises(CommandError, match="fixtures/symptoms: cannot be read: Permission denied"):
            folder.load("fixtures", **options)
    assert Page.objects.get(slug="earache").live


def test_a_file_that_may_not_be_read_is_named(folder, monkeypatch):
    opening = Path.open

    def refusing(path, *args, **options):
        if path.name == "earache.yaml":
            raise PermissionError(13, "Permission denied", str(path))
        return opening(path, *args, **options)

    monkeypatch.setattr(Path, "open", refusing)
    for options in OPTIONS:
        with pytest.raises(CommandError, match=r"fixtures/symptoms/earache.yaml: cannot be read: Permission denied"):
            folder.load("fixtures", **options)


@pytest.mark.parametrize(
    ("name", "message"), [("x" * 200 + "/" + "y" * 200, "its path is longer than 300 characters"), ("x\udcff", "name")]
)
def test_a_name_that_cannot_be_kept_is_refused(folder, name, message):
    path = folder.root / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(TAG.replace("sudden", "slow"))
    with pytest.raises(CommandError, match=message):
        folder.load()


# --prune


def test_prune_takes_the_folder_that_the_label_means(folder, elsewhere):
    folder.write("conditions/stroke", CONDITION.replace("bells-palsy", "stroke").replace("Bell’s palsy", "Stroke"))
    folder.load()
    folder.path("conditions/stroke").unlink()
    for label in ("conditions", "conditions/", "fixtures", "./fixtures", "fixtures/conditions", str(folder.root)):
        planned = folder.load(label, prune=True, dry_run=True)
        assert "condition 'stroke': no longer in the files: withdrawn" in planned, label
    assert folder.load(prune=True, dry_run=True) == folder.load("fixtures", prune=True)
    assert set(Page.objects.filter(live=None).values_list("slug", flat=True)) == {"stroke"}


def test_prune_says_what_it_cannot_prune(folder, elsewhere):
    refused = {
        ("conditions/bells-palsy",): "--prune needs folders, such as conditions; conditions/bells-palsy is none.",
        ("conditions", "tags/sudden.yaml"): "--prune needs folders, such as conditions; tags/sudden.yaml is none.",
        (f"{folder.root}/..",): "has more than content files; name",
        ("/nowhere",): "No fixture named 'nowhere' found.",
        ("empty",): "empty has no fixture files",
    }
    for given, message in refused.items():
        for dry_run in (True, False):
            with pytest.raises(CommandError) as caught:
                folder.load(*given, prune=True, dry_run=dry_run)
            assert message in str(caught.value)


def test_prune_leaves_what_is_in_a_file_elsewhere_now(folder, tmp_path):
    away = tmp_path / "away.yaml"
    folder.path("conditions/bells-palsy").unlink()
    away.write_text(CONDITION.replace("grows weak", "grows very weak"))
    assert "changed" in folder.load(str(away))
    assert Version.objects.filter(page__slug="bells-palsy").count() == 2
    assert "withdrawn" not in folder.load("fixtures", prune=True)
    assert Page.objects.get(slug="bells-palsy").live


def emptied(folder, name: str, data: bytes) -> None:
    """A file of two entries that readers see, and then something else in its place."""
    path = folder.root / name
    lines = [
        f'{{"model": "conditions.symptom", "fields": {{"slug": "{slug}", "name": "X", "summary": "x"}}}}\n'
        for slug in ("cough", "cold")
    ]
    path.with_suffix(".jsonl").write_text("".join(lines))
    folder.load()
    path.with_suffix(".jsonl").rename(path)
    Version.objects.filter(file__contains="bulk").mark_in_file(f"fixtures/{name}")
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("bulk.jsonl", b"", "bulk.jsonl: is empty; put back what it held, or remove it"),
        ("bulk.jsonl", b"\n \n", "bulk.jsonl: is empty"),
        ("bulk.yaml", b"# nothing\n", "bulk.yaml: is empty"),
        ("bulk.json", b"[]", "bulk.json: has no entries, and --prune would withdraw those it had"),
        ("bulk.yaml", b"[]\n", "bulk.yaml: has no entries, and --prune would withdraw those it had"),
        ("bulk.json", b'[{"model":', "bulk.json"),
    ],
)
def test_prune_never_withdraws_the_entries_of_a_file_that_came_empty(folder, name, data, message):
    emptied(folder, name, data)
    for dry_run in (True, False):
        with pytest.raises(CommandError, match=message.replace(".", r"\.")):
            folder.load("fixtures", prune=True, dry_run=dry_run)
    assert Page.objects.live().filter(slug__in=["cough", "cold"]).count() == 2
    (folder.root / name).unlink()
    assert folder.load("fixtures", prune=True).count("withdrawn") == 2


def test_an_empty_list_may_be_loaded(folder):
    (folder.root / "none.json").write_text("[]")
    assert "No new edition." in folder.load()
