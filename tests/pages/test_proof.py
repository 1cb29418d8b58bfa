"""The words beside statements, the statements behind words, and pages of one thing."""

import html
import re

import pytest

from conditions import publishing
from conditions.proof import anchor_of
from conditions.records import InvalidRecord

ANSWER = "  • Facial droop , on one side (Fig."
ROW = {
    "target": "facial-droop",
    "note": "Within hours to days.",
    "evidence": ["warning-signs"],
    "quotes": ['[@warning-signs "Facial droop , on one side"]'],
}


def words_of(text):
    """The text of HTML, white space as one space."""
    return " ".join(html.unescape(re.sub("<.*?>", "", text)).split())


def block(text, start, end="</details>"):
    return text.split(start, 1)[1].split(end, 1)[0]


@pytest.fixture
def quoted(publish):
    """Bell's palsy with a row and a summary that quote the document."""
    summary = 'One side droops [@warning-signs "on one side"]. It is ours.'
    publish("bell", symptoms=[ROW], summary=summary, evidence=["warning-signs"])


def test_a_row_has_the_whole_sentence_beside_it_with_its_words_marked(quoted, reader):
    row = block(reader("/conditions/bells-palsy/").text_all, 'id="symptoms-facial-droop">')
    assert "<blockquote>“<u>Facial droop , on one side</u> (Fig.”</blockquote>" in row
    passage = anchor_of("q", "Facial droop , on one side")
    link = f'<a href="/questions/warning-signs/#{passage}">What are the warning signs?</a>'
    assert f"<figcaption>{link}, author not known</figcaption>" in row
    assert f'id="{passage}"' in reader("/questions/warning-signs/").text_all


def test_a_sentence_of_the_summary_has_its_words_and_ours_says_so(quoted, reader):
    text = reader("/conditions/bells-palsy/").text_all
    first, second = re.findall('<p class="answer">(.*?)</p>(.*?)</div>', text, re.DOTALL)
    assert first[0].startswith("One side droops.")
    assert "<u>on one side</u>" in first[1]
    assert second[0] == "It is ours."
    assert words_of(second[1]) == "Our own words"


def test_how_we_know_leads_to_the_statements_and_outward(quoted, reader):
    text = reader("/conditions/bells-palsy/").text_all
    known = block(text, 'id="note-1">')
    assert "The words used here: 2" in known
    for back in re.findall('href="#(.*?)"', known):
        assert f'id="{back}"' in text
    outside = block(text, 'id="note-A">', "</li>")
    assert 'href="https://health.example/bells-palsy" rel="noopener">Read it there' in outside
    assert "Read 1 November 2026." in outside


def test_a_document_marks_each_passage_and_leads_to_what_it_carries(quoted, reader):
    text = reader("/questions/warning-signs/").text_all
    answer = block(text, '<blockquote class="verbatim">', "</blockquote>")
    assert html.unescape(re.sub("<sup>.*?</sup>|<.*?>", "", answer)) == ANSWER
    assert re.findall('href="#(legend-.)">(?:<span.*?></span>)*(.*?)<sup>', answer) == [
        ("legend-a", "Facial droop , on one side")
    ]
    legend = block(text, 'id="legend-a">', "</ul></li>")
    leads = re.findall('<a href="(/.*?)#(.*?)">(.*?)</a>: (.*?)</li>', legend, re.DOTALL)
    assert [(name, said) for _, _, name, said in leads] == [
        ("Bell’s palsy", "One side droops."),
        ("Bell’s palsy", "Symptoms: Facial droop"),
    ]
    for address, anchor, _, _ in leads:
        assert f'id="{anchor}"' in reader(address).text_all, anchor


def test_a_document_answers_in_short_with_its_own_words(publish, reader):
    publish("warning", in_short='The face may droop [@answer "Facial droop , on one side"].')
    text = reader("/questions/warning-signs/").text_all
    assert "<u>Facial droop , on one side</u>" in block(text, '<p class="answer">The face may droop.')
    assert "How we know" not in text, "it rests on itself"
    assert "The face may droop." in block(text, 'id="legend-a">', "</ul></li>")


def test_words_that_carry_nothing_are_named_with_the_reason(publish, reader):
    publish("warning", carries_nothing=["fragment: (Fig."])
    assert "Nothing here rests on: “(Fig.” (fragment)." in words_of(reader("/questions/warning-signs/").text_all)


def test_words_that_a_source_contradicts_stand_beside_the_answer(quoted, publish, reader):
    line = "contradicted by health-service: Facial droop , on one side"
    publish("warning", sources=["health-service"], carries_nothing=[line])
    page = words_of(reader("/questions/warning-signs/").text_all)
    assert "“Facial droop , on one side”: " in page
    assert "says otherwise." in page
    assert "Nothing here rests on" not in page, "a row rests on these words"


def test_a_source_shows_the_words_that_are_used(publish, reader):
    publish("service", excerpt=["See a doctor today.", "It is weak."], found="In a stored copy.", printed="May 2020")
    publish("droop", help_now='It can be a stroke [@health-service "See a doctor today"].\n')
    text = reader("/sources/health-service/").text_all
    assert "In a stored copy. Date printed there: May 2020." in words_of(text)
    answer = block(text, '<blockquote class="verbatim">', "</blockquote>")
    assert html.unescape(re.sub("<sup>.*?</sup>|<.*?>", "", answer)) == "See a doctor today.\nIt is weak."
    assert "It can be a stroke." in block(text, 'id="legend-a">', "</ul></li>")
    now = reader("/symptoms/facial-droop/").text_all
    card, beside = re.search(
        '<div class="care now">(.*?)</div>\\s*<details class="words">(.*?)</details>', now, re.DOTALL
    ).groups()
    assert "/sources/" not in card
    assert "<u>See a doctor today</u>" in beside


def test_rows_stand_by_how_often_and_everyday_causes_first(world, add, publish, reader):
    causes = [{"kind": "cause", "slug": slug, "name": slug.capitalize()} for slug in ("rare", "day", "can", "plain")]
    add(*causes)
    own = {"evidence": ["early-signs"]}
    rows = [
        {"target": "rare", "certainty": "rarely", **own},
        {"target": "can", "certainty": "can-happen", **own},
        {"target": "viral-illness", "certainty": "can-happen", "everyday": True, "note": "It may come before.", **own},
        {"target": "day", "certainty": "usually", "role": "comes-before", **own},
        {"target": "plain", **own},
    ]
    publish("bell", causes=rows)
    section = block(reader("/conditions/bells-palsy/").text_all, '<h2 id="causes">', "</section>")
    assert re.findall('<h3 class="often">(.*?)</h3>', section) == ["Usually", "Possible causes", "Rarely"]
    assert re.findall('id="causes-(.*?)"', section) == ["plain", "day", "viral-illness", "can", "rare"]
    assert "Comes before" in block(section, 'id="causes-day"')
    assert 'class="chips"' not in section


def test_what_is_absent_is_no_symptom(publish, reader):
    publish("bell", symptoms=[{"target": "earache", "certainty": "absent", "evidence": ["early-signs"]}])
    assert "Not part of it" in reader("/conditions/bells-palsy/").text_all
    assert "Bell’s palsy" not in words_of(reader("/symptoms/earache/").text_all)


def test_a_kind_of_a_symptom_stands_on_the_page_of_the_broader_one(publish, reader):
    publish("earache", kinds_of=["facial-droop"])
    text = reader("/symptoms/facial-droop/").text_all
    assert "Earache" in block(text, '<h2 id="kinds-of-it">', "</section>")


def test_a_cause_that_is_a_condition_leads_to_its_page(world, publish, reader):
    publish("virus", is_condition=["bells-palsy"])
    answer = reader("/causes/viral-illness/")
    assert (answer.status_code, answer["Location"]) == (301, "/conditions/bells-palsy/")
    for address in ("/causes/", "/a-z/", "/search/?q=viral", "/sitemap.xml"):
        assert "/causes/viral-illness/" not in reader(address).text_all, address
    assert reader("/causes/viral-illness/history/").status_code == 200
    publishing.withdraw(pages=[world.page("bell")], by=world.publisher, reason="Wrong.")
    assert reader("/causes/viral-illness/").status_code == 200, "while readers cannot see the condition"


def test_a_cause_is_one_condition_at_most(world):
    record = publishing.newest(world.page("virus")).record | {"is_condition": ["bells-palsy", "stroke"]}
    with pytest.raises(InvalidRecord, match="keep one"):
        publishing.save(record=record, entry=world.virus, by=world.author)


def test_a_condition_says_what_was_not_found_and_where_to_read_on(publish, reader):
    section = block(reader("/conditions/bells-palsy/").text_all, '<h2 id="gaps">', "</section>")
    assert re.findall("<li>(.*?)</li>", section) == [
        "how serious it is, and how long it lasts",
        "how doctors find it out",
    ]
    assert 'href="https://health.example/bells-palsy"' in section
    publish("bell", outlook="Most get better.", tests="A doctor looks.", treatments=[])
    text = reader("/conditions/bells-palsy/").text_all
    assert re.findall("<li>(.*?)</li>", block(text, '<h2 id="gaps">', "</section>")) == ["what treats it"]
    assert text.index("Most get better.") < text.index('id="help"'), "the outlook stands before the cards"
    assert "A doctor looks." in block(text, '<h2 id="tests">', "</section>")


def test_the_first_page_has_what_people_feel_and_the_questions_chosen_for_it(publish, reader, add):
    add({"kind": "symptom", "slug": "swelling", "name": "Swelling"})
    text = reader("/").text_all
    assert re.findall('<a href="(.*?)">', block(text, '<ul class="feelings">', "</ul>")) == ["/symptoms/swelling/"]
    publish("early", on_home=True)
    text = block(reader("/").text_all, '<h2 id="questions">', "</section>")
    assert "What are the early signs?" in text
    assert "What are the warning signs?" not in text
    assert "All 2 questions" in text


def test_a_related_condition_says_how_often_too(world, publish, reader):
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    row = {"target": "stroke", "role": "part-of", "certainty": "rarely", "evidence": ["early-signs"]}
    publish("bell", related=[row])
    section = block(reader("/conditions/bells-palsy/").text_all, '<h2 id="related">', "</section>")
    assert '<p class="role">Rarely</p>' in section


def test_what_refers_to_a_condition_by_its_cause_stands_on_its_page(publish, reader, add):
    publish("virus", is_condition=["bells-palsy"])
    row = {"target": "viral-illness", "evidence": ["early-signs"]}
    add({"kind": "condition", "slug": "other", "name": "Other", "causes": [row]})
    text = reader("/conditions/bells-palsy/").text_all
    assert "Other" in block(text, '<h2 id="conditions-it-can-cause">', "</section>")


def test_no_two_statements_have_one_address(publish, reader):
    said = 'It droops [@warning-signs "on one side"].'
    publish("bell", summary=said, body=f"{said}\n\n## {said}\n\n[@warning-signs]\n", evidence=["warning-signs"])
    ids = re.findall(' id="(.*?)"', reader("/conditions/bells-palsy/").text_all)
    assert len(ids) == len(set(ids))


def test_a_small_face_marks_the_places_and_the_side_that_rows_name(world, publish, reader, add):
    add(*({"kind": "tag", "slug": slug, "name": slug.capitalize(), "group": "place"} for slug in ("cheek", "jaw")))
    rows = [
        {"target": "facial-droop", "tags": ["cheek", "one-side"], "evidence": ["early-signs"]},
        {"target": "earache", "tags": ["jaw"], "evidence": ["early-signs"]},
    ]
    publish("bell", symptoms=rows)
    figure = block(reader("/conditions/bells-palsy/").text_all, '<figure class="small-face">', "</figure>")
    assert words_of(figure.split("<figcaption>")[1]) == "Where: the jaw. One side: the cheek."
    assert figure.count("face.svg#jaw") == 2
    assert figure.count("face.svg#cheek") == 1
    publish("bell", symptoms=[rows[0], rows[1] | {"tags": ["cheek"]}])
    figure = block(reader("/conditions/bells-palsy/").text_all, '<figure class="small-face">', "</figure>")
    assert words_of(figure.split("<figcaption>")[1]) == "Where: the cheek.", "both sides, as one of them says no side"
    publish("bell", symptoms=[rows[1] | {"certainty": "absent"}])
    assert "small-face" not in reader("/conditions/bells-palsy/").text_all
