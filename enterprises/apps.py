"""The ground storey as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    verbose_name = "企业"

    def ready(self) -> None:
        from enterprises.models.append_only import install

        post_migrate.connect(install, sender=self, dispatch_uid="enterprises.append_only")
