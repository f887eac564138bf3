"""Pure: the measures of tickets.md 2.8 over histories, each with the numbers of the tickets that it counts."""

from __future__ import annotations

import bisect
import datetime as dt
import statistics as arithmetic
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from coordination.choices import ConfirmMode, TicketNature, TicketResult, TicketState
from coordination.rules.office_time import OfficeTime
from coordination.rules.ticket_histories import AGAIN, BY_SOMEBODY, History
from coordination.rules.transitions import rank

AGAIN_WITHIN = 20
"""Working days after an answer within which taking the matter up again counts as rework."""
BACK_WITHIN = dt.timedelta(days=30)
"""Days after the closing within which the same matter of the same enterprise counts as come back."""
CONTENT = 4
"""The lowest grade that is content."""
A_DAY = 86400


@dataclass(frozen=True)
class Asked:
    """What is counted: [start, end), as known at the cut-off; which confirmations make the headline."""

    start: dt.datetime
    end: dt.datetime
    cut_off: dt.datetime
    headline: tuple[str, ...] = BY_SOMEBODY

    def holds(self, at: dt.datetime | None) -> bool:
        return at is not None and self.start <= at < self.end


@dataclass
class Measures:
    """Counts and the tickets behind them: `ids[name]` are numbers of tickets."""

    values: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)

    def count(self, name: str, found: Iterable[History]) -> list[History]:
        """A plain count with its list."""
        held = self.list(name, found)
        self.values[name] = len(held)
        return held

    def list(self, name: str, found: Iterable[History]) -> list[History]:
        held = list(found)
        self.ids[name] = sorted(one.number for one in held)
        return held

    def share(self, name: str, due: Iterable[History], is_met: Callable[[History], bool]) -> None:
        """A rate: so many of so many; both lists are kept, as name_due and name_met."""
        held = self.list(f"{name}_due", due)
        met = self.list(f"{name}_met", (one for one in held if is_met(one)))
        self.values[name] = {"met": len(met), "due": len(held), "rate": rate(len(met), len(held))}


def measure(
    histories: Sequence[History],
    asked: Asked,
    office: OfficeTime,
    problems: dict[str, set[str]] | None = None,
    letters: Sequence[tuple[str, dt.date]] = (),
) -> Measures:
    """All measures. `histories` are the tickets with T2 at the cut-off; `problems` are numbers of tickets by problem."""
    found = Measures()
    counted = [one for one in histories if one.state != TicketState.DUPLICATE]
    found.count("trials", (one for one in counted if one.nature != TicketNature.REAL))
    real = [one for one in counted if one.nature == TicketNature.REAL]
    _flow(found, real, asked)
    _solved(found, real, asked)
    _contact(found, real, asked, office)
    _punctual(found, real, asked)
    _durations(found, real, asked, office)
    _again(found, real, asked, office)
    _back(found, real, asked)
    _satisfied(found, real, asked)
    _orders(found, real, asked)
    _common(found, real, problems or {})
    _letters(found, real, asked, office, letters)
    return found


def _flow(found: Measures, real: list[History], asked: Asked) -> None:
    received = found.count("received", (one for one in real if asked.holds(one.submitted_at)))
    found.count("recorded_later", (one for one in received if one.is_recorded_later))
    found.count("raised_by_liaison", (one for one in received if one.raised_as == "liaison"))
    found.count("accepted", (one for one in real if asked.holds(one.accepted_at)))
    found.count("rejected", (one for one in real if _any(one, asked, "T6")))
    found.count("withdrawn", (one for one in real if one.state == TicketState.WITHDRAWN and asked.holds(one.ended_at)))
    found.count("in_hand", (one for one in real if one.is_open))
    found.count("overdue", (one for one in real if _is_overdue(one, asked)))
    found.count("suspended", (one for one in real if one.state == TicketState.SUSPENDED))
    found.count("suspended_in", (one for one in real if _any(one, asked, "T14")))
    found.count("escalated", (one for one in real if _is_escalated(one, asked)))
    found.share("closing", received, lambda one: one.is_closed)


def _solved(found: Measures, real: list[History], asked: Asked) -> None:
    """N problems for M enterprises from one list; who has no code is counted in N, listed, and left out of M."""
    closed = found.count("closed", (one for one in real if one.is_closed and asked.holds(one.closed_at)))
    for result in TicketResult.values:
        if result != TicketResult.SOLVED:
            found.count(f"closed_{result}", (one for one in closed if one.result == result))
    all_solved = [one for one in closed if one.result == TicketResult.SOLVED]
    found.share("solving", closed, lambda one: one.result == TicketResult.SOLVED)
    headline = found.count("solved", (one for one in all_solved if one.confirm_mode in asked.headline))
    split = {}
    for mode in ConfirmMode.values:
        split[mode] = len(found.list(f"solved_by_{mode}", (one for one in all_solved if one.confirm_mode == mode)))
    found.ids["solved_silently"] = found.ids[f"solved_by_{ConfirmMode.SILENT}"]
    found.values["solved_by"] = split
    found.values["solved_all"] = len(all_solved)
    found.values["solved_enterprises"] = len({one.uscc for one in headline if one.uscc})
    found.values["headline"] = [mode for mode in ConfirmMode.values if mode in asked.headline]
    found.count("unverified", (one for one in headline if not one.uscc))


def _contact(found: Measures, real: list[History], asked: Asked, office: OfficeTime) -> None:
    """Of the first contacts due in the period, made by then; and how long the enterprises waited for it."""

    def made(one: History) -> bool:
        return (
            one.contact is not None and one.contact.stopped_at is not None and not _left_at(one, one.contact.stopped_at)
        )

    due = [
        one
        for one in real
        if one.contact is not None
        and asked.holds(one.contact.due_at)
        and not (one.contact.stopped_at and _left_at(one, one.contact.stopped_at, one.contact.due_at))
    ]
    found.share("contact", due, lambda one: made(one) and one.contact.stopped_at <= one.contact.due_at)  # type: ignore[union-attr, operator]
    first = found.list("contacted", (one for one in real if made(one) and asked.holds(one.contact.stopped_at)))  # type: ignore[union-attr]
    pairs = [(one.submitted_at, one.contact.stopped_at) for one in first if one.contact and one.contact.stopped_at]
    found.values["first_contact"] = {
        "count": len(pairs),
        "median_natural_seconds": _median([int((b - a).total_seconds()) for a, b in pairs]),
        "median_seconds": _median([office.seconds(a, b) for a, b in pairs]),
    }


def _punctual(found: Measures, real: list[History], asked: Asked) -> None:
    """Of the tickets whose first cycle fell due in the period: answered by then, and not refused."""
    for name in ("punctual", "punctual_original"):

        def due_of(one: History, name: str = name) -> dt.datetime | None:
            run = one.run(1)
            if run is None or one.state == TicketState.REJECTED:
                return None
            if name == "punctual" and run.is_waiting():
                return None
            at = run.due_at if name == "punctual" else run.due_original
            left = one.state == TicketState.WITHDRAWN and one.ended_at is not None and one.ended_at <= at
            return None if left else at

        dues = {one.number: at for one in real if asked.holds(at := due_of(one)) and at is not None}
        due = [one for one in real if one.number in dues]
        found.share(name, due, lambda one, dues=dues: one.is_on_time(1, dues[one.number]))  # type: ignore[misc]
        if name == "punctual":
            found.share(
                "punctual_whole", due,
                lambda one, dues=dues: one.is_on_time(1, dues[one.number]) and one.is_whole_on_time(asked.cut_off),  # type: ignore[misc]
            )  # fmt: skip


def _durations(found: Measures, real: list[History], asked: Asked, office: OfficeTime) -> None:
    """Working time from acceptance to the last answer without pauses, over all cycles, of what was confirmed since."""
    done = []
    for one in real:
        answers = one.times("T16") if one.is_closed else []
        if answers and asked.holds(answers[-1].at) and one.accepted_at is not None:
            done.append((one, answers[-1].at))
    found.list("timed", (one for one, _ in done))
    working = sorted(sum(_used(run, office) for run in one.runs) for one, _ in done)
    natural = sorted(int((at - one.accepted_at).total_seconds()) for one, at in done if one.accepted_at)
    found.values["duration"] = {
        "count": len(done), "median_seconds": _median(working), "p90_seconds": _p90(working),
        "median_natural_days": _days(_median(natural)), "p90_natural_days": _days(_p90(natural)),
    }  # fmt: skip
    waiting = found.list("in_hand_accepted", (one for one in real if one.is_open and one.accepted_at is not None))
    since = [one.accepted_at for one in waiting if one.accepted_at is not None]
    found.values["in_hand_duration"] = {
        "count": len(since),
        "median_seconds": _median([office.seconds(at, asked.cut_off) for at in since]),
        "median_natural_days": _days(_median([int((asked.cut_off - at).total_seconds()) for at in since])),
    }


def _again(found: Measures, real: list[History], asked: Asked, office: OfficeTime) -> None:
    """Tickets answered in the period, and those of them taken up again within twenty working days of an answer."""
    answered = found.list("answered", (one for one in real if _any(one, asked, "T16")))
    times = 0
    again = []
    for one in answered:
        ends = [(e.at, office.close_of(e.at, AGAIN_WITHIN)) for e in one.times("T16") if asked.holds(e.at)]
        hits = [e for e in one.times(*AGAIN) if any(at <= e.at and (last is None or e.at <= last) for at, last in ends)]
        times += len(hits)
        if hits:
            again.append(one)
    found.list("reworked", again)
    found.values["reworked"] = {
        "tickets": len(again), "times": times, "answered": len(answered), "rate": rate(len(again), len(answered)),
    }  # fmt: skip


def _back(found: Measures, real: list[History], asked: Asked) -> None:
    """Of what was closed in the period: the same enterprise came with the same matter within thirty days."""
    raised: dict[tuple[int, str, str], list[dt.datetime]] = {}
    for one in real:
        raised.setdefault((one.enterprise, one.category, one.thing), []).append(one.submitted_at)
    for moments in raised.values():
        moments.sort()

    def came_back(one: History) -> bool:
        at = one.closed_at
        if at is None:
            return False
        moments = raised[one.enterprise, one.category, one.thing]
        place = bisect.bisect_right(moments, at)
        return place < len(moments) and moments[place] <= at + BACK_WITHIN

    found.share("rebound", (one for one in real if one.is_closed and asked.holds(one.closed_at)), came_back)


def _satisfied(found: Measures, real: list[History], asked: Asked) -> None:
    closed = [one for one in real if one.is_closed and asked.holds(one.closed_at)]
    rated = found.list(
        "rated", (o for o in closed if o.satisfaction is not None and o.confirm_mode != ConfirmMode.SILENT)
    )
    content = found.list("content", (one for one in rated if (one.satisfaction or 0) >= CONTENT))
    found.values["satisfaction"] = {
        "content": len(content), "rated": len(rated), "rate": rate(len(content), len(rated)),
        "response_rate": rate(len(rated), len(closed)),
    }  # fmt: skip


def _orders(found: Measures, real: list[History], asked: Asked) -> None:
    """Returned by their units of those given out, extended of those accepted: by event in the period."""
    sent = [one for one in real if _any(one, asked, "T8") or _any(one, asked, "T10")]
    found.share("sent_back", sent, lambda one: _any(one, asked, "T10"))
    accepted = [one for one in real if asked.holds(one.accepted_at) or _any(one, asked, "K7")]
    found.share("extended", accepted, lambda one: _any(one, asked, "K7"))


def _common(found: Measures, real: list[History], problems: dict[str, set[str]]) -> None:
    """K common problems, hanging on them T tickets of M enterprises; never added to the tickets themselves."""
    by_number = {one.number: one for one in real}
    held = {key: [by_number[n] for n in numbers if n in by_number] for key, numbers in problems.items()}
    held = {key: members for key, members in held.items() if members}
    members = found.list("common_tickets", {one.number: one for rows in held.values() for one in rows}.values())
    found.values["common"] = {
        "problems": len(held), "tickets": len(members), "enterprises": len({one.uscc for one in members if one.uscc}),
    }  # fmt: skip


def _letters(
    found: Measures, real: list[History], asked: Asked, office: OfficeTime, letters: Sequence[tuple[str, dt.date]]
) -> None:
    """Official letters sent in the period, and the tickets for which they were sent."""
    first, end = asked.start.astimezone(office.zone).date(), asked.end.astimezone(office.zone)
    by_number = {one.number: one for one in real}
    sent = [number for number, day in letters if number in by_number and first <= day and _begins(day, office) < end]
    found.list("letters", (by_number[number] for number in dict.fromkeys(sent)))
    found.values["letters"] = len(sent)


def _begins(day: dt.date, office: OfficeTime) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), office.zone)


def _any(one: History, asked: Asked, *transitions: str) -> bool:
    return any(event.transition in transitions and asked.holds(event.at) for event in one.happened)


def _is_escalated(one: History, asked: Asked) -> bool:
    """Raised to a higher level in the period; what was sent down again is not."""
    for event in one.happened:
        if event.transition == "T22" and asked.holds(event.at):
            low, high = event.said.get("from"), event.said.get("to") or event.said.get("level")
            if not low or not high or rank(str(high)) > rank(str(low)):
                return True
    return False


def _is_overdue(one: History, asked: Asked) -> bool:
    """In hand with its handling clock running past its due time at the cut-off."""
    return one.is_open and any(
        run.stopped_at is None and run.paused_since is None and run.due_at < asked.cut_off for run in one.runs
    )


def _left_at(one: History, at: dt.datetime, due: dt.datetime | None = None) -> bool:
    """Whether a clock stopped only because the enterprise took the matter back (in time, where a due time is given)."""
    left = one.state == TicketState.WITHDRAWN and one.ended_at == at
    return left and (due is None or at <= due)


def _used(run: Any, office: OfficeTime) -> int:
    if run.stopped_at is None:
        return 0
    paused = sum(office.seconds(max(a, run.start_at), min(b, run.stopped_at)) for a, b in run.pauses)
    return office.seconds(run.start_at, run.stopped_at) - paused


def _median(values: Sequence[int]) -> int | None:
    return int(arithmetic.median(values)) if values else None


def _p90(values: Sequence[int]) -> int | None:
    """The smallest value that nine tenths do not exceed; `values` in order."""
    return values[-(-len(values) * 9 // 10) - 1] if values else None


def _days(seconds: int | None) -> str | None:
    """Seconds as days with one decimal, half up.

    >>> _days(129600), _days(None)
    ('1.5', None)
    """
    if seconds is None:
        return None
    tenths = (seconds * 20 + A_DAY) // (2 * A_DAY)
    return f"{tenths // 10}.{tenths % 10}"


def rate(part: int, whole: int) -> str | None:
    """A fraction of 1 with four decimals, rounded half up; None of nothing.

    >>> rate(2, 3), rate(0, 0)
    ('0.6667', None)
    """
    if not whole:
        return None
    scaled = (part * 20000 + whole) // (2 * whole)
    return f"{scaled // 10000}.{scaled % 10000:04d}"
