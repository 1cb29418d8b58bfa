"""MedQuAD as content of FaceHealth: a folder with documents.jsonl.xz and queries.json -> fixtures, queries, judgments.

Each topic of two documents or more is a condition, with the topic's other names; each document is a question about it;
its type and its collection are tags.

MedQuAD (https://github.com/abachaa/MedQuAD, CC BY 4.0) comes as XML, and the judged questions are those of the TREC
2017 LiveQA medical task. documents.jsonl.xz has a line of JSON for each document: id, collection, topic, also_called (a
list), question_type, question, answer (empty where its publisher forbids copies), url. queries.json is a list of
questions as people asked them (question), in short (summary), and judged: id of a document -> grade, of which 3 and 4
are relevant.
"""

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FEWEST = 2
"""Documents of a topic that make it a condition."""
MOST_NAMES = 8
LONGEST_NAME = 200

Document = dict[str, Any]


def documents(folder: Path) -> list[Document]:
    """All documents: id, topic, also_called, question, answer and more."""
    with lzma.open(folder / "documents.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def queries(folder: Path) -> list[dict[str, Any]]:
    """What was asked: question, summary, and judged: id of a document -> grade."""
    queries: list[dict[str, Any]] = json.loads((folder / "queries.json").read_text("utf-8"))
    return queries


def write_fixture(documents: list[Document], path: Path) -> None:
    """Write a JSON-lines fixture: tags, conditions, questions."""
    topics = Counter(_slug(each["topic"]) for each in documents)
    tags: dict[str, dict[str, Any]] = {}
    conditions: dict[str, dict[str, Any]] = {}
    questions = []
    for each in documents:
        named = [_tag(each["question_type"]), _tag("collection " + each["collection"].replace("_", " "))]
        tags |= {tag["slug"]: tag for tag in named}
        question = question_of(each) | {"tags": sorted({tag["slug"] for tag in named})}
        topic = _slug(each["topic"])
        if topics[topic] >= FEWEST and _line(each["topic"]):
            question["about"] = [f"conditions/{topic}"]
            condition = conditions.setdefault(topic, _condition(topic, each))
            condition["also_called"] = sorted({*condition["also_called"], *_names(each)})[:MOST_NAMES]
        questions.append(question)
    with path.open("w", encoding="utf-8") as file:
        for kind, entries in (("tag", tags.values()), ("condition", conditions.values()), ("question", questions)):
            file.writelines(json.dumps({"model": f"conditions.{kind}", "fields": entry}) + "\n" for entry in entries)


def question_of(document: Document) -> dict[str, Any]:
    """A document as a question, without references."""
    answer = document["answer"].strip() or f"See {document['url']} about {_line(document['topic'])}."
    slug = f"q{document['id']}-{_slug(document['question'])[:120].strip('-')}"
    return {"slug": slug, "name": _line(document["question"])[:300].strip(), "answer": answer}


def document_of(slug: str) -> int:
    """The id of the document that a question was made of."""
    return int(slug.partition("-")[0][1:])


def _condition(slug: str, document: Document) -> dict[str, Any]:
    name = _line(document["topic"])[:LONGEST_NAME]
    return {"slug": slug, "name": name, "also_called": [], "summary": f"What is known about {name[:150]}."}


def _names(document: Document) -> Iterator[str]:
    topic = _line(document["topic"]).lower()
    return (name for each in document["also_called"] if (name := _line(each)[:LONGEST_NAME]) and name.lower() != topic)


def _tag(name: str) -> dict[str, str]:
    return {"slug": _slug(name), "name": _line(name).replace(",", " "), "group": "topic"}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:180] or "x"


def _line(text: str) -> str:
    return " ".join(text.split())
