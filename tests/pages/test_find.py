"""/find/: symptoms in, conditions and causes out."""

import html
import re

import pytest
from django.core.management import call_command
from django.test import Client

from conditions import find, find_views, publishing
from conditions.models import Symptom

QUERIES = 5
CITED = {"evidence": ["early-signs"]}


@pytest.fixture
def found(world, django_assert_max_num_queries):
    """Get /find/ as a reader, in at most five queries, or six with a search: its main part."""

    def get(query=""):
        with django_assert_max_num_queries(QUERIES + ("q=" in query)):  # a search asks twice, and not by place
            answer = Client(enforce_csrf_checks=True).get(f"/find/{query}")
        assert answer.status_code == 200, query
        assert not answer.cookies
        return answer.content.decode().split("<main", 1)[1].partition("</main>")[0]

    return get


def words_of(text):
    """The text of HTML, white space as one space."""
    return " ".join(html.unescape(re.sub("<.*?>", "", text)).split())


def names(text):
    """The answers that are explained, in order."""
    return [html.unescape(name) for name in re.findall(r"<h3><a [^>]*>(.*?)</a></h3>", text)]


def answer_of(text, name):
    return next(words_of(part) for part in text.split('<li class="plate">') if f">{name}</a></h3>" in part)


def symptom(slug, name, **said):
    return {"kind": "symptom", "slug": slug, "name": name, **said}


def condition(slug, name, *symptoms, **said):
    rows = [one if isinstance(one, dict) else {"target": one, **CITED} for one in symptoms]
    return {"kind": "condition", "slug": slug, "name": name, "symptoms": rows, **said}


@pytest.fixture
def small(add):
    """Twitching with a kind of it, an everyday cause of it, and two conditions."""
    add(
        symptom("headache", "Headache"),
        condition("worry", "Worry itself", "headache"),
        condition("ache", "Ache", "headache", "earache", "facial-droop"),
        {"kind": "cause", "slug": "coffee", "name": "Coffee"},
        {"kind": "cause", "slug": "worry", "name": "Worry", "is_condition": ["worry"]},
        symptom("twitching", "Twitching", causes=[{"target": "coffee", "everyday": True, **CITED}]),
        symptom(
            "lid-twitching",
            "Lid twitching",
            kinds_of=["twitching"],
            causes=[{"target": "worry", "everyday": True, **CITED}],
        ),
        condition("spasm", "Spasm", "lid-twitching", "headache", {"target": "earache", "certainty": "absent", **CITED}),
    )


def test_answers_are_explained_with_the_words_behind_each_match(publish, found):
    row = {"target": "facial-droop", "note": "Within hours.", "certainty": "", "tags": ["one-side"]}
    quote = '[@warning-signs "Facial droop , on one side"]'
    publish("bell", symptoms=[row | {"evidence": ["warning-signs"], "quotes": [quote]}, {"target": "earache", **CITED}])
    text = found("?symptom=facial-droop")
    assert "<h1>What may lie behind what you feel</h1>" in text
    assert "things you chose" not in text
    assert "It cannot examine you, and it is not a diagnosis." in text
    assert names(text) == ["Bell’s palsy"]
    assert "<b>Facial droop</b>. On one side. Within hours." in text
    assert "<blockquote>“<u>Facial droop , on one side</u> (Fig.”</blockquote>" in text
    assert 'href="/questions/warning-signs/#q-' in text
    assert "Also part of it: 1 more symptom" in answer_of(text, "Bell’s palsy")
    assert "It may also cause" not in text
    assert "How this is sorted" in text


def test_the_card_that_says_when_to_call_stands_above_all_else_once(add, found):
    same = {"help_now": "It can be a stroke. [@health-service]\n", "sources": ["health-service"]}
    add(symptom("other-droop", "Other droop", **same))
    text = found("?symptom=facial-droop&symptom=other-droop&symptom=earache")
    assert text.count('class="care now"') == 1
    assert text.index("You chose: Earache, Facial droop") < text.index("Call for help now")
    assert text.index("It can be a stroke.") < text.index("Change what you chose")
    assert 'href="tel:' in text
    assert "From our pages on Facial droop, Other droop" in words_of(text)
    assert "<figcaption>" in text.partition("Change what you chose")[0], "what the card rests on"
    assert 'class="care now"' not in found("?symptom=earache")


def test_of_several_cards_one_stands_in_full_that_of_a_stroke_first(add, found):
    add(
        symptom("choking", "Choking", help_now="Call if someone chokes."),
        symptom("facial-drooping", "Drooping", help_now="Call if a face droops."),
    )
    text = found("?symptom=choking&symptom=facial-drooping&symptom=facial-droop")
    assert text.count('class="care now"') == 1
    assert "Call if a face droops." in text
    line = re.search(r'<p class="level-line">.*?</p>', text)[0]
    assert words_of(line) == "Sometimes an emergency too: Choking, Facial droop"
    assert re.findall('href="(.*?)"', line) == ["/symptoms/choking/#help", "/symptoms/facial-droop/#help"]
    assert "suddenly dropped" not in text, "the card says so"
    assert "level-line" not in found("?symptom=choking")


def test_the_alert_stands_on_the_page(add, found):
    assert "suddenly dropped" not in found("?symptom=earache")
    add(symptom("facial-drooping", "Drooping", help_now="Call."))
    for query in ("", "?symptom=earache", "?symptom=facial-droop", "?q=ear", "?q=i+want+to+die"):
        assert "suddenly dropped" in found(query), query


def test_pages_that_name_more_come_first_and_say_what_they_do_not_name(small, found):
    text = found("?symptom=lid-twitching&symptom=headache&symptom=earache")
    assert names(text) == ["Worry itself", "Spasm", "Ache", "Bell’s palsy"], "an everyday one first of two equal ones"
    assert "Its page names 2 of the 3 things you chose" in answer_of(text, "Spasm")
    assert "Not named on its page: Earache" in answer_of(text, "Spasm"), "absent is no match"
    assert "Condition, everyday" in answer_of(text, "Worry itself"), "a cause that is a condition counts as that"
    assert "Its page names 1 of the 3 things you chose" in answer_of(text, "Bell’s palsy")
    assert text.index("Pages that name 2 of the 3") < text.index("Pages that name 1 of the 3")
    assert 'href="/compare/?condition=worry&amp;condition=spasm"' in text
    assert "Worry</a>" not in text


def test_a_kind_of_what_was_chosen_matches_and_what_it_is_a_kind_of_does_not(small, found):
    text = found("?symptom=twitching")
    assert names(text) == ["Coffee", "Worry itself", "Spasm"]
    assert "Lid twitching, a kind of twitching" in answer_of(text, "Spasm")
    assert "more symptom" not in answer_of(text, "Coffee")
    assert names(found("?symptom=lid-twitching")) == ["Worry itself", "Spasm"]
    both = found("?symptom=twitching&symptom=lid-twitching")
    assert "things you chose" not in both
    assert "Lid twitching is a kind of twitching, so they count once." in both
    assert "Lid twitching, a kind of" not in both


def test_kinds_of_kinds_match_and_count_as_one_thing_with_what_they_are_kinds_of(small, world, add, found):
    add(
        symptom("lid-flutter", "Lid flutter", kinds_of=["lid-twitching"]),
        symptom("spasms", "Spasms", kinds_of=["lid-flutter"]),
        condition("flutters", "Flutters", "lid-flutter"),
    )
    assert "Lid flutter, a kind of twitching" in answer_of(found("?symptom=twitching"), "Flutters")
    both = found("?symptom=twitching&symptom=lid-flutter")
    assert "things you chose" not in both
    assert "Lid flutter is a kind of twitching, so they count once." in both
    three = found("?symptom=twitching&symptom=lid-flutter&symptom=lid-twitching")
    assert "Lid flutter and lid twitching are kinds of twitching, which does not count beside them." in three
    entry = Symptom.objects.get(slug="twitching")
    record = publishing.newest(entry.page).record | {"kinds_of": ["spasms"]}
    saved = publishing.save(record=record, entry=entry, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    for slug in ("lid-flutter", "twitching"):
        assert set(names(found(f"?symptom={slug}"))) == {"Coffee", "Worry itself", "Flutters", "Spasm"}, "a circle ends"


def test_what_a_condition_calls_absent_it_does_not_match_by_a_cause_that_is_it_or_by_a_kind(small, add, found):
    add(
        condition("blush", "Blush", {"target": "earache", "certainty": "absent", **CITED}, "headache"),
        {"kind": "cause", "slug": "blushing", "name": "Blushing", "is_condition": ["blush"]},
        symptom("ears", "Hot ears", causes=[{"target": "blushing", **CITED}], kinds_of=["earache"]),
    )
    assert "Blush" in names(found("?symptom=ears"))
    assert "Blush" not in names(found("?symptom=earache"))
    text = found("?symptom=earache&symptom=headache")
    assert "Its page names 1 of the 2 things you chose" in answer_of(text, "Blush")


def test_what_splits_the_answers_can_be_added_and_what_was_chosen_removed(small, found):
    text = found("?symptom=headache&symptom=earache")
    chips = re.search(r'<ul class="chips".*?</ul>', text, re.DOTALL)[0]
    assert '<a href="/find/?symptom=earache&amp;symptom=facial-droop&amp;symptom=headache">Facial droop</a>' in chips
    assert '<a class="small" href="/find/?symptom=earache" aria-label="Remove Headache">Remove</a>' in text
    assert '<a href="/find/">Start again</a>' in text


def test_an_emergency_is_ruled_out_first_once(small, add, found):
    add(
        {"kind": "tag", "slug": "emergency", "name": "Emergency", "group": "topic"},
        condition("clot", "Clot", "headache", help_now="Call.", tags=["emergency"]),
        condition("no-card", "No card", "headache", tags=["emergency"]),
    )
    text = found("?symptom=headache&symptom=lid-twitching")
    assert names(text)[0] == "Clot"
    assert names(text).count("Clot") == 1
    assert text.index("Rule this out first") < text.index(">Clot<") < text.index("Pages that name both")
    assert "No card" in names(text)[2:]
    assert "Rule this out first" not in found("?symptom=lid-twitching")


def test_where_no_page_joins_what_was_chosen_each_is_shown_by_itself(small, found):
    text = found("?symptom=lid-twitching&symptom=facial-droop")
    assert "No page here names more than one of these." in text
    parts = re.split("<h2 id=.of-", text)[1:]
    assert [names(part) for part in parts] == [["Bell’s palsy", "Ache"], ["Worry itself", "Spasm"]]


def test_a_symptom_that_no_page_names_says_so(small, add, found):
    add(symptom("lonely", "Lonely"))
    assert "No page here names it yet" in found("?symptom=lonely")
    assert '<a href="/symptoms/lonely/">our page on Lonely</a>' in found("?symptom=lonely")


def test_an_old_address_is_that_of_the_symptom(world, publish, found):
    publish("earache", slug="ear-pain")
    text = found("?symptom=earache&symptom=ear-pain")
    assert "things you chose" not in text
    assert '<a href="/symptoms/ear-pain/">Earache</a>' in text


def test_what_is_no_symptom_is_named_and_left_out(world, found):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    text = found("?symptom=earache&symptom=facial-droop&symptom=<zebra>&symptom=bells-palsy")
    said = words_of(text)
    assert (
        "“Earache”, “<zebra>”, “bells-palsy” are not among the symptoms here, or no longer, and are left out." in said
    )
    assert "things you chose" not in text
    alone = found("?symptom=zebra")
    assert "“zebra” is not among the symptoms here, or no longer, and is left out." in words_of(alone)
    assert "What may lie behind what you feel?" in alone


@pytest.mark.parametrize("odd", ["%00", "%FF", "%ED%A0%80", "a" * 5000, "%27%22%3C", "", "%20", "../../"])
def test_odd_input_is_no_error(world, odd):
    for query in (f"symptom={odd}", f"symptom=earache&symptom={odd}&{odd}=1", f"q={odd}", f"symptom={odd}&q={odd}"):
        assert Client().get(f"/find/?{query}").status_code == 200, query


def test_of_more_than_ten_the_first_ten_count(add, found):
    add(*(symptom(f"s-{number}", f"S {number}") for number in range(11)))
    query = "".join(f"&symptom=s-{number}" for number in range(10))
    assert "more than 10" not in found(f"?{query}")
    text = found(f"?{query}&symptom=s-10")
    assert "You chose more than 10 things. These are the first 10." in text
    assert "S 9" in text
    assert "S 10" not in text


def test_at_most_ten_answers_are_explained_and_the_next_are_links(add, found, monkeypatch):
    add(*(condition(f"c-{number:02}", f"C {number:02}", "earache") for number in range(60)))
    text = found("?symptom=earache")
    assert len(names(text)) == 10
    assert names(text)[:2] == ["C 00", "C 01"]
    assert f"Show {find.MOST_LISTED - 10} more" in text
    assert '<a href="/conditions/c-49/">C 49</a> <span class="kind">Condition</span>' in text
    both = found("?symptom=earache&symptom=facial-droop")
    assert '<a href="/conditions/c-48/">C 48</a> <span class="kind">Condition, names 1 of the 2</span>' in both
    assert "11 other pages name some of it too." in text


def test_addresses_are_canonical_and_only_the_bare_one_is_indexed(small, reader):
    text = reader("/find/?symptom=headache&symptom=earache&utm=1&symptom=headache").text_all
    assert '<link rel="canonical" href="http://testserver/find/?symptom=earache&amp;symptom=headache">' in text
    assert '<meta name="robots" content="noindex">' in text
    assert "utm" not in text
    bare = reader("/find/").text_all
    assert '<link rel="canonical" href="http://testserver/find/">' in bare
    assert "noindex" not in bare
    query = reader("/find/?q=ear").text_all
    assert "noindex" in query
    assert "canonical" not in query, "of a page that is not to be indexed the bare one is no other address"
    other = reader("/find/?symptom=earache&symptom=headache").text_all
    assert other.partition("<main")[2] == text.partition("<main")[2], "whatever the order"


def test_only_reading_methods_are_answered(world, client):
    assert client.post("/find/").status_code == 405
    assert client.head("/find/?symptom=earache").status_code == 200


# Choosing


def offered(text):
    return re.findall(r'type="checkbox" name="symptom" value="(.*?)"', text)


def test_symptoms_are_offered_by_place(add, found):
    add(
        {"kind": "tag", "slug": "ear", "name": "Ear", "group": "place"},
        {"kind": "tag", "slug": "jaw", "name": "Jaw", "group": "place"},
        *(
            {"kind": "tag", "slug": slug, "name": slug.capitalize(), "group": "place"}
            for slug in ("chin", "whole-face")
        ),
        *({"kind": "tag", "slug": slug, "name": slug.capitalize(), "group": "place"} for slug in ("knee", "eyes")),
        {"kind": "tag", "slug": "any-part-of-the-body", "name": "Any part", "group": "place"},
        {"kind": "tag", "slug": "worry", "name": "Worry", "group": "topic"},
        symptom("ringing", "Ringing", tags=["ear"]),
        symptom("tight", "Tight", tags=["ear", "jaw"]),
        symptom("spread", "Spread", tags=["chin", "eyes"]),
        symptom("pale", "Pale", tags=["ear", "whole-face"]),
        symptom("fever", "Fever", tags=["any-part-of-the-body"]),
        symptom("limp", "Limp", tags=["knee"]),
        symptom("gloom", "Gloom", tags=["worry"]),
    )
    text = found()
    parts = {words_of(part.partition("</legend>")[0]): offered(part) for part in text.split("<legend>")[1:]}
    assert parts == {
        "Ear": ["ringing", "tight"],
        "The whole face or no one place": ["earache", "facial-droop", "gloom", "pale", "spread"],
        "Somewhere else on the body": ["fever", "limp"],
    }
    assert "<button>Show</button>" in text
    assert 'href="/face/"' in text


def test_a_word_filters_the_symptoms(add, found):
    add(symptom("jaw-pain", "Jaw pain", found_by=["achy jaw"]), symptom("itch", "Itch"))
    assert offered(found("?q=my+drooping+face")) == ["facial-droop"]
    assert offered(found("?q=aching+jaws")) == ["jaw-pain"]
    assert offered(found("?q=bell")) == [], "no other kinds"
    assert offered(found("?q=zebra")) == []
    assert "No symptom here is called so." in found("?q=zebra")
    assert 'value="zebra"' in found("?q=zebra")


def test_words_that_sound_like_an_emergency_show_the_card_first(publish, found):
    publish("droop", alarm_words=["sagging jowls"])
    text = found("?q=sagging+jowls")
    assert text.index("It can be a stroke.") < text.index("Find a symptom by a word")
    assert "suddenly dropped" not in text
    assert "116 123" in found("?q=kill+myself")


def test_what_was_chosen_stays_chosen_while_more_is_looked_for(world, found):
    text = found("?symptom=earache&q=droop")
    assert '<input type="hidden" name="symptom" value="earache">' in text, "in the search"
    assert sorted(offered(text)) == ["earache", "facial-droop"]
    assert re.findall(r'value="([-a-z]+)" checked', text) == ["earache"]


def test_of_many_symptoms_the_commonest_are_offered(add, found, monkeypatch):
    monkeypatch.setattr(find_views, "MOST_OFFERED", 2)
    monkeypatch.setattr(find_views, "MOST_COMMON", 1)
    add(symptom("itch", "Itch"), condition("ache", "Ache", "earache"))
    text = found()
    assert offered(text) == ["earache"]
    assert "Find a symptom by a word" in text
    assert 'href="/face/"' in text


def test_an_empty_site_works(db, client):
    for query in ("", "?q=x", "?symptom=x"):
        assert client.get(f"/find/{query}").status_code == 200


# The shipped content


@pytest.fixture
def shipped(db):
    call_command("loaddata", verbosity=0)
    return lambda query: Client().get(f"/find/{query}").content.decode().split("<main", 1)[1]


def test_everyday_causes_of_a_twitching_lip_stand_before_a_disease_and_a_stroke_is_ruled_out_first(shipped):
    twitching = names(shipped("?symptom=lip-twitching"))
    assert twitching.index("Hemifacial spasm") > max(map(twitching.index, ["Too much caffeine", "Stress"]))
    text = shipped("?symptom=facial-drooping")
    card = text.index("Call for help now")
    assert card < text.index("signs of a stroke") < text.index("Change what you") < text.index("Rule this out first")
    assert names(text) == ["Stroke", "Bell’s palsy"]
    vague = names(shipped("?symptom=facial-twitching&symptom=facial-drooping"))
    assert vague[0] == "Stroke"
    assert vague.count("Stroke") == 1
