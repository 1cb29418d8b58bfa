"""What differs between two records: its signs, its marks within sentences, and what is folded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.differences import Difference, How, differences
from conditions.schema import Kind

ROW = {"certainty": "", "note": "", "quotes": [], "tags": [], "evidence": ["a-document"], "sources": []}
NAMES = {
    (Kind.SYMPTOM, "fever"): "Fever",
    (Kind.SYMPTOM, "pain"): "Pain",
    (Kind.SYMPTOM, "rash"): "Rash",
    (Kind.QUESTION, "a-document"): "A document?",
    (Kind.QUESTION, "another"): "Another?",
    (Kind.TAG, "sudden"): "Sudden",
}


def condition(**fields):
    record = {"kind": "condition", "slug": "x", "name": "X", "symptoms": [], "tags": [], "body": "", "summary": ""}
    return record | fields


def row(target, **fields):
    return ROW | {"target": target} | fields


def marked(was, now):
    shown = {"del": "-[{}]", "ins": "+[{}]", "": "{}"}
    pieces = Difference(("body",), "Text", was, now).pieces
    return "".join(
        f"({one.paragraphs} folded)" if one.paragraphs else shown[one.how].format(one.text) for one in pieces
    )


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("It twitches at night.", "It twitches by day.", "It twitches -[at night.] +[by day.]"),
        ("One word.", "One more word.", "One +[more] word."),
        ("One more word.", "One word.", "One -[more] word."),
        ("", "All of it.", "+[All of it.]"),
        ("All of it.", "", "-[All of it.]"),
        ("Two\nlines.", "Two lines.", "Two lines."),
        ("Same.\n\nOld.", "Same.\n\nNew.", "Same.\n\n-[Old.] +[New.]"),
        ("A.\n\nB.\n\nC.\n\nOld.", "A.\n\nB.\n\nC.\n\nNew.", "(2 folded)C.\n\n-[Old.] +[New.]"),
        ("Old.\n\nA.\n\nB.\n\nC.", "New.\n\nA.\n\nB.\n\nC.", "-[Old.] +[New.]\n\nA.\n(2 folded)"),
        ("1.\nA.\nB.\nC.\n2.", "3.\nA.\nB.\nC.\n4.", "-[1.] +[3.]\nA.\nB.\nC.\n-[2.] +[4.]"),
        ("1.\nA.\nB.\nC.\nD.\n2.", "3.\nA.\nB.\nC.\nD.\n4.", "-[1.] +[3.]\nA.\n(2 folded)D.\n-[2.] +[4.]"),
    ],
)
def test_words_are_marked_within_sentences_and_what_is_the_same_is_folded(was, now, expected):
    assert marked(was, now) == expected


TEXTS = st.lists(st.sampled_from(["It", "twitches", "at night.", "\n\n", "\n- ", "By day", "never"]), max_size=30).map(
    " ".join
)


@given(TEXTS, TEXTS)
def test_what_is_marked_is_all_of_both_texts(was, now):
    pieces = Difference(("body",), "Text", was, now).pieces
    assert " ".join("".join(one.text for one in pieces if one.how != "ins").split()) == " ".join(was.split())
    assert " ".join("".join(one.text for one in pieces if one.how != "del").split()) == " ".join(now.split())


def test_texts_too_long_to_compare_stand_one_after_the_other():
    was, now = " ".join(["old"] * 2500), " ".join(["new"] * 2500)
    assert [piece.how for piece in Difference((), "Text", was, now).pieces] == ["del", "", "ins"]
    lines = "\n".join(str(number) for number in range(2500))
    assert [piece.how for piece in Difference((), "Text", lines, f"0\n{lines}").pieces] == ["del", "ins"]


def test_of_sets_each_is_marked_by_itself():
    [found] = differences(condition(tags=["sudden"]), condition(tags=["one-side", "sudden"]), NAMES)
    assert (found.path, found.label, found.how) == (("tags",), "Tags", How.CHANGED)
    assert [(piece.how, piece.text) for piece in found.pieces] == [("", "Sudden"), ("", ", "), ("ins", "one-side")]


def test_rows_are_added_taken_out_and_changed_field_by_field():
    before = condition(symptoms=[row("fever"), row("pain", note="It hurts.")])
    after = condition(symptoms=[row("pain", note="It hurts more.", tags=["sudden"]), row("rash", evidence=["another"])])
    gone, changed, added = differences(before, after, NAMES)
    assert [(one.sign, one.label) for one in (gone, changed, added)] == [
        ("−", "Symptoms: Fever"),
        ("±", "Symptoms: Pain"),
        ("+", "Symptoms: Rash"),
    ]
    assert changed.path == ("symptoms", "pain")
    assert {part.label: (part.how, part.was, part.now) for part in changed.parts} == {
        "Note": (How.CHANGED, "It hurts.", "It hurts more."),
        "Tags": (How.ADDED, "", "Sudden"),
    }
    assert [(part.label, part.now) for part in added.parts] == [("Documents", "Another?")]
    assert [(part.label, part.was) for part in gone.parts] == [("Documents", "A document?")]


def test_rows_that_moved_say_where_they_stood():
    orders = (("fever", "pain", "rash"), ("rash", "fever", "pain"))
    before, after = (condition(symptoms=[row(one) for one in some]) for some in orders)
    [moved] = differences(before, after, NAMES)
    assert (moved.sign, moved.label, moved.was, moved.now) == ("↕", "Symptoms: Rash", "after Pain", "first")


def test_a_row_that_rests_on_nothing_says_so_before_and_after():
    rests, bare = condition(symptoms=[row("pain")]), condition(symptoms=[row("pain", evidence=[])])
    [found] = differences(rests, bare, NAMES)
    assert [(part.was, part.now) for part in found.parts] == [("A document?", ""), ("", "rests on nothing")]
    [found] = differences(bare, rests, NAMES)
    assert [(part.was, part.now) for part in found.parts] == [("", "A document?"), ("rests on nothing", "")]


def test_quotes_name_the_title_of_what_they_are_from():
    quoted = row("pain", quotes=['[@a-document "It hurts"]'])
    before, after = condition(symptoms=[row("pain")]), condition(symptoms=[quoted])
    assert [part.now for part in differences(before, after, NAMES)[0].parts] == ["“It hurts” (A document?)"]
    before, after = condition(body="It hurts."), condition(body='It *hurts* [@a-document "It hurts"] [@unknown].')
    [found] = differences(before, after, NAMES)
    assert found.now == "It *hurts* [“It hurts” (A document?)] [unknown].\n"
    names = NAMES | {(Kind.QUESTION, "b"): "A document?"}
    [found] = differences(condition(body="It hurts [@a-document]."), condition(body="It hurts [@b]."), names)
    assert (found.was, found.now) == ("", "What it rests on changed."), "two documents have one title"


def test_readers_see_no_markup_and_are_told_where_only_citations_changed():
    before, after = condition(body="It *droops*."), condition(body="It droops [@a-document].\n\n- One\n- Two")
    [found] = differences(before, after, NAMES, as_read=True)
    assert (found.was, found.now) == ("It droops.", "It droops.\nOne\nTwo")
    before = condition(body="It droops.")
    [found] = differences(before, condition(body="It droops [@a-document]."), NAMES, as_read=True)
    assert (found.was, found.now) == ("", "What it rests on changed.")
