"""`manage.py check_content`: what keeps drafts from being published, and what readers would miss."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from conditions import checks, drafts, publishing, records, validation
from conditions.models import Cause, Condition, ConditionCause, ConditionSymptom, Decision, Source, Symptom, Term
from conditions.publishing.versions import add_decision

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
        ("tag", {}, ["summary"]),
        ("tag", {"summary": "Left or right."}, []),
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
    Source.objects.create(slug="nhs", name="A", publisher="NHS", licence="OGL", excerpt=["It droops."])
    twitch = Symptom.objects.create(slug="twitch", name="Twitch", summary="A twitch.")
    twitch.citations.create(source=Source.objects.get(slug="nhs"))
    assert printed() == ("", "")


def test_the_command_names_entry_and_field_and_fails_for_what_blocks(db):
    twitch = Condition.objects.create(slug="twitch", name="Twitch", summary="A common twitch.", outlook="It goes.")
    missed = [f"conditions/twitch: Symptoms: {MISSED}", f"conditions/twitch: Documents: {NO_EVIDENCE}"]
    assert printed() == ("Readers would miss:\n" + "".join(f"  {line}\n" for line in missed), "")
    ConditionCause.objects.create(condition=twitch, cause=Cause.objects.create(slug="tumor", name="Tumor"))
    out, failed = printed()
    assert "conditions/twitch: Causes: it is said to be common" in out
    assert "conditions/twitch: Causes, tumor: this cause has no evidence" in out
    assert "causes/tumor: In one sentence: write one plain sentence" in out
    assert failed == "2 problems keep drafts from being published. Fix them in the admin."


NO_EVIDENCE = "it has no evidence of its own; add the documents or sources that it rests on"
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


def own(kind, **said):
    """What a record is said to lack by itself besides what its fields want, by place."""
    record = records.canonical({"kind": kind, "slug": "x", "name": "X", **said})
    known = validation.advice(record)
    return [(one.path, one.message) for one in checks.advice(record) if one not in known]


@pytest.mark.parametrize(
    ("kind", "said", "is_named"),
    [
        ("cause", {}, True),
        ("term", {}, True),
        ("cause", {"evidence": ["q"]}, False),
        ("condition", {"sources": ["nhs"]}, False),
        ("cause", {"is_condition": ["stroke"]}, False),
        ("question", {}, False),
        ("tag", {}, False),
    ],
)
def test_what_can_cite_has_evidence_of_its_own(kind, said, is_named):
    assert own(kind, **said) == ([(("evidence",), NO_EVIDENCE)] if is_named else [])


def words(count):
    return " ".join(["Word", *["word"] * (count - 2), "end."])


def test_a_long_sentence_is_named_where_it_stands():
    row = {"target": "twitch", "evidence": ["q"], "note": words(22)}
    texts = {"summary": words(20), "body": f"{words(20)} {words(21)}\n\n- {words(23)}\n"}
    found = own("condition", evidence=["q"], symptoms=[row], **texts)
    assert [path for path, _ in found] == [("body",), ("body",), ("symptoms", "twitch", "note")]
    assert [message[:43] for _, message in found] == [
        f"sentence of {count} words: split it. “Word word " for count in (21, 23, 22)
    ]
    assert found[0][1].endswith("word…”")


def test_a_sentence_of_a_document_is_not_ours():
    assert own("question", answer=words(40)) == []


def missing():
    return [line.strip() for line in printed()[0].splitlines()]


LINKS = (
    "See [the face](/face/), [a list](/conditions/), [ours](/symptoms/earache/#help), [a draft](/conditions/stroke), "
    "[gone](/symptoms/twitch/), [nothing](/nowhere/), [far](https://a.example/conditions/x/) and "
    "[old](/treatments/eye-care/history/).\n"
)


def test_links_that_lead_nowhere_are_named(world):
    save(world, "bell", body=LINKS)
    found = [line for line in missing() if "the link" in line]
    assert found == [
        "conditions/bells-palsy: Text: the link “gone” leads to '/symptoms/twitch/', where no page is; "
        "change it, or leave only its words",
        "conditions/bells-palsy: Text: the link “nothing” leads to '/nowhere/', where no page is; "
        "change it, or leave only its words",
    ]
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Wrong.")
    found = [line for line in missing() if "earache" in line and "the link" in line]
    assert found[0].endswith(
        "leads to '/symptoms/earache/#help', which is withdrawn; change it, or leave only its words"
    )


def test_what_leads_to_something_withdrawn_is_named(world):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Wrong.")
    line = "conditions/bells-palsy: Symptoms, earache: “Earache” is withdrawn, and readers do not see it here"
    assert [one for one in missing() if one.startswith(line)]


def save(world, name, **said):
    entry = getattr(world, name)
    return publishing.save(record=drafts.read(entry) | said, entry=entry, by=world.author).version


def approve(world, at, due):
    version = world.newest("bell")
    add_decision(version, Decision.Verb.APPROVE, by=world.reviewer, at=at, due=due, name="Dr X")


def test_an_overdue_review_is_named_until_there_is_another(world):
    now, day = timezone.now(), timedelta(days=1)
    approve(world, now - 3 * day, now + day)
    assert not [line for line in missing() if "Review" in line]
    due = datetime(2026, 5, 3, 12, tzinfo=timezone.get_current_timezone())
    approve(world, now - 2 * day, due)
    said = "conditions/bells-palsy: Review: was due on 3 May 2026; let somebody review it again"
    assert [line for line in missing() if "Review" in line] == [said]
    approve(world, now - day, now + day)
    assert not [line for line in missing() if "Review" in line]


def test_what_readers_would_miss_does_not_block(world):
    """What is wrong by this list alone can still be published."""
    version = save(world, "bell", body=words(30) + " [gone](/symptoms/twitch/)\n", evidence=[], summary="Weak.")
    assert printed()[1] == ""
    assert publishing.publish(versions=[version], by=world.publisher).edition.number == 2


def test_the_number_of_queries_does_not_grow(world, django_assert_num_queries):
    some = [drafts.read(world.bell)]
    with django_assert_num_queries(2):
        checks.around(some)
    more = [drafts.read(getattr(world, name)) for name in ("bell", "droop", "earache", "stroke", "virus")]
    with django_assert_num_queries(2):
        checks.around(more)
