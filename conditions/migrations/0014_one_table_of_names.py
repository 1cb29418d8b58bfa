"""What questions are about stands in the table of all fields by which entries name entries."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("conditions", "0013_certainty")]

    operations = [migrations.DeleteModel("QuestionSubject")]
