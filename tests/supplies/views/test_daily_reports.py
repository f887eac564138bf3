"""The clerk's pages: who may enter, what a submission does, and that nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from enterprises.models import Enterprise, Post
from supplies import daily_reports
from supplies.models import DailyReport, Revision, UnitFactor
from tests.factories.enterprises import LONG_AGO

DAY = dt.date(2020, 3, 27)
NONCE = "a-nonce-of-this-page"


def at(name: str = "edit", day: dt.date = DAY, **asked: str) -> str:
    address = reverse(f"supplies:daily_reports:{name}", args=[] if name == "mine" else [day])
    return address + ("?" + "&".join(f"{k}={v}" for k, v in asked.items()) if asked else "")


def body(**changes: str) -> dict[str, object]:
    """What plant a's form sends; keys with __ for -, None takes one out."""
    said: dict[str, object] = {"state": "running", "product": ["MASK_SURG", "MASK_CIVIL"], "nonce": NONCE}
    for product, capacity, output in (("MASK_SURG", "68", "57.8"), ("MASK_CIVIL", "12", "8.4")):
        said |= {f"{product}-capacity": capacity, f"{product}-output": output}
        said |= {f"{product}-{m}-unit": "万只" for m in ("capacity", "output", "stock")}
    said |= {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in said.items() if value is not None}


@pytest.fixture
def clerk(client, cast):
    client.force_login(cast.reporter_a)
    return client


def page(response) -> str:
    return response.content.decode()


class TestWhoMayEnter:
    PEOPLE = {
        "reporter_a": 200,
        "reporter_b": 404,
        "liaison": 200,
        "county_officer_a": 200,
        "county_officer_b": 404,
        "city_officer": 200,
        "admin": 403,
        "leader": 403,
        "province": 403,
        "auditor": 403,
        "department": 403,
        "stranger": 403,
    }

    @pytest.mark.parametrize("name, status", PEOPLE.items())
    def test_the_form_of_plant_a(self, client, cast, name, status):
        client.force_login(getattr(cast, name))
        assert client.get(at(enterprise=cast.plant_a.uscc)).status_code == status
        filed = client.post(at(enterprise=cast.plant_a.uscc), body(caller="陈", behalf_reason="断网"))
        assert filed.status_code == (303 if status == 200 else status)
        assert DailyReport.objects.count() == (1 if status == 200 else 0)

    @pytest.mark.parametrize("name", ["liaison", "county_officer_a", "city_officer"])
    def test_the_bureau_files_only_with_caller_and_reason(self, client, cast, name):
        client.force_login(getattr(cast, name))
        answer = client.post(at(enterprise=cast.plant_a.uscc), body())
        assert answer.status_code == 422
        assert "请写来电人的姓名。" in page(answer)
        assert "请写代报的事由。" in page(answer)
        said = body(caller="陈会计", behalf_reason="厂里断网")
        assert client.post(at(enterprise=cast.plant_a.uscc), said).status_code == 303
        revision = Revision.objects.get()
        assert (revision.channel, revision.caller, revision.behalf_reason) == ("on_behalf", "陈会计", "厂里断网")

    @pytest.mark.parametrize(
        "name, status",
        {
            "reporter_a": 200, "liaison": 200, "county_officer_a": 200, "city_officer": 200, "leader": 200,
            "auditor": 200, "admin": 200, "reporter_b": 404, "county_officer_b": 404, "province": 404,
            "department": 404, "stranger": 404,
        }.items(),
    )  # fmt: skip
    @pytest.mark.parametrize("route", ["receipt", "revisions"])
    def test_receipt_and_revisions_of_plant_a(self, client, cast, name, status, route):
        client.force_login(cast.reporter_a)
        client.post(at(), body())
        client.force_login(getattr(cast, name))
        assert client.get(at(route, enterprise=cast.plant_a.uscc)).status_code == status

    def test_a_foreign_and_a_missing_enterprise_are_told_apart_by_nobody(self, clerk, cast):
        foreign = clerk.get(at(enterprise=cast.plant_b.uscc))
        missing = clerk.get(at(enterprise="91350582MA00000000"))
        assert foreign.status_code == missing.status_code == 404
        assert clerk.post(at(enterprise=cast.plant_b.uscc), body()).status_code == 404
        assert not DailyReport.objects.exists()

    @pytest.mark.parametrize("name", ["mine", "edit", "receipt", "revisions"])
    def test_who_is_not_signed_in_signs_in_first(self, client, cast, name):
        answer = client.get(at(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")

    @pytest.mark.parametrize(
        "name, status", {"reporter_a": 200, "liaison": 200, "city_officer": 200, "leader": 403, "stranger": 403}.items()
    )
    def test_the_own_page(self, client, cast, name, status):
        client.force_login(getattr(cast, name))
        assert client.get(at("mine")).status_code == status

    @pytest.mark.parametrize("day", ["2020-02-30", "2020-3-1", "20200301", "1899-01-01", "2020-13-01"])
    def test_a_day_that_does_not_exist_has_no_page(self, clerk, day):
        assert clerk.get(f"/supplies/daily-reports/{day}/").status_code == 404

    @pytest.mark.parametrize("asked", ["enterprise=%00", "enterprise=%F0%9F%98%80", "enterprise=" + "9" * 3000])
    @pytest.mark.parametrize("name", ["mine", "edit", "receipt", "revisions"])
    def test_garbage_in_the_address_is_never_an_error_of_ours(self, clerk, name, asked):
        assert clerk.get(at(name) + "?" + asked).status_code in (200, 404)
        assert clerk.get(at(name) + "?revision=%00&page=x&search=%00&blank=%00").status_code in (200, 404)


class TestPrefill:
    def test_the_first_form_asks_for_the_owed_products_in_their_display_unit(self, clerk):
        text = page(clerk.get(at()))
        assert 'name="MASK_SURG-capacity" value=""' in text
        assert 'name="MASK_CIVIL-output"' in text
        assert "<option selected>万只</option>" in text
        assert 'name="SUIT_STERILE-capacity"' not in text

    def test_the_next_day_begins_with_the_figures_of_the_day_before(self, clerk):
        clerk.post(at(), body())
        text = page(clerk.get(at(day=DAY + dt.timedelta(days=1))))
        assert "已按昨日填好，只改有变化的数。" in text
        assert 'name="MASK_SURG-output" value="57.8"' in text
        assert "同昨日" in text
        assert "= 578,000 只" in text

    def test_an_older_report_is_named_by_its_day(self, clerk):
        clerk.post(at(), body())
        assert "已按2020年3月27日填好" in page(clerk.get(at(day=DAY + dt.timedelta(days=3))))

    def test_cleared_it_begins_empty(self, clerk):
        clerk.post(at(), body())
        assert 'name="MASK_SURG-output" value=""' in page(clerk.get(at(day=DAY + dt.timedelta(days=1), blank="1")))

    def test_packs_of_the_enterprise_are_offered_and_read(self, clerk, cast):
        UnitFactor.objects.create(
            product_id="MASK_SURG", enterprise=cast.plant_a, unit="箱", num=2000, known_at=LONG_AGO
        )
        assert "<option>箱</option>" in page(clerk.get(at()))
        clerk.post(at(), body(MASK_SURG__output="30", MASK_SURG__output__unit="箱"))
        assert Revision.objects.get().lines.get(product="MASK_SURG").output == 60_000_000

    def test_the_figures_before_are_the_same_when_the_day_itself_is_corrected(self, clerk):
        clerk.post(at(), body())
        tomorrow = DAY + dt.timedelta(days=1)
        clerk.post(at(day=tomorrow), body(MASK_SURG__output="59.2"))
        text = page(clerk.get(at(day=tomorrow)))
        assert 'name="MASK_SURG-output" value="59.2"' in text
        assert "较昨日 +1.4万" in text
        assert 'name="based_on" value="1"' in text


class TestSubmit:
    def test_stores_figures_as_typed_and_in_base_units_and_answers_303(self, clerk, cast):
        answer = clerk.post(at(), body(MASK_SURG__stock="１２．５", MASK_SURG__output="57.8"))
        assert answer.status_code == 303
        assert "revision=1" in answer["Location"]
        line = Revision.objects.get().lines.get(product="MASK_SURG")
        assert (line.capacity, line.output, line.stock, line.shipped) == (680_000_000, 578_000_000, 125_000_000, None)
        assert line.entered["stock"] == {"text": "１２．５", "unit": "万只", "num": 10000, "den": 1}

    def test_a_double_tap_makes_one_revision(self, clerk):
        first, second = clerk.post(at(), body()), clerk.post(at(), body())
        assert first["Location"] == second["Location"]
        assert Revision.objects.count() == 1

    def test_the_same_page_sent_with_other_figures_is_a_conflict_not_a_reused_key(self, clerk):
        clerk.post(at(), body())
        answer = clerk.post(at(), body(MASK_SURG__output="60"))
        assert answer.status_code == 409
        assert "您自己" in page(answer)

    def test_equal_figures_add_no_revision_and_say_so(self, clerk):
        clerk.post(at(), body())
        answer = clerk.post(at(), body(nonce="another-nonce-altogether", based_on="1"), follow=True)
        assert "没有新增修订" in page(answer)
        assert Revision.objects.count() == 1

    def test_state_staff_note_and_difficulties_are_stored(self, clerk):
        said = body(state="partial", staff_due="120", staff_on_duty="98", note="缺熔喷布", limit=["material"])
        said |= {"lost-logistics": "18", "lost-logistics-of": "MASK_SURG|万只"}
        assert clerk.post(at(), said).status_code == 303
        revision = Revision.objects.get()
        assert (revision.state, revision.staff_due, revision.staff_on_duty) == ("partial", 120, 98)
        assert revision.note == "缺熔喷布"
        limits = {(one.reason, one.product_id, one.lost) for one in revision.limits.all()}
        assert limits == {("material", None, None), ("logistics", "MASK_SURG", 180_000_000)}
        assert 'value="18"' in page(clerk.get(at()))

    def test_the_same_as_before_is_an_attestation_per_value(self, clerk):
        clerk.post(at(), body())
        tomorrow = DAY + dt.timedelta(days=1)
        assert clerk.post(at(day=tomorrow), body(MASK_SURG__output="60", verb="same")).status_code == 303
        said = Revision.objects.get(report__day=tomorrow).lines.get(product="MASK_SURG").entered
        assert ("attested" in said["capacity"], "attested" in said["output"]) == (True, False)
        assert Revision.objects.get(report__day=tomorrow).lines.get(product="MASK_CIVIL").entered["output"]["attested"]
        assert "attested" not in Revision.objects.get(report__day=DAY).lines.get(product="MASK_SURG").entered["output"]

    def test_nothing_is_attested_by_plain_submitting(self, clerk):
        clerk.post(at(), body())
        tomorrow = DAY + dt.timedelta(days=1)
        clerk.post(at(day=tomorrow), body(nonce="a-nonce-of-tomorrow"))
        said = Revision.objects.get(report__day=tomorrow).lines.get(product="MASK_SURG").entered
        assert not any("attested" in one for one in said.values())

    def test_the_form_says_how_often_a_figure_was_copied(self, clerk):
        for offset, output in enumerate(("50", "57.8", "57.8", "57.8")):
            clerk.post(
                at(day=DAY + dt.timedelta(days=offset)), body(MASK_SURG__output=output, nonce=f"{NONCE}{offset}")
            )
        shown = page(clerk.get(at(day=DAY + dt.timedelta(days=4))))
        assert re.findall(r"连续 (\d+) 次相同", shown) == ["4", "3", "4", "4"]

    def test_a_halt_needs_no_figures(self, clerk):
        said = {"state": "halted", "product": ["MASK_SURG", "MASK_CIVIL"], "nonce": NONCE}
        assert clerk.post(at(), said).status_code == 303
        assert Revision.objects.get().lines.get(product="MASK_SURG").capacity == 0

    def test_a_further_product_is_added_without_storing_anything(self, clerk):
        answer = clerk.post(at(), body(verb="add", add_product="SUIT_STERILE", MASK_SURG__output="约48万"))
        assert answer.status_code == 200
        assert 'name="SUIT_STERILE-capacity"' in page(answer)
        assert 'value="约48万"' in page(answer)
        assert not DailyReport.objects.exists()

    def test_a_further_product_left_empty_makes_no_line(self, clerk):
        said = body() | {"product": ["MASK_SURG", "MASK_CIVIL", "SUIT_STERILE"], "SUIT_STERILE-capacity": ""}
        clerk.post(at(), said)
        assert Revision.objects.get().lines.count() == 2

    def test_a_later_one_is_based_on_the_revision_seen(self, clerk):
        clerk.post(at(), body())
        answer = clerk.post(at(), body(nonce="another-nonce-altogether", based_on="1", MASK_SURG__output="60"))
        assert "revision=2" in answer["Location"]


class TestRefusals:
    @pytest.mark.parametrize(
        "typed, message",
        [
            ("约48万", "读不出“约48万”。请写成 48万 或 480000。"),
            ("-3", "不能是负数。"),
            ("48w", "请写成 48万"),
            ("48万", "请只留一个"),
            ("99999999999", "数字太大"),
            ("0.00000001", "小数"),
            ("", "没有就写 0"),
            ("\0", "读不出"),
            ("💥" * 50, "读不出"),
            ("<script>alert(1)</script>", "读不出"),
        ],
    )
    def test_each_field_says_what_would_be_accepted_and_keeps_what_was_typed(self, clerk, typed, message):
        answer = clerk.post(at(), body(MASK_SURG__output=typed, note="写了一大段"))
        text = page(answer)
        assert answer.status_code == 422
        assert message in text
        assert "<script>alert" not in text
        assert 'aria-invalid="true"' in text
        assert "写了一大段" in text
        assert 'value="8.4"' in text
        assert not DailyReport.objects.exists()

    def test_all_faults_are_told_at_once(self, clerk):
        text = page(clerk.post(at(), body(MASK_SURG__output="x", MASK_CIVIL__capacity="-1", staff_due="半")))
        assert text.count("data-error") >= 3
        assert "有 3 处要改" in text

    @pytest.mark.parametrize("garbage", ["\0", "￿" * 9000, "' OR 1=1 --", "9" * 400, "1e999", "﷽"])
    def test_garbage_in_every_field_is_a_message_never_an_error_of_ours(self, clerk, garbage):
        names = [*body(), "staff_due", "staff_on_duty", "note", "limit", "lost-material", "lost-material-of", "caller",
                 "MASK_SURG-stock", "MASK_SURG-shipped-unit", "based_on", "on_top_of", "verb", "add_product"]  # fmt: skip
        for name in names:
            answer = clerk.post(at(), body() | {name: garbage, "nonce": f"nonce-for-{name}-0123456789"})
            assert answer.status_code in (303, 409, 422), name
        assert clerk.post(at(), dict.fromkeys(names, garbage)).status_code == 422

    def test_an_unknown_product_is_named(self, clerk):
        answer = clerk.post(at(), body() | {"product": ["MASK_SURG", "MASK_CIVIL", "GOLD"]})
        assert answer.status_code == 422
        assert "目录里没有产品“GOLD”。" in page(answer)

    def test_a_future_day_is_not_offered_and_refused(self, clerk):
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        assert "还没有到，不能提前填报" in page(clerk.get(at(day=tomorrow)))
        assert clerk.post(at(day=tomorrow), body()).status_code == 422
        assert not DailyReport.objects.exists()

    def test_other_methods_are_refused(self, clerk):
        assert clerk.put(at()).status_code == 405
        assert clerk.post(at("mine")).status_code == 405


class TestConflict:
    @pytest.fixture
    def filed(self, clerk, cast):
        clerk.post(at(), body())
        return clerk

    def test_shows_both_versions_and_keeps_what_was_typed(self, filed):
        answer = filed.post(at(), body(nonce="the-second-phone-0000", MASK_SURG__output="60.1", note="另一台手机"))
        text = page(answer)
        assert answer.status_code == 409
        assert "601,000" in text
        assert "578,000" in text
        assert 'value="60.1"' in text
        assert "另一台手机" in text
        assert Revision.objects.count() == 1

    def test_use_mine_puts_it_on_top_of_theirs(self, filed):
        mine = body(nonce="the-second-phone-0001", MASK_SURG__output="60.1", on_top_of="1")
        assert "revision=2" in filed.post(at(), mine)["Location"]
        assert Revision.objects.get(number=2).based_on == 1

    def test_nobody_files_on_behalf_over_the_enterprise_s_own_figures(self, filed, cast):
        filed.force_login(cast.liaison)
        assert "企业已自己填报这一天" in page(filed.get(at(enterprise=cast.plant_a.uscc)))
        said = body(
            nonce="the-liaison-officer-1", caller="陈", behalf_reason="断网", MASK_SURG__output="1", based_on="1"
        )
        answer = filed.post(at(enterprise=cast.plant_a.uscc), said)
        assert answer.status_code == 409
        assert Revision.objects.count() == 1


class TestReceipt:
    def test_says_when_which_and_what_it_is_counted_into(self, clerk):
        text = page(clerk.post(at(), body(), follow=True))
        assert "已提交，记为迟报" in text
        assert "并计入晋江市和泉州市合计" in text
        assert re.search(r"20200327-\d{4,}-01", text)
        assert "578,000" in text
        assert "57.8 万只" in text
        assert "data-done" in text

    def test_today_before_the_cut_off_is_on_time(self, clerk, cast, time_machine):
        time_machine.move_to(dt.datetime(2020, 3, 27, 9, 59, 59, tzinfo=dt.UTC), tick=False)
        assert "已提交，按时" in page(clerk.post(at(), body(), follow=True))

    def test_an_older_revision_says_so(self, clerk):
        clerk.post(at(), body())
        clerk.post(at(), body(nonce="another-nonce-altogether", based_on="1", MASK_SURG__output="60"))
        assert "这是第 1 次修订" in page(clerk.get(at("receipt", revision="1")))
        assert clerk.get(at("receipt", revision="3")).status_code == 404
        assert clerk.get(at("receipt", revision="x")).status_code == 404

    def test_revisions_show_what_each_changed(self, clerk):
        clerk.post(at(), body())
        clerk.post(at(), body(nonce="another-nonce-altogether", based_on="1", MASK_SURG__output="60"))
        text = page(clerk.get(at("revisions")))
        assert "共 2 次" in text
        assert "578,000" in text
        assert "600,000" in text
        assert "120,000" not in text


class TestMine:
    @pytest.fixture(autouse=True)
    def friday(self, time_machine):
        time_machine.move_to(dt.datetime(2020, 3, 27, 7, 46, tzinfo=dt.UTC), tick=False)

    def test_proposes_the_oldest_open_day_not_yet_filed(self, clerk):
        text = page(clerk.get(at("mine")))
        assert "补填 3月20日" in text  # R4: seven days back
        assert "2 小时 14 分" in text

    def test_proposes_nothing_once_all_is_filed(self, clerk):
        for back in range(8):
            day = DAY - dt.timedelta(days=back)
            clerk.post(at(day=day), body(nonce=f"nonce-of-the-day-{back:04d}"))
        text = page(clerk.get(at("mine")))
        assert "补填" not in text
        assert "已提交第 1 次 15:46" in text
        assert "按时" in text

    def test_a_clerk_of_several_enterprises_chooses_first(self, clerk, cast):
        Post.objects.create(account=cast.reporter_a, role="enterprise", enterprise=cast.plant_b, known_at=LONG_AGO)
        text = page(clerk.get(at("mine")))
        assert cast.plant_a.name in text
        assert cast.plant_b.name in text
        assert clerk.get(at())["Location"] == at("mine")
        assert clerk.get(at(enterprise=cast.plant_b.uscc)).status_code == 200

    def test_a_liaison_officer_sees_who_has_not_filed(self, client, cast):
        client.force_login(cast.liaison)
        assert cast.plant_a.name in page(client.get(at("mine")))
        assert cast.plant_b.name not in page(client.get(at("mine")))
        client.force_login(cast.reporter_a)
        client.post(at(), body())
        client.force_login(cast.liaison)
        assert "今天全部填报了" in page(client.get(at("mine")))

    def test_the_bureau_finds_by_name_and_initials(self, client, cast):
        client.force_login(cast.city_officer)
        for asked in ("南安", "nayf", cast.plant_b.uscc[:10]):
            text = page(client.get(at("mine", search=asked)))
            assert cast.plant_b.name in text
        assert cast.plant_a.name not in page(client.get(at("mine", search="南安")))


@pytest.mark.parametrize("name", ["mine", "edit", "receipt", "revisions"])
def test_pages_ask_the_database_as_often_however_long_the_history(clerk, cast, name, django_assert_max_num_queries):
    def queries() -> int:
        with django_assert_max_num_queries(60) as asked:
            assert clerk.get(at(name, enterprise=cast.plant_a.uscc)).status_code == 200
        return len(asked)

    clerk.post(at(), body())
    clerk.post(at(), body(nonce="a-second-revision-000", based_on="1", MASK_SURG__output="61"))
    before = queries()
    for back in range(1, 10):
        clerk.post(at(day=DAY - dt.timedelta(days=back)), body(nonce=f"nonce-of-the-day-{back:04d}"))
    for number in range(2, 6):
        said = body(nonce=f"nonce-of-the-revision-{number}", based_on=str(number), MASK_SURG__output=str(60 + number))
        clerk.post(at(), said)
    assert queries() <= before


def test_prefill_and_form_agree_on_the_revision(clerk, cast):
    clerk.post(at(), body())
    plant = Enterprise.objects.get(pk=cast.plant_a.pk)
    assert daily_reports.prefill(plant, DAY).based_on == 1
