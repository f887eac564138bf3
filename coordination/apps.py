"""The top storey as a Django app; loads the system checks and the Celery app. And what is not to be served."""

from typing import Any

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate


class CoordinationConfig(AppConfig):
    name = "coordination"
    verbose_name = "保供协调"
    default = True  # there are two configurations in this file: without it Django would take neither

    def ready(self) -> None:
        from coordination import celery, checks, handovers, promises  # importing the first two registers them
        from enterprises import holdings
        from enterprises.models.append_only import install

        for keeper in (handovers.TICKETS, promises.KEEPER, handovers.ORDERS, handovers.SHIFTS, handovers.GROUPS):
            holdings.register(keeper)

        post_migrate.connect(install, sender=self, dispatch_uid="coordination.append_only")
        post_migrate.connect(load_tables, sender=self, dispatch_uid="coordination.tables")

        assert celery
        assert checks


def load_tables(*, using: str, plan: list[Any] | None = None, **_: Any) -> None:
    """Every database has the categories and time limits of tickets; see supplies.apps.load_catalogue for the why."""
    if using != DEFAULT_DB_ALIAS:
        return
    if plan is not None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
    from coordination import ticket_tables

    ticket_tables.load()


class OurStaticFilesConfig(StaticFilesConfig):
    """Leaves out what no page of ours asks for, so that collecting and compressing takes seconds."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "htm*-4*", "htmx-2.js", "rest_framework"]
