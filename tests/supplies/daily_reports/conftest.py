"""The small city, settled anew for each test."""

from __future__ import annotations

import pytest

from tests.supplies.daily_reports.plants import City, settle


@pytest.fixture
def city(db: None) -> City:
    return settle()
