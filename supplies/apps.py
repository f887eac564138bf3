"""The middle storey as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SuppliesConfig(AppConfig):
    name = "supplies"
    verbose_name = "物资"

    def ready(self) -> None:
        from enterprises.models.append_only import install

        post_migrate.connect(install, sender=self, dispatch_uid="supplies.append_only")
