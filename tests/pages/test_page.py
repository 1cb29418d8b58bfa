"""Pages of the seven kinds, and what they have in common."""

import re

import pytest

from conditions import publishing
from conditions.page_content import BACKLINKS_PER_PAGE


def headings(text):
    return [re.sub("<.*?>", "", one) for one in re.findall(r"<h[12].*?</h[12]>", text)]


def test_condition_shows_its_parts_in_order(reader):
    text = reader("/conditions/bells-palsy/").text_all
    assert headings(text) == [
        "Bell’s palsy",
        "When to get help",
        "On this page",
        "What it feels like",
        "Why it happens",
        "What helps",
        "What we have not found",
        "Questions people ask",
        "How we know",
        "Tags",
        "For professionals",
    ]
    assert "Also called Bell palsy" in text
    assert "One side of the face grows weak." in text
    assert "ICD-10-CM G51.0" in text


def test_contents_list_the_parts_of_the_page_in_their_order(world, reader):
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    for address in ("conditions/bells-palsy", "symptoms/facial-droop", "treatments/eye-care", "causes/viral-illness"):
        text = reader(f"/{address}/").text_all
        contents = text.split('<h2 id="contents">')[1].split("</nav>")[0]
        parts = re.findall('<(?:h2|details|h3)[^>]* id="(.*?)"', text)
        assert re.findall('href="#(.*?)"', contents) == [part for part in parts if part != "contents"]


def test_condition_says_that_nobody_reviewed_it_and_its_edition(reader):
    text = reader("/conditions/bells-palsy/").text_all
    assert "Not yet reviewed by a clinician" in text
    assert '<a href="/changes/1/">Edition 1</a>, published ' in text
    assert '<a href="/conditions/bells-palsy/history/">1, with history</a>' in text
    assert '<a href="/conditions/bells-palsy/history/">changed <time' in text
    assert "http://testserver/conditions/bells-palsy/history/1/" in text


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        (
            "a.b@example.org",
            "mailto:a.b@example.org?subject=A%20mistake%20on%20/conditions/bells-palsy/%2C%20version%201",
        ),
        ("https://x.example/form", "https://x.example/form?page=%2Fconditions%2Fbells-palsy%2F&amp;version=1"),
        ("https://x.example/?a=1#b", "https://x.example/?a=1&amp;page=%2Fconditions%2Fbells-palsy%2F&amp;version=1#b"),
        ("", "/about/#mistakes"),
    ],
)
def test_a_mistake_is_reported_with_the_page_and_the_version(reader, settings, contact, link):
    settings.CONTACT = contact
    text = reader("/conditions/bells-palsy/").text_all
    assert re.findall('<a href="([^"]*)">Report a mistake', text) == [link]


def test_what_only_professionals_need_is_folded_at_the_end(reader):
    text = reader("/conditions/bells-palsy/").text_all
    page, folded = text.split('<details class="fold" id="professionals">')
    for words in ("ICD-10-CM", "1, with history", "Edition 1", "Version 1, edition 1"):
        assert words in folded
    assert not re.search("[Vv]ersion|[Ee]dition", re.sub("<.*?>", "", page.split("<main")[1]))


def test_a_relation_shows_its_note_and_what_it_rests_on(reader):
    text = reader("/conditions/bells-palsy/").text_all
    row = re.search(r'<li class="said" id="symptoms-facial-droop">.*?</li>', text, re.DOTALL)[0]
    assert '<a href="/symptoms/facial-droop/">Facial droop</a>' in row
    assert "Within hours to days." in row
    assert "The words: </span>[1]</summary>" in row
    assert 'In our words, after <a href="/questions/warning-signs/">' in row
    assert re.search(r'id="note-1">.*?\[1\] <a href="/questions/warning-signs/">', text)


def test_an_outside_source_has_a_letter(reader):
    text = reader("/conditions/bells-palsy/").text_all
    assert 'href="#note-A" aria-label="Source A: Bell’s palsy"' in text, "of a code"
    assert re.search(r'id="note-A">.*?\[A\] <a href="/sources/health-service/">', text)


def test_condition_leaves_out_what_is_not_live(reader):
    text = reader("/conditions/bells-palsy/").text_all
    assert "Stroke" not in text
    assert reader("/conditions/stroke/").status_code == 404


def test_related_condition_shows_its_role_on_both_sides(world, reader):
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    row = r'Easily mistaken for</h3>\s*<ul class="rows">\s*<li .*?>\s*<p class="name"><a href="/conditions/{}/">'
    assert re.search(row.format("stroke"), reader("/conditions/bells-palsy/").text_all, re.DOTALL)
    assert re.search(row.format("bells-palsy"), reader("/conditions/stroke/").text_all, re.DOTALL)


def test_symptom_leads_back_and_shows_care(reader):
    text = reader("/symptoms/facial-droop/").text_all
    assert headings(text) == [
        "Facial droop",
        "When to get help",
        "On this page",
        "Conditions that can show it",
        "Questions people ask",
        "How we know",
        "For professionals",
    ]
    assert 'class="care now"' in text
    assert "It can be a stroke." in text
    assert '<a href="/conditions/bells-palsy/">Bell’s palsy</a>' in text
    assert '<a href="/questions/warning-signs/">What are the warning signs?</a>' in text


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/treatments/eye-care/", "Conditions it is used for"),
        ("/causes/viral-illness/", "Conditions it can cause"),
    ],
)
def test_treatment_and_cause_lead_back(reader, address, heading):
    text = reader(address).text_all
    assert heading in headings(text)
    assert '<a href="/conditions/bells-palsy/">Bell’s palsy</a>' in text


def test_question_shows_its_answer_word_for_word(world, reader):
    text = reader("/questions/warning-signs/").text_all
    assert '<blockquote class="verbatim">  • Facial droop , on one side (Fig.</blockquote>' in text
    assert "The document breaks off." in text
    assert headings(text)[1:4] == ["When to get help", "The answer, word for word", "Pages about this"]
    assert headings(text)[4:] == ["For professionals"]
    assert text.count('<a href="/conditions/bells-palsy/">') == 1
    assert "Shown word for word. Not yet reviewed by a clinician" in text


def test_tag_shows_entries_and_statements(reader):
    text = reader("/tags/one-side/").text_all
    assert "Left or right." in text
    assert re.findall("<h3>(.*?)</h3>", text) == ["Conditions", "Mentions"]
    assert '<a href="/conditions/bells-palsy/">Bell’s palsy</a>: <a href="/symptoms/facial-droop/">' in text


def test_tag_that_nothing_carries_says_what_to_do(reader, publish, add):
    add({"kind": "tag", "slug": "lone", "name": "Lone", "group": "topic"})
    text = reader("/tags/lone/").text_all
    assert "Nothing carries this tag now." in text
    assert '<a href="/tags/">All tags</a>' in text


def test_source_shows_publisher_and_what_rests_on_it(reader):
    text = reader("/sources/health-service/").text_all
    assert "A health service" in text
    assert '<a href="https://health.example/bells-palsy" rel="noopener">' in text
    assert "1 November 2026" in text
    assert '<a href="/symptoms/facial-droop/">Facial droop</a>' in text
    assert '<a href="/conditions/bells-palsy/">Bell’s palsy</a>' in text
    assert "reviewed by a clinician" not in text


def test_page_costs_few_queries_whatever_its_size(world, reader, add, django_assert_num_queries):
    note = {"evidence": ["early-signs"], "tags": ["one-side"]}
    symptoms = [{"kind": "symptom", "slug": f"s{n}", "name": f"S {n}"} for n in range(40)]
    add(*symptoms)
    rows = [{"target": f"s{n}", **note} for n in range(40)]
    add({"kind": "condition", "slug": "long", "name": "Long", "summary": "Long.", "symptoms": rows})
    for address in ("/tags/one-side/", "/symptoms/s3/", "/questions/early-signs/"):
        with django_assert_num_queries(5):  # one for what it cites, its subject and the words to explain
            reader(address)
    with django_assert_num_queries(5):  # nothing leads to it, so nothing is asked about what does
        reader("/conditions/long/")


def test_what_leads_here_goes_on_in_parts(world, reader, add):
    about = ["conditions/bells-palsy"]
    questions = [
        {"kind": "question", "slug": f"q{n:03}", "name": f"Q {n:03}?", "answer": "Yes.", "about": about}
        for n in range(BACKLINKS_PER_PAGE)
    ]
    add(*questions)
    first = reader("/conditions/bells-palsy/").text_all
    second = reader("/conditions/bells-palsy/?part=2").text_all
    assert '<a href="/conditions/bells-palsy/?part=2">' in first
    assert "Q 000?" in first
    assert "What are the early signs?" in second
    assert "Q 000?" not in second
    assert "?part=3" not in second
    assert reader("/conditions/bells-palsy/?part=3").status_code == 404


@pytest.mark.parametrize("part", ["0", "-1", "x", "²", "9" * 5000])
def test_part_that_is_no_number_is_not_found(reader, part):
    assert reader("/conditions/bells-palsy/", query_params={"part": part}).status_code == 404


def test_names_and_texts_are_escaped(reader, add):
    bad = "<script>alert(1)</script>\"'&"
    add(
        {"kind": "tag", "slug": "bad-tag", "name": bad, "group": "topic", "summary": bad},
        {"kind": "source", "slug": "bad-source", "name": bad, "publisher": bad},
        {"kind": "question", "slug": "bad-question", "name": bad, "answer": bad, "editor_note": bad},
        {"kind": "symptom", "slug": "bad-symptom", "name": bad, "body": bad, "also_called": [bad]},
    )
    row = {"target": "bad-symptom", "note": bad, "tags": ["bad-tag"], "evidence": ["bad-question"]}
    add({"kind": "condition", "slug": "bad", "name": bad, "summary": bad, "help_now": bad, "symptoms": [row]})
    addresses = ["/", "/a-z/", "/changes/", "/search/?q=script", "/tags/", "/conditions/?tag=bad-tag"]
    addresses += [f"/conditions/bad/{rest}" for rest in ("", "history/", "history/1/")]
    addresses += [f"/{kind}s/bad-{kind}/" for kind in ("symptom", "question", "tag", "source")]
    for address in addresses:
        text = reader(address).text_all
        ours = re.compile('<script (type="application/ld[+]json"|src="/static/conditions/[a-z]+[.]js" defer)>')
        assert "<script" not in ours.sub("", text), address
        assert "alert(1)" in text or "tag=bad-tag" in address, address


def test_a_question_says_whose_words_it_shows(reader, publish):
    def origin():
        text = reader("/questions/early-signs/").text_all.split('<dl class="origin">')[1].split("</dl>")[0]
        return " ".join(re.sub("<.*?>", " ", text).split())

    assert (
        origin()
        == "Who wrote it Not known Where it was published Not known License Not known: we show it as it was given to us"
    )
    publish("early", publisher="A clinic", url="https://clinic.example/a")
    assert 'href="https://clinic.example/a" rel="noopener">A clinic</a>' in reader("/questions/early-signs/").text_all
    assert origin().startswith("Who wrote it Nobody is named Where it was published A clinic License Not known")
    publish("early", author="Ada", licence="Public domain", retrieved="2026-02-01")
    told = "Who wrote it Ada Where it was published A clinic , copied 1 February 2026 License Public domain"
    assert origin() == told


def test_a_summary_cites_what_states_it_and_nothing_else(reader, publish):
    text = reader("/conditions/bells-palsy/").text_all
    assert '<p class="answer">One side of the face grows weak.</p>' in text, "our own words, until something is cited"
    summary = "It is weak [@warning-signs], & *may* hurt <b> [@health-service][@not-there]."
    publish("bell", summary=summary.replace("[@not-there]", ""), evidence=["warning-signs"])
    text = reader("/conditions/bells-palsy/").text_all
    answer, words = re.search('<p class="answer">(.*?)</p>(<details.*?</details>)', text, re.DOTALL).groups()
    assert answer == "It is weak, &amp; *may* hurt &lt;b&gt;.&nbsp;"
    assert "</span>[1] [A]</summary>" in words
    assert re.findall('after <a href="(.*?)"', words) == ["/questions/warning-signs/", "/sources/health-service/"]
    plain = "It is weak, &amp; *may* hurt &lt;b&gt;."
    assert f'<meta name="description" property="og:description" content="{plain}">' in text
    for address in ("/conditions/", "/search/?q=weak", "/questions/warning-signs/"):
        listed = reader(address).text_all
        assert "may" in listed, address
        assert "[@" not in listed, address


def test_what_an_entry_as_a_whole_rests_on_is_listed_without_a_mark(reader, publish):
    publish("droop", evidence=["early-signs"])
    text = reader("/symptoms/facial-droop/").text_all
    before, known = text.split('<h2 id="sources">')
    assert '<a href="/questions/early-signs/">What are the early signs' in known
    assert "early-signs" not in before
