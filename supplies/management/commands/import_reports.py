"""import_reports FILE [--received-at MOMENT] [--replace]: see supplies.imports.import_reports for its columns."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from enterprises.files import Imported
from enterprises.management.answers import a_moment
from supplies.imports import import_reports
from supplies.management.file_in import FileIn


class Command(FileIn):
    help = "导入日报：同一企业同一天的各行合成一份"
    takes_known_at = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--received-at", metavar="MOMENT", help="上线前的历史：当时收到的时间，带时区")
        parser.add_argument("--replace", action="store_true", help="网页、接口或代报的日报也可替换")

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        received_at = a_moment(options["received_at"], field="received_at")
        return import_reports(**told, received_at=received_at, replace=options["replace"])
