"""import_pools FILE: see supplies.imports.import_pools for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from supplies.imports import import_pools
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入共用产能组"

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_pools(**told)
