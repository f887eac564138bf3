"""The seals of each day's records: one a day, hanging on each other; what is changed afterwards shows."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from coordination import seals
from coordination.models import Event, Seal
from enterprises.models import AuditEntry
from enterprises.models.append_only import install
from tests.coordination.tickets.desk import at, raised, take


@pytest.fixture
def sealed(desk):
    """Three days with a matter on each, sealed; the morning of the fourth."""
    for day in ("2020-03-26", "2020-03-27", "2020-03-28"):
        with time_machine.travel(at(f"{day} 10:00"), tick=False):
            ticket = raised(desk.reporter_a, desk.plant_a, f"{day} 09:00")
            take(ticket, desk.city_officer, "accept", f"{day} 09:30")
            seals.seal()
    with time_machine.travel(at("2020-03-29 00:30"), tick=False):
        seals.seal()
        yield desk


def test_each_ended_day_is_sealed_once_and_hangs_on_the_day_before(sealed) -> None:
    assert seals.seal() == []
    days = list(Seal.objects.order_by("day"))
    assert [one.day.day for one in days][-3:] == [26, 27, 28]
    assert [b.previous for b in days[1:]] == [a.digest for a in days[:-1]]
    assert sum(one.events for one in days) == Event.objects.count()
    assert sum(one.entries for one in days) == AuditEntry.objects.count()
    verdict = seals.verify()
    assert (verdict.seals, verdict.faults, verdict.last) == (len(days), (), days[-1])


def test_a_day_is_left_alone_for_ten_minutes_and_an_outage_loses_none(sealed) -> None:
    with time_machine.travel(at("2020-03-30 00:05"), tick=False):
        assert seals.seal() == []
    with time_machine.travel(at("2020-04-02 08:00"), tick=False):
        assert [one.day.day for one in seals.seal()] == [29, 30, 31, 1]
    assert seals.verify().faults == ()


def test_nothing_recorded_is_nothing_sealed(db) -> None:
    with time_machine.travel(at("2020-03-29 00:30"), tick=False):
        AuditEntry.objects.count()
        assert seals.seal() == []


def tamper(statement: str, table: str) -> None:
    """Change a record as somebody with the database in his hands could: past the trigger."""
    first = f"id = (SELECT MIN(id) FROM {table} WHERE at >= '2020-03-26 16:00')"
    statement = statement.replace("{t}", table).replace("{first}", first)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        else:
            for kind in ("update", "delete"):
                cursor.execute(f'DROP TRIGGER IF EXISTS "baogong_{table}_{kind}"')
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement, table, message",
    [
        ("UPDATE {t} SET text = '改过' WHERE {first}", "coordination_event", "内容与封存时不一样"),
        ("UPDATE {t} SET actor_id = NULL WHERE {first}", "coordination_event", "内容与封存时不一样"),
        ("UPDATE {t} SET at = '2020-03-29 01:00' WHERE {first}", "coordination_event", "多了或少了"),
        ("UPDATE coordination_seal SET digest = 'ffff' WHERE day = '2020-03-27'", "coordination_seal", "内容与封存时不一样"),
    ],
)  # fmt: skip
def test_planted_tampering_is_found_and_named_by_its_day(
    sealed, capsys, statement: str, table: str, message: str
) -> None:
    tamper(statement, table)
    try:
        faults = seals.verify().faults
        assert faults[0].day == dt.date(2020, 3, 27)
        assert message in faults[0].message
        with pytest.raises(SystemExit):
            call_command("verify_seals")
        assert "2020-03-27" in capsys.readouterr().err
    finally:
        from django.apps import apps

        install(app_config=apps.get_app_config("coordination"))


def test_a_seal_that_was_made_to_fit_breaks_the_chain_after_it(sealed) -> None:
    """Whoever changes a record and computes its seal anew has to compute all later ones, and cannot reprint the paper."""
    one = Seal.objects.get(day="2020-03-27")
    tamper(
        "UPDATE {t} SET text = '改过' WHERE at >= '2020-03-26 16:00' AND at < '2020-03-27 16:00'",
        "coordination_event",
    )
    _, _, digest = seals._computed(one.day, dt.date(2020, 3, 26), one.previous, one.form)
    tamper(f"UPDATE coordination_seal SET digest = '{digest}' WHERE day = '2020-03-27'", "coordination_seal")
    (fault,) = seals.verify().faults
    assert fault.day == dt.date(2020, 3, 28)
    assert "接不上" in fault.message


def test_the_command_prints_the_last_seal(sealed, capsys) -> None:
    call_command("verify_seals")
    assert Seal.objects.first().digest in capsys.readouterr().out


def test_who_sees_the_seals(client, sealed) -> None:
    for name, person in sealed.people().items():
        client.force_login(person)
        expected = 200 if name in ("admin", "city_officer", "leader", "auditor") else 403
        assert client.get("/seals/").status_code == expected, name
    client.force_login(sealed.auditor)
    page = client.get("/seals/?verify=yes").content.decode()
    assert "与封印全部一致" in page
    assert Seal.objects.first().short in page


def test_the_morning_sheet_prints_yesterdays_seal(client, sealed) -> None:
    client.force_login(sealed.city_officer)
    page = client.get("/supplies/days/morning/").content.decode()
    assert f"封印 {Seal.objects.first().short}" in page
