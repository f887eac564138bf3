"""What leaves the house: each notice once to each receiver, gathered, quiet at night, failures visible, nobody told too much."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core import mail

from coordination import deliveries, duty
from coordination.models import Delivery, Notice
from enterprises import accounts
from enterprises.errors import Forbidden, Invalid, NotFound
from enterprises.models import Enterprise
from supplies import reminders
from supplies.reminders.outbox import CLAIM
from tests.coordination.tickets.desk import at, raised, take
from tests.coordination.tickets.test_acting import handled
from tests.supplies.test_reminders import Capture

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def post(desk, settings):
    """Everybody has an address, and there is a mail server."""
    settings.EMAIL_HOST = "mail.example.org"
    for name in ("city_officer", "county_officer_a", "department", "leader"):
        accounts.set_email(actor=None, account=getattr(desk, name), email=f"{name}@example.org")
    Enterprise.objects.filter(pk=desk.plant_a.pk).update(contact_email="plant@example.org")
    return desk


@pytest.fixture
def platform(settings, monkeypatch):
    capture = Capture()
    settings.ROBOT_ORIGINS = [capture.origin]
    monkeypatch.setenv("no_proxy", "*")
    yield capture
    capture.server.shutdown()


def run(moment: str) -> int:
    with time_machine.travel(at(moment), tick=False):
        return deliveries.run()


def sent() -> list[tuple[str, str]]:
    return [(one.to[0], one.subject) for one in mail.outbox]


def test_a_desk_hears_by_mail_what_it_was_told_once(post) -> None:
    ticket = raised(post.reporter_a, post.plant_a, "2020-03-26 09:00")
    run("2020-03-26 09:00")
    assert mail.outbox == []  # a minute is left for others to join
    for _ in range(3):
        run("2020-03-26 09:02")
    assert sent() == [("county_officer_a@example.org", f"【{ticket.number}】请受理：{ticket.title}")]
    key = Delivery.objects.get().key
    assert key == f"notice:{Notice.objects.get().pk}:email:a{post.county_officer_a.pk}"
    assert deliveries.plan(at("2020-03-26 09:03")) == 0


def test_whoever_acted_is_not_told_of_it(post) -> None:
    from enterprises.models import Organisation, Post
    from tests.factories.enterprises import LONG_AGO

    office = Organisation.objects.get(code="JTJ")
    Post.objects.create(account=post.city_officer, role="department", organisation=office, known_at=LONG_AGO)
    ticket = raised(post.reporter_a, post.plant_a, "2020-03-26 09:00")
    take(ticket, post.county_officer_a, "accept", "2020-03-26 09:05", level="city")
    take(ticket, post.city_officer, "dispatch", "2020-03-26 09:10", lead="police", assist=["JTJ"], instruction="办")
    run("2020-03-26 09:12")
    told = {to for to, subject in sent() if "请协办" in subject}
    assert told == {"department@example.org"}


def test_a_bulk_makes_one_message(post) -> None:
    tickets = [raised(post.reporter_a, post.plant_a, "2020-03-26 09:00") for _ in range(5)]
    run("2020-03-26 09:02")
    assert sent() == [("county_officer_a@example.org", "保供：5 件事")]
    assert all(ticket.number in mail.outbox[0].body for ticket in tickets)
    states = sorted(Delivery.objects.values_list("state", flat=True))
    assert states == ["merged"] * 4 + ["sent"]
    run("2020-03-26 09:05")
    assert len(mail.outbox) == 1


def test_what_was_opened_meanwhile_is_not_sent(post, client) -> None:
    ticket = raised(post.reporter_a, post.plant_a, "2020-03-26 09:00")
    run("2020-03-26 09:00")
    client.force_login(post.county_officer_a)
    client.get(f"/tickets/{ticket.number}/")
    run("2020-03-26 09:02")
    assert mail.outbox == []
    assert Delivery.objects.get().state == "dropped"


def test_nights_are_quiet_except_in_an_emergency(post) -> None:
    from coordination import tickets

    raised(post.reporter_a, post.plant_a, "2020-03-26 22:00")
    run("2020-03-26 22:05")
    assert mail.outbox == []
    assert Delivery.objects.get().not_before == at("2020-03-27 07:00")
    tickets.declare(actor=post.city_officer, document="泉指〔2020〕1 号", at=at("2020-03-26 22:10"))
    urgent = raised(post.reporter_a, post.plant_a, "2020-03-26 22:20")
    run("2020-03-26 22:20")
    assert [subject for _, subject in sent()] == [f"【{urgent.number}】请受理：{urgent.title}"]
    run("2020-03-27 07:00")
    assert len(mail.outbox) == 2


def test_ordinary_things_can_be_put_off_or_switched_off_and_overdue_ones_cannot(post) -> None:
    from tests.coordination.tickets.test_ticking import tick_all

    deliveries.prefer(actor=post.county_officer_a, ordinary="off")
    raised(post.reporter_a, post.plant_a, "2020-03-26 09:00")
    run("2020-03-26 09:05")
    assert mail.outbox == []
    tick_all("2020-03-26 15:00")
    run("2020-03-26 15:00")
    assert {to for to, _ in sent()} == {"county_officer_a@example.org"}
    assert all("受理时限" in subject for _, subject in sent())
    deliveries.prefer(actor=post.county_officer_a, ordinary="daily")
    raised(post.reporter_a, post.plant_a, "2020-03-26 15:10")
    run("2020-03-26 15:20")
    assert Delivery.objects.latest("id").not_before == at("2020-03-27 08:00")
    for wrong in ("", "never"):
        with pytest.raises(Invalid):
            deliveries.prefer(actor=post.county_officer_a, ordinary=wrong)
    with pytest.raises(Forbidden):
        deliveries.prefer(actor=post.stranger, ordinary="off")


def test_whoever_is_on_duty_hears_it_whatever_he_prefers(post) -> None:
    post.department.phone = "13800000001"
    post.department.save()
    deliveries.prefer(actor=post.department, ordinary="off")
    place = duty.place(post.city_officer, "o-JTJ")
    duty.add(actor=post.city_officer, place=place, part="A", who="department", starts_at=at("2020-03-26 08:00"),
             ends_at=at("2020-03-27 08:00"))  # fmt: skip
    ticket = raised(post.reporter_a, post.plant_a, "2020-03-26 09:00")
    said = {"mode": "urgent", "urgent_reason": "stopping", "level": "city"}
    take(ticket, post.county_officer_a, "accept", "2020-03-26 09:05", **said)
    take(ticket, post.city_officer, "dispatch", "2020-03-26 09:10", lead="JTJ", instruction="办")
    run("2020-03-26 09:10")
    assert ("department@example.org", f"【{ticket.number}】请签收：{ticket.title}") in sent()


def test_a_message_that_does_not_arrive_is_tried_again_and_then_shown(post, settings, client) -> None:
    settings.EMAIL_BACKEND = "tests.coordination.test_deliveries.Broken"
    ticket = raised(post.reporter_a, post.plant_a, "2020-03-26 09:00")
    moments = ["09:02", "09:04", "09:10", "09:30", "10:40"]
    for moment in moments:
        run(f"2020-03-26 {moment}")
    row = Delivery.objects.get()
    assert (row.tries, row.state) == (5, "failed")
    client.force_login(post.city_officer)
    assert "1 条没有送达" in client.get("/messages/").content.decode()
    body = client.get(f"/tickets/{ticket.number}/").content.decode()
    assert "邮件没有送到 county_officer_a" in body
    client.force_login(post.reporter_a)
    assert "没有送到" not in client.get(f"/tickets/{ticket.number}/").content.decode()
    assert client.get("/messages/").status_code == 403
    with pytest.raises(NotFound):
        deliveries.again(actor=post.county_officer_b, number=row.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(at("2020-03-26 11:00"), tick=False):
        deliveries.again(actor=post.county_officer_a, number=row.pk)
    run("2020-03-26 11:00")
    assert len(mail.outbox) == 1


class Broken:
    """A mail server that is away."""

    def __init__(self, **_: object) -> None:
        """Takes what every backend takes."""

    def send_messages(self, _: object) -> int:
        raise ConnectionRefusedError


def test_a_sender_that_died_leaves_a_visible_failure(post) -> None:
    raised(post.reporter_a, post.plant_a, "2020-03-26 09:00")
    run("2020-03-26 09:00")
    Delivery.objects.update(state="sending", claimed_until=at("2020-03-26 09:01"))
    with time_machine.travel(at("2020-03-26 09:01") + CLAIM, tick=False):
        deliveries.run()
    row = Delivery.objects.get()
    assert (row.state, mail.outbox) == ("failed", [])
    assert "发送中断" in row.error


def test_a_work_group_hears_of_urgent_and_overdue_things_of_its_desk(post, platform) -> None:
    from tests.coordination.tickets.test_ticking import tick_all

    reminders.add_robot(
        actor=post.city_officer, name="晋江保供群", kind="wecom", address=f"{platform.origin}/send?key=k", division=post.county_a,
    )  # fmt: skip
    ticket = raised(post.reporter_a, post.plant_a, "2020-03-26 09:00")
    run("2020-03-26 09:02")
    assert platform.heard == []  # ordinary things are for the desk alone
    tick_all("2020-03-26 15:00")
    run("2020-03-26 15:01")
    run("2020-03-26 15:01")
    texts = [body["text"]["content"] for _, body in platform.heard]
    assert len(texts) == 3
    assert all(ticket.number in text for text in texts)
    assert not any(post.plant_a.name in text or ticket.contact_phone in text for text in texts)


def test_an_enterprises_message_holds_only_what_it_may_see(post) -> None:
    ticket = handled(post)
    take(ticket, post.department, "message", "2020-03-26 15:00", text="秘密：这家企业信用不好", visibility="units")
    take(ticket, post.department, "message", "2020-03-26 15:01", text="专班机密", visibility="task_force")
    take(ticket, post.department, "ask_extension", "2020-03-26 15:02", days="2", reason="内部理由")
    take(ticket, post.department, "reply", "2020-03-26 15:10", text="通行证明天送到。", result="solved")
    for moment in ("2020-03-26 15:12", "2020-03-26 15:20"):
        run(moment)
    bodies = [
        one.message().as_bytes().decode() + one.body + one.subject
        for one in mail.outbox
        if one.to == ["plant@example.org"]
    ]
    assert bodies
    whole = "".join(bodies)
    assert "通行证明天送到" in whole
    for secret in ("秘密", "专班机密", "内部理由", "办理通行证", post.city_officer.username, post.department.username):
        assert secret not in whole


def test_old_notices_are_let_go(post) -> None:
    raised(post.reporter_a, post.plant_a, "2020-03-20 09:00")
    run("2020-03-26 09:05")
    assert not Delivery.objects.exists()
    assert not Notice.objects.filter(planned_at=None).exists()


def test_one_sets_ones_own_address_and_way(post, client) -> None:
    client.force_login(post.department)
    answer = client.post("/messages/preferences/", {"email": "不是邮箱", "ordinary": "daily"})
    assert answer.status_code == 422
    assert 'value="不是邮箱"' in answer.content.decode()
    client.post("/messages/preferences/", {"email": "me@example.org", "ordinary": "daily"})
    post.department.refresh_from_db()
    assert (post.department.email, deliveries.preference(post.department)) == ("me@example.org", "daily")
