"""The 25 founding documents: each question and its answer in the site, to the character."""

from pathlib import Path

import pytest
from django.core.management import call_command

from conditions.content_files import formats, parsing
from conditions.models import Question

FOUNDING = Path(__file__).parent / "founding" / "questions.txt"


def documents() -> dict[str, str]:
    """Question -> answer: everything between two questions, outer blank lines removed."""
    lines = FOUNDING.read_text("utf-8").split("\n")
    blank = ["", *lines, ""]
    starts = [at for at, line in enumerate(lines) if line.endswith("?") and not blank[at] and not blank[at + 2]]
    ends = [*starts[1:], len(lines)]
    return {lines[at]: _without_outer_blanks(lines[at + 1 : end]) for at, end in zip(starts, ends, strict=True)}


def _without_outer_blanks(lines: list[str]) -> str:
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1])


def test_founding_file_has_25_documents():
    assert len(documents()) == 25


def test_fixtures_hold_every_answer_to_the_character():
    folder = Path(__file__).parent.parent / "fixtures" / "questions"
    found = {}
    for path in folder.glob("*.yaml"):
        entry = formats.entries_of(parsing.parse(path, path.read_bytes()), path.name)[0][0]
        found[entry.record["name"]] = entry.record["answer"]
    assert found == documents()


@pytest.mark.django_db
def test_desk_holds_every_answer_to_the_character():
    call_command("loaddata", verbosity=0)
    assert dict(Question.objects.values_list("name", "answer")) == documents()
