"""The preview: the page as typed, whole, and nothing of it stays."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions.models import Page
from tests.admin.client import Editor, Form, address, keep
from tests.world import World


def everything() -> dict[str, list[Any]]:
    """All rows of all tables but sessions."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label != "sessions"]
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}


def preview(form: Form, **changed: Any) -> Any:
    for name, value in changed.items():
        form[name] = value
    response = form.client.post(form.url.replace("change/", "preview/"), form.fields | {"_preview": ["1"]})
    assert response.status_code == 200
    return response


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def test_shows_the_page_as_typed_and_leaves_nothing_behind(world: World, author: Editor):
    form = author.open(world.droop)
    form.add_row("causes", target="viral-illness", tags=["Comes and goes"], evidence=["early-signs"])
    before = everything()
    response = preview(form, summary="Half the face hangs.", body="It **hangs**. [@health-service]", tags=["Brand new"])
    text = response.content.decode()
    assert "Preview: nothing is saved." in text
    assert "Half the face hangs." in text
    assert "<strong>hangs</strong>" in text
    assert ">Viral illness</a>" in text
    assert ">Brand new</a>" in text
    assert ">Bell’s palsy</a>" in text, "what refers to the page is shown too"
    assert everything() == before


def test_of_a_new_entry_shows_it(world: World, author: Editor):
    form = author.add("symptom")
    before = everything()
    form.url = "/admin/conditions/symptom/add/preview/"
    response = preview(form, name="Twitching eyelid", summary="The lid twitches.", tags=["Brand new"])
    assert "<h1>Twitching eyelid</h1>" in response.content.decode()
    assert ">Brand new</a>" in response.content.decode()
    assert everything() == before


def test_of_what_is_not_ready_says_why_and_shows_it(world: World, author: Editor):
    form = author.open(world.bell)
    form["symptoms-1-evidence"] = []
    before = everything()
    response = preview(form, summary="", tags=["Brand new"])
    assert "It cannot be published yet" in words(response)
    assert "has no evidence" in words(response)
    assert ">Earache</a>" in response.content.decode()
    assert ">Brand new</a>" in response.content.decode()
    assert everything() == before


def test_names_what_readers_would_not_see(world: World, author: Editor):
    response = preview(author.open(world.bell), summary="Weak on one side.")
    assert "entries that are not live, so readers would not see them: Stroke." in words(response)
    assert "/conditions/stroke/" not in response.content.decode()


def test_of_nothing_new_shows_the_live_page(world: World, author: Editor):
    before = everything()
    assert "One side of the face hangs down." in words(preview(author.open(world.droop)))
    assert everything() == before


def test_says_whether_its_version_is_published(world: World, author: Editor, reviewer: Editor):
    assert "1, with history" in words(preview(author.open(world.droop)))
    assert "1, with history" in words(reviewer.get(world.droop, "preview"))
    assert "2, not published" in words(preview(author.open(world.droop), summary="Half the face hangs."))


def test_mistakes_are_named_and_the_form_is_in_the_other_tab(world: World, author: Editor):
    form, before = author.open(world.droop), everything()
    response = preview(form, name="", unknown="x")
    assert "It cannot be previewed yet" in words(response)
    assert "Name: Is missing; write it" in words(response)
    assert "Close this tab. What you typed is still in the other one" in words(response)
    assert "<form" not in response.content.decode().partition("<main")[2], (
        "one form in two tabs would conflict with itself"
    )
    assert everything() == before
    assert "Saved as version 2" in form.send(name="A drooping face").messages


def test_clashes_are_shown_as_when_saving(world: World, author: Editor, publisher: Editor):
    form = author.open(world.droop)
    publisher.open(world.droop).send(summary="Theirs.")
    response = preview(form, summary="Ours.")
    assert "“Theirs.”" in words(response)


@pytest.mark.parametrize("name", ["bell", "droop", "eye_care", "virus", "warning", "one_side", "service", "stroke"])
def test_every_kind_can_be_previewed_by_who_only_looks(world: World, reviewer: Editor, name: str):
    entry = getattr(world, name)
    before = everything()
    assert "Preview of the newest version" in reviewer.open(entry).text
    response: Any = reviewer.get(entry, "preview")
    assert f"<h1>{entry.name}</h1>" in unescape(response.content.decode())
    assert reviewer.client.post(address(entry, "preview"), {"name": "x"}).status_code == 403
    assert everything() == before


def test_names_are_escaped(world: World, author: Editor):
    hostile = "<script>alert(1)</script>"
    text = preview(
        author.open(world.droop), name=hostile, summary=hostile, body=hostile, tags=[hostile]
    ).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert Page.objects.live().exists()


class TestAsRead:
    """The text of one field, below the field."""

    def test_stands_below_every_markdown_field_of_the_form(self, world: World, author: Editor):
        author.open(world.droop).send(help_soon="Ask **soon**. [@health-service]", sources=["health-service"])
        text = author.open(world.droop).text
        assert text.count('<details class="as-read"') == 6
        assert "<p>Ask <strong>soon</strong>." in text
        assert 'href="/sources/health-service/"' in text
        assert 'aria-label="Source A: Bell’s palsy"' in text

    def test_of_what_is_typed_is_rendered_and_safe(self, world: World, author: Editor):
        typed = "It *hangs*.\n\n<script>alert(1)</script> ![x](https://example.org/x.png) [a](javascript:alert(1))"
        said = author.client.post("/admin/as-read/", {"text": typed}).content.decode()
        assert "<em>hangs</em>" in said
        assert "&lt;script&gt;" in said
        assert "<script" not in said
        assert "<img" not in said
        assert "href" not in said

    def test_is_for_those_who_may_type(self, world: World, reviewer: Editor, client: Any):
        assert reviewer.client.post("/admin/as-read/", {"text": "x"}).status_code == 403
        assert client.post("/admin/as-read/", {"text": "x"}).status_code == 302
        assert reviewer.client.get("/admin/as-read/").status_code == 405


class TestWords:
    """All that a picked document says."""

    def test_are_given_as_they_are(self, world: World, author: Editor):
        answer = author.client.get("/admin/words/early-signs/")
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.content.decode() == world.early.answer

    def test_of_what_is_no_document_are_not_there(self, world: World, author: Editor, client: Any):
        assert author.client.get("/admin/words/nothing/").status_code == 404
        assert client.get("/admin/words/early-signs/").status_code == 302


def test_only_reads_and_waits_for_nobody(world: World, author: Editor):
    form = author.open(world.droop)
    with CaptureQueriesContext(connection) as queries:
        preview(form, summary="Half the face hangs.", tags=["one-side", "Brand new"])
        assert author.get(world.droop, "preview").status_code == 200
    statements = [query["sql"] for query in queries]
    assert statements
    assert [sql for sql in statements if not sql.startswith("SELECT") or "FOR UPDATE" in sql] == []


def test_may_be_looked_at_while_another_holds_the_lock_of_writers(world: World, author: Editor, monkeypatch):
    form = author.open(world.bell)

    def refuse(*args: Any, **options: Any) -> Any:
        raise AssertionError("a preview takes no lock")

    for module in ("access", "saving", "editions", "versions", "restoring"):
        monkeypatch.setattr(f"conditions.publishing.{module}.write_lock", refuse)
    assert "Preview" in preview(form, summary="Weak.", tags=["Brand new"]).content.decode()


def test_is_at_the_address_that_was_typed(world: World, author: Editor):
    text = preview(author.open(world.droop), slug="drooping-face").content.decode()
    assert "http://testserver/symptoms/drooping-face/" in text
    assert 'href="/symptoms/facial-droop/' not in text


def refusal(response: Any) -> str:
    assert "It cannot be previewed yet" in response.content.decode()
    return words(response)


def test_refuses_what_saving_would_refuse(world: World, author: Editor):
    """The address of another page, and a tag that can be none."""
    author.open(world.earache).send(slug="ear-pain")
    form = author.open(world.droop)
    assert "belongs to &#x27;Earache&#x27; permanently" in refusal(preview(form, slug="earache"))
    form = author.open(world.droop)
    assert "characters long" in refusal(preview(form, tags=["x" * 320]))


def test_merges_what_is_in_the_draft_without_a_version(world: World, author: Editor):
    form = author.open(world.droop)
    type(world.droop).objects.filter(pk=world.droop.pk).update(body="Written past all verbs.\n")
    text = preview(form, summary="Half the face hangs.").content.decode()
    assert "Half the face hangs." in text
    assert "Written past all verbs." in text


def test_of_a_new_entry_at_the_address_of_a_deleted_one_goes_on_from_it(world: World, publisher: Editor):
    publisher.post(keep("cause", "cold", "Cold"), "delete")
    form = publisher.add("cause")
    form.url = "/admin/conditions/cause/add/preview/"
    assert "2, not published" in words(preview(form, name="Cold", slug="cold", summary="A draft of air."))


def test_says_one_thing_of_a_row_without_evidence(world: World, author: Editor):
    form = author.open(world.droop)
    form.add_row("causes", target="viral-illness")
    said = words(preview(form))
    assert "It cannot be published yet" in said
    assert "the document that states this is not published" not in said


def test_of_the_live_page_names_what_readers_do_not_see(world: World, author: Editor):
    said = words(author.get(world.bell, "preview"))
    assert "It links to entries that are not live, so readers do not see them: Stroke." in said
    assert "It cannot be published yet" not in said
    assert "not live" not in words(author.get(world.droop, "preview"))


def test_names_what_it_hides_also_where_something_blocks_it(world: World, author: Editor):
    author.open(world.stroke).send(name="Stroke of the brain")
    said = words(preview(author.open(world.bell), summary=""))
    assert "It cannot be published yet: Bell’s palsy: In one sentence: write one plain sentence" in said
    assert "so readers would not see them: Stroke of the brain." in said


def test_says_all_that_blocks_it_at_once(world: World, author: Editor):
    """A row without evidence, and one whose document readers do not see."""
    keep("question", "unseen", "Unseen?", answer="No.")
    form = author.open(world.bell)
    form["symptoms-0-evidence"], form["symptoms-1-evidence"] = [], ["unseen"]
    said = words(preview(form))
    assert "Facial droop: this symptom has no evidence" in said
    assert "Earache: the document that states this is not published" in said
    assert "readers would not see them: Stroke, Unseen?." in said


def test_nobody_reports_a_mistake_in_what_only_a_preview_shows(world: World, author: Editor, settings):
    settings.CONTACT = "editors@example.org"
    assert "Report a mistake" in author.client.get("/conditions/bells-palsy/").content.decode()
    assert "Report a mistake" not in author.get(world.bell, "preview").content.decode()
