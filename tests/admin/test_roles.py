"""What each role may do, in short. tests/security/test_roles.py asks every address of every role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from conditions import drafts
from conditions.models import Version
from tests.admin.client import Editor, address
from tests.world import World


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


@pytest.mark.parametrize("role", ["author", "reviewer"])
def test_a_forged_publish_saves_nothing(world: World, role: str):
    editor = Editor(getattr(world, role))
    before, count = drafts.read(world.bell), Version.objects.count()
    form = editor.open(world.bell)
    assert "_publish" not in form.buttons
    answer = editor.client.post(form.url, form.fields | {"summary": "Forged.", "_publish": "1", "tags": ["New"]})
    assert answer.status_code == 403
    assert (drafts.read(world.bell), Version.objects.count()) == (before, count)


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
    "schedule": (302, 403, 403, 200),
    "schedule POST": (302, 403, 403, 200),
    "preview": (302, 200, 200, 200),
    "preview POST": (302, 200, 403, 200),
    "uses": (302, 200, 200, 200),
    "differences": (302, 200, 200, 200),
    "read": (302, 200, 200, 200),
    "correct": (302, 403, 403, 200),
    "correct POST": (302, 403, 403, 200),
    "send_review": (302, 200, 403, 200),
    "send_review POST": (302, 302, 403, 302),
    "review": (302, 403, 200, 403),
    "review POST": (302, 403, 200, 403),
    "discard": (302, 200, 403, 200),
    "share": (302, 200, 403, 200),
    "share POST": (302, 302, 403, 302),
    "newest": (302, 200, 200, 200),
    "merge": (302, 200, 403, 200),
    "merge POST": (302, 200, 403, 200),
    "entries": (302, 200, 200, 200),
    "entries POST": (302, 405, 405, 405),
    "deleted_entries": (302, 200, 403, 200),
    "deleted_entries POST": (302, 405, 405, 405),
    "restore_deleted": (302, 405, 405, 405),
    "restore_deleted POST": (302, 404, 403, 404),
    "targets": (302, 403, 403, 200),
    "targets POST": (302, 403, 403, 200),
    "restore": (302, 405, 405, 405),
    "restore POST": (302, 302, 403, 302),
    "reject_proposal": (302, 405, 405, 405),
    "reject_proposal POST": (302, 302, 403, 302),
}


def test_the_table_has_every_address_of_ours():
    """A new address of a kind, or of the site, wants its row in CELLS."""
    named = {
        name.removeprefix("conditions_tag_") for name, _ in admin_addresses(ARGUMENTS) if "conditions_tag_" in name
    }
    of_site = {name for name, path in admin_addresses(ARGUMENTS) if path.count("/") < 5 and "_" in name}
    wanted = (named | (of_site & {"entries", "deleted_entries", "restore_deleted"})) - {"preview_new"}
    assert wanted <= {asked.partition(" ")[0] for asked in CELLS}


@pytest.mark.parametrize("asked", CELLS)
def test_what_each_role_may_do(world: World, asked: str):
    name, _, method = asked.partition(" ")
    clients = [Client(), *(Editor(user).client for user in (world.author, world.reviewer, world.publisher))]
    found = []
    for client in clients:
        if name in ("changelist", "add"):
            path = f"/admin/conditions/condition/{'add/' if name == 'add' else ''}"
        elif name in ("entries", "deleted_entries", "restore_deleted"):
            path = reverse(f"admin:{name}", args=[world.bell.page_id] if name == "restore_deleted" else [])
        elif name == "merge":
            path = address(world.one_side, name)
        else:
            path = address(world.bell, name, *([1] if name in ("read", "review", "restore", "reject_proposal") else []))
        answer = client.post(path, {}) if method else client.get(path)
        found.append(answer.status_code)
    assert tuple(found) == CELLS[asked]


def test_who_may_only_look_reads_every_form_and_changes_none(world: World, reviewer: Editor):
    for name in ("bell", "droop", "virus", "warning", "one_side", "service"):
        form = reviewer.open(getattr(world, name))
        assert form.buttons == []
        assert set(form.fields) <= {"csrfmiddlewaretoken"} | {key for key in form.fields if key.endswith("_FORMS")}
        assert "You can view this, but not change it." in form.text
    assert "Add another" not in reviewer.open(world.bell).text


def test_users_and_groups_are_not_for_editors(world: World, publisher: Editor):
    for path in ("/admin/auth/user/", "/admin/auth/user/add/"):
        assert publisher.client.get(path).status_code == 403
    assert publisher.client.get("/admin/auth/group/").status_code == 404
