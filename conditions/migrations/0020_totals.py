import django.db.models.deletion
from django.db import migrations, models

MOVED = "UPDATE conditions_edition SET moved = (SELECT COUNT(*) FROM conditions_change WHERE edition_id = number)"
PLACES = """
UPDATE conditions_change SET place = placed.place FROM (
    SELECT change.id, ROW_NUMBER() OVER (
        PARTITION BY change.edition_id ORDER BY page.kind, page.sort_key, page.id
    ) AS place
    FROM conditions_change AS change JOIN conditions_page AS page ON page.id = change.page_id
) AS placed WHERE placed.id = conditions_change.id
"""
TOTALS = """
WITH listed(id, kind) AS (
    SELECT page.id, page.kind FROM conditions_page AS page
    LEFT JOIN conditions_page AS same ON same.id = page.same_as_id
    WHERE page.live_id IS NOT NULL AND same.live_id IS NULL
)
INSERT INTO conditions_total (kind, tag_id, letter, count)
SELECT kind, NULL, '', COUNT(*) FROM listed GROUP BY kind
UNION ALL
SELECT listed.kind, link.target_id, '', COUNT(*) FROM listed
JOIN conditions_link AS link ON link.owner_id = listed.id
WHERE link.relation = 'tags' AND link.via_id IS NULL GROUP BY listed.kind, link.target_id
UNION ALL
SELECT '', NULL, name.letter, COUNT(*) FROM listed JOIN conditions_name AS name ON name.page_id = listed.id
WHERE name.letter <> '' GROUP BY name.letter
"""
KINDS = [
    *((kind, kind) for kind in ("condition", "symptom", "treatment", "cause", "question", "tag", "source")),
    ("term", "word"),
]


class Migration(migrations.Migration):
    """What counting took longer for the more there is, counted once."""

    dependencies = [
        ("conditions", "0019_entries_of_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="moved",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="change",
            name="place",
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="Total",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(blank=True, choices=KINDS, max_length=20)),
                ("letter", models.CharField(blank=True, max_length=1)),
                ("count", models.PositiveIntegerField()),
                (
                    "tag",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="totals",
                        to="conditions.page",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("tag__isnull", True)), fields=("kind", "letter"), name="one_total_of_all"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("tag__isnull", False)),
                        fields=("kind", "tag"),
                        name="one_total_per_kind_and_tag",
                    ),
                ],
            },
        ),
        migrations.RunSQL(MOVED, migrations.RunSQL.noop),
        migrations.RunSQL(PLACES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.UniqueConstraint(fields=("edition", "place"), name="one_change_per_place_of_an_edition"),
        ),
        migrations.RunSQL(TOTALS, migrations.RunSQL.noop),
    ]
