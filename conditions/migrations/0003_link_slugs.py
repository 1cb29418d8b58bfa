"""A link remembers the slug that it was stated with: its place in a list of references is no key."""

from django.db import migrations, models

REFERENCES = ("tags", "evidence", "sources", "about")
RELATIONS = ("symptoms", "treatments", "causes", "related")


def slugs_of(record):
    """The slugs of a record's references in the order in which links were numbered until now."""
    for name in REFERENCES:
        yield from (said.rpartition("/")[2] for said in record.get(name, ()))
    for relation in RELATIONS:
        for row in record.get(relation, ()):
            yield row["target"]
            for name in REFERENCES:
                yield from row.get(name, ())


def fill(apps, schema_editor):
    Page = apps.get_model("conditions", "Page")
    Link = apps.get_model("conditions", "Link")
    live = Page.objects.filter(live__isnull=False).select_related("live")
    for page in live.iterator(chunk_size=500):
        slugs = list(slugs_of(page.live.record))
        links = list(Link.objects.filter(owner=page))
        for link in links:
            link.slug = slugs[link.order]
        Link.objects.bulk_update(links, ["slug"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("conditions", "0002_roles")]

    operations = [
        migrations.AddField("link", "slug", models.CharField(default="", max_length=200), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
