import html
import re

import pytest
from django.test import Client

from conditions import face, face_views, publishing
from conditions.face import PLACES
from conditions.models.published import Page

EYELIDS = "/face/eyelids/"


@pytest.fixture
def tag(add):
    """Publish tags, places unless said."""

    def tag(*slugs, group="place"):
        add(*({"kind": "tag", "slug": slug, "name": slug.capitalize(), "group": group} for slug in slugs))

    return tag


@pytest.fixture
def feel(add):
    """Publish symptoms, each with tags: slug -> tags."""

    def feel(tags_of=(), /, **more):
        add(
            *(
                {"kind": "symptom", "slug": slug, "name": slug.capitalize(), "tags": tags, **more}
                for slug, tags in dict(tags_of).items()
            )
        )

    return feel


def felt(text: str) -> list[str]:
    """The symptoms that can be chosen, in their order."""
    return re.findall(r'name="symptom" value="(.*?)"', text)


def row(text: str, slug: str) -> str:
    """The words of the row of a symptom."""
    inside = text.partition(f'value="{slug}"')[2].partition(">")[2].partition("</li>")[0]
    return " ".join(html.unescape(re.sub("<.*?>", "", inside)).split())


def test_the_face_offers_every_place_on_the_drawing_and_in_a_list(reader):
    text = reader("/face/").text_all
    drawing, _, rest = text.partition("</svg>")
    for place in PLACES.values():
        assert f'<a href="/face/{place.slug}/">{place.name}</a>' in rest
    for region in face.REGIONS:
        assert f'<a href="/face/{region.slug}/" aria-label="{region.name}">' in drawing
    assert "11 places on it, each a link" in drawing


def test_home_offers_the_same_places(reader):
    text = reader("/").text_all
    drawing, _, rest = text.partition("</svg>")
    assert all(f'<a href="/face/{place.slug}/">{place.name}</a>' in rest for place in PLACES.values())
    assert drawing.count("<a href=") - drawing.partition("<svg")[0].count("<a href=") == len(face.REGIONS)


@pytest.mark.parametrize("address", ["/face/neck/", "/face/Eyelids", "/face/eyelids/x/", "/face/%00/", "/face/é/"])
def test_no_other_place_is_there(world, address):
    assert Client().get(address, follow=True).status_code == (200 if address == "/face/Eyelids" else 404)


def test_every_place_answers_whether_or_not_a_tag_is_live(reader):
    """The small world has none of a region: nothing is near either."""
    for place in PLACES.values():
        text = reader(f"/face/{place.slug}/").text_all
        assert f"<h1>{place.name}</h1>" in text
        if place not in (face.ONE_SIDE, face.WHOLE):
            assert felt(text) == []
            assert "<button>See what" not in text
    assert "<p>Nothing here yet about the nose.</p>" in reader("/face/nose/").text_all
    assert "<p>Nothing here yet.</p>" in reader("/face/elsewhere/").text_all


def test_a_place_without_a_symptom_shows_those_near_it_and_of_the_whole_face(reader, tag, feel):
    tag("cheek", "throat", "whole-face", "any-part-of-the-body")
    feel({"sag": ["cheek"], "choke": ["throat"], "blush": ["whole-face"], "fever": ["any-part-of-the-body"]})
    text = reader("/face/nose/").text_all
    assert "What people feel near it, or on the whole face" in text
    assert 'is of the nose alone. Near it: <a href="/face/cheek/">cheek</a>.' in text
    assert felt(text) == ["blush", "sag"]
    assert "<button>See what" in text
    text = reader("/face/cheek/").text_all
    assert "Also near" in text
    assert '<a href="/face/throat/">Throat</a>' in text
    assert '<a href="/face/nose/">' not in text


TAGGED = {
    "sag": (["eyelids", "eyes"], {"eyelids"}),
    "sting": (["tongue", "cheek"], {"mouth", "cheek"}),
    "choke": (["swallowing"], {"throat"}),
    "lean": (["one-side"], {"one-side"}),
    "blush": (["whole-face"], {"whole-face"}),
    "shake": (["any-part-of-the-body"], {"whole-face", "elsewhere"}),
    "ache": (["neck"], {"elsewhere"}),
    "itch": (["neck", "ear"], {"elsewhere", "ear"}),
    "gloom": (["worry"], {"whole-face"}),
    "yawn": ([], {"whole-face"}),
}
"""Symptoms by their tags, and where each is found."""


def test_symptoms_are_found_at_the_places_of_their_tags_and_none_is_lost(reader, tag, feel):
    tag("eyelids", "eyes", "tongue", "cheek", "whole-face", "any-part-of-the-body", "neck", "ear")
    tag("swallowing", "worry", group="topic")
    feel({slug: tags for slug, (tags, _) in TAGGED.items()})
    texts = {slug: reader(f"/face/{slug}/").text_all for slug in PLACES}
    at = {slug: set(felt(text)) for slug, text in texts.items() if "What people feel here" in text}
    found = {slug: {place for place, there in at.items() if slug in there} for slug in TAGGED}
    assert found == {slug: places for slug, (_, places) in TAGGED.items()}


def test_a_place_that_a_condition_says_of_a_symptom_counts(reader, publish):
    """The small world says of facial droop, in a row of its condition, that it is on one side."""
    assert felt(reader("/face/one-side/").text_all) == ["facial-droop"]
    assert "facial-droop" not in felt(reader("/face/whole-face/").text_all)
    rows = [{"target": "facial-droop", "tags": ["one-side"], "certainty": "absent", "evidence": ["warning-signs"]}]
    publish("bell", symptoms=rows)
    assert felt(reader("/face/one-side/").text_all) == []
    assert "facial-droop" in felt(reader("/face/whole-face/").text_all)


def test_a_tag_that_readers_do_not_see_says_no_place(world, reader, tag, feel):
    tag("nose")
    feel({"sneeze": ["nose"]})
    assert felt(reader("/face/nose/").text_all) == ["sneeze"]
    page = Page.objects.get(kind="tag", slug="nose")
    publishing.withdraw(pages=[page], by=world.publisher, reason="Old.")
    assert felt(reader("/face/nose/").text_all) == []
    assert "sneeze" in felt(reader("/face/whole-face/").text_all)


def test_a_symptom_says_what_may_lie_behind_it_and_whether_it_can_be_an_emergency(reader, publish, add):
    text = reader("/face/one-side/").text_all
    said = row(text, "facial-droop")
    assert said.startswith("Facial droop One side of the face hangs down. May lie behind it: 1 condition Some")
    assert said.endswith("Sometimes an emergency. When to call for help")
    assert '<a href="/symptoms/facial-droop/#help">When to call for help</a>' in text
    causes = [{"target": slug, "evidence": ["warning-signs"]} for slug in ("viral-illness", "bell-too", "palsy")]
    add(
        {"kind": "cause", "slug": "bell-too", "name": "Bell’s palsy", "is_condition": ["bells-palsy"]},
        {"kind": "condition", "slug": "palsies", "name": "Palsies"},
        {"kind": "cause", "slug": "palsy", "name": "Palsies", "is_condition": ["palsies"]},
    )
    publish("droop", causes=causes)
    said = row(reader("/face/one-side/").text_all, "facial-droop")
    assert "2 conditions, 1 other cause " in said, "one condition is named twice, and one is among the causes"
    rows = [{"target": "facial-droop", "certainty": "absent", "evidence": ["warning-signs"]}]
    publish("bell", symptoms=rows)
    said = row(reader("/face/whole-face/").text_all, "facial-droop")
    assert "1 condition, 1 other cause " in said, "what its page says itself wins"
    publish("bell", symptoms=[rows[0] | {"certainty": "", "tags": ["one-side"]}])
    publish("droop", causes=[causes[0] | {"certainty": "absent"}])
    assert "May lie behind it: 1 condition S" in row(reader("/face/one-side/").text_all, "facial-droop")


def test_a_symptom_may_have_causes_alone_or_nothing_behind_it(reader, tag, feel, publish):
    tag("eyelids")
    causes = [{"target": "viral-illness", "evidence": ["early-signs"]}]
    feel({"sag": ["eyelids"]}, causes=causes)
    feel({"sting": ["eyelids"]})
    text = reader(EYELIDS).text_all
    assert row(text, "sag") == "Sag In short. May lie behind it: 1 cause"
    assert row(text, "sting") == "Sting In short. No condition or cause yet"


def test_a_place_leads_to_the_pages_of_its_tags(reader, tag, feel):
    tag("lips", "mouth", "nose")
    feel({"sag": ["lips"]})
    text = reader("/face/mouth/").text_all
    assert '<a href="/tags/lips/">everything about the lips</a>' in text
    assert '<a href="/tags/mouth/">' in text, "also where no symptom carries it"
    assert "/tags/nose/" not in text
    assert "everything about" not in reader("/face/jaw/").text_all


def test_what_is_ticked_goes_to_find(reader):
    text = reader("/face/one-side/").text_all
    assert '<form id="choose" class="go" action="/find/">' in text
    assert 'form="choose" name="symptom" value="facial-droop"' in text
    assert 'aria-labelledby="is-facial-droop"' in text
    assert '<a id="is-facial-droop" href="/symptoms/facial-droop/">Facial droop</a>' in text


def test_the_stroke_alert_stands_where_something_droops(reader, tag, feel, add):
    add({"kind": "symptom", "slug": "facial-drooping", "name": "Drooping", "help_now": "Call."})
    tag("cheek", "ear")
    tag("weakness-and-drooping", group="topic")
    feel({"sag": ["cheek", "weakness-and-drooping"], "ring": ["ear"]})
    texts = {slug: reader(f"/face/{slug}/".replace("//", "/")).text_all for slug in ("", *PLACES)}
    shown = {slug for slug, text in texts.items() if "suddenly dropped" in text and "What people feel near" not in text}
    assert shown == {"", "one-side", "cheek"}
    assert "suddenly dropped" in texts["nose"], "near it something droops"


def test_many_symptoms_are_grouped_by_feeling(reader, tag, feel):
    tag("eyelids")
    tag("pain", "swelling", "twitching-and-spasms", group="topic")
    first = {f"s{number:02}": ["eyelids"] for number in range(face_views.MOST_UNGROUPED - 1)}
    feel(first | {"aches": ["eyelids", "pain", "swelling"]})
    text = reader(EYELIDS).text_all
    assert felt(text) == ["aches", *first]
    assert "<h3>" not in text
    feel({"twitches": ["eyelids", "pain", "twitching-and-spasms"]})
    text = reader(EYELIDS).text_all
    assert re.findall("<h3>(.*?)</h3>", text) == ["Twitching and spasms", "Pain", "Anything else"]
    assert felt(text) == ["twitches", "aches", *first]


def test_very_many_symptoms_are_on_several_pages(reader, tag, feel, monkeypatch):
    monkeypatch.setattr(face_views, "PER_PAGE", 2)
    tag("eyelids")
    feel({f"s{number}": ["eyelids"] for number in range(3)})
    assert felt(reader(EYELIDS).text_all) == ["s0", "s1"]
    assert felt(reader(f"{EYELIDS}?page=2").text_all) == ["s2"]
    assert reader(f"{EYELIDS}?page=3").status_code == 404


def test_a_place_costs_five_queries_whatever_its_size(world, tag, feel, django_assert_num_queries):
    tag("eyelids")
    tag("weakness-and-drooping", group="topic")
    for number in (1, 30):
        feel({f"s{number}-{each}": ["eyelids", "weakness-and-drooping"] for each in range(number)})
        with django_assert_num_queries(5):  # how many, which, their tags, what is near, the alert
            assert Client().get(EYELIDS).status_code == 200
    with django_assert_num_queries(1):
        assert Client().get("/face/").status_code == 200


def test_a_symptom_s_own_page_marks_its_places(reader, tag, feel):
    tag("lips", "cheek")
    feel({"sag": ["lips", "cheek", "one-side"], "sting": ["lips"], "yawn": []})
    text = reader("/symptoms/sag/").text_all
    assert "<figcaption>One side: the cheek and the lips.</figcaption>" in text
    assert 'clip-path="url(#one-half)"><use href="/static/conditions/face.svg#mouth"/></g>' in text
    assert text.count("face.svg#cheek") == 1
    text = reader("/symptoms/sting/").text_all
    assert "<figcaption>Where: the lips.</figcaption>" in text
    assert '<g class="here"><use href="/static/conditions/face.svg#mouth"/></g>' in text
    assert "small-face" not in reader("/symptoms/yawn/").text_all
