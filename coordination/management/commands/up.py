"""Bring everything up on one machine: database, demonstration, web, schedule (and worker), in the foreground."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import sys
import urllib.request
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from coordination.checks import refuse_unsafe_start
from coordination.management.supervisor import Supervisor, end_with_parent, signals_of_parent


class Command(BaseCommand):
    """What `make up` runs once the environment is installed."""

    help = "启动全部服务（网页、定时任务；有 REDIS_URL 时还有 worker），按 Ctrl-C 结束"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Nothing that the environment does not say."""
        parser.add_argument("--end-with-parent", action="store_true", help="启动它的程序一结束就结束")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, then stay until a signal comes."""
        is_tied, at_first = options["end_with_parent"], signals_of_parent()
        if is_tied:
            end_with_parent()
        os.environ.setdefault("PYTHONUNBUFFERED", "1")
        with (settings.VAR_DIR / "up.lock").open("w") as lock:
            self._lock(lock.fileno())
            self._require_free_port()
            self._prepare()
            Supervisor(self._commands(), write=self._write).run(
                once_up=self._tell_when_up, is_over=lambda: is_tied and bool(signals_of_parent() & ~at_first)
            )
        self._write("已全部停止。")

    def _write(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    # --- before ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _lock(handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"{settings.VAR_DIR} 已有一套服务在运行，先停止它，或用 BAOGONG_VAR 另指目录") from None

    @staticmethod
    def _require_free_port() -> None:
        host, port = settings.ENV["HOST"], settings.ENV["PORT"]
        try:
            with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
                return
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(f"端口 {port} 已被占用（{host}），请用 PORT=端口 换一个") from None
            if error.errno == errno.EACCES:
                raise CommandError(f"没有权限监听端口 {port}，请用 PORT=端口 换一个 1024 以上的") from None
            raise CommandError(f"HOST={host}：本机没有这个地址；只给本机用就不设 HOST，给网络用设 0.0.0.0") from None

    def _prepare(self) -> None:
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            raise CommandError(f"连不上数据库：{str(error).splitlines()[0]}（见 DATABASE_URL）") from None
        refuse_unsafe_start()  # before anything is changed
        if self._has_pending_migrations():
            self._write("正在更新数据库结构……")
            call_command("migrate", verbosity=0, interactive=False)
        self._collect_static()
        if settings.DEMO and not apps.get_model("enterprises.Enterprise").objects.exists():
            self._write("数据库是空的，正在装入演示城市……")
            call_command("seed_demo")
        connection.close()

    @staticmethod
    def _has_pending_migrations() -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    def _collect_static(self) -> None:
        """Collect, hash and compress the static files, if one of them has changed since the last time."""
        stamp, now = settings.VAR_DIR / "static.stamp", self._static_state()
        if settings.DEBUG or (stamp.is_file() and stamp.read_text() == now and settings.STATIC_ROOT.is_dir()):
            return
        self._write("正在收集静态文件……")
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(now)

    @staticmethod
    def _static_state() -> str:
        digest = hashlib.sha256()
        ignored = getattr(apps.get_app_config("staticfiles"), "ignore_patterns", [])
        for finder in get_finders():
            for name, storage in finder.list(ignored):
                at = os.stat(storage.path(name))
                digest.update(f"{name} {at.st_size} {at.st_mtime_ns}\n".encode())
        return digest.hexdigest()

    # --- during ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _commands() -> dict[str, list[str]]:
        celery = [sys.executable, "-m", "celery", "-A", "coordination", "-q"]
        commands = {
            "web": [sys.executable, "manage.py", "web"],
            "schedule": [*celery, "beat"],
        }
        if settings.REDIS_URL:
            commands["worker"] = [*celery, "worker", "--concurrency=2", "--without-gossip", "--without-mingle"]
        return commands

    def _tell_when_up(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.ENV["HOST"], settings.ENV["HOST"])
        address = f"http://{f'[{host}]' if ':' in host else host}:{settings.ENV['PORT']}/"
        try:
            urllib.request.urlopen(f"{address}healthz", timeout=1).close()
        except OSError:
            return False
        self._write(f"\n保供已启动：{address}\n按 Ctrl-C 停止。\n{self._who_may_enter()}")
        return True

    @staticmethod
    def _who_may_enter() -> str:
        accounts = apps.get_model("enterprises.Account").objects.all()
        # most people of the demonstration city only sign its reports: nobody can sign in as one of them
        shown = accounts.filter(is_demonstration=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        shown = shown.values_list("username", "display_name")
        lines = [f"  {username:<12}{display_name}" for username, display_name in shown] if settings.DEMO else []
        connection.close()
        if lines:
            return "\n".join(["演示账号（口令都是 baogong-demo）：", *lines])
        if accounts.exists():
            return ""
        return (
            "还没有账号。请另开一个终端建立第一个管理员（口令从标准输入读取）：\n"
            "  echo '口令' | .venv/bin/python manage.py create_account admin --role admin --password-stdin"
        )
