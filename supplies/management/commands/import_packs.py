"""import_packs FILE: see supplies.imports.import_packs for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from supplies.imports import import_packs
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入包装换算"

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_packs(**told)
