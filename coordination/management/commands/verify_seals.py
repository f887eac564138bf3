"""manage.py verify_seals: have the records of ended days been changed since they were sealed?"""

from typing import Any

from django.core.management.base import BaseCommand

from coordination import seals


class Command(BaseCommand):
    help = "核对封印：从记录重算每一日的封印，逐日比对"

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 and the last seal, or exit 1 and every day that does not hold."""
        verdict = seals.verify()
        for fault in verdict.faults:
            self.stderr.write(f"{fault.day}  {fault.message}")
        if verdict.faults:
            raise SystemExit(1)
        last = f"，最后一日 {verdict.last.day}，封印 {verdict.last.digest}" if verdict.last else ""
        self.stdout.write(f"{verdict.seals} 日、{verdict.records} 条记录与封印一致{last}")
