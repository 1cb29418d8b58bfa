"""The content: every word of the founding documents is carried, and nothing is without evidence.

docs/content.md says, words by words, what carries each document; here it is held against the fixtures, both ways.
"""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import ndiff
from functools import cache
from pathlib import Path

import pytest

from conditions import prose, records
from conditions.content_files import formats, parsing
from conditions.management.commands.reading_measures import HARDEST
from conditions.schema import SCHEMAS, FieldType, Kind

OWN_WORDS = {field.name for schema in SCHEMAS.values() for field in schema.fields if field.is_prose}
ROOT = Path(__file__).parent.parent
RELATIONS = {"symptoms": "symptoms", "treatments": "treatments", "causes": "causes", "related": "conditions"}
CITING = tuple(field.name for field in SCHEMAS[Kind.CONDITION].fields if field.type is FieldType.MARKDOWN)
NAMED = ("conditions", "symptoms", "treatments", "causes")
LONGEST = 20

DOUBTS = {
    "may": r"\b(?:may|might|can|could|possible)\b",
    "rarely": r"\brarely\b",
    "sometimes": r"\b(?:sometimes|some cases)\b",
    "not-common": r"\bnot common\b",
    "usually": r"\b(?:usually|generally)\b",
    "most-often": r"\b(?:most often|most common)\b",
}
"""Words of doubt in a document, by the tag that each relation resting on them must have."""

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


@dataclass(frozen=True)
class Line:
    """One row of a table in docs/content.md."""

    document: str
    words: str
    carriers: tuple[str, ...]
    tags: tuple[str, ...]
    reason: str


@cache
def fixtures() -> dict[str, records.Record]:
    """Entry, such as `conditions/bells-palsy` -> its record."""
    found = {}
    for path in sorted((ROOT / "fixtures").rglob("*.yaml")):
        entries, wrong = formats.entries_of(parsing.parse(path, path.read_bytes()), path.name)
        assert wrong == []
        found |= {f"{entry.kind.plural}/{entry.record['slug']}": records.canonical(entry.record) for entry in entries}
    return found


@cache
def lines() -> tuple[Line, ...]:
    """Every row of the tables under "The documents", in order."""
    text = (ROOT / "docs" / "content.md").read_text("utf-8")
    found, document = [], ""
    for line in text.split("\n## The documents\n")[1].split("\n## ")[0].splitlines():
        if line.startswith("### "):
            document = line.removeprefix("### ")
        elif line.startswith("| ") and not line.startswith(("| the document says |", "| --- |")):
            words, carried, tags = (cell.strip() for cell in line.strip("|").split("|"))
            reason = carried.removeprefix("nothing:").strip() if carried.startswith("nothing:") else ""
            quoted = re.compile("`([^`]+)`")
            found.append(Line(document, words, tuple(quoted.findall(carried)), tuple(quoted.findall(tags)), reason))
    return tuple(found)


def relation_rows() -> dict[str, records.Record]:
    """Relation row as docs/content.md writes it -> the row."""
    return {
        f"{entry}: {relation}, {row['target']}": row
        for entry, record in fixtures().items()
        for relation in RELATIONS
        for row in record.get(relation, ())
    }


def documents() -> dict[str, records.Record]:
    return {record["slug"]: record for record in fixtures().values() if record["kind"] == "question"}


def of(*plurals: str) -> list[str]:
    return [entry for entry in fixtures() if entry.split("/")[0] in plurals]


def split(carrier: str) -> tuple[str, str, str]:
    """`conditions/bells-palsy: causes, stress` -> entry, field, value."""
    entry, _, rest = carrier.partition(": ")
    field, _, value = rest.partition(", ")
    return entry, field, value


def carrier_problem(carrier: str, document: str) -> str:
    """What is wrong with a carrier of a document; empty if it is there and cites it."""
    entry, field, value = split(carrier)
    record = fixtures().get(entry)
    if record is None:
        return "there is no such entry"
    if field in RELATIONS and value:
        row = relation_rows().get(carrier)
        if row is None:
            return "there is no such relation"
        return "" if document in row["evidence"] else "the relation does not cite the document"
    if field == "editor_note":
        return "" if record["editor_note"] and record["slug"] == document else "it is not a note on the document"
    if field in CITING:
        return "" if document in prose.citations(record.get(field, "")) else "the text does not cite the document"
    if document not in record.get("evidence", ()):
        return "the document is not evidence of the entry"
    if field in ("also_called", "found_by", "tags"):
        return "" if value in record[field] else f"{value!r} is not there"
    return "" if field == "summary" and record["summary"] else "it is not a field that carries a statement"


def tags_of(carrier: str) -> set[str]:
    row = relation_rows().get(carrier)
    return set(row["tags"] if row else fixtures()[split(carrier)[0]].get("tags", ()))


# The table against the documents


def test_table_goes_through_all_25_documents():
    assert Counter(line.document for line in lines()).keys() == documents().keys()
    assert len(documents()) == 25


def test_table_holds_every_word_of_each_document_in_order():
    wrong = {}
    for document, record in documents().items():
        told = " ".join(line.words for line in lines() if line.document == document).split()
        if told != record["answer"].split():
            wrong[document] = [one for one in ndiff(record["answer"].split(), told) if one[0] in "-+"]
    assert wrong == {}


# The table against the fixtures


def line_problems(line):
    """What is wrong with a line of the table."""
    if not line.carriers and not line.reason:
        return ["name what carries these words, or write `nothing:` and why"]
    wrong = {carrier: carrier_problem(carrier, line.document) for carrier in line.carriers}
    problems = [f"{carrier}: {problem}" for carrier, problem in wrong.items() if problem]
    there = [carrier for carrier in line.carriers if not wrong[carrier]]
    on_carriers = set().union(*map(tags_of, there))
    return problems + [f"no carrier has the tag {tag}" for tag in line.tags if tag not in on_carriers]


def test_every_line_is_carried_by_what_it_names():
    assert len(lines()) > 90
    found = {f"{line.document}: {line.words[:60]}": line_problems(line) for line in lines()}
    assert {words: problems for words, problems in found.items() if problems} == {}


@pytest.mark.parametrize("tag", DOUBTS)
def test_doubt_of_a_document_is_a_tag_of_the_relation(tag):
    doubted = [line for line in lines() if re.search(DOUBTS[tag], line.words, re.IGNORECASE)]
    rows = [row for line in doubted for row in line.carriers if row in relation_rows() and ": treatments, " not in row]
    assert rows
    assert [row for row in rows if tag not in tags_of(row)] == []


def test_table_names_each_relation_with_each_document_that_it_cites():
    told = {(line.document, carrier) for line in lines() for carrier in line.carriers}
    cited = {(document, name) for name, row in relation_rows().items() for document in row["evidence"]}
    assert sorted(cited - told) == []


def test_table_names_each_entry_with_each_document_that_it_cites():
    told = set()
    for line in lines():
        for entry, field, value in map(split, line.carriers):
            told |= {(line.document, entry), (line.document, f"{RELATIONS.get(field)}/{value}")}
    cited = {(document, entry) for entry in of(*NAMED) for document in fixtures()[entry]["evidence"]}
    assert sorted(cited - told) == []


def test_each_document_is_evidence_or_has_a_reason():
    used = {document for row in relation_rows().values() for document in row["evidence"]}
    excused = {line.document for line in lines() if line.reason}
    assert sorted(documents().keys() - used - excused) == []


def test_page_lists_what_each_source_adds():
    page = (ROOT / "docs" / "content.md").read_text("utf-8").split("\n## What other sources add\n")[1]
    assert sorted(re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)) == sorted(e.split("/")[1] for e in of("sources"))


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


def test_no_entry_without_summary_and_evidence_or_source():
    silent = [entry for entry in of(*NAMED) if not fixtures()[entry]["summary"]]
    rootless = [entry for entry in of(*NAMED) if not fixtures()[entry]["evidence"] + fixtures()[entry]["sources"]]
    assert (silent, rootless) == ([], [])


@pytest.mark.parametrize(("plural", "mark"), [("tags", "tags"), ("sources", "sources")])
def test_no_unused_tag_or_source(plural, mark):
    marked = [*fixtures().values(), *relation_rows().values()]
    used = {f"{plural}/{slug}" for each in marked for slug in each.get(mark, ())}
    assert [entry for entry in of(plural) if entry not in used] == []


def test_no_entry_without_a_relation():
    related = set()
    for entry, relation, target in map(split, relation_rows()):
        related |= {entry, f"{RELATIONS[relation]}/{target}"}
    assert [entry for entry in of(*NAMED) if entry not in related] == []


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
