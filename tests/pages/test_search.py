"""The page of results in each of its states, and what is suggested while people type."""

import json
import re
from html import unescape

import pytest

from conditions import search, search_views, unfound


def results(text):
    """The part of a page with the list of results."""
    return text.partition('<section class="results"')[2]


def test_search_shows_results_with_marked_words(reader):
    text = reader("/search/?q=bell").text_all
    assert '<h3><a href="/conditions/bells-palsy/">Bell’s palsy</a></h3>' in text
    assert 'value="bell"' in text
    text = reader("/search/?q=document+breaks").text_all
    assert "<mark>breaks</mark>" in text


def test_results_show_no_call_for_help_but_of_the_page_whose_card_it_is(reader, publish):
    card = "It can be a stroke, if half of it droops."
    publish("earache", help_now=card, body="If it droops.")
    publish("droop", help_now=card, alarm_words=["stroke droops"], body="")
    text = results(reader("/search/?q=stroke+half+droops").text_all)
    assert text.count("It can be a <mark>stroke</mark>") == 1
    assert "Pain in or behind the ear." in text


def test_results_keep_headings_items_and_notes_apart(reader, publish):
    publish("earache", body="### Where\n\nIt bites.\n\n- It stings and bites at night.\n\nAt last.")
    publish("early", answer="Pain\n\n  • It stings\n  • It tingles,\nand bites", editor_note="It stings.")
    text = results(reader("/search/?q=stings+bites").text_all)
    assert "<p>It <mark>stings</mark> and <mark>bites</mark> at night.</p>" in text
    assert "<p>Pain · It <mark>stings</mark> · It tingles, and <mark>bites</mark></p>" in text


def test_results_show_the_summary_unless_a_text_says_much_more(reader, publish):
    publish("earache", body="It stings.")
    assert "<p>Pain in or behind the ear.</p>" in results(reader("/search/?q=stings").text_all)


def test_results_begin_with_no_bullet(reader):
    assert "<p>Facial <mark>droop</mark> , on" in results(reader("/search/?q=droop").text_all)


@pytest.fixture
def narrowable(monkeypatch):
    """Few results can be narrowed down too."""
    monkeypatch.setattr(search_views, "LEAST_NARROWED", 1)


def chips(text):
    """What narrows the results down: its words, where it leads, and whether it is chosen."""
    shown = text.partition('class="rest filters"')[2].partition("</details>")[0]
    return [(words, href, bool(chosen)) for href, chosen, words in re.findall(CHIP, shown)]


CHIP = r'<a href="(.*?)"( aria-current="true")?>(.*?)</a>'


def test_search_is_narrowed_down_by_kind(reader, narrowable):
    text = reader("/search/?q=bell").text_all
    assert ("Conditions 1", "?q=bell&amp;kind=condition", False) in chips(text)
    assert '<h2 id="results">4 pages</h2>' in text
    chosen = reader("/search/?q=bell&kind=condition").text_all
    assert ("Conditions 1", "?q=bell", True) in chips(chosen)
    assert "/sources/health-service/" not in chosen.partition("<footer")[0]
    assert '<h2 id="results">1 of 4 pages</h2>' in chosen
    assert '<p>Only conditions. <a href="?q=bell">Show all 4</a></p>' in chosen


def test_search_is_narrowed_down_by_tag(reader, publish, narrowable):
    publish("droop", tags=["sudden"])
    text = reader("/search/?q=drooping+face").text_all
    assert ("Sudden 1", "?q=drooping+face&amp;tag=sudden", False) in chips(text)
    chosen = reader("/search/?q=drooping+face&tag=sudden").text_all
    assert "/conditions/bells-palsy/" not in results(chosen)
    assert ("Sudden 1", "?q=drooping+face", True) in chips(chosen)
    assert reader("/search/?q=drooping+face&tag=no-such").status_code == 200


def test_what_narrows_down_counts_what_it_leaves_beside_what_is_chosen(reader, publish, narrowable):
    publish("droop", tags=["sudden"])
    of_tag = [words for words, *_ in chips(reader("/search/?q=drooping+face&tag=sudden").text_all)]
    assert of_tag == ["Symptoms 1", "One side 1", "Sudden 1"]
    of_kind = [words for words, *_ in chips(reader("/search/?q=drooping+face&kind=condition").text_all)]
    assert of_kind == ["Conditions 1", "Symptoms 1", "Questions 1", "One side 1"]


def test_what_narrows_down_leads_to_no_empty_list(reader, publish, narrowable):
    publish("droop", tags=["sudden"])
    for address in ("?q=drooping+face", "?q=drooping+face&tag=sudden", "?q=drooping+face&kind=condition"):
        for words, href, chosen in chips(reader(f"/search/{address}").text_all):
            shown = results(reader(f"/search/{unescape(href)}").text_all)
            assert chosen or f'<h2 id="results">{words.rpartition(" ")[2]} of ' in shown, (address, words)
    neither = reader("/search/?q=drooping+face&tag=sudden&kind=question").text_all
    assert "0 of 3 pages" in neither
    assert '<a href="?q=drooping+face">Show all 3</a>' in neither


CONDITIONS = [
    {"kind": "condition", "slug": "lip-quagga", "name": "Lip quagga", "also_called": ["LQ"]},
    {"kind": "condition", "slug": "face-quagga", "name": "Facial quagga"},
    {"kind": "condition", "slug": "quagga", "name": "Quagga", "summary": "Lips twist."},
    {"kind": "condition", "slug": "zebra", "name": "Zebra", "summary": "Stripes come."},
    {"kind": "condition", "slug": "okapi", "name": "Okapi", "summary": "Stripes come."},
]


@pytest.mark.parametrize(
    ("query", "compared"),
    [
        ("lip v facial quagga", {"Lip quagga", "Facial quagga"}),
        ("difference between a zebra and LQ", {"Lip quagga", "Zebra"}),
        ("zebras okapis", {"Zebra", "Okapi"}),
        ("Lip quagga", None),
        ("my lip quagga hurts", None),
        ("my lip quagga and my earache", None),
        ("stripes or which", {"Zebra", "Okapi"}),
        ("stripes", None),
        ("lip quagga vs earache", None),
    ],
)
def test_search_for_two_conditions_offers_to_compare_them(reader, add, query, compared):
    add(*CONDITIONS)
    text = reader("/search/", query_params={"q": query}).text_all
    offered = re.findall('<p><a href="/compare/[?]condition=([a-z-]+)&amp;condition=([a-z-]+)">(.*?)</a>', text)
    if compared is None:
        assert offered == []
    else:
        ((one, other, words),) = offered
        names = {"Lip quagga": "lip-quagga", "Facial quagga": "face-quagga", "Zebra": "zebra", "Okapi": "okapi"}
        assert {one, other} == {names[name] for name in compared}
        assert set(words.removeprefix("Compare ").removesuffix(" side by side").split(" and ")) == compared


def test_few_results_are_not_narrowed_down(reader, add):
    add(*({"kind": "symptom", "slug": f"quagga-{n}", "name": f"Quagga {n}"} for n in range(7)))
    assert chips(reader("/search/?q=quagga").text_all) == []
    add({"kind": "symptom", "slug": "quagga-7", "name": "Quagga 7"})
    assert chips(reader("/search/?q=quagga").text_all) == [("Symptoms 8", "?q=quagga&amp;kind=symptom", False)]


def test_sources_and_tags_come_last_also_where_their_name_is_the_query(reader):
    found = re.findall(r'<h3><a href="/(\w+)/', results(reader("/search/?q=Bell’s+palsy").text_all))
    assert found == ["questions", "questions", "sources"]


def test_search_without_words_says_what_to_do(reader):
    assert "Type what you notice" in reader("/search/").text_all


def test_search_that_finds_nothing_says_what_to_do(reader):
    text = reader("/search/?q=zebra").text_all
    assert "Nothing found for “<bdi>zebra</bdi>”" in text
    assert '<a href="/a-z/">A to Z</a>' in text


def test_what_is_typed_turns_no_words_around_it(reader):
    text = reader("/search/", query_params={"q": "\u202eze\x1bbra\u2066"}).text_all
    assert "<title>zebra – Search – FaceHealth</title>" in text
    assert "Nothing found for “<bdi>zebra</bdi>”" in text


def test_search_says_where_no_page_is_about_all_of_it(reader):
    text = reader("/search/?q=quagga+zebra+bell").text_all
    assert "No page is about all of this" in text
    assert "These come closest." in text
    assert "/conditions/bells-palsy/" in text


def test_search_says_what_it_looked_for_instead(reader):
    text = reader("/search/?q=bels+palsey").text_all
    assert "<b>bell</b>, <b>palsy</b>. You typed <i>bels</i>, <i>palsey</i>." in text
    assert '<a href="?q=bels+palsey&amp;exact=1">Search only for that</a>' in text
    assert "Nothing found" in reader("/search/?q=bels+palsey&exact=1").text_all


def test_search_shows_the_page_that_is_named_on_top(reader):
    text = reader("/search/?q=drooping+face").text_all
    assert '<h2 id="named"><a href="/symptoms/facial-droop/">Facial droop</a></h2>' in text
    assert "One side of the face hangs down." in text
    assert '<a href="/symptoms/facial-droop/#help">Call for help now</a> if a sign named there fits' in text
    assert '<h2 id="results">2 more pages</h2>' in text
    assert '<a href="/symptoms/facial-droop/">' not in results(text), "it is not listed again"
    narrowed = reader("/search/?q=drooping+face&kind=symptom").text_all
    assert 'id="named"' not in narrowed
    assert '<h3><a href="/symptoms/facial-droop/">' in results(narrowed)
    assert 'id="named"' not in reader("/search/?q=drooping").text_all


def test_the_page_that_is_named_says_for_whom_its_help_is_where_it_can(reader, publish):
    publish("droop", help_now="If it began suddenly.")
    text = reader("/search/?q=drooping+face").text_all
    assert '<a href="/symptoms/facial-droop/#help">Call for help now if it began suddenly.</a></p>' in text


def test_the_page_that_is_named_can_be_read_and_a_condition_compared(reader):
    text = reader("/search/?q=bell+palsy").text_all
    assert '<a href="/conditions/bells-palsy/">Read the page</a> <a href="/compare/?condition=bells-palsy">' in text
    text = reader("/search/?q=drooping+face").text_all
    assert '<a href="/symptoms/facial-droop/">Read the page</a></p>' in text


def test_a_page_that_is_named_and_the_only_one_stands_alone(reader):
    text = reader("/search/?q=eye+care").text_all
    assert 'id="named"' in text
    assert 'class="results"' not in text


def test_search_says_by_which_code_a_page_was_found(reader):
    assert "Condition · Code ICD-10-CM G51.0" in reader("/search/?q=g510").text_all


def test_an_emergency_shows_the_card_first_also_when_nothing_else_is_found(reader, publish):
    publish("droop", alarm_words=["sagging jowls"], help_now="It can be a stroke. Call. [@health-service]\n")
    text = reader("/search/?q=sagging+jowls").text_all
    assert text.index("It can be a stroke. Call.") < text.index('<section class="results"')
    assert text.index('<a href="tel:911">') < text.index("It can be a stroke. Call.")
    assert '<a href="/symptoms/facial-droop/#help">More about it, and what it rests on: Facial droop</a>' in text
    assert 'class="alert"' not in text
    assert "Nothing found" in text


def test_alarm_words_come_before_the_words_of_other_cards(reader, publish, monkeypatch):
    publish("earache", help_now="Sagging jowls and burning ears: call.\n")
    publish("droop", alarm_words=["sagging jowls"], help_now="It can be a stroke. Call.\n")
    monkeypatch.setattr(search.alarms, "MOST_CARDS", 1)
    text = reader("/search/?q=sagging+jowls+and+burning+ears").text_all
    assert "It can be a stroke. Call." in text


CARD = 'href="tel:911"'


@pytest.mark.parametrize(
    "query",
    [
        "saging jowls",
        "sagging jowels",
        "seagging jowls",
        "blackd out",
        "mi father has blacked out",
        "can not walk",
        "T.I.A.",
        "tia",
        "sagging\u200bjowls",
        "i have read all of this page again " * 40 + "sagging jowls",
    ],
)
@pytest.mark.parametrize("exact", ["", "1"])
def test_an_emergency_is_heard_however_it_is_typed(reader, publish, query, exact):
    publish(
        "droop",
        alarm_words=["sagging jowls", "blacked out", "cannot walk", "TIA"],
        help_now="Call. [@health-service]\n",
    )
    assert CARD in reader("/search/", query_params={"q": query, "exact": exact}).text_all


@pytest.mark.parametrize(
    "query",
    ["black tea", "black and out of milk", "jowls of a dog", "sagging sofa", "i can walk", "get fit", "fit for work"],
)
def test_small_words_of_alarm_words_count(reader, publish, query):
    publish("droop", alarm_words=["sagging jowls", "blacked out", "cannot walk", "is fit"], help_now="Call.\n")
    assert CARD not in reader("/search/", query_params={"q": query}).text_all


def test_results_of_an_emergency_say_what_each_asks_for(reader, publish):
    publish("droop", alarm_words=["hangs down"])
    level = '<p class="level-line">Call for help now if a sign named there fits</p>'
    assert level in results(reader("/search/?q=face+hangs+down").text_all)
    assert 'class="level-line">Call' not in results(reader("/search/?q=drooping").text_all)


def test_a_withdrawn_card_is_not_shown(reader, world, publish):
    publish("droop", alarm_words=["sagging jowls"], help_now="")
    assert "tel:911" not in reader("/search/?q=sagging+jowls").text_all


def test_thoughts_of_suicide_show_whom_to_call_whatever_is_found(reader, settings):
    settings.CRISIS_NUMBERS = [("988", "US"), ("116 123", "UK")]
    text = reader("/search/?q=i+want+to+kill+myself").text_all
    assert '<a href="tel:116123"><b>116 123</b> UK</a>' in text


def test_thoughts_of_suicide_show_no_pages_unless_they_are_asked_for(reader, publish, narrowable):
    publish("droop", alarm_words=["kill"], body="A quagga may kill.")
    text = reader("/search/?q=drooping+face+kill+myself").text_all
    assert text.count('class="care now"') == 1
    assert '<a href="/symptoms/facial-droop/#help">When to call for help: Facial droop</a>' in text
    for gone in ('class="results"', 'id="named"', 'class="rest filters"', "It can be a stroke."):
        assert gone not in text
    assert '<a href="?q=drooping+face+kill+myself&amp;show=pages">Show pages about these words</a>' in text
    shown = reader("/search/?q=drooping+face+kill+myself&show=pages").text_all
    assert shown.index("Call and talk to someone now") < shown.index('<section class="results"')
    assert shown.count('class="care now"') == 1
    assert '<h3><a href="/symptoms/facial-droop/">Facial droop</a></h3>' in results(shown)
    assert "show=pages" in results(shown), "what narrows the pages down keeps them"


def test_thoughts_of_suicide_leave_the_alert_where_it_is(reader, add):
    add({"kind": "symptom", "slug": "facial-drooping", "name": "Facial drooping", "help_now": "Call."})
    assert 'class="alert"' in reader("/search/?q=this+droop+is+killing+me").text_all
    assert 'class="alert"' in reader("/search/?q=zebra").text_all


@pytest.mark.parametrize(
    "query", ["sucide", "i want to kill my self", "wanna die", "my son hurts himself", "bell palsy " * 100 + "suicide"]
)
def test_a_crisis_is_heard_however_it_is_typed_and_never_counted(reader, settings, query):
    settings.CRISIS_NUMBERS = [("988", "US")]
    assert '<a href="tel:988">' in reader("/search/", query_params={"q": query}).text_all
    assert unfound._memory.counts == {}


def test_search_is_paged(reader, monkeypatch):
    monkeypatch.setattr(search_views, "RESULTS_PER_PAGE", 1)
    text = reader("/search/?q=bell").text_all
    assert 'href="?q=bell&amp;page=2"' in text
    assert reader("/search/?q=bell&page=2").status_code == 200
    assert reader("/search/?q=bell&page=99").status_code == 404


ODD = [
    "'",
    '"',
    "%",
    "_",
    "\\",
    "\0",
    "\x1b\ud7ff",
    "😀",
    "AND OR NOT",
    "NEAR(",
    "(*",
    "<b>",
    "ﬁ",
    "İ",
    "#a",
    "=g51",
    "!b",
]
LONG = ["a" * 10_000, "a " * 5_000, "bels palsey " * 500]


@pytest.mark.parametrize("query", ODD + LONG)
def test_search_never_fails(reader, query):
    answer = reader("/search/", query_params={"q": query, "kind": query, "tag": query, "exact": query})
    assert answer.status_code == 200
    assert reader("/search/suggest/", query_params={"q": query}).status_code == 200


@pytest.mark.parametrize(("query", "most"), [("bell", 6), ("drooping face", 6), ("bels palsey", 7), ("zebra", 5)])
def test_search_reads_little(reader, django_assert_max_num_queries, query, most):
    with django_assert_max_num_queries(most):  # two of them ask for the edition
        reader("/search/", query_params={"q": query})


def test_search_leaves_out_what_is_not_live(reader):
    assert "/conditions/stroke/" not in reader("/search/?q=stroke").text_all


def test_search_finds_no_page_that_is_that_of_another(reader, add):
    add({"kind": "cause", "slug": "palsy", "name": "Quagga", "is_condition": ["bells-palsy"]})
    assert "/causes/palsy/" not in reader("/search/?q=quagga").text_all


# Suggestions


def suggested(reader, query):
    return json.loads(reader("/search/suggest/", query_params={"q": query}).content)


def labels(reader, query):
    return [option["label"] for option in suggested(reader, query)]


def test_names_that_begin_with_it_are_suggested_first(reader):
    bell = {"label": "Bell’s palsy", "kind": "condition", "url": "/conditions/bells-palsy/"}
    assert suggested(reader, "bel") == [bell]
    assert labels(reader, "droop")[0] == "drooping face: Facial droop"


def test_what_is_typed_wrongly_is_suggested(reader):
    assert labels(reader, "bels palsey")[0] == "Bell’s palsy"


def test_names_that_readers_never_see_are_not_said(reader, publish):
    publish("earache", found_by=["ouch ear"])
    assert labels(reader, "ouch") == ["Earache"]


@pytest.mark.parametrize("query", ["", "b", "zebra", "?!"])
def test_nothing_is_suggested_for_nothing(reader, query):
    assert suggested(reader, query) == []


def test_at_most_six_are_suggested(reader, add):
    add(*({"kind": "symptom", "slug": f"a-{n}", "name": f"Quagga {n}"} for n in range(9)))
    assert len(suggested(reader, "quagga")) == search.MOST_SUGGESTIONS


def test_an_emergency_is_suggested_first(reader, publish):
    publish("droop", alarm_words=["sagging jowls"])
    assert suggested(reader, "sagging jowls")[0] == {
        "label": "Call for help now: Facial droop",
        "url": "/symptoms/facial-droop/#help",
        "urgent": True,
    }


def test_thoughts_of_suicide_suggest_whom_to_call_and_no_pages(reader, publish):
    crisis = {"label": "Call and talk to someone now", "url": "/search/?q=kill+myself+droop", "urgent": True}
    assert suggested(reader, "kill myself droop") == [crisis]
    publish("droop", alarm_words=["sagging jowls"])
    found = labels(reader, "kill myself sagging jowls")
    assert found == ["Call and talk to someone now", "Call for help now: Facial droop"]
