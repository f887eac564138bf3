"""Keeps a set of processes running: starts them again when they die, ends them all together, prefixes what they say."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

FIRST_DELAY, LONGEST_DELAY = 0.2, 2.0
"""Seconds before a dead process is started again: doubled while it keeps dying young, yet always back within five."""
YOUNG = 10.0
PATIENCE = 10.0
"""Seconds from asking all to end until they are killed."""
_PR_SET_PDEATHSIG = 1
_ENDING = sum(1 << (number - 1) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT))
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass
class Child:
    """One process to be kept: what it is called, its command, and how it fares."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float = 0.0


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Have the kernel send us this signal when our parent is gone, however it went (Linux; elsewhere nothing)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, number)


def signals_of_parent() -> int:
    """The ending signals that our parent holds back at this moment, as a mask (Linux; elsewhere none).

    One that reaches make alone, and not us with it, has make wait for its children without a word to them; all that
    shows is that make holds that signal back, as every handler at work does.
    """
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return 0
    held = re.search(r"^SigBlk:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return int(held[1], 16) & _ENDING if held else 0


class Supervisor:
    """Runs children, each in a process group of its own, until it is told to end."""

    def __init__(self, commands: Mapping[str, Sequence[str]], *, write: Callable[[str], None]) -> None:
        self.children = [Child(name, command) for name, command in commands.items()]
        self.write = write
        self.width = max(len(child.name) for child in self.children)
        self.ending = False

    def run(self, *, once_up: Callable[[], bool], is_over: Callable[[], bool] = lambda: False) -> None:
        """Start all and stay until a signal comes or `is_over`. `once_up` is asked until it says True."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        told = False
        try:
            while not (self.ending or is_over()):
                self._tend()
                told = told or once_up()
                time.sleep(0.2)
        finally:
            self._stop()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ending = True

    def _tend(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.due:
                    self._start(child)
            elif child.process.poll() is not None:
                self._bury(child, child.process, now)

    def _start(self, child: Child) -> None:
        # the parent's death is asked for before the command is loaded, hence between fork and exec
        child.process = subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        child.started = time.monotonic()
        threading.Thread(target=self._relay, args=(child.name, child.process.stdout), daemon=True).start()

    def _bury(self, child: Child, process: subprocess.Popen[str], now: float) -> None:
        _kill_group(process)  # whatever it left behind would hold its port or its work
        child.process = None
        if now - child.started > YOUNG:
            child.delay = FIRST_DELAY
        child.due = now + child.delay
        self._say(child.name, f"已退出（{process.returncode}），{child.delay:g} 秒后重新启动")
        child.delay = min(child.delay * 2, LONGEST_DELAY)

    def _relay(self, name: str, pipe: IO[str]) -> None:
        for line in pipe:
            self._say(name, line.rstrip())

    def _say(self, name: str, line: str) -> None:
        # a reader of our output that has gone must not stop the children, who wait for us to read theirs
        with contextlib.suppress(OSError):
            self.write(f"{name:{self.width}} | {line}")

    def _stop(self) -> None:
        running = [(child, child.process) for child in self.children if child.process is not None]
        for _, process in running:
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for child, process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(child.name, "未按时退出，强制结束")
            _kill_group(process)


def _kill_group(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
