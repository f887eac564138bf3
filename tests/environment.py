"""The environment of a test run: nothing of the developer's own, except which database and broker to test against.

Importing it prepares the environment and sets Django up; tests/conftest.py does so before anything else is loaded.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
KEPT = {"DATABASE_URL", "REDIS_URL"}
VARIABLES = re.findall(r'^    Variable\("(\w+)"', (ROOT / "coordination/settings.py").read_text(), re.MULTILINE)


def prepare() -> None:
    """Blank every variable of the settings' table (blank counts as not given, and wins over a .env file)."""
    own_folder = os.environ.get("BAOGONG_VAR", "") if "PYTEST_XDIST_WORKER" in os.environ else ""
    for name in VARIABLES:
        os.environ[name] = os.environ.get(name, "") if name in KEPT else ""
    if not own_folder:
        own_folder = tempfile.mkdtemp(prefix="baogong-test-")
        atexit.register(shutil.rmtree, own_folder, ignore_errors=True)
    os.environ |= {
        "API_RATE": "100000/min",
        "BAOGONG_VAR": own_folder,
        "DJANGO_SETTINGS_MODULE": "coordination.settings",
        "LOG_LEVEL": "WARNING",
        "MODE": "local",
        "SECRET_KEY": "for-tests-only-" + "0123456789" * 4,
    }


prepare()
django.setup()
