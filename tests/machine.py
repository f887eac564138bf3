"""What this machine has for tests: PostgreSQL, Redis, Chromium; and throw-away servers of the first two."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 30
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def postgres() -> Path | None:
    """The folder with the newest PostgreSQL's programs, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    found = [folder for folder in found if (folder / "postgres").exists()]
    if os.geteuid() == 0 and not (_servant() and shutil.which("setpriv")):
        return None  # PostgreSQL refuses to run as root, and there is nobody to run it as
    return max(found, key=_version, default=None)


def redis() -> str | None:
    """The Redis server's program, or None."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def chromium() -> str | None:
    """The browser's program, or None."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


@contextlib.contextmanager
def running_postgres(programs: Path) -> Iterator[str]:
    """The address of a fresh cluster that forgets everything at the end."""
    with tempfile.TemporaryDirectory(prefix="baogong-pg-") as folder, contextlib.ExitStack() as stack:
        port, prefix = free_port(), servant_prefix(folder)
        data = f"{folder}/data"
        initdb = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "baogong",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        subprocess.run([*prefix, *initdb], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        quick = ["-F", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=60"]
        server = [programs / "postgres", "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", str(port), *quick]
        stack.enter_context(_server([*prefix, *server], port, log=Path(folder, "log"), cwd=folder))
        yield f"postgres://baogong@127.0.0.1:{port}/postgres"


@contextlib.contextmanager
def running_redis(program: str) -> Iterator[str]:
    """The address of a fresh Redis that stores nothing."""
    with tempfile.TemporaryDirectory(prefix="baogong-redis-") as folder:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        with _server(command, port, log=Path(folder, "log"), cwd=folder):
            yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def _server(command: list[str | Path], port: int, *, log: Path, cwd: str) -> Iterator[None]:
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=cwd, start_new_session=True)
    try:
        _wait_for(port, process, log)
        yield
    finally:
        process.send_signal(2)  # PostgreSQL: fast, without waiting for its clients
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    sys.stderr.write(log.read_text(errors="replace"))
    raise RuntimeError(f"{process.args[0]} did not come up")


def servant_prefix(folder: str) -> list[str]:
    """What goes before a command of PostgreSQL, which refuses to run as root; the folder is given to who runs it."""
    if os.geteuid() != 0:
        return []
    servant = _servant()
    assert servant is not None
    os.chown(folder, servant.pw_uid, servant.pw_gid)
    return ["setpriv", f"--reuid={servant.pw_uid}", f"--regid={servant.pw_gid}", "--clear-groups"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def _servant() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def _version(programs: Path) -> tuple[int, ...]:
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in said.split()[2].split(".") if part.isdigit())
