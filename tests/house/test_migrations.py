"""Migrations: none missing, one line per app, each named by what it does."""

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

OURS = {"enterprises", "supplies", "coordination"}


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


@pytest.mark.django_db
def test_no_model_differs_from_its_migrations():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_each_app_has_one_line_of_migrations(loader):
    leaves = [app for app, _ in loader.graph.leaf_nodes() if app in OURS]
    assert sorted(leaves) == sorted(OURS)


def test_no_migration_kept_its_automatic_name(loader):
    assert [name for app, name in loader.disk_migrations if app in OURS and "_auto_" in name] == []
