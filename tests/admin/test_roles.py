"""What each role may do, and that nothing but publishing moves what readers see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from conditions import records
from conditions.models import Address, Change, Edition, Link, Name, Page, SearchText, Version
from tests.admin.desk import Editor, address
from tests.world import World, make_user

PUBLISHING = ("_withdraw", "_targets", "_merge")
"""Ends of the names of the addresses where a publisher's POST may move what readers see."""


def what_readers_see() -> list[Any]:
    tables = [model.objects.order_by("pk").values() for model in (Edition, Change, Link, Name, SearchText)]
    pages = Page.objects.live().order_by("pk").values()
    addresses = Address.objects.filter(edition__isnull=False).order_by("pk").values()
    return [list(table) for table in (*tables, pages, addresses)]


def admin_addresses(arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The name and the path of every address of the admin, its arguments filled in."""

    def walk(patterns: list[Any], before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            path = before + str(pattern.pattern).lstrip("^").rstrip("$\\Z")
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern):
                yield pattern.name or "", path

    admin = next(one for one in get_resolver().url_patterns[0].url_patterns if getattr(one, "app_name", "") == "admin")
    for name, path in walk(admin.url_patterns, "/admin/"):
        for place, value in arguments.items():
            path = path.replace(place, value)
        yield name, path


ARGUMENTS = {
    "<path:object_id>": "{pk}",
    "<path:content_type_id>": "1",
    "<int:number>": "1",
    "<int:page_id>": "1",
    "<slug:of>": "tag",
    "<slug:slug>": "early-signs",
    "<id>": "1",
    "(?P<app_label>auth|conditions)": "conditions",
    "(?P<app_label>conditions|auth)": "conditions",
    "(?P<url>.*)": "nothing/",
}
FORGED = [
    {},
    {"_publish": "1", "name": "Forged", "slug": "forged", "summary": "Forged."},
    {"_save": "1", "_continue": "1", "_addanother": "1", "_saveasnew": "1", "_popup": "1", "name": "Forged"},
    {"action": "delete_selected", "_selected_action": ["1", "2"], "index": "0", "post": "yes"},
    {"post": "yes", "reason": "Forged.", "page": ["1", "2", "3"], "missing": "restore", "confirm": "1"},
    {"into": "sudden", "publish": "on"},
]


@pytest.mark.parametrize("role", ["visitor", "reader", "Reviewer", "Author", "Publisher"])
def test_no_address_moves_what_readers_see_but_by_publishing(world: World, role: str, capsys):
    client = Client()
    if role == "reader":
        client.force_login(User.objects.create_user("reader"))
    elif role != "visitor":
        client.force_login(make_user("somebody", role))
    before, asked = what_readers_see(), 0
    for name, path in list(admin_addresses(ARGUMENTS)):
        kind = next((kind for kind in records.SHAPES if f"/conditions/{kind.value}/" in path), None)
        live = records.SHAPES[kind].model.objects.filter(page__live__isnull=False).first() if kind else None
        address = path.format(pk=live.pk if live else 1)
        may_publish = role == "Publisher" and name.endswith(PUBLISHING)
        for forged in [] if may_publish or name == "logout" else FORGED:
            if role == "Publisher" and "_publish" in forged:
                continue
            asks = [client.post] if asked % len(FORGED) else [client.get, client.post]
            for ask in asks:
                answer = ask(address, forged)
                assert answer.status_code in (200, 301, 302, 400, 403, 404, 405), (address, answer.status_code)
            asked += 1
        assert what_readers_see() == before, address
    addresses = list(admin_addresses(ARGUMENTS))
    assert not [path for _, path in addresses if "<" in path], "give the new argument a value in ARGUMENTS"
    assert asked > 400
    with capsys.disabled():
        print(f"\n{role}: {len(addresses)} addresses of the admin, {asked} forged posts; readers saw nothing of them.")


@pytest.mark.parametrize("role", ["author", "reviewer"])
def test_a_forged_publish_saves_nothing(world: World, role: str):
    editor = Editor(getattr(world, role))
    before, count = records.read(world.bell), Version.objects.count()
    form = editor.open(world.bell)
    assert "_publish" not in form.buttons
    answer = editor.client.post(form.url, form.fields | {"summary": "Forged.", "_publish": "1", "tags": ["New"]})
    assert answer.status_code == 403
    assert (records.read(world.bell), Version.objects.count()) == (before, count)


CELLS = {
    # what is asked: (visitor, author, reviewer, publisher), of a live entry and by GET unless it says POST
    "changelist": (302, 200, 200, 200),
    "add": (302, 200, 403, 200),
    "add POST": (302, 200, 403, 200),
    "change": (302, 200, 200, 200),
    "change POST": (302, 200, 403, 200),
    "history": (302, 200, 200, 200),
    "delete": (302, 403, 403, 200),
    "delete POST": (302, 403, 403, 200),
    "withdraw": (302, 403, 403, 200),
    "withdraw POST": (302, 403, 403, 200),
    "preview": (302, 200, 200, 200),
    "preview POST": (302, 200, 403, 200),
    "uses": (302, 200, 200, 200),
    "differences": (302, 200, 200, 200),
    "merge": (302, 200, 403, 200),
    "merge POST": (302, 200, 403, 200),
    "entries": (302, 200, 200, 200),
    "entries POST": (302, 405, 405, 405),
    "off_the_desk": (302, 200, 403, 200),
    "off_the_desk POST": (302, 405, 405, 405),
    "put_back": (302, 405, 405, 405),
    "put_back POST": (302, 404, 403, 404),
    "targets": (302, 403, 403, 200),
    "targets POST": (302, 403, 403, 200),
    "restore": (302, 405, 405, 405),
    "restore POST": (302, 302, 403, 302),
    "decline": (302, 405, 405, 405),
    "decline POST": (302, 302, 403, 302),
}


def test_the_table_has_every_address_of_ours():
    """A new address of a kind, or of the site, wants its row in CELLS."""
    named = {
        name.removeprefix("conditions_tag_") for name, _ in admin_addresses(ARGUMENTS) if "conditions_tag_" in name
    }
    of_site = {name for name, path in admin_addresses(ARGUMENTS) if path.count("/") < 5 and "_" in name}
    wanted = (named | (of_site & {"entries", "off_the_desk", "put_back"})) - {"preview_new"}
    assert wanted <= {asked.partition(" ")[0] for asked in CELLS}


@pytest.mark.parametrize("asked", CELLS)
def test_what_each_role_may_do(world: World, asked: str):
    name, _, method = asked.partition(" ")
    clients = [Client(), *(Editor(user).client for user in (world.author, world.reviewer, world.publisher))]
    found = []
    for client in clients:
        if name in ("changelist", "add"):
            path = f"/admin/conditions/condition/{'add/' if name == 'add' else ''}"
        elif name in ("entries", "off_the_desk", "put_back"):
            path = reverse(f"admin:{name}", args=[world.bell.page_id] if name == "put_back" else [])
        elif name == "merge":
            path = address(world.one_side, name)
        else:
            path = address(world.bell, name, *([1] if name in ("restore", "decline") else []))
        answer = client.post(path, {}) if method else client.get(path)
        found.append(answer.status_code)
    assert tuple(found) == CELLS[asked]


def test_who_may_only_look_reads_every_form_and_changes_none(world: World, reviewer: Editor):
    for name in ("bell", "droop", "virus", "warning", "one_side", "service"):
        form = reviewer.open(getattr(world, name))
        assert form.buttons == []
        assert set(form.fields) <= {"csrfmiddlewaretoken"} | {key for key in form.fields if key.endswith("_FORMS")}
        assert "You may look at this" in form.text
    assert "Add another" not in reviewer.open(world.bell).text


def test_users_and_groups_are_not_for_editors(world: World, publisher: Editor):
    for path in ("/admin/auth/user/", "/admin/auth/user/add/"):
        assert publisher.client.get(path).status_code == 403
    assert publisher.client.get("/admin/auth/group/").status_code == 404
