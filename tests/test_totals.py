"""How many the lists show is kept by each edition, and is what counting all of it says."""

import pytest

from conditions import publishing
from conditions.models.index import Total
from conditions.models.published import Change, Edition, Page
from conditions.publishing import SYSTEM
from conditions.publishing.totals import counted


def kept():
    return {(one.kind, one.tag_id, one.letter): one.count for one in Total.objects.filter(count__gt=0)}


def assert_exact():
    assert kept() == counted(Page.objects.values_list("pk", flat=True))
    for edition in Edition.objects.filter(number__gt=0):
        moved = Change.objects.filter(edition=edition).order_by("place")
        assert edition.moved == len(moved)
        assert [one.place for one in moved] == list(range(1, edition.moved + 1))


def save(world, entry_name, /, **fields):
    entry = getattr(world, entry_name)
    record = publishing.newest(entry.page).record | fields
    return publishing.save(record=record, entry=entry, by=world.author).version


MOVES = {
    "renamed": {"bell": {"name": "Weak face"}},
    "renamed to what begins with no letter": {"bell": {"name": "7th nerve palsy"}},
    "another other name": {"droop": {"also_called": ["hanging face", "saggy face"]}},
    "no other names": {"droop": {"also_called": []}},
    "tagged": {"bell": {"tags": ["one-side", "sudden"]}},
    "no tags": {"bell": {"tags": []}},
    "first published": {"stroke": {"tags": ["one-side"]}},
    "a cause that is a condition": {"virus": {"is_condition": ["bells-palsy"]}},
    "several at once": {"bell": {"name": "A"}, "droop": {"name": "A"}, "virus": {"name": "A", "tags": ["sudden"]}},
}


def test_the_world_is_counted(world):
    assert_exact()
    assert kept()["condition", None, ""] == 1


@pytest.mark.parametrize("moves", MOVES.values(), ids=MOVES)
def test_each_edition_keeps_the_totals(world, moves):
    versions = [save(world, name, **fields) for name, fields in moves.items()]
    publishing.publish(versions=versions, by=SYSTEM)
    assert_exact()


def test_a_cause_counts_again_while_the_condition_that_it_is_is_withdrawn(world):
    publishing.publish(versions=[save(world, "stroke", summary="A clot.")], by=SYSTEM)
    publishing.publish(versions=[save(world, "virus", is_condition=["stroke"])], by=SYSTEM)
    assert_exact()
    assert ("cause", None, "") not in kept()
    publishing.withdraw(pages=[world.page("stroke")], by=SYSTEM, reason="Wrong.")
    assert_exact()
    assert kept()["cause", None, ""] == 1


def test_what_is_withdrawn_does_not_count(world):
    publishing.publish(versions=[save(world, "stroke", tags=["sudden"])], by=SYSTEM)
    before = kept()
    publishing.withdraw(pages=[world.page("stroke")], by=SYSTEM, reason="Wrong.")
    assert_exact()
    assert before["condition", None, ""] == kept()["condition", None, ""] + 1


def test_changes_stand_in_the_order_of_lists(world):
    moved = Change.objects.filter(edition=1).order_by("place").values_list("page__kind", "page__sort_key")
    assert list(moved) == sorted(moved)
