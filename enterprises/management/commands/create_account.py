"""create_account USERNAME --role ROLE with the scope the role needs, --password-stdin: a person or machine signs in."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from enterprises import accounts, registration
from enterprises.choices import Role
from enterprises.management.answers import Act, a_day


class Command(Act):
    help = "建立账号并给一个岗位；密码从标准输入读取"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--division", metavar="CODE", help="区划代码")
        parser.add_argument("--enterprise", metavar="USCC", action="append", default=[], help="可重复")
        parser.add_argument("--organisation", metavar="CODE", help="单位代码")
        parser.add_argument("--lead", action="store_true", help="单位负责人（只用于部门岗位）")
        parser.add_argument("--name", default="", help="姓名")
        parser.add_argument("--phone", default="", help="电话")
        parser.add_argument("--from", dest="starts_on", metavar="DAY", help="岗位起始日，默认今天")
        parser.add_argument("--password-stdin", action="store_true", help="从标准输入读一行密码；没有则不能登录")

    def act(self, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
        starts_on = a_day(options["starts_on"]) if options["starts_on"] else None
        codes = [registration.normal_code(code) for code in options["enterprise"]]
        with transaction.atomic():
            account = accounts.create(
                actor=None,
                username=options["username"],
                password=password,
                display_name=options["name"],
                phone=options["phone"],
            )
            accounts.assign(
                actor=None,
                account=account,
                role=options["role"],
                division=options["division"],
                organisation=options["organisation"],
                is_lead=options["lead"],
                enterprises=codes,
                starts_on=starts_on,
            )
        can_sign_in = "" if password is not None else "（没有密码，只能用接口令牌）"
        self.stdout.write(f"已建立账号 {account.username}：{Role(options['role']).label}{can_sign_in}。")
