"""The command that lays the demonstration city: repeatable, movable in time, and refused where it has no place."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from coordination import demonstration
from enterprises.errors import Refused
from enterprises.models import Account, Enterprise, Post
from supplies.models import DailyReport, DailyTotal, Revision
from supplies.models.daily_total import COUNTS, SUMS

pytestmark = pytest.mark.django_db
OWN = dt.date(2020, 3, 27)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+08:00")


def digest(first: dt.date) -> str:
    """All figures and moments, counted from the first day, and the totals."""
    said: list[Any] = []
    rows = Revision.objects.order_by("report__day", "report__enterprise__uscc", "number", "lines__product")
    columns = ("report__day", "report__enterprise__uscc", "number", "received_at", "state", "note", "staff_due")
    figures = ("lines__product", "lines__capacity", "lines__output", "lines__stock", "lines__shipped", "lines__used")
    midnight = dt.datetime.combine(first, dt.time(), dt.timezone(dt.timedelta(hours=8)))
    for day, code, number, received, *rest in rows.values_list(*columns, *figures):
        said.append([(day - first).days, code, number, (received - midnight).total_seconds(), *rest])
    totals = DailyTotal.objects.order_by("day", "division", "grain", "key", "unit", "licensed")
    for day, *rest in totals.values_list("day", "division", "grain", "key", "unit", "licensed", *SUMS, *COUNTS):
        said.append([(day - first).days, *rest])
    assert len(said) > 10_000
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def laid_and_taken_back(ends_on: dt.date) -> str:
    """The digest of a city that is gone again."""
    started = time.monotonic()
    with transaction.atomic():
        demonstration.lay(ends_on=ends_on)
        print(f"laid in {time.monotonic() - started:.1f} s")
        found = digest(ends_on - dt.timedelta(days=53))
        transaction.set_rollback(True)
    return found


def test_same_arguments_and_another_date_give_the_same_figures() -> None:
    own = laid_and_taken_back(OWN)
    assert laid_and_taken_back(OWN) == own
    assert laid_and_taken_back(dt.date(2021, 5, 1)) == own


@pytest.mark.parametrize(
    "now, late",
    [("2020-03-28T00:01:00", 0), ("2020-03-28T09:30:00", 0), ("2020-03-28T17:59:59", 0), ("2020-03-28T20:15:00", 5)],
)
def test_three_in_five_have_reported_on_the_living_day(now: str, late: int) -> None:
    call_command("seed_demo", "--ends-on", "2020-03-27", "--now", f"{now}+08:00")
    today = DailyReport.objects.filter(day=dt.date(2020, 3, 28))
    assert today.count() == 62
    assert today.filter(first_received_at__gte=at("2020-03-28T18:00:00")).count() == late
    assert not Revision.objects.filter(received_at__gte=at(now)).exists()
    assert not today.filter(first_received_at__lt=at("2020-03-28T00:00:00")).exists()
    own = Post.objects.get(account__username="enterprise").enterprise
    assert not today.filter(enterprise=own).exists()
    assert own.duties.believed().on(dt.date(2020, 3, 28)).count() == 2
    row = DailyTotal.objects.filter(day=dt.date(2020, 3, 28), grain="all")
    assert sum(row.values_list("expected", flat=True)) == 104
    assert sum(row.values_list("reported", flat=True)) == 62


def test_the_living_day_takes_nothing_from_the_story() -> None:
    call_command("seed_demo", "--ends-on", "2020-03-27", "--now", "2020-03-28T15:00:00+08:00")
    masks = DailyTotal.objects.filter(grain="category", key="mask", licensed=False, day__lte=OWN)
    assert sum(masks.filter(day=OWN).values_list("capacity", flat=True)) == 8_650_000_000
    assert sum(v or 0 for row in masks.values_list("output", "opening") for v in row) == 180_000_000_000
    assert DailyReport.objects.filter(day__lte=OWN, head__number__gte=F("head__number")).count() > 2900


def test_by_default_the_story_ended_yesterday(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", "--now", "2021-06-05T10:00:00+08:00")
    assert "截至 2021-06-04，今天 2021-06-05 进行中" in capsys.readouterr().out


def test_refuses_outside_demonstration_mode(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="演示模式"):
        call_command("seed_demo")
    assert not Account.objects.exists()
    assert not demonstration.is_wanted()


def test_refuses_a_database_that_holds_enterprises_or_the_names_of_accounts() -> None:
    with transaction.atomic():
        Account.objects.create(username="admin")
        with pytest.raises(CommandError, match="账号 admin 已经存在"):
            call_command("seed_demo")
        transaction.set_rollback(True)
    Enterprise.objects.create(uscc="91999902MA0000015K", name="在册企业")
    with pytest.raises(CommandError, match="库中已有企业"):
        call_command("seed_demo")
    call_command("seed_demo", "--if-empty")
    assert Enterprise.objects.count() == 1


@pytest.mark.parametrize(
    "arguments, code",
    [
        ({"ends_on": dt.date(2020, 3, 28), "now": at("2020-03-28T12:00:00")}, "story_unfinished"),
        ({"now": at("9000-01-01T00:00:00")}, "moment_future"),
    ],
)
def test_refuses_a_story_that_is_not_over(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        demonstration.lay(**arguments)
    assert refused.value.code == code


@pytest.mark.parametrize("arguments", [["--ends-on", "27.3.2020"], ["--now", "2020-03-28T12:00:00"], ["--now", "soon"]])
def test_refuses_dates_that_cannot_be_read(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("seed_demo", *arguments)
