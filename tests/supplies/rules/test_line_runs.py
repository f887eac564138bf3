"""How lines run on a day: named by number or name, each once, none of them on the day of a halt."""

from __future__ import annotations

import pytest

from supplies.rules.line_runs import Run, RunFigures, check

KNOWN = {7: "一号线", 9: "２号线"}


def judged(*given: RunFigures, is_halted: bool = False) -> tuple[tuple[Run, ...], list[tuple[str, str]]]:
    faults: list = []
    found = check(given, known=KNOWN, is_halted=is_halted, faults=faults)
    return found, [(fault.field, fault.code) for fault in faults]


@pytest.mark.parametrize("said", [9, "9", "2号线", " 2 号线 ", "２号线"])
def test_a_line_is_meant_by_its_number_or_its_name_in_any_width(said):
    found, faults = judged(RunFigures(said, "stopped", "material"))
    assert found == (Run(9, "２号线", "stopped", "material"),)
    assert not faults


@pytest.mark.parametrize(
    "given, fault",
    [
        (RunFigures("三号线", "running"), ("line_states[0].line", "unknown_line")),
        (RunFigures(8, "running"), ("line_states[0].line", "unknown_line")),
        (RunFigures(7, "halted"), ("line_states[0].state", "unknown_state")),
        (RunFigures(7, "stopped", "rain"), ("line_states[0].reason", "unknown_reason")),
    ],
)
def test_what_is_not_known_is_refused_at_its_field(given, fault):
    assert judged(given)[1] == [fault]


def test_a_line_is_spoken_of_once():
    assert judged(RunFigures(7, "running"), RunFigures("一号线", "stopped"))[1] == [
        ("line_states[1].line", "duplicate_line")
    ]


def test_no_line_runs_on_the_day_of_a_halt():
    assert judged(RunFigures(7, "partial"), is_halted=True)[1] == [("line_states[0].state", "halted_with_running_line")]
    assert not judged(RunFigures(7, "stopped"), is_halted=True)[1]
