import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What review, schedules and links to previews note of a version, and what readers are told of a review."""

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("conditions", "0023_entries_by_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Credentials",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="credentials",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("text", models.CharField(max_length=200)),
            ],
            options={
                "verbose_name_plural": "credentials",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="asked",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="remarks",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="page",
            name="review",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="decision",
            name="verb",
            field=models.CharField(
                choices=[
                    ("submit", "sent for review"),
                    ("take back", "taken back from review"),
                    ("approve", "approved"),
                    ("send back", "sent back"),
                    ("correct", "published as a correction"),
                    ("schedule", "scheduled"),
                    ("cancel", "no longer scheduled"),
                    ("fail", "could not be published"),
                    ("share", "shared by a link"),
                    ("unshare", "no longer shared"),
                    ("propose", "proposed by a file"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["verb", "at"], name="decision_by_verb"),
        ),
    ]
