"""The whole story: read, log in, correct, publish, change a file, reload, write back. Nothing is lost on the way."""

import html
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from conditions.models import Condition, Edition, Page, Question, Tag, Version
from tests.admin.client import Editor
from tests.world import make_user

pytestmark = pytest.mark.django_db

BELL = "/conditions/bells-palsy/"
SPASM = "/conditions/hemifacial-spasm/"
EVERYWHERE = (BELL, "/tags/", "/a-z/", "/search/?q=frozen+smile", "/changes/", "/sitemap.xml")


@pytest.fixture
def fixtures(tmp_path, settings) -> Path:
    """The site's own content in a folder of its own, loaded and live."""
    settings.FIXTURES = Path(shutil.copytree(settings.FIXTURES, tmp_path / "fixtures"))
    call_command("loaddata", verbosity=0)
    return settings.FIXTURES


@pytest.fixture
def reader() -> Client:
    return Client()


def text(reader, path: str) -> str:
    response = reader.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.content.decode()


def read_the_documents(reader) -> None:
    """Every question is two clicks from home, and its answer is there as it was given."""
    assert 'href="/questions/"' in text(reader, "/")
    listed = text(reader, "/questions/")
    for question in Question.objects.all():
        assert f'href="/questions/{question.slug}/"' in listed
        shown = text(reader, f"/questions/{question.slug}/")
        answer = re.search('<blockquote class="verbatim">(.*?)</blockquote>', shown, re.DOTALL)[1]
        assert html.unescape(re.sub("<sup>.*?</sup>|<.*?>", "", answer)) == question.answer
    assert Question.objects.count() == 25


def read_the_condition(reader) -> None:
    """Symptoms, causes and treatments with tags and footnotes, the questions about it, edition and review."""
    page = text(reader, SPASM)
    for link in (
        "/symptoms/eyelid-twitching/",
        "/causes/tumor/",
        "/treatments/botulinum-toxin-injections/",
        "/tags/one-side/",
        "/questions/what-does-a-facial-spasm-look-like/",
    ):
        assert f'href="{link}"' in page
    assert 'id="note-1"' in page
    assert "Not yet reviewed by a clinician" in page
    assert "Edition 1" in page
    assert f'href="{SPASM}"' in text(reader, "/symptoms/eyelid-twitching/")


def correct_bells_palsy(editor: Editor, reader) -> None:
    """Add a symptom with a new tag: as a draft nobody sees it, published everybody does, everywhere at once."""
    added = editor.add("symptom").send(
        "_savedraft", name="Frozen smile", slug="frozen-smile", summary="One half of the mouth does not smile."
    )
    assert added.response.status_code == 200
    before = {path: text(reader, path) for path in EVERYWHERE}
    form = editor.open(Condition.objects.get(slug="bells-palsy"))
    evidence = ["what-are-the-warning-signs-of-bell-palsy"]
    form.add_row("symptoms", target="frozen-smile", note="Seen first.", tags=["Seen in photographs"], evidence=evidence)
    draft = form.send("_savedraft")
    assert Tag.objects.filter(slug="seen-in-photographs").exists()
    assert {path: text(reader, path) for path in EVERYWHERE} == before
    draft.send("_publish")
    from_symptom = Condition.objects.get(slug="bells-palsy").symptoms.get(symptom__slug="frozen-smile").symptom
    editor.open(from_symptom).send("_publish")
    for path in EVERYWHERE:
        now = text(reader, path)
        assert now != before[path], path
    assert "Frozen smile" in text(reader, BELL)
    assert "Frozen smile" in text(reader, "/tags/seen-in-photographs/")
    assert "Frozen smile" in text(reader, "/a-z/")
    assert "/symptoms/frozen-smile/" in text(reader, "/search/?q=frozen+smile")


def change_a_file(fixtures: Path, reader) -> None:
    """Another entry's summary, in its file: that page changes, the editor's does not."""
    before = text(reader, BELL)
    path = fixtures / "conditions" / "meige-syndrome.yaml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("    summary:"))
    lines[at] = "    summary: A sentence that came from a file.\n"
    path.write_text("".join(lines), "utf-8")
    call_command("loaddata", verbosity=0)
    assert "A sentence that came from a file." in text(reader, "/conditions/meige-syndrome/")
    assert text(reader, BELL) == before


def write_back(fixtures: Path) -> None:
    """Git would show what the editor did, and nothing else."""
    before = {path: path.read_text("utf-8") for path in fixtures.rglob("*.yaml")}
    call_command("write_fixtures", verbosity=0)
    after = {path: path.read_text("utf-8") for path in fixtures.rglob("*.yaml")}
    changed = {path.relative_to(fixtures).as_posix() for path in after if before.get(path) != after[path]}
    assert changed == {
        "conditions/bells-palsy.yaml",
        "symptoms/frozen-smile.yaml",
        "tags/seen-in-photographs.yaml",
    }
    assert before.keys() <= after.keys()
    bell = fixtures / "conditions" / "bells-palsy.yaml"
    added = set(after[bell].splitlines()) - set(before[bell].splitlines())
    assert added == {"    symptom: [frozen-smile]", "    note: Seen first.", "    - seen-in-photographs"}
    removed = set(before[bell].splitlines()) - set(after[bell].splitlines())
    assert removed == set()


def three_mistakes(fixtures: Path) -> None:
    """Three messages, exit 1, and nothing changed."""
    path = fixtures / "conditions" / "hemifacial-spasm.yaml"
    good = path.read_text("utf-8")
    bad = good.replace("symptom: [eyelid-twitching]", "symptom: [eyelid-twiching]")
    bad = bad.replace("cause: [tumor]", "cause: [tumour]").replace("    name: Hemifacial spasm\n", "", 1)
    path.write_text(bad, "utf-8")
    counted = (Version.objects.count(), Edition.objects.count())
    with pytest.raises(CommandError) as caught:
        call_command("loaddata", stdout=StringIO())
    assert caught.value.returncode == 1
    said = str(caught.value).splitlines()[1:]
    assert len(said) == 3
    assert "name: is missing" in said[0]
    assert "no symptom 'eyelid-twiching'; did you mean 'eyelid-twitching'?" in said[1]
    assert "no cause 'tumour'; did you mean 'tumor'?" in said[2]
    assert (Version.objects.count(), Edition.objects.count()) == counted
    path.write_text(good, "utf-8")


def test_story(fixtures, reader):
    read_the_documents(reader)
    read_the_condition(reader)
    editor = Editor(make_user("editor", "Author", "Publisher"))
    correct_bells_palsy(editor, reader)
    change_a_file(fixtures, reader)
    write_back(fixtures)
    editions = Edition.objects.count()
    call_command("loaddata", verbosity=0)
    assert Edition.objects.count() == editions
    three_mistakes(fixtures)
    assert Page.objects.live().filter(kind="question").count() == 25
