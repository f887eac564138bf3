"""Deliberate bugs: Python loads this file first where PYTHONPATH names its folder, and PLANT says which bug.

Each is a mistake somebody could make in good faith. The proof of faults must notice every one of them.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

LINGER = 0.15
"""Seconds that a bug holds its window open."""


def hint_only(submission: ModuleType) -> None:
    """No stale mark: what is not computed on the hint is never computed."""

    class Marks:
        objects = type("Nothing", (), {"create": staticmethod(lambda **_: None)})

    submission.StaleMark = Marks  # type: ignore[attr-defined]


def mark_after_commit(submission: ModuleType) -> None:
    """The stale mark in a transaction of its own, after the one of the report."""
    marks = submission.StaleMark
    transaction = submission.transaction

    def create(**values: Any) -> None:
        def later() -> None:
            time.sleep(LINGER)
            marks.objects.create(**values)

        transaction.on_commit(later)

    submission.StaleMark = type("Marks", (), {"objects": type("Later", (), {"create": staticmethod(create)})})  # type: ignore[attr-defined]


def no_idempotency(request_keys: ModuleType) -> None:
    """Keys are read by nobody."""
    request_keys.answered = lambda actor, key: None  # type: ignore[attr-defined]
    request_keys.keep = lambda actor, key, **answer: None  # type: ignore[attr-defined]


def water_mark(totals: ModuleType) -> None:
    """All marks up to the highest id are dropped after computing, also those of writers that commit meanwhile."""
    compute, marks = totals.compute, totals.StaleMark

    def computed(*days: Any, **how: Any) -> Any:
        done = compute(*days, **how)
        time.sleep(LINGER)
        marks.objects.all().delete()
        return done

    totals.compute = computed  # type: ignore[attr-defined]


PLANTS: dict[str, tuple[str, Callable[[ModuleType], None]]] = {
    "hint_only": ("supplies.daily_reports.submission", hint_only),
    "mark_after_commit": ("supplies.daily_reports.submission", mark_after_commit),
    "no_idempotency": ("supplies.request_keys", no_idempotency),
    "water_mark": ("supplies.daily_totals", water_mark),
}


class Planter(importlib.abc.MetaPathFinder):
    """Finds one module as usual and breaks it once it is loaded."""

    def __init__(self, name: str, plant: Callable[[ModuleType], None]) -> None:
        self.name, self.plant = name, plant

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """The usual spec with a loader that plants."""
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        load = spec.loader.exec_module

        def load_and_plant(module: ModuleType) -> None:
            load(module)
            self.plant(module)

        spec.loader.exec_module = load_and_plant  # type: ignore[method-assign]
        return spec


if chosen := os.environ.get("PLANT"):
    sys.meta_path.insert(0, Planter(*PLANTS[chosen]))
