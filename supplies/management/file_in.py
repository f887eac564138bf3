"""What all commands that read a file share: the file, the moment of knowledge, the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from enterprises.files import Imported
from enterprises.management.answers import Act, a_moment
from supplies import reporting_settings
from supplies.tasks import hint


class FileIn(Act):
    """Reads FILE and hands it to `imports`, which gives what came of it. All or nothing."""

    takes_known_at = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="CSV（UTF-8 或 GB18030）或 XLSX 文件")
        if self.takes_known_at:
            parser.add_argument(
                "--known-at", metavar="MOMENT", help="何时得知，例如 2020-02-01T09:00:00+08:00；默认现在"
            )

    def act(self, **options: Any) -> None:
        path = Path(options["file"])
        told: dict[str, Any] = {"actor": None, "content": path.read_bytes(), "name": path.name}
        if self.takes_known_at:
            known_at = a_moment(options["known_at"], field="known_at")
            if known_at is not None:
                reporting_settings.refuse_backdating(actor=None, moment=known_at, field="known_at")
            told["known_at"] = known_at
        for line in self.imports(told, **options).lines():
            self.stdout.write(line)
        hint()

    def imports(self, told: dict[str, Any], **options: Any) -> Imported:
        raise NotImplementedError
