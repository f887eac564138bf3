"""Reminders: planned once, sent once, failures visible; robots tried against a local capture server."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.db import connection, connections
from django.utils import timezone

from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import Enterprise
from supplies import reminders
from supplies.models import Reminder, ReminderRound, Robot
from supplies.reminders import outbox, senders
from supplies.rules.reporting_settings import HERE

pytestmark = pytest.mark.django_db


class Capture:
    """A platform of robots: keeps what it is told, and answers what it is given to answer."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict]] = []
        self.answers: list[tuple[int, str]] = []
        capture = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                capture.heard.append((self.path, body))
                status, text = capture.answers.pop(0) if capture.answers else (200, '{"errcode":0,"errmsg":"ok"}')
                if status == 0:
                    self.connection.close()
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def platform(settings, monkeypatch):
    capture = Capture()
    settings.ROBOT_ORIGINS = [capture.origin]
    monkeypatch.setenv("no_proxy", "*")
    yield capture
    capture.server.shutdown()


@pytest.fixture
def day():
    return timezone.localdate()


@pytest.fixture
def owing(cast):
    """All three plants owe a report: plant_a and plant_c in county a, plant_b in county b."""
    return cast


def at(day, hour, minute=0):
    return dt.datetime.combine(day, dt.time(hour, minute), HERE)


def robot(cast, platform, kind="wecom", secret=""):
    return reminders.add_robot(
        actor=cast.city_officer, name="保供专班", kind=kind, address=f"{platform.origin}/send?key=k", secret=secret,
        division=cast.city,
    )  # fmt: skip


class TestPlanning:
    def test_before_and_after_the_cut_off_each_once(self, owing, day):
        assert reminders.plan_due(at(day, 16, 59)) == 0
        assert reminders.plan_due(at(day, 17)) == 3
        assert reminders.plan_due(at(day, 17, 30)) == 0
        assert reminders.plan_due(at(day, 18, 30)) == 3
        assert reminders.plan_due(at(day, 18, 31)) == 0
        found = sorted(Reminder.objects.values_list("kind", "channel", "state"))
        assert found == [("after", "in_app", "sent")] * 3 + [("before", "in_app", "sent")] * 3
        assert "18:00" in Reminder.objects.filter(kind="before").first().body

    def test_who_has_filed_is_left_alone(self, owing, day, client):
        file_halted(client, owing, day)
        assert reminders.plan_due(at(day, 17)) == 2
        assert set(Reminder.objects.values_list("enterprise", flat=True)) == {owing.plant_b.pk, owing.plant_c.pk}

    def test_a_set_time_long_past_is_let_go(self, owing, day):
        assert reminders.plan_due(at(day, 19, 59)) == 3
        assert set(Reminder.objects.values_list("kind", flat=True)) == {"after"}
        Reminder.objects.all().delete()
        ReminderRound.objects.all().delete()
        assert reminders.plan_due(at(day, 20, 30)) == 0

    def test_settings_move_the_times_or_switch_them_off(self, owing, day):
        from supplies import reporting_settings

        said = {"actor": None, "starts_on": day, "division": owing.county_a}
        reporting_settings.set_rule(name="cut_off", value="12:00", **said)
        reporting_settings.set_rule(name="remind_before", value="30", **said)
        reporting_settings.set_rule(name="remind_after", value="无", **said)
        assert reminders.plan_due(at(day, 11, 30)) == 2
        assert set(Reminder.objects.values_list("enterprise", flat=True)) == {owing.plant_a.pk, owing.plant_c.pk}
        assert reminders.plan_due(at(day, 12, 30)) == 0

    def test_quiet_hours_put_e_mail_off_to_the_morning(self, owing, day, settings):
        from supplies import reporting_settings

        settings.EMAIL_HOST = "mail.example.org"
        Enterprise.objects.filter(pk=owing.plant_a.pk).update(contact_email="a@example.org")
        reporting_settings.set_rule(actor=None, name="cut_off", value="21:00", starts_on=day, division=None)
        reminders.plan_due(at(day, 21, 30))
        assert Reminder.objects.get(channel="email").not_before == at(day + dt.timedelta(days=1), 7)

    def test_before_the_cut_off_nothing_is_said_that_would_be_read_after_it(self, owing, day):
        from supplies import reporting_settings

        reporting_settings.set_rule(actor=None, name="cut_off", value="22:00", starts_on=day, division=None)
        reporting_settings.set_rule(actor=None, name="quiet_hours", value="20:00-07:00", starts_on=day, division=None)
        assert reminders.plan_due(at(day, 21)) == 0

    def test_two_planners_at_once_write_each_message_once(self, owing, day, transactional_db):
        if connection.vendor == "sqlite":
            pytest.skip("one writer at a time there")
        start = threading.Barrier(4)

        def plan() -> None:
            start.wait()
            reminders.plan_due(at(day, 17))
            connections.close_all()

        threads = [threading.Thread(target=plan) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Reminder.objects.count() == 3
        assert ReminderRound.objects.filter(kind="before").count() == len(
            set(ReminderRound.objects.filter(kind="before").values_list("division", flat=True))
        )


def file_halted(client, cast, day):
    client.force_login(cast.reporter_a)
    address = f"/supplies/daily-reports/{day}/?enterprise={cast.plant_a.uscc}"
    form = client.get(address).context["form"]
    assert client.post(address, {"nonce": form.nonce, "state": "halted"}).status_code == 303


class TestByHand:
    def test_one_press_reminds_those_who_owe_and_a_second_nobody(self, owing, day):
        done = reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        assert (done.enterprises, done.recent, done.groups) == (3, 0, 0)
        again = reminders.remind(actor=owing.county_officer_a, day=day, division=owing.county_a)
        assert (again.enterprises, again.recent) == (0, 2)
        assert Reminder.objects.count() == 3

    def test_after_half_an_hour_once_more(self, owing, day):
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        Reminder.objects.update(created_at=timezone.now() - dt.timedelta(minutes=31))
        assert reminders.remind(actor=owing.city_officer, day=day, division=owing.city).enterprises == 3

    def test_reaches_no_further_than_the_actor(self, owing, day):
        named = [owing.plant_a.uscc, owing.plant_b.uscc]
        assert reminders.remind(actor=owing.county_officer_a, day=day, enterprises=named).enterprises == 1
        with pytest.raises(NotFound):
            reminders.remind(actor=owing.county_officer_a, day=day, division=owing.county_b)
        for who in ("leader", "reporter_a", "province", "auditor"):
            with pytest.raises(Forbidden):
                reminders.remind(actor=getattr(owing, who), day=day, division=owing.city)
        with pytest.raises(Invalid):
            reminders.remind(actor=owing.city_officer, day=day + dt.timedelta(days=1), division=owing.city)

    def test_the_enterprise_reads_it_on_its_page_until_it_files(self, owing, day, client):
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        client.force_login(owing.reporter_a)
        assert "提醒您填报" in client.get("/supplies/daily-reports/").content.decode()
        file_halted(client, owing, day)
        assert "提醒您填报" not in client.get("/supplies/daily-reports/").content.decode()


class TestSending:
    def test_e_mail_goes_out_once_with_the_days_words(self, owing, day, settings):
        settings.EMAIL_HOST = "mail.example.org"
        Enterprise.objects.filter(pk=owing.plant_a.pk).update(contact_email="a@example.org")
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        reminders.drain()
        reminders.drain()
        (letter,) = mail.outbox
        assert letter.to == ["a@example.org"]
        assert f"{day.month}月{day.day}日 日报" in letter.subject
        assert owing.plant_a.name in letter.body
        assert Reminder.objects.get(channel="email").state == "sent"

    def test_what_was_filed_meanwhile_is_not_sent(self, owing, day, settings, client):
        settings.EMAIL_HOST = "mail.example.org"
        Enterprise.objects.filter(pk=owing.plant_a.pk).update(contact_email="a@example.org")
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        file_halted(client, owing, day)
        reminders.drain()
        assert mail.outbox == []
        assert Reminder.objects.get(channel="email").state == "dropped"

    @pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
    def test_each_platform_hears_its_own_shape(self, owing, day, platform, kind):
        robot(owing, platform, kind, secret="SECabc")
        done = reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        assert done.groups == 1
        platform.answers = [(200, '{"code":0,"msg":"success"}' if kind == "feishu" else '{"errcode":0}')]
        reminders.drain()
        ((path, body),) = platform.heard
        text = body["content"]["text"] if kind == "feishu" else body["text"]["content"]
        assert owing.plant_a.name in text
        assert "未报 3 家" in text
        asked = parse_qs(urlsplit(path).query)
        assert asked["key"] == ["k"]
        if kind == "wecom":
            assert body["msgtype"] == "text"
        elif kind == "dingtalk":
            stamp = asked["timestamp"][0]
            right = hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256).digest()
            assert asked["sign"] == [base64.b64encode(right).decode()]
        else:
            right = hmac.new(f"{body['timestamp']}\nSECabc".encode(), b"", hashlib.sha256).digest()
            assert body["sign"] == base64.b64encode(right).decode()
        assert Reminder.objects.get(channel="robot").state == "sent"

    def test_the_timed_rounds_tell_the_group_once(self, owing, day, platform):
        robot(owing, platform)
        reminders.plan_due(at(day, 17))
        reminders.plan_due(at(day, 17, 1))
        Reminder.objects.update(not_before=timezone.now())
        reminders.drain()
        assert len(platform.heard) == 1
        assert "18:00 截止" in platform.heard[0][1]["text"]["content"]

    @pytest.mark.parametrize(
        "answer, state, word",
        [
            ((200, '{"errcode":93000,"errmsg":"invalid webhook"}'), "failed", "93000 invalid webhook"),
            ((200, '{"errcode":45009,"errmsg":"api freq out of limit"}'), "waiting", "45009"),
            ((503, "busy"), "waiting", "503"),
            ((404, "gone"), "failed", "404"),
            ((302, ""), "failed", "302"),
            ((200, "<html>"), "failed", "读不懂"),
            ((200, "[]"), "failed", "读不懂"),
            ((0, ""), "failed", "不知道是否送达"),
        ],
    )
    def test_failures_are_kept_with_their_reason_and_only_harmless_ones_tried_again(
        self, owing, day, platform, answer, state, word
    ):
        robot(owing, platform)
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        platform.answers = [answer]
        reminders.drain()
        message = Reminder.objects.get(channel="robot")
        assert message.state == state
        assert word in message.error
        reminders.drain()
        assert len(platform.heard) == 1  # a second try waits its time

    def test_a_slice_begins_no_further_message_once_its_time_is_over(self, owing, day, platform, monkeypatch):
        for _ in range(3):
            robot(owing, platform)
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        monkeypatch.setattr(outbox, "SLICE", 0.0)
        assert reminders.drain() == 0
        monkeypatch.setattr(outbox, "SLICE", 30.0)
        assert reminders.drain() == 3
        assert len(platform.heard) == 3

    def test_gives_up_after_five_tries(self, owing, day, platform):
        robot(owing, platform)
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        platform.answers = [(503, "")] * 9
        for _ in range(9):
            Reminder.objects.filter(state="waiting").update(not_before=timezone.now())
            reminders.drain()
        assert len(platform.heard) == 5
        assert Reminder.objects.get(channel="robot").state == "failed"

    def test_a_sender_that_died_half_way_sends_nothing_twice(self, owing, day, platform, monkeypatch):
        robot(owing, platform)
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        tell = senders.tell_robot

        def die_after_telling(**said: str) -> None:
            tell(**said)
            raise KeyboardInterrupt

        monkeypatch.setattr(outbox, "tell_robot", die_after_telling)
        with pytest.raises(KeyboardInterrupt):
            reminders.drain()
        monkeypatch.setattr(outbox, "tell_robot", tell)
        reminders.drain()
        assert Reminder.objects.get(channel="robot").state == "sending"
        Reminder.objects.update(claimed_until=timezone.now() - dt.timedelta(seconds=1))
        reminders.drain()
        message = Reminder.objects.get(channel="robot")
        assert (message.state, len(platform.heard)) == ("failed", 1)
        assert "不知道是否送达" in message.error

    @pytest.mark.parametrize(
        "address",
        [
            "http://169.254.169.254/latest", "https://evil.example/", "file:///etc/passwd", "ftp://127.0.0.1/",
            "https://qyapi.weixin.qq.com.evil.example/x", "https://qyapi.weixin.qq.com@evil.example/x",
            "https://qyapi.weixin.qq.com:8443/x", "http://qyapi.weixin.qq.com/x", "", "https://[::1", "\0",
            "https://qyapi.weixin.qq.com/x\r\nHost: evil",
        ],
    )  # fmt: skip
    def test_only_permitted_origins_are_ever_asked(self, cast, address):
        with pytest.raises(Invalid, match="机器人地址"):
            reminders.add_robot(actor=cast.city_officer, name="群", kind="wecom", address=address, division=cast.city)
        with pytest.raises(senders.Undelivered):
            senders.tell_robot(kind="wecom", address=address, secret="", text="x")


class TestPages:
    def test_the_button_on_the_board_reminds_one_or_all(self, client, owing, day):
        client.force_login(owing.county_officer_a)
        send = "/supplies/daily-reports/reminders/send/"
        answer = client.post(send, {"date": day, "enterprise": owing.plant_a.uscc}, follow=True)
        assert "已提醒 1 家" in answer.content.decode()
        answer = client.post(send, {"date": day, "division": owing.county_a}, follow=True)
        assert "没有重复" in answer.content.decode()
        assert client.post(send, {"date": day, "enterprise": owing.plant_b.uscc}).status_code == 404
        assert client.post(send, {"date": day, "division": owing.county_b}).status_code == 404
        assert client.post(send, {"date": "x"}).status_code == 400
        assert client.post(send, {"date": day, "division": "\0", "back": "//evil.example"}).status_code in (302, 404)

    def test_the_list_shows_failures_to_those_concerned_alone(self, client, owing, day, platform):
        robot(owing, platform)
        platform.answers = [(404, "")]
        reminders.remind(actor=owing.city_officer, day=day, division=owing.city)
        reminders.drain()
        client.force_login(owing.city_officer)
        page = client.get("/supplies/daily-reports/reminders/?state=failed").content.decode()
        assert "1 条没有送达" in page
        assert "404" in page
        client.force_login(owing.county_officer_a)
        page = client.get("/supplies/daily-reports/reminders/").content.decode()
        assert owing.plant_a.name in page
        assert owing.plant_b.name not in page
        assert "保供专班" not in page
        for who in ("leader", "province", "auditor", "reporter_a", "department", "stranger"):
            client.force_login(getattr(owing, who))
            assert client.get("/supplies/daily-reports/reminders/").status_code == 403

    def test_robots_are_kept_by_the_city_and_their_address_is_shown_to_nobody(self, client, owing, platform):
        client.force_login(owing.city_officer)
        add, drop = (f"/supplies/daily-reports/reminders/robots/{act}/" for act in ("add", "drop"))
        said = {"name": "保供专班", "kind": "wecom", "address": f"{platform.origin}/send?key=SECRETKEY"}
        page = client.post(add, {**said, "division": owing.city}, follow=True).content.decode()
        assert "保供专班" in page
        assert "SECRETKEY" not in page
        assert (
            "没有加入" in client.post(add, {**said, "kind": "x", "division": owing.city}, follow=True).content.decode()
        )
        assert client.post(add, {**said, "division": "999999"}).status_code == 404
        client.force_login(owing.county_officer_a)
        assert client.post(add, {**said, "division": owing.county_a}).status_code == 403
        assert client.post(drop, {"robot": Robot.objects.get().pk}).status_code == 403
        client.force_login(owing.city_officer)
        assert client.post(drop, {"robot": "x"}).status_code == 404
        client.post(drop, {"robot": Robot.objects.get().pk})
        assert (Robot.objects.get().is_on, Robot.objects.get().address) == (False, "")
