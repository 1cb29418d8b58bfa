"""Two editors on two servers do what cannot both be done, at the same moment.

One wins. The other is told why, with what was typed still there; nobody sees an error, and no two wait for each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Barrier

import pytest

from tests.resilience import table
from tests.resilience.databases import Database, picture
from tests.resilience.editing import Someone, errors_in
from tests.resilience.processes import Server
from tests.resilience.visitor import Answer

pytestmark = pytest.mark.process

ROUNDS = 6
WRONG = re.compile("Traceback|locked|deadlock", re.IGNORECASE)

Action = partial[Answer]


@dataclass
class Two:
    """Two editors, each on a server of one database."""

    database: Database
    servers: tuple[Server, Server]
    ann: Someone
    ben: Someone

    def log(self) -> str:
        return "".join(server.log.read_text() for server in self.servers)

    def count(self, kind: str, slug: str) -> int:
        """How many entries on the desk have that slug."""
        return int(self.database.query(f"SELECT count(*) FROM conditions_{kind} WHERE slug = '{slug}'")[0][0])

    def restore_deleted(self, kind: str, slug: str) -> str:
        """Where a deleted entry is restored."""
        page = self.database.query(f"SELECT id FROM conditions_page WHERE kind = '{kind}' AND slug = '{slug}'")
        return f"/admin/deleted-entries/{page[0][0]}/"

    def row(self, what: str) -> table.Row:
        return table.row(f"at once: {what} ({self.database.vendor})")


@pytest.fixture(scope="module")
def two(site) -> Iterator[Two]:
    database = site.template.copy()
    with Server(database, site.data) as one, Server(database, site.data) as other:
        ann, ben = Someone(one, site.sessions[0], "Ann"), Someone(other, site.sessions[1], "Ben")
        yield Two(database, (one, other), ann, ben)
    database.settle()
    deadlocks = database.deadlocks()
    database.drop()
    assert deadlocks == 0


@pytest.fixture(autouse=True)
def sound(two: Two) -> Iterator[None]:
    """No server says that something went wrong, and no page is torn."""
    before = len(two.log())
    yield
    said = two.log()[before:]
    assert not WRONG.search(said), said[-6000:]
    picture(two.database)


def at_once(*actions: Action) -> list[Answer]:
    """Do all of it at the same moment; the answers in order, none of which is an error of ours."""
    barrier = Barrier(len(actions))

    def do(action: Action) -> Answer:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        answers = list(pool.map(do, actions))
    statuses = [answer.status for answer in answers]
    assert max(statuses) < 500, statuses
    return answers


def judge(two: Two, what: str, answers: list[Answer], *, said: str) -> int:
    """At least one has won; each other is told why, as `said` matches, and what it typed is there. How many lost."""
    lost = [answer for answer in answers if answer.status != 302]
    assert len(lost) < len(answers), [errors_in(answer) for answer in lost]
    for answer, someone in zip(answers, (two.ann, two.ben), strict=True):
        if answer in lost:
            assert answer.status == 200
            assert re.search(said, answer.text), errors_in(answer)
            assert someone.typed in answer.text
    two.row(what).trial("one told why, nothing typed lost" if lost else "both done")
    return len(lost)


def row_of(relation: str, *targets: str) -> dict[str, list[str]]:
    """The fields of relation rows."""
    rows = {f"{relation}-{at}-target": [target] for at, target in enumerate(targets)}
    return rows | {f"{relation}-TOTAL_FORMS": [str(len(targets))], f"{relation}-INITIAL_FORMS": ["0"]}


def delete(someone: Someone, *places: str) -> None:
    for place in places:
        assert someone.press(f"{place}/delete/").status == 302


# What is new


@pytest.mark.parametrize("button", ["_savedraft", "_publish"])
def test_the_same_new_entry_added_twice_is_there_once(two, button):
    add = "symptom/add/"
    for number in range(ROUNDS):
        name = f"Twin{button} {number}"
        forms = [one.form(add, name=[name], slug=[f"twin{button}-{number}"]) for one in (two.ann, two.ben)]
        answers = at_once(
            partial(two.ann.send, add, forms[0] | {"summary": [two.ann.typed]}, button),
            partial(two.ben.send, add, forms[1] | {"summary": [two.ben.typed]}, button),
        )
        said = "is the slug of|at the same moment|belongs to"
        assert judge(two, f"the same new entry, {button[1:]}", answers, said=said) == 1
        assert two.count("symptom", f"twin{button}-{number}") == 1


@pytest.mark.parametrize("button", ["_savedraft", "_publish"])
def test_the_same_new_tags_typed_in_two_entries_are_there_once(two, button):
    """Whatever the order in which they are typed."""
    places = [one.add("cause", f"Tagged by {one.typed} {button}") for one in (two.ann, two.ben)]
    for number in range(ROUNDS):
        names = [f"Fresh {button[1:]} {number} {each}" for each in "abcd"]
        forms = [
            one.form(f"{place}/change/", summary=[f"{one.typed}{number}"], tags=tags)
            for one, place, tags in zip((two.ann, two.ben), places, (names, names[::-1]), strict=True)
        ]
        answers = at_once(
            partial(two.ann.send, f"{places[0]}/change/", forms[0], button),
            partial(two.ben.send, f"{places[1]}/change/", forms[1], button),
        )
        judge(two, f"the same new tags, {button[1:]}", answers, said="at the same moment")
        assert [two.count("tag", name.lower().replace(" ", "-")) for name in names] == [1] * len(names)


# One page


@pytest.mark.parametrize("fields", [("summary", "summary"), ("summary", "body")])
def test_two_publishers_of_one_page_merge_or_clash(two, fields):
    place = two.ann.add("cause", "Published by two", slug=[f"by-two-{fields[1]}"])
    for number in range(ROUNDS):
        forms = [
            one.form(f"{place}/change/", **{name: [f"{one.typed}{number}"]})
            for one, name in zip((two.ann, two.ben), fields, strict=True)
        ]
        answers = at_once(
            partial(two.ann.send, f"{place}/change/", forms[0], "_publish"),
            partial(two.ben.send, f"{place}/change/", forms[1], "_publish"),
        )
        lost = judge(two, f"publishing {' and '.join(fields)}", answers, said="Someone else")
        assert lost == (fields[0] == fields[1])
        typed = [f"{one.typed}{number}" for one in (two.ann, two.ben)]
        page = two.ben.visitor.get(f"/causes/by-two-{fields[1]}/").text
        assert [words in page for words in typed].count(True) == 1, "what was merged in is not published unseen"
        if not lost:
            two.ben.send(f"{place}/change/", two.ben.form(f"{place}/change/"), "_publish")
            page = two.ben.visitor.get(f"/causes/by-two-{fields[1]}/").text
            assert all(words in page for words in typed)


def test_a_delete_against_an_edit_loses_nothing(two):
    for number in range(ROUNDS):
        place = two.ann.add("symptom", f"Fought over {number}")
        fields = two.ben.form(f"{place}/change/", summary=[two.ben.typed])
        answers = at_once(partial(two.ann.press, f"{place}/delete/"), partial(two.ben.send, f"{place}/change/", fields))
        judge(two, "deleting and editing one entry", answers, said="deleted (while|in the meantime)")
        assert answers[0].status == 302


def test_a_delete_against_an_edit_that_refers_to_it_does_one_of_them(two):
    """Either the reference is there and nothing was deleted, or the editor is told."""
    for number in range(2 * ROUNDS):
        place = two.ann.add("symptom", f"Referred {number}")
        owner = two.ben.add("condition", f"Referring {number}")
        fields = two.ben.form(f"{owner}/change/", summary=[two.ben.typed]) | row_of("symptoms", f"referred-{number}")
        answers = at_once(partial(two.ann.press, f"{place}/delete/"), partial(two.ben.send, f"{owner}/change/", fields))
        deleted, edited = (answer.status == 302 for answer in answers)
        assert deleted != edited, [errors_in(answer) for answer in answers]
        lost = answers[edited - 1]
        assert re.search("refers? to it|There is no symptom|at the same moment", lost.text), errors_in(lost)
        assert edited or two.ben.typed in lost.text
        two.row("deleting and referring to it").trial(f"{'deleted' if deleted else 'kept'}, the other told why")


# Restoring


def test_two_restores_that_bring_back_the_same_entries_both_do(two):
    """Each brings back both of two deleted symptoms, named in the opposite order."""
    for number in range(ROUNDS):
        slugs = [f"gone-{number}-{each}" for each in "ab"]
        symptoms = [two.ann.add("symptom", slug, slug=[slug]) for slug in slugs]
        orders = (slugs, slugs[::-1])
        places = [
            two.ann.add("condition", f"Restored {number} {order[0]}", **row_of("symptoms", *order)) for order in orders
        ]
        for place in places:
            fields = two.ann.form(f"{place}/change/")
            kept = {name: value for name, value in fields.items() if not name.startswith("symptoms-")}
            assert two.ann.send(f"{place}/change/", kept | row_of("symptoms")).status == 302
        delete(two.ann, *symptoms)
        answers = at_once(
            partial(two.ann.press, f"{places[0]}/restore/1/", missing="restore"),
            partial(two.ben.press, f"{places[1]}/restore/1/", missing="restore"),
        )
        assert [answer.status for answer in answers] == [302, 302]
        for place, order in zip(places, orders, strict=True):
            fields = two.ann.form(f"{place}/change/")
            assert [fields[f"symptoms-{at}-target"] for at in (0, 1)] == [[target] for target in order]
        two.row("two restores").trial("both done")


def test_putting_back_what_another_puts_back_leaves_both_on_the_desk(two):
    """One puts back an entry with what it refers to, the other what it refers to alone."""
    for number in range(ROUNDS):
        lower, upper = f"lower-{number}", f"upper-{number}"
        target = two.ann.add("symptom", lower, slug=[lower])
        owner = two.ann.add("condition", upper, slug=[upper], **row_of("symptoms", lower))
        delete(two.ann, owner, target)
        answers = at_once(
            partial(two.ann.press, two.restore_deleted("condition", upper), missing="restore"),
            partial(two.ben.press, two.restore_deleted("symptom", lower)),
        )
        assert answers[0].status == 302
        assert answers[1].status in (302, 404), "404: it is back already"
        assert (two.count("symptom", lower), two.count("condition", upper)) == (1, 1)
        two.row("putting back").trial("both on the desk")


def test_a_tag_put_back_against_typing_it_again_is_there_once(two):
    for number in range(ROUNDS):
        slug = f"back-{number}"
        delete(two.ann, two.ann.add("tag", slug, slug=[slug]))
        owner = two.ben.add("cause", f"Carrying {slug}")
        fields = two.ben.form(f"{owner}/change/", summary=[two.ben.typed], tags=[slug])
        answers = at_once(
            partial(two.ann.press, two.restore_deleted("tag", slug)), partial(two.ben.send, f"{owner}/change/", fields)
        )
        assert answers[0].status in (302, 404), "404: it is back already"
        assert answers[1].status == 302 or "at the same moment" in answers[1].text
        assert answers[1].status == 302 or two.ben.typed in answers[1].text
        assert two.count("tag", slug) == 1
        two.row("putting back a tag and typing it").trial("there once")


# Merging tags


@pytest.mark.parametrize("publish", [{}, {"publish": "on"}], ids=["draft", "publish"])
def test_merging_a_tag_against_typing_it_keeps_both_sound(two, publish):
    """The entry carries the tag that stays, or the merge or the editor is told."""
    for number in range(ROUNDS):
        slug = f"merged-{number}-{len(publish)}"
        old = two.ann.add("tag", slug, slug=[slug])
        two.ann.add("tag", f"into-{slug}", slug=[f"into-{slug}"])
        owner = two.ben.add("cause", f"Carrying {slug}")
        fields = two.ben.form(f"{owner}/change/", summary=[two.ben.typed], tags=[slug])
        answers = at_once(
            partial(two.ann.press, f"{old}/merge/", into=f"into-{slug}", **publish),
            partial(two.ben.send, f"{owner}/change/", fields),
        )
        assert answers[0].status == 302 or errors_in(answers[0])
        lost = answers[1].status != 302
        assert not lost or ("No tag" in answers[1].text and two.ben.typed in answers[1].text), errors_in(answers[1])
        outcome = "the editor told why, nothing typed lost" if lost else "both done"
        two.row("merging a tag and typing it").trial(outcome)


def test_two_tags_merged_into_each_other_leave_one(two):
    for number in range(ROUNDS):
        slugs = [f"mutual-{number}-{each}" for each in "ab"]
        tags = [two.ann.add("tag", slug, slug=[slug]) for slug in slugs]
        for slug in slugs:
            two.ann.add("cause", f"With {slug}", tags=[slug])
        answers = at_once(
            partial(two.ann.press, f"{tags[0]}/merge/", into=slugs[1]),
            partial(two.ben.press, f"{tags[1]}/merge/", into=slugs[0]),
        )
        lost = [answer for answer in answers if answer.status != 302]
        assert len(lost) == 1
        assert lost[0].status == 404 or errors_in(lost[0])
        assert sum(two.count("tag", slug) for slug in slugs) == 1
        two.row("two tags merged into each other").trial("one merge done, the other told")
