"""Relation rows on a form: closed ones are text that sends what their controls would, and a number is a place."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import drafts, publishing
from conditions.models import Version
from conditions.publishing import SYSTEM
from tests.admin.client import Editor, Form, address, hidden, keep
from tests.world import PASSWORD, World

SYMPTOMS = ("a", "b", "c", "d")


def open_row(form: Form, prefix: str) -> Form:
    """Press "Edit" of a closed row where no script runs."""
    form["_open"] = prefix
    answer = form.send("_nothing")
    del form.fields["_open"]
    return answer


def controls(form: Form, prefix: str) -> bool:
    """Whether a row is open."""
    return f'id="id_{prefix}-note"' in form.text


def sent(form: Form) -> dict[str, Any]:
    """What a form sends, but for the marks of its open rows and boxes in which nothing was typed."""
    others = ("-open", "-more", "csrfmiddlewaretoken")
    return {name: value for name, value in form.fields.items() if not name.endswith(others)}


def with_symptoms(world: World, *slugs: str) -> Any:
    """Bell's palsy, its symptoms those."""
    for slug in slugs:
        keep("symptom", slug, f"Symptom {slug}")
    rows = [{"target": slug, "evidence": ["early-signs"], "tags": ["sudden"]} for slug in slugs]
    publishing.save(record=drafts.read(world.bell) | {"symptoms": rows}, entry=world.bell, by=SYSTEM)
    return world.bell


def order_of(world: World) -> list[str]:
    return [row["target"] for row in drafts.read(world.bell)["symptoms"]]


class TestClosed:
    def test_a_closed_row_sends_what_its_controls_send(self, world: World, author: Editor):
        closed = author.open(world.bell)
        for relation in ("symptoms", "treatments", "causes", "related"):
            closed[f"{relation}-0-open"] = "1"
        closed["symptoms-1-open"] = "1"
        opened = open_row(closed, "symptoms-0")
        assert "row-closed" not in opened.text
        assert sent(opened) == sent(author.open(world.bell))

    def test_many_rows_make_no_more_controls_and_queries(self, world: World, author: Editor):
        def cost() -> tuple[int, int]:
            with CaptureQueriesContext(connection) as queries:
                form = author.open(world.bell)
            return form.text.count('class="combobox"'), len(queries)

        with_symptoms(world, "n-0", "n-1")
        cost()
        few = cost()
        with_symptoms(world, *(f"n-{number}" for number in range(2, 40)))
        assert cost() == few

    def test_it_names_what_a_script_needs(self, world: World, author: Editor):
        text = author.open(world.bell).text
        assert 'name="symptoms-0-tags" value="one-side" data-text="One side"' in text
        url = address(world.warning, "change")
        assert f'value="warning-signs" data-text="What are the warning signs?" data-url="{url}"' in text

    def test_who_may_only_read_gets_text(self, world: World, reviewer: Editor):
        form = reviewer.open(world.bell)
        assert not [name for name in form.fields if name.startswith("symptoms-") and not name.endswith("_FORMS")]
        row = form.text[form.text.index('id="symptoms-0"') : form.text.index('id="symptoms-1"')]
        assert "One side, Sudden" in row
        assert "What are the warning signs?" in row
        assert address(world.warning, "change") in row
        assert "Within hours to days." in row
        assert "Type to search" not in form.text


class TestWithoutScripts:
    @pytest.fixture
    def author(self, world: World) -> Editor:
        return Editor(world.author, scripts=False)

    def test_a_row_is_opened_and_nothing_typed_is_lost(self, world: World, author: Editor):
        count = Version.objects.count()
        form = author.open(world.bell)
        assert not controls(form, "symptoms-1")
        form["summary"] = "Half a"
        form["symptoms-2-target-more"] = "no such symptom"
        opened = open_row(form, "symptoms-1")
        assert controls(opened, "symptoms-1")
        assert not controls(opened, "symptoms-0")
        assert opened["summary"] == "Half a"
        assert opened["symptoms-2-target-more"] == "no such symptom"
        assert "Not saved yet" not in opened.text
        assert Version.objects.count() == count

    def test_rows_that_are_open_stay_so(self, world: World, author: Editor):
        first = open_row(author.open(world.bell), "symptoms-1")
        first["symptoms-1-note"] = "Typed."
        second = open_row(first, "symptoms-0")
        assert controls(second, "symptoms-0")
        assert second["symptoms-1-note"] == "Typed."
        again = second.send(name="")
        assert controls(again, "symptoms-0")
        assert controls(again, "symptoms-1")
        again.send(name="Bell’s palsy")
        assert [row.get("note") for row in drafts.read(world.bell)["symptoms"]] == ["Within hours to days.", "Typed."]

    def test_empty_rows_do_not_add_up(self, world: World, author: Editor):
        form = author.open(world.bell)
        for prefix in ("symptoms-0", "symptoms-1", "causes-0"):
            form = open_row(form, prefix)
        for relation, title in (("symptoms", "symptom"), ("causes", "cause"), ("related", "related condition")):
            group = form.text[form.text.index(f'id="{relation}-group"') :].partition("<template>")[0]
            assert group.count(f"<h3>New {title}") == 1
        assert '">Symptoms <span class="quiet">2</span></a>' in form.text

    def test_a_row_with_a_mistake_is_open(self, world: World, author: Editor):
        answer = author.open(world.bell).send(**{"symptoms-1-note": "x" * 1001})
        assert controls(answer, "symptoms-1")
        assert not controls(answer, "symptoms-0")

    def test_a_row_in_conflict_is_open(self, world: World, author: Editor):
        mine, theirs = author.open(world.bell), author.open(world.bell)
        theirs.send(**{"symptoms-0-note": "Theirs."})
        answer = mine.send(**{"symptoms-0-note": "Mine."})
        assert "changed this too" in answer.errors["symptoms-0-note"][0]
        assert "Theirs." in answer.text
        assert controls(answer, "symptoms-0")
        assert answer["symptoms-0-note"] == "Mine."

    def test_a_row_is_opened_on_a_form_whose_session_ended(self, world: World, author: Editor):
        form = author.open(world.bell)
        form["summary"] = "Half a"
        author.client.logout()
        login = author.client.post(form.url, form.fields | {"_open": ["symptoms-1"]}).content.decode()
        data = {"username": "author", "password": PASSWORD, "next": form.url, "preserved": hidden(login, "preserved")}
        answer = Form(author.client, form.url, author.client.post("/admin/login/", data), scripts=False)
        assert controls(answer, "symptoms-1")
        assert answer["summary"] == "Half a"
        answer.send(summary="Whole.")
        assert drafts.read(world.bell)["summary"] == "Whole."


ORDERS: list[tuple[dict[str, str], str]] = [
    ({}, "abcd"),
    ({"d": "1"}, "dabc"),
    ({"d": "0"}, "dabc"),
    ({"a": "4"}, "bcda"),
    ({"a": "3"}, "bcad"),
    ({"a": "99"}, "bcda"),
    ({"b": ""}, "acdb"),
    ({"a": "2", "b": "1"}, "bacd"),
    ({"a": "4", "b": "3", "c": "2", "d": "1"}, "dcba"),
    ({"a": "4", "d": "1"}, "dbca"),
    ({"c": "1", "d": "1"}, "dcab"),
    ({"a": "", "d": "1"}, "dbca"),
]
"""The numbers that are typed for rows a, b, c and d, and the order that comes of them."""


class TestOrder:
    def test_a_number_is_a_place(self, world: World, author: Editor, subtests):
        bell = with_symptoms(world, *SYMPTOMS)
        wrong = []
        for typed, wanted in ORDERS:
            form = author.open(bell)
            places = {form[f"symptoms-{place}-target"]: place for place in range(4)}
            answer = form.send(**{f"symptoms-{places[slug]}-order": order for slug, order in typed.items()})
            assert answer.errors == {}
            if "".join(order_of(world)) != wanted:
                wrong.append((typed, wanted, order_of(world)))
            back = author.open(bell)
            for place in range(4):
                back[f"symptoms-{place}-order"] = str(SYMPTOMS.index(back[f"symptoms-{place}-target"]) + 1)
            back.send()
            assert "".join(order_of(world)) == "abcd"
        assert wrong == []

    def test_a_row_that_is_removed_keeps_its_place_until_then(self, world: World, author: Editor):
        form = author.open(with_symptoms(world, *SYMPTOMS))
        form.send(**{"symptoms-0-DELETE": "on", "symptoms-3-order": "2"})
        assert order_of(world) == ["d", "b", "c"]

    def test_a_new_row_goes_where_its_number_says(self, world: World, author: Editor):
        form = author.open(with_symptoms(world, *SYMPTOMS))
        form.add_row("symptoms", target="earache", order="2")
        form.add_row("symptoms", order="6")
        assert form.send().errors == {}
        assert order_of(world) == ["a", "earache", "b", "c", "d"]

    def test_what_comes_back_stands_in_the_order_that_was_asked_for(self, world: World, author: Editor):
        form = author.open(with_symptoms(world, *SYMPTOMS))
        answer = form.send(**{"name": "", "symptoms-3-order": "1"})
        places = [answer.text.index(f'id="symptoms-{place}"') for place in (3, 0, 1, 2)]
        assert places == sorted(places)
        answer.send(name="Bell’s palsy")
        assert order_of(world) == ["d", "a", "b", "c"]


def test_a_form_is_compressed_for_browsers_that_ask_for_it(world: World, author: Editor):
    url = address(world.bell, "change")
    answer = author.client.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert "Save draft" in gzip.decompress(answer.content).decode()
    assert "Content-Encoding" not in author.client.get(url)
