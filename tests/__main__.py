"""Run every test that this machine allows, and say at the end which parts ran (`make test`).

REQUIRE=postgres,redis,browser turns a part that cannot run into a failure. Arguments go to pytest: `-k submit`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass

from tests import machine

NO_TESTS = 5
"""How pytest ends when nothing was selected."""


@dataclass
class Part:
    """One part of the run: what it is called, how pytest ended (None = it did not run), and why not."""

    name: str
    code: int | None = None
    reason: str = ""

    @property
    def verdict(self) -> str:
        """For the table."""
        if self.code is None:
            return f"没有运行：{self.reason}"
        return {0: "通过", NO_TESTS: "没有可运行的测试"}.get(self.code, f"失败（{self.code}）")


def main(arguments: list[str]) -> int:
    """Run the parts one after another; 0 when all that ran passed and all that is required ran."""
    required = {name.strip() for name in os.environ.get("REQUIRE", "").split(",") if name.strip()}
    if unknown := required - {"postgres", "redis", "browser"}:
        print(f"REQUIRE={','.join(sorted(unknown))}：只认识 postgres、redis、browser")
        return 2
    parts = [embedded(arguments), *servers(arguments), browser(arguments)]
    return report(parts, required)


def embedded(arguments: list[str]) -> Part:
    """All tests on the embedded database, without a broker."""
    return Part("sqlite", pytest("嵌入式数据库", ["-m", "not browser", *_processes(), *arguments], {}))


def servers(arguments: list[str]) -> list[Part]:
    """The same tests on PostgreSQL and Redis, or on the one of the two that is there."""
    programs, broker = machine.postgres(), machine.redis()
    parts = [
        Part("postgres", reason="没有找到 PostgreSQL（initdb、postgres）" if programs is None else ""),
        Part("redis", reason="没有找到 redis-server" if broker is None else ""),
    ]
    with contextlib.ExitStack() as stack:
        addresses = {}
        if programs is not None:
            addresses["DATABASE_URL"] = stack.enter_context(machine.running_postgres(programs))
        if broker is not None:
            addresses["REDIS_URL"] = stack.enter_context(machine.running_redis(broker))
        if addresses:
            code = pytest(" + ".join(addresses), ["-m", "not browser", *_processes(), *arguments], addresses)
            for part in parts:
                part.code = None if part.reason else code
    return parts


def browser(arguments: list[str]) -> Part:
    """The pages in Chromium."""
    program = machine.chromium()
    if program is None:
        return Part("browser", reason="没有找到 Chromium")
    return Part("browser", pytest("浏览器", ["-m", "browser", *arguments], {"CHROMIUM": program}))


def pytest(title: str, arguments: list[str], addresses: dict[str, str]) -> int:
    """Run pytest in a process of its own; gives how it ended."""
    print(f"\n=== {title} ===", flush=True)
    blank = {"DATABASE_URL": "", "REDIS_URL": ""}
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, env={**os.environ, **blank, **addresses}).returncode


def report(parts: list[Part], required: set[str]) -> int:
    """Print the table; gives the exit code."""
    print("\n=== 哪些部分运行了 ===")
    for part in parts:
        print(f"{part.name:<10}{'（必需）' if part.name in required else ''}{part.verdict}")
    failed = any(part.code not in (0, None, NO_TESTS) for part in parts)
    missing = any(part.name in required and part.code != 0 for part in parts)
    none_ran = all(part.code != 0 for part in parts)
    return int(failed or missing or none_ran)


def _processes() -> list[str]:
    return ["-n", str(max(2, min(os.cpu_count() or 2, 8)))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
