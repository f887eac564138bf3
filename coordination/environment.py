"""The environment: reads each variable of the table in settings strictly, and says in one line what is wrong."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.db.backends.postgresql.psycopg_any import IsolationLevel


@dataclass(frozen=True)
class Variable:
    """One row of the table. `reads` turns the text into a value or raises ValueError saying what would be right."""

    name: str
    reads: Callable[[str], Any]
    default: Any
    needed_by: str
    meaning: str
    is_secret: bool = False


def read(table: list[Variable], env_file: Path) -> dict[str, Any]:
    """Values by name. The process environment wins over the file; an empty text counts as not given."""
    if env_file.is_file():
        environ.Env.read_env(env_file)
    return {variable.name: _value(variable) for variable in table}


def _value(variable: Variable) -> Any:
    text = os.environ.get(variable.name, "").strip()
    if not text:
        return variable.default
    try:
        return variable.reads(text)
    except ValueError as reason:
        shown = "(不显示)" if variable.is_secret else text
        raise SystemExit(f"配置错误 {variable.name}={shown}：{reason}。用途：{variable.meaning}。") from None


def text(given: str) -> str:
    """As it stands."""
    return given


def flag(given: str) -> bool:
    """1/0, true/false, yes/no, on/off; nothing else, so that a slip of the pen never means "no"."""
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if given.lower() not in known:
        raise ValueError("应为 1 或 0（也可写 true/false、yes/no、on/off）")
    return known[given.lower()]


def listing(given: str) -> list[str]:
    """Comma separated."""
    return [part.strip() for part in given.split(",") if part.strip()]


_NAME = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST = rf"({_NAME}(\.{_NAME})*\.?|\[[0-9A-Fa-f:.]+\])"


def hosts(given: str) -> list[str]:
    """Comma separated names or addresses as Django compares them; `.example.org` stands for all below it too."""
    found = listing(given)
    if wrong := [one for one in found if one != "*" and not re.fullmatch(rf"\.?{_HOST}", one)]:
        raise ValueError(f"{wrong[0]} 应只是域名或地址，不带 https://、端口或路径，如 baogong.example.org")
    return found


def address(given: str) -> str:
    """A name or an IP address to listen on."""
    if not re.fullmatch(rf"{_HOST}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*", given):
        raise ValueError("应为本机的一个地址，如 127.0.0.1 或 0.0.0.0，不带 http:// 和端口")
    return given


def origins(given: str) -> list[str]:
    """Comma separated, each with its scheme, as Django demands."""
    found = listing(given)
    if wrong := [one for one in found if not re.fullmatch(rf"https?://(\*\.)?{_HOST}(:[0-9]{{1,5}})?", one)]:
        raise ValueError(f"{wrong[0]} 应以 http:// 或 https:// 开头，不带路径")
    return found


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number from lowest to highest."""

    def reads(given: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", given) or not lowest <= int(given) <= highest:
            raise ValueError(f"应为 {lowest} 到 {highest} 之间的整数")
        return int(given)

    return reads


def one_of(*choices: str) -> Callable[[str], str]:
    """One of the words, in any case."""
    words = {choice.lower(): choice for choice in choices}

    def reads(given: str) -> str:
        if given.lower() not in words:
            raise ValueError(f"应为 {'、'.join(choices)} 之一")
        return words[given.lower()]

    return reads


def rate(given: str) -> str:
    """So many in a second, minute, hour or day, as the throttles of the API read it."""
    if not re.fullmatch(r"[1-9][0-9]{0,6}/(s|sec|m|min|h|hour|d|day)", given):
        raise ValueError("应写成 600/min 的样子（数字/sec、min、hour 或 day）")
    return given


def database(given: str) -> dict[str, Any]:
    """Django's dictionary of one database, from postgres:// or sqlite:///."""
    if given.partition("://")[0] not in {"postgres", "postgresql", "sqlite"}:
        raise ValueError("应以 postgres:// 或 sqlite:/// 开头")
    try:
        found: dict[str, Any] = environ.Env.db_url_config(given)
    except ValueError:
        raise ValueError("主机或端口写错了；口令中的特殊字符要用 %XX 写") from None
    if not found.get("NAME"):
        raise ValueError("缺少数据库名，应写成 postgres://用户:口令@主机:5432/库名 或 sqlite:///文件")
    if found["NAME"] == ":memory:":
        raise ValueError("应写明文件，如 sqlite:////srv/baogong.sqlite3；网页和定时任务要用同一个库")
    return found


def redis(given: str) -> str:
    """redis:// or rediss://, with a host; port and number of the database are numbers."""
    try:
        parts = urlsplit(given)
        is_right = parts.scheme in {"redis", "rediss"} and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none, half an IPv6 address
        is_right = False
    if not is_right or not re.fullmatch(r"/?[0-9]*", parts.path):
        raise ValueError("应写成 redis://主机:6379/0，端口和库号为数字")
    return given


def folder(given: str) -> Path:
    """A folder that is there, made if need be."""
    place = Path(given).resolve()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"无法建立目录（{error.strerror}）") from None
    return place


def kept_secret(place: Path) -> str:
    """The key made on this machine's first start and kept for its later ones (only the owner may read it)."""
    if not place.exists():
        draft = place.with_suffix(f".{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        # two processes may get here at once: the first name wins, and nobody reads half a key
        with contextlib.suppress(FileExistsError):
            os.link(draft, place)
        draft.unlink()
    return place.read_text()


def tune_database(given: dict[str, Any], *, seconds: int) -> dict[str, Any]:
    """The same dictionary with what both kinds of database need to keep our promises (`seconds` per statement)."""
    options = given.setdefault("OPTIONS", {})
    if given["ENGINE"].endswith("sqlite3"):
        # one writer at a time, who asks before reading; on disk before anybody sees success (R21)
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
        }
        return given
    limits = {"statement_timeout": seconds, "lock_timeout": 5, "idle_in_transaction_session_timeout": 60}
    options.setdefault("connect_timeout", 5)
    settings = [f"-c {name}={value * 1000}" for name, value in limits.items()]
    # compiling the statement that computes a day takes longer than running it: 300 ms against 70
    options["options"] = " ".join([*settings, "-c jit=off"])
    options["isolation_level"] = IsolationLevel.READ_COMMITTED
    return given | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
