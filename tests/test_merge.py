"""Three-way merges: a table of cases, and the laws on records made at random."""

import difflib

import pytest

from conditions.merge import PROSE, Conflict, Matcher, distance, merge
from tests.merge_rows import row


def targets(merged, field="symptoms"):
    return [item["target"] for item in merged.record[field]]


TEXTS = [
    # field, base, ours, theirs, merged, is_conflict
    ("name", "a", "a", "a", "a", False),
    ("name", "a", "b", "a", "b", False),
    ("name", "a", "a", "b", "b", False),
    ("name", "a", "b", "b", "b", False),
    ("name", "a", "b", "c", "b", True),
    ("name", "a", "", "c", "", True),
    ("slug", "a", "b", "c", "b", True),
    ("answer", "One. Two.", "One! Two.", "One. Two!", "One! Two.", True),
    ("body", "One. Two.", "One! Two.", "One. Two!", "One! Two!", False),
    ("summary", "One. Two. Three.", "One. Three.", "One. Two. Three. Four.", "One. Three. Four.", False),
    ("note", "One. Two.", "Zero. One. Two.", "One. Two. Three.", "Zero. One. Two. Three.", False),
    ("editor_note", "One.\n\nTwo.\n", "One.\n\nTwo!\n", "One!\n\nTwo.\n", "One!\n\nTwo!\n", False),
    ("help_now", "- a\n- b\n- c\n", "- a\n- B\n- c\n", "- a\n- b\n- c\n- d\n", "- a\n- B\n- c\n- d\n", False),
    ("help_soon", "One. Two.", "One. Two!", "One. Two?", "One. Two!", True),
    ("help_routine", "One.", "", "One. Two.", "", True),
    ("body", "“One.” Two.", "“One!” Two.", "“One.” Two!", "“One!” Two!", False),
    ("body", "", "One.\n", "Two.\n", "One.\n", True),
    # Both added the same sentence in different places; a plain three-way merge would double it.
    (
        "body",
        "One. Two. Three.",
        "New. One. Two. Three.",
        "One. Two. New. Three.",
        "New. One. Two. Three.",
        True,
    ),
    # Moved here, deleted there: it would stay without a word.
    ("body", "A. B. C. D. E.", "B. C. D. A. E.", "B. C. D. E.", "B. C. D. A. E.", True),
    # Repeated here, deleted there: none would be gone.
    ("body", "A. A.\n", "A.\n\nA.\nA.\n", "A.\n", "A.\n\nA.\nA.\n", True),
    # Only the blanks between sentences differ.
    ("body", "A. B.\n", "A.\nB.\n", "A.\n\nB.\n", "A.\nB.\n", True),
    # One text, no sentences: not merged by letters.
    ("body", "one two", "ONE two", "one TWO", "ONE two", True),
]


@pytest.mark.parametrize(("field", "base", "ours", "theirs", "expected", "is_conflict"), TEXTS)
def test_merge_of_texts(field, base, ours, theirs, expected, is_conflict):
    merged = merge({field: base}, {field: ours}, {field: theirs})
    assert merged.record == {field: expected}
    assert merged.conflicts == ((Conflict((field,), base, ours, theirs),) if is_conflict else ())


def test_merge_knows_the_prose_fields():
    care = {"help_now", "help_today", "help_soon", "help_routine", "self_care", "at_the_doctor"}
    treatment = {"how_it_works", "benefits", "risks", "without_it", "not_for"}
    condition = {"outlook", "who_gets_it", "tests"}
    assert {"body", "summary", "note", "editor_note", "in_short"} | care | treatment | condition == PROSE


SETS = [
    # base, ours, theirs, merged
    ("", "", "", ""),
    ("ab", "ab", "abc", "abc"),
    ("ab", "a", "abc", "ac"),
    ("abc", "ab", "bc", "b"),
    ("", "ba", "ca", "abc"),
    ("ab", "ba", "ab", "ab"),
    ("ab", "", "", ""),
]


@pytest.mark.parametrize(("base", "ours", "theirs", "expected"), SETS)
def test_merge_of_sets(base, ours, theirs, expected):
    merged = merge({"tags": list(base)}, {"tags": list(ours)}, {"tags": list(theirs)})
    assert merged == merge({"tags": list(base)}, {"tags": list(theirs)}, {"tags": list(ours)})
    assert merged.record == {"tags": list(expected)}
    assert merged.conflicts == ()


def test_merge_sorts_and_unites_a_set_with_repeats():
    assert merge(None, {"tags": ["b", "a", "b"]}, {"tags": ["b", "a", "b"]}).record == {"tags": ["a", "b"]}


ORDERS = [
    # base, ours, theirs, merged, is_conflict
    ("abc", "bac", "abc", "bac", False),
    ("abc", "abc", "cba", "cba", False),
    ("abc", "cba", "cba", "cba", False),
    ("abc", "bac", "acb", "bac", True),
    ("abc", "abc", "axbc", "axbc", False),
    ("abc", "abc", "xabc", "xabc", False),
    ("abc", "abc", "axybc", "axybc", False),
    ("abc", "cba", "abxc", "cbxa", False),
    ("abc", "abox", "bac", "boxa", False),  # c deleted here, a and b turned round there: ours follow b
    ("ab", "abo", "abx", "abox", False),
    ("ab", "aob", "axb", "aoxb", False),
    ("ab", "axyb", "ayxb", "axyb", False),  # the same rows added in another order: ours
    ("abc", "bc", "axbc", "xbc", False),
    ("abc", "ac", "abxc", "axc", False),
    ("abc", "ac", "ab", "a", False),
    ("abcd", "badc", "abdc", "badc", True),
    ("", "ab", "ba", "ab", False),
]


@pytest.mark.parametrize(("base", "ours", "theirs", "expected", "is_conflict"), ORDERS)
def test_merge_of_the_order_of_rows(base, ours, theirs, expected, is_conflict):
    sides = [{"symptoms": [row(target) for target in side]} for side in (base, ours, theirs)]
    merged = merge(*sides)
    assert "".join(targets(merged)) == expected
    conflict = Conflict(("symptoms",), list(base), list(ours), list(theirs))
    assert merged.conflicts == ((conflict,) if is_conflict else ())


@pytest.mark.parametrize(("base", "ours", "theirs", "expected", "is_conflict"), ORDERS)
def test_merge_of_a_set_in_an_order(base, ours, theirs, expected, is_conflict):
    sides = [{"about": list(side)} for side in (base, ours, theirs)]
    merged = merge(*sides)
    assert "".join(merged.record["about"]) == expected
    conflict = Conflict(("about",), list(base), list(ours), list(theirs))
    assert merged.conflicts == ((conflict,) if is_conflict else ())


def test_merge_takes_the_fields_of_a_row_one_by_one():
    base = {"symptoms": [row("twitching", note="First. Second.", tags=["eye"])]}
    ours = {"symptoms": [row("twitching", note="First! Second.", tags=["eye", "left"])]}
    theirs = {"symptoms": [row("twitching", note="First. Second!", tags=["mouth"])]}
    merged = merge(base, ours, theirs)
    assert merged.record == {"symptoms": [row("twitching", note="First! Second!", tags=["left", "mouth"])]}
    assert merged.conflicts == ()


def test_merge_names_the_row_and_field_of_a_conflict():
    base, ours, theirs = ({"symptoms": [row("eyelid-twitching", note=note)]} for note in ("a", "b", "c"))
    merged = merge(base, ours, theirs)
    assert merged.record == ours
    assert merged.conflicts == (Conflict(("symptoms", "eyelid-twitching", "note"), "a", "b", "c"),)
    assert str(merged.conflicts[0]) == "symptoms, eyelid-twitching, note"


def test_merge_of_a_role_changed_on_both_sides_is_a_conflict():
    base, ours, theirs = ({"related": [row("bell", role=role)]} for role in ("part-of", "other", "third"))
    assert merge(base, ours, theirs).conflicts == (Conflict(("related", "bell", "role"), "part-of", "other", "third"),)


def test_merge_of_a_row_deleted_and_unchanged_deletes_it():
    both, one = {"symptoms": [row("a"), row("b", "x")]}, {"symptoms": [row("a")]}
    assert merge(both, one, both).record == merge(both, both, one).record == one


def test_merge_of_a_row_deleted_and_changed_keeps_the_changed_row():
    base = {"symptoms": [row("a"), row("b", "x"), row("c")]}
    without = {"symptoms": [row("a"), row("c")]}
    changed = {"symptoms": [row("a"), row("b", "y"), row("c")]}
    place = ("symptoms", "b")
    here = merge(base, without, changed)
    assert here.record == changed
    assert here.conflicts == (Conflict(place, row("b", "x"), None, row("b", "y")),)
    there = merge(base, changed, without)
    assert there.record == changed
    assert there.conflicts == (Conflict(place, row("b", "x"), row("b", "y"), None),)


def test_merge_of_a_row_added_on_both_sides_unites_its_sets_and_questions_its_texts():
    ours, theirs = {"symptoms": [row("a", "x", ["p"])]}, {"symptoms": [row("a", "y", ["q"])]}
    merged = merge({"symptoms": []}, ours, theirs)
    assert merged.record == {"symptoms": [row("a", "x", ["p", "q"])]}
    assert merged.conflicts == (Conflict(("symptoms", "a", "note"), "", "x", "y"),)


def test_merge_loses_no_row_where_two_have_one_target():
    rows = {"related": [row("bell", role="part-of"), row("bell", role="easily-mistaken-for")]}
    assert merge({"related": []}, rows, {"related": []}).record == rows
    changed = {"related": [rows["related"][0], row("bell", "New.", role="easily-mistaken-for")]}
    assert merge(rows, rows, changed).record == changed


def test_merge_without_a_base_agrees_takes_unites_and_questions():
    ours = {"name": "n", "summary": "Ours.", "body": "Here.\n", "tags": ["a"], "symptoms": [row("x")]}
    theirs = {"name": "n", "summary": "", "body": "There.\n", "tags": ["b"], "symptoms": [row("y")]}
    merged = merge(None, ours, theirs)
    assert merged.record == {
        "name": "n",
        "summary": "Ours.",
        "body": "Here.\n",
        "tags": ["a", "b"],
        "symptoms": [row("x"), row("y")],
    }
    assert merged.conflicts == (Conflict(("body",), "", "Here.\n", "There.\n"),)


def test_merge_takes_missing_fields_for_empty_ones_and_keeps_the_order_of_fields():
    merged = merge({"c": "x"}, {"b": "1", "a": ["m"], "f": []}, {"d": [row("r")], "a": ["n"], "e": ""})
    assert list(merged.record) == ["b", "a", "f", "d", "e"]
    assert merged.record == {"b": "1", "a": ["m", "n"], "f": [], "d": [row("r")], "e": ""}
    assert merged.conflicts == ()


def test_merge_of_values_of_two_types_is_a_conflict():
    merged = merge(None, {"body": "a"}, {"body": ["a"]})
    assert merged.record == {"body": "a"}
    assert merged.conflicts == (Conflict(("body",), "", "a", ["a"]),)


def test_merge_gives_conflicts_in_the_order_of_fields():
    base = {"name": "", "symptoms": [row("a"), row("b")], "body": ""}
    ours = {"name": "o", "symptoms": [row("b", "o"), row("a", "o")], "body": "o"}
    theirs = {"name": "t", "symptoms": [row("a", "t"), row("b", "t")], "body": "t"}
    places = [str(conflict) for conflict in merge(base, ours, theirs).conflicts]
    assert places == ["name", "symptoms, b, note", "symptoms, a, note", "body"]


def test_merge_of_long_prose_is_quick_and_right():
    lines = [f"Sentence {number} is here." for number in range(800)]
    ours, theirs = list(lines), list(lines)
    ours[10], theirs[700] = "Ours!", "Theirs!"
    both = list(ours)
    both[700] = "Theirs!"
    base, ours, theirs, both = ({"body": " ".join(side)} for side in (lines, ours, theirs, both))
    assert merge(base, ours, theirs).record == both


DISTANCES = [
    ({}, {"name": "", "tags": [], "symptoms": []}, 0),
    ({"name": "a"}, {"name": "b"}, 2),
    ({"name": "a"}, {}, 1),
    ({"name": "a b"}, {"name": "b a"}, 1),
    ({"summary": "Pain in the ear."}, {"summary": "Pain in or behind the ear."}, 2),
    ({"tags": ["a", "b"]}, {"tags": ["b", "c", "d"]}, 3),
    ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, 0),
    ({"symptoms": [row("a")]}, {"symptoms": [row("a", "x", ["t"])]}, 2),
    ({"symptoms": [row("a", "x")]}, {}, 2),
    ({"symptoms": [row("a"), row("b")]}, {"symptoms": [row("b"), row("a")]}, 1),
    ({"tags": "a"}, {"tags": ["a"]}, 2),
]


@pytest.mark.parametrize(("a", "b", "expected"), DISTANCES)
def test_distance_counts_what_differs(a, b, expected):
    assert distance(a, b) == distance(b, a) == expected


class CountedToken(str):
    """A sentence that counts how often it was compared or looked up."""

    seen = 0

    def __eq__(self, other):
        CountedToken.seen += 1
        return str.__eq__(self, other)

    def __hash__(self):
        CountedToken.seen += 1
        return str.__hash__(self)


ALIKE = [
    ("fifty sentences again and again", lambda place, side: (place * (side + 7) + place // 50) % 50),
    ("two sentences in turn", lambda place, side: (place + side) % 2),
    ("pairs that change places", lambda place, side: place ^ (side == 1)),
    ("all in another order", lambda place, side: place * (1, 7919, 104729)[side] % 1_000_003),
]


@pytest.mark.parametrize(("_", "at"), ALIKE, ids=[name for name, _ in ALIKE])
def test_matching_takes_steps_in_proportion_to_the_length(_, at):
    steps = []
    for count in (1000, 8000):
        sides = [[CountedToken(f"w{at(place, side)}.") for place in range(count)] for side in range(2)]
        CountedToken.seen = 0
        assert Matcher(None, *sides).get_matching_blocks()[-1] == (count, count, 0)
        steps.append(CountedToken.seen / count)
    assert steps[1] < 1.5 * steps[0]


def test_merge_matches_as_many_sentences_as_may_be_typed_with_no_other_matcher(monkeypatch):
    monkeypatch.setattr(difflib, "SequenceMatcher", None)
    base, ours, theirs = ({"body": " ".join(f"w{at % (side + 48)}." for at in range(20_000))} for side in range(3))
    assert merge(base, ours, theirs).conflicts == (Conflict(("body",), *(one["body"] for one in (base, ours, theirs))),)
    edited = {"body": f"First. {base['body']} Last."}
    assert merge(base, edited, base | {"body": base["body"] + " Theirs."}).conflicts != ()
    assert merge(base, {"body": f"First. {base['body']}"}, {"body": base["body"] + " Last."}).record == edited


MATCHES = [
    # a, b, the pieces that both have
    ("", "", []),
    ("abc", "abc", ["abc"]),
    ("abcd", "axcd", ["a", "cd"]),
    ("abc", "xyz", []),
    ("xabcx", "abc", ["abc"]),
    ("abcdef", "defabc", ["def"]),
    ("aab", "ab", ["a", "b"]),
    ("a-b-c", "a-x-b-c", ["a-", "b-c"]),
    ("xx1xx2xx", "yy1yy2yy", ["1", "2"]),
]


@pytest.mark.parametrize(("a", "b", "pieces"), MATCHES)
def test_matching_finds_what_two_lists_have_in_common(a, b, pieces):
    blocks = Matcher(None, a, b).get_matching_blocks()
    assert [a[start : start + length] for start, _, length in blocks[:-1]] == pieces
    assert [b[start : start + length] for _, start, length in blocks[:-1]] == pieces
