"""The ground storey as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    verbose_name = "企业"

    def ready(self) -> None:
        from enterprises import attachments, holdings
        from enterprises.models.append_only import install

        holdings.register(attachments.KEEPER)

        post_migrate.connect(install, sender=self, dispatch_uid="enterprises.append_only")
        post_migrate.connect(seed_calendar, sender=self, dispatch_uid="enterprises.work_days")


def seed_calendar(*, using: str, plan: list[Any] | None = None, **_: Any) -> None:
    """Every database knows the working days that the library knows. Not after `flush`, which has no plan."""
    if using != DEFAULT_DB_ALIAS or plan is None:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    from enterprises import work_days

    work_days.seed()
