"""Submissions on their way over HTTP, each at its moment, and the watcher that sees them arrive in the totals."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import queue
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from tests.proof.findings import Acknowledged, Seen
from tests.proof.shape import MEASURES, Filing
from tests.proof.town import Town
from tests.proof.truth import COUNTS, FIGURES, Cell, Receipt

SENDERS = 24
"""Threads that send; more than one burst holds."""
TRIES = 6
POLL_EVERY = 0.05
Timed = tuple[float, Filing]
"""Seconds after the beginning of its part, and what is sent then."""


class Client:
    """One kept connection; what got no answer is sent again with the same key, as clients do (R6)."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, path: str, token: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON. Raises OSError or http.client.HTTPException when no try is answered."""
        sent = json.dumps(body).encode() if body is not None else None
        said = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(headers or {})}
        for left in reversed(range(TRIES)):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.connection.request(method, path, sent, said)
                answer = self.connection.getresponse()
                return answer.status, json.loads(answer.read() or b"null")
            except (OSError, http.client.HTTPException):
                self.connection = None
                if not left:
                    raise
                time.sleep(0.2)
        raise AssertionError("unreachable")


class Senders:
    """Threads that file reports; what they got back gathers in `acknowledged` and `refused`."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.acknowledged: list[Acknowledged] = []
        self.refused: list[str] = []
        self.waiting: queue.Queue[tuple[Filing, str]] = queue.Queue()
        for _ in range(SENDERS):
            threading.Thread(target=self._work, daemon=True).start()

    def send(self, part: Iterable[Timed], phase: str, *, at_once: int = SENDERS) -> float:
        """Send each at its moment, in order, and wait for all answers. Gives the seconds it took.

        `at_once`: so many may be without an answer; what comes after waits, and the rate is what the server can hold.
        """
        started = time.monotonic()
        self.free = threading.BoundedSemaphore(at_once)
        for offset, filing in part:
            time.sleep(max(0.0, started + offset - time.monotonic()))
            self.free.acquire()
            self.waiting.put((filing, phase))
        self.waiting.join()
        return time.monotonic() - started

    def _work(self) -> None:
        client = Client(self.town.port)
        while True:
            filing, phase = self.waiting.get()
            try:
                self._file(client, filing, phase)
            except Exception as error:  # whatever it is, the submission has no receipt: the replay has failed
                self.refused.append(f"plant {filing.plant} day {filing.day}: {error!r}")
            finally:
                self.free.release()
                self.waiting.task_done()

    def _file(self, client: Client, filing: Filing, phase: str) -> None:
        code, day = self.town.codes[filing.plant], self.town.days[filing.day]
        body = {
            "enterprise": code,
            "date": day.isoformat(),
            "lines": [
                {"product": product, **dict(zip(MEASURES, figures, strict=True))}
                for product, figures in filing.lines.items()
            ],
        } | ({"based_on": filing.based_on} if filing.based_on is not None else {})
        key = {"Idempotency-Key": f"{filing.plant}-{filing.day}-{filing.based_on or 0}"}
        sent = time.monotonic()
        status, answer = client.ask("POST", "/api/v1/reports/", self.town.tokens[filing.plant], body, key)
        answered = time.monotonic()
        if status != 201:
            self.refused.append(f"plant {filing.plant} day {day}: {status} {answer}")
            return
        moment = dt.datetime.fromisoformat(answer["received_at"])
        receipt = Receipt(code, day, answer["revision"], moment, filing.lines)
        self.acknowledged.append(Acknowledged(receipt, sent, answered, phase))


class Watcher(threading.Thread):
    """Reads the change feed every POLL_EVERY seconds: reports and days, so that a report is seen in its day's total."""

    def __init__(self, town: Town) -> None:
        super().__init__(daemon=True)
        self.town, self.client, self.seen = town, Client(town.port), Seen()
        self.cursor, self.over = "", threading.Event()
        self.moved = time.monotonic()
        self.failed: str = ""

    def run(self) -> None:
        """Poll until told to end; a failure is kept, and what was not seen fails the replay."""
        try:
            while not self.over.is_set():
                if not self.poll():
                    time.sleep(POLL_EVERY)
        except Exception as error:
            self.failed = repr(error)

    def poll(self) -> bool:
        """Read on from the cursor; whether there is more at once."""
        status, answer = self.client.ask("GET", f"/api/v1/changes/?cursor={self.cursor}&limit=500", self.town.officer)
        if status != 200:
            raise RuntimeError(f"change feed: {status} {answer}")
        now, newest = time.monotonic(), 0
        for row in answer["results"]:
            version, day = row["version"], dt.date.fromisoformat(row["date"])
            newest = max(newest, version)
            if row["kind"] == "day":
                self.seen.days[day].append((version, now))
            elif version:  # 0: not drained yet
                report = row["report"]
                self.seen.reports[report["enterprise"], day].append((report["revision"], version, now))
        if newest:
            self.seen.frontier.append((now, newest))
            self.moved = now
        self.cursor = answer["cursor"]
        return bool(answer["more"])

    def settled(self, *, quiet: float, patience: float) -> bool:
        """Wait until nothing has changed for `quiet` seconds; whether that came within `patience`."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and not self.failed:
            if time.monotonic() - self.moved > quiet:
                return True
            time.sleep(0.1)
        return False


def coverage(town: Town, day: dt.date, product: str | None) -> dict[str, str]:
    """State by credit code, as the API lists it."""
    client, page, found = Client(town.port), 1, {}
    while True:
        path = f"/api/v1/coverage/?date={day}&page_size=200&page={page}" + (f"&product={product}" if product else "")
        status, answer = client.ask("GET", path, town.officer)
        if status != 200:
            raise RuntimeError(f"coverage of {day}: {status} {answer}")
        found |= {row["enterprise"]: row["status"] for row in answer["results"]}
        if answer["next"] is None:
            return found
        page += 1


def totals(town: Town, day: dt.date) -> dict[tuple[str, str], Cell]:
    """The day's totals by (division, product), as the API gives them."""
    status, answer = Client(town.port).ask("GET", f"/api/v1/totals/?date={day}&by=division,product", town.officer)
    if status != 200:
        raise RuntimeError(f"totals of {day}: {status} {answer}")
    return {
        (row["division"], row["product"]): {name: row[name] for name in (*COUNTS, *FIGURES)} for row in answer["rows"]
    }
