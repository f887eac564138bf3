"""The people every test knows, where they stand, and what they owe.

    350500 泉州市                city_officer, leader, province, auditor
      350582 晋江市 (county_a)   county_officer_a
          plant_a  甲 owes MASK_SURG and MASK_CIVIL   reporter_a; liaison is attached to it
          plant_c  丙 owes ALC_75, licensed           nobody reports for it
      350583 南安市 (county_b)   county_officer_b
          plant_b  乙 owes MASK_SURG and SUIT_STERILE reporter_b
    admin is the administrator, department belongs to 交通局, stranger holds no post.

Everything is known since 1 January 2020; duties begin on 1 February 2020 and stay open. Use it as the fixture `cast`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from enterprises.choices import Role
from enterprises.models import (
    Account,
    Attachment,
    Division,
    DivisionFact,
    Enterprise,
    EnterpriseFact,
    Organisation,
    Placement,
    Post,
)
from supplies.models import ReportingDuty
from tests.factories.enterprises import LONG_AGO, credit_code
from tests.factories.supplies import licence

CITY, COUNTY_A, COUNTY_B = "350500", "350582", "350583"
DUTY_FROM = dt.date(2020, 2, 1)
PRODUCTS = ("MASK_SURG", "MASK_CIVIL", "SUIT_STERILE", "ALC_75")


@dataclass(frozen=True)
class Cast:
    """Accounts by what they are, plants, and codes of divisions."""

    admin: Account
    city_officer: Account
    county_officer_a: Account
    county_officer_b: Account
    leader: Account
    province: Account
    auditor: Account
    department: Account
    liaison: Account
    reporter_a: Account
    reporter_b: Account
    stranger: Account
    plant_a: Enterprise
    plant_b: Enterprise
    plant_c: Enterprise
    city: str = CITY
    county_a: str = COUNTY_A
    county_b: str = COUNTY_B

    def people(self) -> dict[str, Account]:
        """Every account by name, for tables of who may do what."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Account)}


@pytest.fixture
def cast(db: None) -> Cast:
    return make()


def make() -> Cast:
    """Lay the cast; about twenty statements."""
    Division.objects.bulk_create(
        [
            Division(code=CITY, level="city"),
            Division(code=COUNTY_A, level="county", is_reporting=True),
            Division(code=COUNTY_B, level="county", is_reporting=True),
        ]
    )
    names = {CITY: "泉州市", COUNTY_A: "晋江市", COUNTY_B: "南安市"}
    DivisionFact.objects.bulk_create(
        [
            DivisionFact(division_id=code, name=name, parent_id=None if code == CITY else CITY, known_at=LONG_AGO)
            for code, name in names.items()
        ]
    )
    plants = _plants()
    office = Organisation.objects.create(code="JTJ", name="交通局", kind="department", division_id=CITY)
    people = _people(plants, office)
    return Cast(**people, **plants)


def _plants() -> dict[str, Enterprise]:
    said = {
        "plant_a": ("晋江甲口罩有限公司", "jinjiangjiakouzhaoyouxiangongsi", "jjjkzyxgs", COUNTY_A),
        "plant_b": ("南安乙防护用品有限公司", "nananyifanghuyongpinyouxiangongsi", "nayfhypyxgs", COUNTY_B),
        "plant_c": ("晋江丙消毒用品有限公司", "jinjiangbingxiaoduyongpinyouxiangongsi", "jjbxdypyxgs", COUNTY_A),
    }
    plants = {
        key: Enterprise(uscc=credit_code(900 + at), name=name, sort_key=sound, initials=initials)
        for at, (key, (name, sound, initials, _)) in enumerate(said.items())
    }
    Enterprise.objects.bulk_create(plants.values())
    EnterpriseFact.objects.bulk_create(
        [EnterpriseFact(enterprise=plant, name=plant.name, known_at=LONG_AGO) for plant in plants.values()]
    )
    Placement.objects.bulk_create(
        [Placement(enterprise=plants[key], division_id=said[key][3], known_at=LONG_AGO) for key in said]
    )
    owed = {
        "plant_a": ("MASK_SURG", "MASK_CIVIL"),
        "plant_b": ("MASK_SURG", "SUIT_STERILE"),
        "plant_c": ("ALC_75",),
    }
    ReportingDuty.objects.bulk_create(
        [
            ReportingDuty(enterprise=plants[key], product_id=product, starts_on=DUTY_FROM, known_at=LONG_AGO)
            for key, products in owed.items()
            for product in products
        ]
    )
    licence(plants["plant_c"], "ALC_75", kind="卫生许可证", number="(闽)卫消证字(2019)第0001号")
    return plants


def _people(plants: dict[str, Enterprise], office: Organisation) -> dict[str, Account]:
    posts: dict[str, dict[str, Any]] = {
        "admin": {"role": Role.ADMIN},
        "city_officer": {"role": Role.CITY, "division_id": CITY},
        "county_officer_a": {"role": Role.COUNTY, "division_id": COUNTY_A},
        "county_officer_b": {"role": Role.COUNTY, "division_id": COUNTY_B},
        "leader": {"role": Role.LEADER, "division_id": CITY},
        "province": {"role": Role.PROVINCE, "division_id": CITY},
        "auditor": {"role": Role.AUDITOR, "division_id": CITY},
        "department": {"role": Role.DEPARTMENT, "organisation": office},
        "liaison": {"role": Role.LIAISON},
        "reporter_a": {"role": Role.ENTERPRISE, "enterprise": plants["plant_a"]},
        "reporter_b": {"role": Role.ENTERPRISE, "enterprise": plants["plant_b"]},
    }
    people = {name: Account(username=name, display_name=name, password="!") for name in (*posts, "stranger")}
    Account.objects.bulk_create(people.values())
    Post.objects.bulk_create([Post(account=people[name], known_at=LONG_AGO, **post) for name, post in posts.items()])
    Attachment.objects.create(account=people["liaison"], enterprise=plants["plant_a"], known_at=LONG_AGO)
    return people
