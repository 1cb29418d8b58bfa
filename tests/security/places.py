"""Every address of the admin, with arguments that lead to something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.urls import URLPattern, URLResolver

from conditions.admin.site import site
from conditions.models import Page, UnfoundQuery, desk
from conditions.schema import Kind
from tests.world import World


class Place(NamedTuple):
    """An address of the admin: its name, its path, and its kind where it is one of an entry."""

    name: str
    path: str
    kind: Kind | None


def places(world: World, gone: Page) -> list[Place]:
    """Every address of the admin, its arguments those of something that is there."""
    live = {kind: desk.entries(kind).filter(page__live__isnull=False).first() for kind in Kind}
    others = {
        "<int:page_id>": str(gone.pk),
        "<int:number>": "1",
        "<int:query_id>": str(UnfoundQuery.objects.get_or_create(text="typed", times=3)[0].pk),
        "<path:content_type_id>": "1",
        "<slug:of>": "tag",
        "<slug:slug>": world.early.slug,
        "<id>": str(world.author.pk),
        "(?P<url>.*)": "nothing/",
    }
    found = []
    for name, path in _walk(site.get_urls(), "/admin/"):
        kind = next((kind for kind in Kind if f"/conditions/{kind.value}/" in path), None)
        key = live[kind].pk if kind else Group.objects.get(name="Author").pk if "group" in path else world.author.pk
        for argument, value in {**others, "<path:object_id>": str(key)}.items():
            path = path.replace(argument, value)
        if path.startswith("/admin/(?P<app_label>"):
            path = "/admin/conditions/"
        assert not set("<>()?") & set(path), f"Say in places() what to put for the argument in {path}"
        found.append(Place(name, path, kind))
    return found


def _walk(patterns: list[Any], before: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or ("no such page" if "(?P<url>" in path else "old address of a form"), path
