"""A throw-away installation for a proof: its own folder and port, its plants and tokens, `manage.py up` around it.

Everything is filed by the server's clock: no submission may claim another moment, so days before today are filed late,
unless their cut-off lies in the future (a dated setting may put it up to nine days after the day, R4). Half of the
counties have such a cut-off for the last nine days, so that on time and late stand side by side.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.proof.findings import Stored
from tests.proof.shape import COUNTIES, MEASURES, Shape
from tests.proof.truth import Member

ROOT = Path(__file__).resolve().parents[2]
HERE = dt.timezone(dt.timedelta(hours=8))
DAY = dt.timedelta(days=1)
CITY = "999900"
FARTHEST = 9
"""Most days after its day that a cut-off may lie."""
PATIENCE = 120
"""Seconds until the installation must answer."""


def prepare(*, database: str = "", redis: str = "") -> None:
    """Set Django up on an empty folder of its own that is removed at the end, never on a database of somebody's.

    The addresses are those of servers that the proof itself has started; without them everything is embedded.
    """
    os.environ |= {"DATABASE_URL": database, "REDIS_URL": redis}
    importlib.import_module("tests.environment")
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


@dataclass
class Town:
    """The installation as seen from outside: plants by number, their tokens, and what decides about lateness."""

    today: dt.date
    days: list[dt.date]
    codes: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    officer: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    cut_offs: dict[tuple[str, dt.date], dt.datetime] = field(default_factory=dict)
    port: int = 0

    def move_cut_off(self, division: str, day: dt.date, moment: dt.datetime) -> None:
        """Have reports of the day be late from a moment on: a whole minute at most FARTHEST days after the day."""
        from supplies import reporting_settings

        after = (moment.date() - day).days
        reporting_settings.set_rule(
            actor=None, name="cut_off", value=f"{moment:%H:%M}+{after}", starts_on=day, division=division
        )
        self.cut_offs[division, day] = moment


def county(number: int) -> str:
    """Code of a county."""
    return f"{int(CITY) + 1 + number}"


def settle(shape: Shape) -> Town:
    """Lay divisions, plants, duties, cut-offs and tokens; today is the last day of the shape."""
    from django.db import transaction

    from enterprises.models import StaleMark
    from supplies import products

    today = dt.datetime.now(HERE).date()
    days = [today - DAY * back for back in reversed(range(shape.days))]
    town = Town(today, days)
    with transaction.atomic():
        products.load_catalogue()
        _people(shape, town)
        for code in map(county, range(COUNTIES)):
            for day in days:
                town.cut_offs[code, day] = midnight(day) + dt.timedelta(hours=18)
        for code in map(county, range(0, COUNTIES, 2)):
            for day in days[-FARTHEST:]:
                town.move_cut_off(code, day, midnight(today + DAY))
        StaleMark.objects.create(from_day=days[0], to_day=None, cause="fact")
    return town


def _people(shape: Shape, town: Town) -> None:
    from enterprises import api_tokens
    from enterprises.choices import TokenScope
    from tests.factories import enterprises as ground
    from tests.factories import supplies

    ground.division(CITY, name="某市", level="city")
    for number in range(COUNTIES):
        ground.division(county(number), name=f"{number + 1} 县", parent=CITY)
    for plant in shape.roster:
        place = county(plant.county)
        made = ground.enterprise(division=place, name=f"{plant.number} 厂")
        for product in plant.products:
            supplies.duty(made, product, starts_on=town.days[0])
        account = ground.account(f"plant{plant.number}", "enterprise", enterprise=made)
        town.tokens.append(api_tokens.create(actor=None, account=account, scopes=[TokenScope.REPORTS_WRITE])[0])
        town.codes.append(made.uscc)
        town.members[made.uscc] = Member(place, plant.products)
    officer = ground.account("officer", "city", division=CITY)
    scopes = [TokenScope.REPORTS_READ, TokenScope.TOTALS_READ]
    town.officer = api_tokens.create(actor=None, account=officer, scopes=scopes)[0]


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins here."""
    return dt.datetime.combine(day, dt.time(), HERE)


def planted(name: str) -> dict[str, str]:
    """What has the programs of an installation run with a deliberate bug (tests/proof/plants)."""
    if not name:
        return {}
    return {"PLANT": name, "PYTHONPATH": os.pathsep.join([str(Path(__file__).with_name("plants")), str(ROOT)])}


@contextlib.contextmanager
def running(town: Town, more: Mapping[str, str] | None = None) -> Iterator[None]:
    """`manage.py up` around the installation, until the block ends; whatever happens, nothing of it stays behind.

    `more`: further variables of its environment.
    """
    from tests.machine import free_port

    town.port = free_port()
    log = Path(os.environ["BAOGONG_VAR"], "up.log")
    child = {**os.environ, "PORT": str(town.port), "DEMO": "0", "PYTHONUNBUFFERED": "1", **(more or {})}
    command = [sys.executable, "manage.py", "up", "--end-with-parent"]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=child, cwd=ROOT, stdout=out, stderr=out, start_new_session=True)
    try:
        _wait(town, process, log)
        yield
    finally:
        process.send_signal(signal.SIGTERM)  # it ends its own children, each in a group of its own
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its children are ended by the kernel when it is gone
        process.wait()


def _wait(town: Town, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{town.port}/healthz", timeout=2).close()
            return
        time.sleep(0.2)
    sys.stderr.write(log.read_text(errors="replace"))
    raise RuntimeError("manage.py up did not come up")


def stored() -> list[Stored]:
    """Every revision in the database, with its figures."""
    from django.db import connection

    from supplies.models import ReportLine, Revision

    connection.close()  # the server may have been stopped since it was opened
    lines: dict[int, dict[str, tuple[int, int, int, int]]] = {}
    for revision, product, *said in ReportLine.objects.values_list("revision_id", "product_id", *MEASURES):
        figures = [amount // 1000 if amount is not None and amount % 1000 == 0 else -1 for amount in said]
        lines.setdefault(revision, {})[product] = figures[0], figures[1], figures[2], figures[3]
    rows = Revision.objects.values_list("pk", "report__enterprise__uscc", "report__day", "number")
    return [(enterprise, day, number, lines.get(pk, {})) for pk, enterprise, day, number in rows]


def verify() -> tuple[bool, str]:
    """Whether `manage.py verify_totals` is content, and the last it said."""
    done = subprocess.run([sys.executable, "manage.py", "verify_totals"], cwd=ROOT, capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip().splitlines()
    return done.returncode == 0, said[-1] if said else ""
