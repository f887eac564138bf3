"""A migrated SQLite database that test runs copy instead of migrating anew: the same migrations give the same template."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
KEPT = 4
"""Templates that stay; older ones are of migrations that have gone on since."""


def path() -> Path:
    """Where the template of today's migrations lies, whether or not it is there."""
    digest = hashlib.sha256(django.__version__.encode())
    for source in sorted(
        [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*.csv"), *ROOT.glob("*/models/append_only.py")]
    ):
        digest.update(f"{source.relative_to(ROOT)}\n".encode() + source.read_bytes())
    return Path(tempfile.gettempdir(), f"baogong-templates-{os.getuid()}", f"{digest.hexdigest()[:20]}.sqlite3")


def take(database: str) -> bool:
    """Copy the template to where a run wants its database; whether there was one."""
    try:
        shutil.copyfile(path(), database)
    except FileNotFoundError:
        return False
    return True


def keep(cursor: object) -> None:
    """Make the template from a database that was just migrated; of two runs that do it at once, one wins."""
    target = path()
    target.parent.mkdir(mode=0o700, exist_ok=True)
    made = target.with_name(f"{os.getpid()}.part")
    with contextlib.suppress(FileNotFoundError):
        made.unlink()
    cursor.execute("VACUUM INTO %s", [str(made)])  # type: ignore[attr-defined]
    made.replace(target)
    for old in sorted(target.parent.glob("*.sqlite3"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
