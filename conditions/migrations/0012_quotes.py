import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0011_summaries_cite"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntryReference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.BigIntegerField()),
                ("field", models.CharField(max_length=30)),
                ("target_id", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="condition",
            name="alarm_words",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="What somebody types who has to call for help now, one on each line. Readers never see it.",
            ),
        ),
        migrations.AddField(
            model_name="condition",
            name="outlook",
            field=models.TextField(
                blank=True, help_text="Markdown. How serious it is, how long it lasts, and whether it goes away."
            ),
        ),
        migrations.AddField(
            model_name="condition",
            name="tests",
            field=models.TextField(blank=True, help_text="Markdown. How doctors find it out."),
        ),
        migrations.AddField(
            model_name="condition",
            name="who_gets_it",
            field=models.TextField(blank=True, help_text="Markdown. How common it is, and whom it meets."),
        ),
        migrations.AddField(
            model_name="conditioncause",
            name="certainty",
            field=models.CharField(
                blank=True,
                choices=[
                    ("usually", "Usually"),
                    ("often", "Often"),
                    ("sometimes", "Sometimes"),
                    ("can-happen", "Can happen"),
                    ("not-common", "Not common"),
                    ("rarely", "Rarely"),
                    ("absent", "Not part of it"),
                ],
                help_text="As what states it says. Empty where it says no word such as may or rarely.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="conditioncause",
            name="everyday",
            field=models.BooleanField(default=False, help_text="Something that most people know, such as being tired."),
        ),
        migrations.AddField(
            model_name="conditioncause",
            name="quotes",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='The words that state it, letter for letter, one citation on each line: [@slug "the words"]',
            ),
        ),
        migrations.AddField(
            model_name="conditioncause",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("comes-before", "Comes before"),
                    ("how-it-works", "How it works"),
                    ("raises-the-risk", "Raises the risk"),
                ],
                help_text="Empty where it is simply a cause.",
                max_length=30,
            ),
        ),
        migrations.AddField(
            model_name="conditionsymptom",
            name="certainty",
            field=models.CharField(
                blank=True,
                choices=[
                    ("usually", "Usually"),
                    ("often", "Often"),
                    ("sometimes", "Sometimes"),
                    ("can-happen", "Can happen"),
                    ("not-common", "Not common"),
                    ("rarely", "Rarely"),
                    ("absent", "Not part of it"),
                ],
                help_text="As what states it says. Empty where it says no word such as may or rarely.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="conditionsymptom",
            name="quotes",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='The words that state it, letter for letter, one citation on each line: [@slug "the words"]',
            ),
        ),
        migrations.AddField(
            model_name="conditiontreatment",
            name="certainty",
            field=models.CharField(
                blank=True,
                choices=[
                    ("usually", "Usually"),
                    ("often", "Often"),
                    ("sometimes", "Sometimes"),
                    ("can-happen", "Can happen"),
                    ("not-common", "Not common"),
                    ("rarely", "Rarely"),
                    ("absent", "Not part of it"),
                ],
                help_text="As what states it says. Empty where it says no word such as may or rarely.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="conditiontreatment",
            name="quotes",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='The words that state it, letter for letter, one citation on each line: [@slug "the words"]',
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="certainty",
            field=models.CharField(blank=True, db_default="", max_length=20),
        ),
        migrations.AddField(
            model_name="link",
            name="everyday",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="link",
            name="quotes",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="page",
            name="on_home",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="page",
            name="same_as",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="same",
                to="conditions.page",
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="carries_nothing",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Words of the answer on which nothing rests, and why, one on each line. heading: the words. Or fragment, repeats the question, said elsewhere, or: contradicted by the-slug-of-a-source: the words.",
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="in_short",
            field=models.TextField(
                blank=True,
                help_text='One or two plain sentences of ours. [@answer "words"] cites the words of the answer.',
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="on_home",
            field=models.BooleanField(default=False, help_text="Whether the home page shows it."),
        ),
        migrations.AddField(
            model_name="relatedcondition",
            name="certainty",
            field=models.CharField(
                blank=True,
                choices=[
                    ("usually", "Usually"),
                    ("often", "Often"),
                    ("sometimes", "Sometimes"),
                    ("can-happen", "Can happen"),
                    ("not-common", "Not common"),
                    ("rarely", "Rarely"),
                    ("absent", "Not part of it"),
                ],
                help_text="As what states it says. Empty where it says no word such as may or rarely.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="relatedcondition",
            name="quotes",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='The words that state it, letter for letter, one citation on each line: [@slug "the words"]',
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="excerpt",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="The sentences that are used here, letter for letter, one on each line. Nothing from memory.",
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="found",
            field=models.CharField(
                blank=True, help_text="One sentence: the page itself, or which stored copy of it.", max_length=300
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="printed",
            field=models.CharField(
                blank=True, help_text="The date on what was read, in its words, or: not known.", max_length=300
            ),
        ),
        migrations.AddField(
            model_name="symptom",
            name="alarm_words",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="What somebody types who has to call for help now, one on each line. Readers never see it.",
            ),
        ),
        migrations.AddField(
            model_name="symptom",
            name="codes",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="System and code, one on each line: ICD-10-CM G51.0. [@slug] after it cites a source.",
            ),
        ),
        migrations.AddField(
            model_name="symptomcause",
            name="certainty",
            field=models.CharField(
                blank=True,
                choices=[
                    ("usually", "Usually"),
                    ("often", "Often"),
                    ("sometimes", "Sometimes"),
                    ("can-happen", "Can happen"),
                    ("not-common", "Not common"),
                    ("rarely", "Rarely"),
                    ("absent", "Not part of it"),
                ],
                help_text="As what states it says. Empty where it says no word such as may or rarely.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="symptomcause",
            name="everyday",
            field=models.BooleanField(default=False, help_text="Something that most people know, such as being tired."),
        ),
        migrations.AddField(
            model_name="symptomcause",
            name="quotes",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='The words that state it, letter for letter, one citation on each line: [@slug "the words"]',
            ),
        ),
        migrations.AddField(
            model_name="symptomcause",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("comes-before", "Comes before"),
                    ("how-it-works", "How it works"),
                    ("raises-the-risk", "Raises the risk"),
                ],
                help_text="Empty where it is simply a cause.",
                max_length=30,
            ),
        ),
        migrations.AddField(
            model_name="treatment",
            name="benefits",
            field=models.TextField(blank=True, help_text="Markdown. How well it works, how soon and for how long."),
        ),
        migrations.AddField(
            model_name="treatment",
            name="how_it_works",
            field=models.TextField(blank=True, help_text="Markdown. What it does, and how it is done."),
        ),
        migrations.AddField(
            model_name="treatment",
            name="not_for",
            field=models.TextField(blank=True, help_text="Markdown. Who should not have it."),
        ),
        migrations.AddField(
            model_name="treatment",
            name="risks",
            field=models.TextField(blank=True, help_text="Markdown. What may go wrong."),
        ),
        migrations.AddField(
            model_name="treatment",
            name="without_it",
            field=models.TextField(blank=True, help_text="Markdown. What happens without it."),
        ),
        migrations.AlterField(
            model_name="condition",
            name="codes",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="System and code, one on each line: ICD-10-CM G51.0. [@slug] after it cites a source.",
            ),
        ),
        migrations.AlterField(
            model_name="relatedcondition",
            name="role",
            field=models.CharField(
                choices=[
                    ("can-be-part-of", "Can be part of"),
                    ("part-of", "Part of"),
                    ("can-be-caused-by", "Can be caused by"),
                    ("can-be-a-first-sign-of", "Can be a first sign of"),
                    ("easily-mistaken-for", "Easily mistaken for"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(condition=models.Q(("on_home", True)), fields=["sort_key"], name="page_on_home"),
        ),
        migrations.AddField(
            model_name="entryreference",
            name="content_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype"
            ),
        ),
        migrations.AddField(
            model_name="entryreference",
            name="target_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype"
            ),
        ),
        migrations.AddIndex(
            model_name="entryreference",
            index=models.Index(fields=["target_type", "target_id"], name="names_entry"),
        ),
        migrations.AddConstraint(
            model_name="entryreference",
            constraint=models.UniqueConstraint(
                fields=("content_type", "object_id", "field", "target_type", "target_id"), name="named_once"
            ),
        ),
    ]
