"""import_exemptions FILE: see supplies.imports.import_exemptions for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from supplies.imports import import_exemptions
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入豁免"

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_exemptions(**told)
