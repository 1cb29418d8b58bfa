"""The drawn face, its places, and the drawing that all pages share."""

import pytest
from django.test import Client

from conditions import face
from conditions.models.published import Page
from conditions.schema import Kind

PLACES = [f"/face/{slug}/" for slug in face.PLACES]
RED = """each => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'var(--red)';
    const red = getComputedStyle(probe).color;
    probe.remove();
    return red === getComputedStyle(each).stroke;
}"""
BOXES = """() => [...document.querySelectorAll('.face use')].map(each => each.getBoundingClientRect())
    .map(box => Math.min(box.width, box.height))"""
"""How large each curve of a face is drawn; 0 where the file did not come."""


def test_every_live_symptom_is_two_steps_from_the_face(db):
    assert all(f'href="{place}"' in Client().get("/face/").content.decode() for place in PLACES)
    texts = [Client().get(place).content.decode() for place in PLACES]
    symptoms = Page.objects.listed().filter(kind=Kind.SYMPTOM)
    assert len(symptoms) > 40
    assert [page.slug for page in symptoms if not any(f'href="{page.url}"' in text for text in texts)] == []


@pytest.mark.parametrize("place", ["eyelids", "mouth", "one-side", "whole-face"])
def test_where_the_face_may_droop_or_be_weak_stands_the_stroke_alert(place, db):
    assert "suddenly dropped" in Client().get(f"/face/{place}/").content.decode()


@pytest.mark.browser
@pytest.mark.parametrize("media", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
@pytest.mark.parametrize("address", ["/", "/face/"])
def test_place_pointed_at_stays_pointed_at(address, media, view):
    """The region keeps taking the pointer while it is lit: else it would flicker."""
    tab = view(address, **media)
    for place in range(tab.locator(".face a").count()):
        region = tab.locator(".face a").nth(place)
        before = region.evaluate("each => getComputedStyle(each).stroke")
        circle = region.locator("circle").bounding_box()
        tab.mouse.move(circle["x"] - 4, circle["y"] + 8)
        for _ in range(2):
            tab.mouse.move(circle["x"] + circle["width"] / 2, circle["y"] + circle["height"] / 2)
            assert region.evaluate("each => each.matches(':hover')")
        assert region.evaluate("each => getComputedStyle(each).stroke") != before


@pytest.mark.browser
@pytest.mark.parametrize("address", ["/", "/face/", "/face/eyelids/", "/symptoms/lip-twitching/"])
def test_the_drawing_comes_from_one_file_that_the_policy_allows(address, view):
    tab = view(address)
    said = []
    tab.on("console", lambda message: said.append(message.text))
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.reload()
    tab.wait_for_function("document.querySelector('.face use').getBoundingClientRect().width > 0")
    assert tab.answer.headers["content-security-policy"].count("img-src 'self'") == 1
    assert min(tab.evaluate(BOXES)) > 1
    assert len([one for one in asked if "face" in one and one.endswith(".svg")]) == 1
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_place_is_marked_in_the_red_of_the_scheme(scheme, view):
    tab = view("/face/jaw/", color_scheme=scheme)
    assert tab.locator(".here").evaluate(RED)
    assert tab.locator(".face").get_attribute("aria-hidden") == "true"
    assert tab.locator(".face a").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("address", ["/", "/face/"])
def test_every_place_is_in_reach_of_a_thumb(address, view):
    """Also the brow, which is low on the drawing: the list has it, as high as a line and apart from the next."""
    tab = view(address, width=360, height=740)
    for place in PLACES:
        link = tab.locator(f"ul a[href='{place}']")
        box = link.bounding_box()
        assert box["height"] >= 24, place
        assert box["width"] >= 24, place


@pytest.mark.browser
def test_three_taps_lead_from_home_to_two_conditions_behind_a_twitching_eyelid(chromium, server):
    context = chromium.new_context(
        base_url=server, java_script_enabled=False, has_touch=True, viewport={"width": 360, "height": 740}
    )
    tab = context.new_page()
    tab.goto("/")
    tab.locator(".face a[aria-label='Eyelids and eyes'] use").first.tap()
    assert tab.locator("h1").inner_text() == "Eyelids and eyes"
    tab.locator("main a", has_text="Eyelid twitching").tap()
    assert tab.locator("h1").inner_text() == "Eyelid twitching"
    context.close()


@pytest.mark.browser
def test_what_people_feel_is_chosen_by_keyboard_and_not_hidden_by_the_button(view):
    tab = view("/face/eyelids/", width=360, height=740)
    box = tab.get_by_role("checkbox", name="Dry eye", exact=True)
    box.focus()
    assert box.bounding_box()["width"] >= 24
    assert box.bounding_box()["y"] + 24 <= tab.locator(".go").bounding_box()["y"]
    tab.keyboard.press("Space")
    tab.locator("label", has_text="when an eyelid jumps").click()
    assert tab.get_by_role("checkbox", name="Eyelid twitching", exact=True).is_checked()
    tab.get_by_role("button", name="See what may lie behind these").focus()
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert tab.url.endswith("/find/?symptom=eyelid-twitching&symptom=dry-eye")


@pytest.mark.browser
def test_paper_has_the_list_without_its_boxes(view):
    tab = view("/face/mouth/", media="print")
    assert tab.locator(".choose").first.is_visible()
    assert tab.locator(".choose input >> visible=true").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("address", ["/find/", "/face/eyelids/"])
def test_the_button_stays_in_sight_once_something_is_ticked_and_covers_nothing(address, view):
    tab = view(address, width=360, height=740)
    band, boxes = tab.locator(".go"), tab.locator("main input[type=checkbox]")
    assert band.bounding_box()["y"] > 740
    tab.evaluate("scrollTo(0, 500)")
    boxes.nth(2).check()
    assert band.bounding_box()["y"] + band.bounding_box()["height"] <= 741
    assert band.bounding_box()["width"] > 300
    for _ in range(8):
        tab.keyboard.press("Tab")
        focused = tab.evaluate("document.activeElement.getBoundingClientRect().bottom")
        assert focused <= band.bounding_box()["y"]
    assert {(box["width"], box["height"]) for box in (one.bounding_box() for one in boxes.all())} == {(24, 24)}


@pytest.mark.browser
def test_paper_has_nothing_to_press_on_what_was_found_and_no_empty_heading(view):
    tab = view("/find/?symptom=eyelid-twitching&symptom=headache", media="print")
    for words in ("Remove", "Choose more", "Start again", "Change it"):
        assert tab.get_by_text(words).first.is_visible() is False, words
    assert tab.get_by_text("You chose: Eyelid twitching").is_visible()
    assert tab.locator(".alert").evaluate("each => parseFloat(getComputedStyle(each).paddingLeft)") > 8
    assert view("/", media="print").get_by_role("heading", name="A to Z").count() == 0
    assert not view("/face/mouth/", media="print").get_by_text("Tick what you feel").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_the_drawing_and_its_labels_stay_within_the_margins(width, view):
    tab = view("/", width=width, height=740)
    right = tab.locator(".intro, .where").evaluate_all(
        "all => Math.max(...all.map(each => each.getBoundingClientRect().right))"
    )
    labels = tab.locator(".label text >> visible=true").all()
    assert all(label.bounding_box()["x"] + label.bounding_box()["width"] <= right for label in labels)
    assert width > 700 or tab.locator(".face").bounding_box()["width"] <= 15 * 17
