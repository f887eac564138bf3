"""create_token USERNAME --scope SCOPE[,SCOPE]: prints a new API token, alone on standard output, once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from enterprises import api_tokens
from enterprises.choices import TokenScope
from enterprises.errors import NotFound
from enterprises.management.answers import Act
from enterprises.models import Account


class Command(Act):
    help = "为账号生成接口令牌；令牌只显示这一次"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--scope", required=True, action="append", help=f"用逗号分开：{'、'.join(TokenScope.values)}"
        )
        parser.add_argument("--days", type=int, default=api_tokens.DEFAULT_DAYS, help="有效天数，最多 365")
        parser.add_argument("--name", default="", help="用途")

    def act(self, **options: Any) -> None:
        account = Account.objects.filter(username=options["username"], is_active=True).first()
        if account is None:
            raise NotFound("没有这个账号，或已停用。", field="username")
        raw, _ = api_tokens.create(
            actor=None,
            account=account,
            scopes=[scope.strip() for said in options["scope"] for scope in said.split(",") if scope.strip()],
            name=options["name"],
            days=options["days"],
        )
        self.stdout.write(raw)
