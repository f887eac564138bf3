"""Tables of totals: what a question means, cell by cell (details of the totals; R8, R9, R12, R12a, R14, R17, R18, R22)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from enterprises.choices import Role
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import Account, Post, StaleMark
from supplies import total_cells, total_tables
from supplies.models.daily_total import COUNTS
from supplies.rules.selection import Selection
from supplies.total_tables import table
from tests.supplies.histories import LENGTH, START, Builder, moment
from tests.supplies.test_total_cells import LAST, SPLIT, drained, plain, split_city

pytestmark = pytest.mark.django_db

FIRST, END = START + dt.timedelta(days=3), START + dt.timedelta(days=9)


def account(name: str, role: str, division: str | None = "T") -> Account:
    holder = Account.objects.create(username=name)
    Post.objects.create(account=holder, role=role, division_id=division, known_at=moment(START, 0))
    return holder


@pytest.fixture
def city(db: None) -> Account:
    return account("city", Role.CITY)


def units(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value) / 1000


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("licensed", [False, True])
def test_one_day_by_division_and_product(seed: int, licensed: bool, city: Account) -> None:
    history, below = Builder(seed).build(), split_city()
    drained()
    want = plain(history, below, "product", licensed, None)
    for day, children in ((FIRST, ("T1", "T2", "T3")), (END, ("T1", "TD"))):
        asked = Selection(day, day, by=frozenset({"division", "product"}), licensed=licensed)
        rows = table(city, asked).rows
        assert {(day, r["division"], r["product"], r["unit"]) for r in rows} == {
            c for c in want if c[0] == day and c[1] in children
        }
        for row in rows:
            cell = want[day, row["division"], row["product"], row["unit"]]
            for name in (
                "capacity",
                "capacity_carried",
                "output",
                "output_cumulative",
                "stock",
                "stock_carried",
                "shipped",
            ):
                assert row[name] == units(cell[name]), name
            assert row["capacity_licensed"] == units(cell["capacity_licensed"])
            assert row["capacity_last_known_of_unreported"] == units(cell["last_known_of_unreported"])
            for name in COUNTS:
                assert row.get(name, cell[name]) == cell[name]
            assert (row["enterprises"], row["stock_enterprises"], row["shipped_enterprises"]) == (
                cell["capacity_given"], cell["stock_given"], cell["shipped_given"],
            )  # fmt: skip
            assert row["shared_capacity"] == cell["shared"]
            assert row["date"] == day.isoformat()
            assert (row["closed"], row["changed_since_close"]) == (False, False)
            assert row["questions_open"] == cell["questions_open"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("at", [None, moment(END, 15)])
def test_a_period_has_levels_of_its_last_day_and_flows_of_all(seed: int, at: dt.datetime | None, city: Account) -> None:
    """R8, R9: counts are enterprise-days, the rate is sum of reported by sum of expected; R12a: so is utilisation."""
    history, below = Builder(seed).build(), split_city()
    drained()
    want = plain(history, below, "product", False, at, END)
    answer = table(city, Selection(FIRST, END, is_span=True, as_of=at))
    assert {r["product"] for r in answer.rows} == {c[2] for c in want if c[1] == "T" and c[0] >= FIRST}
    for row in answer.rows:
        days = [v for c, v in sorted(want.items()) if c[1] == "T" and c[2] == row["product"] and FIRST <= c[0] <= END]
        end = want.get((END, "T", row["product"], row["unit"]))
        assert end is not None
        assert (row["date"], row["from"], row["to"]) == (None, FIRST.isoformat(), END.isoformat())
        for name in (
            "capacity",
            "capacity_carried",
            "capacity_licensed",
            "stock",
            "stock_carried",
            "output_cumulative",
        ):
            assert row[name] == units(end[name]), name
        assert row["enterprises"] == end["capacity_given"]

        def over(name: str, days: list[dict[str, Any]] = days) -> int | None:
            given = [day[name] for day in days if day[name] is not None]
            return sum(given) if given else None

        assert (row["output"], row["shipped"]) == (units(over("output")), units(over("shipped")))
        for name in ("expected", "reported", "on_time", "late", "carried", "stale", "never", "unexpected", "returned"):
            assert row[name] == over(name)
        expected, reported = over("expected") or 0, over("reported") or 0
        assert row["rate"] == (round(Decimal(reported) / expected, 4) if expected else None)
        made, could = over("utilisation_output"), over("utilisation_capacity")
        assert row["utilisation"] == (round(Decimal(made or 0) / could, 4) if could else None)


def test_a_period_by_division_keeps_what_was_made_before_a_unit_went_elsewhere(city: Account) -> None:
    """R15: units that left the city's children have flows and no levels."""
    history, below = Builder(1).build(), split_city()
    drained()
    want = plain(history, below, "product", False, None, END)
    rows = table(city, Selection(FIRST, END, is_span=True, by=frozenset({"division"}))).rows
    assert {r["division"] for r in rows} >= {"TD", "T1"}
    for row in (r for r in rows if r["division"] in ("T2", "T3")):
        days = [v for c, v in want.items() if c[1:3] == (row["division"], row["product"]) and FIRST <= c[0] < SPLIT]
        made = [d["output"] for d in days if d["output"] is not None]
        assert row["output"] == (units(sum(made)) if made else None)
        assert row["capacity"] is None
    for product in ("TA", "TB", "TC"):
        whole = next(r for r in table(city, Selection(FIRST, END, is_span=True)).rows if r["product"] == product)
        assert sum(r["expected"] for r in rows if r["product"] == product) == whole["expected"]
        assert sum(r["output"] or 0 for r in rows if r["product"] == product) == (whole["output"] or 0)


def test_a_category_gives_one_row_per_base_unit(city: Account) -> None:
    """R17: pieces and kilograms are two rows; R17a: a pool counts once in each."""
    history = Builder(2).build()
    drained()
    want = plain(history, {"T": ({"T1", "T2", "T3"}, START)}, "category", False, None)
    rows = table(city, Selection(END, END, category="tcat")).rows
    assert [(r["category"], r["product"], r["unit"]) for r in rows] == [("tcat", None, "千克"), ("tcat", None, "只")]
    for row in rows:
        assert row["capacity"] == units(want[END, "T", "tcat", row["unit"]]["capacity"])
    by_product = table(city, Selection(END, END, category="tcat", by=frozenset({"product"}))).rows
    assert {(r["product"], r["category"]) for r in by_product} == {("TA", "tcat"), ("TB", "tcat"), ("TC", "tcat")}
    chosen = table(city, Selection(END, END, category="tcat", products=("TB",))).rows
    assert [r["product"] for r in chosen] == ["TB"]


def test_rows_by_date_are_one_per_day_with_its_own_names(city: Account) -> None:
    Builder(0).build()
    drained()
    rows = table(city, Selection(START, LAST, is_span=True, products=("TA",), by=frozenset({"date"}))).rows
    days = [r["date"] for r in rows]
    assert days == sorted(set(days))
    assert len(days) > LENGTH // 2
    assert all((r["product_name"], r["division_name"], r["unit"]) == ("产品TA", "T市", "只") for r in rows)
    assert "from" not in rows[0]


def test_an_account_sees_its_own_division_and_no_other(city: Account) -> None:
    """The default is the highest within reach; a foreign division is not found; a role without totals is refused."""
    Builder(0).build()
    drained()
    asked = Selection(END, END)
    county = account("county", Role.COUNTY, "T2")
    assert table(county, asked).query["division"] == "T2"
    assert {r["division"] for r in table(county, asked).rows} <= {"T2"}
    assert table(city, asked).query["division"] == "T"
    assert table(account("admin", Role.ADMIN, None), asked).query["division"] == "T"
    for foreign in ("T", "T1", "nowhere"):
        with pytest.raises(NotFound):
            table(county, Selection(END, END, division=foreign))
    with pytest.raises(Forbidden):
        table(Account.objects.create(username="nobody"), asked)


def test_refuses_what_the_catalogue_does_not_know(city: Account) -> None:
    Builder(0).build()
    for asked, code in (
        (Selection(END, END, products=("TA", "XX")), "unknown_product"),
        (Selection(END, END, category="xx"), "unknown_category"),
        (Selection(START, START + dt.timedelta(days=400), is_span=True, as_of=moment(END, 1)), "span_too_long"),
    ):
        with pytest.raises(Invalid) as refused:
            table(city, asked)
        assert refused.value.code == code


def test_refuses_more_cells_than_one_answer_holds_and_names_the_filter(
    city: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    Builder(0).build()
    drained()
    monkeypatch.setattr(total_tables, "LARGEST", 5)
    days = frozenset({"date"})
    with pytest.raises(Invalid) as refused:
        table(city, Selection(START, LAST, is_span=True, by=days))
    assert (refused.value.code, refused.value.errors[0].field) == ("too_many_cells", "product")
    with pytest.raises(Invalid) as refused:
        table(city, Selection(START, LAST, is_span=True, by=days, products=("TA",)))
    assert refused.value.errors[0].field == "from"
    assert table(city, Selection(START, LAST, is_span=True)).rows
    monkeypatch.setattr(total_tables, "LARGEST_READ", 5)
    with pytest.raises(Invalid):
        table(city, Selection(START, LAST, is_span=True))


def test_nothing_is_closed_yet(city: Account) -> None:
    Builder(0).build()
    drained()
    for basis in ("closed", "flash"):
        assert table(city, Selection(END, END, basis=basis)).rows == []


def test_a_moment_to_come_means_now_and_the_last_minute_is_provisional(city: Account) -> None:
    Builder(0).build()
    drained()
    now = moment(LAST + dt.timedelta(days=9), 10)
    with time_machine.travel(now, tick=False):
        ahead = table(city, Selection(END, END, as_of=now + dt.timedelta(days=1)))
        assert (ahead.as_of, ahead.query["provisional"]) == (now, True)
        past = table(city, Selection(END, END, as_of=now - dt.timedelta(seconds=61)))
        assert past.query["provisional"] is False
        assert past.query["as_of"] == (now - dt.timedelta(seconds=61)).isoformat()
        current = table(city, Selection(END, END))
        assert (current.as_of, current.query["provisional"], current.query["pending"]) == (now, False, 0)
        assert current.rows == past.rows == ahead.rows
        assert table(city, Selection(END, END, as_of=moment(START - dt.timedelta(days=99), 0))).rows == []


def test_waiting_marks_are_said_and_change_the_fingerprint(city: Account) -> None:
    Builder(0).build()
    drained()
    asked = Selection(END, END)
    before = total_tables.fingerprint(city, asked)
    assert total_tables.fingerprint(city, asked) == before
    mark = StaleMark.objects.create(from_day=END, to_day=END, cause="test")
    answer = table(city, asked)
    assert (answer.query["pending"], answer.as_of) == (1, mark.created_at)
    assert total_tables.fingerprint(city, asked) != before
    drained()
    assert total_tables.fingerprint(city, asked) != before
    assert total_tables.fingerprint(account("county", Role.COUNTY, "T2"), asked) != total_tables.fingerprint(
        city, asked
    )


def test_hides_totals_of_few_from_those_who_may_not_see_sources(city: Account, settings: Any) -> None:
    """R22: counts stay, figures go; whoever may open the sources sees all."""
    Builder(2).build(enterprises=14)
    drained()
    asked = Selection(END, END)
    shown = table(city, asked).rows
    settings.SMALL_CELL = 3
    assert table(city, asked).rows == shown
    province = account("province", Role.PROVINCE)
    figures = (*total_tables.FIGURES, "utilisation", "capacity_last_known_of_unreported")
    hidden = 0
    for row, whole in zip(table(province, asked).rows, shown, strict=True):
        assert {k: v for k, v in row.items() if k not in figures} == {
            k: v for k, v in whole.items() if k not in figures
        }
        assert (row["capacity"] is None) == (whole["capacity"] is None or whole["enterprises"] < 3)
        assert (row["stock"] is None) == (whole["stock"] is None or whole["stock_enterprises"] < 3)
        if row["capacity_carried"] is not None:
            assert 3 <= whole["carried"] <= whole["enterprises"]
            assert whole["enterprises"] - whole["carried"] not in (1, 2)
        hidden += row["capacity"] is None
    assert hidden < len(shown)
    settings.SMALL_CELL = 50
    assert all(row[name] is None for row in table(province, asked).rows for name in figures)
    days = Selection(FIRST, END, is_span=True)
    assert all(row["output"] is None for row in table(province, days).rows)


def test_number_of_queries_is_fixed(city: Account, django_assert_num_queries: Any) -> None:
    Builder(3).build()
    drained()
    with django_assert_num_queries(15) as short:
        table(city, Selection(END, END))
    city.__dict__.pop("_held")
    with django_assert_num_queries(len(short)):
        asked = Selection(START, LAST, is_span=True, by=frozenset({"division", "date", "product"}))
        assert len(table(city, asked).rows) > 50
    assert total_cells.cells(nodes=["T"], first=END, last=END, grain="product")
