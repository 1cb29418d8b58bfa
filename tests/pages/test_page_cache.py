"""Finished pages that are kept: every body equals a fresh render after every edition, and only those touched go."""

import random
from collections import Counter
from contextlib import suppress

import pytest
from django.core.handlers.wsgi import WSGIHandler

from conditions import publishing
from conditions.models import Edition, Page, Touched
from conditions.publishing import touched
from conditions.records import InvalidRecord
from tests.kept import BELL, DROOP, OTHERS, PAGES, ask, cached, fill, kept_pages, stale
from tests.world import RECORDS


def dropped(cache):
    """The pages that were kept before an edition, and no longer are."""
    return set(PAGES) - kept_pages(cache)


def test_what_is_kept_is_what_would_be_rendered(cache):
    for address in (*PAGES, *OTHERS):
        again = ask(cache, address)
        assert again.cache == "hit", address
        assert again.body == ask(WSGIHandler(), address).body
        assert again.headers["Cache-Control"] == "public, no-cache"
    assert stale(cache) == []


@pytest.mark.parametrize(
    ("name", "fields", "gone"),
    [
        # A summary stands wherever the page is listed, and its words wherever it is cited.
        ("eye_care", {"summary": "Otherwise."}, {"/treatments/eye-care/", BELL, "/sources/health-service/"}),
        ("earache", {"name": "Ear pain"}, {"/symptoms/earache/", BELL, "/questions/early-signs/"}),
        ("sudden", {"name": "At once"}, {"/tags/sudden/", BELL, DROOP}),
        (
            "early",
            {"name": "What comes first?"},
            {"/questions/early-signs/", BELL, "/symptoms/earache/", "/causes/viral-illness/"},
        ),
        ("virus", {"slug": "a-virus"}, {"/causes/viral-illness/", BELL, "/questions/early-signs/"}),
        ("service", {"publisher": "Another"}, {"/sources/health-service/", BELL, DROOP, "/treatments/eye-care/"}),
        # A word is explained wherever it stands.
        ("nerve", {"summary": "It carries what is felt."}, set(PAGES)),
    ],
)
def test_an_edition_drops_what_it_touches_and_all_that_is_no_page(cache, publish, name, fields, gone):
    publish(name, **fields)
    assert dropped(cache) == gone
    assert {key.path for key in cache.others.entries} == {"/about/"}, "asked for to see the edition"
    fill(cache)
    assert stale(cache) == []


def test_a_row_that_goes_drops_what_it_led_to(cache, world, publish):
    bell = world.newest("bell").record
    publish("bell", symptoms=[row for row in bell["symptoms"] if row["target"] != "earache"])
    assert {BELL, "/symptoms/earache/"} <= dropped(cache)
    assert "/words/nerve/" not in dropped(cache)
    fill(cache)
    assert stale(cache) == []
    assert "Bell" not in ask(cache, "/symptoms/earache/").text.partition("<main")[2].partition("</main>")[0]


def test_what_was_left_out_comes_to_life(cache, world):
    """A page that links to what readers could not see shows it from the edition on that publishes it."""
    assert "Stroke" not in ask(cache, BELL).text.partition("<main")[2]
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    assert BELL in dropped(cache)
    fill(cache)
    assert stale(cache) == []
    assert ask(cache, "/conditions/stroke/").status == 200, "a 404 was kept"


def test_a_cited_document_that_goes_and_comes_back(cache, world, publish):
    bell = world.newest("bell").record
    rows = [row | {"sources": ["health-service"]} for row in bell["causes"]]
    publish("bell", causes=rows)
    fill(cache)
    droop = [row for row in bell["symptoms"] if row["target"] == "facial-droop"]
    publish("bell", symptoms=droop)
    fill(cache)
    publishing.withdraw(pages=[world.page("early")], by=world.publisher, reason="Old.")
    assert {BELL, "/causes/viral-illness/", "/questions/early-signs/"} <= dropped(cache)
    fill(cache)
    assert ask(cache, "/questions/early-signs/").status == 410
    assert stale(cache) == []
    publishing.publish(versions=[world.newest("early")], by=world.publisher)
    fill(cache)
    assert ask(cache, "/questions/early-signs/").status == 200
    assert stale(cache) == []


def test_a_tag_withdrawn_and_published_again(cache, world):
    for _ in range(2):
        publishing.withdraw(pages=[world.page("one_side")], by=world.publisher, reason="Not needed.")
        fill(cache)
        assert stale(cache) == []
        publishing.publish(versions=[world.newest("one_side")], by=world.publisher)
        assert {BELL, "/tags/one-side/"} <= dropped(cache)
        fill(cache)
        assert stale(cache) == []


def test_a_rename_and_back(cache, publish):
    publish("earache", slug="ear-pain")
    fill(cache)
    assert ask(cache, "/symptoms/earache/").headers["Location"] == "/symptoms/ear-pain/"
    assert ask(cache, "/symptoms/earache/").cache == "hit"
    assert stale(cache) == []
    publish("earache", slug="earache")
    fill(cache)
    assert ask(cache, "/symptoms/ear-pain/").headers["Location"] == "/symptoms/earache/"
    assert stale(cache) == []


def test_a_cause_that_becomes_a_condition_and_one_no_longer(cache, world, publish):
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    publish("earache", causes=[{"target": "viral-illness", "evidence": ["early-signs"]}])
    for said in (["stroke"], [], ["bells-palsy"], ["stroke"]):
        fill(cache)
        publish("virus", is_condition=said)
        fill(cache)
        assert stale(cache) == []
    publishing.withdraw(pages=[world.page("stroke")], by=world.publisher, reason="Old.")
    fill(cache)
    assert stale(cache) == []
    assert ask(cache, "/causes/viral-illness/").status == 200


def test_all_parts_of_a_page_go_together(world, add, monkeypatch):
    monkeypatch.setattr("conditions.page_content.BACKLINKS_PER_PAGE", 2)
    records = [{"kind": "symptom", "slug": f"s{n}", "name": f"S {n}", "tags": ["one-side"]} for n in range(4)]
    add(*records)
    cache = cached()
    parts = ["/tags/one-side/", "/tags/one-side/?part=2", "/tags/one-side/?part=3"]
    for address in parts:
        assert ask(cache, address).status == 200
    entry = publishing.newest(Page.objects.get(slug="s3"))
    saved = publishing.save(record=entry.record | {"tags": []}, entry=entry.page.symptom, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    assert kept_pages(cache) == set()
    assert [ask(cache, address).cache for address in parts[:2]] == ["miss", "miss"]
    assert stale(cache) == []


def test_after_a_publish_all_but_the_touched_are_kept(world, add):
    add(
        *(
            {"kind": "symptom", "slug": f"s{n}", "name": f"S {n}", "tags": ["sudden"] if n < 5 else []}
            for n in range(40)
        )
    )
    cache = cached()
    addresses = [f"/symptoms/s{n}/" for n in range(40)]
    for address in addresses:
        ask(cache, address)
    entry = world.newest("sudden")
    saved = publishing.save(record=entry.record | {"name": "At once"}, entry=world.sudden, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    assert kept_pages(cache) == set(addresses[5:])


def test_more_than_can_be_followed_drops_all(cache, publish, monkeypatch):
    monkeypatch.setattr(touched, "MOST", 2)
    publish("eye_care", summary="Otherwise.")
    assert [one.page for one in Touched.objects.filter(edition=Edition.objects.first())] == [None]
    assert kept_pages(cache) == set()


def test_links_that_are_too_many_to_follow_drop_all(cache, publish, monkeypatch):
    monkeypatch.setattr(touched, "MOST_LINKS", 1)
    publish("eye_care", summary="Otherwise.")
    assert kept_pages(cache) == set()


def test_old_editions_are_not_followed_for_ever(cache, world, publish, monkeypatch):
    monkeypatch.setattr(touched, "KEPT", 2)
    for number in range(4):
        publish("eye_care", summary=f"Otherwise {number}.")
    last = Edition.objects.first().number
    assert set(Touched.objects.values_list("edition", flat=True)) == {last - 1, last}
    assert kept_pages(cache) == set(), "what the first of the four touched is not known any more"


def test_of_many_editions_each_is_followed(cache, publish):
    publish("sudden", name="At once")
    publish("eye_care", summary="Otherwise.")
    assert dropped(cache) == {"/tags/sudden/", BELL, DROOP, "/treatments/eye-care/", "/sources/health-service/"}


@pytest.mark.parametrize("what", ["another copy", "an older copy", "another file"])
def test_anything_but_a_step_forward_drops_all(cache, publish, what):
    known = cache._edition
    if what == "another copy":
        # It went on by itself since the backup: the edition of that number is another one there.
        cache._edition = type(known)(known.place, known.number, "otherwise")
        publish("sudden", name="At once")
    elif what == "an older copy":
        cache._edition = type(known)(known.place, known.number + 1, known.token)
    else:
        cache.check.where = "there"
        publish("sudden", name="At once")
    assert kept_pages(cache) == set()


def change_at_random(rolls, world, page):
    """Withdraw a page, put an old version back, or publish it with other rows, tags and words, or a new slug."""
    how = rolls.random()
    if how < 0.15:
        publishing.withdraw(pages=[page], by=world.publisher, reason="So.")
        return "withdrawn"
    if how < 0.25:
        version = rolls.choice(list(page.versions.all()))
        publishing.restore(version=version, by=world.publisher, missing=publishing.Missing.REFUSE)
        return "restored"
    record = publishing.newest(page).record
    record |= {name: other_rows(rolls, world, page, record, name) for name in RELATIONS if name in record}
    for name in ("sources", "evidence", "tags", "about"):
        if name in record and rolls.random() < 0.3:
            few = record[name] if name in ("sources", "evidence") else CHOICES[name]
            record[name] = rolls.sample(few, rolls.randint(0, min(2, len(few))))
    if renamed := how < 0.35:
        record["slug"] = record["slug"].removesuffix("-too") + rolls.choice(["", "-too"])
    if "summary" in record and how > 0.6:
        record["summary"] = f"Said at {how}."
    publishing.save(record=record, entry=getattr(page, page.kind), by=world.author)
    publishing.publish(versions=[publishing.newest(page)], by=world.publisher)
    return "renamed" if renamed else "changed"


RELATIONS = ("symptoms", "causes", "treatments", "related")
CHOICES = {"tags": ["one-side", "sudden"], "about": ["conditions/bells-palsy", "symptoms/facial-droop"]}


def other_rows(rolls, world, page, record, relation):
    """A few of the rows that an entry has, or those that the richest one began with."""
    if page.kind == "condition" and rolls.random() < 0.3:
        return page.versions.last().record[relation] or RECORDS["bell"].get(relation, [])
    return [row for row in record[relation] if rolls.random() < 0.9]


def test_random_changes_leave_nothing_stale(cache, world):
    """Whatever is published, withdrawn, renamed, taken back or put back."""
    rolls, done = random.Random(4), Counter()
    for step in range(80):
        page = rolls.choice(list(Page.objects.order_by("pk")))
        said = "refused"
        with suppress(publishing.Refused, InvalidRecord, publishing.MissingReferences):
            said = change_at_random(rolls, world, page)
        done[said] += 1
        assert stale(cache) == [], (step, said, page)
        for one in Page.objects.all():
            ask(cache, one.url)
    assert done.keys() == {"changed", "renamed", "withdrawn", "restored", "refused"}, done
