"""Fill the plain Django site with our content: python -m plain.fill FILE, where content.py wrote the file."""

import sys
from typing import Any

import django
import filling

django.setup()

from django.db import transaction  # noqa: E402

from plain import models  # noqa: E402
from plain.views import ROWS  # noqa: E402

KINDS = {
    "symptom": models.Symptom,
    "treatment": models.Treatment,
    "cause": models.Cause,
    "tag": models.Tag,
    "term": models.Term,
    "question": models.Question,
    "source": models.Source,
}
TARGETS = {"symptoms": "symptom", "causes": "cause", "treatments": "treatment", "related": "condition"}


def cited(reference: str, known: dict[str, Any]) -> dict[str, Any]:
    """The document or source that a reference names, as columns."""
    return {reference.partition("/")[0]: known[reference]}


def fill(content: dict[str, list[dict[str, Any]]]) -> None:
    known: dict[str, Any] = {}
    for kind, model in KINDS.items():
        columns = {field.name for field in model._meta.concrete_fields}
        for each in content[kind]:
            known[f"{kind}/{each['slug']}"] = model.objects.create(**{k: v for k, v in each.items() if k in columns})
    named = filling.documents(content)
    for each in content["condition"]:
        texts = {name: filling.markdown_text(one["pieces"], named) for name, one in each["texts"].items()}
        for card in each["care"]:
            below = [{"tag": "", "html": "", "quotes": card["quotes"]}]
            texts[card["name"]] = filling.markdown_text([*card["pieces"], *below], named)
        texts["summary"] = filling.markdown_text(each["summary"], named)
        texts["also_called"] = ", ".join(each["also_called"])
        own = {name: each[name] for name in ("slug", "name", "codes", "where")}
        made = models.Condition.objects.create(**own, **texts)
        known[f"condition/{made.slug}"] = made
        made.tags.set(known[f"tag/{slug}"] for slug in each["tags"])
        made.questions.set(known[f"question/{slug}"] for slug in each["questions"])
        made.terms.set(known[f"term/{one['slug']}"] for one in each["words"])
        for order, one in enumerate(each["rests_on"]):
            words = "\n".join(one["words"])
            made.rests_on.create(**cited(one["document"], known), order=order, words=words)
    for each in content["condition"]:
        fill_rows(each, known)


def fill_rows(each: dict[str, Any], known: dict[str, Any]) -> None:
    for name, model in ROWS.items():
        for order, row in enumerate(each["lists"][name]["rows"]):
            made = model.objects.create(
                condition=known[f"condition/{each['slug']}"],
                target=known[f"{TARGETS[name]}/{row['target']}"],
                often=row["group"],
                role=row["role"],
                note=row["note"],
                order=order,
            )
            for at, quote in enumerate(row["quotes"]):
                sentences = "\n".join(quote["sentences"])
                made.quotes.create(**cited(quote["document"], known), order=at, sentences=sentences)


if __name__ == "__main__":
    filling.make_tables("plain")
    with transaction.atomic():
        fill(filling.read(sys.argv[1]))
