"""The lock of the publishers, and the roles: Author, Reviewer, Publisher."""

from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.utils import timezone

KINDS = ("condition", "symptom", "treatment", "cause", "question", "tag", "source")
ROLES = {
    "Author": (("view", "add", "change"), ()),
    "Reviewer": (("view",), ("review_version",)),
    "Publisher": (("view", "add", "change", "delete"), ("publish_version",)),
}


def make_roles(apps, schema_editor):
    # Permissions are otherwise made after all migrations, too late for groups to have them.
    for app_config in apps.get_app_configs():
        app_config.models_module = True
        create_permissions(app_config, apps=apps, verbosity=0)
        app_config.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, (verbs, others) in ROLES.items():
        codenames = [f"{verb}_{kind}" for verb in verbs for kind in KINDS] + list(others)
        found = Permission.objects.filter(content_type__app_label="conditions", codename__in=codenames)
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*found)


def make_lock(apps, schema_editor):
    Edition = apps.get_model("conditions", "Edition")
    Edition.objects.get_or_create(number=0, defaults={"at": timezone.now(), "note": "The lock."})


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0001_tables"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunPython(make_lock, migrations.RunPython.noop),
    ]
