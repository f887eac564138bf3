"""Triggers that keep history: append-only tables and facts refuse what would rewrite the past, on both databases.

They are installed after every migration rather than by one, because SQLite drops a table's triggers whenever a later
migration remakes the table.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import AppConfig
from django.db import connections
from django.db.models import Model

from enterprises.models.fact import Fact

POSTGRESQL_FUNCTIONS = """
CREATE OR REPLACE FUNCTION baogong_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION baogong_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.known_until IS NULL AND NEW.known_until IS NOT NULL
     AND to_jsonb(NEW) - 'known_until' = to_jsonb(OLD) - 'known_until' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% keeps its facts', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def kept(app_config: AppConfig) -> Iterable[tuple[type[Model], str]]:
    """Models of an app that keep history, each with the trigger function that guards it."""
    for model in app_config.get_models():
        if issubclass(model, Fact):
            yield model, "baogong_fact"
        elif getattr(model, "APPEND_ONLY", False):
            yield model, "baogong_append_only"


def sqlite_triggers(model: type[Model], function: str) -> list[str]:
    """Statements that create the triggers of one table on SQLite."""
    table = model._meta.db_table
    abort = f"BEGIN SELECT RAISE(ABORT, '{table} keeps its history'); END"
    made = [f'CREATE TRIGGER IF NOT EXISTS "baogong_{table}_delete" BEFORE DELETE ON "{table}" {abort}']
    condition = ""
    if function == "baogong_fact":
        same = " AND ".join(
            f'OLD."{f.column}" IS NEW."{f.column}"' for f in model._meta.local_fields if f.column != "known_until"
        )
        condition = f"WHEN NOT (OLD.known_until IS NULL AND NEW.known_until IS NOT NULL AND {same})"
    made.append(f'CREATE TRIGGER IF NOT EXISTS "baogong_{table}_update" BEFORE UPDATE ON "{table}" {condition} {abort}')
    return made


def install(*, app_config: AppConfig, using: str = "default", **_: object) -> None:
    """Install the triggers of an app's tables; running it again changes nothing."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTIONS)
        for model, function in kept(app_config):
            table = model._meta.db_table
            if table not in existing:
                continue
            if connection.vendor == "postgresql":
                cursor.execute(
                    f'CREATE OR REPLACE TRIGGER "baogong_{table}" BEFORE UPDATE OR DELETE ON "{table}" '
                    f"FOR EACH ROW EXECUTE FUNCTION {function}()"
                )
            else:
                for statement in sqlite_triggers(model, function):
                    cursor.execute(statement)
