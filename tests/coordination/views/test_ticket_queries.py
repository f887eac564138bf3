"""The page of a ticket asks the database as often with forty files as with one."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.choices import Visibility
from coordination.models import TicketFile
from tests.coordination.tickets.test_acting import handled


def test_files_cost_one_query(client, desk) -> None:
    ticket = handled(desk)
    client.force_login(desk.county_officer_a)
    path = f"/tickets/{ticket.number}/"
    client.get(path)
    event = ticket.events.latest("seq")
    counts = []
    for number in range(40):
        TicketFile.objects.create(
            ticket=ticket, event=event, key=f"{number:032x}", name=f"{number}.pdf", kind="pdf", size=1, sha256="x",
            original_size=1, original_sha256="x", visibility=Visibility.UNITS, actor=desk.city_officer, side="desk",
            added_at=event.at,
        )  # fmt: skip
        if number in (0, 39):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert f">{number}.pdf<" in client.get(path).content.decode()
            counts.append(len(asked))
    assert counts[0] == counts[1]
