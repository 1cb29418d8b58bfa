"""Fill the Wagtail site with our content: python -m wagtailsite.fill FILE, where content.py wrote the file."""

import sys
from html import escape
from typing import Any

import django
import filling

django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from wagtailsite import models  # noqa: E402

ENTRIES = {
    "symptom": models.SymptomPage,
    "treatment": models.TreatmentPage,
    "cause": models.CausePage,
    "question": models.QuestionPage,
    "source": models.SourcePage,
}
ROWS = {
    "symptoms": (models.SymptomRow, "symptom"),
    "causes": (models.CauseRow, "cause"),
    "treatments": (models.TreatmentRow, "treatment"),
    "related": (models.RelatedRow, "condition"),
}


class Filling:
    """Makes pages out of our content, and knows those that are there."""

    def __init__(self, content: dict[str, list[dict[str, Any]]]) -> None:
        self.content, self.named = content, filling.documents(content)
        self.now = timezone.now()
        self.known: dict[str, Any] = {}
        for page in Page.objects.filter(depth=2):  # that which a migration made
            page.delete()
        root = Page.objects.get(depth=1)
        self.home = root.add_child(instance=models.HomePage(title="Home", slug="home"))
        Site.objects.all().delete()
        Site.objects.create(hostname="127.0.0.1", root_page=self.home, is_default_site=True, site_name="Wagtail")
        for title in ("Conditions", "Symptoms", "Treatments", "Causes", "Questions", "Sources"):
            index = models.IndexPage(title=title, slug=title.lower(), show_in_menus=title != "Sources")
            self.known[title.lower()] = self.home.add_child(instance=index)

    def add(self, kind: str, page: Page) -> None:
        page.first_published_at = page.last_published_at = self.now
        self.known[f"{kind}/{page.slug}"] = self.known[f"{kind}s"].add_child(instance=page)

    def fill(self) -> None:
        for kind, model in ENTRIES.items():
            columns = {field.name for field in model._meta.concrete_fields} - {"url"}
            for each in self.content[kind]:
                said = {name: value for name, value in each.items() if name in columns}
                said |= {"address": each["url"]} if kind == "source" else {}
                self.add(kind, model(title=each["name"], **said))
        for each in self.content["term"]:
            said = {name: each[name] for name in ("slug", "name", "summary")}
            self.known[f"term/{each['slug']}"] = models.Term.objects.create(**said)
        # A link in rich text has the number of a page.
        self.links = {name: f'<a linktype="page" id="{self.known[name].pk}">' for name in self.named}
        for each in self.content["condition"]:
            self.add_condition(each)
        for each in self.content["condition"]:
            self.add_rows(each)

    def rich(self, pieces: list[dict[str, Any]]) -> str:
        return filling.rich_text(pieces, self.links, self.named)

    def add_condition(self, each: dict[str, Any]) -> None:
        texts = {name: self.rich(one["pieces"]) for name, one in each["texts"].items()}
        for card in each["care"]:
            below = filling.rich_quotes(card["quotes"], self.links, self.named)
            texts[card["name"]] = self.rich(card["pieces"]) + below
        own = {name: each[name] for name in ("slug", "codes", "where")}
        called = ", ".join(each["also_called"])
        page = models.ConditionPage(
            title=each["name"], also_called=called, summary=self.rich(each["summary"]), **own, **texts
        )
        self.add("condition", page)
        names = {tag["slug"]: tag["name"] for tag in self.content["tag"]}
        page.tags.add(*(names[slug] for slug in each["tags"]))
        page.save()

    def add_rows(self, each: dict[str, Any]) -> None:
        page = self.known[f"condition/{each['slug']}"]
        for name, (model, kind) in ROWS.items():
            for order, row in enumerate(each["lists"][name]["rows"]):
                said = {"often": row["group"], "role": row["role"], "note": row["note"]}
                quotes = filling.rich_quotes(row["quotes"], self.links, self.named)
                target = self.known[f"{kind}/{row['target']}"]
                model.objects.create(page=page, target=target, quotes=quotes, sort_order=order, **said)
        for order, slug in enumerate(each["questions"]):
            models.QuestionRow.objects.create(page=page, target=self.known[f"question/{slug}"], sort_order=order)
        for order, one in enumerate(each["words"]):
            models.TermRow.objects.create(page=page, target=self.known[f"term/{one['slug']}"], sort_order=order)
        for order, one in enumerate(each["rests_on"]):
            model = models.DocumentRow if one["document"].startswith("question/") else models.SourceRow
            items = "".join(f"<li>“{escape(words)}”</li>" for words in one["words"])
            words = f"<p>The words used here:</p><ul>{items}</ul>" if items else ""
            model.objects.create(page=page, target=self.known[one["document"]], words=words, sort_order=order)


if __name__ == "__main__":
    filling.make_tables("wagtailsite")
    with transaction.atomic():
        Filling(filling.read(sys.argv[1])).fill()
