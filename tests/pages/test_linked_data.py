"""Structured data: what a page says, in the words of schema.org, and nothing else."""

import copy

import pytest

from conditions import publishing
from tests import schema_org

BELL = "/conditions/bells-palsy/"


def graph_of(answer):
    (graph,) = schema_org.graphs_of(answer.text_all)
    return graph


def thing_of(answer):
    page, thing = graph_of(answer)["@graph"]
    assert page["mainEntity"] == {"@id": thing["@id"]}
    return thing


def names(nodes):
    return [node["name"] for node in nodes]


def test_a_condition_says_what_its_page_says(world, reader):
    page, thing = graph_of(reader(BELL))["@graph"]
    day = f"{world.page('bell').edition.at:%Y-%m-%d}"
    assert page == {
        "@type": "MedicalWebPage",
        "@id": f"http://testserver{BELL}",
        "url": f"http://testserver{BELL}",
        "name": "Bell’s palsy",
        "inLanguage": "en",
        "datePublished": day,
        "dateModified": day,
        "breadcrumb": page["breadcrumb"],
        "citation": page["citation"],
        "mainEntity": {"@id": f"http://testserver{BELL}#it"},
    }
    crumbs = page["breadcrumb"]["itemListElement"]
    assert names(crumbs) == ["Home", "Conditions"]
    assert [one["item"]["@id"] for one in crumbs] == ["http://testserver/", "http://testserver/conditions/"]
    assert [one["url"] for one in page["citation"]] == [
        "http://testserver/questions/warning-signs/",
        "http://testserver/questions/early-signs/",
        "https://health.example/bells-palsy",
    ]
    assert thing == {
        "@type": "MedicalCondition",
        "@id": f"http://testserver{BELL}#it",
        "name": "Bell’s palsy",
        "alternateName": ["Bell palsy"],
        "description": "One side of the face grows weak.",
        "code": [{"@type": "MedicalCode", "codingSystem": "ICD-10-CM", "codeValue": "G51.0"}],
        "signOrSymptom": [{"@type": "MedicalSymptom", "name": name} for name in ("Facial droop", "Earache")],
        "cause": [{"@type": "MedicalCause", "name": "Viral illness"}],
        "possibleTreatment": [{"@type": "MedicalTherapy", "name": "Eye care"}],
    }


THINGS = {
    "/symptoms/facial-droop/": ("MedicalSymptom", {"alternateName": ["drooping face"]}),
    "/treatments/eye-care/": ("MedicalTherapy", {"description": "Keeps the eye moist."}),
    "/causes/viral-illness/": ("MedicalCause", {"causeOf": [{"@type": "MedicalCondition", "name": "Bell’s palsy"}]}),
    "/questions/early-signs/": (
        "Question",
        {"acceptedAnswer": {"@type": "Answer", "text": "Pain behind the ear,\n\nafter a viral illness."}},
    ),
    "/tags/one-side/": ("DefinedTerm", {"inDefinedTermSet": "http://testserver/tags/"}),
    "/words/nerve/": ("DefinedTerm", {"alternateName": ["nerves"], "inDefinedTermSet": "http://testserver/words/"}),
    "/sources/health-service/": ("CreativeWork", {"url": "https://health.example/bells-palsy"}),
}


def test_each_kind_is_what_it_is(reader):
    for address, (type_, said) in THINGS.items():
        thing = thing_of(reader(address))
        assert (thing["@type"], thing | said) == (type_, thing), address


def test_lists_of_words_and_the_site_are_what_they_are(reader):
    (site,) = graph_of(reader("/"))["@graph"]
    assert site["@type"] == "WebSite"
    template = site["potentialAction"]["target"]["urlTemplate"]
    found = reader(template.removeprefix("http://testserver").replace("{query}", "palsy")).text_all
    assert f'<a href="{BELL}">' in found
    for address in ("/a-z/", "/words/"):
        (terms,) = graph_of(reader(address))["@graph"]
        assert (terms["@type"], terms["url"]) == ("DefinedTermSet", f"http://testserver{address}")


def test_every_page_of_the_world_is_in_the_words_of_schema_org(reader):
    for address in ("/", "/a-z/", "/words/", BELL, *THINGS):
        answer = reader(address)
        assert schema_org.faults(graph_of(answer)) == [], address


def test_what_is_no_part_of_it_and_what_only_comes_before_is_left_out(reader, publish, add):
    for slug, name in (("smoke", "Smoking"), ("cold", "A cold"), ("block", "A blocked nerve"), ("stress", "Stress")):
        add({"kind": "cause", "slug": slug, "name": name})
    cites = {"evidence": ["early-signs"]}
    rows = [
        {"target": "smoke", "role": "raises-the-risk", **cites},
        {"target": "cold", "role": "comes-before", **cites},
        {"target": "block", "role": "how-it-works", **cites},
        {"target": "stress", "certainty": "absent", **cites},
        {"target": "viral-illness", "certainty": "rarely", **cites},
    ]
    symptoms = [{"target": "earache", "certainty": "absent", **cites}, {"target": "facial-droop", **cites}]
    publish("bell", causes=rows, symptoms=symptoms)
    thing = thing_of(reader(BELL))
    assert names(thing["signOrSymptom"]) == ["Facial droop"]
    assert names(thing["cause"]) == ["Viral illness"]
    assert thing["riskFactor"] == [{"@type": "MedicalRiskFactor", "name": "Smoking"}]
    for slug in ("smoke", "cold", "block", "stress"):
        assert "causeOf" not in thing_of(reader(f"/causes/{slug}/")), slug


def test_places_are_named_as_on_the_page(reader, publish, add):
    add({"kind": "tag", "slug": "eyelids", "name": "Eyelids", "group": "place"})
    publish("bell", symptoms=[{"target": "facial-droop", "tags": ["eyelids"], "evidence": ["early-signs"]}])
    answer = reader(BELL)
    assert "Where: the eyelids." in answer.text_all
    assert thing_of(answer)["associatedAnatomy"] == [{"@type": "AnatomicalStructure", "name": "eyelids"}]


def test_a_page_says_when_it_came_first_and_when_it_changed(world, reader, publish, monkeypatch):
    first = world.page("bell").edition.at
    monkeypatch.setattr("django.utils.timezone.now", lambda: first.replace(year=first.year + 1))
    publish("bell", summary="Half of the face is weak.")
    page, _ = graph_of(reader(BELL))["@graph"]
    assert page["datePublished"] == f"{first:%Y-%m-%d}"
    assert page["dateModified"] == f"{first.year + 1}{first:-%m-%d}"


def test_a_page_that_rests_on_much_does_not_name_it_again(reader, publish, add):
    sources = [f"s-{number}" for number in range(10)]
    add(*({"kind": "source", "slug": slug, "name": slug, "publisher": "A publisher"} for slug in sources))
    publish("bell", sources=["health-service", *sources])
    page, _ = graph_of(reader(BELL))["@graph"]
    assert "citation" not in page


def test_what_is_not_to_be_listed_has_no_graph(world, reader, publish):
    publish("bell", summary="Half of the face is weak.")
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    for address in (f"{BELL}history/1/", "/search/?q=bell", "/symptoms/earache/", "/nothing/", "/a-z/?letter=b"):
        assert schema_org.graphs_of(reader(address).text_all) == [], address


def test_no_text_ends_the_block(reader, publish):
    bad = '</script><script>alert(1)</script><!-- \\u003c " &amp;'
    publish("bell", summary=bad)
    answer = reader(BELL)
    assert answer.text_all.count("<script") == answer.text_all.count("</script") == 1
    assert thing_of(answer)["description"] == bad


def plant(**changes):
    """A sound graph of a page and a thing, with properties of the thing changed."""
    page = {"@type": "MedicalWebPage", "@id": "https://x/", "name": "A", "mainEntity": {"@id": "https://x/#it"}}
    thing = {"@type": "MedicalCondition", "@id": "https://x/#it", "name": "A", **changes}
    return {"@context": "https://schema.org", "@graph": [page, thing]}


FAULTS = {
    "a type that does not exist": ({"@type": "MedicalIllness"}, "no such type"),
    "a node without a type": ({"cause": [{"name": "B"}]}, "not one of"),
    "a property that does not exist": ({"indication": "B"}, "no such property"),
    "a property of another type": ({"acceptedAnswer": {"@type": "Answer", "text": "B"}}, "a property of"),
    "a property that was superseded": ({"@type": "MedicalWebPage", "aspect": "B"}, "superseded by"),
    "a thing of the wrong type": ({"cause": [{"@type": "MedicalTherapy", "name": "B"}]}, "not one of"),
    "text for a thing": ({"possibleTreatment": ["Rest"]}, "not one of"),
    "a thing for text": ({"name": {"@type": "MedicalCause", "name": "B"}}, "not one of"),
    "no address": ({"url": "/conditions/a/"}, "not one of"),
    "no date": ({"@type": "MedicalWebPage", "dateModified": "5 May 2026"}, "not one of"),
    "an empty text": ({"description": ""}, "not one of"),
    "a fault in a part": (
        {"code": [{"@type": "MedicalCode", "value": "G51.0"}]},
        "MedicalCode.value: no such property",
    ),
    "a reference to the wrong type": ({"cause": {"@id": "https://x/#it"}}, "not one of"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_check_finds_each_planted_fault(name):
    changes, said = FAULTS[name]
    assert any(said in fault for fault in schema_org.faults(plant(**changes))), schema_org.faults(plant(**changes))


def test_the_check_finds_nothing_in_a_sound_graph():
    sound = plant(cause=[{"@type": "MedicalCause", "name": "B"}], code=[{"@type": "MedicalCode", "codeValue": "G51.0"}])
    assert schema_org.faults(sound) == []
    other = copy.deepcopy(sound) | {"@context": "https://example.org"}
    assert schema_org.faults(other) == ["no context"]
