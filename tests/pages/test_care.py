"""When to get help: the levels, the numbers to call, and what a card does not hold."""

import re

import pytest

from conditions import drafts, publishing
from tests.admin.client import Editor

LEVELS = {
    "help_now": "Call if it starts at once. [@health-service]",
    "help_today": "If it took hours.",
    "help_soon": "If it stays. [@health-service]",
    "self_care": "Rest.",
    "at_the_doctor": "Say when it began.",
}
TITLES = ["Call for help now", "See a doctor today", "See a doctor soon"]


def lent(text):
    """What stands above a card that is another page's, in words."""
    return re.sub("<.*?>", "", text.split('<p class="lent">')[1].split("</p>")[0]).strip()


def cards(text):
    """Of each card on a page: its level, and what is in it."""
    return re.findall(r'<div class="care (\w+)">(.*?)</div>', text, re.DOTALL)


def test_the_most_urgent_card_comes_first_and_says_what_to_do_if_it_is_not_this(reader, publish):
    publish("droop", **LEVELS)
    text = reader("/symptoms/facial-droop/").text_all
    found = cards(text)
    assert [level for level, _ in found] == ["now", "today", "soon"]
    assert re.findall("<h3>(.*?)</h3>", " ".join(card for _, card in found)) == TITLES
    assert "Not this? See a doctor today if it took hours." in found[0][1]
    assert "Not this?" not in found[1][1] + found[2][1]
    places = [text.index(f'id="{anchor}"') for anchor in ("help", "self-care", "at-the-doctor", "questions")]
    assert places == sorted(places)
    publish("droop", help_today="If any of these fits:\n\n- Pain\n")
    assert "Not this? Read below when to see a doctor today." in reader("/symptoms/facial-droop/").text_all
    publish("droop", help_today="", help_soon="", help_routine="Ask.")
    assert "Not this?" not in reader("/symptoms/facial-droop/").text_all


def test_the_numbers_stand_under_the_title_and_no_other_link_in_the_card(reader, publish, settings):
    settings.EMERGENCY_NUMBERS = [("112", "Europe"), ("+4412", "Sea")]
    publish("droop", **LEVELS)
    text = reader("/symptoms/facial-droop/").text_all
    (_, now), (_, today), _ = cards(text)
    assert re.findall('href="(.*?)"', now) == ["tel:112", "tel:+4412"]
    assert (
        now.index("tel:112")
        < now.index("Call if it starts")
        < now.index("Elsewhere, call your local emergency number.")
    )
    assert "tel:" not in today
    beside = re.findall('<div class="care .*?</div>\\s*<details class="words">.*?</details>', text, re.DOTALL)
    assert ["[A]" in one for one in beside] == [True, True]
    assert "/sources/health-service/" not in now + today


def test_a_call_for_help_with_a_link_to_a_page_is_not_published(world):
    publisher = Editor(world.publisher)
    links = "Call [112](tel:112). Read [this](/about/) or <https://x.example>."
    said = publisher.open(world.droop).send("_publish", help_now=links)
    for words in ("this", "https://x.example"):
        assert f"Get help now: the link “{words}” leads away from a call for help" in said.messages
    assert "“112” leads" not in said.messages
    assert drafts.read(world.droop)["help_now"].startswith("Call [112]")
    assert "Published" in publisher.open(world.droop).send("_publish", help_now="Go.", help_today=links).messages


def test_a_treatment_says_when_to_get_help_after_it(reader, publish):
    publish("eye_care", help_now="Call if you cannot breathe.")
    text = reader("/treatments/eye-care/").text_all
    assert '<h2 id="help">Get help after treatment</h2>' in text
    assert '<a href="#help">Get help after treatment</a>' in text
    assert [level for level, _ in cards(text)] == ["now"]


@pytest.mark.parametrize("part", ["/symptoms/facial-droop/", "/symptoms/facial-droop/history/2/"])
def test_what_older_entries_say_keeps_its_heading(reader, publish, part):
    publish("droop", help_routine="It can wait.")
    text = reader(part).text_all
    assert [level for level, _ in cards(text)] == ["now", "routine"]
    assert "<h3>At your next visit: ask about it</h3>" in text


def test_a_form_offers_what_is_no_longer_used_only_where_it_holds_text(world, publish):
    author = Editor(world.author)

    def form():
        return author.get(world.droop, "change").content.decode()

    assert 'name="help_routine"' not in form()
    publish("droop", help_routine="It can wait.")
    assert 'name="help_routine"' in form()
    author.open(world.droop).send(help_routine="", self_care="It can wait.")
    assert 'name="help_routine"' not in form()
    record = drafts.read(world.droop)
    assert (record["help_routine"], record["self_care"]) == ("", "It can wait.\n")


def test_a_question_shows_what_to_do_about_its_main_subject_first(reader, publish):
    publish("bell", help_today="If it took hours. [@health-service]")
    text = reader("/questions/warning-signs/").text_all
    (level, card), *others = cards(text)
    assert (level, others) == ("now", [])
    assert "One side of the face drops." in card
    assert 'href="tel:' in card
    assert "Not this? See a doctor today if it took hours." in card
    origin = "From our page on Bell’s palsy, not yet reviewed by a clinician."
    assert lent(text) == f"{origin} See a doctor today if it took hours."
    assert '<a href="/conditions/bells-palsy/#help">Bell’s palsy</a>' in text
    assert text.index('class="care now"') < text.index("The answer, word for word")
    publish("warning", about=["symptoms/facial-droop", "conditions/bells-palsy"])
    assert "It can be a stroke." in cards(reader("/questions/warning-signs/").text_all)[0][1]
    assert "It can be a stroke." not in reader("/questions/early-signs/").text_all


def test_what_a_question_shows_goes_with_its_main_subject(world, reader, publish):
    publish("bell", help_soon="If any of these fits:\n\n- Pain\n")
    text = reader("/questions/early-signs/").text_all
    assert lent(text).endswith("It also says when to see a doctor soon.")
    assert "Not this? Our page on Bell’s palsy says when to see a doctor soon." in text
    publish("bell", help_now="", help_soon="")
    assert cards(reader("/questions/early-signs/").text_all) == []
    publish("bell", help_soon="If it stays.")
    assert [level for level, _ in cards(reader("/questions/early-signs/").text_all)] == ["soon"]
    assert [level for level, _ in cards(reader("/questions/warning-signs/history/2/").text_all)] == ["soon"]
    form = Editor(world.author).open(world.early)
    preview = form.client.post(form.url.replace("change/", "preview/"), form.fields | {"_preview": ["1"]})
    assert "If it stays." in preview.content.decode()


def test_a_form_keeps_the_order_of_what_a_question_is_about(world):
    order = ["symptoms/facial-droop", "causes/viral-illness", "conditions/bells-palsy"]
    for about in (order, order[::-1]):
        Editor(world.author).open(world.early).send(about=about)
        assert drafts.read(world.early)["about"] == about
        assert Editor(world.author).open(world.early)["about"] == about


def test_a_page_about_what_can_be_urgent_points_at_when_to_call(reader, publish):
    alert = '<a href="/conditions/bells-palsy/#help">When to call: Bell’s palsy</a>'
    for address in ("/symptoms/earache/", "/treatments/eye-care/", "/causes/viral-illness/"):
        assert alert in reader(address).text_all, address
    publish("early", about=["causes/viral-illness", "conditions/bells-palsy"])
    assert alert in reader("/questions/early-signs/").text_all
    publish("early", about=["causes/viral-illness"])
    assert alert not in reader("/questions/early-signs/").text_all, "Bell’s palsy rests on it, which it is not about"
    for address in (
        "/conditions/bells-palsy/",
        "/symptoms/facial-droop/",
        "/questions/warning-signs/",
        "/tags/one-side/",
    ):
        assert "Some signs need help at once." not in reader(address).text_all, address
    publish("bell", help_now="", help_today="Go.")
    assert "Some signs need help at once." not in reader("/treatments/eye-care/").text_all
    assert "When to call: Facial droop" in reader("/conditions/bells-palsy/").text_all


def test_of_several_a_page_points_at_what_one_can_have(reader, publish):
    publish("bell", help_now="")
    publish("droop", help_now="")
    publish("eye_care", help_now="Call if it burns.")
    assert "When to call: Eye care" in reader("/conditions/bells-palsy/").text_all
    publish("stroke", help_now="Call.")
    assert "When to call: Stroke" in reader("/conditions/bells-palsy/").text_all


def test_of_several_a_symptom_points_at_its_own_kinds_first(reader, publish):
    assert "When to call: Bell’s palsy" in reader("/symptoms/earache/").text_all
    publish("earache", kinds_of=["facial-droop"])
    assert "When to call: Facial droop" in reader("/symptoms/earache/").text_all, "what it is a kind of"
    publish("droop", help_now="")
    publish("earache", kinds_of=[], help_now="Call if it bleeds.")
    publish("droop", kinds_of=["earache"])
    assert "When to call: Earache" in reader("/symptoms/facial-droop/").text_all
    publish("droop", kinds_of=[])
    publish("earache", kinds_of=["facial-droop"])
    assert "When to call: Earache" in reader("/symptoms/facial-droop/").text_all, "a kind of it"


def test_what_cannot_be_seen_lends_nothing_and_no_other_takes_its_place(world, reader, publish):
    publish("early", about=["symptoms/earache", "conditions/bells-palsy"])
    publish("earache", help_soon="If it stays.")
    assert [level for level, _ in cards(reader("/questions/early-signs/").text_all)] == ["soon"]
    publish("bell", symptoms=[row for row in world.newest("bell").record["symptoms"] if row["target"] != "earache"])
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    text = reader("/questions/early-signs/").text_all
    assert cards(text) == []
    assert "When to call: Bell’s palsy" in text


def test_what_another_editor_wrote_where_nothing_is_written_anymore_is_shown(world, publish):
    """The other adds to the text that is to be moved while the form is open."""
    publish("droop", help_routine="It can wait.")
    author, publisher = Editor(world.author), Editor(world.publisher)
    form = author.open(world.droop)
    publisher.open(world.droop).send(help_routine="It can wait two weeks, but no longer.")
    answer = form.send(help_routine="", self_care="It can wait.")
    assert "two weeks, but no longer" in answer.text
    assert 'name="help_routine"' in answer.text


def test_alarm_words_are_no_card(publish, reader):
    publish("bell", alarm_words=["face dropped"], help_now="Call.")
    for address in ("/conditions/bells-palsy/", "/questions/warning-signs/"):
        text = reader(address).text_all
        assert "face dropped" not in text
        assert [level for level, _ in cards(text)] == ["now"]
