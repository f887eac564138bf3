"""Compare the store of files with its rows, after a restore or whenever in doubt."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coordination import ticket_files


class Command(BaseCommand):
    """Names every row whose file is missing or is not what it was; ends with a failure if there is one."""

    help = "核对附件：每一行的文件都在，而且没有变"

    def handle(self, *args: Any, **options: Any) -> None:
        """Read every file once."""
        checked, faults = ticket_files.check()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"查了 {checked} 个附件，{len(faults)} 个不对。")
        self.stdout.write(f"查了 {checked} 个附件，都在，没有变。")
