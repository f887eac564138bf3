"""Clerks who do not give up: each report is sent again with its key until it is answered, whatever breaks meanwhile."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.proof.findings import Acknowledged
from tests.proof.shape import MEASURES, Lines
from tests.proof.town import Town
from tests.proof.truth import Receipt

WRITERS = 8
PATIENCE = 90.0
"""Seconds after which a submission that nobody answers has failed."""
DOUBLED = 0.1
"""Share of submissions that go out twice at the same moment, as a double tap does."""
UNUSED = 20_000
"""Figures begin here and grow by one: every report differs from the one before, and none looks like a slip (R20)."""


class Writers:
    """Threads that file; each has plants of its own, so that nobody else can be the cause of a conflict."""

    def __init__(self, place: Town, seed: int) -> None:
        self.place, self.seed = place, seed
        self.acknowledged: list[Acknowledged] = []
        self.faults: list[str] = []
        self.again = self.doubled = 0
        self.over, self.gate = threading.Event(), threading.Event()
        self.idle = threading.Semaphore(0)
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(WRITERS)]

    def start(self) -> None:
        """Begin to file."""
        self.gate.set()
        for thread in self.threads:
            thread.start()

    def pause(self, blow: Callable[[], None]) -> bool:
        """Stop filing, and strike while the last answers are under way; True once every writer has its own."""
        self.gate.clear()
        blow()
        return all(self.idle.acquire(timeout=PATIENCE + 10) for _ in self.threads)

    def go_on(self) -> None:
        """File again."""
        self.gate.set()

    def end(self) -> None:
        """Stop for good."""
        self.over.set()
        self.gate.set()
        for thread in self.threads:
            thread.join(PATIENCE + 10)

    def _work(self, number: int) -> None:
        rng, revisions, count = random.Random(f"{self.seed} {number}"), {}, 0
        mine = range(number, len(self.place.codes), WRITERS)
        while not self.over.is_set():
            if not self.gate.is_set():
                self.idle.release()
                self.gate.wait()
                continue
            plant, day = rng.choice(mine), rng.randrange(len(self.place.days))
            count += 1
            figures = (UNUSED + count, UNUSED + count, UNUSED, UNUSED)
            code = self.place.codes[plant]
            lines: Lines = dict.fromkeys(self.place.members[code].products, figures)
            before = revisions.get((plant, day), 0)
            if (revision := self._file(plant, self.place.days[day], lines, before, rng)) is not None:
                revisions[plant, day] = revision

    def _file(self, plant: int, day: dt.date, lines: Lines, before: int, rng: random.Random) -> int | None:
        """File one report until it is answered; gives its revision."""
        body = {"enterprise": self.place.codes[plant], "date": day.isoformat()} | (
            {"based_on": before} if before else {}
        )
        body["lines"] = [{"product": p, **dict(zip(MEASURES, f, strict=True))} for p, f in lines.items()]
        key, sent = f"{plant}-{day}-{before}", time.monotonic()
        answers: list[tuple[int, Any]] = []
        is_double = rng.random() < DOUBLED

        def ask() -> None:
            answers.append(self._ask(self.place.tokens[plant], key, body))

        both = [threading.Thread(target=ask) for _ in range(2 if is_double else 1)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        answered = time.monotonic()
        with self.lock:
            self.doubled += is_double
            told = {
                (status, answer.get("revision") if isinstance(answer, dict) else None) for status, answer in answers
            }
            if told != {(201, before + 1)}:
                self.faults.append(f"{key}: {[(status, str(answer)[:200]) for status, answer in answers]}")
                return None
            answer = answers[0][1]
            moment = dt.datetime.fromisoformat(answer["received_at"])
            receipt = Receipt(self.place.codes[plant], day, before + 1, moment, lines)
            self.acknowledged.append(Acknowledged(receipt, sent, answered, "faults"))
        return before + 1

    def _ask(self, token: str, key: str, body: Any) -> tuple[int, Any]:
        """Send until there is an answer that is not the server's own trouble; (0, reason) where none came in time."""
        sent, until, last = json.dumps(body).encode(), time.monotonic() + PATIENCE, "nothing"
        head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=20)
            try:
                connection.request("POST", "/api/v1/reports/", sent, head)
                answer = connection.getresponse()
                said = json.loads(answer.read() or b"null")
                if answer.status < 500:
                    return answer.status, said
                last = f"{answer.status} {said}"
            except (OSError, http.client.HTTPException, ValueError) as error:
                last = repr(error)
            finally:
                with contextlib.suppress(OSError):
                    connection.close()
            with self.lock:
                self.again += 1
            time.sleep(0.2)
        return 0, last
