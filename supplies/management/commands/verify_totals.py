"""Recompute every total and snapshot from revisions and facts and compare (R23)."""

from typing import Any

from django.core.management.base import BaseCommand

from supplies import closings, daily_totals
from supplies.models import DailyTotal, Snapshot


class Command(BaseCommand):
    help = "用修订和事实重算全部汇总和快照并逐格比对:一致则退出码 0,否则列出每一个不同的格,退出码 1。"

    def handle(self, **options: Any) -> None:
        wrong = 0
        for found in (*daily_totals.verify(), *daily_totals.head_differences(), *closings.snapshots.verify()):
            wrong += 1
            cell = " ".join(str(part) for part in found.cell)
            self.stdout.write(f"{cell} {found.column}: 存 {found.stored} 算 {found.computed}")
        if wrong:
            self.stderr.write(f"有 {wrong} 处不一致。")
            raise SystemExit(1)
        self.stdout.write(f"全部一致,共 {DailyTotal.objects.count()} 行汇总,{Snapshot.objects.count()} 份快照。")
