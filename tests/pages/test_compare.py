"""Conditions side by side: the table, what is left out and said, and the links that lead there."""

import html
import re

import pytest
from django.test import Client

from conditions import compare_views, publishing

TWO = "/compare/?condition=bells-palsy&condition=hemispasm"
SPASM = {
    "kind": "condition",
    "slug": "hemispasm",
    "name": "Hemispasm",
    "summary": "One side twitches.",
    "help_soon": "See one.\n",
    "tests": "A doctor looks.\n",
    "codes": ["ICD-10-CM G51.3 [@health-service]"],
    "sources": ["health-service"],
    "symptoms": [
        {"target": "earache", "certainty": "absent", "note": "It does not hurt.", "evidence": ["early-signs"]},
        {"target": "facial-droop", "certainty": "rarely", "tags": ["one-side"], "evidence": ["warning-signs"]},
    ],
    "treatments": [{"target": "eye-care", "sources": ["health-service"]}],
}


@pytest.fixture
def spasm(add):
    add(SPASM)


@pytest.fixture
def more(add, spasm):
    """Three more conditions, so that five are live."""
    add(*({"kind": "condition", "slug": slug, "name": slug.capitalize()} for slug in ("alpha", "beta", "gamma")))


def columns(text):
    return re.findall(r'<th scope="col"><a href="/conditions/(.*?)/">', text)


def plain(text):
    return " ".join(html.unescape(re.sub("<.*?>", " ", text)).split())


def row(text, label):
    """The cells below a label, as words."""
    for body in re.findall(r"<tbody.*?</tbody>", text, re.DOTALL):
        head, _, cells = body.partition("</tr>")
        if plain(head) == label:
            return [plain(cell) for cell in re.findall(r"<td.*?>(.*?)</td>", cells, re.DOTALL)]
    return None


def labels(text):
    return [plain(one) for one in re.findall(r'scope="rowgroup">(.*?)</th>', text, re.DOTALL)]


def test_two_conditions_stand_side_by_side(spasm, reader):
    text = reader(TWO).text_all
    assert columns(text) == ["bells-palsy", "hemispasm"]
    assert labels(text) == [
        "In one sentence",
        "When to get help",
        "What it feels like",
        "Facial droop",
        "Earache",
        "Why it happens",
        "Only named for one of them",
        "How it is found out",
        "Codes",
        "Last changed",
        "The same in both",
        "What helps: Eye care",
    ]
    assert row(text, "Only named for one of them") == [
        "Viral illness Viral illness Named here "
        "The words: [2] In our words, after What are the early signs? , author not known",
        "Nothing more named here",
    ]
    assert row(text, "How it is found out")[0] == "Not said here"
    assert row(text, "Earache")[1].startswith("Not part of it . It does not hurt.")
    assert row(text, "Facial droop")[0].startswith("On one side. Sudden. Within hours to days.")
    assert row(text, "Facial droop")[1].startswith("Rarely . On one side.")


def test_a_gap_is_never_a_no(spasm, reader):
    cells = re.findall(r"<td.*?>(.*?)</td>", reader(TWO).text_all, re.DOTALL)
    assert len(cells) > 10
    assert not [cell for cell in cells if plain(cell) in ("", "No", "None", "-")]


def test_when_to_get_help_leads_to_the_strongest_card_and_stays_where_it_is(spasm, reader, publish):
    text = reader(TWO).text_all
    help_row = row(text, "When to get help")
    assert help_row == ["Call for help now if a sign named there fits", "See a doctor soon if a sign named there fits"]
    assert '<a href="/conditions/bells-palsy/#help-now">Call for help now</a>' in text
    assert 'id="help-now"' in reader("/conditions/bells-palsy/").text_all
    publish("bell", help_now="", help_soon="See one.\n")
    text = reader(f"{TWO}&only=differences").text_all
    assert row(text, "When to get help") == ["See a doctor soon if a sign named there fits"] * 2


def test_each_mark_leads_to_what_it_rests_on(spasm, reader):
    text = reader(TWO).text_all
    marks = set(re.findall(r"\[(\w+)\](?=</summary>| \[|</a>)", text))
    listed = dict(re.findall(r'<li id="note-(\w+)">\[\w+\] <a href="(.*?)"', text))
    assert set(listed) == marks == {"1", "2", "A"}
    assert listed["A"] == "/sources/health-service/"
    assert '<a class="note" href="#note-A"' in row_html(text, "Codes")
    ids = re.findall(r' id="(.*?)"', text)
    assert len(set(ids)) == len(ids)


def row_html(text, label):
    return next(body for body in re.findall(r"<tbody.*?</tbody>", text, re.DOTALL) if f">{label}<" in body)


def test_words_that_are_quoted_unfold_in_the_cell(spasm, reader, publish):
    quoted = {"target": "earache", "evidence": ["early-signs"], "quotes": ['[@early-signs "Pain behind the ear"]']}
    publish("bell", symptoms=[quoted])
    cell = row_html(reader(TWO).text_all, "Earache")
    assert "<u>Pain behind the ear</u>" in cell
    assert re.search(r'<figcaption><a href="/questions/early-signs/#q-\w{8}">', cell)


def test_what_is_the_same_comes_last_and_can_be_left_out(spasm, reader):
    text = reader(TWO).text_all
    assert row(text, "What helps: Eye care")[0].startswith("The same: Named here")
    assert f'href="?{TWO.partition("?")[2].replace("&", "&amp;")}&amp;only=differences"' in text
    text = reader(f"{TWO}&only=differences").text_all
    assert "Eye care" not in text
    assert "1 row that says the same in both is left out." in plain(text), "the day of a change is no likeness"
    assert f'href="?{TWO.partition("?")[2].replace("&", "&amp;")}">Show all' in text
    assert row(text, "Facial droop")


def test_what_the_pages_say_of_each_other_stands_across_the_columns(world, reader):
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    text = reader("/compare/?condition=stroke&condition=bells-palsy").text_all
    (cell,) = row(text, "How they are related")
    assert cell.startswith("Bell’s palsy: easily mistaken for Stroke . The words: [A]")
    assert columns(text) == ["stroke", "bells-palsy"]


def test_rows_of_other_conditions_are_not_part_of_it(world, spasm, reader):
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    assert "How they are related" not in reader(TWO).text_all


def test_what_is_not_live_stands_in_no_cell(world, spasm, reader):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    assert "Earache" not in reader(TWO).text_all


def test_three_columns_scroll_in_a_region_with_a_name_and_two_do_not(more, reader):
    text = reader(f"{TWO}&condition=alpha").text_all
    assert columns(text) == ["bells-palsy", "hemispasm", "alpha"]
    assert re.search(r'<div class="compared three" role="region" aria-label="[\w ]+" tabindex="0">', text)
    assert "The table scrolls sideways." in text
    assert 'colspan="3"' in text
    assert (
        text.count('data-of="Alpha"') == text.count('data-of="Bell’s palsy"') == len(re.findall("<tr><td data", text))
    )
    text = reader(TWO).text_all
    assert 'tabindex="0"' not in text
    assert "The table scrolls sideways." not in text


def test_of_four_the_first_three_are_shown_and_the_rest_named(more, reader):
    text = reader("/compare/?condition=gamma&condition=beta&condition=alpha&condition=hemispasm").text_all
    assert columns(text) == ["gamma", "beta", "alpha"]
    assert "These are the first 3. Left out: Hemispasm ." in plain(text)


def test_an_old_slug_is_the_page_that_had_it(spasm, reader, publish):
    publish("bell", slug="facial-palsy")
    text = reader(f"{TWO}&condition=facial-palsy").text_all
    assert columns(text) == ["facial-palsy", "hemispasm"]
    assert (
        '<link rel="canonical" href="http://testserver/compare/?condition=facial-palsy&amp;condition=hemispasm">'
        in text
    )


def test_what_is_not_here_is_named_and_left_out(world, spasm, reader):
    text = reader(f"{TWO}&condition=zebra&condition=stroke&condition=<b>").text_all
    assert "We have no condition with the addresses “zebra”, “stroke”, “&lt;b&gt;”." in text
    assert "Stroke" not in text, "no draft is named"
    assert len(columns(text)) == 2


def test_what_was_withdrawn_is_named(world, spasm, reader):
    publishing.withdraw(pages=[world.page("bell")], by=world.publisher, reason="Old.")
    text = reader(TWO).text_all
    assert "Bell’s palsy is not here any more: why, and what to read instead ." in plain(text)
    assert 'href="/conditions/bells-palsy/"' in text
    assert columns(text) == []
    assert "Hemispasm, and which other?" not in text, "nothing is like it"
    assert 'value="hemispasm" checked>' in text


@pytest.mark.parametrize(
    ("query", "canonical", "robots"),
    [
        ("", "", False),
        ("?condition=hemispasm&condition=bells-palsy&only=differences&utm=1&condition=hemispasm", TWO[9:], True),
        ("?condition=bells-palsy&condition=zebra", "?condition=bells-palsy", True),
        ("?q=bell", None, True),
        ("?condition=zebra", None, True),
    ],
)
def test_one_address_stands_for_all_of_the_same_pages(spasm, reader, query, canonical, robots):
    text = reader(f"/compare/{query}").text_all
    found = [html.unescape(one) for one in re.findall('rel="canonical" href="(.*?)"', text)]
    assert found == ([] if canonical is None else [f"http://testserver/compare/{canonical}"])
    assert ('content="noindex"' in text) == robots


@pytest.mark.parametrize("value", ["\0", "a\0", "x" * 10_000, "'", "%", "é", "\x1b\ud7ff", "../", "(*", "😀", " ", "-"])
def test_compare_never_fails(spasm, reader, value):
    for name in ("condition", "only", "q"):
        query = {"condition": ["bells-palsy"], name: [value, "bells-palsy"]}
        answer = reader("/compare/", query_params=query)
        assert answer.status_code == 200
        assert "x" * 100 not in answer.text_all


def test_of_one_those_most_like_it_are_offered(world, spasm, add, reader):
    add(
        {
            "kind": "condition",
            "slug": "aching",
            "name": "Aching",
            "symptoms": [
                {"target": "earache", "evidence": ["early-signs"]},
                {"target": "facial-droop", "evidence": ["warning-signs"]},
            ],
        }
    )
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    text = reader("/compare/?condition=bells-palsy").text_all
    assert "Bell’s palsy, and which other?" in plain(text)
    offered = re.findall(r'<p class="name"><a href="(.*?)">.*?<p class="role">(.*?)</p>', text, re.DOTALL)
    assert [(html.unescape(address), why) for address, why in offered] == [
        ("/compare/?condition=bells-palsy&condition=stroke", "Easily mistaken for each other"),
        ("/compare/?condition=aching&condition=bells-palsy", "2 symptoms in common"),
        ("/compare/?condition=bells-palsy&condition=hemispasm", "1 symptom in common"),
    ]
    text = reader("/compare/?condition=stroke").text_all
    assert "Stroke and Bell’s palsy" in text, "the row of either says it"
    assert 'value="stroke" checked>' in text


def test_of_none_all_can_be_ticked(spasm, reader):
    text = reader("/compare/").text_all
    assert re.findall('type="checkbox" name="condition" value="(.*?)">', text) == ["bells-palsy", "hemispasm"]
    assert '<form action="/compare/">' in text
    assert 'name="q"' not in text


def test_of_many_the_first_can_be_ticked_and_others_looked_for(more, reader, monkeypatch):
    monkeypatch.setattr(compare_views, "MOST_OFFERED", 2)
    ticked = re.compile('name="condition" value="(.*?)"')
    text = reader("/compare/").text_all
    assert ticked.findall(text) == ["alpha", "bells-palsy"]
    assert 'name="q"' in text
    assert "These are only the first by name." in text
    text = reader("/compare/?condition=gamma&q=hemispasm").text_all
    assert ticked.findall(text) == ["gamma", "hemispasm"]
    assert "Conditions found for “hemispasm”" in text
    text = reader(f"{TWO}&q=beta").text_all
    assert columns(text) == []
    assert ticked.findall(text) == ["bells-palsy", "hemispasm", "beta"]
    text = reader("/compare/?q=xylophone").text_all
    assert "No condition found for “xylophone”." in text


def test_words_that_sound_like_an_emergency_show_what_to_do_at_once(spasm, reader, publish, add):
    publish("droop", alarm_words=["sagging jowls"])
    add({"kind": "symptom", "slug": "facial-drooping", "name": "Drooping", "help_now": "Call."})
    text = reader("/compare/?q=sagging+jowls").text_all
    assert text.index("It can be a stroke.") < text.index("Choose two or three")
    assert "suddenly dropped" not in text, "the card says so"
    text = reader("/compare/?q=i+want+to+die&condition=hemispasm").text_all
    assert text.index("116 123") < text.index("suddenly dropped") < text.index("Choose two or three")
    assert "116 123" not in reader("/compare/?q=bell").text_all


def test_compare_without_any_condition(db):
    assert "There are none yet." in Client().get("/compare/").content.decode()


@pytest.mark.parametrize(
    "query", ["condition=bells-palsy&condition=hemispasm&condition=alpha", "condition=bells-palsy", "", "q=a"]
)
def test_compare_asks_little(more, query, django_assert_max_num_queries):
    with django_assert_max_num_queries(6 if "q=" in query else 5):  # a search asks twice
        Client().get(f"/compare/?{query}")


def test_compare_leaves_other_methods_alone(world):
    assert Client().post("/compare/").status_code == 405


# The links that lead there


def ready(text):
    found = re.findall(r'<a href="(/compare/[^"]*)">(.*?)</a>', text)
    return [(html.unescape(address), html.unescape(words)) for address, words in found]


def test_a_symptom_offers_to_compare_the_two_conditions_that_can_show_it(spasm, reader):
    text = reader("/symptoms/facial-droop/").text_all
    assert ready(text) == [(TWO, "Compare the 2 that can show it side by side")]
    section = text.split('aria-labelledby="conditions-that-can-show-it"')[1].split("</section>")[0]
    assert "Compare the 2 that can show it side by side" in section
    assert columns(reader(TWO).text_all) == ["bells-palsy", "hemispasm"]


def test_a_symptom_of_one_condition_offers_nothing(spasm, reader):
    assert ready(reader("/symptoms/earache/").text_all) == [], "the other says that it is not part of it"


def test_a_symptom_of_three_offers_the_two_most_alike(spasm, add, reader):
    shown = {"target": "facial-droop", "tags": ["one-side", "sudden"], "evidence": ["warning-signs"]}
    add({"kind": "condition", "slug": "zebra", "name": "Zebra", "symptoms": [shown]})
    assert ready(reader("/symptoms/facial-droop/").text_all) == [
        ("/compare/?condition=bells-palsy&condition=zebra", "Compare 2 of them side by side: Bell’s palsy and Zebra")
    ]


def test_a_condition_offers_those_that_it_is_easily_mistaken_for(world, reader):
    assert ready(reader("/conditions/bells-palsy/").text_all) == [
        ("/compare/?condition=bells-palsy", "Compare with conditions like it")
    ]
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    for slug, other in (("bells-palsy", "Stroke"), ("stroke", "Bell’s palsy")):
        assert ready(reader(f"/conditions/{slug}/").text_all) == [
            ("/compare/?condition=bells-palsy&condition=stroke", f"Compare with {other} side by side")
        ]


def test_what_a_condition_is_not_mistaken_for_is_not_offered(world, reader, publish):
    row = {"target": "stroke", "role": "easily-mistaken-for", "certainty": "absent", "sources": ["health-service"]}
    publish("bell", related=[row])
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    links = ready(reader("/conditions/bells-palsy/").text_all)
    assert [words for _, words in links] == ["Compare with conditions like it"]


def test_an_old_version_and_other_kinds_offer_nothing(spasm, reader):
    for address in ("/conditions/bells-palsy/history/1/", "/treatments/eye-care/", "/questions/early-signs/"):
        assert ready(reader(address).text_all) == []


def test_the_list_of_conditions_leads_to_comparing(reader):
    assert ready(reader("/conditions/").text_all) == [("/compare/", "Compare two or three side by side")]
    assert ready(reader("/symptoms/").text_all) == []
