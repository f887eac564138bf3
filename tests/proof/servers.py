"""PostgreSQL and Redis of a proof: real servers that can be stopped like a power cut stops them, and come back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests import machine

PATIENCE = 30.0


class Server:
    """One server process on a port of its own, with a folder that lasts until `close`."""

    def __init__(self, name: str) -> None:
        self.folder = tempfile.mkdtemp(prefix=f"baogong-proof-{name}-")
        self.port = machine.free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What is run."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        with Path(self.folder, "log").open("ab") as out:
            self.process = subprocess.Popen(
                self.command(), stdout=out, stderr=out, cwd=self.folder, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.command()[0]} did not come up: see {self.folder}/log")

    def stop(self, number: int = signal.SIGKILL) -> None:
        """Stop it with a signal: SIGKILL and, for PostgreSQL, SIGQUIT ("immediate") leave no time to tidy up."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(PATIENCE)

    def close(self) -> None:
        """End it and forget its data."""
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """A cluster that syncs every commit to disk: what it acknowledged survives any stop of the process."""

    def __init__(self) -> None:
        programs = machine.postgres()
        if programs is None:
            raise RuntimeError("PostgreSQL (initdb, postgres) is needed for this proof")
        super().__init__("pg")
        self.programs, self.prefix = programs, machine.servant_prefix(self.folder)
        data = f"{self.folder}/data"
        making = [programs / "initdb", "-D", data, "-U", "baogong", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run([*self.prefix, *making], check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def command(self) -> list[str]:
        """The server on the loopback address, with durability as in production."""
        options = ["-c", "max_connections=60", "-c", "fsync=on", "-c", "synchronous_commit=on"]
        at = ["-D", f"{self.folder}/data", "-k", self.folder, "-h", "127.0.0.1", "-p", str(self.port)]
        return [*self.prefix, str(self.programs / "postgres"), *at, *options]

    def cut(self) -> None:
        """Stop at once, as `pg_ctl stop -m immediate` does: the next start recovers from the log."""
        self.stop(signal.SIGQUIT)

    def address(self, port: int | None = None) -> str:
        """For DATABASE_URL; through a proxy's port where one is given."""
        return f"postgres://baogong@127.0.0.1:{port or self.port}/postgres"


class Redis(Server):
    """A broker that keeps nothing on disk: killed, it has forgotten every message."""

    def __init__(self) -> None:
        program = machine.redis()
        if program is None:
            raise RuntimeError("redis-server is needed for this proof")
        super().__init__("redis")
        self.program = program

    def command(self) -> list[str]:
        """The server on the loopback address."""
        return [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]

    def flush(self) -> None:
        """FLUSHALL: every message and cached value is gone, the server stays."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as wire:
            wire.sendall(b"FLUSHALL\r\n")
            wire.recv(64)

    def address(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process and its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
