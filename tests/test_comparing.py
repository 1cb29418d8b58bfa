"""Conditions side by side, by themselves: what is asked for, what is the same, and which are most alike."""

from itertools import chain, count

import pytest

from conditions import comparing
from conditions.comparing import Cell, Line
from conditions.footnotes import Note
from conditions.models.published import Page, Version
from conditions.page_parts import PageContent, Row, Section
from conditions.proof import Quoted, Said, Shown, Words

hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is in requirements-dev.txt")
given, st = hypothesis.given, hypothesis.strategies
patient = hypothesis.settings(deadline=None)

KEYS = count(1)


def page(slug, kind="condition", live=1):
    return Page(pk=next(KEYS), kind=kind, slug=slug, name=slug.capitalize(), sort_key=slug, live_id=live)


TAGS = {slug: page(slug, "tag") for slug in ("one-side", "sudden", "eyelids")}
SYMPTOMS = [page(slug, "symptom") for slug in ("droop", "pain", "twitch")]
CONDITIONS = [page(slug) for slug in ("a", "b", "c")]
PROOF = Words(Note("1", page("document", "question")), (Quoted(((True, "It droops."),), ["It droops."]),))


def row(target, certainty="", tags=(), note="", role="", words=(), everyday=False):
    found = tuple(TAGS[slug] for slug in tags)
    return Row(target, note, role, found, words, certainty=certainty, everyday=everyday)


def content(of, symptoms=(), summary="", codes=(), related=()):
    record = {"kind": "condition", "name": of.name, "summary": summary, "codes": list(codes)}
    made = PageContent(of, Version(page=of, number=1), record)
    made.answer = (Said(summary, "", ()),) if summary else ()
    made.codes = {"codes": list(codes)}
    rows = {"symptoms": symptoms, "causes": (), "treatments": (), "related": related}
    made.relations = {name: Section(name, name, list(each)) for name, each in rows.items()}
    return made


# What is asked for


@pytest.mark.parametrize(
    ("values", "shown", "beyond", "withdrawn", "unknown"),
    [
        ([], "", "", "", []),
        (["a"], "a", "", "", []),
        (["b", "a"], "ba", "", "", []),
        (["a", "a", "old-a"], "a", "", "", []),
        (["old-a", "b"], "ab", "", "", []),
        (["a", "zebra", "b"], "ab", "", "", ["zebra"]),
        (["gone", "a"], "a", "", "g", []),
        (["d", "c", "b", "a"], "dcb", "a", "", []),
        (["d", "gone", "c", "zebra", "b", "a"], "dcb", "a", "g", ["zebra"]),
        (["", " a ", "\0", "a\0"], "a", "", "", ["\0", "a\0"]),
        (["x" * 300], "", "", "", ["x" * comparing.MOST_SIGNS + "…"]),
    ],
)
def test_choose_sorts_what_is_asked_for(values, shown, beyond, withdrawn, unknown):
    known = {slug: page(slug) for slug in "abcd"}
    known |= {"old-a": known["a"], "gone": page("gone", live=None)}
    asked = comparing.choose(comparing.distinct(values), known)
    assert "".join(one.slug for one in asked.shown) == shown
    assert "".join(one.slug for one in asked.beyond) == beyond
    assert "".join(one.slug[0] for one in asked.withdrawn) == withdrawn
    assert asked.unknown == unknown


@patient
@given(st.lists(st.sampled_from(["a", "b", "c", "d", "old-a", "gone", "zebra", "\0", ""])))
def test_choose_takes_each_once_and_loses_none(values):
    known = {slug: page(slug) for slug in "abcd"}
    known |= {"old-a": known["a"], "gone": page("gone", live=None)}
    asked = comparing.choose(comparing.distinct(values), known)
    pages = [*asked.shown, *asked.beyond, *asked.withdrawn]
    assert len(set(pages)) == len(pages)
    assert len(asked.shown) <= comparing.MOST
    assert not asked.beyond or len(asked.shown) == comparing.MOST
    assert {known[value] for value in values if value in known} == set(pages)
    assert asked == comparing.choose(comparing.distinct(values * 2), known)


def test_a_great_many_are_not_all_looked_up():
    assert len(comparing.distinct(map(str, range(1000)))) == comparing.MOST_ASKED


@pytest.mark.parametrize("value", ["", "a b", "\0", "a\0", "é", "a/b", "a\n", "x" * 201, "1️⃣", "%"])
def test_what_no_page_can_be_called_is_no_slug(value):
    assert not comparing.is_slug(value)


@patient
@given(st.permutations(CONDITIONS))
def test_the_address_of_pages_is_one_whatever_their_order(pages):
    assert comparing.address_of(pages) == "/compare/?condition=a&condition=b&condition=c"


# The table


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({}, {}, True),
        ({"certainty": "usually"}, {"certainty": "usually"}, True),
        ({"certainty": "usually"}, {"certainty": "often"}, False),
        ({"certainty": "usually"}, {"certainty": "absent"}, False),
        ({"tags": ("sudden", "one-side")}, {"tags": ("one-side", "sudden")}, True),
        ({"tags": ("one-side",)}, {}, False),
        ({"note": "It droops."}, {"note": "it droops"}, True),
        ({"note": "It droops."}, {"note": "It hangs."}, False),
        ({"role": "Comes before"}, {}, False),
        ({"everyday": True}, {}, False),
        ({"words": (PROOF,)}, {}, True),
    ],
)
def test_two_rows_are_the_same_if_they_say_the_same(one, other, is_same):
    pages = CONDITIONS[:2]
    contents = [content(of, [row(SYMPTOMS[0], **said)]) for of, said in zip(pages, (one, other), strict=True)]
    made = comparing.table(contents, ())
    assert bool(made.same) == is_same
    assert bool(made.groups) != is_same
    assert made.count_same == is_same


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Named here"),
        ({"certainty": "usually", "tags": ("one-side", "sudden")}, "Usually"),
        ({"tags": ("one-side",)}, ""),
        ({"note": "It droops."}, ""),
        ({"certainty": "absent"}, "Not part of it"),
        ({"certainty": "often", "role": "Comes before", "everyday": True}, "Often, comes before, everyday cause"),
    ],
)
def test_a_cell_says_how_often_and_where(said, words):
    known = row(SYMPTOMS[0], "absent", note="Never.")
    (line,) = (
        comparing.table([content(CONDITIONS[0], [row(SYMPTOMS[0], **said)]), content(CONDITIONS[1], [known])], ())
        .groups[0]
        .lines
    )
    assert line.cells[0].said == words
    assert line.missing == "Not named here"


def test_what_one_alone_names_stands_by_itself_but_for_what_is_no_part_of_it():
    droop, pain, twitch = SYMPTOMS
    one = content(CONDITIONS[0], [row(droop), row(pain), row(twitch, "absent")])
    other = content(CONDITIONS[1], [row(pain, "often")])
    (group,) = comparing.table([one, other], ()).groups
    assert [line.label for line in group.lines] == ["Pain", "Twitch"]
    assert [[line.label for line in lines] for lines in group.alone] == [["Droop"], []]


def test_first_come_the_symptoms_that_most_name_and_most_surely():
    droop, pain, twitch = SYMPTOMS
    one = content(CONDITIONS[0], [row(twitch, "absent"), row(pain, "usually"), row(droop, "rarely")])
    other = content(CONDITIONS[1], [row(droop, "sometimes"), row(pain, "absent")])
    assert [line.label for line in comparing.table([one, other], ()).groups[0].lines] == ["Droop", "Pain", "Twitch"]


def test_how_often_a_newer_program_says_something_comes_last():
    one = content(CONDITIONS[0], [row(SYMPTOMS[0], "now-and-then"), row(SYMPTOMS[1], "rarely")])
    made = comparing.table([one, content(CONDITIONS[1])], ())
    assert [line.label for line in made.groups[0].alone[0]] == ["Pain", "Droop"]


def test_conditions_that_are_not_related_have_no_tie():
    a, b = CONDITIONS[:2]
    one = content(a, related=[row(b, "absent", role="Easily mistaken for")])
    other = content(b, related=[row(a, role="Easily mistaken for")])
    assert [(owner, tie.page) for owner, tie in comparing.table([one, other], ()).ties] == [(b, a)]


def test_what_all_say_is_shown_once_with_what_each_rests_on():
    mine, theirs = (Words(Note(mark, page(mark, "question")), ()) for mark in ("1", "2"))
    cells = (Cell("x", words=(mine,)), Cell("x", words=(mine, theirs)), Cell("x", words=(theirs,)))
    line = Line("Droop", cells)
    assert line.is_same
    assert line.more == (theirs,)
    assert [note.marker for note in line.more_notes] == ["2"]
    text = Cell("x", blocks=[Shown("p", (Said("", "", (mine,)),), None)])
    assert Line("In one sentence", (text, cells[0])).more == ()


def test_a_gap_is_never_the_same():
    assert not Line("Droop", (None, None)).is_same
    assert not Line("Droop", (Cell("x"), None)).is_same


def test_what_is_always_shown_stays_where_it_is():
    assert not Line("When to get help", (Cell("x"), Cell("x")), always=True).is_same


said_rows = st.fixed_dictionaries(
    {
        "certainty": st.sampled_from(["", "usually", "absent"]),
        "tags": st.lists(st.sampled_from(sorted(TAGS)), unique=True, max_size=2),
        "note": st.sampled_from(["", "It droops."]),
    }
)


@st.composite
def three_contents(draw):
    found = []
    for of in CONDITIONS:
        names = draw(st.lists(st.sampled_from(SYMPTOMS), unique=True))
        symptoms = [row(name, **draw(said_rows)) for name in names]
        others = [other for other in CONDITIONS if other != of]
        related = [row(other, role="Easily mistaken for") for other in others if draw(st.booleans())]
        summary = draw(st.sampled_from(["", "It droops.", "It hurts."]))
        found.append(content(of, symptoms, summary, draw(st.sampled_from([(), ("G51.0",)])), related))
    return found


def lines_of(groups):
    return [(group.title, line) for group in groups for line in (*group.lines, *chain(*group.alone))]


@patient
@given(three_contents(), st.permutations(range(3)), st.integers(2, 3))
def test_the_order_of_conditions_changes_only_the_columns(contents, places, number):
    contents, places = contents[:number], [place for place in places if place < number]
    made, moved = (comparing.table(each, ()) for each in (contents, [contents[place] for place in places]))
    assert moved.pages == [made.pages[place] for place in places]
    assert moved.ties == made.ties
    for before, after in zip([*made.groups, *made.same], [*moved.groups, *moved.same], strict=True):
        assert (after.title, [one.label for one in after.lines]) == (before.title, [one.label for one in before.lines])
        if before.alone:
            assert [[one.label for one in lines] for lines in after.alone] == [
                [one.label for one in before.alone[place]] for place in places
            ]
        for one, other in zip(before.lines, after.lines, strict=True):
            assert other.cells == tuple(one.cells[place] for place in places)


@patient
@given(three_contents())
def test_every_statement_is_in_one_row_and_every_row_says_something(contents):
    made = comparing.table(contents, ())
    lines = [line for _, line in lines_of([*made.groups, *made.same])]
    assert all(any(line.cells) and len(line.cells) == len(contents) for line in lines)
    assert len(set(map(id, lines))) == len(lines)
    named = {(of, row.page) for of, one in enumerate(contents) for row in one.relations["symptoms"].rows}
    assert named == {(of, line.page) for line in lines if line.page for of, cell in enumerate(line.cells) if cell}
    assert all(line.is_same for _, line in lines_of(made.same))
    assert not any(line.is_same for _, line in lines_of(made.groups))


# Which are alike


def test_most_alike_are_those_taken_for_it_and_then_those_of_most_symptoms():
    of, (a, b, c) = page("of"), CONDITIONS
    found = comparing.most_alike(of, [c, c], [(a, 1), (b, 3), (c, 2)])
    assert [(one.page.slug, one.is_mistaken, one.shared) for one in found] == [
        ("c", True, 2),
        ("b", False, 3),
        ("a", False, 1),
    ]
    assert found[0].url == "/compare/?condition=c&condition=of"
    assert len(comparing.most_alike(of, [], [(page(f"n-{n}"), 1) for n in range(20)])) == comparing.MOST_ALIKE


@pytest.mark.parametrize(
    ("said", "two"),
    [
        ([], None),
        ([{}], None),
        ([{}, {"certainty": "often"}], (0, 1)),
        ([{}, {"certainty": "often"}, {"certainty": "often"}], (1, 2)),
        ([{"tags": ("sudden",)}, {}, {"tags": ("sudden",), "certainty": "often"}], (0, 2)),
        ([{"tags": ("sudden",)}, {"tags": ("sudden", "eyelids")}, {"tags": ("sudden", "eyelids")}], (1, 2)),
        ([{}, {}, {}], (0, 1)),
    ],
)
def test_pair_takes_the_two_that_have_most_in_common(said, two):
    rows = [row(CONDITIONS[place], **each) for place, each in enumerate(said)]
    assert comparing.pair(rows) == (two and (rows[two[0]], rows[two[1]]))
