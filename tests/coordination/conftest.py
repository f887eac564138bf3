"""A calendar, units that receive work orders, and the department's officer."""

from __future__ import annotations

import pytest
import time_machine

from enterprises import work_days
from enterprises.models import Organisation
from tests.coordination.tickets.desk import at


@pytest.fixture
def desk(cast):
    """The cast on 26 March 2020 with its calendar; 交通局 is there already."""
    with time_machine.travel(at("2020-03-26 09:00"), tick=False):
        work_days.seed()
        Organisation.objects.create(code="police", name="泉州市公安局", kind="department", division_id=cast.city)
        yield cast
