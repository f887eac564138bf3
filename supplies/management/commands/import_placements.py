"""import_placements FILE: see enterprises.imports.import_placements for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from enterprises.imports import import_placements
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入企业属地"

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_placements(**told)
