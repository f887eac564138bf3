"""set_rule NAME VALUE --from DAY [--division CODE]: cut_off, window, carry_days, backfill_days, go_live."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from enterprises import access
from enterprises.management.answers import Act, a_day, a_moment
from supplies import reporting_settings
from supplies.choices import SettingName
from supplies.tasks import hint


class Command(Act):
    help = "设定填报规则，从某日起生效：cut_off 16:00、cut_off 10:00+1、window 18:00-18:00、carry_days 3"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=SettingName.values)
        parser.add_argument("value")
        parser.add_argument("--from", dest="starts_on", metavar="DAY", help="生效日，默认今天")
        parser.add_argument("--division", metavar="CODE", help="只对这个区划及其下级；默认全部")
        parser.add_argument("--known-at", metavar="MOMENT", help="何时得知，带时区；默认现在")

    def act(self, **options: Any) -> None:
        known_at = a_moment(options["known_at"], field="known_at")
        if known_at is not None:
            reporting_settings.refuse_backdating(actor=None, moment=known_at, field="known_at")
        done = reporting_settings.set_rule(
            actor=None,
            name=options["name"],
            value=options["value"],
            starts_on=a_day(options["starts_on"]) if options["starts_on"] else access.today(),
            division=options["division"],
            known_at=known_at,
        )
        row, whom = done.row, options["division"] or "全部单位"
        since = "" if row.name == SettingName.GO_LIVE else f"，自 {row.starts_on} 起，{whom}"
        said = "已设定" if done.change != "unchanged" else "本来就是"
        self.stdout.write(f"{said} {SettingName(row.name).label} {row.value}{since}。")
        hint()
