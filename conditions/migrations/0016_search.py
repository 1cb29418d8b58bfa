"""Search reads postings. What publishing wrote for the search before is made again after the migrations."""

from django.db import migrations, models


def empty(apps, schema_editor):
    apps.get_model("conditions", "SearchText").objects.all()._raw_delete(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("conditions", "0015_terms")]

    operations = [
        migrations.RunPython(empty, migrations.RunPython.noop),
        migrations.AddField("searchtext", "names", models.TextField(db_default="", default="")),
        migrations.AddField("searchtext", "alarms", models.TextField(db_default="", default="")),
        migrations.AddField("searchtext", "card", models.TextField(db_default="", default="")),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=80)),
                ("block", models.PositiveIntegerField()),
                ("pages", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("word", "block"), name="one_posting_per_word_and_block")
                ],
            },
        ),
    ]
