"""A proposed correction: the enterprise sees old and new, accepts with one tap or declines with a word (R5, R7)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enterprises import filing_links
from enterprises.models import Account
from supplies import closings, correction_blocks, daily_totals, proposals, uploads
from supplies.choices import UploadPurpose
from supplies.models import Correction, CorrectionAnswer, DailyTotal, Revision
from tests.supplies.correction_blocks.conftest import HEAD, NOW, browser, rows
from tests.supplies.daily_reports.plants import DAY, MASK, City, at, figures, file, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(NOW, 12), tick=False) as clock:
        yield clock


def propose(city: City, output: str = "40万", **more: Any) -> int:
    """Put a correction before plant a; gives its number."""
    actor: Account = city["county"]
    upload = uploads.receive(
        actor=actor,
        name="x.csv",
        content=(HEAD + rows(city, output=output)).encode(),
        purpose=UploadPurpose.CORRECTIONS,
        **more,
    )
    seen = correction_blocks.look(actor=actor, upload=upload).seen
    correction_blocks.take(actor=actor, upload=upload, seen=seen)
    return Correction.objects.latest("pk").pk


def output() -> int | None:
    daily_totals.refresh_all()
    return DailyTotal.objects.get(day=DAY, grain="product", key=MASK, licensed=False).output


def test_the_total_moves_only_when_the_enterprise_accepts(city: City) -> None:
    file(city)
    number = propose(city)
    assert output() == 465_000_000
    clerk = browser(city, "clerk")
    for address in (
        f"/supplies/daily-reports/?enterprise={city.a.uscc}",
        f"/supplies/daily-reports/{DAY}/?enterprise={city.a.uscc}",
        f"/supplies/daily-reports/{DAY}/receipt/?enterprise={city.a.uscc}",
    ):
        assert f"/supplies/proposals/{number}/" in clerk.get(address).content.decode()
    page = clerk.get(f"/supplies/proposals/{number}/").content.decode()
    assert "465,000" in page
    assert "400,000" in page
    clerk.post(f"/supplies/proposals/{number}/accept/", {"revision": "1"})
    revision = Revision.objects.get(number=2)
    assert (revision.channel, revision.author, revision.change_reason) == ("web", city["clerk"], "台账更正")
    assert output() == 400_000_000
    clerk.post(f"/supplies/proposals/{number}/accept/", {"revision": "1"})
    assert Revision.objects.count() == 2
    assert CorrectionAnswer.objects.get().revision == revision
    assert f"/supplies/proposals/{number}/" not in clerk.get("/supplies/daily-reports/").content.decode()


def test_a_declined_proposal_changes_nothing_and_is_not_made_again(city: City) -> None:
    file(city)
    number = propose(city)
    clerk = browser(city, "clerk")
    empty = clerk.post(f"/supplies/proposals/{number}/decline/", {"word": " "})
    assert empty.status_code == 422
    clerk.post(f"/supplies/proposals/{number}/decline/", {"word": "原数无误"})
    assert (CorrectionAnswer.objects.get().kind, CorrectionAnswer.objects.get().word) == ("declined", "原数无误")
    assert Revision.objects.count() == 1
    upload = uploads.receive(
        actor=city["county"], name="x.csv", content=(HEAD + rows(city)).encode(), purpose=UploadPurpose.CORRECTIONS
    )
    (again,) = correction_blocks.look(actor=city["county"], upload=upload).reports
    assert (again.kind, "答复不改" in again.note) == ("unchanged", True)
    block = Correction.objects.get(pk=number).block_id
    assert "原数无误" in browser(city, "county").get(f"/supplies/corrections/{block}/").content.decode()


def test_accepting_names_the_revision_that_was_looked_at(city: City) -> None:
    file(city)
    number = propose(city)
    file(city, form=figures(output="45万"), based_on=1)
    answer = browser(city, "clerk").post(f"/supplies/proposals/{number}/accept/", {"revision": "1"})
    assert answer.status_code == 409
    assert "450,000" in answer.content.decode()
    assert not CorrectionAnswer.objects.exists()
    browser(city, "clerk").post(f"/supplies/proposals/{number}/accept/", {"revision": "2"})
    assert Revision.objects.count() == 3


def test_a_returned_report_counts_again_once_the_proposal_is_accepted(city: City) -> None:
    file(city)
    number = propose(city, returns=True)
    assert output() is None
    proposals.accept(actor=city["clerk"], number=number, revision=1)
    assert output() == 400_000_000


def test_nobody_else_answers_for_the_enterprise(city: City) -> None:
    file(city)
    number = propose(city)
    for who, seen in (("clerk_b", 404), ("other_county", 404), ("county", 200), ("leader", 200)):
        client = browser(city, who)
        assert client.get(f"/supplies/proposals/{number}/").status_code == seen
        assert client.post(f"/supplies/proposals/{number}/accept/", {"revision": "1"}).status_code == 404
        assert client.post(f"/supplies/proposals/{number}/decline/", {"word": "x"}).status_code == 404
    assert not CorrectionAnswer.objects.exists()
    for said in ("", "x", "-1", "9" * 20):
        answer = browser(city, "clerk").post(f"/supplies/proposals/{number}/accept/", {"revision": said})
        assert answer.status_code == 404


def test_a_later_proposal_takes_the_place_of_the_one_before(city: City) -> None:
    file(city)
    first, second = propose(city), propose(city, output="41万")
    assert [one.correction.pk for one in proposals.waiting(city.a)] == [second]
    assert proposals.own(city["clerk"], first).state == "overtaken"
    answer = browser(city, "clerk").post(f"/supplies/proposals/{first}/accept/", {"revision": "1"})
    assert answer.status_code == 409


def test_the_enterprise_that_corrects_itself_has_nothing_left_to_answer(city: City) -> None:
    file(city)
    number = propose(city)
    file(city, form=figures(output="40万"), based_on=1)
    assert proposals.waiting(city.a) == []
    assert proposals.own(city["clerk"], number).state == "met"


def test_a_day_closed_meanwhile_must_be_opened_before_it_is_accepted(city: City) -> None:
    file(city)
    number = propose(city)
    closings.close(actor=city["city"], day=DAY, kind="final")
    clerk = browser(city, "clerk")
    assert "已封账" in clerk.get(f"/supplies/proposals/{number}/").content.decode()
    assert clerk.post(f"/supplies/proposals/{number}/accept/", {"revision": "1"}).status_code == 409
    until = at(NOW, 20)
    closings.reopen(actor=city["city"], day=DAY, enterprise=city.a, reason="更正", until=until)
    proposals.accept(actor=city["clerk"], number=number, revision=1)
    assert Revision.objects.count() == 2


def test_exact_figures_survive_the_way_through_the_proposal(city: City) -> None:
    file(city)
    number = propose(city, output="40.0001万")
    proposals.accept(actor=city["clerk"], number=number, revision=1)
    lines = Revision.objects.get(number=2).lines
    assert lines.get(product=MASK).output == 400_001_000
    assert sum(line.stock or 0 for line in lines.all()) == 12_500_000


def test_waiting_proposals_are_asked_for_in_a_fixed_number_of_queries(city: City) -> None:
    counted = []
    for back in range(3):
        day = DAY - dt.timedelta(days=back)
        file(city, day=day)
        actor = city["county"]
        content = (HEAD + rows(city, day=day)).encode()
        upload = uploads.receive(actor=actor, name="x.csv", content=content, purpose=UploadPurpose.CORRECTIONS)
        seen = correction_blocks.look(actor=actor, upload=upload).seen
        correction_blocks.take(actor=actor, upload=upload, seen=seen)
        with CaptureQueriesContext(connection) as asked:
            assert len(proposals.waiting(city.a)) == back + 1
        counted.append(len(asked))
    assert counted[1] == counted[2]


def test_a_clerk_who_came_in_by_a_filing_link_answers_too(city: City) -> None:
    file(city)
    number = propose(city)
    slip = filing_links.issue(actor=None, enterprise=city.a)
    client = Client()
    client.post(f"/f/{slip.token}/", {"pin": slip.pin})
    assert "400,000" in client.get(f"/supplies/proposals/{number}/").content.decode()
    client.post(f"/supplies/proposals/{number}/accept/", {"revision": "1"})
    assert CorrectionAnswer.objects.get().kind == "accepted"
    assert client.get("/supplies/corrections/").status_code == 403
