"""Kill what can be killed while reports come in, and prove that nothing is lost, nothing doubled, and totals are right.

    python -m tests.proof.faults --seed 7 --seconds 60
    python -m tests.proof.faults --plant no_lock      # a deliberately broken variant: the proof must fail

PostgreSQL and Redis of its own, `manage.py up` around web, worker and schedule. While writers file reports, web, worker
and schedule are killed, PostgreSQL is stopped at once, Redis is killed or flushed, and the answer to a COMMIT is lost.
Writers send again with the same key until they are answered. At quiet points the totals must be the sum of the receipts.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.proof import findings, town, traffic
from tests.proof.findings import Goal
from tests.proof.servers import Postgres, Redis
from tests.proof.shape import PRODUCTS, Shape
from tests.proof.town import Town
from tests.proof.truth import Truth
from tests.proof.wire import Wire
from tests.proof.writers import Writers

PLANTS, DAYS = 24, 6
BETWEEN = (0.5, 2.0)
"""Seconds from one fault to the next."""
BUSY = 6.0
"""Seconds of faults from one quiet point to the next."""
RECOVERY = 30.0
"""Seconds after which everything acknowledged must be in the totals, whatever was killed (R21)."""
PROGRAMS = {"web": "manage.py web", "worker": " worker ", "schedule": " beat"}


@dataclass
class Stage:
    """What a run works on: the servers, the wire before the database, the installation, and what was done to it."""

    postgres: Postgres
    redis: Redis
    wire: Wire
    place: Town
    done: Counter[str] = field(default_factory=Counter)

    def kill(self, name: str) -> None:
        """SIGKILL to every process of one program of this installation."""
        for number in processes(PROGRAMS[name]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, 9)

    def cut_postgres(self) -> None:
        """Stop the database at once and start it again half a second later."""
        self.postgres.cut()
        time.sleep(0.5)
        self.postgres.start()

    def kill_redis(self) -> None:
        """Kill the broker and have it come back empty a second later."""
        self.redis.stop()
        time.sleep(1)
        self.redis.start()

    def faults(self) -> dict[str, Callable[[], None]]:
        """Every fault by name; servers are back when it returns, programs are started again by the supervisor."""
        kills = {f"kill {name}": (lambda name=name: self.kill(name)) for name in PROGRAMS}
        return kills | {
            "stop postgres": self.cut_postgres,
            "kill redis": self.kill_redis,
            "flush redis": self.redis.flush,
            "lose the answer to COMMIT": self.wire.swallow.set,
        }


def main(arguments: list[str] | None = None) -> int:
    """Run it; 0 when every goal was met."""
    asked = _arguments(arguments)
    goals = run(asked.seed, asked.seconds, plant=asked.plant)
    print(findings.table(goals, asked.seed))
    return findings.exit_code(goals)


def run(seed: int, seconds: float, *, plant: str = "") -> list[Goal]:
    """One run in a fresh installation. Gives its goals."""
    with contextlib.ExitStack() as stack:
        postgres, redis = Postgres(), Redis()
        for server in (postgres, redis):
            stack.callback(server.close)
            server.start()
        wire = Wire(postgres.port)
        stack.callback(wire.close)
        town.prepare(database=postgres.address(), redis=redis.address())
        place = town.settle(Shape(seed, PLANTS, DAYS))
        more = {"DATABASE_URL": postgres.address(wire.port)} | town.planted(plant)
        stack.enter_context(town.running(place, more))
        goals = live(Stage(postgres, redis, wire, place), seed, seconds)
        is_clean, said = town.verify()
        return [*goals, Goal("verify_totals is clean", said, is_clean)]


def live(stage: Stage, seed: int, seconds: float) -> list[Goal]:
    """Faults and quiet points in turn until the time is over."""
    rng, writers = random.Random(seed), Writers(stage.place, seed)
    writers.start()
    ends, quiet, waits = time.monotonic() + seconds, [], []
    while time.monotonic() < ends:
        _trouble(stage, rng, until=min(ends, time.monotonic() + BUSY))
        is_still = writers.pause(_last_blow(stage, rng))
        waits.append(_recovered(stage.place, writers) if is_still else float("inf"))
        quiet += _compared(stage.place, writers)
        print(f"{len(writers.acknowledged)} acknowledged, in the totals after {waits[-1]:.1f} s", flush=True)
        writers.go_on()
    writers.end()
    return [*quiet_goals(quiet, waits), *_goals(stage, writers)]


def quiet_goals(quiet: list[Goal], waits: list[float]) -> list[Goal]:
    """The comparisons of all quiet points as one goal each, and how long the totals took to be complete."""
    found = []
    for name in dict.fromkeys(goal.name for goal in quiet):
        mine = [goal for goal in quiet if goal.name == name]
        faults = tuple(fault for goal in mine for fault in goal.faults)
        found.append(
            Goal(f"{name} at every quiet point", f"{len(mine)} points, {len(faults)} differ", not faults, faults)
        )
    slowest = max(waits, default=float("inf"))
    return [*found, Goal(f"complete within {RECOVERY:.0f} s of a quiet point", f"{slowest:.1f} s", slowest <= RECOVERY)]


def _trouble(stage: Stage, rng: random.Random, *, until: float) -> None:
    faults = stage.faults()
    while time.monotonic() < until:
        time.sleep(rng.uniform(*BETWEEN))
        name = rng.choice(sorted(faults, key=lambda one: (stage.done[one], one))[:3])  # each gets its turn
        faults[name]()
        stage.done[name] += 1


def _last_blow(stage: Stage, rng: random.Random) -> Callable[[], None]:
    """A fault just when writers are told to stop: nothing that comes later can heal what it broke."""
    return stage.faults()[rng.choice(["kill web", "stop postgres", "lose the answer to COMMIT", "kill worker"])]


def _recovered(place: Town, writers: Writers) -> float:
    """Seconds until no day waits to be computed; infinite when it takes longer than RECOVERY."""
    began = time.monotonic()
    while time.monotonic() - began < RECOVERY:
        with contextlib.suppress(Exception):  # whatever was killed may still be on its way back
            status, answer = traffic.Client(place.port).ask("GET", f"/api/v1/totals/?date={place.today}", place.officer)
            if status == 200 and not answer["query"]["pending"]:
                return time.monotonic() - began
        time.sleep(0.1)
    return float("inf")


def _compared(place: Town, writers: Writers) -> list[Goal]:
    """Totals and coverage of every day against the receipts so far."""
    truth = Truth(place.members, [one.receipt for one in writers.acknowledged], place.cut_offs)
    tables = {day: traffic.totals(place, day) for day in place.days}
    lists = {
        (day, product): traffic.coverage(place, day, product) for day in place.days for product in (None, PRODUCTS[0])
    }
    return [findings.summed(truth, tables), findings.covered(truth, lists)]


def _goals(stage: Stage, writers: Writers) -> list[Goal]:
    happened = ", ".join(f"{count} x {name}" for name, count in sorted(stage.done.items()))
    return [
        findings.kept([one.receipt for one in writers.acknowledged], town.stored()),
        Goal(
            "answered in the end",
            f"{len(writers.acknowledged)} submissions, {writers.again} sent again, {len(writers.faults)} faults",
            not writers.faults and bool(writers.acknowledged),
            tuple(writers.faults),
        ),
        Goal("sent twice at once, stored once", f"{writers.doubled} pairs", bool(writers.doubled)),
        Goal("faults", happened, len(stage.done) == len(stage.faults())),
    ]


def processes(command: str) -> list[int]:
    """Processes started by an installation of this test run whose command line holds some words."""
    home, found = os.environ["BAOGONG_VAR"], []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if command in f"{line} " and f"BAOGONG_VAR={home}".encode() in (folder / "environ").read_bytes().split(
                b"\0"
            ):
                found.append(int(folder.name))
    return found


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--plant", default="", help="a deliberate bug of tests/proof/plants")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
