"""`manage.py reading_measures`: every entry on the desk, the hardest first."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conditions.management.commands.reading_measures import measure
from conditions.models import Cause, Condition, Source, Symptom

HARD = "Neurological dysfunction characteristically necessitates interdisciplinary investigation."


def printed(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("reading_measures", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("text", "longest", "words"),
    [
        ("", 0, 0),
        ("Ask a doctor.", 3, 3),
        ("The nerve twitches [@x]. Call now if:\n\n- one arm is very weak", 5, 11),
    ],
)
def test_measure_counts_words_and_no_citations(text, longest, words):
    assert measure(text)[1:] == (longest, words)


@pytest.fixture
def desk(db):
    Condition.objects.create(slug="hard", name="Hard", summary="It is a twitch.", help_now=HARD)
    Symptom.objects.create(slug="easy", name="Easy", summary="It hurts.")
    Cause.objects.create(slug="empty", name="Empty")
    Source.objects.create(slug="nhs", name="NHS", publisher="NHS")


def test_reading_measures_prints_the_hardest_first(desk):
    heading, *rows = printed()
    assert heading.split() == ["grade", "longest", "words", "entry"]
    assert [row.split()[-1] for row in rows] == ["conditions/hard", "causes/empty", "symptoms/easy"]
    assert rows[0].split()[1:3] == ["6", "10"]


def test_reading_measures_prints_no_more_than_asked_for(desk):
    assert [row.split()[-1] for row in printed("--most", "1")[1:]] == ["conditions/hard"]
    assert printed("--most", "0")[1:] == []


def test_reading_measures_strict_names_what_is_too_hard(desk):
    with pytest.raises(CommandError, match=r"^Above grade 8, write these more plainly: conditions/hard$"):
        printed("--strict")
    Condition.objects.all().delete()
    assert printed("--strict")
