"""The middle storey as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate


class SuppliesConfig(AppConfig):
    name = "supplies"
    verbose_name = "物资"

    def ready(self) -> None:
        from enterprises.models.append_only import install

        post_migrate.connect(install, sender=self, dispatch_uid="supplies.append_only")
        post_migrate.connect(load_catalogue, sender=self, dispatch_uid="supplies.catalogue")


def load_catalogue(*, using: str, plan: list[Any] | None = None, **_: Any) -> None:
    """Every database has the catalogue: a fresh one, one brought to a new release, and one that a test has emptied.

    Not a data migration, because the table of products changes more often than tables do. Without a plan the caller is
    `flush`, which leaves the schema as it is; with one the schema may stand at an older migration, which is left alone.
    """
    if using != DEFAULT_DB_ALIAS:
        return
    if plan is not None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
    from supplies import products

    products.load_catalogue()
