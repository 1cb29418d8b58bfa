"""Pages know whether they say when to call for help, so that others can point at them."""

from django.db import migrations, models


def fill(apps, schema_editor):
    Page = apps.get_model("conditions", "Page")
    said = Page.objects.filter(live__isnull=False).order_by().values_list("pk", "live__record__help_now")
    urgent = [pk for pk, words in said.iterator(chunk_size=1000) if words]
    for start in range(0, len(urgent), 500):
        Page.objects.filter(pk__in=urgent[start : start + 500]).update(is_urgent=True)


class Migration(migrations.Migration):
    dependencies = [("conditions", "0007_care_levels")]

    operations = [
        migrations.AddField("page", "is_urgent", models.BooleanField(default=False, db_default=False)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
