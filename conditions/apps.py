from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db.models.signals import post_migrate


@checks.register(deploy=True)
def readers_can_report_mistakes(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[checks.CheckMessage]:
    """What `check --deploy` says where nobody is named to tell of a mistake."""
    if settings.CONTACT:
        return []
    hint = "Set CONTACT to an e-mail address, or to the https:// address of a page with a form."
    return [checks.Warning("Readers cannot report a mistake.", hint=hint, id="facehealth.W001")]


class ConditionsConfig(AppConfig):
    name = "conditions"
    verbose_name = "Health content"

    def ready(self) -> None:
        """After each migrate, grant the roles' permissions, new kinds' too, and make what search reads again."""
        from conditions.publishing.access import grant_roles  # models can be imported only now
        from conditions.publishing.postings import after_migrate

        post_migrate.connect(grant_roles, sender=self)
        post_migrate.connect(after_migrate, sender=self)
