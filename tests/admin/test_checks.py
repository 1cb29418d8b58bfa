"""What a form says at its fields and rows: what blocks the draft, and what readers would miss."""

from __future__ import annotations

import html
import re
from datetime import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions import drafts, publishing
from conditions.models import Decision, Question
from conditions.publishing.versions import add_decision
from tests.admin.client import Editor, Form
from tests.world import World, add_many

LONG = " ".join(["Word", *["word"] * 25, "end."])
SPLIT = "Sentence of 27 words: split it. “Word word wor"
NOTES = re.compile(r'<ul class="notes"( id="id_(\w+)_notes")?>(.*?)</ul>', re.DOTALL)


def notes(form: Form) -> dict[str, list[str]]:
    """What is said below fields, by the name of the field; "" of rows and relations."""
    found: dict[str, list[str]] = {}
    for _, field, said in NOTES.findall(form.text):
        lines = [html.unescape(re.sub("<[^>]+>", "", line)) for line in re.findall("<li>(.*?)</li>", said, re.DOTALL)]
        found.setdefault(field, []).extend(lines)
    return found


def test_a_new_form_says_nothing(world: World, author: Editor):
    assert notes(author.add("condition")) == {}


def test_advice_stands_at_its_field_and_is_no_mistake(world: World, author: Editor):
    form = author.open(world.bell).send(body=f"{LONG}\nShort.")
    assert "Saved as version 2" in form.messages
    said = notes(form)
    assert [line[:46] for line in said["body"]] == [SPLIT]
    assert said["outlook"] == ["Write how serious it is"]
    assert said["help_now"] == ["Says nothing to do; begin with “Call …”"]
    assert "evidence" not in said, "it has a source"
    assert form.errors == {}
    box = re.search(r'<textarea name="body"[^>]*>', form.text)
    assert box
    assert 'aria-describedby="id_body_helptext id_body_notes"' in box[0]


def test_what_it_rests_on_is_missed_at_the_documents(world: World, author: Editor):
    said = notes(author.open(world.earache))
    assert said == {"evidence": ["It has no evidence of its own; add the documents or sources that it rests on"]}


def test_a_tag_without_a_sentence_is_told_so(world: World, author: Editor):
    assert notes(author.open(world.sudden)) == {"summary": ["Say in one plain sentence what it means"]}


def test_a_row_says_what_is_wrong_with_it(world: World, author: Editor):
    form = author.open(world.bell).send(**{"symptoms-0-note": LONG})
    assert [line[:46] for line in notes(form)[""]] == [SPLIT]
    row = form.text[form.text.index('id="symptoms-0"') : form.text.index('id="symptoms-1"')]
    assert SPLIT in html.unescape(row)
    assert '<a href="#symptoms-heading">Symptoms <span class="quiet">2</span></a> <span class="quiet">· 1 to check' in (
        form.text
    )


def test_what_blocks_stands_at_its_place_too(world: World, author: Editor):
    form = author.open(world.stroke)
    form.add_row("causes", target="viral-illness")
    form = form.send(summary="")
    assert notes(form)["summary"] == ["Blocks publishing: Write one plain sentence"]
    why = "This cause has no evidence; add the document or source that states it"
    assert f"Blocks publishing: {why}" in notes(form)[""]


def test_words_that_the_document_no_longer_says_are_named(world: World, author: Editor):
    quote = '[@early-signs "Pain behind the ear"]'
    author.open(world.earache).send(summary=f"It hurts {quote}.", evidence=["early-signs"])
    assert "summary" not in notes(author.open(world.earache))
    Question.objects.filter(slug="early-signs").update(answer="Other words.")
    [said] = notes(author.open(world.earache))["summary"]
    assert said.startswith("Blocks publishing: 'early-signs' does not say these words")


def test_a_link_to_a_page_that_is_not_there_is_named(world: World, author: Editor):
    form = author.open(world.earache).send(body="See [this](/symptoms/nothing/).")
    [said] = notes(form)["body"]
    assert said.startswith("The link “this” leads to '/symptoms/nothing/', where no page is")


def test_what_is_withdrawn_is_said_once(world: World, author: Editor):
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Old.")
    form = author.open(world.bell)
    assert "Readers do not see this row: Earache is withdrawn." in form.text
    assert "" not in notes(form)


def test_an_overdue_review_is_told_below_the_state(world: World, author: Editor):
    due = datetime(2026, 5, 3, 12, tzinfo=timezone.get_current_timezone())
    version = world.newest("bell")
    add_decision(version, Decision.Verb.APPROVE, by=world.reviewer, at=timezone.now(), due=due, name="Dr X")
    assert "The review was due on 3 May 2026; let somebody review it again." in author.open(world.bell).text
    assert "The review" not in author.open(world.droop).text


def test_a_form_that_comes_back_says_it_of_what_was_typed(world: World, author: Editor):
    form = author.open(world.bell).send(name="", body=LONG, outlook="It goes away.")
    assert form.errors["name"]
    said = notes(form)
    assert [line[:46] for line in said["body"]] == [SPLIT]
    assert "outlook" not in said
    assert "name" not in said


def test_where_a_mistake_is_to_be_fixed_there_is_no_advice(world: World, author: Editor):
    form = author.open(world.earache).send(body=LONG, **{"sources-more": "No such source"})
    assert form.errors.keys() == {"sources"}
    assert notes(form).keys() == {"body"}, "whether it has evidence is not known yet"
    form = author.open(world.earache).send(body=f"{LONG} [@nothing]")
    assert form.errors.keys() == {"body"}
    assert notes(form).keys() == {"evidence"}


def test_a_new_entry_that_comes_back_says_what_it_lacks(world: World, author: Editor):
    form = author.add("symptom").send(name="Numbness", slug="Not a slug", body=LONG)
    assert form.errors.keys() == {"slug"}
    assert notes(form).keys() == {"body", "evidence"}


def test_who_may_only_look_reads_it_too(world: World, reviewer: Editor):
    assert "Write how serious it is" in notes(reviewer.open(world.bell))["outlook"]


def test_rows_ask_nothing_more_of_the_database(world: World, author: Editor):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            author.open(world.bell)
        return len(queries)

    cost()
    few = cost()
    add_many("symptom", 30)
    record = drafts.read(world.bell)
    rows = [{"target": f"n-{number}", "evidence": ["early-signs"], "note": LONG} for number in range(30)]
    record["symptoms"] = [*record["symptoms"], *rows]
    publishing.save(record=record, entry=world.bell, by=world.author)
    # Once more where a draft waits: it is compared with what readers see.
    waiting = cost()
    record["symptoms"] = record["symptoms"][:4]
    publishing.save(record=record, entry=world.bell, by=world.author)
    assert cost() == waiting
    assert waiting >= few
