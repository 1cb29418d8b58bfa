"""What the recipes of CONTRIBUTING.md say to write: for each, the files and what is added to them.

Each change is a text of the file, and the text that takes its place. "*.py" in conditions/migrations is made by Django.
"""

from __future__ import annotations

MIGRATION = "conditions/migrations/*.py"
Changes = dict[str, list[tuple[str, str]]]

FIELD: Changes = {
    "conditions/schema.py": [
        (
            '            Field("tests", FieldType.MARKDOWN, "Tests", Heading.TESTS),\n',
            '            Field("tests", FieldType.MARKDOWN, "Tests", Heading.TESTS),\n'
            '            Field("living", FieldType.MARKDOWN, "Living with it", Heading.BODY, "Living with it"),\n',
        ),
        ('    "body",\n    "at_the_doctor",\n', '    "body",\n    "living",\n    "at_the_doctor",\n'),
    ],
    "conditions/models/desk.py": [
        (
            "class Condition(Entry, CareAdvice, AlarmWords, Coded, FormerCareAdvice):\n",
            "class Condition(Entry, CareAdvice, AlarmWords, Coded, FormerCareAdvice):\n"
            '    living = models.TextField(blank=True, help_text="Markdown.")\n',
        )
    ],
    MIGRATION: [],
    "templates/public/pages/condition.html": [
        (
            "{{ prose(content.prose.self_care) }}",
            "{{ prose(content.prose.living) }}\n{{ prose(content.prose.self_care) }}",
        )
    ],
}

RELATION: Changes = {
    "conditions/schema.py": [
        (
            "        (TAGS, *CITATIONS),\n        care_title=",
            "        (TAGS, *CITATIONS),\n"
            '        (Relation("side_effects", Kind.SYMPTOM, "Side effects", "Treatments that can cause it", ROW),),\n'
            "        care_title=",
        ),
        ('    "not_for",\n', '    "not_for",\n    "side_effects",\n'),
    ],
    "conditions/models/desk.py": [
        (
            "class SymptomCause(CauseRow):",
            "class TreatmentSymptom(RelationRow):\n"
            "    treatment = models.ForeignKey(\n"
            '        Treatment, on_delete=models.CASCADE, related_name="side_effects"\n    )\n'
            "    symptom = models.ForeignKey(\n"
            '        Symptom, on_delete=models.PROTECT, related_name="side_effect_of"\n    )\n\n'
            "    class Meta(RelationRow.Meta):\n"
            '        verbose_name = "side effect"\n'
            "        constraints = [\n"
            '            models.UniqueConstraint(fields=["treatment", "symptom"], name="side_effect_once")\n'
            "        ]\n\n"
            "    def __str__(self) -> str:\n        return str(self.symptom)\n\n\n"
            "class SymptomCause(CauseRow):",
        )
    ],
    MIGRATION: [],
    "templates/public/pages/treatment.html": [
        (
            '{% from "macros/sections.html" import backlinks, prose %}',
            '{% from "macros/sections.html" import backlinks, prose, rows %}',
        ),
        (
            "{{ backlinks(content, ready) }}",
            "{{ rows(content.relations.side_effects, content, ready) }}\n{{ backlinks(content, ready) }}",
        ),
    ],
}

KIND: Changes = {
    "conditions/schema.py": [
        ('    CAUSE = "cause"\n', '    CAUSE = "cause"\n    THERAPY = "therapy"\n'),
        (
            "    Kind.CAUSE: Schema(",
            '    Kind.THERAPY: Schema("therapy", "therapies", "Who treats it, and how.", _ENTRY, '
            "(TAGS, *CITATIONS)),\n    Kind.CAUSE: Schema(",
        ),
    ],
    "conditions/models/desk.py": [
        ("class Cause(Entry):", "class Therapy(Entry):\n    kind = Kind.THERAPY\n\n\nclass Cause(Entry):"),
    ],
    MIGRATION: [],
    "conditions/admin/entry_admin.py": [
        (
            "@admin.register(desk.Cause, site=site)",
            "@admin.register(desk.Therapy, site=site)\nclass TherapyAdmin(EntryAdmin):\n    list_filter = FILTERS\n\n\n"
            "@admin.register(desk.Cause, site=site)",
        )
    ],
    "templates/public/pages/therapy.html": [],
    "tests/world.py": [
        (
            "RECORDS: dict[str, dict[str, Any]] = {\n",
            "RECORDS: dict[str, dict[str, Any]] = {\n"
            '    "therapy": {\n        "kind": "therapy",\n        "slug": "speech-therapy",\n'
            '        "name": "Speech therapy",\n        "summary": "Exercises.",\n    },\n',
        )
    ],
}
NEW_FILES = {
    "templates/public/pages/therapy.html": '{% extends "page.html" %}\n'
    '{% from "macros/sections.html" import backlinks, prose %}\n'
    '{% block contents %}{% include "parts/contents.html" %}{% endblock %}\n'
    "{% block sections %}\n{{ prose(content.prose.body) }}\n{{ backlinks(content, ready) }}\n{% endblock %}\n"
}
RECIPES = {"field": FIELD, "relation": RELATION, "kind": KIND}
