"""A small city for reports: two counties, three plants, everyone who may file, and everyone who may not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from enterprises.choices import Role
from enterprises.models import Account, Enterprise
from supplies import daily_reports, products
from supplies.choices import Channel
from supplies.models import Product
from supplies.rules.figures import Figures, ProductFigures
from supplies.rules.quantities import attempt, read_text
from tests.factories import enterprises as ground
from tests.factories import supplies

DAY = dt.date(2020, 3, 27)
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
CITY, COUNTY, OTHER_COUNTY = "999900", "999901", "999902"
MASK, SUIT, FABRIC, ALCOHOL = "MASK_SURG", "SUIT_STERILE", "MAT_SB", "ALC_75"


@dataclass
class City:
    """Plants a and b stand in one county, c in the other; a owes masks and fabric, b suits, c its state only."""

    a: Enterprise
    b: Enterprise
    c: Enterprise
    people: dict[str, Account] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Account:
        return self.people[name]


def settle() -> City:
    """Put the city into the database."""
    if not Product.objects.exists():
        products.load_catalogue()
    ground.division(CITY, name="某市", level="city")
    ground.division(COUNTY, name="甲县", parent=CITY)
    ground.division(OTHER_COUNTY, name="乙县", parent=CITY)
    city = City(
        a=ground.enterprise(division=COUNTY, name="甲一卫材"),
        b=ground.enterprise(division=COUNTY, name="甲二防护"),
        c=ground.enterprise(division=OTHER_COUNTY, name="乙三筹建"),
    )
    for enterprise, code in ((city.a, MASK), (city.a, FABRIC), (city.b, SUIT), (city.c, None)):
        supplies.duty(enterprise, code)
    scopes: dict[str, tuple[str | None, dict[str, Any]]] = {
        "admin": (Role.ADMIN, {}),
        "city": (Role.CITY, {"division": CITY}),
        "county": (Role.COUNTY, {"division": COUNTY}),
        "other_county": (Role.COUNTY, {"division": OTHER_COUNTY}),
        "leader": (Role.LEADER, {"division": CITY}),
        "auditor": (Role.AUDITOR, {"division": CITY}),
        "province": (Role.PROVINCE, {"division": CITY}),
        "liaison": (Role.LIAISON, {"enterprise": city.a}),
        "clerk": (Role.ENTERPRISE, {"enterprise": city.a}),
        "colleague": (Role.ENTERPRISE, {"enterprise": city.a}),
        "clerk_b": (Role.ENTERPRISE, {"enterprise": city.b}),
        "clerk_c": (Role.ENTERPRISE, {"enterprise": city.c}),
        "stranger": (None, {}),
    }
    city.people = {name: ground.account(name, role, **scope) for name, (role, scope) in scopes.items()}
    return city


def at(day: dt.date, hour: int, minute: int = 0, second: int = 0, microsecond: int = 0) -> dt.datetime:
    """A moment of a day in Asia/Shanghai."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, second, microsecond, SHANGHAI)


def line(product: str, unit: str = "", **figures: str) -> ProductFigures:
    """What was typed about a product: line(MASK, capacity="48万")."""
    return ProductFigures(product, {m: attempt(read_text, text) for m, text in figures.items()}, unit)


def figures(capacity: str = "48万", output: str = "46.5万", stock: str = "12.5吨", **said: Any) -> Figures:
    """The report that plant a owes."""
    lines = (line(MASK, capacity=capacity, output=output), line(FABRIC, stock=stock))
    return Figures(**{"lines": lines} | said)


def file(city: City, **changes: Any) -> daily_reports.Outcome:
    """Plant a's clerk files at noon; every part may be changed."""
    said: dict[str, Any] = {
        "actor": city["clerk"],
        "enterprise": city.a,
        "day": DAY,
        "form": figures(),
        "channel": Channel.WEB,
        "received_at": at(changes.get("day", DAY), 12),
    }
    return daily_reports.submit(**said | changes)
