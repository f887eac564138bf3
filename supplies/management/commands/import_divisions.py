"""import_divisions FILE: see enterprises.imports.import_divisions for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from enterprises.imports import import_divisions
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入行政区划"

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_divisions(**told)
