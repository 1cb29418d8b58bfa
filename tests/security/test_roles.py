"""Every address of the admin, for every role, by every method: who is let in, and what readers see stays as it is.

ROWS says it, by the name of the address. A new address has no row, and fails until it has been given one.
"""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatch
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.test import Client

from conditions import publishing
from conditions.admin.expired_forms import owner_token
from conditions.models import Page
from conditions.schema import Kind
from tests.admin.client import address
from tests.security.doors import ROLES, STAFF, Undone, client_of, on_the_desk, outcome, what_readers_see
from tests.security.places import Place, places
from tests.world import World


class Row(NamedTuple):
    """Who is let in by GET and by POST. Other editors get 403, and all others the login page.

    no_get, no_post: editors who get 405 by that method. publishes: a POST of those who may publish may move what
    readers see.
    """

    get: str = ""
    post: str = ""
    no_get: str = ""
    no_post: str = ""
    publishes: bool = False


ROWS = {
    # The first that fits the name counts.
    "index": Row(STAFF, STAFF),
    "login": Row("vriARPS", "vriARPS"),
    "logout": Row("vri", "vriARPS", no_get=STAFF),
    "password_change": Row(STAFF, STAFF),
    "password_change_done": Row(STAFF, no_post=STAFF),
    "autocomplete": Row(no_post=STAFF),
    "jsi18n": Row(STAFF, no_post=STAFF),
    "view_on_site": Row(STAFF, STAFF),
    "app_list": Row(STAFF, STAFF),
    "pick": Row(STAFF, no_post=STAFF),
    "words": Row(STAFF, no_post=STAFF),
    "as_read": Row(post="APS", no_get=STAFF),
    "entries": Row(STAFF, no_post=STAFF),
    "coverage": Row(STAFF, no_post=STAFF),
    "deleted_entries": Row("APS", no_post=STAFF),
    "restore_deleted": Row(post="APS", no_get=STAFF),
    "work": Row(STAFF, no_post=STAFF),
    "editions": Row(STAFF, no_post=STAFF),
    "edition": Row(STAFF, no_post=STAFF),
    "log": Row(STAFF, no_post=STAFF),
    "publish": Row("PS", "PS", publishes=True),
    "edition_undo": Row("PS", "PS", publishes=True),
    "unfound": Row("APS", no_post=STAFF),
    "unfound_add": Row("APS", "APS", publishes=True),
    "unfound_leave_out": Row(post="APS", no_get=STAFF),
    "conditions_*_changelist": Row(STAFF, STAFF),
    "conditions_*_add": Row("APS", "APS", publishes=True),
    "conditions_*_change": Row(STAFF, "APS", publishes=True),
    "conditions_*_preview_new": Row("APS", "APS"),
    "conditions_*_preview": Row(STAFF, "APS"),
    "conditions_*_correct": Row("PS", "PS", publishes=True),
    "conditions_*_history": Row(STAFF, STAFF),
    "conditions_*_uses": Row(STAFF, STAFF),
    "conditions_*_differences": Row(STAFF, STAFF),
    "conditions_*_read": Row(STAFF, STAFF),
    "conditions_*_send_review": Row("APS", "APS"),
    "conditions_*_review": Row("RS", "RS", publishes=True),
    "conditions_*_discard": Row("APS", "APS"),
    "conditions_*_share": Row("APS", "APS"),
    "conditions_*_newest": Row(STAFF, STAFF),
    "conditions_*_delete": Row("PS", "PS"),
    "conditions_*_withdraw": Row("PS", "PS", publishes=True),
    "conditions_*_schedule": Row("PS", "PS"),
    "conditions_*_targets": Row("PS", "PS", publishes=True),
    "conditions_*_restore": Row(post="APS", no_get=STAFF),
    "conditions_*_reject_proposal": Row(post="APS", no_get=STAFF),
    "conditions_tag_merge": Row("APS", "APS", publishes=True),
    "auth_*": Row("S", "S"),
    "old address of a form": Row(STAFF, STAFF),
    "no such page": Row(STAFF, STAFF),
}
FORMS = ("conditions_*_add", "conditions_*_change", "conditions_*_preview", "conditions_*_preview_new", "unfound_add")
"""Names of the forms of entries, and of the one that adds to them.

Their posts are refused whole if they ask to publish and may not.
"""

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
FORGED: list[dict[str, Any]] = [
    {"_publish": "1", "name": "Forged", "slug": "forged", "summary": "Forged.", "group": "topic", "publisher": "x"},
    {"_save": "1", "_continue": "1", "_saveasnew": "1", "_popup": "1", "name": "Forged", "slug": "forged"},
    {"action": "delete_selected", "_selected_action": ["1", "2"], "index": "0", "post": "yes"},
    {
        "post": "yes",
        "reason": "Forged.",
        "page": ["1", "2", "3"],
        "missing": "restore",
        "confirm": "1",
        "into": "sudden",
        "entry": "conditions/bells-palsy",
    },
    {},
]


def row_of(name: str) -> Row:
    for pattern, row in ROWS.items():
        if fnmatch(name, pattern):
            return row
    pytest.fail(
        f"The admin has a new address, {name!r}, which has no row in ROWS of tests/security/test_roles.py. "
        "Say there which roles it lets in by GET and by POST."
    )


def expected(place: Place, role: str, method: str, body: dict[str, Any]) -> str:
    """What the table says: "let in", "403", "login" or "405"."""
    row, is_post = row_of(place.name), method == "POST"
    if is_post and "_publish" in body and role == "A" and any(fnmatch(place.name, form) for form in FORMS):
        return "403"
    if role in (row.no_post if is_post else row.no_get):
        return "405"
    # Django's views treat what is neither a GET nor a POST as a GET, or refuse the method.
    if role in (row.post if is_post else row.get):
        return "let in"
    return "403" if role in STAFF else "login"


@pytest.fixture
def gone(world: World) -> Page:
    """The page of an entry that was deleted."""
    record = {"kind": "cause", "slug": "gone", "name": "Gone", "summary": "Gone."}
    saved = publishing.save(record=record, entry=None, by=world.publisher)
    publishing.delete(entry=saved.entry, by=world.publisher)
    return saved.version.page


def ask(client: Client, method: str, path: str, body: Any, check: Any) -> Any:
    """Send a request. Where it is let in, check what came of it, and undo what it did."""
    cookies = client.cookies.copy()
    try:
        with transaction.atomic():
            if method in ("GET", "HEAD"):
                answer = getattr(client, method.lower())(path)
            elif method == "POST":
                answer = client.post(path, body)
            else:
                answer = client.generic(method, path, b"_publish=1&name=Forged", "application/x-www-form-urlencoded")
            if outcome(answer) == "let in":
                check(answer)
                raise Undone
    except Undone:
        client.cookies = cookies
    return answer


CELLS: dict[str, Counter[str]] = {}
"""What was asked of each role, and what came of it: printed in the end."""


def is_asked(place: Place, number: int, method: str) -> bool:
    """HEAD, PUT and DELETE are answered like GET: each is asked of some kinds, GET and POST of all."""
    return not place.kind or method in ("GET", "POST") or number % 3 == METHODS.index(method) % 3


@pytest.mark.parametrize("role", ROLES)
def test_every_address(world: World, gone: Page, role: str):
    client, _ = client_of(role)
    before, cells, wrong = what_readers_see(), Counter(), []

    def stays(answer: Any) -> None:
        assert answer.status_code < 500, answer.status_code
        assert what_readers_see() == before

    for number, place in enumerate(places(world, gone)):
        turn = list(Kind).index(place.kind) + number // 17 if place.kind else number
        body = FORGED[turn % len(FORGED)]
        for method in METHODS:
            if not is_asked(place, turn, method):
                continue
            may_move = method == "GET" or (method == "POST" and role in "PS" and row_of(place.name).publishes)
            try:
                answer = ask(client, method, place.path, body, (lambda _: None) if may_move else stays)
            except AssertionError as error:
                pytest.fail(f"{method} {place.path}, {ROLES[role]}: readers see something else, or it failed: {error}")
            found, wanted = outcome(answer), expected(place, role, method, body)
            if method in ("PUT", "DELETE") and found == "405":
                found = wanted
            cells[found] += 1
            if found != wanted:
                wrong.append(f"{method} {place.path} ({place.name}): {wanted} is written, {found} is found")
        assert what_readers_see() == before, place.path
    CELLS[ROLES[role]] = cells
    assert not wrong, "\n".join(wrong)
    no_token(role, client, places(world, gone), owner_token(world.reviewer))


def no_token(role: str, client: Client, found_places: list[Place], someone: str) -> None:
    """Without the token that only our forms have: 403, or the login page; and nothing at all is changed."""
    client.handler.enforce_csrf_checks = True
    before, cells = [what_readers_see(), on_the_desk()], Counter()
    for number, place in enumerate(found_places):
        for body in (FORGED[0], FORGED[0] | {"typed_by": someone}):
            answer = ask(client, "POST", place.path, body, lambda _: None)
            found = outcome(answer)
            # The logged-out see the login page in place of a form, at its address.
            if found == "let in" and role not in STAFF and b'name="password"' in answer.content:
                found = "login"
            cells[found] += 1
            assert found in ("403", "login", "405"), (place.path, answer.status_code)
        for method in ("PUT", "DELETE"):
            if number % 7 == 0:
                ask(client, method, place.path, {}, lambda _: None)
    assert [what_readers_see(), on_the_desk()] == before
    CELLS[f"{ROLES[role]}, no token"] = cells


@pytest.mark.parametrize("role", "APS")
def test_a_form_that_grew_old_is_shown_and_not_saved(world: World, role: str):
    """Where the token is wrong and the form was truly one of theirs, what was typed comes back, and that is all."""
    client, user = client_of(role, enforce_csrf_checks=True)
    before = [what_readers_see(), on_the_desk()]
    for name in ("bell", "droop", "one_side"):
        for move in ("change", "preview"):
            body = FORGED[0] | {"typed_by": owner_token(user), "tags": ["A new tag"]}
            answer = client.post(address(getattr(world, name), move), body)
            assert answer.status_code in (200, 403), answer.status_code
    assert [what_readers_see(), on_the_desk()] == before


def test_those_who_may_publish_do(world: World):
    """The table is not true because nothing works at all."""
    before = what_readers_see()
    for role in "PS":
        client, _ = client_of(role)

        def check(answer: Any) -> None:
            assert what_readers_see() != before

        ask(client, "POST", address(world.earache, "withdraw"), {"reason": "A mistake."}, lambda _: None)
        ask(client, "POST", address(world.stroke, "change"), _published(world.stroke), check)
        ask(client, "POST", address(world.bell, "targets"), {"page": [str(world.stroke.page_id)]}, check)


def _published(entry: Any) -> dict[str, Any]:
    form = dict.fromkeys(("also_called", "body", "help_now", "help_soon", "help_routine", "codes"), "")
    for relation in ("symptoms", "treatments", "causes", "related"):
        form |= {f"{relation}-TOTAL_FORMS": "0", f"{relation}-INITIAL_FORMS": "0"}
    return form | {"name": entry.name, "slug": entry.slug, "summary": "Ours.", "base_version": "1", "_publish": "1"}


def test_the_table(db, world: World, gone: Page, capsys):
    """Every row is that of an address; and the table with its counts, for people."""
    found = places(world, gone)
    unused = [pattern for pattern in ROWS if not any(fnmatch(place.name, pattern) for place in found)]
    assert unused == [], "No address of the admin has these names: take the rows out"
    with capsys.disabled():
        print(f"\n\n{len(found)} addresses of the admin, {len(ROLES)} roles: who is let in\n")
        print(f"{'':28}{'addresses':>10}  {'GET':9}{'POST':9}moves what readers see")
        for pattern, row in ROWS.items():
            count = sum(next(one for one in ROWS if fnmatch(place.name, one)) == pattern for place in found)
            print(f"{pattern:28}{count:>10}  {row.get or '-':9}{row.post or '-':9}{'P S' if row.publishes else ''}")
        print(f"\n{', '.join(f'{key} {role}' for key, role in ROLES.items())}\n")
        kinds = ("let in", "403", "login", "405")
        print(f"{'asked, and what came of it':30}" + "".join(f"{kind:>8}" for kind in kinds))
        for role, cells in CELLS.items():
            print(f"{role:30}" + "".join(f"{cells[kind]:>8}" for kind in kinds))
