"""A small city, its clock at noon two days after the day that is corrected, and files of corrections."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.supplies.daily_reports.plants import DAY, FABRIC, MASK, City, at, settle

CORRECTIONS = "/supplies/corrections/"
HEAD = "日期,统一社会信用代码,生产状态,产品,日产能,当日产量,库存,单位,确认说明,更正理由,来电人\n"
NOW = DAY + dt.timedelta(days=2)


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(NOW, 12), tick=False) as clock:
        yield clock


def rows(
    city: City, output: str = "40万", day: dt.date = DAY, reason: str = "台账更正", caller: str = "张三", note: str = ""
) -> str:
    """The rows of plant a's report."""
    return (
        f"{day},{city.a.uscc},正常生产,{MASK},48万,{output},,只,{note},{reason},{caller}\n"
        f"{day},{city.a.uscc},,{FABRIC},,,12.5,吨,{note},,\n"
    )


@dataclass
class Office:
    """An officer's browser."""

    client: Client

    def send(self, text: str, **once: str) -> Any:
        """Send a file and see the look at it."""
        sent = SimpleUploadedFile("更正.csv", (HEAD + text).encode())
        return self.client.post(CORRECTIONS, {"file": sent, **once}, follow=True)

    def take(self, look: Any, **more: str) -> Any:
        """Press the button of a look, with what it showed."""
        number = look.context["upload"].pk
        return self.client.post(f"{CORRECTIONS}uploads/{number}/take/", {"seen": seen(look), **more}, follow=True)


def seen(look: Any) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', look.content.decode())
    return unescape(found[1]) if found is not None else look.context["seen"]


def browser(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def county(city: City) -> Office:
    return Office(browser(city, "county"))


def kinds(look: Any) -> list[str]:
    return [one.kind for one in look.context["preview"].reports]
