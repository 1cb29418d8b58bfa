"""Rows say by a field how often they hold, and no longer by tags: on the desk, and in what readers see.

What questions are about is kept with the other fields by which entries name entries.
"""

from django.db import migrations

SAID = {
    "usually": "usually",
    "most-often": "usually",
    "typical": "usually",
    "often": "often",
    "common": "often",
    "very-common": "often",
    "sometimes": "sometimes",
    "may": "can-happen",
    "not-common": "not-common",
    "rarely": "rarely",
}
"""The tags from the most to the least: of several on a row, the last counts."""
ROWS = ("conditionsymptom", "conditiontreatment", "conditioncause", "relatedcondition", "symptomcause")


def say(apps, schema_editor):
    order = list(SAID)
    Tagged = apps.get_model("conditions", "Tagged")
    # A tag may have been renamed: its old address still says which one it is.
    pages = dict(
        apps.get_model("conditions", "Address")
        .objects.filter(kind="tag", slug__in=order)
        .values_list("page_id", "slug")
    )
    tags = apps.get_model("conditions", "Tag").objects
    words = {pk: pages[page] for pk, page in tags.filter(page__in=list(pages)).values_list("pk", "page_id")}
    words |= dict(tags.filter(slug__in=order).values_list("pk", "slug"))
    types = apps.get_model("contenttypes", "ContentType").objects.filter(app_label="conditions", model__in=ROWS)
    for pk, name in types.values_list("pk", "model"):
        tagged = Tagged.objects.filter(content_type_id=pk, tag__in=list(words))
        rows = [(row, words[tag]) for row, tag in tagged.values_list("object_id", "tag_id")]
        said = sorted(rows, key=lambda each: order.index(each[1]))
        _write(apps.get_model("conditions", name), dict(said))
        tagged.delete()
    Link = apps.get_model("conditions", "Link")
    marks = Link.objects.filter(relation="tags", via__isnull=False, slug__in=order)
    said = sorted(marks.values_list("via_id", "slug"), key=lambda each: order.index(each[1]))
    _write(Link, dict(said))
    marks._raw_delete(marks.db)


def name(apps, schema_editor):
    Subject = apps.get_model("conditions", "QuestionSubject")
    Reference = apps.get_model("conditions", "EntryReference")
    types = apps.get_model("contenttypes", "ContentType")
    rows = Subject.objects.order_by("pk").values_list("question_id", "content_type_id", "object_id")
    if not rows.exists():
        return
    own, _ = types.objects.get_or_create(app_label="conditions", model="question")
    Reference.objects.bulk_create(
        (
            Reference(content_type=own, object_id=pk, field="about", target_type_id=kind, target_id=target)
            for pk, kind, target in rows
        ),
        batch_size=1000,
    )


def _write(model, said):
    """Write what tags said of rows, by their keys."""
    for certainty in dict.fromkeys(SAID.values()):
        ids = [pk for pk, tag in said.items() if SAID[tag] == certainty]
        for start in range(0, len(ids), 500):
            model._base_manager.filter(pk__in=ids[start : start + 500]).update(certainty=certainty)


class Migration(migrations.Migration):
    dependencies = [("conditions", "0012_quotes"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [
        migrations.RunPython(say, migrations.RunPython.noop),
        migrations.RunPython(name, migrations.RunPython.noop),
    ]
