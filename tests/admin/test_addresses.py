"""The address of an entry: made from its name, and following it until somebody depends on it or writes one."""

from __future__ import annotations

import pytest

from conditions import drafts, publishing
from conditions.models import Symptom
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, keep
from tests.world import World

FOLLOWS = "It changes with the name until you write another one, or it is published."


def test_half_a_name_leaves_no_half_an_address(world: World, author: Editor):
    saved = author.add("symptom").send(name="Hemifac")
    assert FOLLOWS in saved.text
    again = saved.send(name="Hemifacial pulling")
    assert again["slug"] == "hemifacial-pulling"
    assert Symptom.objects.get(name="Hemifacial pulling").slug == "hemifacial-pulling"
    assert FOLLOWS in again.text


def test_an_address_that_somebody_wrote_stays(world: World, author: Editor):
    saved = author.add("symptom").send(name="Hemifac", slug="pulling")
    assert FOLLOWS not in saved.text
    assert saved.send(name="Hemifacial pulling")["slug"] == "pulling"
    written = author.add("symptom").send(name="Numb").send(slug="numb-cheek")
    assert written.send(name="Numbness")["slug"] == "numb-cheek"


def test_an_address_written_with_a_new_name_wins(world: World, author: Editor):
    assert author.add("symptom").send(name="Hemifac").send(name="Pulling", slug="own")["slug"] == "own"


def test_a_published_address_stays(world: World, publisher: Editor, author: Editor):
    form = author.open(world.earache)
    assert FOLLOWS not in form.text
    assert form.send(name="Pain in the ear")["slug"] == "earache"
    publisher.post(world.earache, "withdraw", reason="So.")
    assert author.open(world.earache).send(name="Ear pain")["slug"] == "earache", "it was public once"


def test_an_address_of_a_content_file_stays(world: World, author: Editor):
    entry = keep("symptom", "numb", "Numb")
    publishing.mark_in_files({"fixtures/symptoms/numb.yaml": [publishing.newest(entry.page).pk]})
    assert author.open(entry).send(name="Numbness")["slug"] == "numb"


@pytest.mark.parametrize("name", ["Earache!", "أذن", "Stroke", "Gone"])
def test_where_the_name_makes_none_or_one_of_others_it_stays(world: World, author: Editor, name: str):
    publishing.delete(entry=keep("symptom", "gone", "Gone"), by=SYSTEM)
    keep("symptom", "stroke", "Cut short")
    saved = author.add("symptom").send(name="Hemifac").send(name=name)
    assert saved.errors == {}
    assert (saved["name"], saved["slug"]) == (name, "hemifac")


def test_two_editors_of_a_draft_do_not_take_its_address_back(world: World, author: Editor):
    author.add("symptom").send(name="Hemifac")
    entry = Symptom.objects.get(slug="hemifac")
    mine, theirs = author.open(entry), author.open(entry)
    theirs.send(name="Hemifacial pulling")
    assert mine.send(summary="It pulls.").errors == {}
    entry.refresh_from_db()
    assert (entry.slug, entry.name, entry.summary) == ("hemifacial-pulling", "Hemifacial pulling", "It pulls.")


def test_the_old_address_of_a_draft_is_still_known(world: World, author: Editor):
    """Who had it in a form keeps the row."""
    author.add("symptom").send(name="Hemifac")
    form = author.open(world.bell)
    form.add_row("symptoms", target="hemifac", evidence=["early-signs"])
    author.open(Symptom.objects.get(slug="hemifac")).send(name="Hemifacial pulling")
    assert form.send().errors == {}
    assert [row["target"] for row in drafts.read(world.bell)["symptoms"]][-1] == "hemifacial-pulling"


@pytest.mark.parametrize("name", ["ألم الأذن", "😀", "Боль", "!!!"])
def test_a_name_without_latin_letters_says_why_it_makes_no_address(world: World, author: Editor, name: str):
    answer = author.add("symptom").send(name=name)
    assert set(answer.errors) == {"slug"}
    said = "An address is made from Latin letters and digits, and this name has none; write one, such as facial-pain"
    assert answer.errors["slug"] == [said]
    assert answer.send(slug="own-words").errors == {}
    assert Symptom.objects.get(slug="own-words").name == name


def test_a_new_tag_without_latin_letters_says_so_too(world: World, author: Editor):
    answer = author.open(world.droop).send(tags=["أذن"])
    assert "made from Latin letters and digits" in answer.errors["tags"][0]
    assert "add it on a form of its own" in answer.errors["tags"][0]


def test_a_new_entry_can_be_named_by_its_address(world: World, author: Editor):
    form = author.client.get("/admin/conditions/symptom/add/?name=Numb+%3Ccheek%3E").content.decode()
    assert 'value="Numb &lt;cheek&gt;"' in form


def test_only_who_may_add_one_is_offered_to(world: World, author: Editor):
    form = author.open(world.bell)
    assert 'data-add="/admin/conditions/symptom/add/"' in form.text
    group = world.author.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_symptom"))
    form = author.open(world.bell)
    assert 'data-add="/admin/conditions/symptom/add/"' not in form.text
    assert 'data-add="/admin/conditions/cause/add/"' in form.text
