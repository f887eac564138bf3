"""Lay the demonstration city into an empty database."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from coordination import demonstration
from enterprises import audit
from enterprises.errors import Refused


def day(text: str) -> dt.date:
    """A date as the shell gives it."""
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    """A moment as the shell gives it; it needs an offset."""
    at = dt.datetime.fromisoformat(text)
    if timezone.is_naive(at):
        raise ValueError(text)
    return at


class Command(BaseCommand):
    help = "把演示城市装入空库：默认最后一天是昨天，另有进行中的今天。只在演示模式下可用。"

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ends-on", type=day, metavar="DATE", help="故事的最后一天，如 2020-03-27；默认昨天")
        parser.add_argument("--now", type=moment, metavar="MOMENT", help="当作现在的时刻，如 2020-03-28T15:00:00+08:00")
        parser.add_argument("--if-empty", action="store_true", help="库中已有企业时什么也不做")

    def handle(self, **options: Any) -> None:
        if options["if_empty"] and not demonstration.is_wanted():
            return
        audit.principal.set("command:seed_demo")
        try:
            laid = demonstration.lay(ends_on=options["ends_on"], now=options["now"])
        except Refused as refused:
            raise CommandError(str(refused)) from None
        living = f"，今天 {laid.living_day} 进行中" if laid.living_day else ""
        self.stdout.write(
            f"演示城市已装入：{laid.enterprises} 家企业，{laid.reports} 份日报，截至 {laid.ends_on}{living}。"
        )
