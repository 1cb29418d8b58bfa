"""Pages that are live are found by their codes: their words for search get those of the codes."""

import re

from django.db import migrations


def words_of(codes):
    """What publishing adds for codes from now on: their words, and each as one word, alone and after its system."""
    for said in codes:
        code = re.sub(r"\s*\[@[^]]*\]", "", said).casefold()
        words = re.findall(r"\w+", code)
        alone = "".join(re.findall(r"\w+", code.rpartition(" ")[2]))
        yield from (*words, alone, f"={alone}", f"={''.join(words)}")


def fill(apps, schema_editor):
    SearchText = apps.get_model("conditions", "SearchText")
    pages = SearchText.objects.filter(page__kind="condition").select_related("page__live")
    for text in pages.iterator(chunk_size=500):
        live = text.page.live
        if live and (codes := live.record.get("codes")):
            text.words = f"{text.words}{' '.join(words_of(codes))} "
            text.save(update_fields=["words"])


class Migration(migrations.Migration):
    dependencies = [("conditions", "0005_help_texts")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
