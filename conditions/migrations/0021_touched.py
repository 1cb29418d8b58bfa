import secrets

import django.db.models.deletion
from django.db import migrations, models

NAMES = """
UPDATE {table} SET by_name = (
    SELECT TRIM(SUBSTR(first_name || ' ' || last_name, 1, 300)) FROM auth_user WHERE auth_user.id = {table}.by_id
) WHERE by_id IS NOT NULL
"""


def give_tokens(apps, schema_editor):
    """Each edition a token of its own. Two copies of a database that are upgraded are two from here on."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT number FROM conditions_edition WHERE token = ''")
        rows = [(secrets.token_hex(8), number) for (number,) in cursor.fetchall()]
        cursor.executemany("UPDATE conditions_edition SET token = %s WHERE number = %s", rows)


class Migration(migrations.Migration):
    """What tells finished pages that are kept which of them an edition may have changed.

    Names of those who did something are what they were called then: of before, what they are called now.
    """

    dependencies = [
        ("conditions", "0020_totals"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="by_name",
            field=models.CharField(blank=True, db_default="", max_length=300),
        ),
        migrations.AddField(
            model_name="edition",
            name="token",
            field=models.CharField(db_default="", max_length=32),
        ),
        migrations.AddField(
            model_name="version",
            name="by_name",
            field=models.CharField(blank=True, db_default="", max_length=300),
        ),
        migrations.CreateModel(
            name="Touched",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "edition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="touched",
                        to="conditions.edition",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conditions.page",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("edition", "page"), name="touched_once_by_an_edition")],
            },
        ),
        migrations.RunPython(give_tokens, migrations.RunPython.noop),
        migrations.RunSQL(NAMES.format(table="conditions_edition"), migrations.RunSQL.noop),
        migrations.RunSQL(NAMES.format(table="conditions_version"), migrations.RunSQL.noop),
    ]
