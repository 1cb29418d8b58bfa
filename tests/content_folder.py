"""A small folder of fixture files, loaded and written by the commands that people use."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

SYMPTOM = """- model: conditions.symptom
  fields:
    slug: earache
    name: Earache
    summary: Pain in the ear.
    body: |
      First sentence. Second sentence. Third sentence.

      Another paragraph.
    tags:
    - sudden
"""
CONDITION = """- model: conditions.condition
  fields:
    slug: bells-palsy
    name: Bell’s palsy
    summary: One side of the face grows weak.
- model: conditions.conditionsymptom
  fields:
    condition: [bells-palsy]
    symptom: [earache]
    note: At the start.
    evidence:
    - early-signs
"""
QUESTION = """- model: conditions.question
  fields:
    slug: early-signs
    name: What are the early signs?
    answer: |-
      Pain behind the ear , at first (Fig.
"""
TAG = """- model: conditions.tag
  fields:
    slug: sudden
    name: Sudden
    group: course
"""


class ContentFolder:
    """A folder of fixture files, loaded and written through the commands."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        return self.root / f"{name}.yaml"

    def write(self, name: str, text: str) -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text, "utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text("utf-8")
        assert old in text
        self.path(name).write_text(text.replace(old, new), "utf-8")

    def load(self, *labels: str, **options) -> str:
        out = StringIO()
        call_command("loaddata", *labels, stdout=out, **options)
        return out.getvalue()

    def write_back(self, *labels: str, **options) -> str:
        out = StringIO()
        call_command("write_fixtures", *labels, stdout=out, **options)
        return out.getvalue()


def build_content_folder(root: Path) -> ContentFolder:
    """Four files, loaded and live: a tag, a question, a symptom, a condition."""
    folder = ContentFolder(root)
    folder.write("tags/sudden", TAG)
    folder.write("questions/early-signs", QUESTION)
    folder.write("symptoms/earache", SYMPTOM)
    folder.write("conditions/bells-palsy", CONDITION)
    folder.load()
    return folder
