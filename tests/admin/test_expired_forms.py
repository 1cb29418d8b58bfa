"""What was typed is not lost when a session or a form expires, or the database fails."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client

from conditions import drafts, publishing
from conditions.admin import expired_forms
from conditions.models import Version
from tests.admin.client import Editor, Form, address, hidden, keep
from tests.world import PASSWORD, World

TYPED = "Typed for <an hour>.\r\n\r\n“Quoted” & more."


def strict(user: Any) -> Client:
    """A browser with a login, which the server asks for its CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def open_form(client: Client, entry: Any) -> Form:
    return Form(client, address(entry, "change"), client.get(address(entry, "change")))


def log_in_again(client: Client, page: Any, username: str, password: str = PASSWORD) -> Any:
    text = page.content.decode()
    names = ("csrfmiddlewaretoken", "preserved", "next")
    fields = {name: hidden(text, name) for name in names}
    return client.post("/admin/login/", fields | {"username": username, "password": password})


def sent_too_late(user: Any, *entries: Any, **typed: Any) -> tuple[Client, list[Form], list[Any]]:
    """Forms on which something was typed and that were sent after the login ran out, and the pages that came."""
    client = strict(user)
    forms = [open_form(client, entry) for entry in entries]
    for form in forms:
        form["help_soon"] = TYPED
        for name, value in typed.items():
            form[name] = value
    client.session.flush()
    return client, forms, [client.post(form.url, form.fields | {"_savedraft": "1"}) for form in forms]


class TestAfterALoginElsewhere:
    """The login page carries what was typed, and a login in another tab has made its token expire."""

    def test_both_of_two_forms_come_back(self, world: World):
        client, forms, pages = sent_too_late(world.author, world.bell, world.droop)
        count = Version.objects.count()
        for form, page in zip(forms, pages, strict=True):
            answer = log_in_again(client, page, "author")
            again = Form(client, form.url, answer)
            assert again["help_soon"] == TYPED
            assert Version.objects.count() == count
        assert "Saved as version" in again.send().messages

    def test_nobody_else_is_shown_it(self, world: World):
        client, [form], [page] = sent_too_late(world.author, world.bell)
        assert log_in_again(client, client.get("/admin/login/"), "publisher").status_code == 302
        answer = log_in_again(client, page, "author")
        assert (answer.status_code, answer["Location"]) == (302, form.url)
        assert "Typed for" not in client.get(form.url).content.decode()

    def test_who_has_not_logged_in_gets_the_login_page_again(self, world: World):
        client, [form], [page] = sent_too_late(world.author, world.bell)
        del client.cookies["csrftoken"]
        page = log_in_again(client, page, "author")
        assert "You have been logged out" in page.content.decode()
        assert Form(client, form.url, log_in_again(client, page, "author"))["help_soon"] == TYPED

    def test_a_forged_login_is_refused(self, world: World):
        client = Client(enforce_csrf_checks=True)
        forged = {"username": "author", "password": PASSWORD, "next": "//example.org/"}
        assert client.post("/admin/login/", forged).status_code == 403
        answer = client.post("/admin/login/", forged | {"preserved": "{}"})
        assert (answer.status_code, "_auth_user_id" in client.session) == (200, False)
        client.force_login(world.author)
        answer = client.post("/admin/login/", forged | {"preserved": "{}"})
        assert not answer.get("Location", "").startswith("//")


class TestAfterALogout:
    def post(self, world: World) -> tuple[Client, Any]:
        client, _, [page] = sent_too_late(world.author, world.bell, tags=["one-side", "Brand new"])
        return client, page

    def test_the_typed_text_comes_back_and_is_not_saved(self, world: World):
        count = Version.objects.count()
        client, page = self.post(world)
        assert page.status_code == 200
        assert "You have been logged out" in page.content.decode()
        assert page.request["QUERY_STRING"] == ""
        answer = log_in_again(client, page, "author")
        assert "You were logged out" in answer.content.decode()
        form = Form(client, address(world.bell, "change"), answer)
        assert form["help_soon"] == TYPED
        assert form["tags"] == ["one-side", "Brand new"]
        assert Version.objects.count() == count
        assert "Saved as version" in form.send().messages
        assert drafts.read(world.bell)["tags"] == ["brand-new", "one-side"]

    def test_a_wrong_password_loses_nothing(self, world: World):
        client, page = self.post(world)
        page = log_in_again(client, page, "author", "wrong")
        assert "You have been logged out" in page.content.decode()
        answer = log_in_again(client, page, "author")
        assert Form(client, "", answer)["help_soon"] == TYPED

    def test_another_user_is_not_shown_it(self, world: World):
        client, page = self.post(world)
        answer = log_in_again(client, page, "publisher")
        assert (answer.status_code, answer["Location"]) == (302, address(world.bell, "change"))
        text = client.get(answer["Location"]).content.decode()
        assert "Someone else filled in that form" in text
        assert "Typed for" not in text

    def test_a_form_that_no_user_was_given_is_not_kept(self, world: World):
        answer = Client().post(address(world.bell, "change"), {"summary": "Forged.", "typed_by": "1:forged"})
        assert answer.status_code == 302
        assert "Forged" not in answer["Location"]

    @pytest.mark.parametrize("preserved", ["", "x", "[1]", "{}", '{"typed_by": 1}', "[[]]", "null"])
    def test_nonsense_in_its_place_is_only_a_login(self, world: World, preserved: str):
        data = {"username": "author", "password": PASSWORD, "preserved": preserved, "next": "/admin/"}
        assert Client().post("/admin/login/", data).status_code == 302

    def test_it_comes_back_on_forms_only(self, world: World):
        client = strict(world.author)
        typed_by = open_form(client, world.bell)["typed_by"]
        preserved = f'{{"typed_by": ["{typed_by}"], "reason": ["x"]}}'
        for place in (address(world.bell, "delete"), "/admin/", "/nowhere/", "https://evil.example/"):
            data = {"username": "author", "password": PASSWORD, "preserved": preserved, "next": place}
            assert Client().post("/admin/login/", data).status_code == 302


class TestAnOldForm:
    def test_comes_back_as_typed_after_a_new_login_elsewhere(self, world: World):
        client = strict(world.author)
        form = open_form(client, world.bell)
        client.force_login(world.author)
        client.cookies["csrftoken"] = "a" * 32
        count = Version.objects.count()
        answer = client.post(form.url, form.fields | {"help_soon": TYPED, "_savedraft": "1"})
        assert "Your form has expired" in answer.content.decode()
        assert Version.objects.count() == count
        assert "Saved as version" in Form(client, form.url, answer).send().messages
        assert drafts.read(world.bell)["help_soon"].startswith("Typed for <an hour>.")

    def test_a_forged_form_is_refused_and_not_shown(self, world: World):
        other = open_form(strict(world.publisher), world.bell)["typed_by"]
        client = strict(world.author)
        for typed_by in ("", "1", other):
            answer = client.post(address(world.bell, "change"), {"summary": "Forged.", "typed_by": typed_by})
            assert answer.status_code == 403
            assert "Forged." not in answer.content.decode()


class TestADatabaseThatFails:
    @pytest.mark.parametrize("error", [OperationalError("database is locked"), DatabaseError("disk full")])
    def test_a_save_answers_with_the_form_as_typed(self, world: World, author: Editor, monkeypatch, error):
        def fail(**_: Any) -> None:
            raise error

        form = author.open(world.bell)
        with monkeypatch.context() as patch:
            patch.setattr(publishing, "save", fail)
            answer = author.client.post(form.url, form.fields | {"help_soon": TYPED, "_savedraft": "1"})
        assert answer.status_code == 503
        assert "The database is not responding" in answer.content.decode()
        again = Form(author.client, form.url, answer)
        assert again["help_soon"] == TYPED
        assert "Saved as version" in again.send().messages

    def test_a_database_that_is_away_answers_with_all_that_was_typed(self, world: World, monkeypatch):
        def fail(*_: Any, **__: Any) -> None:
            raise OperationalError("connection refused")

        client = strict(world.author)
        form = open_form(client, world.bell)
        with monkeypatch.context() as patch:
            patch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)
            answer = client.post(form.url, form.fields | {"help_soon": [TYPED], "_savedraft": ["1"]})
        text = answer.content.decode()
        assert answer.status_code == 503
        assert 'action="' + form.url in text
        assert "Typed for &lt;an hour&gt;." in text
        sent = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', text)
        fields: dict[str, list[str]] = {}
        for name, value in sent:
            fields.setdefault(html.unescape(name), []).append(html.unescape(value))
        assert "Saved as version" in client.post(form.url, fields, follow=True).content.decode()
        assert drafts.read(world.bell)["help_soon"] == "Typed for <an hour>.\n\n“Quoted” & more.\n"

    @pytest.mark.parametrize(
        ("name", "action", "fields"),
        [
            ("earache", "withdraw", {"reason": "It repeats another."}),
            ("bell", "targets", {}),
            ("bell", "restore", {}),
            ("sudden", "merge", {"into": "one-side"}),
            ("other", "delete", {}),
            ("other", "undelete", {}),
        ],
    )
    def test_each_form_is_there_to_send_again(self, world: World, publisher: Editor, monkeypatch, name, action, fields):
        def fail(*_: Any) -> None:
            raise OperationalError("others have been writing all the time")

        entry = keep("cause", "other", "Other") if name == "other" else getattr(world, name)
        if action == "undelete":
            publisher.post(entry, "delete")
        tail = [1] if action == "restore" else []
        url = f"/admin/deleted-entries/{entry.page_id}/" if action == "undelete" else address(entry, action, *tail)
        if action == "targets":
            fields = {"page": str(world.stroke.page_id)}
            publisher.open(entry).send("_publish", summary="Half the face grows weak.")
        with monkeypatch.context() as patch:
            patch.setattr("conditions.publishing.access._in_turn", fail)
            answer = publisher.client.post(url, fields)
        text = html.unescape(answer.content.decode())
        assert answer.status_code == 503
        assert expired_forms.BUSY in text
        sent = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', text))
        assert fields.items() <= sent.items()
        assert publisher.client.post(url, sent).status_code == 302
