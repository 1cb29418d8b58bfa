"""Editors in a real browser, and the pages of the admin that they open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from conditions import drafts, publishing
from conditions.models import UnfoundQuery
from conditions.publishing import SYSTEM
from tests.admin.client import address
from tests.world import PASSWORD, World, build_world

OPTION = "[role=option]:visible"
ACTIVE = f"{OPTION}.is-active"
SAID = ".note[role=alert]:not(:empty)"
"""What is wrong with what was typed into a picker."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def log_in(page: Any, live_server: Any, name: str) -> None:
    page.goto(f"{live_server}/admin/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_selector("text=What there is to do")


def type_into(tab: Any, control: str, typed: str) -> None:
    tab.click(f"#{control}")
    tab.keyboard.type(typed)


def pick(page: Any, control: str, typed: str, wanted: str) -> None:
    """Choose something in a picker, by its label, as a person would with mouse and keyboard."""
    page.click(f"#{control}")
    page.keyboard.type(typed)
    page.click(f"{OPTION} b:text-is('{wanted}')")


def shows(tab: Any, control: str, *names: str) -> None:
    """Wait until these are what a picker shows as chosen, in any order."""
    drawn = f".combobox:has(#{control}) .chosen li:not([hidden]) span"
    tab.wait_for_function(
        "([css, names]) => [...document.querySelectorAll(css)].map((one) => one.textContent).sort().join() === names",
        arg=[drawn, ",".join(sorted(names))],
    )


def save(tab: Any) -> dict[str, Any]:
    """Save the form; the record that comes of it."""
    tab.click("text=Save draft")
    tab.wait_for_selector("text=Saved as version 2")
    return drafts.read(tab.world.droop)


def complaints(page: Any, place: str, asked: Sequence[str] = TAGS) -> list[str]:
    """What axe finds on the page that is open, and whether it is too wide."""
    axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe_playwright.Axe().run(page, options={"runOnly": asked}).response["violations"]
    said = [f"{place}: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return said + ([f"{place}: scrolls sideways"] if wide else [])


def places(world: World) -> dict[str, str]:
    of_kinds = {
        "form": address(world.bell, "change"),
        "form of a document": address(world.warning, "change"),
        "form of a tag": address(world.one_side, "change"),
        "form of what cannot be published": address(world.blocked, "change"),
        "preview": address(world.bell, "preview"),
        "preview of what cannot be published": address(world.blocked, "preview"),
        "history": address(world.bell, "history"),
        "differences": address(world.bell, "differences"),
        "correct": address(world.bell, "correct"),
        "throw away": address(world.bell, "discard"),
        "send for review": address(world.bell, "send_review"),
        "take back": address(world.droop, "send_review"),
        "review": address(world.droop, "review", 3),
        "share": address(world.bell, "share"),
        "shared preview": f"/preview/{publishing.token_of(publishing.links_of(world.page('bell'))[0])}/",
        "uses": address(world.one_side, "uses"),
        "delete, refused": address(world.one_side, "delete"),
        "delete": address(world.spare, "delete"),
        "merge": address(world.one_side, "merge"),
        "schedule": address(world.bell, "schedule"),
        "schedule, moved": address(world.droop, "schedule"),
        "form, scheduled": address(world.droop, "change"),
        "withdraw": address(world.bell, "withdraw"),
        "withdraw, refused": address(world.early, "withdraw"),
        "targets": address(world.bell, "targets"),
    }
    fixed = {
        "index": "/admin/",
        "list": "/admin/conditions/condition/",
        "list of tags": "/admin/conditions/tag/",
        "all entries": "/admin/entries/?q=e",
        "coverage": "/admin/coverage/",
        "deleted entries": "/admin/deleted-entries/",
        "work": "/admin/to-do/drafts/",
        "editions": "/admin/editions/",
        "edition": "/admin/editions/1/",
        "log": "/admin/log/",
        "undo": "/admin/editions/1/undo/",
        "publish several": f"/admin/publish/?page={world.stroke.page_id}&page={world.blocked.page_id}",
        "unfound": "/admin/unfound/",
        "unfound, added": f"/admin/unfound/{UnfoundQuery.objects.shown()[0].pk}/",
        "add": "/admin/conditions/condition/add/",
        "password": "/admin/password_change/",
    }
    return fixed | of_kinds


def busy_world() -> World:
    """The small world with a draft over a live page, something deleted, and something that nobody refers to.

    And something withdrawn that a live page leads to, a draft that cannot be published, a link to a preview, and
    something scheduled with a newer draft, which waits for review.
    """
    world = build_world()
    world.publisher.groups.add(Group.objects.get(name="Reviewer"))
    for number, text in enumerate(("half of my face is weak", "x" * 100, "وجهي")):
        UnfoundQuery.objects.create(text=text, times=30 - number)
    for slug in ("spare", "deleted"):
        record = {"kind": "cause", "slug": slug, "name": slug.capitalize(), "summary": "So."}
        world.entries[slug] = publishing.save(record=record, entry=None, by=world.author).entry
    publishing.delete(entry=world.entries.pop("deleted"), by=SYSTEM)
    publishing.withdraw(pages=[world.page("earache")], by=SYSTEM, reason="Old.")
    rows = [{"target": "earache", "evidence": ["early-signs"]}, {"target": "facial-droop"}]
    publishing.share(entry=world.bell, shows=publishing.Shows.NEWEST, by=world.author)
    record = {"kind": "condition", "slug": "blocked", "name": "Blocked", "symptoms": rows}
    world.entries["blocked"] = publishing.save(record=record, entry=None, by=world.author).entry
    for words in ("To come.", "Newer."):
        saved = publishing.save(
            record=drafts.read(world.droop) | {"summary": words}, entry=world.droop, by=world.author
        )
        if words == "To come.":
            soon = timezone.now() + timedelta(days=1)
            publishing.schedule(version=saved.version, at=soon, by=world.publisher)
    publishing.submit(version=saved.version, by=world.author, note="Is it so?")
    publishing.save(record=drafts.read(world.bell) | {"summary": "New words."}, entry=world.bell, by=world.author)
    return world
