"""What is typed and not saved is kept in the browser: it comes back after a crash. Saving and logging out forget it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from conditions import drafts, publishing
from conditions.models import Condition, Version
from conditions.publishing import SYSTEM
from tests.admin.browser import log_in, pick, type_into
from tests.admin.client import Editor, Form, address
from tests.browser.chromium import NEEDED
from tests.world import World, build_world

KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('facehealth')).length"
"""How many keys of ours the browser holds, whose user is one more."""


def bring_back(form: Form, **typed: Any) -> Form:
    """The form, as it comes when what the browser kept of another one is sent."""
    return form.send("_bring_back", **typed)


class TestBringingBack:
    def test_shows_all_that_was_typed_and_saves_nothing(self, world: World, author: Editor):
        form = author.open(world.bell)
        row = form.add_row(
            "symptoms", target="facial-droop", note="Typed on a new row.", tags=["one-side", "Brand new"]
        )
        form["symptoms-1-order"], form["symptoms-0-order"], form["causes-0-DELETE"] = "1", "2", "on"
        back = bring_back(form, summary="Typed.\r\nAnd more. ", name="", **{"tags-more": "half a wo", "kept": "abc"})
        assert Version.objects.filter(page=world.bell.page_id).count() == 1
        assert "It is not saved yet" in back.text
        assert (back["summary"], back["name"], back["kept"]) == ("Typed.\r\nAnd more. ", "", "abc")
        assert back["tags-more"] == "half a wo"
        assert back["tags"] == form["tags"] == "one-side", "a word that was being typed is no new tag yet"
        assert back[f"symptoms-{row}-note"] == "Typed on a new row."
        assert back[f"symptoms-{row}-tags"] == ["one-side", "Brand new"]
        assert back["symptoms-1-order"] == "1"
        assert "causes-0-DELETE" in back.fields, "it is ticked"
        assert "correct:" not in back.text

    def test_is_merged_with_what_was_saved_since(self, world: World, author: Editor, publisher: Editor):
        form = author.open(world.bell)
        publisher.open(world.bell).send(self_care="Wait a week.")
        back = bring_back(form, summary="Typed.")
        assert "Version 2 was saved since: saving merges yours with it." in back.text
        back.send()
        record = drafts.read(world.bell)
        assert (record["summary"], record["self_care"]) == ("Typed.", "Wait a week.\n")

    def test_is_for_those_who_may_change_it(self, world: World, author: Editor, reviewer: Editor):
        fields = author.open(world.bell).fields | {"_bring_back": ["1"], "summary": ["Typed."]}
        assert reviewer.client.post(address(world.bell, "change"), fields).status_code == 403
        assert "data-kept" not in reviewer.open(world.bell).text

    def test_of_a_deleted_entry_comes_as_a_new_one(self, world: World, author: Editor, publisher: Editor):
        form = author.open(world.virus)
        publisher.open(world.bell).send(**{"causes-0-DELETE": "on"})
        publishing.withdraw(pages=[world.page("virus")], by=SYSTEM, reason="Old.")
        publishing.delete(entry=world.virus, by=world.publisher)
        assert bring_back(form, summary="Typed.")["summary"] == "Typed."


class TestSaying:
    def saved(self, answer: Any) -> list[str]:
        return [name for name in answer.cookies if name.startswith("saved-")]

    def test_what_is_saved_is_said_to_the_browser(self, world: World, author: Editor):
        form = author.open(world.bell)
        assert form["kept"] == ""
        answer = author.client.post(form.url, form.fields | {"summary": "New.", "kept": "b2 a1", "_savedraft": "1"})
        assert self.saved(answer) == ["saved-b2", "saved-a1"]
        cookie = answer.cookies["saved-b2"]
        assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/admin/", "Strict", "")

    def test_what_is_not_saved_is_not(self, world: World, author: Editor):
        form = author.open(world.bell)
        for changed in ({"name": ""}, {"_bring_back": "1"}, {"_open": "symptoms-0"}):
            sent = form.fields | {"kept": "a1", "_savedraft": "1"} | changed
            answer = author.client.post(form.url, sent)
            assert (answer.status_code, self.saved(answer)) == (200, [])
            assert Form(author.client, form.url, answer)["kept"] == "a1"

    def test_no_other_cookie_can_be_asked_for(self, world: World, author: Editor):
        form = author.open(world.bell)
        many = " ".join(f"n{number}" for number in range(9))
        for kept, count in (("../x a;b ü A-1", 0), ("x" * 41, 0), (many, 5)):
            answer = author.client.post(form.url, form.fields | {"kept": kept, "_savedraft": "1"})
            assert len(self.saved(answer)) == count, kept


SENT = """() => JSON.stringify([...new FormData(document.querySelector("form.entry"))]
    .filter(([name]) => !/^(csrfmiddlewaretoken|kept)$|-open$/.test(name)).sort())"""


def open_form(context: Any, url: str) -> Any:
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.clock.install()
    page.goto(url)
    return page


def type_everywhere(page: Any) -> str:
    """Change a form in every way; what it would send then."""
    page.fill("#id_body", "Typed\n\nfor an hour. ")
    page.click("#symptoms-0 [name=_open]")
    page.fill("#id_symptoms-0-note", "Typed on a row.")
    page.click("#symptoms-1 [data-move='-1']")
    page.check("#id_causes-0-DELETE")
    page.click("text=Add another symptom")
    page.fill("#id_symptoms-2-note", "Typed on a new row.")
    page.click("[aria-label='Remove One side'] >> nth=0")
    pick(page, "id_tags", "Brand new", "New tag: Brand new")
    type_into(page, "id_tags", "half a wo")
    return str(page.evaluate(SENT))


UNHEARD = """for (const name of ["pagehide", "visibilitychange", "beforeunload"]) {
    addEventListener(name, (event) => event.stopImmediatePropagation(), true);
}"""


def kill(page: Any) -> None:
    """End a page six seconds later, and let it do nothing while it ends."""
    page.clock.run_for(6_000)
    page.evaluate(UNHEARD)
    page.close()


OTHERS = """const user = localStorage["facehealth-user"];
for (const [place, days] of [["9/condition/1/a", 0], [`${user}/condition/1/b`, 31]]) {
    const kept = {at: Date.now() - days * 24 * 60 * 60 * 1000, base: "1", entries: [["summary", "Other."]]};
    localStorage.setItem(`facehealth-typed/${place}`, JSON.stringify(kept));
}"""
"""What another user typed today, and this one 31 days ago."""


class TestInABrowser:
    pytestmark = NEEDED

    @pytest.fixture
    def form(self, transactional_db: None, live_server: Any, chromium: Any) -> Any:
        build_world()
        context = chromium.new_context(viewport={"width": 1280, "height": 1000})
        page = context.new_page()
        page.set_default_timeout(10_000)
        log_in(page, live_server, "author")
        bell = Condition.objects.get(slug="bells-palsy")
        return open_form(context, f"{live_server}{address(bell, 'change')}")

    def test_every_word_comes_back_after_a_crash_until_it_is_saved(self, form: Any):
        url, context = form.url, form.context
        typed = type_everywhere(form)
        kill(form)
        form = open_form(context, url)
        form.click("text=Bring it back")
        form.wait_for_selector("text=It is not saved yet")
        assert form.evaluate(SENT) == typed
        form.fill("#id_tags", "")
        form.click("#symptoms-2 [data-remove-row]")
        form.fill("#id_name", "")
        form.click("text=Save draft")
        form.wait_for_selector("text=Not saved yet.")
        assert form.evaluate(KEPT) == 2, "what was refused is still kept"
        form.fill("#id_name", "Bell")
        form.click("text=Save draft")
        form.wait_for_selector("text=Saved as version 2")
        assert form.evaluate(KEPT) == 1
        record = drafts.read(Condition.objects.get(slug="bells-palsy"))
        assert (record["body"], record["tags"]) == ("Typed\n\nfor an hour.\n", ["brand-new"])
        assert [row["target"] for row in record["symptoms"]] == ["earache", "facial-droop"]

    def test_logging_out_forgets_it_and_so_do_age_and_another_user(self, form: Any):
        form.fill("#id_summary", "Typed.")
        bell = Condition.objects.get(slug="bells-palsy")
        publishing.save(record=drafts.read(bell) | {"codes": []}, entry=bell, by=User.objects.get(username="publisher"))
        form.clock.run_for(61_000)
        said = form.wait_for_selector(".newest:not(:empty)").text_content()
        assert said == "publisher has just saved version 2. It will be merged with yours when you save."
        form.on("dialog", lambda dialog: dialog.accept())
        form.evaluate(OTHERS)
        form.reload()
        form.wait_for_selector("text=/You typed here on .* Version 2 was saved since/")
        assert form.evaluate(KEPT) == 2
        assert form.locator("[data-bring-back]").count() == 1
        form.click("text=Log out")
        form.wait_for_selector("text=You have logged out")
        assert form.evaluate(KEPT) == 0

    def test_remarks_of_a_review_come_back_too_until_they_are_sent(self, form: Any, live_server: Any):
        context, bell = form.context, Condition.objects.get(slug="bells-palsy")
        record = drafts.read(bell) | {"summary": "One side grows weak."}
        version = publishing.save(record=record, entry=bell, by=SYSTEM).version
        publishing.submit(version=version, by=User.objects.get(username="author"))
        form.close()
        context.clear_cookies()
        page = context.new_page()
        log_in(page, live_server, "reviewer")
        page = open_form(context, f"{live_server}{address(bell, 'review', version.number)}")
        page.fill("#remark-0", "Which side?\n\nAnd since when? ")
        kill(page)
        version = publishing.save(record=record | {"summary": "One side is weak."}, entry=bell, by=SYSTEM).version
        publishing.submit(version=version, by=User.objects.get(username="author"))
        page = open_form(context, f"{live_server}{address(bell, 'review', version.number)}")
        page.wait_for_selector("text=/You typed here on .* It was about an older version than 3/")
        assert page.text_content("#kept [data-words]") == "Which side?\n\nAnd since when? "
        page.click("text=Bring it back")
        page.wait_for_selector("text=did not send")
        assert page.input_value("#remark-0") == "Which side?\n\nAnd since when? "
        page.click("text=Send back")
        page.wait_for_selector("text=was sent back")
        assert page.evaluate(KEPT) == 1
        assert [one.text for one in publishing.standing(version.page).remarks] == ["Which side?\n\nAnd since when?"]
