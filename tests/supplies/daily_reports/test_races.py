"""Two at once, and death in between: one revision, one conflict, one answer (R6, R21; reliability F1, F5, F6, F18-F21)."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from enterprises import api_tokens
from enterprises.errors import Refused
from enterprises.models import StaleMark
from enterprises.rules.exact_json import dumps
from supplies import change_feed as feed
from supplies import daily_totals, tasks
from supplies.daily_reports import Key, Outcome
from supplies.models import DailyReport, DailyTotal, ReportLine, ReportVersion, RequestKey, Revision
from tests.clients import Program
from tests.supplies.daily_reports.plants import DAY, FABRIC, MASK, City, figures, file, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 4


@pytest.fixture
def town(transactional_db: None) -> City:
    return settle()


def at_once(*acts: Callable[[], Outcome]) -> list[Outcome | Refused]:
    """Do all of them at the same moment, each on a connection of its own; gives what each came to."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)
    faults: list[BaseException] = []

    def run(number: int, act: Callable[[], Outcome]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            results[number] = act()
        except Refused as refused:
            results[number] = refused
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    return results  # type: ignore[return-value]


def verdicts(results: list[Any]) -> list[Any]:
    return sorted(r.code if isinstance(r, Refused) else str(r.status) for r in results)


def test_a_double_tap_makes_one_revision(town: City) -> None:
    for number in range(ROUNDS):
        day = DAY.replace(day=number + 1)
        results = at_once(*[partial(file, town, day=day)] * 3)
        assert verdicts(results) == ["200", "200", "201"]
        assert Revision.objects.filter(report__day=day).count() == 1
    assert DailyReport.objects.count() == StaleMark.objects.count() == ROUNDS


def test_the_same_key_at_once_is_done_once_and_answered_alike(town: City) -> None:
    for number in range(ROUNDS):
        key = Key(f"tap-{number}", "a" * 64)
        day = DAY.replace(day=number + 1)
        results = at_once(*[partial(file, town, day=day, key=key)] * 4)
        assert verdicts(results) == ["201"] * 4
        assert len({dumps(r.answer) for r in results if isinstance(r, Outcome)}) == 1
        assert sum(isinstance(r, Outcome) and not r.is_replay for r in results) == 1
    assert Revision.objects.count() == RequestKey.objects.count() == ROUNDS


def test_the_same_key_for_two_bodies_at_once_binds_one_of_them(town: City) -> None:
    for number in range(ROUNDS):
        text, day = f"tap-{number}", DAY.replace(day=number + 1)
        results = at_once(
            partial(file, town, day=day, key=Key(text, "a" * 64)),
            partial(file, town, day=day, key=Key(text, "b" * 64), form=figures(output="460000")),
            partial(file, town, day=day.replace(month=2), key=Key(text, "c" * 64)),
        )
        assert verdicts(results) == ["201", "key_reused", "key_reused"]
    assert Revision.objects.count() == ROUNDS
    assert DailyReport.objects.count() == ROUNDS


def test_two_editors_of_one_report_make_one_revision_and_one_conflict(town: City) -> None:
    file(town)
    for number in range(1, ROUNDS + 1):
        results = at_once(
            partial(file, town, form=figures(output=f"{number}1"), based_on=number),
            partial(file, town, actor=town["colleague"], form=figures(output=f"{number}2"), based_on=number),
        )
        assert verdicts(results) == ["201", "conflict"]
        lost = next(r for r in results if isinstance(r, Refused))
        won = next(r for r in results if isinstance(r, Outcome))
        assert lost.extra["latest"] == won.answer
        typed = {line["output"] for line in lost.extra["yours"]["lines"] if line["product"] == MASK}
        assert typed <= {number * 10 + 1, number * 10 + 2}
    assert list(Revision.objects.order_by("number").values_list("number", flat=True)) == list(range(1, ROUNDS + 2))
    assert DailyReport.objects.get().head.number == ROUNDS + 1


def test_two_first_submissions_at_once_make_one_report_and_one_conflict(town: City) -> None:
    for number in range(ROUNDS):
        day = DAY.replace(day=number + 1)
        results = at_once(
            partial(file, town, day=day),
            partial(file, town, day=day, form=figures(output="40万"), actor=town["colleague"]),
        )
        assert verdicts(results) == ["201", "conflict"]
    assert DailyReport.objects.count() == Revision.objects.count() == ROUNDS


def test_death_between_commit_and_hint_loses_nothing_and_a_retry_is_answered(town: City) -> None:
    raw, _ = api_tokens.create(actor=None, account=town["clerk"], scopes=["reports:write"])
    today = timezone.localdate()
    body = {
        "enterprise": town.a.uscc,
        "date": today.isoformat(),
        "lines": [{"product": MASK, "capacity": 480000, "output": 465000}, {"product": FABRIC, "stock": 1}],
    }
    said = {"HTTP_IDEMPOTENCY_KEY": "k", "HTTP_AUTHORIZATION": f"Bearer {raw}"}
    connections.close_all()
    child = os.fork()
    if child == 0:
        tasks.hint = lambda: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
        try:
            Program().send("/api/v1/reports/", body, **said)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert Revision.objects.count() == 1
    daily_totals.refresh_all()
    assert DailyTotal.objects.get(day=today, grain="product", key=MASK, licensed=False).capacity == 480_000_000
    again = Program().send("/api/v1/reports/", body, **said)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert Revision.objects.count() == 1


def test_death_before_the_commit_leaves_nothing(town: City) -> None:
    connections.close_all()
    child = os.fork()
    if child == 0:
        from supplies import request_keys as keys

        keys.keep = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
        try:
            file(town, key=Key("k", "a" * 64))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    for model in (DailyReport, Revision, ReportLine, StaleMark, RequestKey):
        assert not model.objects.exists()
    assert file(town, key=Key("k", "a" * 64)).status == 201


def test_a_reader_of_the_change_feed_misses_nothing_while_others_write(town: City) -> None:
    """Writers commit out of order; the order of the feed is the drain's (R14, R21)."""
    told: dict[str, int] = {}
    done = threading.Event()

    def write(part: int) -> None:
        for number in range(1, 9):
            file(town, day=DAY.replace(month=part, day=number))

    def keep_on(act: Callable[[], object]) -> None:
        while not done.is_set():
            act()

    def read() -> None:
        place = feed.start(str(told_at[0]) if told_at else "")
        for found in feed.after(town["city"], place, kinds={feed.REPORT}, most=5):
            told_at[:] = [found]
            told[found.key] = found.version

    told_at: list[feed.Cursor] = []

    def writers() -> None:
        try:
            at_once(*(partial(write, part) for part in (1, 2)))  # type: ignore[arg-type]
        finally:
            done.set()

    at_once(writers, partial(keep_on, daily_totals.refresh), partial(keep_on, read))  # type: ignore[arg-type]
    daily_totals.refresh_all()
    for _ in range(10):
        read()
    assert told == {str(row.report_id): row.version for row in ReportVersion.objects.all()}
    assert len(told) == DailyReport.objects.count() == 16
