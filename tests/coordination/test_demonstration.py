"""The demonstration city on its own dates: the published figures, and life as it is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import F, Q
from stdnum.cn import uscc

from coordination import demonstration
from coordination.demonstration import people
from enterprises.models import (
    Account,
    Attachment,
    AuditEntry,
    Certificate,
    Division,
    DivisionFact,
    Enterprise,
    LineFact,
    Membership,
    Placement,
    Post,
    StaleMark,
)
from supplies import daily_totals, day_state
from supplies.models import DailyReport, Exemption, PoolMember, ReportingDuty, ReportLine, Revision

pytestmark = pytest.mark.django_db
FIRST, MIDDLE, LAST = dt.date(2020, 2, 3), dt.date(2020, 3, 3), dt.date(2020, 3, 27)
SUITS = ("SUIT_STERILE", "SUIT_NONST")


@pytest.fixture(scope="module", autouse=True)
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[demonstration.Laid]:
    """The city, laid once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield demonstration.lay(ends_on=LAST)
        transaction.set_rollback(True)


def moment(day: dt.date, hour: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), dt.timezone(dt.timedelta(hours=8)))


def masks(row: dict[str, Any]) -> bool:
    return row["grain"] == "product" and row["key"].startswith("MASK_") and not row["licensed"]


def suits(row: dict[str, Any]) -> bool:
    return row["grain"] == "product" and row["key"] in SUITS and not row["licensed"]


def capacity(day: dt.date, what: Any, at: dt.datetime | None = None) -> float:
    return sum(row["capacity"] or 0 for row in day_state.totals(day, at) if what(row)) / 1000


def statuses(day: dt.date) -> Counter[str]:
    """How each expected enterprise stands on the day, its best class (R12)."""
    order = ("reported", "carried", "stale", "never")
    best: dict[int, str] = {}
    for pair in day_state.pairs(day):
        if pair.owed:
            best[pair.enterprise_id] = min(best.get(pair.enterprise_id, "never"), pair.kind, key=order.index)
    return Counter(best.values())


@pytest.mark.parametrize(
    "day, what, units",
    [
        (FIRST, masks, 50_000),
        (FIRST, suits, 0),
        (MIDDLE, masks, 5_000_000),
        (MIDDLE, suits, 15_000),
        (LAST, masks, 8_650_000),
        (LAST, suits, 30_000),
    ],
)
def test_capacity_is_the_published_one(day: dt.date, what: Any, units: int) -> None:
    """R8, R10: carried capacity included; summed over products as well as over the category."""
    assert capacity(day, what) == units
    if what is masks:
        by_category = [r for r in day_state.totals(day) if r["grain"] == "category" and r["key"] == "mask"]
        assert sum(r["capacity"] for r in by_category if not r["licensed"]) == units * 1000


def test_suits_are_all_there_is_of_their_category() -> None:
    """So that whoever asks for the category reads the same published figure as for the two products."""
    assert {
        p.product_id for p in day_state.pairs(LAST) if str(p.product_id).startswith(("SUIT", "GOWN", "CAP"))
    } == set(SUITS)
    rows = [r for r in day_state.totals(LAST) if r["key"] == "clothing" and not r["licensed"]]
    assert sum(r["capacity"] or 0 for r in rows if r["grain"] == "category") == 30_000_000


def test_some_of_the_published_capacity_is_carried() -> None:
    carried = [p for p in day_state.pairs(LAST) if p.kind == "carried" and str(p.product_id).startswith("MASK_")]
    assert carried
    assert {(LAST - p.source_day).days for p in carried if p.source_day} <= {1, 2, 3}


def test_cumulative_output_is_the_published_one() -> None:
    """R9, R11: openings and outputs, from revisions and facts alone."""
    made = Counter()
    for offset in range(54):
        for row in day_state.totals(FIRST + dt.timedelta(days=offset)):
            for name, what in (("masks", masks), ("suits", suits)):
                if what(row):
                    made[name] += (row["output"] or 0) + (row["opening"] or 0)
    assert made == {"masks": 180_000_000_000, "suits": 508_000_000}


def test_coverage_of_the_last_day_adds_up_to_104() -> None:
    """R12: all of them expected, none exempted, most have reported."""
    assert statuses(LAST) == {"reported": 97, "carried": 4, "stale": 1, "never": 2}
    assert not [p for p in day_state.pairs(LAST) if p.kind == "exempted"]
    late = {p.enterprise_id for p in day_state.pairs(LAST) if p.kind == "reported" and not p.on_time}
    assert len(late) == 6
    assert Membership.objects.believed().on(LAST).filter(list="key").values("enterprise").distinct().count() == 30


def test_one_enterprise_reports_on_the_first_day() -> None:
    assert statuses(FIRST) == {"reported": 1}
    assert ReportingDuty.objects.believed().on(FIRST).values("enterprise").distinct().count() == 1


def test_stored_totals_are_those_of_the_kernel() -> None:
    """R23, on the published days and some between; nothing waits to be summed."""
    for offset in (0, 17, 29, 36, 44, 53):
        assert list(daily_totals.differences(FIRST + dt.timedelta(days=offset))) == []
    assert list(daily_totals.head_differences()) == []
    assert not StaleMark.objects.exists()


def test_the_middle_day_was_known_that_evening() -> None:
    """R14: facts and reports are known from the story's own moments on."""
    assert capacity(MIDDLE, masks, moment(MIDDLE, 23)) == 5_000_000
    at_noon = [p for p in day_state.pairs(MIDDLE, moment(MIDDLE, 12)) if p.kind == "reported"]
    in_the_evening = [p for p in day_state.pairs(MIDDLE, moment(MIDDLE, 23)) if p.kind == "reported"]
    assert 0 < len(at_noon) < len(in_the_evening) / 2
    assert day_state.totals(FIRST, moment(FIRST - dt.timedelta(days=9))) == []


@pytest.mark.parametrize(
    "rated, machines, products",
    [
        ([120_000] * 4, 480_000, {"MASK_SURG"}),
        ([160_000] * 5, 800_000, {"MASK_DISP", "MASK_SURG"}),
        ([150_000] * 2, 300_000, {"MASK_CIVIL"}),
        ([200_000] * 3, 600_000, {"MASK_SURG", "MASK_CIVIL"}),
    ],
)
def test_published_enterprises_have_their_machines(rated: list[int], machines: int, products: set[str]) -> None:
    found = []
    for enterprise in Enterprise.objects.prefetch_related("lines__line_products"):
        made = [p for line in enterprise.lines.all() for p in line.line_products.all()]
        if [p.rated_capacity // 1000 for p in made] == rated and {p.product_id for p in made} == products:
            found.append(enterprise)
    assert len(found) == 1
    said = ReportLine.objects.filter(enterprise=found[0], capacity__gt=0, revision__report__head=F("revision"))
    assert sum(line.capacity or 0 for line in said.filter(day=LAST)) == machines * 1000
    if products == {"MASK_CIVIL"}:
        assert found[0].duties.get(product="MASK_CIVIL").starts_on == dt.date(2020, 2, 21)
        assert said.order_by("day")[0].capacity == machines * 1000


def test_the_clean_workshop_made_1680_suits_on_day_50() -> None:
    line = ReportLine.objects.get(product="SUIT_STERILE", day=dt.date(2020, 3, 24), output=1_680_000)
    assert line.revision.report.head_id == line.revision_id
    assert line.capacity is not None
    assert line.capacity >= 1_680_000


def test_capacity_and_utilisation_take_a_believable_course() -> None:
    before = 0
    for offset in range(2, 54, 3):
        rows = [r for r in day_state.totals(FIRST + dt.timedelta(days=offset)) if masks(r)]
        now = sum(r["capacity"] or 0 for r in rows)
        assert now >= before * 0.97
        before = now
        if offset >= 25:
            share = sum(r["utilisation_output"] or 0 for r in rows) / sum(r["utilisation_capacity"] or 0 for r in rows)
            assert 0.72 < share < 0.92


def test_thirteen_units_report_and_one_county_does_not() -> None:
    tree = DivisionFact.objects.tree(LAST)
    assert len(tree.leaves("350500")) == 13
    assert tree["350527"].parent == "350500"
    assert not tree["350527"].is_reporting
    assert {Division.objects.get(code=c).level for c in ("3505K1", "3505K2")} == {"zone"}
    assert [node.code for node in tree.path("3505K2")] == ["3505K2", "350500", "350000"]
    assert Placement.objects.believed().on(LAST).count() == 104
    assert Placement.objects.believed().on(LAST).values("division").distinct().count() == 13


def test_codes_are_right_and_nobodys() -> None:
    codes = list(Enterprise.objects.values_list("uscc", flat=True))
    assert len(set(codes)) == 104
    assert all(uscc.is_valid(code) and code[2:6] == "9999" for code in codes)
    assert Enterprise.objects.values("name").distinct().count() == 104
    assert all(e.sort_key and e.initials for e in Enterprise.objects.all())


def test_life_is_in_it() -> None:
    revisions = Revision.objects.all()
    assert revisions.filter(number=2, received_at__date__gt=F("report__day")).exists()
    assert revisions.filter(channel="on_behalf").exclude(caller="").exclude(behalf_reason="").count() > 3
    assert revisions.filter(state="halted").values("report__enterprise").distinct().count() == 1
    above = ReportLine.objects.filter(output__gt=F("capacity"))
    assert above.exists()
    assert not above.filter(revision__note="").exists()
    assert DailyReport.objects.filter(first_received_at__date__gt=F("day")).exists()
    assert Exemption.objects.count() == 1
    assert Placement.objects.believed().exclude(ends_on=None).count() == 1
    assert PoolMember.objects.values("enterprise", "pool").distinct().count() == 2
    certificates = Certificate.objects.believed()
    assert certificates.filter(status="pending").exists()
    assert certificates.filter(status="valid", valid_to__lt=LAST).exists()
    assert certificates.filter(status="valid", valid_to__gte=LAST).values("enterprise").distinct().count() > 52
    assert set(LineFact.objects.values_list("state", flat=True)) == {
        "planned",
        "installing",
        "trial",
        "running",
        "halted",
    }
    week = ReportingDuty.objects.filter(starts_on__lt=dt.date(2020, 3, 11)).exclude(
        enterprise__in=DailyReport.objects.filter(day__range=(dt.date(2020, 3, 12), dt.date(2020, 3, 18))).values(
            "enterprise"
        )
    )
    assert week.exists()


def test_every_moment_lies_in_the_story() -> None:
    end = moment(LAST + dt.timedelta(days=1))
    assert not Revision.objects.filter(Q(received_at__gte=end) | ~Q(recorded_at=F("received_at"))).exists()
    assert not DailyReport.objects.filter(Q(head=None) | Q(first_received_at__lt=moment(FIRST))).exists()
    assert not ReportingDuty.objects.filter(known_at__gte=end).exists()
    assert AuditEntry.objects.filter(act="demonstration.lay").count() == 1


def test_stock_is_yesterdays_with_output_less_shipped() -> None:
    lines = ReportLine.objects.filter(revision__report__head=F("revision"), output__isnull=False)
    stock = {(line.enterprise_id, line.product_id, line.day): line for line in lines}
    checked = 0
    for (enterprise, product, day), line in stock.items():
        before = stock.get((enterprise, product, day - dt.timedelta(days=1)))
        if before is not None:
            assert line.stock == before.stock + line.output - line.shipped
            checked += 1
    assert checked > 3000


def test_there_is_an_account_for_every_role() -> None:
    visitors = Account.objects.filter(username__in=people.usernames())
    assert visitors.count() == 9
    assert all(check_password("baogong-demo", account.password) for account in visitors[:1])
    assert len({account.password for account in visitors}) == 1
    assert not Account.objects.filter(is_demonstration=False).exists()
    assert not any(a.has_usable_password() for a in Account.objects.exclude(username__in=people.usernames()))
    posts = Post.objects.believed().filter(account__in=visitors)
    assert sorted(posts.values_list("role", flat=True)) == sorted(role for role, _, _ in people.VISITORS.values())
    own = posts.get(role="enterprise").enterprise
    assert own is not None
    assert own.placements.get().division_id == "350582"
    assert ReportLine.objects.filter(enterprise=own, day=LAST).values("product").distinct().count() == 2
    assert posts.get(role="department").organisation.name == "泉州市交通运输局"


def test_29_officers_are_attached_to_the_13_units_and_every_enterprise_to_one() -> None:
    attached = Attachment.objects.believed().on(LAST)
    assert attached.values("account").distinct().count() == 29
    assert attached.exclude(division=None).values("division").distinct().count() == 13
    assert sorted(attached.exclude(enterprise=None).values_list("enterprise", flat=True)) == sorted(
        Enterprise.objects.values_list("pk", flat=True)
    )
    mine = attached.filter(account__username="liaison")
    assert mine.filter(enterprise__in=Post.objects.filter(account__username="enterprise").values("enterprise")).exists()
    assert not mine.exclude(division=None).exists()
