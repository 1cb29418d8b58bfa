import re

from conditions import publishing
from conditions.publishing import SYSTEM

BELL = "/conditions/bells-palsy/"


def test_history_shows_every_published_version_newest_first(world, reader, publish):
    publish("bell", summary="Half of the face is weak.", symptoms=[])
    text = reader(f"{BELL}history/").text_all
    assert text.index(f"{BELL}history/2/") < text.index(f"{BELL}history/1/")
    assert "<del>One side</del> <ins>Half</ins> of the face <del>grows</del> <ins>is</ins> weak." in text
    assert "Symptoms: Earache" in text
    assert "The first version." in text


def test_history_leaves_out_drafts(world, reader):
    publishing.save(
        record=world.newest("bell").record | {"summary": "A secret draft."}, entry=world.bell, by=world.author
    )
    assert "secret" not in reader(f"{BELL}history/").text_all
    assert reader(f"{BELL}history/2/").status_code == 404


def test_history_leaves_out_citations_of_what_readers_never_saw(world, reader, publish):
    secret = {"kind": "question", "slug": "a-secret-document", "name": "Secret?", "answer": "No."}
    publishing.save(record=secret, entry=None, by=SYSTEM)
    evidence = [*world.newest("bell").record["evidence"], "a-secret-document", "early-signs"]
    publish("bell", body="So. [@a-secret-document] And so. [@early-signs]", evidence=evidence)
    publish("bell", body="Otherwise.")
    text = reader(f"{BELL}history/").text_all
    assert "[@" not in text
    assert "secret" not in text
    assert "So. And so." in text.replace("</del>", "")


def test_history_names_editors_as_they_were_called_but_never_their_logins(world, reader, publish):
    world.publisher.first_name, world.publisher.last_name = "Ada", "Byron"
    world.publisher.save()
    publish("earache", summary="Otherwise.")
    world.publisher.last_name = "Lovelace"
    world.publisher.save()
    text = reader("/symptoms/earache/history/").text_all
    assert "Published by Ada Byron." in text
    assert "by an editor" in text, "of before they had a name"
    assert "Lovelace" not in text
    assert "author" not in text


def test_history_of_a_withdrawn_page_says_so(world, reader):
    publishing.withdraw(pages=[world.page("bell")], by=world.publisher, reason="It is wrong.")
    text = reader(f"{BELL}history/").text_all
    assert "This page was withdrawn." in text
    assert "It is wrong." in text
    old = reader(f"{BELL}history/1/").text_all
    assert "The page was withdrawn." in old
    assert "One side of the face grows weak." in old


def test_history_is_paged(reader, publish):
    for n in range(20):
        publish("earache", summary=f"Pain {n}.")
    assert "Page 1 of 2" in reader("/symptoms/earache/history/").text_all
    assert "The first version." in reader("/symptoms/earache/history/?page=2").text_all


def test_old_version_says_that_it_is_old_and_leads_to_the_live_page(reader, publish):
    publish("bell", summary="Half of the face is weak.")
    text = reader(f"{BELL}history/1/").text_all
    assert "This is an old version." in text
    assert f'<a href="{BELL}">Go to the current page</a>' in text
    assert "One side of the face grows weak." in text
    assert "Half of the face" not in text
    assert '<meta name="robots" content="noindex">' in text


def test_newest_version_has_its_permanent_address_too(reader):
    text = reader(f"{BELL}history/1/").text_all
    assert "This is version 1, the newest one." in text
    assert "http://testserver/conditions/bells-palsy/history/1/" in text
    assert "</span>[1]</summary>" in text


def test_old_version_names_every_edition_that_it_was_in(world, reader):
    """Published in edition 1, withdrawn in 2, published again in 3."""
    publishing.withdraw(pages=[world.page("earache")], by=world.publisher, reason="Too soon.")
    publishing.publish(versions=[world.newest("earache")], by=world.publisher)
    text = reader("/symptoms/earache/history/1/").text_all
    assert '<a href="/changes/1/">Edition 1</a>, published' in text
    assert 'Published again in <a href="/changes/3/">edition 3</a>' in text
    assert "Published again" not in reader("/symptoms/earache/").text_all
    text = reader("/symptoms/earache/history/").text_all
    places = [text.index(f'id="edition-{number}"') for number in (3, 2, 1)]
    assert places == sorted(places)


def test_history_says_of_a_row_whose_document_was_withdrawn_that_it_rested_on_something(world, reader, publish):
    rows = world.newest("bell").record["symptoms"]
    publish("bell", symptoms=[rows[0], rows[1] | {"evidence": [], "sources": ["health-service"]}], causes=[])
    publishing.withdraw(pages=[world.page("early")], by=world.publisher, reason="Wrong.")
    text = reader(f"{BELL}history/").text_all
    assert "<del>what it rested on has been withdrawn</del>" in text
    assert "rests on nothing" not in text


def test_a_change_that_no_reader_sees_says_so(reader, publish):
    publish("droop", found_by=["droppy"])
    text = reader("/symptoms/facial-droop/history/").text_all
    assert "Nothing that readers see here changed." in text
    assert "droppy" not in text


def test_history_says_in_words_that_what_a_text_rests_on_changed(reader, publish):
    publish("bell", summary="It droops.", body="It droops.")
    publish("bell", summary="It droops [@warning-signs].", body="It droops.", evidence=["warning-signs"])
    text = reader(f"{BELL}history/").text_all
    assert "What it rests on changed." in text
    assert "[@" not in text


def test_history_begins_with_the_date(reader):
    text = reader(f"{BELL}history/").text_all
    heading = re.search('<h2 id="edition-1">(.*?)</h2>', text)[1]
    assert heading.startswith("<time ")


def test_a_version_is_cited_for_reference_managers(reader, world):
    answer = reader(f"{BELL}history/1/cite.ris")
    assert answer["Content-Type"].startswith("application/x-research-info-systems")
    lines = answer.content.decode().split("\r\n")
    assert lines[0] == "TY  - ELEC"
    assert "TI  - Bell’s palsy" in lines
    assert "UR  - http://testserver/conditions/bells-palsy/history/1/" in lines
    assert lines[-2:] == ["ER  - ", ""]
    assert f"{BELL}history/1/cite.ris" in reader(BELL).text_all
    assert reader(f"{BELL}history/9/cite.ris").status_code == 404
