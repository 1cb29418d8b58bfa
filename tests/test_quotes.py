"""Words quoted from a document: where they stand, what a cut may not leave out, and laws that hold for any text."""

import pytest

from conditions import quotes
from conditions.proof import Carried, letters, stretches
from conditions.quotes import Quote

LOOK = (
    "Symptoms of Hemifacial Spasm\n\nMuscles on one side of the face twitch involuntarily, usually beginning with the "
    "eyelid, then spreading to the cheek and mouth. Hemifacial spasm is essentially painless but can be embarrassing "
    "and look like a seizure."
)
EARLY = "The symptoms may begin suddenly and sometimes follow a period of stress or reduced immunity."
OPEN = "The sphincter does not open adequately during swallowing, leading to dysphagia."
FIRST = "In some cases, hemifacial spasm is the first symptom of MS. When people have MS, their immune system attacks."
RARE = "Rarely, persistent eyelid myokymia has been reported as a presenting sign of a brainstem tumor."
ONLY = "Eyelid twitching affects only the eyelid."
MOST = "Hemifacial spasm is most often caused by a blood vessel. It can also be caused by a tumor."


@pytest.mark.parametrize(
    ("text", "words", "flaw"),
    [
        (LOOK, "usually beginning with the eyelid", ""),
        (LOOK, "Symptoms of Hemifacial Spasm", ""),
        (ONLY, "Eyelid   twitching\naffects", ""),
        ("A  •\tmild weakness\n  • pain", "mild weakness", ""),
        (LOOK, "beginning with the eyelids", "does not say these words"),
        (LOOK, "usually begin", "does not say these words"),
        (LOOK, "Usually beginning", "does not say these words"),
        (LOOK, "", "does not say these words"),
        ("Bell’s palsy comes.", "Bell's palsy", "does not say these words"),
        ("It may hurt. It may swell.", "It may", "in 2 places"),
        (MOST, "a blood vessel. It can", "more than one sentence"),
        (LOOK, "Hemifacial Spasm Muscles on one side", "more than one sentence"),
        ("Dr. Who came. It hurt, e.g. here.", "Dr. Who came.", ""),
        ("When people have MS. Then", "MS. Then", "more than one sentence"),
        ("No. 5 is best.", "No. 5 is best", ""),
        ("It does not\nhelp anyone.", "not help anyone", ""),
        ("It hurts:\n• the jaw\n• the ear", "the jaw", ""),
        ("drooling\n\ndrooling at night", "drooling", ""),
    ],
)
def test_words_are_a_quote_where_they_stand_once_in_one_sentence(text, words, flaw):
    found = quotes.flaw(text, words)
    assert flaw in found if flaw else not found


def cut(text, words, said="", certainty=""):
    """What the guard says of a row, or with certainty None of a sentence."""
    found = [f"left out: {word}" for word in quotes.left_out(text, [words], said, certainty)]
    if certainty == "":
        found += [f"unsaid: {word}" for word in quotes.unsaid_doubt([words], said)]
    if certainty and not quotes.says(certainty, [words]):
        found.append(f"no word for {certainty}")
    return found


PLANTED = [
    (LOOK, "look like a seizure", "", ""),
    (LOOK, "then spreading to the cheek", "", "usually"),
    (LOOK, "beginning with the eyelid", "It begins in an eyelid.", ""),
    (LOOK, "can be embarrassing and look like a seizure", "It looks like one.", ""),
    (EARLY, "follow a period of stress", "", ""),
    (EARLY, "sometimes follow a period of stress", "", "usually"),
    (OPEN, "open adequately during swallowing", "It opens.", ""),
    (FIRST, "hemifacial spasm is the first symptom of MS", "", ""),
    (RARE, "persistent eyelid myokymia has been reported as a presenting sign of a brainstem tumor", "", "sometimes"),
    (ONLY, "Eyelid twitching", "It is in the face.", None),
    (MOST, "caused by a blood vessel", "", "usually"),
    (MOST, "be caused by a tumor", "A tumor causes it.", None),
    ("It is not common.", "It is not common", "", "often"),
    ("It is not rare.", "It is not rare", "", "rarely"),
    ("It doesn’t usually hurt.", "doesn’t usually hurt", "", "usually"),
    ("It does not\nhelp anyone.", "help anyone", "It helps.", None),
    ("Nobody should take it.", "should take it", "Take it.", None),
    ("It isnʼt safe.", "safe", "It is safe.", None),
    ("In May it rains.", "In May it rains", "", "can-happen"),
]
"""Cuts that change what a sentence says: text, words, what we say, and how often (None: a sentence of prose)."""


@pytest.mark.parametrize(("text", "words", "said", "certainty"), PLANTED)
def test_a_cut_that_changes_what_is_said_is_refused(text, words, said, certainty):
    assert quotes.flaw(text, words) == ""
    assert cut(text, words, said, certainty)


@pytest.mark.parametrize(
    ("text", "words", "said", "certainty"),
    [
        (LOOK, "usually beginning with the eyelid", "", "usually"),
        (LOOK, "can be embarrassing and look like a seizure", "", "can-happen"),
        (LOOK, "look like a seizure", "It might look like one.", ""),
        (EARLY, "sometimes follow a period of stress", "It may come after stress.", "sometimes"),
        (OPEN, "leading to dysphagia", "It does not open, so swallowing is hard.", ""),
        (FIRST, "In some cases, hemifacial spasm is the first symptom of MS", "", "sometimes"),
        (FIRST, "their immune system attacks", "", ""),
        (ONLY, "affects only the eyelid", "It stays in the eyelid.", ""),
        (MOST, "can also be caused by a tumor", "A tumor may cause it.", None),
        (LOOK, "essentially painless", "It can hardly hurt.", "absent"),
        ("In some patients it hurts.", "In some patients it hurts", "", "sometimes"),
        ("In May it rains.", "In May it rains", "", ""),
    ],
)
def test_a_quote_that_keeps_the_doubt_stands(text, words, said, certainty):
    assert cut(text, words, said, certainty) == []


def test_two_quotes_of_one_sentence_speak_for_each_other():
    assert quotes.left_out(LOOK, ["look like a seizure"], "", "") == ["can"]
    assert quotes.left_out(LOOK, ["look like a seizure", "can be embarrassing and"], "", "") == []


def test_a_citation_is_read_as_it_is_written():
    text = 'It is [@a "the  words"], or so [@b][@a "the words"]; not [@ "x"] or [@c ""] or [@d \'x\'].'
    assert quotes.quotes_in(text) == [Quote("a", "the words"), Quote("b", "")]
    assert quotes.quotes_in('[@a "he said "no" twice"]') == [Quote("a", 'he said "no" twice')]
    for quote in (Quote("a", "the words"), Quote("b", "")):
        assert quotes.quotes_in(quotes.written(quote)) == [quote]


@pytest.mark.parametrize("text", ['[@a "oops.\n\nMore [@b "x"]', '[@a "' * 3, f'[@a "{"x" * 2000}"]'])
def test_what_is_never_closed_is_no_citation_and_hides_none(text):
    assert [quote.slug for quote in quotes.quotes_in(text)] == (["b"] if "[@b" in text else [])


def test_reasons_are_a_closed_list():
    assert quotes.reason_of("heading: To the Editor:") == ("heading", "To the Editor:")
    assert quotes.reason_of("contradicted by a-source: It is rare") == ("contradicted by a-source", "It is rare")
    assert quotes.reason_of("because: It is") == ("", "because: It is")


def test_a_text_is_cut_into_passages_and_put_together_again():
    pairs = [(words, Carried(None, "", words)) for words in ("usually beginning with the eyelid", "the eyelid, then")]
    pairs.append(("look like a seizure", Carried(None, "", "seizure")))
    pairs.append(("what it does not say", Carried(None, "", "nothing")))
    found = stretches(LOOK, pairs)
    assert "".join(one.text for one in found) == LOOK
    marked = [(one.letter, one.text, [each.said for each in one.carried]) for one in found if one.letter]
    assert marked == [
        ("a", "usually beginning with the eyelid, then", ["usually beginning with the eyelid", "the eyelid, then"]),
        ("b", "look like a seizure", ["seizure"]),
    ]


@pytest.mark.parametrize(("number", "letter"), [(0, "a"), (25, "z"), (26, "aa"), (701, "zz"), (702, "aaa")])
def test_letters_go_on_after_z(number, letter):
    assert letters(number) == letter
