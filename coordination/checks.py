"""System checks: production does not start with settings that are unsafe or missing."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

SHORTEST_SECRET = 50


@register(Tags.security)
def production_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Errors for each setting that production must not have; nothing in local mode."""
    if not settings.PRODUCTION:
        return []
    sqlite = connection.vendor == "sqlite"
    wrong = {
        "E001 DEBUG：生产模式不能打开调试，请去掉 DEBUG=1": settings.DEBUG,
        f"E002 SECRET_KEY：缺少或太弱，请设为至少 {SHORTEST_SECRET} 个随机字符": _is_weak_secret(),
        "E003 HTTPS：生产模式只在 TLS 之后运行，请设 HTTPS=1 并用代理终止 TLS": not settings.SECURE_SSL_REDIRECT,
        "E004 ALLOWED_HOSTS：请写明对外的域名，不能为空或为 *": not _named_hosts(),
        "E005 DEMO：演示模式不能用于生产，请设 DEMO=0": settings.DEMO,
        "E007 WEB_PROCESSES：SQLite 只许一个网页进程，请用 DATABASE_URL 指向 PostgreSQL": sqlite
        and settings.ENV["WEB_PROCESSES"] > 1,
    }
    return [_error(text) for text, is_wrong in wrong.items() if is_wrong]


@register(Tags.security, deploy=True)
def stored_state(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Errors for what only the database can tell. A database that is away is not judged: /readyz tells of it."""
    wrong = []
    try:
        if not settings.DEMO and _has_demonstration_accounts():
            wrong.append(
                "E006 DEMO：库中有演示账号，只能在演示模式下运行；请换一个库"
                "（DATABASE_URL 或 BAOGONG_VAR），或在本机用 DEMO=1"
            )
        if _isolation() not in {"", "read committed"}:
            wrong.append("E008 DATABASE_URL：事务隔离级别应为 READ COMMITTED")
    except DatabaseError:
        return []
    return [_error(text) for text in wrong]


def refuse_unsafe_start() -> None:
    """End this process with one line per reason. Web, worker and schedule call it before they do anything."""
    if wrong := [*production_settings(), *stored_state()]:
        for message in wrong:
            sys.stderr.write(f"拒绝启动 {message.id} {message.msg}\n")
        raise SystemExit(1)


def _error(text: str) -> Error:
    number, message = text.split(" ", 1)
    return Error(message, id=f"coordination.{number}")


def _is_weak_secret() -> bool:
    try:
        secret = settings.SECRET_KEY
    except ImproperlyConfigured:
        return True
    return len(secret) < SHORTEST_SECRET or len(set(secret)) < 10 or secret.startswith("django-insecure-")


def _named_hosts() -> bool:
    return bool(set(settings.ALLOWED_HOSTS) - set(settings.LOOPBACK)) and "*" not in settings.ALLOWED_HOSTS


def _has_demonstration_accounts() -> bool:
    from enterprises.models import Account  # models are there only after the checks have been registered

    if Account._meta.db_table not in connection.introspection.table_names():
        return False
    return Account.objects.filter(is_demonstration=True).exists()


def _isolation() -> str:
    """What the server says of a new transaction; empty for SQLite, which has writers wait for each other."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        return str(cursor.fetchone()[0])
