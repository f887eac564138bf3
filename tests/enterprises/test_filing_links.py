"""Handing filing links out, opening them with a PIN, locking, revoking and shutting them."""

from __future__ import annotations

import threading
from urllib.parse import urlparse

import pytest
from django.db import IntegrityError, connection, connections
from django.utils import timezone

from enterprises import accounts, filing_links
from enterprises.errors import Forbidden, NotFound, Refused
from enterprises.models import Account, AuditEntry, FilingLink, Post

pytestmark = pytest.mark.django_db


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10**6:06d}"


def refused_code(call, *arguments):
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.code


@pytest.fixture
def slip(cast):
    return filing_links.issue(actor=cast.county_officer_a, enterprise=cast.plant_a)


class TestIssue:
    def test_gives_two_secrets_of_which_none_is_stored(self, slip, cast):
        link = FilingLink.objects.get()
        stored = " ".join(str(value) for value in vars(link).values())
        assert len(slip.token) == 22
        assert len(slip.pin) == 6
        assert slip.token not in stored
        assert slip.pin not in stored
        said = " ".join(f"{e.before} {e.after}" for e in AuditEntry.objects.all())
        assert slip.token not in said
        assert slip.pin not in said

    def test_makes_a_clerk_who_can_do_nothing_but_file_for_this_enterprise(self, slip, cast):
        account = Account.objects.get(username=f"link.{cast.plant_a.uscc}")
        assert not account.has_usable_password()
        assert [(p.role, p.enterprise_id) for p in Post.objects.filter(account=account)] == [
            ("enterprise", cast.plant_a.pk)
        ]

    def test_the_link_before_ends_and_the_account_stays(self, slip, cast):
        again = filing_links.issue(actor=cast.city_officer, enterprise=cast.plant_a)
        with pytest.raises(NotFound):
            filing_links.find(slip.token)
        assert filing_links.find(again.token).enterprise == cast.plant_a
        assert Account.objects.filter(username__startswith="link.").count() == 1
        assert Post.objects.filter(account__username__startswith="link.").count() == 1

    def test_at_most_one_is_live_whoever_writes(self, slip, cast):
        link = FilingLink.objects.get()
        link.pk, link.digest = None, "0" * 64
        with pytest.raises(IntegrityError):
            link.save(force_insert=True)

    @pytest.mark.parametrize("who", ["leader", "auditor", "province", "department", "liaison", "reporter_a"])
    def test_is_for_the_bureau(self, cast, who):
        with pytest.raises(Forbidden):
            filing_links.issue(actor=getattr(cast, who), enterprise=cast.plant_a)

    def test_a_foreign_enterprise_is_not_found(self, cast):
        with pytest.raises(NotFound):
            filing_links.issue(actor=cast.county_officer_a, enterprise=cast.plant_b)

    @pytest.mark.parametrize("days", [0, 366, -1])
    def test_refuses_times_out_of_bounds(self, cast, days):
        issue = filing_links.issue
        with pytest.raises(Refused, match="1 至 365"):
            issue(actor=cast.city_officer, enterprise=cast.plant_a, days=days)


class TestOpen:
    def test_the_right_pin_gives_the_links_account(self, slip, cast):
        account = filing_links.open_with(filing_links.find(slip.token), f" {slip.pin[:3]} {slip.pin[3:]} ")
        assert account.username == f"link.{cast.plant_a.uscc}"
        assert AuditEntry.objects.get(act="filing_link.open").actor == account

    @pytest.mark.parametrize("garbage", ["", "abc", "１２３４５６", "\0", "9" * 40, "٠١٢٣٤٥"])
    def test_garbage_is_a_wrong_pin(self, slip, garbage):
        assert refused_code(filing_links.open_with, filing_links.find(slip.token), garbage) == "wrong_pin"
        assert FilingLink.objects.get().failures == 1

    def test_five_wrong_ones_rest_the_link_even_for_the_right_pin(self, slip):
        link = filing_links.find(slip.token)
        codes = [refused_code(filing_links.open_with, link, wrong(slip.pin)) for _ in range(5)]
        assert codes == ["wrong_pin"] * 4 + ["locked"]
        assert refused_code(filing_links.open_with, link, slip.pin) == "locked"
        FilingLink.objects.update(locked_until=timezone.now())
        assert filing_links.open_with(link, slip.pin)
        assert FilingLink.objects.get().failures == 0

    def test_says_how_many_tries_are_left(self, slip):
        link = filing_links.find(slip.token)
        with pytest.raises(Refused, match="还可以试 4 次"):
            filing_links.open_with(link, wrong(slip.pin))

    def test_twenty_wrong_ones_shut_it_for_good(self, slip):
        link = filing_links.find(slip.token)
        for _ in range(20):
            FilingLink.objects.update(locked_until=None)
            with pytest.raises(Refused):
                filing_links.open_with(link, wrong(slip.pin))
        FilingLink.objects.update(locked_until=None)
        assert refused_code(filing_links.open_with, link, slip.pin) == "used_up"
        assert filing_links.standings([link.enterprise])[link.enterprise_id].state == "used_up"

    @pytest.mark.parametrize("end", ["expired", "revoked", "shut"])
    def test_an_ended_link_is_not_found_and_neither_is_an_unknown_one(self, slip, cast, end):
        if end == "expired":
            FilingLink.objects.update(expires_at=timezone.now())
        elif end == "revoked":
            assert filing_links.revoke(actor=cast.county_officer_a, enterprise=cast.plant_a)
            assert not filing_links.revoke(actor=cast.county_officer_a, enterprise=cast.plant_a)
        else:
            filing_links.switch(actor=cast.admin, is_on=False)
            with pytest.raises(Forbidden):
                filing_links.issue(actor=cast.city_officer, enterprise=cast.plant_a)
        for token in (slip.token, "x" * 22, "", "\0", "x" * 5000):
            with pytest.raises(NotFound):
                filing_links.find(token)

    def test_a_closed_account_ends_its_link_and_gets_no_new_one(self, slip, cast):
        accounts.deactivate(actor=cast.admin, account=FilingLink.objects.get().account)
        with pytest.raises(NotFound):
            filing_links.find(slip.token)
        with pytest.raises(Forbidden, match="停用"):
            filing_links.issue(actor=cast.city_officer, enterprise=cast.plant_a)

    def test_only_the_administrator_shuts_them_all(self, cast):
        with pytest.raises(Forbidden):
            filing_links.switch(actor=cast.city_officer, is_on=False)


@pytest.mark.django_db(transaction=True)
def test_guesses_side_by_side_are_counted_one_by_one(cast):
    """Twelve guesses at once are heard as five at most."""
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time there")
    slip = filing_links.issue(actor=cast.county_officer_a, enterprise=cast.plant_a)
    link, codes = filing_links.find(slip.token), []
    start = threading.Barrier(12)

    def guess() -> None:
        start.wait()
        codes.append(refused_code(filing_links.open_with, link, wrong(slip.pin)))
        connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["locked"] * 8 + ["wrong_pin"] * 4
    assert FilingLink.objects.get().failures == 5


class TestDoor:
    def enter(self, client, slip, pin=None, **more):
        return client.post(f"/f/{slip.token}/", {"pin": slip.pin if pin is None else pin, **more})

    def test_shows_whose_it_is_and_no_figure_before_the_pin(self, client, slip, cast):
        page = client.get(f"/f/{slip.token}/")
        assert page.status_code == 200
        assert cast.plant_a.name in page.content.decode()
        assert "_auth_user_id" not in client.session

    def test_leads_to_the_enterprises_page_and_the_form(self, client, slip, cast):
        assert self.enter(client, slip)["Location"] == "/"
        assert client.get("/", follow=True).redirect_chain[-1][0] == "/supplies/daily-reports/"
        day = timezone.localdate().isoformat()
        form = client.get(f"/supplies/daily-reports/{day}/")
        assert form.status_code == 200
        assert cast.plant_a.name in form.content.decode()

    def test_leads_on_to_where_the_session_ended_and_never_to_another_host(self, client, slip):
        day = f"/supplies/daily-reports/{timezone.localdate()}/"
        assert self.enter(client, slip, next=day)["Location"] == day
        client.logout()
        assert self.enter(client, slip, next="https://evil.example/")["Location"] == "/"

    def test_a_session_by_link_opens_filing_pages_and_no_others(self, client, slip, cast):
        self.enter(client, slip)
        foreign = [
            "/supplies/enterprises/", f"/supplies/enterprises/{cast.plant_a.uscc}/", "/supplies/daily-reports/uploads/",
            "/supplies/daily-reports/template/", "/accounts/password/", "/admin/", "/supplies/daily-totals/version/",
            "/supplies/days/", "/metrics", "/api/docs/",
        ]  # fmt: skip
        assert {client.get(page).status_code for page in foreign} == {403}
        page = client.get("/supplies/daily-reports/").content.decode()
        assert "修改密码" not in page
        assert "表格填报" not in page
        assert "今日日报" in page
        assert client.get(f"/supplies/daily-reports/?enterprise={cast.plant_b.uscc}").status_code == 404

    def test_every_route_is_closed_unless_it_is_opened(self):
        """A route added later is closed to links until somebody opens it on purpose."""
        from coordination.middleware import FilingLinkMiddleware

        assert {route for route in FilingLinkMiddleware.FILING if route.startswith("supplies:")} == {
            *(f"supplies:daily_reports:{name}" for name in ("mine", "edit", "draft", "receipt", "revisions")),
            *(f"supplies:proposals:{name}" for name in ("look", "accept", "decline")),
        }

    def test_revoking_ends_the_session_with_its_next_request(self, client, slip, cast):
        self.enter(client, slip)
        filing_links.revoke(actor=cast.county_officer_a, enterprise=cast.plant_a)
        answer = client.get("/supplies/daily-reports/")
        assert urlparse(answer["Location"]).path == "/accounts/login/"
        assert "_auth_user_id" not in client.session
        assert client.get("/accounts/login/").status_code == 200

    def test_shutting_all_links_ends_sessions_and_opening_them_needs_no_new_slip(self, client, slip, cast):
        self.enter(client, slip)
        filing_links.switch(actor=cast.admin, is_on=False)
        assert client.get("/supplies/daily-reports/").status_code == 302
        assert client.get(f"/f/{slip.token}/").status_code == 404
        filing_links.switch(actor=cast.admin, is_on=True)
        assert self.enter(client, slip).status_code == 302

    def test_an_ended_session_is_asked_for_the_pin_and_led_back(self, client, slip):
        self.enter(client, slip)
        client.session.flush()
        client.cookies.pop("session", None)
        day = f"/supplies/daily-reports/{timezone.localdate()}/?enterprise=X"
        login = client.get(day)["Location"]
        door = client.get(login)["Location"]
        assert urlparse(door).path == f"/f/{slip.token}/"
        assert client.get(door).context["next"] == day
        assert client.get("/accounts/login/?account=1").status_code == 200

    def test_a_wrong_pin_is_said_at_the_field_and_locks_in_the_end(self, client, slip):
        first = self.enter(client, slip, wrong(slip.pin))
        assert first.status_code == 422
        assert "还可以试 4 次" in first.content.decode()
        assert wrong(slip.pin) not in first.content.decode()
        for _ in range(4):
            last = self.enter(client, slip, wrong(slip.pin))
        assert last.status_code == 429
        assert "口令连续输错，请在" in last.content.decode()
        assert self.enter(client, slip).status_code == 429

    @pytest.mark.parametrize("token", ["x" * 22, "%00", "x" * 3000, "-", "é"])
    def test_an_unknown_link_says_what_to_do(self, client, cast, token):
        for answer in (client.get(f"/f/{token}/"), client.post(f"/f/{token}/", {"pin": "1"})):
            assert answer.status_code == 404
            assert "填报码无效" in answer.content.decode()

    def test_the_secret_is_in_no_log_line(self, client, slip, capfd, caplog):
        from coordination import logs

        with caplog.at_level("INFO"):
            client.get(f"/f/{slip.token}/")
            filing_links.revoke(actor=None, enterprise=FilingLink.objects.get().enterprise)
            client.get(f"/f/{slip.token}/")
        lines = [logs.TextFormatter().format(record) for record in caplog.records]
        assert any("/f/…" in line for line in lines)
        assert not any(slip.token in line for line in lines)

    def test_a_report_by_link_is_the_enterprises_own_and_names_its_door(self, client, slip, cast):
        from supplies.models import Revision

        self.enter(client, slip)
        day = timezone.localdate()
        address = f"/supplies/daily-reports/{day}/?enterprise={cast.plant_a.uscc}"
        form = client.get(address).context["form"]
        answer = client.post(address, {"nonce": form.nonce, "state": "halted"})
        assert answer.status_code == 303, answer.content.decode()
        assert Revision.objects.get().author.username == f"link.{cast.plant_a.uscc}"
        entry = AuditEntry.objects.filter(act="daily_report.submit").get()
        assert entry.principal == f"link:{FilingLink.objects.get().pk}"
        assert client.get(answer["Location"]).status_code == 200
