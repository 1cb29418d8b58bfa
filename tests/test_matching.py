"""Which answers name most of what somebody feels: a table of cases, and the laws of the order."""

import pytest

from conditions.matching import Feelings, foremost, ranked, telling_apart

TWITCH, LID, LIP, HEAD, EAR = range(1, 6)
SPASM, PALSY, COFFEE, STRESS = range(11, 15)
NAMES = {SPASM: "spasm", PALSY: "palsy", COFFEE: "coffee", STRESS: "stress"}
KINDS = {TWITCH: {LID, LIP}}


def row(answer, symptom, certainty="", everyday=False):
    return answer, symptom, certainty, everyday, 1, True


def order(chosen, rows, kinds=KINDS, totals=None):
    """Every answer with how many things it names, the best first."""
    feelings = Feelings(chosen, kinds)
    rows = feelings.matching([one if len(one) == 6 else row(*one) for one in rows])
    return [(one.answer, one.count) for one in ranked(feelings.ties(rows), totals or {}, NAMES)]


CASES = {
    "more before less": ([LID, HEAD], [(PALSY, HEAD), (SPASM, LID), (SPASM, HEAD)], [(SPASM, 2), (PALSY, 1)]),
    "everyday before all else": ([LID], [(PALSY, LID), (STRESS, LID, "rarely", True)], [(STRESS, 1), (PALSY, 1)]),
    "more before everyday": (
        [LID, HEAD],
        [(STRESS, LID, "", True), (SPASM, LID), (SPASM, HEAD)],
        [(SPASM, 2), (STRESS, 1)],
    ),
    "everyday by any of its rows": (
        [LID, HEAD],
        [(PALSY, LID), (PALSY, HEAD), (STRESS, LID), (STRESS, HEAD, "", True)],
        [(STRESS, 2), (PALSY, 2)],
    ),
    "rarer before what many name": (
        [LID, HEAD],
        [(COFFEE, HEAD), (PALSY, HEAD), (SPASM, LID)],
        [(SPASM, 1), (COFFEE, 1), (PALSY, 1)],
    ),
    "then by name": ([LID], [(STRESS, LID), (COFFEE, LID), (PALSY, LID)], [(COFFEE, 1), (PALSY, 1), (STRESS, 1)]),
    "certainty weighs nothing": (
        [LID],
        [(STRESS, LID, "usually"), (COFFEE, LID, "rarely")],
        [(COFFEE, 1), (STRESS, 1)],
    ),
    "absent never matches": (
        [LID, HEAD],
        [(SPASM, LID, "absent"), (SPASM, HEAD), (PALSY, LID, "absent")],
        [(SPASM, 1)],
    ),
    "nor by a cause that is the same condition": (
        [LID, HEAD],
        [(SPASM, LID, "absent"), (SPASM, LID, "", False, 2, False), (PALSY, HEAD, "", False, 3, False)],
        [(PALSY, 1)],
    ),
    "what a symptom says of a cause is not the condition's own": (
        [LID],
        [(SPASM, LID), (SPASM, LID, "absent", False, 2, False)],
        [(SPASM, 1)],
    ),
    "absent by its own name, it is not matched by a kind": (
        [TWITCH, HEAD],
        [(SPASM, TWITCH, "absent"), (SPASM, LID), (PALSY, LID)],
        [(PALSY, 1)],
    ),
    "but a kind that was chosen too is": (
        [TWITCH, LID],
        [(SPASM, TWITCH, "absent"), (SPASM, LID)],
        [(SPASM, 1)],
    ),
    "by its own name before by a kind": ([TWITCH], [(COFFEE, LID), (SPASM, TWITCH)], [(SPASM, 1), (COFFEE, 1)]),
    "everyday before by its own name": (
        [TWITCH],
        [(COFFEE, LID, "", True), (SPASM, TWITCH)],
        [(COFFEE, 1), (SPASM, 1)],
    ),
    "a kind matches": ([TWITCH], [(SPASM, LID)], [(SPASM, 1)]),
    "what it is a kind of does not": ([LID], [(SPASM, TWITCH)], []),
    "a symptom and its kinds count once": ([TWITCH], [(SPASM, TWITCH), (SPASM, LID), (SPASM, LIP)], [(SPASM, 1)]),
    "chosen both, they count once": (
        [TWITCH, LID],
        [(SPASM, LID), (PALSY, TWITCH), (PALSY, LID)],
        [(PALSY, 1), (SPASM, 1)],
    ),
    "two kinds are two things": (
        [TWITCH, LID, LIP],
        [(SPASM, LID), (SPASM, LIP), (PALSY, TWITCH)],
        [(SPASM, 2), (PALSY, 1)],
    ),
    "nothing": ([EAR], [(SPASM, LID)], []),
}


@pytest.mark.parametrize("name", CASES)
def test_answers_are_in_order(name):
    chosen, rows, expected = CASES[name]
    assert order(chosen, rows) == expected


def test_of_equal_answers_the_one_with_fewer_other_symptoms_comes_first():
    rows = [(COFFEE, LID), (SPASM, LID), (PALSY, LID), (PALSY, HEAD)]
    assert [one for one, _ in order([LID, HEAD], rows[:2], totals={COFFEE: 3, SPASM: 2})] == [SPASM, COFFEE]
    # What it shares is no other symptom.
    both = [(COFFEE, LID), (COFFEE, LIP), (SPASM, LID)]
    assert [one for one, _ in order([TWITCH], both, totals={COFFEE: 3, SPASM: 2})] == [COFFEE, SPASM]


@pytest.mark.parametrize(
    ("chosen", "kinds", "count"),
    [
        ([LID], KINDS, 1),
        ([LID, LIP], KINDS, 2),
        ([TWITCH, LID], KINDS, 1),
        ([TWITCH, LID, LIP], KINDS, 2),
        ([TWITCH, LID, HEAD], KINDS, 2),
        ([TWITCH, HEAD], {TWITCH: {LID}, HEAD: {LID}}, 2),
        ([TWITCH, LID], {TWITCH: {LID}, LID: {TWITCH}}, 1),
    ],
)
def test_a_symptom_and_a_kind_of_it_are_one_thing(chosen, kinds, count):
    assert Feelings(chosen, kinds).count == count


def test_a_kind_of_two_chosen_symptoms_counts_once():
    assert order([TWITCH, HEAD], [(SPASM, LID)], {TWITCH: {LID}, HEAD: {LID}}) == [(SPASM, 1)]


def test_foremost_ties_hold_the_first_answers_whole():
    ties = Feelings([LID, HEAD], {}).ties([row(SPASM, LID), row(SPASM, HEAD), row(PALSY, LID), row(COFFEE, LID)])
    assert [sorted(tie.shared) for tie in ties] == [[SPASM], [PALSY, COFFEE]]
    assert [len(foremost(ties, most, 0)) for most in (0, 1, 2, 3, 9)] == [0, 1, 2, 2, 2]
    assert [len(foremost(ties, 0, besides)) for besides in (0, 1, 2, 3)] == [0, 1, 1, 2]


def test_what_splits_answers_evenly_tells_them_apart():
    answers = [{LID, TWITCH, EAR}, {LID, TWITCH, HEAD}, {LID, HEAD}, {LID}]
    names = {TWITCH: "twitch", HEAD: "head", EAR: "ear", LID: "lid"}
    assert telling_apart(answers, [], names) == [HEAD, TWITCH, EAR], "lid goes with all"
    assert telling_apart(answers, [HEAD], names) == [TWITCH, EAR]
    assert telling_apart(answers[:1], [], names) == []
    assert telling_apart([], [], names) == []


# The laws, tried on choices made at random

hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is in requirements-dev.txt")
given, st = hypothesis.given, hypothesis.strategies

symptoms, some = st.integers(1, 8), st.integers(11, 16)
choices = st.lists(symptoms, min_size=1, max_size=5, unique=True)
kinds_of = st.dictionaries(symptoms, st.sets(symptoms, max_size=3), max_size=4)
certainties = st.sampled_from(["", "usually", "rarely"])
all_rows = st.lists(st.tuples(some, symptoms, certainties, st.booleans()), max_size=25)
all_totals = st.dictionaries(some, st.integers(0, 9))


@given(choices, kinds_of, all_rows, all_totals, st.randoms())
def test_the_order_is_the_same_whatever_the_order_of_rows_and_of_what_is_chosen(chosen, kinds, rows, totals, chance):
    mixed, other = chance.sample(rows, len(rows)), chance.sample(chosen, len(chosen))
    first = order(chosen, rows, kinds, totals)
    assert order(other, [*mixed, *mixed[:3]], kinds, totals) == first
    assert len({answer for answer, _ in first}) == len(first)
    counts = [count for _, count in first]
    assert counts == sorted(counts, reverse=True)
    assert all(1 <= count <= Feelings(chosen, kinds).count <= len(chosen) for count in counts)


@given(choices, kinds_of, all_rows, all_totals, st.lists(st.tuples(some, symptoms)))
def test_what_is_absent_only_takes_away_and_nothing_where_the_condition_does_not_say_it_itself(
    chosen, kinds, rows, totals, absent
):
    before = order(chosen, rows, kinds, totals)
    by_others = [(*one, "absent", False, 1, False) for one in absent]
    assert order(chosen, [*by_others, *rows], kinds, totals) == before
    after = order(chosen, [*((*one, "absent") for one in absent), *rows], kinds, totals)
    assert all(count <= dict(before)[answer] for answer, count in after)
    assert {answer for answer, _ in before} - {answer for answer, _ in after} <= {answer for answer, _ in absent}


@given(choices, kinds_of, all_rows)
def test_naming_kinds_besides_a_symptom_changes_no_count_where_only_it_is_chosen(chosen, kinds, rows):
    one = chosen[0]
    more = [(answer, kind) for answer, symptom, *_ in rows if symptom == one for kind in kinds.get(one, ())]
    assert dict(order([one], [*rows, *more], kinds)) == dict(order([one], rows, kinds))


@given(choices, kinds_of, all_rows)
def test_a_named_symptom_counts_for_one_thing_at_most(chosen, kinds, rows):
    named = {}
    for answer, symptom, *_ in rows:
        named.setdefault(answer, set()).add(symptom)
    assert all(count <= len(named[answer]) for answer, count in order(chosen, rows, kinds))


@given(choices, kinds_of, all_rows, all_rows)
def test_a_page_that_names_more_never_counts_less(chosen, kinds, rows, more):
    before = dict(order(chosen, rows, kinds))
    after = dict(order(chosen, [*rows, *more], kinds))
    assert all(after[answer] >= count for answer, count in before.items())
