"""The table in docs/roles.md, cell by cell: each role tries each row for real, and it happens where the table says so.

A new row of the table wants an act in ACTS, by the words of the row: where it is asked for, and what is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conditions import drafts, publishing
from conditions.models import Decision, UnfoundQuery
from conditions.publishing import SYSTEM, Draft, Proposal
from tests.admin.client import Editor, Form, address, keep
from tests.security.doors import Undone, client_of, on_the_desk, what_readers_see
from tests.world import World

DOC = Path(__file__).resolve().parent.parent.parent / "docs" / "roles.md"
COLUMNS = {"Nobody": "v", "Author": "A", "Reviewer": "R", "Publisher": "P", "Administrator": "S"}
"""The columns of the table, and the roles of tests/security/doors.py."""


@dataclass
class Stage:
    """A world in which there is something to do of every sort. Facial droop is live, and has a draft."""

    world: World
    link: Decision
    proposal: int
    gone: int
    unfound: int
    form: dict[str, Any]
    correction: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        """The desk entry of that name."""
        return getattr(self.world, name)


class Act(NamedTuple):
    """What somebody asks for. A GET is let in where the page comes; a POST where something is changed.

    name: of the address. entry: whose address of the admin it is. args, body: what is in the address, what is sent.
    """

    method: str
    name: str
    entry: str = ""
    args: Callable[[Stage], list[Any]] = lambda stage: []
    body: Callable[[Stage], dict[str, Any]] = lambda stage: {}

    def path(self, stage: Stage) -> str:
        if self.entry:
            return address(getattr(stage, self.entry), self.name, *self.args(stage))
        return reverse(self.name, args=self.args(stage))


PASSWORD = "another long pass-phrase"
ACTS = {
    "Read what is published": Act("GET", "page", args=lambda stage: ["symptom", "facial-droop"]),
    "Open a link to a preview": Act("GET", "shared_preview", args=lambda stage: [publishing.token_of(stage.link)]),
    "Read drafts, and preview them": Act("GET", "preview", "droop"),
    "Compare any two versions, drafts too": Act("GET", "differences", "droop"),
    "Make a link to a preview": Act("POST", "share", "droop", body=lambda stage: {"shows": "newest"}),
    "End a link to a preview": Act("POST", "share", "droop", body=lambda stage: {"revoke": stage.link.pk}),
    "Write, and save a draft": Act("POST", "change", "droop", body=lambda stage: stage.form | {"_savedraft": "1"}),
    "Send a version for review, and take it back": Act(
        "POST", "send_review", "bell", body=lambda stage: {"version": "1", "asked": ""}
    ),
    "Throw a draft away": Act("POST", "discard", "droop", body=lambda stage: {"seen": "2-1"}),
    "Restore an older version as the draft": Act("POST", "restore", "droop", args=lambda stage: [1]),
    "Restore what was deleted": Act("POST", "admin:restore_deleted", args=lambda stage: [stage.gone]),
    "Reject what a file proposes": Act("POST", "reject_proposal", "virus", args=lambda stage: [stage.proposal]),
    "Merge two tags": Act("POST", "merge", "sudden", body=lambda stage: {"into": "one-side"}),
    "See what people did not find": Act("GET", "admin:unfound"),
    "Leave out something that people did not find": Act(
        "POST", "admin:unfound_leave_out", args=lambda stage: [stage.unfound]
    ),
    "See the log": Act("GET", "admin:log"),
    "Review what others wrote": Act(
        "POST", "review", "droop", args=lambda stage: [2], body=lambda stage: {"_send_back": "1", "remark-0": "No."}
    ),
    "Save and publish": Act("POST", "change", "droop", body=lambda stage: stage.form | {"_publish": "1"}),
    "Publish several": Act(
        "POST", "admin:publish", body=lambda stage: {"version": publishing.newest(stage.droop.page).pk}
    ),
    "Correct what readers see while a draft waits": Act(
        "POST", "correct", "droop", body=lambda stage: stage.correction | {"_correct": "ask"}
    ),
    "Schedule a version": Act(
        "POST",
        "schedule",
        "droop",
        body=lambda stage: {"version": "2", "at": (timezone.now() + timedelta(days=1)).isoformat()},
    ),
    "Withdraw a page": Act("POST", "withdraw", "eye_care", body=lambda stage: {"reason": "Old."}),
    "Undo an edition": Act("POST", "admin:edition_undo", args=lambda stage: [2], body=lambda stage: {"seen": "2"}),
    "Delete an entry": Act("POST", "delete", "spare"),
    "Add people, and give them roles": Act(
        "POST",
        "admin:auth_user_add",
        body=lambda stage: {"username": "new", "password1": PASSWORD, "password2": PASSWORD},
    ),
}


def written() -> dict[str, dict[str, bool]]:
    """The table of the doc: whether something may be done, by its row and column."""
    lines = [re.split(r" *\| *", line.strip("| ")) for line in DOC.read_text().splitlines() if line.startswith("|")]
    (_, *columns), _, *rows = lines
    assert columns == list(COLUMNS)
    assert {cell for _, *cells in rows for cell in cells} == {"yes", "no"}
    return {what: dict(zip(columns, (cell == "yes" for cell in cells), strict=True)) for what, *cells in rows}


@pytest.fixture
def stage(world: World) -> Stage:
    virus = drafts.read(world.virus)
    world.entries["spare"] = keep("cause", "spare", "Spare", summary="So.")
    gone = keep("cause", "gone", "Gone", summary="So.")
    publishing.delete(entry=gone, by=SYSTEM)
    changed = publishing.save(record=virus | {"summary": "A cold."}, entry=world.virus, by=SYSTEM)
    publishing.publish(versions=[changed.version], by=SYSTEM)
    proposal = Draft(
        virus | {"summary": "Theirs."}, world.virus.page, changed.version.Origin.FILE, proposal=Proposal.OPEN
    )
    [version] = publishing.create_versions([proposal], by=SYSTEM, at=timezone.now())
    Editor(world.author).open(world.droop).send(summary="Half the face hangs.")
    link = publishing.share(entry=world.droop, shows=publishing.Shows.NEWEST, by=world.author)
    form = Editor(world.author).open(world.droop).fields | {"summary": ["It hangs."]}
    form.pop("typed_by", None)
    publishing.submit(version=publishing.newest(world.droop.page), by=world.author)
    url = address(world.droop, "correct")
    publisher = Editor(world.publisher).client
    correction = Form(publisher, url, publisher.get(url)).fields | {"also_called": ["a drooping face"]}
    correction.pop("typed_by", None)
    unfound = UnfoundQuery.objects.create(text="typed", times=3)
    return Stage(world, link, version.number, gone.page_id, unfound.pk, form, correction)


def everything() -> list[Any]:
    rows = [list(model.objects.order_by("pk").values_list()) for model in (Decision, UnfoundQuery)]
    return [what_readers_see(), on_the_desk(), rows]


def happens(client: Client, act: Act, stage: Stage) -> bool:
    """Whether somebody gets what they ask for. What it did is undone."""
    path, body, cookies, found = act.path(stage), act.body(stage), client.cookies.copy(), False
    with suppress(Undone), transaction.atomic():
        before = everything()
        answer = client.post(path, body) if act.method == "POST" else client.get(path)
        assert answer.status_code < 500, path
        found = answer.status_code == 200 if act.method == "GET" else everything() != before
        raise Undone
    client.cookies = cookies
    return found


def test_every_row_of_the_table_has_an_act():
    assert list(written()) == list(ACTS)


@pytest.mark.parametrize("column", COLUMNS)
def test_what_is_written_of_a_role_is_so(stage: Stage, column: str):
    client, _ = client_of(COLUMNS[column])
    assert {what: happens(client, act, stage) for what, act in ACTS.items()} == {
        what: cells[column] for what, cells in written().items()
    }
