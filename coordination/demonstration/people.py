"""Organisations and accounts of the demonstration city: one to try per role, clerks, and the 29 liaison officers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password

from coordination.rules.demonstration import names
from coordination.rules.demonstration.calendar import Calendar
from coordination.rules.demonstration.makers import MOVE, MOVED_TO, Maker, part
from enterprises.accounts import DEMONSTRATION_WORD
from enterprises.choices import OrganisationKind, Role
from enterprises.models import Account, Attachment, Organisation, Post

COUNTY = "350582"
VISITORS: dict[str, tuple[str, str, str | None]] = {
    "city": (Role.CITY, "林志明", "350500"),
    "county": (Role.COUNTY, "陈丽华", COUNTY),
    "enterprise": (Role.ENTERPRISE, "王晓燕", None),
    "liaison": (Role.LIAISON, "张文斌", None),
    "department": (Role.DEPARTMENT, "吴国强", None),
    "leader": (Role.LEADER, "郑建国", "350500"),
    "province": (Role.PROVINCE, "许雅婷", "350000"),
    "auditor": (Role.AUDITOR, "庄美玲", "350500"),
    "admin": (Role.ADMIN, "洪振东", None),
}
"""Accounts with the published password: role, name, division."""

DEPARTMENTS = {
    "transport": "交通运输局", "police": "公安局", "market": "市场监督管理局", "finance": "财政局",
    "labour": "人力资源和社会保障局",
    "health": "卫生健康委员会", "reform": "发展和改革委员会", "ecology": "生态环境局",
    "commerce": "商务局", "emergency": "应急管理局",
}  # fmt: skip
OFFICERS: dict[str, int] = {
    "350582": 6, "350581": 4, "350583": 4, "350521": 3, "350502": 2, "350503": 2, "3505K1": 2, "350504": 1, "350505": 1,
    "350524": 1, "350525": 1, "350526": 1, "3505K2": 1,
}  # fmt: skip
"""How many of the 29 liaison officers are attached to each unit; `liaison` is the first of them."""


@dataclass(frozen=True)
class Accounts:
    """Who files: the clerk of each enterprise, and its liaison officer on the story day, by number."""

    clerks: dict[int, Account]
    officers: dict[str, list[Account]]

    def officer(self, maker: Maker, day: int) -> Account:
        unit = MOVED_TO if maker.part == "moved" and day >= MOVE else maker.division
        return _turn(self.officers[unit], maker)


def clerk_name(maker: Maker) -> str:
    """Who files for the enterprise."""
    return VISITORS["enterprise"][1] if maker.part == "clerk" else names.person(maker.number)


def usernames() -> list[str]:
    """Names of the accounts that a visitor may take."""
    return list(VISITORS)


def lay(calendar: Calendar, makers: Sequence[Maker], keys: dict[int, int]) -> Accounts:
    """Organisations, accounts, posts and attachments. One hash serves all visitors: the password is no secret."""
    departments = Organisation.objects.bulk_create(
        Organisation(code=code, name=f"泉州市{name}", kind=OrganisationKind.DEPARTMENT, division_id="350500")
        for code, name in DEPARTMENTS.items()
    )
    own_clerk = part("clerk").number
    hashed, rows = make_password(DEMONSTRATION_WORD), {}
    for at, (username, (_, name, _)) in enumerate(VISITORS.items()):
        rows[username] = Account(
            username=username, display_name=name, phone=names.phone(600 + at), password=hashed, is_demonstration=True
        )
    for number in range(2, sum(OFFICERS.values()) + 1):
        rows[f"liaison{number:02}"] = _closed(f"liaison{number:02}", names.person(300 + number), 300 + number)
    for maker in makers:
        if maker.number != own_clerk:
            rows[f"clerk{maker.number:03}"] = _closed(f"clerk{maker.number:03}", clerk_name(maker), maker.number)
    units = {code: _closed(f"unit_{code}", names.person(400 + n), 400 + n) for n, code in enumerate(DEPARTMENTS) if n}
    head = _closed("lead_transport", names.person(420), 420)
    Account.objects.bulk_create([*rows.values(), *units.values(), head])
    clerks = {maker.number: rows.get(f"clerk{maker.number:03}", rows["enterprise"]) for maker in makers}
    accounts = Accounts(clerks, _by_unit(rows))
    Post.objects.bulk_create(_posts(calendar, rows, accounts, keys, departments[0]))
    by_code, known = {unit.code: unit for unit in departments}, calendar.dawn(-1)
    heads = units | {"transport": head}
    Post.objects.bulk_create(
        Post(account=account, role=Role.DEPARTMENT, organisation=by_code[code], is_lead=True, known_at=known)
        for code, account in heads.items()
    )
    Attachment.objects.bulk_create(_attachments(calendar, makers, accounts, keys))
    return accounts


def _closed(username: str, name: str, number: int) -> Account:
    """An account nobody can sign in with."""
    return Account(
        username=username, display_name=name, phone=names.phone(number), password=make_password(None),
        is_demonstration=True,
    )  # fmt: skip


def _by_unit(rows: dict[str, Account]) -> dict[str, list[Account]]:
    line = iter([account for name, account in rows.items() if name.startswith("liaison")])
    found: dict[str, list[Account]] = {}
    for unit, count in OFFICERS.items():
        found[unit] = [next(line) for _ in range(count)]
    return found


def _posts(
    calendar: Calendar, rows: dict[str, Account], accounts: Accounts, keys: dict[int, int], transport: Organisation
) -> list[Post]:
    """One post per visitor in the order of the sign-in page, then the clerks' and the officers'."""
    known: dict[str, Any] = {"known_at": calendar.dawn(-1)}
    own = part("clerk").number
    posts = []
    for username, (role, _, division) in VISITORS.items():
        scope: dict[str, Any] = {"division_id": division}
        if role == Role.ENTERPRISE:
            scope = {"enterprise_id": keys[own]}
        elif role == Role.DEPARTMENT:
            scope = {"organisation": transport}
        posts.append(Post(account=rows[username], role=role, **scope, **known))
    for number, account in accounts.clerks.items():
        if number != own:
            posts.append(Post(account=account, role=Role.ENTERPRISE, enterprise_id=keys[number], **known))
    for officer in (one for unit in accounts.officers.values() for one in unit):
        if officer.username not in VISITORS:
            posts.append(Post(account=officer, role=Role.LIAISON, **known))
    return posts


def _attachments(
    calendar: Calendar, makers: Sequence[Maker], accounts: Accounts, keys: dict[int, int]
) -> list[Attachment]:
    """Every officer to his unit, every enterprise to one officer there; `liaison` to single enterprises only."""
    found = [
        Attachment(account=officer, division_id=unit, known_at=calendar.dawn(-1))
        for unit, officers in accounts.officers.items()
        for officer in officers
        if officer.username not in VISITORS
    ]
    for maker in makers:
        learnt, first = calendar.dawn(maker.joins), calendar.day(maker.joins)
        key = {"enterprise_id": keys[maker.number], "account": accounts.officer(maker, 0), "starts_on": first}
        if maker.part != "moved":
            found.append(Attachment(**key, known_at=learnt))
            continue
        moved = calendar.dawn(MOVE)
        found.append(Attachment(**key, known_at=learnt, known_until=moved))
        found.append(Attachment(**key, ends_on=calendar.day(MOVE - 1), known_at=moved))
        key |= {"account": accounts.officer(maker, MOVE), "starts_on": calendar.day(MOVE)}
        found.append(Attachment(**key, known_at=moved))
    return found


def _turn(officers: list[Account], maker: Maker) -> Account:
    """The officers of a unit take its enterprises in turn; the visitor's is the first one's."""
    return officers[0 if maker.part == "clerk" else maker.number % len(officers)]
