"""What people type and readers never see: found by search and in pickers, and on no page."""

import pytest
from django.test import Client

from tests.admin.client import Editor

pytestmark = pytest.mark.django_db
TYPED = "droppy fase"


@pytest.fixture
def publisher(world):
    publisher = Editor(world.publisher)
    said = publisher.open(world.droop).send("_publish", found_by=f"{TYPED}\nDrooping Face\nDROPPY FASE\nFacial droop")
    assert "Published" in said.messages
    return publisher


def test_a_name_is_said_once_however_it_is_shown(world, publisher):
    assert world.droop.found_by == [TYPED]
    assert world.droop.also_called == ["drooping face"]


def test_search_finds_it_first_and_no_page_shows_it(world, publisher):
    publisher.open(world.earache).send("_publish", body="Not a droppy fase, nor facial droop.")
    found = Client().get("/search/", {"q": TYPED}).content.decode()
    named = '<h2 id="named"><a href="/symptoms/facial-droop/">'
    assert found.index(named) < found.index('<h3><a href="/symptoms/earache/">')
    for address in ("", "history/", "history/2/"):
        answer = Client().get(f"/symptoms/facial-droop/{address}")
        assert answer.status_code == 200
        assert "droppy" not in answer.content.decode(), address
    assert found.count("droppy fase") == 3, "in the title, once more for who passes it on, and in the box"
    assert "<mark>droppy</mark> <mark>fase</mark>" in found, "in the text of the other page"


def test_a_picker_finds_it(world, publisher):
    for query in ({"term": "droppy"}, {"called": TYPED}):
        answer = publisher.client.get("/admin/pick/symptom/", query).json()
        assert [one["text"] for one in answer["results"]] == ["Facial droop"], query
