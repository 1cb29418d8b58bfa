"""What is typed, pasted or loaded, and what readers get of it: through forms, files, pages and search."""

import json

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test import Client

from conditions import drafts, publishing, records
from conditions.models import Name, Question, Symptom, Version
from tests.admin.client import Editor

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(world):
    return Editor(world.publisher)


def page(slug="facial-droop", kind="symptoms"):
    return Client().get(f"/{kind}/{slug}/").content.decode()


def results(query):
    return Client().get("/search/", {"q": query}).content.decode()


def published(publisher, world, **fields):
    """Facial droop with other text, published by its form; its page."""
    said = publisher.open(world.droop).send("_publish", **fields)
    assert "Published in edition" in said.messages, (said.messages, said.errors)
    return page()


# Lines and lists


def test_line_breaks_and_word_bullets_of_a_form_reach_readers(world, publisher):
    text = "Call 112  \r\nCall 999\r\n\r\nSigns:\r\n•\tTwitching\r\no\tOf an eyelid\r\n•\tPain\x0bat night"
    html = published(publisher, world, body=text, help_now=text)
    shown = "Call 112<br>\nCall 999</p>\n<p>Signs:</p>\n<ul>\n<li>Twitching\n<ul>\n<li>Of an eyelid</li>"
    assert html.count(shown) == 2
    assert "<li>Pain\nat night</li>" in html
    assert Symptom.objects.get(slug="facial-droop").body.startswith("Call 112\\\nCall 999\n")


def test_a_box_shows_text_as_it_will_be_kept(world, publisher):
    form = publisher.open(world.droop)
    html = form.client.post("/admin/as-read/", {"text": "Call 112  \r\nnow\x0b\r\n•\tTwitch\u00ading"}).content.decode()
    assert html == "<p>Call 112<br>\nnow</p>\n<ul>\n<li>Twitching</li>\n</ul>\n"


def test_line_breaks_and_word_bullets_of_a_file_reach_readers(world, load):
    load('slug: twitch\nname: Twitch\nsummary: A move.\nbody: "Call 112  \\nCall 999\\n\\n•\\tAn eye\\n•\\tA lip\\n"')
    assert "Call 112<br>\nCall 999</p>\n<ul>\n<li>An eye</li>\n<li>A lip</li>" in page("twitch")


def test_an_answer_stays_as_it_was_given(world, publisher, load):
    answer = "•\tNeuro\u00adpathy  \n\u200bCafe\u0301 \u202eabc\u2028\n"
    form = publisher.add("question")
    form.send("_publish", name="What is it?", slug="what-is-it", answer=answer.replace("\n", "\r\n"))
    assert Question.objects.get(slug="what-is-it").answer == answer
    load(
        f"slug: of-a-file\nname: And this?\nanswer: {answer.encode('unicode_escape').decode().join(chr(34) * 2)}",
        kind="question",
    )
    assert Question.objects.get(slug="of-a-file").answer == answer
    for query in ("neuropathy", "café"):
        assert 'href="/questions/what-is-it/"' in results(query)
        assert 'href="/questions/of-a-file/"' in results(query)
    assert "<mark>Neuropathy</mark>" in results("neuropathy")


# What nobody sees


def test_what_nobody_sees_is_neither_kept_nor_in_the_way_of_search(world, publisher):
    form = publisher.add("condition")
    row = {"target": "facial-droop", "note": "At\u200b night.", "tags": ["Left\u00adside"], "evidence": ["early-signs"]}
    form.add_row("symptoms", **row)
    said = form.send(
        "_publish",
        name="Blepharo\u00adspasmus \u202etest\ufeff",
        summary="The eye\u200blids twitch\u00ading badly.",
        body="neuro\u00adpathy",
    )
    assert "Published in edition" in said.messages, (said.messages, said.errors)
    html = page("blepharospasmus-test", "conditions")
    assert "<h1>Blepharospasmus test</h1>" in html
    assert "At night." in html
    assert "<h1>Leftside</h1>" in page("leftside", "tags")
    for query in ("blepharospasmus", "eyelids twitching", "neuropathy", "blepharo\u00adspasmus"):
        assert 'href="/conditions/blepharospasmus-test/"' in results(query)


def test_editors_find_names_whatever_is_hidden_in_what_they_paste(world, publisher):
    Symptom.objects.filter(slug="earache").update(name="M\u00e9ni\u00e8re’s earache")
    for query in ("facial\u00ad dro\u200bop", "\u202efacial droop\u202c"):
        assert "Facial droop" in publisher.client.get("/admin/conditions/symptom/", {"q": query}).content.decode()
        assert "Facial droop" in publisher.client.get("/admin/pick/symptom/", {"term": query}).content.decode()
    found = publisher.client.get("/admin/conditions/symptom/", {"q": "Me\u0301nie\u0300re"}).content.decode()
    assert "’s earache" in found
    assert "Facial droop" not in found


def test_a_name_of_nothing_that_can_be_seen_is_missing(world, publisher, load):
    assert publisher.open(world.droop).send(name="\u3164\u200b").errors == {"name": ["Is missing; write it"]}
    with pytest.raises(CommandError, match="name: is missing"):
        load('slug: nothing\nname: "\\u3164\\ufeff"')


def test_a_control_character_is_named_with_its_place(world, publisher):
    errors = publisher.open(world.droop).send(body="Call 112\r\nnow\x08.").errors
    assert errors == {"body": ["Contains the control character U+0008 in line 2, after 'Call 112 now'; remove it"]}


def test_names_in_other_letters_are_one(world, publisher, load):
    spellings = [
        "alias test",
        "Droop\u00ad of the face",
        "CAFE SPASM",
        "Cafe\u0301 spasm",
        "Café spasm",
        "facial DROOP",
    ]
    html = published(publisher, world, also_called="\r\n".join(spellings))
    assert "Also called Café spasm, Droop of the face, alias test" in " ".join(html.split())
    names = Name.objects.filter(page=world.page("droop")).values_list("text", flat=True)
    assert sorted(names) == ["Café spasm", "Droop of the face", "Facial droop", "alias test"]
    load('slug: twitch\nname: Twitch\nsummary: A move.\nalso_called: [TWITCH, "Tic", "tic", "Tic+"]')
    assert Symptom.objects.get(slug="twitch").also_called == ["Tic", "Tic+"]


# Links and headings


def test_phone_links_reach_readers(world, publisher):
    html = published(publisher, world, help_now="Call [999](tel:999) or [text us](sms:555).")
    assert '<a href="tel:999" rel="noopener">999</a>' in html
    assert '<a href="sms:555" rel="noopener">text us</a>' in html


UNUSABLE = [
    ("Call [us](ftp://x.example).", "the link “us” leads to 'ftp://x.example', which readers cannot follow"),
    ("[](http://x.example) See a doctor", "a link to 'http://x.example' has no words"),
    ("#\n\nSee a doctor", "line 1 is a heading without words"),
]


@pytest.mark.parametrize(("text", "message"), UNUSABLE)
def test_what_readers_cannot_use_is_kept_and_not_published(world, publisher, load, text, message):
    said = publisher.open(world.droop).send("_publish", help_soon=text)
    assert f"Get help soon: {message}" in said.messages.replace("&#x27;", "'")
    assert drafts.read(world.droop)["help_soon"] == f"{text}\n"
    assert "See a doctor" not in page()
    said = load(f"slug: twitch\nname: Twitch\nsummary: A move.\nbody: |\n  {text.replace(chr(10), chr(10) + '  ')}")
    assert f"not published: body: {message}" in said
    assert Symptom.objects.get(slug="twitch").page.live is None


def test_headings_stand_below_those_of_their_place(world, publisher):
    html = published(publisher, world, help_now="# In a card\n### Below", body="###### First\n# Second\n### Third")
    for heading in ("<h4>In a card</h4>", "<h5>Below</h5>", "<h3>First</h3>", "<h3>Second</h3>", "<h4>Third</h4>"):
        assert heading in html


# Versions from before


def make_old(entry, **fields):
    """Make the desk and the newest version say what could be kept before there was one form of it."""
    version = publishing.newest(entry.page)
    record = version.record | fields
    with connection.cursor() as cursor:
        words = "UPDATE conditions_version SET format = 1, record = %s, digest = %s WHERE id = %s"
        cursor.execute(words, [json.dumps(record), records.digest(record), version.pk])
    type(entry).objects.filter(pk=entry.pk).update(**fields)


OLD = {"body": "Signs:\n•\tTwitching\n•\tNeuro\u00adpathy\n", "also_called": ["DROOPING FACE", "drooping face"]}


def test_an_old_version_that_says_the_same_is_no_change(world, publisher, load):
    make_old(world.droop, **OLD)
    count = Version.objects.count()
    said = publisher.open(world.droop).send()
    assert "Nothing was changed" in said.messages
    assert (
        "No place differs" in (html := publisher.get(world.droop, "differences").content.decode())
        or "Twitching" not in html
    )
    said = publisher.open(world.droop).send(summary="It hangs.")
    assert "Saved as version 2" in said.messages
    assert Version.objects.count() == count + 1
    assert not Version.objects.filter(comment__contains="Found").exists()
    assert "<li>Twitching</li>\n<li>Neuropathy</li>" in page()


def test_histories_say_nothing_of_the_form_of_an_old_version(world, publisher, client):
    make_old(world.droop, **OLD)
    publisher.open(world.droop).send("_publish", summary="It hangs.")
    ours = publisher.get(world.droop, "history").content.decode()
    theirs = client.get(f"{world.page('droop').url}history/").content.decode()
    for text in (ours, theirs):
        assert "It hangs." in text
        assert "Twitching" not in text
        assert "DROOPING" not in text


def test_an_old_version_is_no_conflict_for_a_file_or_another_editor(world, publisher, load):
    text = "slug: twitch\nname: Twitch\nsummary: A move.\nbody: |\n  Signs:\n  •\tAn eye\n  •\tA lip\n"
    load(text)
    entry = Symptom.objects.get(slug="twitch")
    make_old(entry, body="Signs:\n•\tAn eye\n•\tA lip\n")
    count = Version.objects.count()
    assert "No new edition." in load(text + "\n")
    assert Version.objects.count() == count
    mine, theirs = publisher.open(entry), publisher.open(entry)
    theirs.send(summary="A quick move.")
    assert mine.send(also_called="tic").errors == {}
    assert Symptom.objects.get(slug="twitch").summary == "A quick move."
    assert "not published" not in load(text.replace("A lip", "A lip\n  •\tA cheek"))
    assert Symptom.objects.get(slug="twitch").body == "Signs:\n- An eye\n- A lip\n- A cheek\n"
    assert not Version.objects.proposed().exists()


# Statements


def test_a_summary_has_no_markup_and_cites_what_is_listed(world, publisher):
    shown = "A `b` *c* ![p](https://x.example/y) \\[d]."
    html = published(publisher, world, summary=f"{shown} [@health-service]")
    assert "A `b` *c* ![p](https://x.example/y) \\[d].&nbsp;" in html.replace("\xa0", "&nbsp;")
    assert shown in Client().get("/symptoms/").content.decode()
    assert "facial-droop" in results("x.example/y")
    for text in ("Type `[@nowhere]`.", "\\[@nowhere]"):
        said = publisher.open(world.droop).send(summary=text)
        assert "[@nowhere] is not among this entry" in said.errors["summary"][0], text


def test_a_summary_of_nothing_but_a_citation_says_nothing(world, publisher):
    said = publisher.open(world.droop).send("_publish", summary="[@health-service]")
    assert "In one sentence: write one plain sentence" in said.messages


def test_what_cites_nothing_is_listed_as_it_was_written(world, publisher):
    assert "Published in edition" in publisher.open(world.service).send("_publish", publisher="A [@b] service").messages
    assert "A [@b] service" in Client().get("/sources/").content.decode()


def test_a_tag_cites_nothing(world, publisher):
    said = publisher.open(world.one_side).send(summary="Left [@health-service].")
    assert said.errors["summary"] == ["[@health-service] is a citation, and a tag cites nothing; remove it"]
