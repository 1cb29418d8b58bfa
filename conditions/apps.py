from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConditionsConfig(AppConfig):
    name = "conditions"
    verbose_name = "Health content"

    def ready(self) -> None:
        """Have the roles' permissions granted after each migrate, when those of new kinds exist."""
        from conditions.publishing.access import grant_roles  # models can be imported only now

        post_migrate.connect(grant_roles, sender=self)
