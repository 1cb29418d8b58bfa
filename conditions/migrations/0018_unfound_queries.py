from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0017_wide_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnfoundQuery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=100)),
                ("times", models.PositiveBigIntegerField()),
            ],
            options={
                "verbose_name_plural": "unfound queries",
                "constraints": [models.UniqueConstraint(fields=("text",), name="one_row_per_unfound_query")],
            },
        ),
    ]
