"""`manage.py check_content`: what keeps drafts from being published, and what readers would miss."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conditions import publishing, records, validation
from conditions.models import Cause, Condition, ConditionCause, ConditionSymptom, Source, Symptom, Term

OUTLOOK = {"outlook": "It goes away."}
FELT = {"symptoms": [{"target": "twitch", "evidence": ["q"]}]}
FULL = OUTLOOK | FELT


def cause(slug, **said):
    return {"target": slug, "evidence": ["q"], **said}


def advice(kind, **said):
    record = records.canonical({"kind": kind, "slug": "x", "name": "X", **said})
    return [(problem.path[0], problem.message) for problem in validation.advice(record)]


@pytest.mark.parametrize(
    ("kind", "said", "fields"),
    [
        ("condition", FULL, []),
        ("condition", OUTLOOK, ["symptoms"]),
        ("condition", FELT, ["outlook"]),
        ("symptom", {}, []),
        ("source", {"publisher": "NHS"}, ["licence", "excerpt"]),
        ("source", {"publisher": "NHS", "licence": "public domain", "excerpt": ["It droops."]}, []),
        ("question", {"answer": "It droops."}, []),
        ("symptom", {"help_now": "Call if it starts at once."}, []),
        ("symptom", {"help_now": "It may be a stroke."}, ["help_now"]),
        ("symptom", {"help_now": "- Call if it starts.\n"}, []),
        ("symptom", {"help_today": "**If** it took hours.", "help_soon": "If it stays."}, []),
        ("symptom", {"help_today": "It took hours.", "help_soon": "When it stays."}, ["help_today", "help_soon"]),
        ("symptom", {"help_routine": "Ask about it."}, ["help_routine"]),
        ("treatment", {"help_now": "It may spread."}, ["help_now"]),
    ],
)
def test_what_readers_would_miss(kind, said, fields):
    assert [field for field, _ in advice(kind, **said)] == fields


@pytest.mark.parametrize(
    ("said", "is_named"),
    [
        ({"summary": "A common twitch.", "causes": [cause("tumor")]}, True),
        ({"summary": "It happens to most people.", "causes": [cause("tumor")]}, True),
        ({"summary": "A twitch [@common].", "sources": ["common"], "causes": [cause("tumor")]}, False),
        ({"summary": "An uncommon twitch.", "causes": [cause("tumor")]}, False),
        ({"summary": "It is not common.", "causes": [cause("tumor")]}, False),
        ({"summary": "A common twitch."}, False),
        ({"summary": "A common twitch.", "causes": [cause("tumor"), cause("stress", everyday=True)]}, False),
        ({"summary": "A common twitch.", "causes": [cause("tumor", certainty="absent")]}, False),
        ({"summary": "A common twitch.", "causes": [cause("a", everyday=True, certainty="absent"), cause("b")]}, True),
    ],
)
def test_what_is_common_has_an_everyday_cause(said, is_named):
    for kind in ("condition", "symptom"):
        full = FULL if kind == "condition" else {}
        assert [field for field, _ in advice(kind, **full, **said)] == (["causes"] if is_named else [])


def printed():
    """What the command prints, and why it failed, if it did."""
    out, failed = StringIO(), ""
    try:
        call_command("check_content", stdout=out)
    except CommandError as error:
        failed = str(error)
    return out.getvalue(), failed


def test_nothing_wrong_prints_nothing(db):
    Symptom.objects.create(slug="twitch", name="Twitch", summary="A twitch.")
    assert printed() == ("", "")


def test_the_command_names_entry_and_field_and_fails_for_what_blocks(db):
    twitch = Condition.objects.create(slug="twitch", name="Twitch", summary="A common twitch.", outlook="It goes.")
    assert printed() == ("Readers would miss:\n  conditions/twitch: Symptoms: " + MISSED + "\n", "")
    ConditionCause.objects.create(condition=twitch, cause=Cause.objects.create(slug="tumor", name="Tumor"))
    out, failed = printed()
    assert "conditions/twitch: Causes: it is said to be common" in out
    assert "conditions/twitch: Causes, tumor: this cause has no evidence" in out
    assert "causes/tumor: In one sentence: write one plain sentence" in out
    assert failed == "2 problems keep drafts from being published. Fix them in the admin."


MISSED = "nobody can find it by what they feel; add the symptoms that a document or source names"


def test_words_that_do_not_stand_there_block(db):
    Source.objects.create(slug="nhs", name="A", publisher="NHS", licence="OGL", excerpt=["It droops."])
    droop = Symptom.objects.create(slug="droop", name="Droop", summary='It hurts [@nhs "It hurts"].')
    droop.citations.create(source=Source.objects.get(slug="nhs"))
    out, failed = printed()
    assert "symptoms/droop: In one sentence: 'nhs' does not say these words" in out
    assert failed == "1 problem keeps drafts from being published. Fix it in the admin."


def test_long_lists_are_capped(db):
    for number in range(records.MOST_PROBLEMS + 3):
        Cause.objects.create(slug=f"c{number:02}", name="C")
    out, failed = printed()
    assert "  and 3 more\n" in out
    assert failed.startswith(f"{records.MOST_PROBLEMS + 3} problems keep")


def test_what_was_withdrawn_is_left_alone(world):
    Symptom.objects.filter(slug="earache").update(summary="", help_routine="Ask.")
    assert "symptoms/earache" in printed()[0]
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Wrong.")
    assert "symptoms/earache" not in printed()[0]


def test_rows_that_rest_on_what_is_withdrawn_alone_block(world):
    old = {
        "kind": "source",
        "slug": "old",
        "name": "Old",
        "publisher": "NHS",
        "licence": "OGL",
        "excerpt": ["It hurts."],
    }
    saved = publishing.save(record=old, entry=None, by=world.publisher)
    publishing.publish(versions=[saved.version], by=world.publisher)
    row = ConditionSymptom.objects.filter(condition=world.bell)[0]
    row.citations.all().delete()
    row.citations.create(source=saved.entry)
    assert "is withdrawn" not in printed()[0]
    publishing.withdraw(pages=[saved.version.page], by=world.publisher, reason="Old.")
    out, failed = printed()
    assert "conditions/bells-palsy: Symptoms, " in out
    assert "all that states this is withdrawn; cite another document or source" in out
    assert failed.startswith("1 problem keeps")


def test_a_form_of_two_words_is_named(db):
    Term.objects.create(slug="nerve", name="Nerve", forms=["nerves"], summary="A cord.")
    Term.objects.create(slug="cord", name="Cord", forms=["NERVES", "nerve"], summary="A nerve.")
    out, failed = printed()
    assert "words/nerve: Other forms: 'nerve' is a form of the word cord too; keep it in one of the two" in out
    assert out.count("is a form of") == 1
    assert failed == ""
