"""import_duties FILE: see supplies.imports.import_duties for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from supplies.imports import import_duties
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入报送任务"

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_duties(**told)
