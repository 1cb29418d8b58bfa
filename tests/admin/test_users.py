"""Users: logging in and out, passwords, roles, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.template.loader import render_to_string
from django.test import Client

from conditions.admin.users import LAST, NO_FIT
from tests.admin.client import Editor
from tests.world import PASSWORD, World

USERS = "/admin/auth/user/"
NEW = "another long pass-phrase"


@pytest.fixture
def root(db: Any) -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


@pytest.fixture
def manager(root: User) -> Client:
    client = Client()
    client.force_login(root)
    return client


def change(client: Client, user: User, **changed: Any) -> str:
    """Change a user with the form; the page that follows."""
    fields: dict[str, Any] = {"username": user.username, "groups": list(user.groups.values_list("pk", flat=True))}
    fields |= {name: "on" for name in ("is_active", "is_superuser") if getattr(user, name)}
    fields = {name: value for name, value in (fields | changed).items() if value is not None}
    return client.post(f"{USERS}{user.pk}/change/", fields | {"_save": "1"}, follow=True).content.decode()


class TestLogin:
    def log_in(self, name: str, password: str) -> str:
        return Client().post("/admin/login/", {"username": name, "password": password}).content.decode()

    def test_says_the_same_whatever_does_not_fit(self, world: World):
        User.objects.create_user("reader", password=PASSWORD)
        User.objects.create_user("gone", password=PASSWORD, is_staff=True, is_active=False)
        said = [self.log_in("author", "wrong")] + [self.log_in(name, PASSWORD) for name in ("nobody", "reader", "gone")]
        assert all(NO_FIT in text for text in said)
        assert not any("staff" in text or "inactive" in text for text in said)

    def test_labels_have_no_colon(self, db: None):
        text = Client().get("/admin/login/").content.decode()
        assert '<label for="id_username">Username</label>' in text
        assert '<label for="id_password">Password</label>' in text

    def test_who_is_no_editor_is_told_who_they_are(self, db: None):
        client = Client()
        client.force_login(User.objects.create_user("reader"))
        assert "You are logged in as reader, but do not have permission" in client.get("/admin/login/").content.decode()

    def test_logging_out_is_said_in_our_words(self, world: World, author: Editor):
        assert (
            'You have logged out. <a href="/admin/">Log in again</a>'
            in author.client.post("/admin/logout/").content.decode()
        )


class TestPassword:
    def test_is_changed_by_its_owner(self, world: World, author: Editor):
        fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        answer = author.client.post("/admin/password_change/", fields, follow=True)
        assert "Your password was changed." in answer.content.decode()
        assert Client().login(username="author", password=NEW)

    @pytest.mark.parametrize("typed", [("wrong", NEW, NEW), (PASSWORD, "short", "short"), (PASSWORD, NEW, "other")])
    def test_stays_where_something_is_wrong(self, world: World, author: Editor, typed: tuple[str, ...]):
        fields = dict(zip(("old_password", "new_password1", "new_password2"), typed, strict=True))
        text = author.client.post("/admin/password_change/", fields).content.decode()
        assert "Not saved yet" in text
        assert "errorlist" in text
        assert Client().login(username="author", password=PASSWORD)

    def test_is_set_for_a_user_who_forgot_it(self, world: World, manager: Client):
        place = f"{USERS}{world.author.pk}/password/"
        assert "usable_password" not in manager.get(place).content.decode()
        refused = manager.post(place, {"password1": "short", "password2": "short", "set-password": "1"})
        assert "errorlist" in refused.content.decode()
        manager.post(place, {"password1": NEW, "password2": NEW, "set-password": "1"})
        assert Client().login(username="author", password=NEW)


class TestUsers:
    def test_are_listed_with_roles_and_state_in_words(self, world: World, manager: Client):
        User.objects.filter(username="reviewer").update(is_active=False)
        text = manager.get(USERS).content.decode()
        for said in ("Author", "Publisher", "manages users", "Cannot log in"):
            assert f">{said}</td>" in text
        assert "icon-" not in text.replace("#icon-", "").replace('id="icon-', "")
        assert "@" not in text

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"role": "Author"}, {"author"}),
            ({"login": "inactive"}, {"reviewer"}),
            ({"login": "active"}, {"author", "publisher", "root"}),
            ({"q": "auth"}, {"author"}),
            ({"role": "nowhere\0"}, set()),
        ],
    )
    def test_are_narrowed(self, world: World, manager: Client, query: dict[str, str], names: set[str]):
        User.objects.filter(username="reviewer").update(is_active=False)
        found = manager.get(USERS, query).context["cl"].result_list
        assert {user.username for user in found} == names

    def test_a_new_one_can_log_in_and_do_what_the_role_says(self, world: World, manager: Client):
        role = Group.objects.get(name="Author")
        fields = {"username": "ana", "password1": NEW, "password2": NEW, "groups": [role.pk], "_save": "1"}
        manager.post(f"{USERS}add/", fields)
        client = Client()
        assert client.login(username="ana", password=NEW)
        assert client.get("/admin/conditions/condition/add/").status_code == 200
        assert not User.objects.get(username="ana").is_superuser

    def test_the_form_has_what_readers_are_told_too(self, world: World, manager: Client):
        answer = manager.get(f"{USERS}{world.author.pk}/change/")
        fields = list(answer.context["adminform"].form.fields)
        told = ["first_name", "last_name", "credentials", "email"]
        assert fields == ["username", "is_active", "groups", "is_superuser", *told]
        assert answer.content.decode().count('type="checkbox"') == 5

    def test_a_role_is_given_and_taken(self, world: World, manager: Client):
        publisher = Group.objects.get(name="Publisher")
        change(manager, world.author, groups=[publisher.pk])
        assert list(world.author.groups.all()) == [publisher]
        change(manager, world.author, is_active=None)
        assert not User.objects.get(username="author").is_active

    def test_roles_are_no_table_to_edit(self, world: World, manager: Client):
        assert manager.get("/admin/auth/group/").status_code == 404

    def test_who_saved_something_is_not_deleted(self, world: World, manager: Client, author: Editor):
        author.open(world.bell).send(summary="New words.")
        place = f"{USERS}{world.author.pk}/delete/"
        assert "the history names “author”" in manager.get(place).content.decode()
        manager.post(place, {"post": "yes"})
        assert User.objects.filter(username="author").exists()
        manager.post(f"{USERS}{world.reviewer.pk}/delete/", {"post": "yes"})
        assert not User.objects.filter(username="reviewer").exists()


class TestLastManager:
    @pytest.mark.parametrize("taken", ["is_active", "is_superuser"])
    def test_cannot_lock_everybody_out(self, root: User, manager: Client, taken: str):
        assert LAST in change(manager, root, **{taken: None})
        assert User.objects.get(pk=root.pk).is_superuser
        User.objects.create_superuser("other", password=PASSWORD)
        assert LAST not in change(manager, root, **{taken: None})
        assert not getattr(User.objects.get(pk=root.pk), taken)

    def test_is_not_deleted(self, root: User, manager: Client):
        assert manager.post(f"{USERS}{root.pk}/delete/", {"post": "yes"}).status_code == 403
        assert User.objects.filter(pk=root.pk).exists()

    def test_is_out_of_reach_of_those_who_only_change_users(self, world: World, root: User):
        may = Permission.objects.filter(content_type__app_label="auth", content_type__model="user")
        world.author.user_permissions.set(may)
        client = Client()
        client.force_login(world.author)
        assert client.get(f"{USERS}{world.reviewer.pk}/change/").status_code == 200
        assert "is_superuser" not in client.get(f"{USERS}{world.reviewer.pk}/change/").content.decode()
        forged = {"password1": NEW, "password2": NEW, "set-password": "1"}
        assert client.post(f"{USERS}{root.pk}/password/", forged).status_code == 403
        assert client.post(f"{USERS}{root.pk}/delete/", {"post": "yes"}).status_code == 403
        change(client, world.reviewer, is_superuser="on")
        assert not User.objects.get(username="reviewer").is_superuser
        assert User.objects.get(pk=root.pk).check_password(PASSWORD)


class TestRefused:
    @pytest.mark.parametrize(
        ("place", "status", "reason"),
        [
            ("/admin/nowhere/", 404, "what was here has been deleted"),
            (USERS, 403, "Your role does not allow it"),
            ("/admin/conditions/condition/0/history/", 404, "what was here has been deleted"),
        ],
    )
    def test_says_why_and_leads_back(self, world: World, author: Editor, place: str, status: int, reason: str):
        answer = author.client.get(place)
        text = answer.content.decode()
        assert answer.status_code == status
        assert reason in text
        assert '<a href="/admin/">Back to the admin</a>' in text
        assert 'role="search"' not in text

    def test_a_form_without_its_token_has_grown_old(self, world: World):
        client = Client(enforce_csrf_checks=True)
        client.force_login(world.author)
        answer = client.post("/admin/password_change/", {})
        assert answer.status_code == 403
        assert "Your form has expired" in answer.content.decode()

    def test_readers_keep_their_own_page(self, world: World, author: Editor):
        for client, place in ((author.client, "/nowhere/"), (Client(), "/nowhere/")):
            assert 'role="search"' in client.get(place).content.decode()

    @pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
    def test_needs_no_database_and_no_request(self, db: None, django_assert_num_queries: Any, name: str):
        with django_assert_num_queries(0):
            assert "<h1>" in render_to_string(name)
