"""import_enterprises FILE: see enterprises.imports.import_enterprises for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from enterprises.imports import import_enterprises
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入企业"

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_enterprises(**told)
