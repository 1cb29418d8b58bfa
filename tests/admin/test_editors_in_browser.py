"""What editors do together, in browsers of their own, counted in clicks: by mouse, by keyboard, without scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conditions import drafts, publishing
from conditions.models import Edition, Page
from tests.admin.browser import log_in
from tests.admin.client import address
from tests.browser.chromium import NEEDED
from tests.world import World, build_world

pytestmark = NEEDED


class Person:
    """Somebody at a browser. by: "mouse", "keyboard", or "no scripts", which is by mouse too."""

    def __init__(self, chromium: Any, live_server: Any, name: str, by: str) -> None:
        self.by, self.root, self.clicks = by, live_server.url, 0
        self.page = chromium.new_context(java_script_enabled=by != "no scripts").new_page()
        self.page.set_default_timeout(15_000)
        self.page.set_viewport_size({"width": 1280, "height": 900})
        log_in(self.page, live_server, name)

    def open(self, path: str) -> None:
        """Go somewhere, from where clicks are counted."""
        self.page.goto(f"{self.root}{path}")
        self.clicks = 0

    def click(self, css: str) -> None:
        """Press something: with the mouse, or with the key that presses it once it has the focus."""
        self.clicks += 1
        one = self.page.locator(css).first
        if self.by != "keyboard":
            one.click()
            return
        one.focus()
        assert one.evaluate("one => one === document.activeElement"), css
        self.page.keyboard.press("Space" if one.get_attribute("type") == "checkbox" else "Enter")

    def type(self, css: str, text: str) -> None:
        """Type over what stands in a field, which has been gone to by the tabulator or the mouse: that is a click."""
        self.clicks += 1
        self.page.fill(css, text)

    def sees(self, text: str) -> None:
        self.page.wait_for_selector(f"text={text}")


@pytest.fixture(params=["mouse", "keyboard", "no scripts"])
def by(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def world(transactional_db: None) -> World:
    world = build_world()
    world.reviewer.first_name, world.reviewer.last_name = "Ada", "Quill"
    world.reviewer.save()
    return world


def read(path: str = "/conditions/bells-palsy/") -> str:
    return Client().get(path).content.decode()


def test_a_version_is_reviewed_and_goes_live(world: World, live_server: Any, chromium: Any, by: str):
    author, doctor, publisher = (
        Person(chromium, live_server, name, by) for name in ("author", "reviewer", "publisher")
    )
    author.open(address(world.bell, "change"))
    author.page.fill("#id_summary", "One side of the face grows very weak.")
    author.click("[name=_send_review]")
    author.page.select_option("#id_asked", label="Ada Quill")
    author.click("button:has-text('Send version 2')")
    author.sees("Version 2 waits for review by Ada Quill.")
    assert author.clicks <= 3

    doctor.open("/admin/")
    doctor.click(".todo a:has-text('Bell’s palsy')")
    doctor.type("#remark-0", "Which side?")
    doctor.click("[name=_send_back]")
    doctor.sees("was sent back, with what you remarked")
    assert doctor.clicks <= 4

    author.open("/admin/")
    author.click(".todo a:has-text('Bell’s palsy')")
    author.sees("To change:")
    author.page.fill("#id_summary", "The left or the right side of the face grows weak.")
    author.click("[name=_send_review]")
    author.click("button:has-text('Send version 3')")
    author.sees("Version 3 waits for review")
    assert author.clicks <= 3

    doctor.open("/admin/")
    doctor.click(".todo a:has-text('Bell’s palsy')")
    doctor.page.select_option("#months", "24")
    doctor.click("[name=_approve]")
    doctor.sees("is approved.")
    assert doctor.clicks <= 3

    soon = timezone.localtime(timezone.now() + timedelta(hours=2)).replace(second=0, microsecond=0)
    publisher.open(address(world.bell, "change"))
    publisher.click(".more > summary")
    publisher.click("text=Schedule…")
    publisher.page.fill("[type=date]", f"{soon:%Y-%m-%d}")
    publisher.page.fill("[type=time]", f"{soon:%H:%M}")
    publisher.click("button:text-is('Check')")
    publisher.click("button:has-text('Publish on')")
    publisher.sees("Version 3 goes live")
    assert publisher.clicks <= 4
    assert "very weak" not in read()
    publishing.publish_due(now=soon)
    assert "The left or the right side of the face grows weak." in read()
    assert "Reviewed by Ada Quill" in read()

    publisher.open(address(world.bell, "change"))
    publisher.page.fill("#id_summary", "The left, or the right side of the face grows weak.")
    publisher.click("[name=_publish]")
    publisher.sees("Published in edition")
    assert "Version 3 was reviewed by Ada Quill" in read()
    assert "Changed since</a>: 1 sentence" in read()


def test_what_readers_see_is_corrected_while_a_draft_waits(world: World, live_server: Any, chromium: Any, by: str):
    record = drafts.read(world.bell) | {"body": "A new text.\n"}
    publishing.save(record=record, entry=world.bell, by=world.author)
    publisher = Person(chromium, live_server, "publisher", by)
    publisher.open(address(world.bell, "change"))
    publisher.click(".more > summary")
    publisher.click("text=Correct what readers see")
    publisher.page.fill("#id_summary", "Half of the face grows weak.")
    publisher.click("button:has-text('Publish the correction')")
    publisher.sees("The draft has it too")
    assert publisher.clicks <= 3
    assert "Half of the face grows weak." in read()
    assert "A new text." not in read()
    publishing.publish(versions=[publishing.newest(world.page("bell"))], by=world.publisher)
    assert "Half of the face grows weak." in read()
    assert "A new text." in read()


def test_five_drafts_are_published_and_undone(world: World, live_server: Any, chromium: Any, by: str):
    for number in range(5):
        record = {"kind": "symptom", "slug": f"sign-{number}", "name": f"Sign {number}", "summary": "So."}
        publishing.save(record=record, entry=None, by=world.author)
    publisher = Person(chromium, live_server, "publisher", by)
    publisher.open("/admin/conditions/symptom/")
    for number in range(5):
        publisher.click(f"tr:has-text('Sign {number}') [type=checkbox]")
    publisher.click("button:has-text('Publish…')")
    publisher.click("button:has-text('Publish these 5')")
    publisher.sees("Published in edition 2")
    assert publisher.clicks <= 9
    assert Edition.objects.first().moved == 5
    publisher.clicks = 0
    publisher.click("text=Undo")
    publisher.page.fill("[name=reason]", "Too early.")
    publisher.click("button:has-text('Undo edition 2')")
    publisher.sees("Edition 2 is undone")
    assert publisher.clicks <= 2
    assert not Page.objects.live().filter(slug__startswith="sign-").exists()
