"""The admin on a phone: nothing is wider than the screen, cut off, smaller than 13 pixels or in capitals alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.admin.browser import busy_world, complaints, log_in, places
from tests.admin.client import address
from tests.browser.chromium import NEEDED
from tests.world import PASSWORD

pytestmark = NEEDED
SHAPELESS = """() => [...document.querySelectorAll("body *")].filter((one) => {
    if (!one.checkVisibility({visibilityProperty: true})) return false;
    if (one.closest(".visually-hidden, script, [type=radio]")) return false;
    const style = getComputedStyle(one);
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const cut = style.overflowX !== "visible" && one.clientWidth > 2 && one.scrollWidth > one.clientWidth + 1;
    return (says && parseFloat(style.fontSize) < 13) || style.textTransform === "uppercase" || cut
        || parseFloat(style.borderTopLeftRadius) > 2;
}).map((one) => `${one.tagName} ${one.id} ${one.className}: ${one.textContent.trim().slice(0, 40)}`)"""
HIDDEN = """() => {
    const bar = document.querySelector(".side .save"), one = document.activeElement;
    const under = one.getBoundingClientRect().top >= bar.getBoundingClientRect().top;
    return !bar.contains(one) && under ? one.outerHTML.slice(0, 100) : "";
}"""


@pytest.fixture
def phone(chromium: Any) -> Any:
    return chromium.new_page(viewport={"width": 360, "height": 640}, bypass_csp=True, reduced_motion="reduce")


def test_every_page_fits(transactional_db, live_server, phone):
    world = busy_world()
    User.objects.create_superuser("root", password=PASSWORD)
    log_in(phone, live_server, "root")
    # Tall, so that the buttons that stay in sight are in their place and cover nothing.
    phone.set_viewport_size({"width": 360, "height": 6000})
    users = "/admin/auth/user/"
    people = {tail: f"{users}{world.author.pk}/{tail}" for tail in ("change/", "password/", "delete/", "history/")}
    found = []
    for place, path in (places(world) | people | {"users": users, "add user": f"{users}add/"}).items():
        if place == "preview":  # which is a page of the readers' site
            continue
        phone.goto(f"{live_server}{path}")
        found += complaints(phone, place) + [f"{place}: {one}" for one in phone.evaluate(SHAPELESS)]
    assert found == []


def test_what_has_the_focus_is_never_under_the_buttons(transactional_db, live_server, phone):
    world = busy_world()
    log_in(phone, live_server, "publisher")
    phone.goto(f"{live_server}{address(world.bell, 'change')}")
    for _ in range(60):
        phone.keyboard.press("Tab")
        assert phone.evaluate(HIDDEN) == ""


def test_a_list_leads_to_its_filter(transactional_db, live_server, phone):
    busy_world()
    log_in(phone, live_server, "author")
    phone.goto(f"{live_server}/admin/conditions/condition/")
    phone.click("text=Filter")
    assert phone.evaluate("document.querySelector('#changelist-filter').getBoundingClientRect().top") < 200
    assert phone.locator("#result_list thead a:visible").count() >= 3
