"""Review in the admin: an author sends, a reviewer reads what changed beside its words, and decides."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions import db, drafts, publishing
from conditions.admin.mail import deliver
from conditions.models import Credentials, Decision, Version
from conditions.publishing import SYSTEM, Remark
from tests.admin.client import Editor, Form, address, keep
from tests.world import World, make_user


@pytest.fixture
def doctor(world: World) -> Editor:
    user = world.reviewer
    user.first_name, user.last_name, user.email = "Ada", "Quill", "ada@example.org"
    user.save()
    Credentials.objects.create(user=user, text="neurologist")
    return Editor(user)


def waiting(world: World, **changes: Any) -> Version:
    """A version of the condition that waits for review."""
    record = drafts.read(world.bell) | (changes or {"summary": "One side of the face grows very weak."})
    version = publishing.save(record=record, entry=world.bell, by=world.author).version
    publishing.submit(version=version, by=world.author)
    return version


def page_of(editor: Editor, version: Version, world: World) -> Form:
    url = address(world.bell, "review", version.number)
    return Form(editor.client, url, editor.client.get(url))


def words(form: Form) -> str:
    text = html.unescape(re.sub(r"</?em>", "", form.text.partition('id="content"')[2]))
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_an_author_saves_and_sends_in_three_steps(world: World, author: Editor, doctor: Editor):
    form = author.open(world.bell).send("_send_review", summary="One side of the face grows very weak.")
    assert form.url == address(world.bell, "send_review")
    assert "Saved as version 2" in form.messages
    assert "very" in form.text
    assert "What differs from version 1, which readers see" in words(form)
    sent = form.send("", asked=str(doctor.user.pk), note="Is it so?")
    assert "Version 2 waits for review by Ada Quill." in sent.messages
    assert "Waiting for review by Ada Quill since" in words(sent)
    assert "_send_review" not in sent.buttons


def test_a_newer_version_is_sent_in_place_of_the_one_that_waits(world: World, author: Editor):
    waiting(world)
    form = author.open(world.bell).send(summary="One side of the face hangs.")
    assert "version 3 is newer and is not part of it" in words(form)
    again = form.send("_send_review").send("")
    assert "Version 3 waits for review by anyone who may review it." in again.messages


def test_what_waits_can_be_taken_back(world: World, author: Editor):
    version = waiting(world)
    url = address(world.bell, "send_review")
    form = Form(author.client, url, author.client.get(url))
    assert "_take_back" in form.buttons
    assert "was taken back" in form.send("_take_back").messages
    assert publishing.standing(version.page).request is None
    url = address(world.bell, "send_review")
    again = author.client.post(url, {"version": version.number, "_take_back": "1", "asked": ""}, follow=True)
    assert "does not wait for review" in again.content.decode()


def test_a_reviewer_sees_what_changed_beside_the_words_it_rests_on(world: World, doctor: Editor):
    source = drafts.read(world.service) | {"excerpt": ["It comes on within hours.\nAnd then it stays."]}
    publishing.save(record=source, entry=world.service, by=SYSTEM)
    rows = drafts.read(world.bell)["symptoms"]
    rows[0] = rows[0] | {"quotes": ['[@health-service "within hours"]'], "sources": ["health-service"]}
    version = waiting(world, summary="One side of the face grows very weak.", symptoms=rows)
    said = words(page_of(doctor, version, world))
    assert "What differs from version 1, which readers see." in said
    assert "± In one sentence : changed" in said
    assert "Now: very" in said
    assert "It comes on within hours . And then it stays. Bell’s palsy" in said
    assert "Approve version 2" in said
    assert "Ada Quill" in said
    assert "Eye care" not in said, "what did not change is not shown"


def test_a_first_version_is_reviewed_whole(world: World, doctor: Editor):
    record = {"kind": "cause", "slug": "cold", "name": "Cold wind", "summary": "So."}
    entry = publishing.save(record=record, entry=None, by=world.author).entry
    publishing.submit(version=publishing.newest(entry.page), by=world.author)
    text = doctor.client.get(address(entry, "review", 1)).content.decode()
    assert "All of it, because none of it was reviewed before." in text
    assert "Cold wind" in text


def test_remarks_come_back_above_their_fields(world: World, doctor: Editor, author: Editor):
    rows = [row | {"note": "New."} for row in drafts.read(world.bell)["symptoms"]]
    version = waiting(world, summary="It grows.", symptoms=rows)
    page = page_of(doctor, version, world)
    refused = page.send("_send_back")
    assert "Write at least one remark" in refused.text
    page["remark-0"], page["remark-1"], page["remark-general"] = "Which side?", "When?", "Nearly there."
    assert "Version 2 of “Bell’s palsy” was sent back" in page.send("_send_back").messages
    form = author.open(world.bell)
    text = " ".join(form.text.split())
    assert "Sent back</b> by Ada Quill" in text
    assert re.search(r'field-summary">.{0,150}To change:</b> Which side\?', text)
    assert re.search(r'id="symptoms-0">.{0,3000}To change:</b> When\?', text)
    assert "To change:</b> Nearly there." in text
    again = form.send("_send_review", summary="The left side grows.").send("")
    assert "waits for review" in again.messages
    assert "To change:" not in again.text


def test_a_remark_stays_with_its_row_when_what_it_leads_to_is_renamed(world: World, doctor: Editor, author: Editor):
    rows = [
        row | {"note": "New."} if row["target"] == "earache" else row for row in drafts.read(world.bell)["symptoms"]
    ]
    page = page_of(doctor, waiting(world, symptoms=rows), world)
    page["remark-0"] = "When?"
    page.send("_send_back")
    record = drafts.read(world.earache) | {"slug": "ear-pain", "name": "Ear pain"}
    publishing.publish(versions=[publishing.save(record=record, entry=world.earache, by=SYSTEM).version], by=SYSTEM)
    form = author.open(world.bell)
    number = next(n for n, row in enumerate(rows) if row["target"] == "earache")
    assert re.search(rf'id="symptoms-{number}">.{{0,3000}}To change:</b> When\?', " ".join(form.text.split()))
    assert f'href="#symptoms-{number}">Symptoms: When?' in form.text
    sent = form.send("_send_review", summary="The left side grows.")
    assert "Symptoms, Ear pain: “When?”" in words(sent)
    sent.send("")
    again = page_of(doctor, publishing.newest(world.bell.page), world)
    assert "Symptoms, Ear pain: “When?”" in words(again)


def test_a_reviewer_approves(world: World, doctor: Editor, publisher: Editor):
    version = waiting(world)
    done = page_of(doctor, version, world).send("_approve", months="24")
    assert "Version 2 of “Bell’s palsy” is approved." in done.messages
    form = words(publisher.open(world.bell))
    assert "Approved by Ada Quill" in form
    assert "Not published." in form
    assert publishing.standing(version.page).approved.credentials == "neurologist"
    publisher.open(world.bell).send("_publish")
    assert "Reviewed by Ada Quill, neurologist" in publisher.client.get("/conditions/bells-palsy/").content.decode()


def test_nobody_reviews_what_they_wrote(world: World):
    root = make_user("root", is_superuser=True)
    root.first_name = "Root"
    root.save()
    publishing.save(record=drafts.read(world.bell) | {"body": "Mine.\n"}, entry=world.bell, by=root)
    version = waiting(world, summary="Other words.")
    editor = Editor(root)
    page = page_of(editor, version, world)
    assert "You wrote some of version 3. Somebody else must review it." in words(page)
    assert page.buttons == []
    for button in ("_approve", "_send_back"):
        answer = editor.client.post(page.url, {button: "1", "months": "12", "remark-general": "x"})
        assert answer.status_code == 403
    assert Decision.objects.exclude(verb=Decision.Verb.SUBMIT).count() == 0


def test_a_decision_names_what_is_wrong_with_it(world: World, doctor: Editor):
    version = waiting(world)
    page = page_of(doctor, version, world)
    assert "Choose when the next review is due" in page.send("_approve", months="7").text
    assert "Approve it, or send it back" in page.send("_other").text
    page["place-0"], page["remark-0"] = "{broken", "Kept."
    page.send("_send_back")
    assert publishing.standing(version.page).remarks == [Remark((), "Kept.")]
    assert "does not wait for review" in page.send("_approve", months="12").text


def test_a_remark_is_never_dropped(world: World, doctor: Editor, author: Editor):
    version = waiting(world)
    page = page_of(doctor, version, world)
    refused = page.send("_approve", **{"remark-0": "Which side?"})
    assert "You wrote a remark. Send it back, or empty the box and approve." in refused.text
    assert refused["remark-0"] == "Which side?"
    page.send("_send_back")
    history = " ".join(author.get(world.bell, "history").content.decode().split())
    assert re.search(
        r"<li>Sent for review, [^<]*, author</li><li>Sent back, [^<]*, reviewer, [^<]*“Which side\?”", history
    )
    author.open(world.bell).send("_send_review", summary="The left side.").send("")
    again = page_of(doctor, publishing.newest(version.page), world)
    assert "Asked for before Version 2, reviewer, " in words(again)
    assert "In one sentence: “Which side?”" in words(again)


def test_remarks_stay_on_the_page_where_they_cannot_be_sent(world: World, doctor: Editor, author: Editor):
    version = waiting(world)
    page = page_of(doctor, version, world)
    author.open(world.bell).send("_send_review", summary="The left side.").send("")
    refused = page.send("_send_back", **{"remark-0": "Which side?", "remark-general": "Not yet."})
    assert "does not wait for review" in refused.text
    assert (refused["remark-0"], refused["remark-general"]) == ("Which side?", "Not yet.")
    assert "_send_back" not in refused.buttons


def test_remarks_keep_their_places_when_what_is_compared_changes(world: World, doctor: Editor):
    version = waiting(world, summary="One side grows weak.", self_care="Wait a week.\n", aliases=[])
    page = page_of(doctor, version, world)
    assert [page[f"place-{place}"] for place in range(2)] == ['["summary"]', '["self_care"]']
    publishing.publish(versions=[version], by=SYSTEM)
    gone = {"place-7": '["symptoms", "Drooling"]', "remark-7": "Which side of the mouth?"}
    typed = {"remark-0": "Which side?", "remark-1": "Why a week?", "remark-general": "Else well."}
    back = page.send("_bring_back", **typed, **gone, kept="abc")
    assert "This is what you typed here and did not send" in back.text
    boxes = {back[name.replace("place", "remark")]: back[name] for name in back.fields if name.startswith("place-")}
    assert (boxes["Which side?"], boxes["Why a week?"]) == ('["summary"]', '["self_care"]')
    assert back["remark-general"].split() == ["Else", "well.", "Which", "side", "of", "the", "mouth?"]
    assert back["kept"] == "abc"
    assert not publishing.standing(version.page).sent_back
    sent = doctor.client.post(page.url, back.fields | {"_send_back": "1"})
    assert "saved-abc" in sent.cookies


def test_where_links_lead_and_markup_are_shown_where_they_alone_changed(world: World, doctor: Editor):
    for before, after, said in (
        ("Call [the line](tel:111).", "Call [the line](tel:900666).", ("(tel:111)", "(tel:900666)")),
        ("Call [us](tel:111) now.", "Call [us](tel:900666) today.", ("(tel:111)", "(tel:900666)")),
        ("It is not so.", "It is **not** so.", ("Was: not Now: **not** so.",)),
    ):
        version = publishing.save(
            record=drafts.read(world.bell) | {"body": before}, entry=world.bell, by=SYSTEM
        ).version
        publishing.publish(versions=[version], by=SYSTEM)
        text = words(page_of(doctor, waiting(world, body=after), world))
        assert all(one in text for one in said), text
        assert "What it rests on changed" not in text


def test_documents_and_sources_of_one_name_are_told_apart(world: World, doctor: Editor):
    keep("source", "other", "Bell’s palsy", publisher="B", url="https://o.example/", accessed="2026-11-01")
    rows = drafts.read(world.bell)["treatments"]
    other = [rows[0] | {"sources": ["other", *rows[0]["sources"]]}, *rows[1:]]
    version = waiting(world, treatments=other)
    publishing.publish(versions=[version], by=SYSTEM)
    text = words(page_of(doctor, waiting(world, treatments=[other[0] | {"sources": ["other"]}, *rows[1:]]), world))
    assert "Bell’s palsy (other)" in text


def test_what_was_overtaken_can_be_approved_and_readers_are_not_told_so(world: World, doctor: Editor, client: Any):
    version = waiting(world, self_care="Draft words.\n")
    live = world.page("bell").live
    record = drafts.current_record(live) | {"summary": "One side of the face grows weak, fast."}
    draft = {"seen": live.number, "draft_seen": version.number}
    publishing.correct(record=record, entry=world.bell, by=world.publisher, **draft)
    page = page_of(doctor, version, world)
    assert "Readers see version 3, which is newer: version 2 cannot be published any more." in words(page)
    page.send("_approve", months="12")
    assert publishing.standing(version.page).approved
    assert world.page("bell").review is None
    assert "Reviewed:" not in client.get("/changes/").content.decode()


def test_sending_back_leaves_the_schedule_of_another_version(world: World, doctor: Editor):
    approved = waiting(world)
    publishing.approve(version=approved, by=doctor.user, months=12)
    publishing.schedule(version=approved, at=timezone.now() + timedelta(hours=1), by=world.publisher)
    newer = waiting(world, summary="Newer.")
    page_of(doctor, newer, world).send("_send_back", **{"remark-general": "A mistake."})
    assert [one.version for one in publishing.scheduled()] == [approved]


def test_anyone_is_asked_once_the_person_may_not_review_any_more(world: World, doctor: Editor):
    other = make_user("other", "Reviewer")
    version = waiting(world)
    publishing.take_back(version=version, by=world.author)
    publishing.submit(version=version, by=world.author, asked=doctor.user)
    assert publishing.last_reviews(other).waiting == []
    for change in ({"is_staff": False}, {"is_staff": True, "is_active": False}, {"is_active": True}):
        User.objects.filter(pk=doctor.user.pk).update(**change)
        if change == {"is_active": True}:
            doctor.user.groups.clear()
        assert [one.version for one in publishing.last_reviews(other).waiting] == [version]
        assert doctor.user not in publishing.reviewers(version)


def test_an_approval_that_is_over_is_called_so(world: World, doctor: Editor, publisher: Editor, settings: Any):
    settings.REQUIRE_REVIEW = True
    version = waiting(world)
    publishing.approve(version=version, by=doctor.user, months=12)
    approval = Decision.objects.get(verb=Decision.Verb.APPROVE)
    db.update(Decision, ["due"], [(timezone.now() - timedelta(days=1), approval.pk)])
    [entry] = publisher.client.get("/admin/entries/", {"kind": "condition", "q": "Bell"}).context["rows"]
    assert entry.state == "Changed since published"
    assert "approved" not in publisher.get(world.bell, "schedule").content.decode()
    assert publishing.last_reviews(world.publisher).approved == []
    assert "<b>Approved</b>" not in publisher.get(world.bell, "change").content.decode()
    listed = publisher.client.get("/admin/publish/", {"page": world.bell.page_id}).content.decode()
    assert "due for a new review" in listed


def test_a_rename_elsewhere_is_no_difference_anywhere(world: World, publisher: Editor, client: Any):
    record = drafts.read(world.earache) | {"slug": "ear-pain", "name": "Ear pain"}
    renamed = publishing.save(record=record, entry=world.earache, by=SYSTEM).version
    publishing.publish(versions=[renamed], by=SYSTEM)
    version = waiting(world)
    texts = [publisher.get(world.bell, name).content.decode() for name in ("differences", "history")]
    texts.append(publisher.client.get("/admin/publish/", {"page": world.bell.page_id}).content.decode())
    publishing.publish(versions=[version], by=SYSTEM)
    texts.append(client.get("/conditions/bells-palsy/history/").content.decode())
    assert [("very" in text, "Ear pain" in text) for text in texts] == [(True, False)] * 4


def test_new_sentences_that_quote_nothing_say_so(world: World, doctor: Editor):
    said = words(page_of(doctor, waiting(world, body="See a dentist too.\n"), world))
    assert "See a dentist too. Our own words: it rests on nothing that is quoted." in said


@pytest.mark.parametrize("place", ["[" * 100_000, "[" * 900, "\0", '["\\ud800"]', '["body\\u0000"]', "{}", '[["a"]]'])
def test_hostile_places_and_words_are_no_error(world: World, doctor: Editor, place: str):
    version = waiting(world)
    page = page_of(doctor, version, world)
    typed = page.fields | {"_send_back": "1", "place-0": place, "remark-0": "No\0w."}
    assert doctor.client.post(page.url, typed).status_code == 302
    assert [one.text for one in publishing.standing(version.page).remarks] == ["Now."]


def test_a_rename_elsewhere_is_no_change_to_review(world: World, doctor: Editor):
    version = waiting(world)
    record = drafts.read(world.earache) | {"slug": "pain-in-the-ear"}
    publishing.save(record=record, entry=world.earache, by=SYSTEM)
    assert "Earache" not in words(page_of(doctor, version, world))


def test_a_reviewer_without_a_name_is_told_who_adds_it(world: World, reviewer: Editor):
    page = page_of(reviewer, waiting(world), world)
    assert "None yet: an administrator can add it" in words(page)
    assert "_approve" not in page.buttons


def test_mail_goes_to_who_is_asked_and_to_the_author(
    world, author, doctor, settings, django_capture_on_commit_callbacks
):
    settings.SENDS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "editors@example.org"
    world.author.email = "author@example.org"
    world.author.save()
    with django_capture_on_commit_callbacks(execute=True):
        form = author.open(world.bell).send("_send_review", summary="It grows.")
        form.send("", asked=str(doctor.user.pk), note="Is it so?")
    version = publishing.newest(world.page("bell"))
    with django_capture_on_commit_callbacks(execute=True):
        page = page_of(doctor, version, world)
        page.send("_send_back", **{"remark-general": "Which dose?"})
    asked, answered = mail.outbox
    assert (asked.to, asked.subject) == (["ada@example.org"], "Please review: Bell’s palsy")
    assert f"http://testserver{address(world.bell, 'review', version.number)}" in asked.body
    assert "Is it so?" in asked.body
    assert (answered.to, answered.subject) == (["author@example.org"], "Bell’s palsy: version 2 was sent back")
    assert "Which dose?" in answered.body


def test_without_mail_nothing_is_sent_and_a_server_that_fails_loses_nothing(world, author, doctor, settings, caplog):
    form = author.open(world.bell).send("_send_review", summary="It grows.")
    form.send("", asked=str(doctor.user.pk))
    assert mail.outbox == []
    settings.SENDS_MAIL, settings.EMAIL_BACKEND = True, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    deliver("Subject", "Text", "ada@example.org")
    assert "Mail to ada@example.org was not sent" in caplog.text


def test_an_administrator_writes_the_name_and_the_credentials(world: World, doctor: Editor):
    root = Editor(make_user("root", is_superuser=True))
    url = f"/admin/auth/user/{doctor.user.pk}/change/"
    assert 'name="credentials" value="neurologist"' in root.client.get(url).content.decode()
    typed = {"username": "reviewer", "is_active": "on", "groups": [group.pk for group in doctor.user.groups.all()]}
    names = {"first_name": "Ida", "last_name": "Quill", "credentials": " "}
    assert root.client.post(url, typed | names).status_code == 302
    assert not Credentials.objects.filter(user=doctor.user).exists()
    assert root.client.post(url, typed | names | {"credentials": "GP"}).status_code == 302
    assert Credentials.objects.get(user=doctor.user).text == "GP"
    doctor.user.refresh_from_db()
    assert doctor.user.get_full_name() == "Ida Quill"


def test_asking_costs_the_same_however_many_may_review(world: World, author: Editor):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            text = author.get(world.bell, "send_review").content.decode()
        assert "wrote-it</option>" not in text
        return len(asked)

    writer = make_user("wrote-it", "Reviewer", "Author")
    record = drafts.read(world.bell) | {"summary": "One side grows weak."}
    publishing.save(record=record, entry=world.bell, by=writer)
    few = cost()
    for number in range(5):
        make_user(f"doctor-{number}", "Reviewer")
    assert cost() == few


def test_the_page_of_a_review_asks_no_more_for_more_rows(world: World, doctor: Editor):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(doctor, version, world)
        return len(asked)

    version = waiting(world)
    few = cost()
    rows = [row | {"note": f"{row['target']} again."} for row in drafts.read(world.bell)["symptoms"]]
    version = waiting(world, symptoms=rows, tags=[], body="Longer. [@health-service]\n")
    assert cost() <= few + 1
