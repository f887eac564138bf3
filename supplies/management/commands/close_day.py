"""Freeze a day's totals and close it (R13)."""

import datetime as dt
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from enterprises.errors import Refused
from enterprises.rules import days
from supplies import closings
from supplies.choices import SnapshotKind


def day(text: str) -> dt.date:
    """The day of an argument."""
    try:
        return days.written(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{error}") from None


class Command(BaseCommand):
    help = "终报:冻结某日全部汇总和来源并关闭该日;--flash 为初报,只冻结,不关闭。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("date", type=day, metavar="日期", help="例如 2020-03-27")
        parser.add_argument("--flash", action="store_true", help="初报:不关闭")

    def handle(self, *, date: dt.date, flash: bool, **options: Any) -> None:
        kind = SnapshotKind.FLASH if flash else SnapshotKind.FINAL
        try:
            done = closings.close(actor=None, day=date, kind=kind).answer
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{date} 第 {done['number']} 次{kind.label},截至 {done['as_of']},摘要 {done['digest']}。")
