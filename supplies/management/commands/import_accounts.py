"""import_accounts FILE: see enterprises.imports.import_accounts for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from enterprises.imports import import_accounts
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入账号和岗位"
    takes_known_at = False

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_accounts(**told)
