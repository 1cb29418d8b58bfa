"""How a version becomes a page: references, footnotes, sections, differences."""

import pytest

from conditions import drafts, footnotes, history, page_content, publishing, records
from conditions.differences import differences
from conditions.models.published import Page
from conditions.schema import Kind


def test_references_names_rows_before_their_marks(world):
    found = records.references(world.newest("bell").record)
    rows = {place: one for place, one in enumerate(found) if one.relation in ("symptoms", "related")}
    assert [one.slug for one in rows.values()] == ["facial-droop", "earache", "stroke"]
    marks = [(one.relation, one.slug, rows[one.via].slug) for one in found if one.via in rows]
    assert marks == [
        ("tags", "one-side", "facial-droop"),
        ("tags", "sudden", "facial-droop"),
        ("evidence", "warning-signs", "facial-droop"),
        ("evidence", "early-signs", "earache"),
        ("sources", "health-service", "stroke"),
    ]


def test_live_page_gives_footnotes_in_the_order_of_first_mention(world):
    found = page_content.live_page(Kind.CONDITION, "bells-palsy")
    assert [(one.note.marker, one.note.page.slug) for one in found.documents] == [
        ("1", "warning-signs"),
        ("2", "early-signs"),
    ]
    assert [one.note.marker for one in found.sources] == ["A"]
    assert [note.marker for row in found.relations["symptoms"].rows for note in row.notes] == ["1", "2"]


def test_live_page_gives_a_citation_in_the_text_its_footnote(world):
    found = page_content.live_page(Kind.SYMPTOM, "facial-droop")
    assert [note.marker for note in found.care[0].notes] == ["A"]
    assert "note" not in found.care[0].text


@pytest.mark.parametrize(("slug", "part"), [("stroke", 1), ("nothing", 1), ("bells-palsy", 2)])
def test_live_page_refuses_what_is_not_live(world, slug, part):
    with pytest.raises(Page.DoesNotExist):
        page_content.live_page(Kind.CONDITION, slug, part)


def test_live_page_hides_marks_of_relations_to_what_is_not_live(world):
    sections = page_content.live_page(Kind.SOURCE, "health-service").backlinks
    statements = next(section for section in sections if section.title == "Mentions")
    assert [row.target.slug for row in statements.rows] == ["eye-care"]
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    sections = page_content.live_page(Kind.SOURCE, "health-service").backlinks
    assert [(row.target.slug, row.role) for row in sections[-1].rows] == [
        ("eye-care", ""),
        ("stroke", "Easily mistaken for"),
    ]


def save_and_publish(world, name, **fields):
    record = world.newest(name).record | fields
    saved = publishing.save(record=record, entry=getattr(world, name), by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)


def listed(kind, slug):
    """What a page says refers to it."""
    content = page_content.live_page(kind, slug)
    sections = [*content.relations.values(), *content.backlinks]
    return [row.page.slug for section in sections for row in section.rows]


def test_live_page_leaves_out_what_a_cause_says_that_is_a_condition(world):
    """Its address leads to the condition while readers can see that."""
    publishing.publish(versions=[world.newest("stroke")], by=world.publisher)
    save_and_publish(world, "virus", tags=["sudden"])
    assert "viral-illness" in listed(Kind.TAG, "sudden")
    save_and_publish(world, "virus", is_condition=["stroke"])
    assert "viral-illness" not in listed(Kind.TAG, "sudden")
    publishing.withdraw(pages=[world.page("stroke")], by=world.publisher, reason="Old.")
    assert "viral-illness" in listed(Kind.TAG, "sudden")


def test_live_page_does_not_list_itself_by_a_cause_that_it_is(world):
    save_and_publish(world, "virus", is_condition=["bells-palsy"])
    assert "bells-palsy" not in listed(Kind.CONDITION, "bells-palsy")


def test_live_page_orders_what_leads_to_it_by_kind(world):
    record = world.newest("warning").record | {"tags": ["one-side"]}
    saved = publishing.save(record=record, entry=world.warning, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    sections = page_content.live_page(Kind.TAG, "one-side").backlinks
    assert [section.title for section in sections] == ["Conditions", "Questions", "Mentions"]
    assert sections[1].rows[0].note == "", "an answer is not a note"


def test_live_page_words_a_role_from_the_other_side(world):
    record = world.newest("stroke").record
    row = {"target": "bells-palsy", "role": "can-be-caused-by", "sources": ["health-service"]}
    saved = publishing.save(record=record | {"related": [row]}, entry=world.stroke, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    found = page_content.live_page(Kind.CONDITION, "stroke").relations["related"].rows
    assert [(one.page.slug, one.role) for one in found] == [("bells-palsy", "Can be caused by")]


def test_as_recorded_shows_an_old_version_at_todays_addresses(world):
    old = world.newest("bell")
    record = world.newest("droop").record | {"slug": "drooping"}
    saved = publishing.save(record=record, entry=world.droop, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    found = page_content.of_version(world.page("bell"), old)
    assert [row.page.url for row in found.relations["symptoms"].rows] == ["/symptoms/drooping/", "/symptoms/earache/"]
    assert found.relations["related"].rows == []
    assert [one.note.page.slug for one in found.documents] == ["warning-signs", "early-signs"]


def test_reading_tells_the_dates_of_a_source(world):
    found = page_content.live_page(Kind.SOURCE, "health-service")
    assert found.dates["accessed"].isoformat() == "2026-11-01"
    assert found.dates["published"] is None


def test_differences_says_what_changed_place_by_place(world):
    before = world.newest("bell").record
    rows = [before["symptoms"][1], before["symptoms"][0] | {"note": "At once."}]
    after = before | {"summary": "New.", "symptoms": rows, "tags": [], "sources": ["unknown"]}
    names = drafts.names_in([before, after])
    *changed, moved = differences(before, after, names)
    found = {one.label: (one.was, one.now) for one in changed}
    assert set(found) == {"In one sentence", "Tags", "Sources", "Symptoms: Facial droop"}
    assert found["In one sentence"] == ("One side of the face grows weak.", "New.")
    assert found["Tags"] == ("One side", "")
    assert found["Sources"][1] == "unknown", "what has no page is called by its slug"
    assert "Note: At once." in found["Symptoms: Facial droop"][1]
    assert (moved.label, moved.was, moved.now) == ("Symptoms: Earache", "after Facial droop", "first")


def test_differences_of_the_same_are_none(world):
    record = world.newest("bell").record
    assert differences(record, record, {}) == []


def test_history_is_newest_first(world):
    saved = publishing.save(record=world.newest("bell").record | {"summary": "New."}, entry=world.bell, by=world.author)
    publishing.publish(versions=[saved.version], by=world.publisher)
    found = history.page_changes(world.page("bell"))
    assert [change.after.number for change in found] == [2, 1]


@pytest.mark.parametrize(
    ("number", "marker"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (702, "ZZ"), (703, "AAA")]
)
def test_notes_letters_go_on_after_z(number, marker):
    notes = footnotes.Notes()
    for pk in range(1, number + 1):
        note = notes.of(Page(pk=pk, kind=Kind.SOURCE))
    assert note.marker == marker


def test_footnotes_count_up_in_the_order_of_the_page(world):
    """What stands last is numbered last: what to say at the doctor's, and codes."""
    fields = {"help_now": "Call. [@health-service]\n", "at_the_doctor": "Say so. [@late]\n"}
    late = {"kind": "source", "slug": "late", "name": "Late", "publisher": "P"}
    coded = {"kind": "source", "slug": "coded", "name": "Coded", "publisher": "P"}
    saved = [publishing.save(record=one, entry=None, by=world.author).version for one in (late, coded)]
    record = drafts.read(world.bell) | fields
    record |= {"codes": ["ICD-10-CM G51.0 [@coded]"], "sources": ["coded", "health-service", "late"]}
    saved.append(publishing.save(record=record, entry=world.bell, by=world.author).version)
    publishing.publish(versions=saved, by=world.publisher)
    found = page_content.live_page(Kind.CONDITION, "bells-palsy")
    numbers = {one.note.page.slug: one.note.marker for one in found.sources}
    assert numbers == {"health-service": "A", "late": "B", "coded": "C"}
