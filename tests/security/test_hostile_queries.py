"""No address of the admin fails, whatever its query says, whatever is posted to it, and whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from conditions import publishing
from conditions.models import Page
from conditions.publishing import SYSTEM
from tests.admin.client import keep
from tests.security.places import Place, places
from tests.world import PASSWORD, World, make_user

NAMES = (
    *("who", "did", "before"),
    *("q", "o", "p", "e", "all", "page", "term", "called", "of", "kind", "state", "tag", "evidence", "order"),
    *("login", "role", "group__exact", "group__isnull", "name", "next", "instead", "missing", "app_label"),
    *("model_name", "field_name", "_changelist_filters", "_facets", "_to_field", "_popup"),
)
"""What addresses of the admin read from their queries, Django's own among it."""

VALUES = ("(", "\0", "a\0b", "-1", "0", "9" * 30, "1.5", "é" * 300, "%", "[*", "'\"<", "None", "")

LOOKUPS = (
    *("name__regex", "name__iregex", "slug__regex", "name__range", "name__in", "name__isnull", "name__nosuch"),
    *("nosuch", "pk", "pk__in", "id__gt", "id__range", "page__live__name__regex", "page__edition__at__year"),
    *("tagged__tag__slug__regex", "group__regex", "group__in", "group", "state__regex", "username__regex"),
    *("username__range", "password__startswith", "password__regex", "groups__name__regex", "last_login__year"),
    *("date_joined__year__gte", "is_active__exact"),
)
"""Columns of tables and what Django asks of them; no filter is called so."""


@pytest.fixture
def everywhere(world: World) -> list[Place]:
    gone = keep("cause", "gone", "Gone")
    page = Page.objects.get(pk=gone.page_id)
    publishing.delete(entry=gone, by=SYSTEM)
    # What ends the session would hide the rest.
    return [place for place in places(world, page) if place.name != "logout"]


def logged_in(name: str) -> Client:
    client = Client(raise_request_exception=False)
    assert client.login(username=name, password=PASSWORD)
    return client


def failing(client: Client, paths: Iterable[str], queries: Iterable[dict[str, str]]) -> list[str]:
    addresses = [f"{path}?{urlencode(query)}" for path in paths for query in queries]
    found = [address[:200] for address in addresses if client.get(address).status_code >= 500]
    assert client.get("/admin/").status_code == 200, "still logged in"
    return found


def test_no_address_fails_for_a_superuser(everywhere: list[Place]):
    make_user("root", is_superuser=True)
    queries = [dict.fromkeys(NAMES, value) for value in VALUES]
    assert failing(logged_in("root"), [place.path for place in everywhere], queries) == []


@pytest.mark.parametrize("name", ["author", "reviewer", "publisher"])
def test_no_address_fails_for_an_editor(everywhere: list[Place], name: str):
    queries = [dict.fromkeys(NAMES, "(\0"), {"q": "\0", "term": "\0", "name": "\0"}]
    assert failing(logged_in(name), [place.path for place in everywhere], queries) == []


def test_a_list_takes_its_own_filters_and_no_other_lookup(everywhere: list[Place]):
    make_user("root", is_superuser=True)
    lists = [place.path for place in everywhere if place.name.endswith("_changelist")]
    queries = [{name: value} for name in LOOKUPS for value in ("(", "a\0b", "9" * 11)]
    client = logged_in("root")
    assert failing(client, lists, queries) == []
    answer = client.get("/admin/auth/user/?password__startswith=md5$&username__regex=zzz&login=active")
    assert "author" in answer.content.decode(), "only the filter that the list offers narrows it"
    answer = client.get("/admin/conditions/tag/?group__exact=side&name__regex=zzz")
    assert ("One side" in answer.content.decode(), "Sudden" in answer.content.decode()) == (True, False)


ODD_IDS = ("abc", "9" * 30, "-1", "%00", "_3A", "%ED%A0%80", "1/2")


def test_no_id_of_what_is_not_there_fails(everywhere: list[Place], world: World):
    make_user("root", is_superuser=True)
    client = logged_in("root")
    paths = {place.path for place in everywhere if place.kind in (None, world.bell.kind) or "auth/user/" in place.path}
    own = (str(world.bell.pk), str(world.author.pk), world.early.slug, "tag")
    odd = {path.replace(f"/{one}/", f"/{other}/") for path in paths for one in own for other in ODD_IDS}
    assert failing(client, sorted(odd - paths), [{}]) == []


BODIES: list[dict[str, Any]] = [
    {},
    {"text": "a\0b", "q": "\0", "reason": "\0", "instead": "\0/\0", "into": "\0", "name": "\0", "username": "\0"},
    {"symptoms-TOTAL_FORMS": "9" * 30, "symptoms-INITIAL_FORMS": "-1", "symptoms-0-target": "\0", "name": "A"},
    {"symptoms-TOTAL_FORMS": "1", "symptoms-INITIAL_FORMS": "0", "symptoms-0-order": "9" * 30, "_open": "symptoms-0"},
    {"base_version": "9" * 30, "resolved_version": "x", "name": "A", "slug": "\0", "tags": ["\0", "x" * 5000]},
    {"missing": "(", "page": ["x", "9" * 30], "groups": ["x", "9" * 30], "group": "(", "_open": "\0"},
    {"_to_field": "", "_popup": "1"},
    {"action": "nosuch", "_selected_action": "(", "index": "x", "select_across": "x", "form-TOTAL_FORMS": "x"},
]


def test_no_post_fails(everywhere: list[Place]):
    make_user("root", is_superuser=True)
    client = logged_in("root")
    failed = []
    for place in everywhere:
        for body in BODIES:
            status = client.post(place.path, body).status_code
            failed += [(place.path, body, status)] if status >= 500 else []
    assert failed == []
