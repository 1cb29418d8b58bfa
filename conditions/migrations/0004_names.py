"""Names of a model and of fields; relations of links get the length that any may have. No column of the desk changes."""

from django.db import migrations, models

ROLES = [
    ("part-of", "Part of"),
    ("can-be-caused-by", "Can be caused by"),
    ("can-be-a-first-sign-of", "Can be a first sign of"),
    ("easily-mistaken-for", "Easily mistaken for"),
]
CARE = {
    "help_now": "Markdown. What must not wait.",
    "help_soon": "Markdown. What should be looked at soon.",
    "help_routine": "Markdown. What can wait.",
}


class Migration(migrations.Migration):
    dependencies = [("conditions", "0003_link_slugs"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [
        migrations.AlterModelTable("about", "conditions_about"),
        migrations.RenameModel("About", "QuestionSubject"),
        migrations.AlterField("link", "relation", models.CharField(max_length=30)),
        migrations.AlterField("link", "role", models.CharField(blank=True, max_length=30)),
        migrations.AlterField("relatedcondition", "role", models.CharField(choices=ROLES, max_length=30)),
        migrations.AlterField(
            "source", "url", models.URLField(blank=True, help_text="Begins with https://", max_length=500)
        ),
        *(
            migrations.AlterField(kind, name, models.TextField(blank=True, help_text=words))
            for kind in ("condition", "symptom")
            for name, words in CARE.items()
        ),
    ]
