"""Review: asked for, taken back, approved or sent back; what readers are told of it, and what may go out without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.utils import timezone

from conditions import corrections, drafts, publishing
from conditions.models import Credentials, Decision, Edition, Tag
from conditions.publishing import SYSTEM, NotAllowed, Refused, Remark
from tests.kept import ask
from tests.world import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(world):
    """The reviewer of the world, with a name and credentials."""
    world.reviewer.first_name, world.reviewer.last_name = "Ada", "Quill"
    world.reviewer.save()
    Credentials.objects.create(user=world.reviewer, text="neurologist")
    return world.reviewer


def saved(world, name="bell", by=None, **changes):
    entry = getattr(world, name)
    record = drafts.read(entry) | (changes or {"body": "New words.\n"})
    return publishing.save(record=record, entry=entry, by=by or world.author).version


def asked(world, **said):
    version = saved(world)
    publishing.submit(version=version, by=world.author, **said)
    return version


def reviewed(world, doctor, months=12, **changes):
    """A version that is approved and live."""
    version = saved(world, **changes)
    publishing.submit(version=version, by=world.author)
    publishing.approve(version=version, by=doctor, months=months)
    publishing.publish(versions=[version], by=world.publisher)
    return version


def stands(version):
    return publishing.standing(version.page)


def body(path="/conditions/bells-palsy/"):
    return Client().get(path).content.decode()


def test_a_version_is_asked_for_and_approved(world, doctor):
    version = asked(world, asked=doctor, note="Please look at the text.")
    request = stands(version).request
    assert (request.asked, request.note, request.version_id) == (doctor, "Please look at the text.", version.pk)
    publishing.approve(version=version, by=doctor, months=24)
    approved = stands(version).approved
    assert stands(version).request is None
    assert (approved.name, approved.credentials, approved.by) == ("Ada Quill", "neurologist", doctor)
    assert approved.due.date() == approved.at.replace(year=approved.at.year + 2).date()
    # Later changes of the account do not change what was signed.
    doctor.last_name = "Penn"
    doctor.save()
    assert stands(version).approved.name == "Ada Quill"


def test_what_is_sent_back_says_what_to_change(world, doctor):
    version = asked(world)
    for nothing in ([], [Remark(("summary",), "  ")]):
        with pytest.raises(Refused, match="at least one remark"):
            publishing.send_back(version=version, by=doctor, remarks=nothing)
    publishing.send_back(version=version, by=doctor, remarks=[Remark(("body",), " Which dose? ")])
    assert stands(version).remarks == [Remark(("body",), "Which dose?")]
    publishing.submit(version=version, by=world.author)
    assert stands(version).remarks == []


def test_what_was_taken_back_waits_no_longer(world, doctor):
    version = asked(world)
    publishing.take_back(version=version, by=world.author)
    assert stands(version).request is None
    for verb in (
        lambda: publishing.take_back(version=version, by=world.author),
        lambda: publishing.approve(version=version, by=doctor, months=12),
        lambda: publishing.send_back(version=version, by=doctor, remarks=[Remark((), "No.")]),
    ):
        with pytest.raises(Refused, match="does not wait for review"):
            verb()


def test_only_the_newest_version_can_be_sent(world):
    version = saved(world)
    saved(world, body="Newer.\n")
    with pytest.raises(Refused, match="not the newest"):
        publishing.submit(version=version, by=world.author)


def test_a_newer_request_takes_the_place_of_an_older_one(world, doctor):
    first = asked(world)
    second = saved(world, body="Newer.\n")
    assert stands(first).request.version_id == first.pk
    publishing.submit(version=second, by=world.author)
    with pytest.raises(Refused, match="does not wait"):
        publishing.approve(version=first, by=doctor, months=12)
    publishing.approve(version=second, by=doctor, months=12)


def test_nobody_approves_what_they_wrote(world, doctor):
    root = make_user("root", is_superuser=True)
    root.first_name = "Root"
    root.save()
    saved(world, by=root, body="Roots of it.\n")
    version = saved(world, body="Words over those.\n")
    publishing.submit(version=version, by=world.author)
    for verb in (
        lambda: publishing.approve(version=version, by=root, months=12),
        lambda: publishing.send_back(version=version, by=root, remarks=[Remark((), "No.")]),
    ):
        with pytest.raises(NotAllowed, match="Somebody else must review it"):
            verb()
    assert root not in publishing.reviewers(version)
    publishing.approve(version=version, by=doctor, months=12)
    # What was written before the approved version no longer counts.
    later = asked(world)
    publishing.approve(version=later, by=root, months=12)


def test_who_is_asked_may_review(world, doctor):
    version = saved(world)
    for user in (world.author, world.publisher):
        with pytest.raises(Refused, match="may not review it"):
            publishing.submit(version=version, by=world.author, asked=user)


@pytest.mark.parametrize("who", ["author", "publisher"])
def test_only_reviewers_review(world, who):
    version = asked(world)
    user = getattr(world, who)
    with pytest.raises(NotAllowed):
        publishing.approve(version=version, by=user, months=12)
    with pytest.raises(NotAllowed):
        publishing.submit(version=version, by=world.reviewer)


def test_an_account_without_a_name_approves_nothing(world):
    version = asked(world)
    with pytest.raises(Refused, match="your account has no name"):
        publishing.approve(version=version, by=world.reviewer, months=12)
    assert stands(version).approved is None


def test_an_approval_holds_for_years_alone(world, doctor):
    version = asked(world)
    with pytest.raises(Refused, match="12, 24, 36 months"):
        publishing.approve(version=version, by=doctor, months=13)


def test_an_approved_version_cannot_be_sent_again_until_it_is_due(world, doctor, monkeypatch):
    version = asked(world)
    publishing.approve(version=version, by=doctor, months=12)
    with pytest.raises(Refused, match="approved already"):
        publishing.submit(version=version, by=world.author)
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)
    publishing.submit(version=version, by=world.author)
    publishing.approve(version=version, by=doctor, months=12)


# What readers are told


def test_readers_are_told_who_reviewed_which_version(world, doctor):
    assert "Not yet reviewed by a clinician" in body()
    version = reviewed(world, doctor)
    said = body()
    assert "Reviewed by Ada Quill, neurologist, on" in said
    assert "Not yet reviewed" not in said
    assert '"lastReviewed"' in said
    assert '"reviewedBy":{"@type":"Person","name":"Ada Quill","jobTitle":"neurologist"}' in said.replace(
        ": ", ":"
    ).replace(", ", ",")
    saved_later = saved(world, body="New words, with a comma.\n")
    assert "Reviewed by Ada Quill" in body()
    publishing.publish(versions=[saved_later], by=world.publisher)
    said = body()
    assert f"Version {version.number} was reviewed by Ada Quill, neurologist, on" in said
    assert "Changed since</a>: 1 sentence<" in said
    assert '"lastReviewed"' not in said


def test_what_was_approved_while_live_is_told_by_an_edition(world, doctor):
    application = WSGIHandler()
    before = ask(application, "/conditions/bells-palsy/").raw
    version = publishing.newest(world.page("bell"))
    editions = Edition.objects.count()
    publishing.submit(version=version, by=world.author)
    assert ask(application, "/conditions/bells-palsy/").raw == before
    publishing.approve(version=version, by=doctor, months=12)
    assert Edition.objects.count() == editions + 1
    assert Edition.objects.first().note == "Reviewed: Bell’s palsy"
    assert "Reviewed by Ada Quill" in body()
    assert "Reviewed: Bell’s palsy" in body("/changes/")
    assert Client().get(f"/changes/{Edition.objects.first().number}/").status_code == 200
    assert Client().get("/changes/feed.atom").status_code == 200


def test_several_changes_since_a_review_are_named(world, doctor):
    reviewed(world, doctor)
    record = drafts.read(world.bell)
    rows = record["symptoms"][:1]
    version = saved(world, summary="It grew. And more.", symptoms=rows, tags=[])
    publishing.publish(versions=[version], by=world.publisher)
    assert "Changed since</a>: 2 sentences, Tags, Symptoms<" in body()


def test_going_back_to_the_reviewed_words_is_no_change(world, doctor):
    version = reviewed(world, doctor)
    other = saved(world, body="Other.\n")
    publishing.publish(versions=[other], by=world.publisher)
    again = publishing.restore(version=version, by=world.author).version
    publishing.publish(versions=[again], by=world.publisher)
    assert "Reviewed by Ada Quill" in body()
    assert "Changed since" not in body()


def test_an_old_version_says_what_was_reviewed_of_it(world, doctor):
    version = reviewed(world, doctor)
    other = saved(world, body="Other.\n")
    publishing.publish(versions=[other], by=world.publisher)
    old = "/conditions/bells-palsy/history"
    assert "Reviewed by Ada Quill" in body(f"{old}/{version.number}/")
    assert "Not yet reviewed" in body(f"{old}/1/")


def test_readers_are_told_once_a_review_is_due(world, doctor):
    reviewed(world, doctor)
    assert publishing.note_due() == 0
    editions = Edition.objects.count()
    later = timezone.now() + timedelta(days=366)
    assert publishing.note_due(later) == 1
    assert publishing.note_due(later) == 0
    assert Edition.objects.count() == editions + 1
    assert "The next review is due" in body()
    assert 'class="unreviewed"' in body()


def test_the_29th_of_february_has_a_28th(world, doctor, monkeypatch):
    version = asked(world)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2028, 2, 29, 12, tzinfo=UTC))
    publishing.approve(version=version, by=doctor, months=12)
    assert stands(version).approved.due == datetime(2029, 2, 28, 12, tzinfo=UTC)


def test_a_proposal_of_a_file_that_was_settled_is_no_review(world):
    version = publishing.newest(world.page("bell"))
    draft = publishing.Draft(drafts.read(world.bell) | {"summary": "A file’s."}, version.page, "file", "x.yaml")
    draft.proposal = publishing.Proposal.SETTLED
    with publishing.write_lock():
        publishing.create_versions([draft], by=SYSTEM, at=timezone.now())
    assert stands(version).last is None


def approved(version, doctor, author):
    publishing.submit(version=version, by=author)
    publishing.approve(version=version, by=doctor, months=12)
    return version


def test_a_correction_has_no_part_in_the_review_of_a_draft_that_waits(world, doctor):
    waiting = approved(saved(world, body="A draft.\n"), doctor, world.author)
    record = drafts.current_record(world.page("bell").live) | {"summary": "One side of the face grows weak, slowly."}
    done = publishing.correct(record=record, entry=world.bell, by=world.publisher, seen=1)
    assert "Not yet reviewed" in body()
    publishing.publish(versions=[done.draft], by=world.publisher)
    assert f"Version {waiting.number} was reviewed by Ada Quill" in body()


def test_a_correction_is_measured_by_the_review_of_what_it_corrects(world, doctor, settings):
    live = reviewed(world, doctor)
    approved(saved(world, body="A draft of 3 days.\n"), doctor, world.author)
    settings.REQUIRE_REVIEW = True
    record = drafts.current_record(live) | {"summary": "One side of the face grows weak, slowly."}
    said = {"seen": live.number, "reason": "A comma."}
    publishing.correct(record=record, entry=world.bell, by=world.publisher, **said)
    assert f"Version {live.number} was reviewed by Ada Quill" in body()


def test_undoing_and_a_day_that_comes_keep_the_name(world, doctor):
    reviewed(world, doctor)
    reviewed(world, doctor, body="Newer words.\n")
    publishing.undo(edition=Edition.objects.first(), by=world.publisher)
    assert "Reviewed by Ada Quill" in body()
    approved(saved(world, body="Newest words.\n"), doctor, world.author)
    assert publishing.note_due(timezone.now() + timedelta(days=400)) == 1
    assert "The next review is due" in body()


def test_each_old_version_keeps_its_reviewer(world, doctor):
    first = reviewed(world, doctor)
    reviewed(world, doctor, body="Newer words.\n")
    assert "Reviewed by Ada Quill" in body(f"/conditions/bells-palsy/history/{first.number}/")


def test_who_wrote_a_version_does_not_review_it_later(world, doctor, monkeypatch):
    mine = approved(saved(world, by=SYSTEM), doctor, world.author)
    world.author.groups.add(Group.objects.get(name="Reviewer"))
    theirs = approved(saved(world, body="Theirs.\n"), doctor, world.author)
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)
    publishing.submit(version=theirs, by=world.publisher)
    with pytest.raises(NotAllowed, match="Somebody else"):
        publishing.approve(version=theirs, by=User.objects.get(username="author"), months=12)
    assert mine.number < theirs.number


def test_what_is_thrown_away_or_sent_back_goes_live_at_no_time(world, doctor):
    soon = timezone.now() + timedelta(days=1)
    publishing.schedule(version=saved(world), at=soon, by=world.publisher)
    publishing.discard(entry=world.bell, by=world.author)
    assert not publishing.scheduled().exists()
    version = asked(world)
    publishing.schedule(version=version, at=soon, by=world.publisher)
    publishing.send_back(version=version, by=doctor, remarks=[Remark((), "No.")])
    assert not publishing.scheduled().exists()


# Where review is required


@pytest.fixture
def required(settings):
    settings.REQUIRE_REVIEW = True


def test_nothing_goes_out_that_is_not_approved(world, doctor, required):
    version = saved(world)
    with pytest.raises(Refused, match=f"version {version.number}: it is not approved"):
        publishing.publish(versions=[version], by=world.publisher)
    found = publishing.readiness([version])
    assert found.ready == ()
    assert "it is not approved" in str(found.blocked[version.page_id][0])
    reviewed(world, doctor)
    assert "New words." in body()


def test_what_was_sent_back_later_is_approved_no_more(world, doctor, required, monkeypatch):
    version = approved(saved(world), doctor, world.author)
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with pytest.raises(Refused, match="it is not approved"):
        publishing.publish(versions=[version], by=world.publisher)
    publishing.submit(version=version, by=world.author)
    publishing.approve(version=version, by=doctor, months=12)
    publishing.publish(versions=[version], by=world.publisher)


def test_the_same_words_are_approved_under_another_number(world, doctor, required):
    version = reviewed(world, doctor)
    publishing.publish(versions=[approved(saved(world, body="Other.\n"), doctor, world.author)], by=world.publisher)
    again = publishing.restore(version=version, by=world.author).version
    publishing.publish(versions=[again], by=world.publisher)
    assert "New words." in body()


def test_files_that_are_loaded_go_out(world, required):
    publishing.publish(versions=[saved(world)], by=SYSTEM)


def test_an_undone_edition_goes_back(world, doctor, required):
    reviewed(world, doctor)
    publishing.undo(edition=Edition.objects.first(), by=world.publisher)
    assert "New words." not in body()


def test_a_new_tag_comes_along_only_with_a_sentence(world, doctor, required):
    publishing.save(
        record={"kind": "tag", "slug": "silent", "name": "Silent", "group": "course"}, entry=None, by=SYSTEM
    )
    version = saved(world, tags=["one-side", "silent"])
    publishing.submit(version=version, by=world.author)
    publishing.approve(version=version, by=doctor, months=12)
    with pytest.raises(Refused, match="Silent says nothing yet"):
        publishing.publish(versions=[version], by=world.publisher)
    tag = Tag.objects.get(slug="silent")
    publishing.save(record=drafts.read(tag) | {"slug": "quiet"}, entry=tag, by=SYSTEM)
    with pytest.raises(Refused, match="Silent says nothing yet"):
        publishing.publish(versions=[version], by=world.publisher)
    assert "Silent says nothing yet" in str(publishing.readiness([version]).blocked[version.page_id])


def test_a_correction_goes_out_with_its_reason(world, doctor, required):
    reviewed(world, doctor)
    version = saved(world, body="New words,\n")
    publishing.publish(versions=[version], by=world.publisher, correction="A comma.")
    note = Decision.objects.get(verb=Decision.Verb.CORRECT)
    assert (note.version_id, note.note, note.by) == (version.pk, "A comma.", world.publisher)
    assert "Changed since</a>: 1 sentence<" in body()
    # The next one is measured by what was approved, not by what went out uncorrected.
    version = saved(world, body="New words, not old.\n")
    with pytest.raises(Refused, match="words such as not, no, never and may may not change"):
        publishing.publish(versions=[version], by=world.publisher, correction="Another.")


def test_a_word_that_turns_a_sentence_stays_in_its_sentence():
    before, after = ({"kind": "cause", "slug": "x", "name": "X", "summary": said} for said in (TAKE, DO_NOT_CALL))
    assert corrections.changes_of_meaning(before, after)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        *(("fifteen", "fifty"), ("first", "third"), ("½", "¾"), ("10²", "10³"), ("the eleventh", "the twelfth")),
        *(("the nineteenth", "the thirtieth"), ("5 mg", "5 g"), ("5 mg", "5 ml"), ("5mg", "5 µg"), ("37 °C", "37 °F")),
        *(("2 days", "2 weeks"), ("once a day", "once a week"), ("daily", "weekly"), ("5 mg/kg", "5 mg/ml")),
        *(("certain", "uncertain"), ("harmful", "harmless"), ("pain", "painless"), ("painful", "painless")),
        *(("typical", "atypical"), ("possible now", "impossible now"), ("before food", "after food")),
        *(("500 milligrams", "500 micrograms"), ("38 degrees Celsius", "38 degrees Fahrenheit"), ("9 mmHg", "9 kPa")),
        *(("10 mg per kg", "10 mg per lb"), ("5 cm²", "5 mm²"), ("25 kg/m²", "25 kg/cm²"), ("zero risk", "risk")),
        *(("millions of it", "thousands of it"), ("twofold", "tenfold"), ("< 38 °C", "> 38 °C"), ("fit", "unfit")),
        *(("below 38 °C", "above 38 °C"), ("at least 5 days", "up to 5 days"), ("it increases", "it decreases")),
        *(("rare", "common"), ("seldom seen", "seen"), ("safe", "unsafe")),
        ("<https://a.example/x>", "<https://a.example/y>"),
        *(("the left side", "the right side"), ("all of it", "most of it"), ("avoid it", "take it")),
        ("[call](tel:112)", "[call](tel:113)"),
        ("[read](https://a.example/x)", "read"),
    ],
)
def test_what_says_something_else_is_no_correction(was, now):
    for one, other in ((was, now), (now, was)):
        before, after = ({"kind": "cause", "slug": "x", "name": "X", "body": f"So {said}\n"} for said in (one, other))
        assert corrections.changes_of_meaning(before, after), one


@pytest.mark.parametrize(
    ("was", "now"),
    [
        *(("2 people that wait.", "2 people who wait."), ("5 mg.", "5 mg,"), ("5mg of it", "5mg of this")),
        *(("an hour", "an hour,"), ("[call](tel:112)", "[please call](tel:112)"), ("the nerv", "the nerve")),
        *(("its color", "its colour"), ("2 days", "2 days,"), ("less, a", "less a"), ("10mg", "10 mg")),
        *(("10 mg", "10\u00a0mg"), ("10\nmg", "10 mg"), ("38°C", "38 °C"), ("20 μg", "20 µg"), ("5-10", "5–10")),
        *(("round the eye", "around the eye"), ("bout", "about"), ("like", "alike"), ("ease", "disease")),
        *(("2 in 10", "2 out of 10"), ("a \ue000 b", "a \ue000 c"), ("form", "inform")),
    ],
)
def test_what_says_the_same_is_one(was, now):
    before, after = ({"kind": "cause", "slug": "x", "name": "X", "body": f"So {said}\n"} for said in (was, now))
    assert corrections.changes_of_meaning(before, after) == []


TAKE, DO_NOT_CALL = "Do not take it. Call a doctor.", "Take it. Do not call a doctor."
BASE = {
    "kind": "condition",
    "slug": "x",
    "name": "X",
    "summary": "It may last 2 days.",
    "help_now": "- Call if it drops.\n",
    "body": 'It is not rare. [@a "the words"]\n',
    "tags": ["one-side"],
    "evidence": ["a"],
    "symptoms": [{"target": "s", "note": "At first.", "certainty": "often", "quotes": ['[@a "often"]']}],
}
ROW = BASE["symptoms"][0]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"summary": "It may last, 2 days."}, ""),
        ({"body": 'It is not so rare. [@a "the words"]\n'}, ""),
        ({"symptoms": [ROW | {"note": "At first, then."}]}, ""),
        ({"help_now": "- Call, if it drops.\n"}, "get help may not change"),
        ({"symptoms": [ROW | {"certainty": "usually"}]}, "it may not change"),
        ({"symptoms": [ROW | {"quotes": ['[@a "other"]']}]}, "it may not change"),
        ({"body": 'It is not rare. [@a "words"]\n'}, "sentences, quotes and citations may not"),
        ({"body": '[@a "the words"] It is not rare.\n'}, "sentences, quotes and citations may not"),
        ({"summary": "It may last, and 2 days. It ends."}, "sentences, quotes and citations may not"),
        ({"summary": "It may last 2% days."}, "numbers may not change"),
        ({"summary": "It may last -2 days."}, "numbers may not change"),
        ({"summary": "It may last 2½ days."}, "numbers may not change"),
        ({"slug": "y"}, "Address: it may not change"),
        ({"summary": "It may last 3 days."}, "numbers may not change"),
        ({"summary": "It may last two days."}, "numbers may not change"),
        ({"summary": "It lasts 2 days."}, "words such as not"),
        ({"summary": "It may never last 2 days."}, "words such as not"),
        ({"body": 'It is no rare. [@a "the words"]\n'}, "words such as not"),
        ({"body": 'It is rare. [@a "the words"]\n'}, "words such as not"),
        ({"body": 'It isn’t not rare. [@a "the words"]\n'}, "words such as not"),
        ({"summary": ""}, "may not come or go"),
        ({"body": ""}, "may not come or go"),
        ({"tags": []}, "it may not change"),
        ({"evidence": ["b"]}, "it may not change"),
        ({"symptoms": []}, "rows may not be added"),
        ({"name": "Y"}, "it may not change"),
    ],
)
def test_what_is_a_correction(change, why):
    found = corrections.changes_of_meaning(BASE, BASE | change)
    assert found == [] if not why else any(why in one for one in found), found
