"""The laws of merging, tried on records made at random. Small alphabets, so that the sides meet often."""

import copy
from collections import Counter

import pytest

from conditions.merge import PROSE, distance, merge
from tests.merge_rows import row

hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is in requirements-dev.txt")
given, st = hypothesis.given, hypothesis.strategies
patient = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])

# Records made at random: small alphabets, so that the sides meet often.

SENTENCES = ["One.", "Two!", "Three?", "“Four.”", "(Five!)", "*Six.*", "[@seven].", "Eight…"]
words = st.sampled_from(["", "a", "b", "c"])
orders = st.lists(st.sampled_from("pqrs"), unique=True)
sets = orders.map(sorted)


@st.composite
def proses(draw):
    pieces = draw(st.lists(st.tuples(st.sampled_from(SENTENCES), st.sampled_from([" ", "\n", "\n\n"]))))
    return "".join(sentence + gap for sentence, gap in pieces).rstrip()


@st.composite
def rows(draw):
    chosen = draw(st.lists(st.sampled_from("uvwxyz"), unique=True, max_size=5))
    return [row(target, draw(proses()), draw(sets), role=draw(words)) for target in chosen]


def records():
    return st.fixed_dictionaries(
        {"name": words, "answer": words, "body": proses(), "note": proses()}
        | {"tags": sets, "about": orders, "symptoms": rows()}
    )


@st.composite
def edited(draw, base):
    """The base as one side might have left it: some fields new, prose and rows with a few edits."""
    other = draw(records())
    record = {field: draw(st.sampled_from([base[field], base[field], other[field]])) for field in base}
    if draw(st.booleans()):
        record["body"] = draw(edited_prose(base["body"]))
    if draw(st.booleans()):
        record["symptoms"] = draw(edited_rows(base["symptoms"], other["symptoms"]))
    return record


@st.composite
def edited_prose(draw, text):
    sentences = text.split(" ")
    place = draw(st.integers(0, len(sentences)))
    new = draw(st.lists(st.sampled_from(SENTENCES), max_size=2))
    return " ".join(sentences[:place] + new + sentences[place + draw(st.integers(0, 2)) :])


@st.composite
def edited_rows(draw, old, new):
    kept = [item for item in old if draw(st.integers(0, 3))]
    known = {item["target"] for item in old}
    kept += [item for item in new if item["target"] not in known]
    kept = [{**item, "note": draw(st.sampled_from([item["note"], "New."]))} for item in kept]
    return draw(st.sampled_from([kept, kept, kept[::-1]]))


@st.composite
def three_sides(draw):
    base = draw(records())
    ours = draw(st.one_of(edited(base), records()))
    theirs = draw(st.one_of(edited(base), edited(base), edited(ours)))
    return base, ours, theirs


@patient
@given(three_sides())
def test_merge_keeps_the_laws(sides):
    base, ours, theirs = sides
    for merged, expected in [
        (merge(base, base, theirs), theirs),
        (merge(base, ours, base), ours),
        (merge(base, theirs, theirs), theirs),
        (merge(None, ours, ours), ours),
    ]:
        assert merged.record == expected
        assert merged.conflicts == ()


@patient
@given(three_sides())
def test_merge_changes_nothing_it_is_given(sides):
    before = copy.deepcopy(sides)
    merged = merge(*sides)
    merged.record["tags"].append("more")
    for item in merged.record["symptoms"]:
        item["tags"].append("more")
        item["note"] = "more"
    assert sides == before


@patient
@given(three_sides())
def test_merge_again_with_theirs_changes_nothing(sides):
    merged = merge(*sides)
    again = merge(sides[2], merged.record, sides[2])
    assert again.record == merged.record
    assert again.conflicts == ()


def check_text(field, is_conflict, base, ours, theirs, result):
    """Each change of either side is in the result, or there is a conflict and ours stays."""
    if is_conflict:
        assert result == ours
        assert ours != theirs
        assert base not in (ours, theirs)
    elif field not in PROSE or base in (ours, theirs) or ours == theirs:
        assert result == (theirs if ours == base else ours)
    else:
        check_sentences(base, ours, theirs, result)


def check_sentences(base, ours, theirs, result):
    was, here, there, now = (Counter(text.split()) for text in (base, ours, theirs, result))
    for word in was | here | there | now:
        assert now[word] == (there[word] if here[word] == was[word] else here[word])
        assert there[word] in (was[word], now[word])


def check_set(base, ours, theirs, result):
    for member in {*base, *ours, *theirs, *result}:
        sides = {member in side for side in (ours, theirs) if (member in side) != (member in base)}
        assert (member in result) == (sides.pop() if sides else member in base)


def check_rows(conflicts, base, ours, theirs, result):
    was, here, there, now = ({item["target"]: item for item in side} for side in (base, ours, theirs, result))
    for target in {*was, *here, *there, *now}:
        sides = [side.get(target) for side in (was, here, there)]
        if ("symptoms", target) in conflicts:
            assert None in sides[1:]
            assert now[target] in sides[1:]
            assert now[target] != sides[0]
        elif target in here and target in there:
            check_fields(conflicts, ("symptoms", target), *(side or row("") for side in sides), now[target])
        elif target in was:
            assert target not in now
            assert sides[0] in sides[1:] or sides[1] == sides[2]
        else:
            assert now[target] in sides[1:]
    check_order(("symptoms",) in conflicts, was, here, there, now)


def check_order(is_conflict, *sides):
    """What all sides have stands as the side has it that moved it; where both did, ours does."""
    common = set.intersection(*map(set, sides[:3]))
    orders = [[key for key in side if key in common] for side in sides]
    if is_conflict:
        assert orders[3] == orders[1]
        assert len({*map(tuple, orders[:3])}) == 3
    else:
        assert orders[3] == (orders[2] if orders[1] == orders[0] else orders[1])
        assert orders[2] in (orders[0], orders[3])


def check_fields(conflicts, path, base, ours, theirs, result):
    for field in result:
        sides = base.get(field, ""), ours[field], theirs[field], result[field]
        if field in ("tags", "about"):
            check_set(*sides)
            if field == "about":
                check_order((*path, field) in conflicts, *sides)
        elif field == "symptoms":
            check_rows(conflicts, *sides)
        elif field != "target":
            check_text(field, (*path, field) in conflicts, *sides)


@patient
@given(three_sides())
def test_merge_holds_every_change_or_a_conflict(sides):
    merged = merge(*sides)
    conflicts = {conflict.path for conflict in merged.conflicts}
    assert len(conflicts) == len(merged.conflicts)
    check_fields(conflicts, (), *sides, merged.record)


@patient
@given(three_sides())
def test_merge_with_sides_swapped_differs_in_conflicts_only(sides):
    base, ours, theirs = sides
    merged, swapped = merge(base, ours, theirs), merge(base, theirs, ours)
    turned = {c.path: (c.base, c.theirs, c.ours) for c in swapped.conflicts}
    assert {c.path: (c.base, c.ours, c.theirs) for c in merged.conflicts} == turned
    for field in merged.record:
        if field == "about":
            assert sorted(merged.record[field]) == sorted(swapped.record[field])
            check_swapped_order(
                (field,) in turned, *(side[field] for side in sides), merged.record[field], swapped.record[field]
            )
        elif field != "symptoms" and (field,) not in turned:
            assert merged.record[field] == swapped.record[field]
    one, two = ({item["target"]: item for item in side.record["symptoms"]} for side in (merged, swapped))
    assert one.keys() == two.keys()
    for target, item in one.items():
        for field in item:
            if ("symptoms", target, field) not in turned:
                assert item[field] == two[target][field]
    rows = [[item["target"] for item in side["symptoms"]] for side in sides]
    check_swapped_order(any(path[0] == "symptoms" and len(path) < 3 for path in turned), *rows, list(one), list(two))


def check_swapped_order(is_doubtful, was, here, there, one, two):
    """Where both sides add something, ours stands first, whichever that is."""
    if not is_doubtful and not (set(here) - set(was) and set(there) - set(was)):
        assert one == two


@patient
@given(records(), records())
def test_distance_is_symmetric_and_nothing_between_equals(a, b):
    assert distance(a, a) == 0
    assert distance(a, b) == distance(b, a) >= 0
    assert (distance(a, b) == 0) == (a == b)


@patient
@given(st.text(), st.text(), st.text())
def test_merge_fails_on_no_text(base, ours, theirs):
    merged = merge({"body": base}, {"body": ours}, {"body": theirs})
    assert merged.conflicts or merged.record["body"] is not None
