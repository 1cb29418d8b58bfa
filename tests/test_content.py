"""The content: every word of the founding documents carries a statement, and every statement rests on words.

Nothing here is written by hand: what carries what is computed from the quotes in the fixtures.
"""

import re
from pathlib import Path

import pytest

from conditions import coverage, prose, quotes, records, statements
from conditions.management.commands.reading_measures import HARDEST
from conditions.models.published import Page
from conditions.proof import Carried
from conditions.schema import CITED, SCHEMAS, Kind
from tests.shipped import fixtures

OWN_WORDS = {field.name for schema in SCHEMAS.values() for field in schema.fields if field.is_prose}
ROOT = Path(__file__).parent.parent
RELATIONS = {"symptoms": "symptoms", "treatments": "treatments", "causes": "causes", "related": "conditions"}
NAMED = ("conditions", "symptoms", "treatments", "causes")
LONGEST = 20
IN_OUR_WORDS = {"medlineplus-botulinum-toxin", "medlineplus-choking"}
"""Sources under copyright: no words of them are kept, so none can be quoted."""
WITHOUT_WORDS = {"nhs-bells-palsy", "nhs-trigeminal-neuralgia"}
"""Sources some of whose sentences were in no copy that could be read: what rests on those says so."""

EXPECTED = {
    "hemifacial-spasm": {"tic convulsif"},
    "bells-palsy": {"Bell palsy"},
    "tmj-disorder": {"TMJ", "temporomandibular disorder"},
    "meige-syndrome": {"Brueghel syndrome"},
    "cricopharyngeal-spasm": {"cricopharyngeal dysfunction"},
    "cricopharyngeal-achalasia": set(),
    "facial-myokymia": set(),
    "eyelid-myokymia": {"myokymia"},
    "isaacs-syndrome": {
        "neuromyotonia",
        "Isaacs-Mertens syndrome",
        "continuous muscle fiber activity syndrome",
        "quantal squander syndrome",
    },
    "milroy-disease": {"Milroy’s disease"},
    "multiple-sclerosis": {"MS"},
    "anxiety": set(),
    "trigeminal-neuralgia": {"tic douloureux"},
    "blepharospasm": set(),
    "oromandibular-dystonia": set(),
}
"""The conditions that must be here, with other names that people know them by."""

SPELLINGS = [("tumor", "tumour"), ("esophag", "oesophag"), ("edema", "oedema"), ("fiber", "fibre")]
"""American and British. A name in one has a name in the other."""


def relation_rows() -> dict[str, records.Record]:
    """Relation row, such as `conditions/bells-palsy: causes, stress` -> the row."""
    return {
        f"{entry}: {relation}, {row['target']}": row
        for entry, record in fixtures().items()
        for relation in RELATIONS
        for row in record.get(relation, ())
    }


def of(*plurals: str) -> list[str]:
    return [entry for entry in fixtures() if entry.split("/")[0] in plurals]


def split(carrier: str) -> tuple[str, str, str]:
    """`conditions/bells-palsy: causes, stress` -> entry, field, value."""
    entry, _, rest = carrier.partition(": ")
    field, _, value = rest.partition(", ")
    return entry, field, value


def texts() -> dict[str, str]:
    """The texts in which quoted words stand, by slug."""
    return {one["slug"]: statements.quotable(one) for one in fixtures().values() if Kind(one["kind"]) in CITED}


# Statements and words, both ways


def test_there_are_25_documents():
    assert len(of("questions")) == 25


def test_every_word_of_every_document_carries_a_statement_or_has_a_reason():
    carried: dict[str, list[tuple[str, Carried]]] = {}
    for number, (entry, record) in enumerate(fixtures().items()):
        page = Page(pk=number, kind=record["kind"], slug=record["slug"], name=record["name"])
        for one in statements.of_record(record):
            for quote in one.quotes:
                statement = Carried(page, "", f"{entry}: {', '.join(one.path)}")
                carried.setdefault(quote.slug, []).append((quote.words, statement))
    bare = {}
    for entry in of("questions"):
        record = fixtures()[entry]
        on_it = carried[record["slug"]]
        found = coverage.of_text(record["name"], record["answer"], on_it, record["carries_nothing"])
        bare[entry] = found.unexplained
        told = {words for _, words in map(quotes.reason_of, record["carries_nothing"])}
        assert {one.words for one in found.bare if one.reason} == told, f"{entry}: a reason for what is carried"
    assert {entry: words for entry, words in bare.items() if words} == {}


def test_every_statement_rests_on_words_that_stand_where_it_says():
    wrong = {entry: statements.problems(record, texts()) for entry, record in fixtures().items()}
    assert {entry: list(map(str, problems)) for entry, problems in wrong.items() if problems} == {}
    assert sum(len(list(statements.of_record(record))) for record in fixtures().values()) > 600


def test_every_citation_has_words_unless_none_may_be_or_were_seen():
    bare: dict[str, int] = {}
    for record in fixtures().values():
        for one in statements.of_record(record):
            for quote in one.quotes:
                if not quote.words:
                    bare[quote.slug] = bare.get(quote.slug, 0) + 1
    assert bare.keys() <= IN_OUR_WORDS | WITHOUT_WORDS
    assert [slug for slug in IN_OUR_WORDS if fixtures()[f"sources/{slug}"]["excerpt"]] == []


def test_every_source_says_where_its_words_were_found():
    wrong = [
        entry
        for entry in of("sources")
        if fixtures()[entry]["excerpt"] and not (fixtures()[entry]["found"] and fixtures()[entry]["printed"])
    ]
    assert wrong == []


def test_each_document_is_quoted_by_itself_in_short():
    assert [entry for entry in of("questions") if "[@answer " not in fixtures()[entry]["in_short"]] == []


def test_no_two_pages_of_what_people_look_up_share_a_name():
    names: dict[str, list[str]] = {}
    for entry in of(*NAMED):
        if not fixtures()[entry].get("is_condition"):
            names.setdefault(prose.fold(fixtures()[entry]["name"]), []).append(entry)
    assert {name: entries for name, entries in names.items() if len(entries) > 1} == {}


def test_a_fact_stands_once():
    """What a cause that is a condition is said to cause is not also said by that condition."""
    same = {
        entry.split("/")[1]: fixtures()[entry]["is_condition"][0]
        for entry in of("causes")
        if fixtures()[entry]["is_condition"]
    }
    twice = []
    for name in relation_rows():
        owner, relation, target = split(name)
        if relation == "causes" and target in same:
            kind, slug = owner.split("/")
            twice += [name] if f"conditions/{same[target]}: {kind}, {slug}" in relation_rows() else []
    assert twice == []


# The fixtures by themselves


def test_conditions_are_there_with_their_other_names():
    known = {slug: fixtures().get(f"conditions/{slug}", {}).get("also_called") for slug in EXPECTED}
    assert [slug for slug in EXPECTED if known[slug] is None] == []
    assert {slug: names - set(known[slug]) for slug, names in EXPECTED.items() if not names <= set(known[slug])} == {}


@pytest.mark.parametrize(("american", "british"), SPELLINGS)
def test_names_are_found_in_both_spellings(american, british):
    wrong = []
    for entry in of(*NAMED):
        record = fixtures()[entry]
        names = {name.lower() for name in (record["name"], *record["also_called"], *record["found_by"])}
        bare = {name for name in names if american in name.replace(british, "")}
        wrong += [f"{entry}: {name}" for name in bare if name.replace(american, british) not in names]
    assert wrong == []


def test_no_relation_without_evidence_or_source():
    assert [name for name, row in relation_rows().items() if not row["evidence"] + row["sources"]] == []


def test_no_entry_without_summary():
    assert [entry for entry in of(*NAMED) if not fixtures()[entry]["summary"]] == []


@pytest.mark.parametrize(("plural", "mark"), [("tags", "tags"), ("sources", "sources")])
def test_no_unused_tag_or_source(plural, mark):
    marked = [*fixtures().values(), *relation_rows().values()]
    used = {f"{plural}/{slug}" for each in marked for slug in each.get(mark, ())}
    assert [entry for entry in of(plural) if entry not in used] == []


def test_no_entry_without_a_relation():
    related = set()
    for entry, relation, target in map(split, relation_rows()):
        related |= {entry, f"{RELATIONS[relation]}/{target}"}
    alone = [entry for entry in of(*NAMED) if entry not in related]
    assert [entry for entry in alone if not fixtures()[entry].get("is_condition")] == []


def test_every_source_is_a_page_that_people_can_read():
    urls = [fixtures()[entry]["url"] for entry in of("sources")]
    assert urls
    assert [url for url in urls if not url.startswith("https://") or re.search(r"//api\.|\.json\b|\?", url)] == []


# Our own words


def test_our_own_words_are_plain():
    entries = of(*NAMED, "questions", "tags")
    assert len(entries) > 100
    grades = {
        entry: prose.grade("\n\n".join(fixtures()[entry].get(field, "") for field in OWN_WORDS)) for entry in entries
    }
    assert {entry: grade for entry, grade in grades.items() if grade > HARDEST} == {}


def test_no_sentence_of_ours_is_long():
    texts = {f"{entry}: {field}": record.get(field, "") for entry, record in fixtures().items() for field in OWN_WORDS}
    texts |= {name: row["note"] for name, row in relation_rows().items()}
    long = {
        name: sentence
        for name, text in texts.items()
        for sentence in prose.sentences(text)
        if len(sentence.split()) > LONGEST
    }
    assert long == {}


def test_nobody_claims_a_review():
    claim = re.compile(r"\b(?:clinically|medically) reviewed\b|\breviewed by\b", re.IGNORECASE)
    texts = {entry: " ".join(record.get(field, "") for field in OWN_WORDS) for entry, record in fixtures().items()}
    assert [entry for entry, text in texts.items() if claim.search(text)] == []


# What readers ask

NOT_FOUND = {
    "facial-myokymia": {"treatments"},
    "isaacs-syndrome": {"tests"},
}
"""What no document or free source that was looked at says of a condition: its page says that we have not found it."""


def test_every_condition_is_answered():
    missing = {
        slug: {name for name in ("outlook", "tests", "treatments", "symptoms") if not fixtures()[entry].get(name)}
        for entry in of("conditions")
        for slug in [entry.split("/")[1]]
    }
    assert {slug: names for slug, names in missing.items() if names} == NOT_FOUND


def test_every_entry_is_found_by_what_people_type():
    assert [entry for entry in of(*NAMED) if not fixtures()[entry].get("found_by")] == []


def test_every_symptom_says_where():
    places = {entry.split("/")[1] for entry in of("tags") if fixtures()[entry]["group"] in ("place", "side")}
    assert "whole-face" in places
    assert [entry for entry in of("symptoms") if not places & set(fixtures()[entry].get("tags", ()))] == []
