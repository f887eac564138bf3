"""Replay months of daily reporting over HTTP against a running installation, and prove what came of it.

    python -m tests.proof.replay --seed 7 --plants 400 --days 75

The promise: nothing lost, coverage lists equal the truth, p95 from submission to total under two seconds. Ends with a
table of goals, and with 1 if one was missed.

Time is compressed, and the server's clock judges it. The last day of the replay is today; the days before it are filed
after one another, each in its order of arrival, as fast as --rate says ("backlog"). The last --live days take a real
minute or so each: two thirds arrive before their cut-off, a third after it, 19 of them within one second ("live"); their
corrections begin with 19 in a second, too, and go on at --rate. A rate above what the machine holds measures its queue.
"""

from __future__ import annotations

import argparse
import bisect
import datetime as dt
import itertools
import random
import sys
import time
from collections.abc import Iterator

from tests.proof import findings, town, traffic
from tests.proof.findings import Goal
from tests.proof.shape import COUNTIES, PEAK, PRODUCTS, Day, Filing, Shape
from tests.proof.town import Town
from tests.proof.traffic import Senders, Timed, Watcher
from tests.proof.truth import Truth

LIMIT = 2.0
"""Seconds that 95 % of submissions may take from receipt to total."""
MORNING, AFTERNOON = 22.0, 18.0
"""Seconds of a live day before and after its cut-off, at least."""
BACKLOG_AT_ONCE = 4
"""Submissions of the backlog under way side by side: with more the server would only be queueing."""
SAMPLED = 12


def main(arguments: list[str] | None = None) -> int:
    """Run the replay; 0 when every goal was met."""
    asked = _arguments(arguments)
    shape = Shape(asked.seed, asked.plants, asked.days)
    town.prepare()
    place = town.settle(shape)
    print(f"today is {place.today}; {asked.plants} plants, {asked.days} days from {place.days[0]}", flush=True)
    with town.running(place):
        goals = replay(shape, place, rate=asked.rate, live=min(asked.live, asked.days))
    is_clean, said = town.verify()
    goals.append(Goal("verify_totals is clean", said, is_clean))
    print(findings.table(goals, asked.seed))
    return findings.exit_code(goals)


def replay(shape: Shape, place: Town, *, rate: float, live: int) -> list[Goal]:
    """Send everything, watch it arrive, ask for lists and totals, and hold all of it against the truth."""
    watcher, senders = Watcher(place), Senders(place)
    watcher.start()
    watcher.settled(quiet=2, patience=60)
    spent = {"backlog": 0.0, "live": 0.0}
    for day in shape.arrivals():
        is_live = day.number >= shape.days - live
        if is_live:
            watcher.settled(quiet=2, patience=120)
            spent["live"] += _live(day, place, senders, rate)
        else:
            spent["backlog"] += senders.send(_paced(day, rate), "backlog", at_once=BACKLOG_AT_ONCE)
            spent["backlog"] += senders.send(_evenly(day.corrections, rate), "corrections", at_once=BACKLOG_AT_ONCE)
        print(f"{place.days[day.number]} {len(senders.acknowledged)} acknowledged", flush=True)
    is_settled = watcher.settled(quiet=3, patience=300)
    watcher.over.set()
    for phase in ("backlog", "corrections", "live", "live corrections"):
        _told(phase, senders)
    print(f"copied values: {shape.copied / max(1, shape.values):.1%}")
    return judge(shape, place, senders, watcher, is_settled=is_settled)


def judge(shape: Shape, place: Town, senders: Senders, watcher: Watcher, *, is_settled: bool) -> list[Goal]:
    """Every goal but the last."""
    receipts = [one.receipt for one in senders.acknowledged]
    truth = Truth(place.members, receipts, place.cut_offs)
    days = _sample(shape, place)
    lists = {(day, product): traffic.coverage(place, day, product) for day in days for product in (None, *PRODUCTS)}
    tables = {day: traffic.totals(place, day) for day in days}
    phases = {"live": LIMIT, "live corrections": LIMIT, "backlog": LIMIT, "corrections": LIMIT}
    delays = [
        findings.quick(f"p95 from receipt to total, {phase}", some, watcher.seen, limit=limit)
        for phase, limit in phases.items()
        if (some := [one for one in senders.acknowledged if one.phase == phase])
    ]
    refused = senders.refused + ([watcher.failed] if watcher.failed else [])
    return [
        Goal("every submission acknowledged", f"{len(refused)} not", not refused, tuple(refused)),
        findings.kept(receipts, town.stored()),
        Goal("the totals come to rest", "yes" if is_settled else "no", is_settled),
        findings.covered(truth, lists),
        findings.summed(truth, tables),
        *delays,
    ]


def _live(day: Day, place: Town, senders: Senders, rate: float) -> float:
    """A day around a cut-off that falls on a real minute; the peak has PEAK submissions within a second."""
    now = dt.datetime.now(town.HERE)
    cut_off = (now + dt.timedelta(seconds=MORNING + 60)).replace(second=0, microsecond=0)
    for number in range(COUNTIES):
        place.move_cut_off(town.county(number), place.days[day.number], cut_off)
    span = (cut_off - dt.datetime.now(town.HERE)).total_seconds()
    morning = list(_peaked(day, len(day.morning) / (span - 4)))
    spent = senders.send(morning, "live")
    time.sleep(max(0.0, (cut_off - dt.datetime.now(town.HERE)).total_seconds()))
    spent += senders.send(_evenly(day.afternoon, max(1.0, len(day.afternoon) / AFTERNOON)), "live")
    return spent + senders.send(_burst(day.corrections, rate), "live corrections")


def _paced(day: Day, rate: float) -> Iterator[Timed]:
    """A day of the backlog: its arrivals in order, at an even rate."""
    return _evenly([*day.morning, *day.afternoon], rate)


def _peaked(day: Day, rate: float) -> Iterator[Timed]:
    """The morning at an even rate (per second), but for the peak, which comes within one second."""
    begin = day.peak / rate
    for at, filing in enumerate(day.morning):
        in_peak = day.peak <= at < day.peak + PEAK
        yield (begin + (at - day.peak) / (PEAK + 1) if in_peak else at / rate), filing


def _evenly(filings: list[Filing], rate: float) -> Iterator[Timed]:
    return ((at / rate, filing) for at, filing in enumerate(filings))


def _burst(filings: list[Filing], rate: float) -> Iterator[Timed]:
    """PEAK submissions within one second, then the others at an even rate."""
    return ((at / (PEAK + 1) if at < PEAK else 1 + (at - PEAK) / rate, filing) for at, filing in enumerate(filings))


def _sample(shape: Shape, place: Town) -> list[dt.date]:
    """The first day, the last four, and others by chance."""
    certain = {place.days[0], *place.days[-4:]}
    others = [day for day in place.days if day not in certain]
    chosen = random.Random(shape.seed).sample(others, min(len(others), SAMPLED - len(certain)))
    return sorted({*certain, *chosen})


def _told(phase: str, senders: Senders) -> None:
    """Say how fast a phase really was: submissions answered per second of the phase's own time, and the fullest second."""
    moments = sorted(one.sent for one in senders.acknowledged if one.phase == phase)
    if moments:
        took = _busy(moments)
        waits = [one.answered - one.sent for one in senders.acknowledged if one.phase == phase]
        fullest = max(bisect.bisect_left(moments, at + 1) - number for number, at in enumerate(moments))
        print(
            f"{phase}: {len(moments)} submissions in {took:.0f} s, sustained {len(moments) / took:.1f}/s,"
            f" fullest second {fullest}; answered in {findings.shares(waits)}"
        )


def _busy(moments: list[float]) -> float:
    """Seconds between the moments in their order, without the gaps in which the phase was not sending."""
    gaps = (later - earlier for earlier, later in itertools.pairwise(moments))
    return max(1.0, sum(gap for gap in gaps if gap < 3))


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.replay", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--plants", type=int, default=400)
    parser.add_argument("--days", type=int, default=75)
    parser.add_argument("--live", type=int, default=2, help="days at the end that are paced like a real one")
    parser.add_argument("--rate", type=float, default=10.0, help="submissions per second before that, at most")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
