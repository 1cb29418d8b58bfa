"""A document that hundreds of live statements rest on: what is refused costs the same, and is said in a few lines."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions import db, publishing, usage
from conditions.models import Link, Page
from conditions.publishing import Refused, editions
from tests.admin.client import Editor
from tests.world import World


def cite_many(world: World, count: int) -> None:
    """Let that many more live rows rest on the early signs alone, as far as the published tables are concerned."""
    pages, links = db.take_ids(Page, count), db.take_ids(Link, 2 * count)
    columns = ["id", "kind", "slug", "name", "summary", "sort_key"]
    db.insert(Page, columns, [(pk, "cause", f"m-{pk}", f"M {pk}", "", f"m {pk}") for pk in pages])
    bell, early = world.bell.page_id, world.early.page_id
    rows = [(pk, bell, "causes", page, None, "m", "", "", 1) for pk, page in zip(links, pages, strict=False)]
    rows += [(pk + count, bell, "evidence", early, pk, "early-signs", "", "", 1) for pk in links[:count]]
    db.insert(Link, ["id", "owner_id", "relation", "target_id", "via_id", "slug", "role", "note", "order"], rows)


def queries(ask: Any) -> int:
    with CaptureQueriesContext(connection) as caught:
        ask()
    return len(caught)


def test_claims_are_found_in_as_many_queries_however_many_there_are(world: World):
    gone = {world.early.page_id}

    def ask() -> None:
        usage.claims_left_without_evidence(gone)

    few = queries(ask)
    cite_many(world, 200)
    assert queries(ask) == few == 2
    assert len(usage.claims_left_without_evidence(gone)) == 202


def test_withdrawing_is_refused_in_few_words_before_anybody_waits(world: World, monkeypatch):
    cite_many(world, 200)

    def refuse(*args: object) -> None:
        raise AssertionError("it takes the lock of all writers")

    monkeypatch.setattr(editions, "write_lock", refuse)
    with pytest.raises(Refused) as refused:
        publishing.withdraw(pages=[world.page("early")], by=world.publisher, reason="Old.")
    assert len(refused.value.problems) == 21
    assert refused.value.problems[-1] == "and 182 more"


def test_the_admin_says_it_in_a_few_lines(world: World):
    def ask() -> None:
        texts.append(publisher.get(world.early, "withdraw").content.decode())

    publisher, texts = Editor(world.publisher), []
    ask()
    few = queries(ask)
    cite_many(world, 200)
    assert queries(ask) == few
    assert texts[-1].count("it is the only evidence for") == 20
    assert "<li>and 182 more</li>" in texts[-1]
    answer = publisher.post(world.early, "withdraw", reason="Old.").content.decode()
    assert answer.count("it is the only evidence for") == 20
    assert world.page("early").live


def test_a_text_that_cites_it_is_found_whatever_else_cites(world: World):
    """In the text of a page, not only in its list; and a slug that begins like it is another one."""
    found = usage.claims_left_without_evidence({world.service.page_id})
    assert [(blocker.page, blocker.path) for blocker in found] == [
        (world.bell.page_id, ("treatments",)),
        (world.bell.page_id, ("related",)),
        (world.droop.page_id, ()),
        (world.bell.page_id, ()),
    ]
