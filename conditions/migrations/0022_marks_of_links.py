import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of what qualifies a link, without the links that qualify none.

    SQLite read all of those by it, for each tag of a few pages: at 47,000 entries a page of the face took 230 ms.
    """

    dependencies = [
        ("conditions", "0021_touched"),
    ]

    operations = [
        migrations.AlterField(
            model_name="link",
            name="via",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="marks",
                to="conditions.link",
            ),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(condition=models.Q(("via__isnull", False)), fields=["via"], name="link_mark_of"),
        ),
    ]
