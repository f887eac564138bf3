"""Line by line: filed with a revision, part of what makes one, told to whoever reads the report, in no total."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import Error, transaction
from django.test import Client

from enterprises import production_lines
from enterprises.models import AuditEntry, LineFact, ProductionLine
from supplies.models import LineRun, Revision
from tests.clients import Program, exact
from tests.supplies.daily_reports.plants import DAY, FABRIC, MASK, City, at, settle

pytestmark = pytest.mark.django_db
REPORTS = "/api/v1/reports/"
FORM = f"/supplies/daily-reports/{DAY}/"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False) as clock:
        yield clock


@pytest.fixture
def city() -> City:
    """Plant a has two lines that run and one that is planned; plant b one."""
    found = settle()
    for plant, name, state in ((found.a, "一号线", "running"), (found.a, "二号线", "running"), (found.a, "三号线", "planned"),
                               (found.b, "乙线", "running")):  # fmt: skip
        production_lines.set_state(
            actor=None, enterprise=plant, name=name, state=state, starts_on=DAY - dt.timedelta(days=30)
        )
    return found


def number(name: str) -> int:
    return ProductionLine.objects.get(name=name).pk


def send(city: City, *line_states: Any, day: dt.date = DAY, **more: Any) -> Any:
    body = {
        "enterprise": city.a.uscc, "date": day.isoformat(), "line_states": list(line_states),
        "lines": [{"product": MASK, "capacity": 100, "output": 90}, {"product": FABRIC, "stock": 1}],
    } | more  # fmt: skip
    return Program(city["clerk"]).send(REPORTS, body)


def browse(city: City, who: str = "clerk") -> Client:
    client = Client()
    client.force_login(city[who])
    return client


def filled(**more: str) -> dict[str, Any]:
    return {
        "state": "running", "product": [MASK, FABRIC], "nonce": "a-nonce-of-this-page", f"{MASK}-capacity": "100",
        f"{MASK}-output": "90", f"{FABRIC}-stock": "1", **more,
    }  # fmt: skip


class TestByRest:
    def test_lines_are_named_by_number_or_name_and_given_back(self, city):
        one = number("一号线")
        answer = send(
            city, {"line": one, "state": "running"}, {"line": "二号线", "state": "stopped", "reason": "labour"}
        )
        assert answer.status_code == 201
        said = [
            {"line": one, "name": "一号线", "state": "running", "reason": None},
            {"line": number("二号线"), "name": "二号线", "state": "stopped", "reason": "labour"},
        ]
        assert answer.json()["line_states"] == said
        read = Program(city["county"]).get(f"{REPORTS}{answer.json()['id']}/")
        assert exact(read)["line_states"] == said

    def test_a_change_of_nothing_else_makes_a_revision_and_none_where_there_is_none(self, city):
        first = [{"line": "一号线", "state": "running"}, {"line": "二号线", "state": "running"}]
        assert send(city, *first).status_code == 201
        assert send(city, *reversed(first)).status_code == 200
        changed = send(city, first[0], {"line": "二号线", "state": "stopped"}, based_on=1)
        assert (changed.status_code, changed.json()["revision"]) == (201, 2)
        assert send(city, first[0], based_on=2).status_code == 201
        assert send(city, based_on=3).status_code == 201
        assert [len(r.runs.all()) for r in Revision.objects.order_by("number")] == [2, 2, 1, 0]

    @pytest.mark.parametrize(
        "said, field",
        [
            ({"line": "乙线", "state": "running"}, "line_states[0].line"),
            ({"line": 99999, "state": "running"}, "line_states[0].line"),
            ({"line": "x\u0000", "state": "running"}, "line_states[0].line"),
            ({"line": -1, "state": "running"}, "line_states[0].line"),
            ({"line": [], "state": "running"}, "line_states[0].line"),
            ({"state": "running"}, "line_states[0].line"),
            ({"line": "一号线"}, "line_states[0].state"),
            ({"line": "一号线", "state": "open"}, "line_states[0].state"),
            ({"line": "一号线", "state": "stopped", "reason": "rain"}, "line_states[0].reason"),
            ({"line": "一号线", "state": "stopped", "since": "1"}, "line_states[0].since"),
            ("一号线", "line_states[0]"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field_and_stores_nothing(self, city, said, field):
        answer = send(city, said)
        assert answer.status_code == 422
        assert field in [error["field"] for error in answer.json()["errors"]]
        assert not Revision.objects.exists()

    def test_a_line_that_was_not_there_yet_on_the_day_is_unknown(self, city):
        long_ago = DAY - dt.timedelta(days=40)
        answer = send(city, {"line": "一号线", "state": "running"}, day=long_ago)
        assert [error["code"] for error in answer.json()["errors"]] == ["unknown_line"]

    def test_a_batch_takes_them_item_by_item(self, city):
        bodies = [
            {"enterprise": city.a.uscc, "date": (DAY - dt.timedelta(days=n)).isoformat(),
             "lines": [{"product": MASK, "capacity": 1, "output": 1}, {"product": FABRIC, "stock": 1}],
             "line_states": [{"line": line, "state": "debugging"}]}
            for n, line in ((0, "一号线"), (1, "四号线"))
        ]  # fmt: skip
        answer = Program(city["clerk"]).send(f"{REPORTS}batch/", {"reports": bodies}).json()
        assert [item["status"] for item in answer["results"]] == [201, 422]
        assert answer["results"][0]["report"]["line_states"][0]["state"] == "debugging"

    def test_the_enterprise_says_which_lines_it_has(self, city):
        sheet = Program(city["clerk"]).get(f"/api/v1/enterprises/{city.a.uscc}/").json()
        assert [(one["name"], one["state"]) for one in sheet["lines"]] == [
            ("一号线", "running"), ("三号线", "planned"), ("二号线", "running"),
        ]  # fmt: skip
        assert sheet["lines"][0]["id"] == number("一号线")

    def test_stored_runs_are_kept_by_the_database(self, city):
        send(city, {"line": "一号线", "state": "running"})
        with pytest.raises(Error), transaction.atomic():
            LineRun.objects.update(state="stopped")


class TestOnTheForm:
    def test_lines_in_the_workshop_are_asked_for_and_nothing_is_required(self, city):
        client = browse(city)
        form = client.get(FORM).context["form"]
        assert [one.name for one in form.running] == ["一号线", "二号线"]
        assert client.post(FORM, filled()).status_code == 303
        assert not LineRun.objects.exists()

    def test_one_tap_per_line_is_filed_and_shown_on_receipt_review_and_history(self, city):
        client, one, two = browse(city), number("一号线"), number("二号线")
        client.post(FORM, filled(**{f"run-{one}": "running", f"run-{two}": "stopped", f"run-{two}-why": "material"}))
        assert list(LineRun.objects.values_list("line", "state", "reason").order_by("line")) == [
            (one, "running", ""), (two, "stopped", "material"),
        ]  # fmt: skip
        assert "没开（原料）" in client.get(f"{FORM}receipt/").content.decode()
        report = Revision.objects.get().report_id
        review = browse(city, "county").get(f"/supplies/daily-reports/review/{report}/").content.decode()
        assert "产线 二号线" in review
        client.post(FORM, filled(**{f"run-{one}": "running", f"run-{two}": "partial", "based_on": "1"}))
        history = client.get(f"{FORM}revisions/").content.decode()
        assert "产线 二号线" in history
        assert "半开" in history
        profile = browse(city, "city").get(f"/supplies/enterprises/{city.a.uscc}/").content.decode()
        assert "2 条线，2 条开" in profile

    def test_same_as_yesterday_copies_them_and_a_blank_sheet_does_not(self, city):
        yesterday = DAY - dt.timedelta(days=1)
        send(city, {"line": "二号线", "state": "stopped", "reason": "money"}, day=yesterday)
        client = browse(city)
        form = client.get(FORM).context["form"]
        assert [(one.state, one.reason) for one in form.running] == [("", ""), ("stopped", "money")]
        assert form.running_words == "1 条线，0 条开"
        blank = client.get(FORM, {"blank": "1"}).context["form"]
        assert [one.state for one in blank.running] == ["", ""]
        two = form.running[1]
        client.post(FORM, filled(verb="same", **{two.field: two.state, f"{two.field}-why": two.reason}))
        assert LineRun.objects.filter(revision__report__day=DAY).values_list("state", "reason").get() == (
            "stopped", "money",
        )  # fmt: skip

    def test_a_refused_run_stands_at_its_line_with_what_was_chosen(self, city):
        one, two = number("一号线"), number("二号线")
        answer = browse(city).post(FORM, filled(state="halted", **{f"run-{one}": "stopped", f"run-{two}": "running"}))
        assert answer.status_code == 422
        running = answer.context["form"].running
        assert [bool(line.errors) for line in running] == [False, True]
        assert [line.state for line in running] == ["stopped", "running"]
        assert "把生产状态改为部分生产" in answer.content.decode()

    def test_a_conflict_lists_the_lines_that_differ(self, city):
        send(city, {"line": "一号线", "state": "running"})
        answer = browse(city).post(FORM, filled(**{f"run-{number('一号线')}": "stopped"}))
        assert answer.status_code == 409
        (difference,) = [d for d in answer.context["conflict"].differences if d.label == "产线 一号线"]
        assert (difference.ours, difference.theirs) == ("没开", "在开")


def test_the_bottleneck_page_counts_lines_and_those_that_run(city):
    send(city, {"line": "一号线", "state": "partial", "reason": "energy"}, {"line": "二号线", "state": "stopped"})
    page = browse(city, "city").get("/supplies/daily-totals/bottlenecks/", {"date": DAY.isoformat()})
    shops = page.context["page"].workshops
    assert (shops.whole.lines, shops.whole.open, shops.whole.enterprises) == (2, 1, 1)
    assert [(place.name, place.counts) for place in shops.places] == [("甲县", (0, 1, 1, 0))]
    assert shops.reasons == (("能源", 1),)
    assert "2 条线，1 条开" in page.content.decode()


class TestKeepingLines:
    @staticmethod
    def page(city: City) -> str:
        return f"/supplies/enterprises/{city.a.uscc}/lines/"

    @staticmethod
    def said(**more: str) -> dict[str, str]:
        return {"name": "四号线", "state": "trial", "starts_on": DAY.isoformat(), "expected_on": "2020年4月5日"} | more

    @pytest.mark.parametrize(
        "who, status",
        {
            "clerk": 200, "county": 200, "city": 200, "admin": 200, "clerk_b": 404, "other_county": 404,
            "leader": 403, "auditor": 403, "province": 403, "liaison": 403, "stranger": 403,
        }.items(),
    )  # fmt: skip
    def test_the_enterprise_and_its_bureau_keep_them(self, city, who, status):
        client = browse(city, who)
        assert client.get(self.page(city)).status_code == status
        answer = client.post(self.page(city), self.said())
        assert answer.status_code == (303 if status == 200 else status)
        assert ProductionLine.objects.filter(name="四号线").exists() == (status == 200)

    def test_a_new_line_is_in_the_form_at_once_and_audited(self, city):
        client = browse(city)
        client.post(self.page(city), self.said())
        fact = LineFact.objects.believed().get(line__name="四号线")
        assert (fact.state, fact.starts_on, fact.expected_on) == ("trial", DAY, dt.date(2020, 4, 5))
        assert AuditEntry.objects.filter(act="production_line.set", actor=city["clerk"]).count() == 1
        assert "四号线" in [one.name for one in client.get(FORM).context["form"].running]

    def test_a_line_keeps_its_history_under_a_new_name(self, city):
        line = number("一号线")
        send(city, {"line": line, "state": "running"})
        said = self.said(line=str(line), name="Ａ线", state="halted", expected_on="")
        assert browse(city).post(self.page(city), said).status_code == 303
        assert ProductionLine.objects.get(pk=line).name == "Ａ线"
        assert LineFact.objects.believed().on(DAY - dt.timedelta(days=1)).get(line=line).state == "running"
        assert LineFact.objects.believed().on(DAY).get(line=line).state == "halted"
        assert LineRun.objects.get().line_id == line

    @pytest.mark.parametrize(
        "change, field, words",
        [
            ({"name": " "}, "name", "请填写产线名称"),
            ({"name": "一号线"}, "name", "已有产线“一号线”"),
            ({"name": "长" * 101}, "name", "最长 100 个字"),
            ({"state": "gone"}, "state", "没有这种状态"),
            ({"starts_on": "下周"}, "starts_on", "不能读作日期"),
            ({"expected_on": "2020-02-30"}, "expected_on", "没有这一天"),
        ],
    )
    def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(self, city, change, field, words):
        answer = browse(city).post(self.page(city), self.said(**change))
        assert answer.status_code == 422
        fresh = answer.context["fresh"]
        assert words in "".join(fresh.errors[field])
        assert fresh["start_kind"].value() in (None, "")
        assert fresh["name"].value() == self.said(**change)["name"]

    def test_a_foreign_line_is_not_found(self, city):
        answer = browse(city).post(self.page(city), self.said(line=str(number("乙线"))))
        assert answer.status_code == 404
        assert ProductionLine.objects.get(enterprise=city.b).name == "乙线"

    def test_both_sides_reach_the_page(self, city):
        own = browse(city).get("/supplies/daily-reports/").content.decode()
        profile = browse(city, "county").get(f"/supplies/enterprises/{city.a.uscc}/").content.decode()
        assert self.page(city) in own
        assert self.page(city) in profile
