"""import_organisations FILE: see enterprises.imports.import_organisations for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from enterprises.imports import import_organisations
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入单位（部门、乡镇、专班）"
    takes_known_at = False

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_organisations(**told)
