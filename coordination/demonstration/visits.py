"""The visits of the demonstration city as rows: its officers' log, what was promised to them, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from coordination.choices import PromiseKind, PromiseOutcome, PromiseState
from coordination.demonstration.people import Accounts
from coordination.models import Promise, PromiseTurn, Visit, VisitFact
from coordination.promises import NEXT_CONTACT
from coordination.rules import visits as rules
from coordination.rules.demonstration import LAST
from coordination.rules.demonstration.calendar import Calendar
from coordination.rules.demonstration.makers import MOVE, MOVED_TO, Maker
from coordination.rules.demonstration.visits import Talk, Word

A_DAY = 86_400
SETTLED = {"kept": PromiseState.KEPT, "moved": PromiseState.KEPT, "broken": PromiseState.BROKEN}


def lay(
    calendar: Calendar,
    makers: Sequence[Maker],
    keys: dict[int, int],
    accounts: Accounts,
    talks: Sequence[Talk],
    now: dt.datetime,
) -> dict[int, Visit]:
    """Everything said by `now`; gives the visits on which a trouble was heard of, by its place."""
    by_number = {maker.number: maker for maker in makers}
    end = calendar.seconds(now) if calendar.is_living else (LAST + 1) * A_DAY
    held = [talk for talk in talks if talk.day * A_DAY + talk.minute * 60 + 600 <= end]
    rows = []
    for talk in held:
        maker, at = by_number[talk.maker], calendar.moment(talk.day * A_DAY + talk.minute * 60)
        # every seventh was written down in the evening
        late = dt.timedelta(hours=3 if talk.minute % 7 == 0 and talk.day < LAST else 0, minutes=4)
        rows.append(
            Visit(
                officer=accounts.officer(maker, talk.day), enterprise_id=keys[talk.maker], way=talk.way, notes=talk.notes,
                division_id=MOVED_TO if maker.part == "moved" and talk.day >= MOVE else maker.division,
                occurred_at=at, recorded_at=at + late, met=accounts.clerks[talk.maker].display_name,
            )
        )  # fmt: skip
    stored = Visit.objects.bulk_create(rows)
    VisitFact.objects.bulk_create(
        VisitFact(visit=visit, seq=seq, text=line)
        for visit in stored
        for seq, line in enumerate(rules.facts(visit.notes), 1)
    )
    _lay_promises(calendar, held, stored)
    return {talk.trouble: visit for talk, visit in zip(held, stored, strict=True) if talk.trouble is not None}


def _lay_promises(calendar: Calendar, held: Sequence[Talk], stored: Sequence[Visit]) -> None:
    """Promises with their turns; the word to be in touch again is kept by the next talk."""
    following: dict[int, Visit] = {}
    pairs: list[tuple[Promise, list[PromiseTurn]]] = []
    for talk, visit in reversed(list(zip(held, stored, strict=True))):
        pairs += [_promise(calendar, talk, visit, word) for word in talk.words]
        if talk.trouble is None:
            pairs.append(_contact(calendar, talk, visit, following.get(talk.maker)))
            following[talk.maker] = visit
    pairs.reverse()
    Promise.objects.bulk_create(promise for promise, _ in pairs)
    for promise, turns in pairs:
        for turn in turns:
            turn.promise = promise
    PromiseTurn.objects.bulk_create(turn for _, turns in pairs for turn in turns)


def _promise(calendar: Calendar, talk: Talk, visit: Visit, word: Word) -> tuple[Promise, list[PromiseTurn]]:
    first, due = calendar.day(word.due), calendar.day(word.due + (2 if word.fate == "moved" else 0))
    promise = Promise(
        visit=visit, enterprise_id=visit.enterprise_id, kind=word.kind, who=word.who, what=word.what, owner=visit.officer,
        due_on=due, first_due_on=first, created_at=visit.recorded_at,
    )  # fmt: skip
    turns: list[PromiseTurn] = []
    for outcome in {"open": (), "moved": ("moved", "kept")}.get(word.fate, (word.fate,)):
        at = calendar.moment((word.due + 2 * len(turns)) * A_DAY + 60_000)
        note = "供应商说再等两天" if outcome == "moved" else "没有做到，已提成问题单" if outcome == "broken" else ""
        turns.append(_turn(promise, len(turns) + 1, outcome, max(at, visit.recorded_at), visit, note=note))
    if word.fate != "open":
        promise.state, promise.settled_at, promise.version = SETTLED[word.fate], turns[-1].at, 1 + len(turns)
    return promise, turns


def _contact(calendar: Calendar, talk: Talk, visit: Visit, after: Visit | None) -> tuple[Promise, list[PromiseTurn]]:
    due = calendar.day(talk.again)
    promise = Promise(
        visit=visit, enterprise_id=visit.enterprise_id, kind=PromiseKind.CONTACT, what=NEXT_CONTACT, owner=visit.officer,
        due_on=due, first_due_on=due, created_at=visit.recorded_at,
    )  # fmt: skip
    if after is None:
        return promise, []
    turn = _turn(promise, 1, PromiseOutcome.KEPT, after.recorded_at, visit, by=after)
    promise.state, promise.settled_at, promise.version = PromiseState.KEPT, after.recorded_at, 2
    return promise, [turn]


def _turn(
    promise: Promise, seq: int, outcome: str, at: dt.datetime, visit: Visit, *, note: str = "", by: Visit | None = None
) -> PromiseTurn:
    return PromiseTurn(
        promise=promise,
        seq=seq,
        outcome=outcome,
        due_on=promise.due_on,
        note=note,
        visit=by,
        actor=visit.officer,
        at=at,
    )
