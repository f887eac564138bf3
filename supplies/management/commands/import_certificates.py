"""import_certificates FILE: see supplies.imports.import_certificates for its columns."""

from __future__ import annotations

from typing import Any

from enterprises.files import Imported
from supplies.imports import import_certificates
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入资质证照"

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        return import_certificates(**told)
