"""Quotes are held to what they are quoted from: on saving, on loading, and whenever a text is published."""

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet

from conditions import coverage, drafts, page_content, publishing, records, statements
from conditions.models import Link, Page, Source, Tag, Version
from conditions.records import InvalidRecord
from tests.admin.client import Editor

SAYS = "Facial droop , on one side"


def saved(world, called, **fields):
    entry = getattr(world, called)
    return publishing.save(record=drafts.read(entry) | fields, entry=entry, by=world.author)


def row(words, certainty="", note="", **more):
    quotes = [f'[@warning-signs "{one}"]' for one in words]
    return {"target": "facial-droop", "certainty": certainty, "note": note, "evidence": ["warning-signs"]} | {
        "quotes": quotes,
        **more,
    }


@pytest.mark.parametrize(
    ("symptom", "message"),
    [
        (row(["Facial drop"]), "'warning-signs' does not say these words"),
        (row([SAYS], "usually"), "no words quoted here say “usually”"),
        (row([SAYS], quotes=["on one side"]), "is no citation with words"),
        (row([SAYS], quotes=['[@early-signs "a viral illness"]']), "is not among this row's documents"),
        (row([SAYS], "often-ish"), "is not one of: usually, often"),
    ],
)
def test_saving_says_where_words_are_no_quote(world, symptom, message):
    with pytest.raises(InvalidRecord) as caught:
        saved(world, "bell", symptoms=[symptom])
    [problem] = caught.value.problems
    assert problem.path[:2] == ("symptoms", "facial-droop")
    assert message in problem.message


def test_saving_says_what_a_cut_leaves_out(world):
    answer = "It may look like a seizure. It hurts."
    doc = {"kind": "question", "slug": "look", "name": "How does it look?", "answer": answer}
    publishing.save(record=doc, entry=None, by=world.author)
    summary = 'It looks like a seizure [@look "look like a seizure"].'
    with pytest.raises(InvalidRecord, match="says “may”, which the quote leaves out"):
        saved(world, "bell", summary=summary, evidence=["look"])
    assert saved(world, "bell", summary=summary.replace("looks", "may look"), evidence=["look"]).is_new
    plain = row([], quotes=['[@look "may look like a seizure"]'], evidence=["look"])
    with pytest.raises(InvalidRecord, match="the words say “may”, and the row does not"):
        saved(world, "bell", symptoms=[plain])


def test_a_form_says_it_at_the_field_and_keeps_what_was_typed(world):
    author = Editor(world.author)
    form = author.open(world.bell)
    sent = form.send(**{"symptoms-0-quotes": '[@warning-signs "Facial drop"]'})
    assert "does not say these words" in sent.errors["symptoms-0-quotes"][0]
    sent = form.send(**{"symptoms-0-quotes": f'[@warning-signs "{SAYS}"]', "symptoms-0-certainty": ""})
    assert "Saved as version 2" in sent.messages
    assert drafts.read(world.bell)["symptoms"][0]["quotes"] == [f'[@warning-signs "{SAYS}"]']


def test_a_question_quotes_only_its_own_answer(world):
    with pytest.raises(InvalidRecord, match="is no source of this question"):
        saved(world, "warning", in_short="It droops [@early-signs].")
    with pytest.raises(InvalidRecord, match="does not say these words"):
        saved(world, "warning", in_short='It droops [@answer "It droops"].')
    with pytest.raises(InvalidRecord, match="has no reason; begin it with one of: heading"):
        saved(world, "warning", carries_nothing=["(Fig."])
    with pytest.raises(InvalidRecord, match="is not among this question's sources"):
        saved(world, "warning", carries_nothing=["contradicted by health-service: (Fig."])
    assert saved(world, "warning", in_short=f'It droops [@answer "{SAYS}"].').is_new


def test_a_renamed_document_is_still_quoted(world):
    saved(
        world,
        "bell",
        symptoms=[row([SAYS])],
        summary=f'It droops [@warning-signs "{SAYS}"].',
        evidence=["warning-signs"],
    )
    saved(world, "warning", slug="early-warning")
    record = drafts.read(world.bell)
    assert saved(world, "bell", name="Bell’s facial palsy").is_new
    record = drafts.read(world.bell)
    assert record["symptoms"][0]["quotes"] == [f'[@early-warning "{SAYS}"]']
    assert record["summary"] == f'It droops [@early-warning "{SAYS}"].'


def publish(world, *versions):
    return publishing.publish(versions=list(versions), by=world.publisher)


def test_a_change_of_a_text_names_the_statements_that_it_breaks(world):
    saved(world, "service", excerpt=["It droops.", "It hurts."])
    bell = saved(
        world, "bell", summary='It droops [@health-service "It droops"].', treatments=[], related=[], codes=[]
    ).version
    service = publishing.newest(world.page("service"))
    publish(world, service, bell)
    broken = saved(world, "service", excerpt=["It hurts."]).version
    [told] = publishing.broken_by(broken.page, broken.record)
    assert "“Bell’s palsy: It droops.” rests on the words 'It droops'" in told
    with pytest.raises(publishing.Refused, match="rests on the words 'It droops', which are not there any more"):
        publish(world, broken)
    fixed = saved(world, "bell", summary='It hurts [@health-service "It hurts"].').version
    assert publish(world, broken, fixed).edition.number == 3, "both at once"


def test_a_form_tells_what_it_breaks(world):
    saved(world, "service", excerpt=["It droops."])
    publish(world, publishing.newest(world.page("service")))
    bell = saved(world, "bell", summary='It droops [@health-service "It droops"].').version
    publish(world, bell)
    sent = Editor(world.author).open(world.service).send(excerpt="It hurts.")
    assert "rests on the words" in sent.messages


def test_words_that_no_reader_finds_are_not_published(world):
    saved(world, "service", excerpt=["It droops."])
    version = saved(world, "bell", summary='It droops [@health-service "It droops"].').version
    with pytest.raises(publishing.Refused, match="does not say these words"):
        publish(world, version)
    publish(world, version, publishing.newest(world.page("service")))


def test_a_file_is_told_what_it_quotes_wrongly(world, load):
    with pytest.raises(
        CommandError, match=r"summary: 'early-signs' does not say these words; copy them letter for letter: 'Pain"
    ):
        load('slug: x\nname: X\nsummary: It hurts [@early-signs "Pain in the ear"].\nevidence: [early-signs]')


def test_a_file_that_breaks_a_statement_stays_a_draft(world, load):
    file = "slug: told\nname: Told\npublisher: A service\nexcerpt: [{}]"
    load(file.format("It droops., It hurts."), kind="source")
    bell = saved(world, "bell", summary='It droops [@told "It droops"].', sources=["health-service", "told"]).version
    publish(world, bell)
    page = Page.objects.get(slug="told")
    load(file.format("It hurts."), kind="source")
    assert statements.quotable(drafts.read(Source.objects.get(slug="told"))) == "It hurts."
    assert Page.objects.get(slug="told").live_id == page.live_id, "not published"


def test_what_readers_see_keeps_the_words_and_what_they_carry(world):
    bell = saved(world, "bell", symptoms=[row([SAYS], note="It droops.")]).version
    publish(world, bell)
    link = Link.objects.get(owner=bell.page, target=world.page("warning"), via__isnull=False)
    assert link.quotes == [["", "", SAYS]]
    assert link.via.note == "It droops."


def test_coverage_prints_what_carries_and_what_carries_nothing(world, capsys):
    publish(world, saved(world, "bell", symptoms=[row([SAYS])]).version)
    call_command("coverage", "warning-signs")
    out = capsys.readouterr().out
    assert "“Facial droop , on one side”" in out
    assert "/conditions/bells-palsy/#symptoms-facial-droop  Symptoms: Facial droop" in out
    assert "carries nothing (no reason given): “(Fig.”" in out
    assert "early-signs" not in out
    with pytest.raises(CommandError, match="carry nothing"):
        call_command("coverage", "warning-signs", "--check")
    publish(world, saved(world, "warning", carries_nothing=["fragment: (Fig."]).version)
    call_command("coverage", "warning-signs", "--check")
    with pytest.raises(CommandError, match="no published document 'nothing'"):
        call_command("coverage", "nothing")
    [percent] = [found.percent for page, found in coverage.documents() if page.slug == "warning-signs"]
    assert 80 < percent < 100


def test_editors_see_what_documents_carry(world):
    text = Editor(world.reviewer).client.get("/admin/coverage/").content.decode()
    assert "What are the warning signs?" in text
    assert "no reason given" in text


@pytest.mark.parametrize(
    ("tags", "certainty", "left"),
    [
        (["may"], "can-happen", []),
        (["most-often", "one-side"], "usually", ["one-side"]),
        (["usually", "rarely"], "rarely", []),
        (["one-side"], "", ["one-side"]),
    ],
)
def test_a_row_of_before_says_by_its_tags_how_often(tags, certainty, left):
    row = {"target": "x", "tags": tags}
    record = {"kind": "condition", "slug": "a", "name": "A", "symptoms": [row]}
    [found] = records.upgrade(record, 2)["symptoms"]
    assert (found["certainty"], found["tags"]) == (certainty, left)
    [kept] = records.canonical(record | {"symptoms": [row | {"certainty": "often"}]})["symptoms"]
    assert (kept["certainty"], kept["tags"]) == ("often", sorted(tags)), "nothing that is written is lost"


def test_a_document_that_a_text_quotes_is_not_withdrawn(world):
    version = saved(world, "bell", summary=f'It droops [@warning-signs "{SAYS}"].', evidence=["warning-signs"]).version
    publish(world, version)
    with pytest.raises(publishing.Refused, match="cites it"):
        publishing.withdraw(pages=[world.page("warning")], by=world.publisher, reason="Wrong.")


def test_a_document_is_not_renamed_and_changed_beside_what_quotes_it(world):
    saved(world, "service", excerpt=["It droops."])
    bell = saved(world, "bell", summary='It droops [@health-service "It droops"].', symptoms=[], causes=[]).version
    moved = saved(world, "service", slug="moved", excerpt=["It hurts."]).version
    with pytest.raises(publishing.Refused, match="does not say these words"):
        publish(world, moved, bell)


def test_a_draft_of_before_says_how_often_when_it_is_published(world):
    record = drafts.read(world.bell)
    record["symptoms"][0] |= {"tags": ["rarely"], "certainty": ""}
    tag = {"kind": "tag", "slug": "rarely", "name": "Rarely", "group": "certainty"}
    publishing.save(record=tag, entry=None, by=world.author)
    version = saved(world, "bell", name="Bell palsy, again").version
    QuerySet.update(Version.objects.filter(pk=version.pk), record=record, format=2)
    publish(world, Version.objects.get(pk=version.pk))
    assert Link.objects.get(owner=version.page, relation="symptoms", target=world.page("droop")).certainty == "rarely"


def test_merging_tags_keeps_what_a_row_says(world):
    for slug in ("seldom", "rarely"):
        tag = {"kind": "tag", "slug": slug, "name": slug, "group": "certainty"}
        publishing.save(record=tag, entry=None, by=world.author)
    rows = drafts.read(world.bell)["symptoms"]
    saved(world, "bell", symptoms=[rows[0] | {"tags": ["seldom"]}])
    first, second = (Tag.objects.get(slug=slug) for slug in ("seldom", "rarely"))
    publishing.merge_tags(tag=first, into=second, by=world.publisher)
    record = publishing.newest(world.page("bell")).record
    assert (record["symptoms"][0]["certainty"], record["symptoms"][0]["tags"]) == ("rarely", [])
    assert drafts.read(world.bell) == record


def test_what_contradicts_words_keeps_its_name(world):
    saved(world, "warning", sources=["health-service"], carries_nothing=["contradicted by health-service: (Fig."])
    saved(world, "service", slug="moved")
    assert saved(world, "warning", editor_note="It breaks off there.").is_new
    assert drafts.read(world.warning)["carries_nothing"] == ["contradicted by moved: (Fig."]


@pytest.mark.parametrize("near", ["[@early-signs “Pain”]", '[@early-signs "Pain" ]', '[@early-signs"Pain"]'])
def test_what_was_meant_to_cite_is_not_kept_as_text(world, near):
    for fields in ({"summary": f"It hurts {near}."}, {"body": f"It hurts {near}.\n"}):
        with pytest.raises(InvalidRecord, match="is no citation; write"):
            saved(world, "bell", evidence=["early-signs"], **fields)


def test_words_are_compared_as_they_are_kept(world):
    answer = "It is a sud\u00adden cafe\u0301."
    doc = {"kind": "question", "slug": "look", "name": "How?", "answer": answer}
    publishing.save(record=doc, entry=None, by=world.author)
    assert saved(world, "bell", summary=f'It is sudden [@look "{answer}"].', evidence=["look"]).is_new
    assert drafts.read(world.bell)["summary"] == 'It is sudden [@look "It is a sudden café."].'


def test_an_entry_is_no_kind_of_itself(world):
    with pytest.raises(InvalidRecord, match="names the entry itself"):
        saved(world, "droop", kinds_of=["facial-droop"])


@pytest.mark.parametrize("per_page", [1, 200])
def test_a_document_names_no_row_that_readers_do_not_see(world, client, monkeypatch, per_page):
    """Not on the pages of a document that many refer to either, nor in what its words carry."""
    monkeypatch.setattr(page_content, "BACKLINKS_PER_PAGE", per_page)
    draft = row([SAYS], target="stroke", role="easily-mistaken-for")
    publish(world, saved(world, "bell", symptoms=[row(["Facial droop"])], related=[draft]).version)
    text = client.get("/questions/warning-signs/").content.decode()
    assert "Symptoms: Facial droop" in text
    assert "Stroke" not in text
    [carried] = [found.stretches for page, found in coverage.documents() if page.slug == "warning-signs"]
    assert {one.said for stretch in carried for one in stretch.carried} == {"Symptoms: Facial droop"}


def test_a_document_says_how_often_what_it_carries_holds(world, client):
    doc = {"kind": "question", "slug": "look", "name": "How does it look?", "answer": "It rarely droops."}
    look = publishing.save(record=doc, entry=None, by=world.author).version
    rare = row([], "rarely", quotes=['[@look "rarely droops"]'], evidence=["look"])
    publish(world, look, saved(world, "bell", symptoms=[rare]).version)
    assert "Symptoms, rarely: Facial droop" in client.get("/questions/look/").content.decode()
